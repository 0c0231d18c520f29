"""Taking in without being the collector: who judges, what is left to whom, and that nothing stays behind or is lost."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.collector.hand import Hand
from tests.collector.test_triaging import FAILED, START, learn
from tests.support.scene import Scene
from tui.collector import passing
from tui.collector.intake import take_in
from tui.collector.lease import Holder, Lease, is_held, lease_path
from tui.collector.passing import Passing
from tui.collector.triaging import REMEMBERED, Triager
from tui.desk.alerts import judge
from tui.model.alert import AlertState, Verdict
from tui.model.ids import Ref
from tui.model.text import Safe
from tui.store.engine import Store
from tui.store.hearing import judged_up_to
from tui.triage.rules import NO_RULES

WARNING = {"key": "lag", "subject": "orders", "title": "consumer lag", "severity": "high"}


@pytest.fixture
def own(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> Hand:
    """A hand on a store with a catalog; nobody is waited for longer than a moment."""
    monkeypatch.setattr(passing, "PATIENCE", 0.05)
    hand.now = START
    learn(hand)
    return hand


@pytest.fixture
def lease(own: Hand) -> Iterator[Lease]:
    """Somebody else's lease on the store."""
    held = Lease(lease_path(own.store.path))
    assert held.try_take(Holder(pid=1, host="h", started_at=own.now))
    yield held
    held.release()


def ingest(hand: Hand, *bodies: object) -> set[int]:
    """One run that takes these in; the alerts that are not judged at its end."""
    with Passing(hand.store, NO_RULES, lambda: hand.now) as run:
        run.take([hand.prepared(body) for body in bodies])
        run.settle()
        return hand.store.read(run.unjudged)


def tick(hand: Hand, triager: Triager) -> None:
    """The clock of a collector: it judges where others took something in."""
    if triager.waits_no_longer(hand.now) or hand.store.read(triager.is_behind):
        hand.store.tx(partial(triager.tick, now=hand.now, uid=1))


def test_where_nobody_collects_it_judges_and_gives_the_lease_back(own: Hand) -> None:
    assert ingest(own, FAILED) == set()
    assert own.alert().verdict is Verdict.INCIDENT
    assert [one.root_name for one in own.candidates()] == ["load"]
    assert not is_held(lease_path(own.store.path))
    assert lease_path(own.store.path).read_bytes() == b""


def test_where_somebody_else_does_it_is_received_and_waits_for_a_person_to_see(own: Hand, lease: Lease) -> None:
    assert ingest(own, FAILED) == {1}
    alert = own.alert()
    assert (alert.verdict, alert.reason, alert.state) == (Verdict.RECEIVED, "not judged yet", AlertState.NEW)
    assert own.candidates() == []
    assert [one.id for one in own.alerts()] == [1], "it is not folded away"
    assert own.is_whole()


def test_the_holder_judges_what_was_left_to_it_by_its_clock(own: Hand, lease: Lease) -> None:
    holder = Triager()
    tick(own, holder)
    ingest(own, FAILED, WARNING, {"key": "fine", "status": "info", "title": "all is well"})
    tick(own, holder)
    assert [own.alert(n).verdict for n in (1, 2, 3)] == [Verdict.INCIDENT, Verdict.INCIDENT, Verdict.INFO]
    assert [one.alerts for one in own.candidates()] == [(1, 2)]
    before = own.events()
    tick(own, holder)
    assert own.events() == before, "there is nothing left to do"
    assert not own.store.read(holder.is_behind)


def test_what_people_do_does_not_wake_it(own: Hand, lease: Lease, scene: Scene) -> None:
    holder = Triager()
    own.store.tx(partial(take_in, now=own.now, batch=[own.prepared(FAILED)], triager=holder))
    scene.ack("C-1")
    assert not own.store.read(holder.is_behind)


@pytest.mark.parametrize("later", [timedelta(minutes=3), REMEMBERED * 4], ids=["soon", "after a long weekend"])
def test_should_the_holder_die_the_next_one_judges_it(own: Hand, lease: Lease, later: timedelta) -> None:
    ingest(own, FAILED)
    lease.release(clean=False)
    own.now += later
    tick(own, Triager())
    assert own.alert().verdict is Verdict.INCIDENT
    assert [one.alerts for one in own.candidates()] == [(1,)]


def test_and_so_does_the_next_run_without_any_collector(own: Hand, lease: Lease) -> None:
    ingest(own, FAILED)
    lease.release(clean=False)
    own.later(minutes=1)
    assert ingest(own, WARNING) == set()
    assert own.alert(1).verdict is Verdict.INCIDENT
    assert lease_path(own.store.path).read_bytes(), "the next collector still sees that one crashed"


def test_it_takes_the_place_of_a_holder_that_goes_while_it_waits(
    own: Hand, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "PATIENCE", 30.0)
    gone = threading.Timer(0.2, lease.release)
    gone.start()
    try:
        assert ingest(own, FAILED) == set()
    finally:
        gone.join()
    assert own.alert().verdict is Verdict.INCIDENT
    assert not is_held(lease_path(own.store.path))


def test_it_waits_until_the_holder_has_judged(own: Hand, lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "PATIENCE", 30.0)

    def judges(path: Path) -> None:
        with Store(path) as store:
            tick(Hand(store, own.now), Triager())

    later = threading.Timer(0.2, judges, [own.store.path])
    later.start()
    try:
        assert ingest(own, FAILED) == set()
    finally:
        later.join()
    assert own.alert().verdict is Verdict.INCIDENT


def test_a_verdict_of_before_does_not_stand_for_what_is_worse_now(own: Hand, lease: Lease) -> None:
    holder = Triager()
    retry = {**FAILED, "status": "retrying", "attempt": 1}
    own.store.tx(partial(take_in, now=own.now, batch=[own.prepared(retry)], triager=holder))
    assert own.alert().verdict is Verdict.RETRY
    own.later(minutes=1)
    assert ingest(own, FAILED) == {1}
    assert own.alert().verdict is Verdict.RECEIVED
    tick(own, holder)
    assert own.alert().verdict is Verdict.INCIDENT
    own.later(minutes=1)
    ingest(own, {"job": "load", "status": "succeeded", "attempt": 1})
    assert own.alert().verdict is Verdict.INCIDENT, "an all-clear makes nothing worse"
    own.later(minutes=1)
    ingest(own, FAILED)
    assert own.alert().verdict is Verdict.RECEIVED, "it fires anew"
    tick(own, holder)
    assert own.alert().verdict is Verdict.INCIDENT
    assert own.is_whole()


def test_judged_the_same_as_before_it_is_judged_all_the_same(own: Hand, lease: Lease) -> None:
    holder = Triager()
    noise = {"key": "disk", "subject": "printer", "title": "paper is low", "severity": "warning"}
    own.store.tx(partial(take_in, now=own.now, batch=[own.prepared(noise)], triager=holder))
    said = (own.alert().verdict, own.alert().reason)
    own.later(minutes=1)
    ingest(own, {**noise, "severity": "minor"})
    assert own.alert().verdict is Verdict.RECEIVED
    tick(own, holder)
    assert (own.alert().verdict, own.alert().reason) == said


def test_a_persons_verdict_stays(own: Hand, lease: Lease, scene: Scene) -> None:
    holder = Triager()
    own.store.tx(partial(take_in, now=own.now, batch=[own.prepared(FAILED)], triager=holder))
    scene.do(judge, (Ref("A", 1),), Verdict.NOISE, Safe("a drill"))
    own.later(minutes=1)
    ingest(own, {**FAILED, "attempt": 4})
    tick(own, holder)
    assert own.alert().verdict is Verdict.NOISE


def test_a_repeat_needs_no_judge(own: Hand, lease: Lease) -> None:
    own.store.tx(partial(take_in, now=own.now, batch=[own.prepared(FAILED)], triager=Triager()))
    own.later(minutes=1)
    assert ingest(own, FAILED) == set()
    assert (own.alert().count, own.alert().verdict) == (2, Verdict.INCIDENT)
    assert ingest(own, {"what": "is this"}) == set(), "nor does what cannot be read"


def test_it_is_noted_how_far_triage_has_come(own: Hand) -> None:
    triager = Triager()
    own.store.tx(partial(take_in, now=own.now, batch=[own.prepared(FAILED)], triager=triager))
    assert own.store.read(judged_up_to) == own.events()[-1].seq
