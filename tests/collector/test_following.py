"""A declared incident keeps up: whom it hits, its root, and how severe triage would call it by now."""

from functools import partial

import pytest

from tests.collector.hand import Hand
from tests.collector.test_triaging import FAILED, START, learn
from tests.support.scene import Scene
from tui.collector.triaging import Triager
from tui.desk.incidents import merge
from tui.model.alert import ConsumerState
from tui.model.entry import MACHINE, EntryKind
from tui.model.ids import Ref
from tui.model.severity import Severity, SeverityRules
from tui.model.text import Safe
from tui.reports import impact
from tui.reports.shapes import incident as shape

EMPTY = {"key": "board", "subject": "board", "title": "board is empty", "severity": "critical"}
BAD = {"key": "check", "subject": "mart", "title": "rows are doubled", "kind": "data_quality", "severity": "critical"}


@pytest.fixture
def own(hand: Hand) -> Hand:
    hand.now = START
    learn(hand)
    return hand


def told(scene: Scene, kind: EntryKind, incident: int = 1) -> list[str]:
    return [one.text for one in scene.timeline(incident) if one.kind is kind and one.actor == MACHINE]


def tick(hand: Hand) -> None:
    hand.store.tx(partial(Triager().tick, now=hand.now, uid=1))


def test_a_consumer_newly_hit_is_in_the_incident_and_of_tier_one_in_its_timeline(own: Hand, scene: Scene) -> None:
    own.send(FAILED)
    number = scene.declare(candidate=1)
    before = scene.incident(number)
    assert {one.name: one.state for one in before.consumers}[Safe("board")] is ConsumerState.AT_RISK
    own.later(minutes=20)
    own.send(EMPTY)
    after = scene.incident(number)
    states = {one.name: one.state for one in after.consumers}
    assert (states[Safe("board")], states[Safe("mart")]) == (ConsumerState.LATE, ConsumerState.LATE)
    assert told(scene, EntryKind.IMPACT) == ["tier 1 is hit: board is late"]
    shown = own.store.read(lambda conn: impact.gather(conn, Ref("INC", number), own.now))
    assert {one.name for one in shown.consumers if one.hit} == {"board", "mart", "orders"}
    consumers = shape(after, SeverityRules())["consumers"]
    assert isinstance(consumers, list)
    assert {
        "name": "board",
        "tier": 1,
        "deadline": "2026-11-24T07:00:00Z",
        "state": "late",
        "told_at": None,
    } in consumers
    assert own.is_whole()


def test_what_is_not_of_tier_one_is_there_without_an_entry(own: Hand, scene: Scene) -> None:
    own.send(FAILED)
    scene.declare(candidate=1)
    own.later(minutes=20)
    own.send({**EMPTY, "key": "mart", "subject": "mart"})
    assert "mart" in {one.name for one in scene.incident(1).consumers if one.hit}
    assert told(scene, EntryKind.IMPACT) == []


def test_a_deadline_that_passes_is_noticed_by_the_clock_alone(own: Hand, scene: Scene) -> None:
    own.send(FAILED)
    scene.declare(candidate=1)
    own.later(hours=2, minutes=1)
    tick(own)
    assert told(scene, EntryKind.IMPACT) == ["tier 1 is hit: board is late"]
    seen = len(own.events())
    own.later(minutes=30)
    tick(own)
    assert len(own.events()) == seen, "it is told once, whoever takes over"


def test_the_root_moves_up_and_declaring_can_be_taken_back_all_the_same(own: Hand, scene: Scene) -> None:
    own.send({**FAILED, "job": "mart"})
    number = scene.declare(candidate=1)
    own.later(minutes=10)
    own.send(FAILED)
    incident = scene.incident(number)
    assert (incident.root_name, incident.root, incident.alerts) == ("load", 2, (1, 2))
    scene.undo(number)
    assert [one.incident for one in own.alerts()] == [None, None]
    assert own.is_whole()


def test_a_graver_severity_is_proposed_once_and_changes_nothing(own: Hand, scene: Scene) -> None:
    own.send(BAD)
    number = scene.declare(candidate=1)
    assert scene.incident(number).severity is Severity.SEV2
    own.later(hours=2, minutes=5)
    for _ in range(3):
        tick(own)
        own.later(minutes=1)
    own.send({**BAD, "key": "other", "title": "rows are missing"})
    assert told(scene, EntryKind.SEVERITY) == ["triage proposes SEV1: board (tier 1) was served wrong data"]
    incident = scene.incident(number)
    assert (incident.severity, incident.proposed) == (Severity.SEV2, Severity.SEV1)
    assert own.is_whole()


def test_what_a_person_thought_less_of_is_not_proposed_again(own: Hand, scene: Scene) -> None:
    own.send(FAILED)
    scene.declare(candidate=1, severity=Severity.SEV3)
    own.later(minutes=10)
    own.send({**EMPTY, "key": "mart", "subject": "mart"})
    assert told(scene, EntryKind.SEVERITY) == [], "it was SEV2 when somebody said SEV3"


def test_declared_by_its_alert_what_belongs_to_it_joins_too(own: Hand, scene: Scene) -> None:
    own.send(FAILED)
    number = scene.declare(1)
    own.later(minutes=20)
    own.send(EMPTY)
    incident = scene.incident(number)
    assert (incident.alerts, own.candidates()) == ((1, 2), [])
    assert "board" in {one.name for one in incident.consumers if one.hit}


def test_an_incident_that_went_into_another_is_followed_there(own: Hand, scene: Scene) -> None:
    own.send(FAILED)
    own.send({**FAILED, "job": "fx"})
    one, other = scene.declare(candidate=1), scene.declare(candidate=2)
    scene.do(merge, one, other)
    own.later(minutes=20)
    own.send(EMPTY)
    incident = scene.incident(other)
    assert (incident.alerts, own.candidates()) == ((1, 2, 3), [])
    assert {"board", "mart", "orders"} <= {found.name for found in incident.consumers if found.hit}
    own.later(minutes=5)
    own.send({**EMPTY, "key": "rates", "subject": "rates"})
    hit = {found.name for found in scene.incident(other).consumers if found.hit}
    assert {"board", "rates"} <= hit, "each part adds what it knows"
    assert scene.incident(other).root_name == "fx", "and the root stays where the incident was declared"
    seen = len(own.events())
    tick(own)
    tick(own)
    assert len(own.events()) == seen, "they do not take turns"


def test_what_is_over_is_left_as_it_was(own: Hand, scene: Scene) -> None:
    own.send(FAILED)
    number = scene.declare(candidate=1)
    scene.resolve(number, reason="enough")
    before = scene.incident(number).consumers
    own.later(hours=3)
    tick(own)
    assert scene.incident(number).consumers == before
    assert told(scene, EntryKind.IMPACT) == []
