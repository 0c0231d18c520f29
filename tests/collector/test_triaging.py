"""Triage beside the store: what it writes, that a takeover changes nothing, and what joins an open incident."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.collector.hand import Hand
from tests.support.scene import Scene
from tui.collector.intake import Prepared, Receipt, take_in
from tui.collector.triaging import Triager
from tui.model import events as ev
from tui.model.alert import Candidate, ConsumerState, Verdict
from tui.model.catalog import FIRST_SOURCE, Deadline, Edge, Facts, Node
from tui.model.entry import MACHINE, Actor
from tui.model.severity import Severity
from tui.model.text import clean
from tui.store import catalog
from tui.store.alerts import open_candidates
from tui.store.engine import Connection, Store
from tui.store.log import Stamp

START = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
FAILED = {"job": "load", "status": "failed", "attempt": 3, "max_attempts": 3, "title": "no space left"}


def learn(hand: Hand) -> None:
    """load > orders > mart > board (tier 1, due 07:00); and fx > rates beside it."""
    names = ("load", "orders", "mart", "fx", "rates")
    nodes = [Node(name=clean(name), kind=clean("dataset"), tier=2) for name in names]
    due = Deadline(at=time(7, 0))
    nodes.append(Node(name=clean("board"), kind=clean("dashboard"), tier=1, deadline=due))
    pairs = (("load", "orders"), ("orders", "mart"), ("mart", "board"), ("fx", "rates"))
    edges = tuple(Edge(clean(up), clean(down)) for up, down in pairs)
    facts = Facts(source=FIRST_SOURCE, nodes=tuple(nodes), edges=edges)
    hand.store.tx(lambda conn: catalog.learn(conn, Stamp(actor=Actor(MACHINE, 1), now=hand.now), facts))


class OneTriager(Hand):
    """A hand whose deliveries are all heard by one triager."""

    def __init__(self, store: Store, now: datetime) -> None:
        super().__init__(store, now)
        self._triager = Triager()

    def send_all(self, batch: Sequence[Prepared]) -> list[Receipt]:
        return self.store.tx(lambda conn: take_in(conn, self.now, batch, self._triager))


def put(hand: Hand) -> list[tuple[str, int, tuple[int, ...]]]:
    return [(one.root_name, int(one.severity), tuple(sorted(one.alerts))) for one in hand.candidates()]


def story(hand: Hand) -> None:
    for body, minutes in (
        ({"key": "orders stale", "subject": "orders", "title": "orders not updated", "severity": "warning"}, 4),
        (FAILED, 9),
        ({"job": "fx", "status": "failed", "attempt": 2, "max_attempts": 2, "title": "401"}, 3),
        ({"key": "board", "subject": "board", "title": "board shows yesterday", "severity": "critical"}, 20),
    ):
        hand.send(body)
        hand.later(minutes=minutes)


def test_along_the_lineage_it_is_one_candidate_and_beside_it_another(hand: Hand) -> None:
    hand.now = START
    learn(hand)
    story(hand)
    assert sorted(put(hand)) == [("fx", 2, (3,)), ("load", 2, (1, 2, 4))]
    (load,) = [one for one in hand.candidates() if one.root_name == "load"]
    assert load.alerts[0] == 2, "the alert of the root comes first"
    assert {one.name: one.state for one in load.consumers if one.hit}[clean("board")] is ConsumerState.LATE
    assert hand.is_whole()


def test_whoever_takes_over_finds_the_same_candidates(hand: Hand, tmp_path: Path) -> None:
    """Each `send` of the hand rebuilds triage from the store; here one triager hears it all."""
    hand.now = START
    learn(hand)
    story(hand)
    taken_over = put(hand)
    with Store(tmp_path / "other.db") as store:
        kept = OneTriager(store, START)
        learn(kept)
        story(kept)
        assert put(kept) == taken_over


def rises(hand: Hand) -> None:
    """Seven hourly runs of which three needed another try, and one that is tried again now."""
    for number in range(8):
        if number in (2, 3, 5, 7):
            hand.send({"job": "fx", "status": "retrying", "attempt": 1, "max_attempts": 3, "title": "timeout"})
            hand.later(minutes=5)
        if number < 7:
            hand.send({"job": "fx", "status": "succeeded", "attempt": 2 if number in (2, 3, 5) else 1})
            hand.later(minutes=60)


def test_rising_retries_are_known_after_a_takeover_too(hand: Hand, tmp_path: Path) -> None:
    """Runs that went well at once make no event; they are remembered all the same."""
    hand.now = START
    learn(hand)
    rises(hand)
    assert put(hand) == [("fx", 3, (1,))]
    assert hand.alert().reason == "needed another try in 4 of its last 7 runs"
    with Store(tmp_path / "other.db") as store:
        kept = OneTriager(store, START)
        learn(kept)
        rises(kept)
        assert put(kept) == put(hand)
    hand.send({"job": "fx", "status": "succeeded", "attempt": 2})
    assert [one.severity for one in hand.candidates()] == [3], "that it ran well at last does not take it back"
    assert hand.is_whole()


def test_what_a_lost_transaction_heard_is_forgotten(hand: Hand) -> None:
    hand.now = START
    learn(hand)
    triager = Triager()

    def lost(conn: Connection) -> None:
        take_in(conn, hand.now, [hand.prepared(FAILED)], triager)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        hand.store.tx(lost)
    assert put(hand) == []
    hand.store.tx(partial(take_in, now=hand.now, batch=[hand.prepared(FAILED)], triager=triager))
    assert put(hand) == [("load", 2, (1,))]


def test_what_fails_below_an_open_incident_joins_it(scene: Scene, hand: Hand) -> None:
    hand.now = START
    learn(hand)
    hand.send(FAILED)
    incident = scene.declare(candidate=1)
    hand.later(minutes=30)
    hand.send({"key": "mart", "subject": "mart", "title": "mart is empty", "severity": "critical"})
    assert (hand.alert(2).incident, hand.candidates()) == (incident, [])
    assert [event.body.alerts for event in hand.events() if isinstance(event.body, ev.Linked)] == [(2,)]


def test_a_retry_that_makes_it_after_all_is_withdrawn_with_its_reason(hand: Hand) -> None:
    hand.now = START + timedelta(hours=1, minutes=50)
    learn(hand)
    retry = {"job": "load", "status": "retrying", "attempt": 1, "max_attempts": 3, "title": "timeout"}
    hand.send({**retry, "labels": {"duration": "1500", "retry_delay": "60"}})
    (at_risk,) = hand.candidates()
    assert at_risk.severity is Severity.SEV2
    assert "board is due 07:00Z" in hand.alert().reason
    hand.later(minutes=5)
    hand.send({"job": "load", "status": "succeeded", "attempt": 2})
    assert (hand.candidates(), hand.alert().verdict) == ([], Verdict.RETRY)
    (gone,) = [event.body for event in hand.events() if isinstance(event.body, ev.CandidateWithdrawn)]
    assert gone.reason == "it was over before it harmed anybody"
    assert hand.is_whole()


def test_time_alone_makes_a_candidate_of_what_goes_on(hand: Hand) -> None:
    hand.now = START
    learn(hand)
    triager = Triager()
    slow = {"key": "lag", "subject": "orders", "title": "consumer lag", "severity": "high"}
    hand.store.tx(partial(take_in, now=hand.now, batch=[hand.prepared(slow)], triager=triager))
    assert (hand.candidates(), hand.alert().verdict) == ([], Verdict.NOISE)
    assert triager.next_at is not None
    hand.now = triager.next_at
    assert triager.waits_no_longer(hand.now)
    hand.store.tx(partial(triager.tick, now=hand.now, uid=1))
    candidates: list[Candidate] = hand.store.read(open_candidates)
    assert [one.root_name for one in candidates] == ["orders"]
    assert "goes on for" in hand.alert().reason


def test_what_another_process_took_in_is_heard_too(hand: Hand) -> None:
    """`sev ingest` writes beside a running collector; what it told must not be unknown there."""
    hand.now = START
    learn(hand)
    collector = OneTriager(hand.store, hand.now)
    collector.send(FAILED)
    hand.later(minutes=20)
    hand.send({"job": "load", "status": "succeeded", "attempt": 1})
    hand.later(hours=5)
    collector.now = hand.now
    collector.send({"key": "mart", "subject": "mart", "title": "bad rows", "kind": "data_quality", "severity": "high"})
    assert [(one.root_name, one.alerts) for one in hand.candidates() if 2 in one.alerts] == [("orders", (2,))]
