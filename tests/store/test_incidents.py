"""Incidents, people, analyses and actions read back; timelines in the order things happened."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.scene import Scene
from tui.desk import learn, notes, phases
from tui.desk.alerts import move
from tui.errors import NotFoundError
from tui.model.entry import MACHINE, EntryKind
from tui.model.ids import Ref
from tui.model.incident import Phase
from tui.model.learn import ActionState, ActionType, Category, ItemState
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe
from tui.store import entries, incidents
from tui.store.engine import Connection

SEV1, SEV2, SEV3 = Severity


def test_an_incident_carries_the_times_of_its_alerts(scene: Scene) -> None:
    started = scene.now - timedelta(minutes=7)
    first = scene.fire("first", started=started)
    received = scene.now
    second = scene.fire("second")
    scene.ack(f"A-{second}")
    acknowledged = scene.now
    number = scene.declare(first, second)
    incident = scene.incident(number)
    assert (incident.id, incident.phase, incident.severity, incident.root) == (1, Phase.RESPOND, SEV2, first)
    assert (incident.first_signal_at, incident.detected_at) == (started, received)
    assert (incident.acknowledged_at, incident.acknowledged_by) == (acknowledged, "li")
    assert (incident.declared_at, incident.declared_by) == (scene.now, "li")
    assert incident.alerts == (first, second)
    assert incident.durations.mttd == received - started


def test_a_start_after_its_receipt_does_not_count(scene: Scene) -> None:
    ahead = scene.fire(started=scene.now + timedelta(hours=1))
    incident = scene.incident(scene.declare(ahead))
    assert incident.first_signal_at == incident.detected_at
    assert incident.durations.mttd == timedelta(0)


def test_open_incidents_first_what_burns_then_the_graver_then_the_older(scene: Scene) -> None:
    learning, small, grave, newer = (
        scene.declare(title=title, severity=grade)
        for title, grade in (("over", SEV1), ("small", SEV3), ("grave", SEV1), ("newer", SEV1))
    )
    scene.resolve(learning)
    found = scene.store.read(incidents.open_incidents)
    assert [incident.id for incident in found] == [grave, newer, small, learning]
    every = scene.store.read(lambda conn: incidents.all_incidents(conn, 2))
    assert [incident.id for incident in every] == [newer, grave]
    since = scene.incident(newer).declared_at
    recent = scene.store.read(lambda conn: incidents.all_incidents(conn, 9, since))
    assert [incident.id for incident in recent] == [newer]


def test_people_who_had_a_role_are_remembered(scene: Scene) -> None:
    number = scene.declare(title="late", severity=SEV2)
    scene.take(number)
    taken = scene.now
    scene.take(number, "scribe", "bo")
    incident = scene.incident(number)
    assert (incident.commander, incident.holder("scribe")) == ("li", "bo")
    assert [(role.role, role.name, role.since, role.until) for role in incident.roles] == [
        ("commander", "li", taken, None),
        ("scribe", "bo", scene.now, None),
    ]


def test_the_first_failure_is_the_earliest_evidence_of_item_one(scene: Scene) -> None:
    number = scene.declare(scene.fire())
    early = scene.now - timedelta(hours=1)
    scene.do(notes.note, number, Safe("the disk filled up"), at=early)
    entry = scene.timeline(number)[0]
    assert (entry.at, entry.recorded_at, entry.backdated) == (early, scene.now, True)
    scene.do(learn.answer, number, 1, Safe("the disk"), (entry.id,))
    assert scene.incident(number).rca_started_at == early


def test_a_timeline_holds_what_its_alerts_said_before(scene: Scene) -> None:
    alert = scene.fire()
    scene.ack(f"A-{alert}")
    number = scene.declare(alert)
    scene.note(number, "first line\nsecond line")
    scene.fire("unrelated")
    kinds = [entry.kind for entry in scene.timeline(number) if entry.kind is not EntryKind.RCA]
    assert kinds == [EntryKind.SIGNAL, EntryKind.ACK, EntryKind.DECLARE, EntryKind.NOTE]
    assert scene.timeline(number)[-1].text == "first line\nsecond line"
    assert [entry.from_person for entry in scene.timeline(number)[:2]] == [False, True]
    assert scene.timeline(number)[0].actor == MACHINE


def test_a_timeline_in_the_order_things_happened(scene: Scene) -> None:
    number = scene.declare(title="late", severity=SEV2)
    start = scene.now
    for minutes, text in ((5, "third"), (50, "first"), (20, "second")):
        scene.do(notes.note, number, Safe(text), at=start - timedelta(minutes=minutes))
    texts = [entry.text for entry in scene.timeline(number) if entry.kind is EntryKind.NOTE]
    assert texts == ["first", "second", "third"]

    def newest(conn: Connection) -> list[str]:
        shown = entries.timeline(conn, number, since=start - timedelta(minutes=30), limit=9)
        return [entry.text for entry in shown if entry.kind is EntryKind.NOTE]

    assert scene.store.read(newest) == ["second", "third"]
    last = scene.store.read(lambda conn: entries.timeline(conn, number, limit=1))
    assert [entry.kind for entry in last] == [EntryKind.RCA]


def test_an_alert_that_moved_leaves_its_entries_where_they_were_written(scene: Scene) -> None:
    alert = scene.fire()
    one, other = scene.declare(alert), scene.declare(title="another", severity=SEV2)
    scene.do(move, (alert,), Ref("INC", other))
    assert scene.timeline(one)[-1].text == f"moved A-{alert} to INC-{other}"
    assert scene.timeline(other)[0].kind is EntryKind.SIGNAL, "what it said before it was in any incident goes along"
    history = scene.store.read(lambda conn: entries.history(conn, alert))
    assert [entry.kind for entry in history] == [EntryKind.SIGNAL, EntryKind.DECLARE, EntryKind.LINK]


def test_an_analysis_nobody_began_has_nine_items(scene: Scene) -> None:
    number = scene.declare(scene.fire())
    rca = scene.rca(number)
    assert [item.n for item in rca.items] == list(range(1, 10))
    assert [item.n for item in rca.items if item.state is ItemState.PROPOSED] == [1, 3]
    assert rca.proposed == 2
    assert rca.done == 0


def test_an_analysis_as_people_filled_it_in(scene: Scene) -> None:
    number = scene.declare(scene.fire())
    scene.learn(number)
    scene.do(learn.categorise, number, (Category.DATA_QUALITY, Category.PROCESS_GAP), NOTHING)
    rca = scene.rca(number)
    assert rca.missing(SEV2) == ()
    assert rca.done == 9
    assert rca.categories == (Category.DATA_QUALITY, Category.PROCESS_GAP)
    assert [(action.id, action.type, action.owner) for action in rca.actions] == [(1, ActionType.PREVENTIVE, "bo")]


def test_actions_the_next_due_first_and_the_overdue_alone(scene: Scene) -> None:
    number = scene.declare(title="late", severity=SEV2)
    for text, due in (
        ("later", date(2026, 12, 9)),
        ("never", None),
        ("soon", date(2026, 12, 1)),
        ("done", date(2026, 1, 1)),
    ):
        scene.do(learn.promise, number, Safe(text), ActionType.DETECTIVE, None, due)
    scene.do(learn.settle, 4, ActionState.DONE, NOTHING)

    def texts(overdue_on: date | None = None) -> list[str]:
        return [action.text for action in scene.store.read(lambda conn: incidents.actions(conn, overdue_on=overdue_on))]

    assert texts() == ["soon", "later", "never", "done"]
    assert texts(date(2026, 12, 1)) == []
    assert texts(date(2026, 12, 2)) == ["soon"]


def test_reopening_empties_the_three_times_and_counts(scene: Scene) -> None:
    number = scene.declare(title="late", severity=SEV2)
    scene.resolve(number)
    resolved = scene.incident(number)
    assert (resolved.mitigated_at, resolved.resolved_at) == (scene.now, scene.now)
    scene.do(phases.reopen, number, Safe("it came back"))
    again = scene.incident(number)
    assert (again.phase, again.reopened) == (Phase.RESPOND, 1)
    assert (again.mitigated_at, again.resolved_at, again.closed_at) == (None, None, None)
    scene.resolve(number)
    assert scene.incident(number).durations.mttr == scene.now - again.detected_at, "the last resolve counts"


@pytest.mark.parametrize("read", [incidents.get_incident, incidents.get_action, entries.get_entry])
def test_what_is_not_there_is_said(scene: Scene, read: Callable[[Connection, int], object]) -> None:
    with pytest.raises(NotFoundError, match=r"there is no (INC|ACT|E)-7: see `sev"):
        scene.store.read(lambda conn: read(conn, 7))


def test_times_are_read_back_to_the_microsecond(scene: Scene) -> None:
    scene.now = datetime(2026, 11, 24, 14, 0, 0, 123_457, tzinfo=UTC)
    number = scene.declare(title="late", severity=SEV2)
    assert scene.incident(number).declared_at == scene.now
