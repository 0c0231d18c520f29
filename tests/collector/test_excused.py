"""The team's rules beside the store: what is excused is folded, counted and never dropped, whoever takes over."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest

from tests.collector.hand import Hand
from tests.collector.test_triaging import START
from tests.support.scene import Scene
from tui.collector.intake import Prepared, Receipt, take_in
from tui.collector.triaging import Triager
from tui.desk.alerts import judge
from tui.model import events as ev
from tui.model.alert import Excuse, Verdict
from tui.model.ids import Ref
from tui.model.text import Safe
from tui.store.engine import Store
from tui.store.feed import FeedCounts, counts
from tui.triage.rules import NO_RULES, Match, Mute, Rules, Window

DOWN = {"key": "host", "subject": "db1", "title": "host is down", "severity": "critical"}
UP = {**DOWN, "status": "resolved"}
SLOW = {"key": "slow", "subject": "db1", "title": "queries are slow", "severity": "critical"}
MUTES = Rules(mute=(Mute(when=Match(title=Safe("host is down")), mutes=Match(title=Safe("*slow*"))),))
UPGRADE = Window(
    name=Safe("upgrade"), touches=(Safe("db*"),), begins=START, ends=START + timedelta(hours=2)
)  # fmt: skip


class WithRules(Hand):
    """A hand with rules; `kept`: one triager hears it all, else each delivery is taken in by another one."""

    def __init__(self, store: Store, rules: Rules, *, kept: bool) -> None:
        super().__init__(store, START)
        self.rules = rules
        self._one = Triager(rules=rules) if kept else None

    @property
    def triager(self) -> Triager:
        return self._one or Triager(rules=self.rules)

    def send_all(self, batch: Sequence[Prepared]) -> list[Receipt]:
        return self.store.tx(lambda conn: take_in(conn, self.now, batch, self.triager))

    def tick(self) -> None:
        """Time has passed."""
        self.store.tx(partial(self.triager.tick, now=self.now, uid=7))

    def told(self, number: int) -> tuple[Verdict, str, Excuse | None]:
        one = self.alert(number)
        return one.verdict, one.reason, one.excused

    def counts(self) -> FeedCounts:
        return self.store.read(counts)


@pytest.fixture(params=[True, False], ids=["one triager", "a takeover each time"])
def ruled(store: Store, request: pytest.FixtureRequest) -> Callable[[Rules], WithRules]:
    return lambda rules: WithRules(store, rules, kept=bool(request.param))


Ruled = Callable[[Rules], WithRules]


def test_what_is_muted_names_the_alert_that_stands_for_it_and_is_counted(ruled: Ruled) -> None:
    hand = ruled(MUTES)
    hand.send(DOWN)
    hand.later(minutes=1)
    hand.send(SLOW)
    assert hand.told(2) == (Verdict.NOISE, "muted by A-1 host is down while it fires", Excuse.MUTED)
    assert [one.alerts for one in hand.candidates()] == [(1,)]
    assert [one.id for one in hand.alerts()] == [1, 2], "it is never dropped"
    assert hand.counts() == FeedCounts(waiting=1, muted=1)
    hand.later(minutes=5)
    hand.send(UP)
    assert hand.alert(2).excused is None
    assert [one.alerts for one in hand.candidates() if 2 in one.alerts] == [(2,)], "without a catalog nothing is held"
    assert hand.counts().muted == 0
    assert hand.is_whole()


def test_what_is_muted_goes_out_of_the_candidate_that_it_made(ruled: Ruled) -> None:
    hand = ruled(MUTES)
    hand.send(SLOW)
    assert [one.alerts for one in hand.candidates()] == [(1,)]
    hand.later(minutes=1)
    hand.send(DOWN)
    assert [one.alerts for one in hand.candidates()] == [(2,)]
    assert hand.told(1)[2] is Excuse.MUTED
    (gone,) = [event.body for event in hand.events() if isinstance(event.body, ev.CandidateWithdrawn)]
    assert gone.reason == "all that goes on in it is muted or excused"
    assert hand.is_whole()


def test_maintenance_excuses_until_its_end(ruled: Ruled) -> None:
    hand = ruled(Rules(maintenance=(UPGRADE,)))
    hand.later(minutes=10)
    hand.send(SLOW)
    assert hand.told(1) == (Verdict.INFO, "maintenance: upgrade until 07:00Z", Excuse.PLANNED)
    assert (hand.candidates(), hand.counts()) == ([], FeedCounts(excused=1))
    hand.later(hours=2)
    hand.tick()
    assert [one.alerts for one in hand.candidates()] == [(1,)]
    assert hand.told(1)[2] is None
    assert hand.is_whole()


def test_settings_that_changed_take_back_what_they_excuse(store: Store) -> None:
    hand = WithRules(store, NO_RULES, kept=True)
    hand.send(SLOW)
    hand.send({"key": "other", "subject": "lake", "title": "is unwell", "severity": "critical"})
    assert {one.alerts for one in hand.candidates()} == {(1,), (2,)}
    after = WithRules(store, Rules(maintenance=(UPGRADE,)), kept=True)
    after.later(minutes=20)
    after.tick()
    assert [one.alerts for one in after.candidates()] == [(2,)]
    assert after.told(1)[2] is Excuse.PLANNED
    again = WithRules(store, NO_RULES, kept=True)
    again.later(minutes=21)
    again.tick()
    assert {one.alerts for one in again.candidates()} == {(1,), (2,)}
    assert again.is_whole()


def test_a_person_wins_over_a_mute(ruled: Ruled, scene: Scene) -> None:
    hand = ruled(MUTES)
    hand.send(DOWN)
    hand.send(SLOW)
    scene.do(judge, (Ref("A", 2),), Verdict.INCIDENT, Safe("it is another one"))
    assert (hand.alert(2).verdict, hand.alert(2).excused) == (Verdict.INCIDENT, None)
    hand.later(minutes=5)
    hand.send({**SLOW, "severity": "fatal"})
    assert hand.alert(2).verdict is Verdict.INCIDENT


def test_what_a_person_declared_is_not_muted_away(ruled: Ruled, scene: Scene) -> None:
    hand = ruled(MUTES)
    hand.send(SLOW)
    incident = scene.declare(candidate=1)
    hand.later(minutes=1)
    hand.send(DOWN)
    assert (hand.alert(1).incident, hand.alert(1).verdict) == (incident, Verdict.INCIDENT)
    hand.later(minutes=5)
    hand.send({**SLOW, "status": "resolved"})
    assert hand.alert(1).incident == incident
    assert hand.is_whole()
