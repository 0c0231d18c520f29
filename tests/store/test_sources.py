"""How pulled sources do, beside the chain."""

from datetime import datetime, timedelta

import pytest

from tui.errors import NotFoundError
from tui.model.text import Safe
from tui.store import sources
from tui.store.engine import Store
from tui.store.integrity import rebuild, verify
from tui.store.rows import TABLES
from tui.store.sources import Pulled, SourceState

EVERY = timedelta(seconds=30)
AM = Pulled(name="am", kind="alertmanager", every=EVERY)


def begin(store: Store, now: datetime, *pulled: Pulled) -> None:
    store.tx(lambda conn: sources.begin(conn, pulled, now))


def state(store: Store, name: str = "am") -> SourceState:
    return store.read(lambda conn: sources.get_state(conn, name))


def test_a_source_begins_new(store: Store, now: datetime) -> None:
    begin(store, now, AM)
    assert state(store) == SourceState(name=Safe("am"), kind="alertmanager", every=EVERY, since=now)
    assert store.read(lambda conn: sources.cursor_of(conn, "am")) == {}


def test_success_and_failure(store: Store, now: datetime) -> None:
    begin(store, now, AM)
    later = now + EVERY
    counts = [store.tx(lambda conn: sources.failed(conn, "am", Safe("no answer"), later)) for _ in range(3)]
    assert counts == [1, 2, 3]
    ailing = state(store)
    assert (ailing.failures, ailing.last_error, ailing.next_try_at, ailing.ok_at) == (3, "no answer", later, None)
    assert ailing.ails(now)
    store.tx(lambda conn: sources.succeeded(conn, "am", now, later, {"offset": 3, "deep": [{"a": None}]}))
    well = state(store)
    assert (well.failures, well.last_error, well.ok_at, well.ails(now)) == (0, "", now, False)
    store.tx(lambda conn: sources.succeeded(conn, "am", later, later))
    assert store.read(lambda conn: sources.cursor_of(conn, "am")) == {"offset": 3, "deep": [{"a": None}]}


def test_silence_counts_from_the_last_success_of_the_collector_that_runs(store: Store, now: datetime) -> None:
    begin(store, now, AM)
    store.tx(lambda conn: sources.succeeded(conn, "am", now, now + EVERY))
    assert not state(store).ails(now + 3 * EVERY)
    assert state(store).ails(now + 3 * EVERY + timedelta(seconds=1))
    hours = now + timedelta(hours=2)
    begin(store, hours, AM)
    assert not state(store).ails(hours + EVERY), "it was our collector that was away, not the source"
    assert state(store).silent_since == now
    assert state(store).ails(hours + 4 * EVERY)


def test_another_start_keeps_cursor_and_failures_unless_the_kind_changed(store: Store, now: datetime) -> None:
    begin(store, now, AM)
    store.tx(lambda conn: sources.succeeded(conn, "am", now, now, {"n": 1}))
    store.tx(lambda conn: sources.failed(conn, "am", Safe("x"), now))
    begin(store, now, AM)
    assert store.read(lambda conn: sources.cursor_of(conn, "am")) == {"n": 1}
    assert state(store).failures == 1
    begin(store, now, Pulled(name="am", kind="file", every=EVERY))
    assert store.read(lambda conn: sources.cursor_of(conn, "am")) == {}


def test_one_that_left_the_settings_is_kept_and_not_shown(store: Store, now: datetime) -> None:
    begin(store, now, AM, Pulled(name="jobs", kind="file", every=EVERY))
    store.tx(lambda conn: sources.succeeded(conn, "jobs", now, now, {"n": 7}))
    begin(store, now, AM)
    assert [one.name for one in store.read(sources.states)] == ["am"]
    with pytest.raises(NotFoundError):
        state(store, "jobs")
    begin(store, now, AM, Pulled(name="jobs", kind="file", every=EVERY))
    assert store.read(lambda conn: sources.cursor_of(conn, "jobs")) == {"n": 7}


def test_it_is_no_part_of_what_is_proved_and_rebuilt(store: Store, now: datetime) -> None:
    begin(store, now, AM)
    assert "source" not in TABLES
    assert verify(store).ok
    rebuild(store)
    assert state(store).name == "am"
