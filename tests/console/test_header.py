"""The corner of the header that says whether the news is true."""

from datetime import datetime, timedelta

import pytest

from tui.console.ink import Ink, Piece
from tui.console.render.header import freshness
from tui.console.render.look import Look
from tui.console.session import Health
from tui.console.view import Ask, HeaderSlice, load
from tui.model.severity import SeverityRules
from tui.model.text import Safe
from tui.store import sources
from tui.store.engine import Store
from tui.store.sources import Pulled, SourceState
from tui.triage.guide import Situation

ALIVE = Health(age=timedelta(seconds=1))


def source(name: str, now: datetime, *, silent: timedelta, failures: int = 0) -> SourceState:
    return SourceState(
        name=Safe(name),
        kind="airflow",
        every=timedelta(minutes=1),
        since=now - timedelta(days=1),
        ok_at=now - silent,
        failures=failures,
    )


def corner(now: datetime, *shown: SourceState, health: Health = ALIVE, short: bool = False) -> Piece:
    header = HeaderSlice(situation=Situation(now=now, rules=SeverityRules()), sources=shown)
    return freshness(header, Look(now=now), health, short=short)


def test_sources_that_can_be_read_say_nothing(now: datetime) -> None:
    assert corner(now, source("am", now, silent=timedelta(minutes=3))) == Piece("data ok", Ink.GOOD)


@pytest.mark.parametrize(("silent", "failures"), [(timedelta(minutes=12), 0), (timedelta(minutes=12), 3)])
def test_one_that_ails_is_named(now: datetime, silent: timedelta, failures: int) -> None:
    well = [source(f"s{n}", now, silent=timedelta(seconds=9)) for n in range(4)]
    ill = [source("airflow", now, silent=silent, failures=failures), source("dbt", now, silent=timedelta(minutes=4))]
    assert corner(now, *well, *ill) == Piece("4 of 6 sources, airflow silent 12m", Ink.DUE)
    assert corner(now, *well, *ill, short=True) == Piece("4/6 sources", Ink.DUE)


def test_failures_count_before_silence_does(now: datetime) -> None:
    ill = source("am", now, silent=timedelta(seconds=40), failures=3)
    assert corner(now, ill) == Piece("0 of 1 sources, am silent 40s", Ink.DUE)


def test_without_a_collector_that_is_what_matters(now: datetime) -> None:
    ill = source("am", now, silent=timedelta(hours=1), failures=9)
    assert corner(now, ill, health=Health(age=timedelta(minutes=2))).ink is Ink.LATE


def test_the_slice_has_what_the_collector_pulls(store: Store, now: datetime) -> None:
    assert store.read(lambda conn: load(conn, Ask(), now, SeverityRules())).header.sources == ()
    store.tx(lambda conn: sources.begin(conn, [Pulled(name="am", kind="airflow", every=timedelta(minutes=1))], now))
    (one,) = store.read(lambda conn: load(conn, Ask(), now, SeverityRules())).header.sources
    assert one.name == "am"


def test_a_collector_that_cannot_take_in_says_why(now: datetime) -> None:
    full = Health(age=timedelta(seconds=1), trouble="the disk is full")
    ill = source("am", now, silent=timedelta(hours=1), failures=9)
    assert corner(now, ill, health=full) == Piece("THE DISK IS FULL", Ink.LATE)
