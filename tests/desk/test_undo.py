"""Taking back one's own latest act: everything is as it was, and nobody's later change is lost."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeAlias

import pytest

from tests.support.scene import Scene
from tui.desk import alerts, incidents, learn, notes, people, phases
from tui.desk.undo import latest_own, undo
from tui.errors import ChangedError, NotFoundError
from tui.model import events as ev
from tui.model.alert import AlertState
from tui.model.entry import MACHINE, Actor, EntryKind
from tui.model.ids import Ref
from tui.model.incident import COMMANDER, Phase
from tui.model.learn import ActionState, ActionType, Category
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe, clean
from tui.store import integrity
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.record import record

SEV1, SEV2, SEV3 = Severity
WHY = Safe("because")
Rows: TypeAlias = dict[str, list[dict[str, object]]]


def rows(scene: Scene) -> Rows:
    """What people see, without the numbers that only move on."""

    def read(conn: Connection) -> Rows:
        queries = {
            "alert": "SELECT * FROM alert ORDER BY id",
            "candidate": "SELECT * FROM candidate ORDER BY id",
            "incident": "SELECT * FROM incident ORDER BY id",
            "role": "SELECT * FROM role ORDER BY id",
            "action": "SELECT * FROM action ORDER BY id",
            "rca_item": "SELECT r.* FROM rca_item r JOIN incident i ON i.id = r.incident ORDER BY r.id",
        }
        return {table: [{**dict(row), "seq": None} for row in conn.execute(query)] for table, query in queries.items()}

    return scene.store.read(read)


@pytest.fixture
def busy(scene: Scene) -> Scene:
    """C-1 of A-1 and A-2; A-3 in INC-1 with a commander, an answer and a promise; INC-2; A-4 free. All done by bo."""
    scene.who = "bo"
    scene.candidate_of("root", "leaf")
    one = scene.declare(scene.fire("inside"))
    scene.declare(title="another", severity=SEV2)
    scene.fire("free")
    scene.take(one)
    evidence = scene.note(one)
    scene.do(learn.answer, one, 2, Safe("a deploy"), (evidence,))
    scene.promise(one)
    scene.who = "li"
    return scene


ACTS: dict[str, tuple[int, Callable[[Scene], object]]] = {
    "acknowledge an alert": (1, lambda s: s.ack("A-4")),
    "acknowledge a candidate": (1, lambda s: s.ack("C-1")),
    "acknowledge several": (2, lambda s: s.ack("A-2", "A-4")),
    "give up": (1, lambda s: s.do(alerts.unacknowledge, (Ref("A", 3),))),
    "snooze": (1, lambda s: s.do(alerts.snooze, (Ref("A", 4),), s.now + timedelta(hours=1))),
    "snooze a candidate": (2, lambda s: s.do(alerts.snooze, (Ref("C", 1),), s.now + timedelta(hours=1))),
    "declare a candidate": (1, lambda s: s.declare(candidate=1)),
    "declare alerts": (1, lambda s: s.declare(4, 2)),
    "report": (1, lambda s: s.declare(title="late", severity=SEV1)),
    "link": (1, lambda s: s.do(incidents.link, 1, (4, 1))),
    "move in": (1, lambda s: s.do(alerts.move, (4,), Ref("INC", 1))),
    "move over": (1, lambda s: s.do(alerts.move, (3,), Ref("INC", 2))),
    "move out": (1, lambda s: s.do(alerts.move, (3,), None)),
    "move from several": (2, lambda s: s.do(alerts.move, (3, 4), Ref("C", 1))),
    "merge": (2, lambda s: s.do(incidents.merge, 1, 2)),
    "raise": (1, lambda s: s.do(incidents.change_severity, 1, SEV1, NOTHING)),
    "lower": (1, lambda s: s.do(incidents.change_severity, 1, SEV3, WHY)),
    "mitigate": (1, lambda s: s.do(phases.mitigate, 1)),
    "resolve by force": (2, lambda s: s.resolve(1, reason="broken alert")),
    "close by force": (1, lambda s: s.do(phases.close, 1, reason=WHY, force=True)),
    "take a role": (1, lambda s: s.take(1, "scribe")),
    "take a role over": (2, lambda s: s.do(people.take_role, 1, COMMANDER, Safe("li"), force=True, reason=WHY)),
    "give a role back": (1, lambda s: s.do(people.end_role, 1, COMMANDER, Safe("bo"))),
    "write an update": (1, lambda s: s.note(1, "still looking", EntryKind.UPDATE)),
    "answer": (1, lambda s: s.do(learn.answer, 1, 5, Safe("no alarm"), ())),
    "answer anew": (1, lambda s: s.do(learn.answer, 1, 2, Safe("a full disk"), ())),
    "name the cause": (1, lambda s: s.do(learn.categorise, 1, (Category.CODE_BUG,), NOTHING)),
    "promise": (1, lambda s: s.do(learn.promise, 1, Safe("x"), ActionType.DETECTIVE, None, date(2026, 12, 1))),
    "settle": (1, lambda s: s.do(learn.settle, 1, ActionState.DONE, NOTHING)),
}


def undone(scene: Scene) -> int:
    """How many events were taken back."""
    return scene.store.read(lambda conn: int(conn.execute("SELECT count(*) FROM undone").fetchone()[0]))


@pytest.mark.parametrize("name", ACTS)
def test_every_act_can_be_taken_back_as_if_it_never_was(busy: Scene, name: str) -> None:
    events, act = ACTS[name]
    before = rows(busy)
    act(busy)
    assert rows(busy) != before, "the act did nothing"
    assert busy.undo().said.startswith("took back: ")
    assert rows(busy) == before
    assert undone(busy) == events
    with pytest.raises(NotFoundError, match="nothing to take back: li has done nothing yet"):
        busy.undo()
    assert integrity.verify(busy.store).ok


def test_a_note_stays_and_is_marked(busy: Scene) -> None:
    written = busy.note(1, "wrong screen")
    done = busy.undo()
    assert done.said == "took back: wrong screen"
    assert done.changed == (Ref("INC", 1),)
    entries = {entry.id: entry for entry in busy.timeline(1)}
    assert entries[written].taken_back
    last = busy.timeline(1)[-1]
    assert (last.kind, last.text, last.corrects) == (EntryKind.UNDO, "took back: wrong screen", written)


def test_only_ones_own_latest(busy: Scene) -> None:
    busy.ack("A-4")
    busy.who = "bo"
    busy.note(1, "by bo")
    busy.who = "li"
    assert busy.undo().said == "took back: acknowledged A-4"
    assert busy.alert(4).state is AlertState.NEW


def test_one_incident_at_a_time(busy: Scene) -> None:
    busy.note(1, "on one")
    busy.note(2, "on two")
    assert busy.undo(1).said == "took back: on one"
    assert busy.undo().said == "took back: on two"


def test_what_undo_would_take_back_is_known_before(busy: Scene) -> None:
    busy.note(1, "on one")
    found = busy.store.read(lambda conn: latest_own(conn, Safe("li")))
    assert found is not None
    assert found[1] == "on one"
    assert busy.store.read(lambda conn: latest_own(conn, Safe("li"), 2)) is None


def test_numbers_are_never_used_twice(busy: Scene) -> None:
    assert busy.declare(4) == 3
    busy.undo()
    assert busy.declare(4) == 4
    with pytest.raises(NotFoundError):
        busy.incident(3)


CONFLICTS: dict[str, tuple[Callable[[Scene], object], Callable[[Scene], object]]] = {
    "somebody else gave it up": (
        lambda s: s.ack("A-4"),
        lambda s: s.do(alerts.unacknowledge, (Ref("A", 4),)),
    ),
    "somebody else declared what was acknowledged": (
        lambda s: s.ack("C-1"),
        lambda s: s.declare(candidate=1),
    ),
    "it fired anew": (lambda s: s.ack("A-4"), lambda s: [s.clear(4), s.fire("free")]),
    "somebody else graded it": (
        lambda s: s.do(incidents.change_severity, 1, SEV1, NOTHING),
        lambda s: s.do(incidents.change_severity, 1, SEV3, WHY),
    ),
    "somebody wrote to the new incident": (lambda s: s.declare(4), lambda s: s.note(3)),
    "somebody moved an alert into the new incident": (
        lambda s: s.declare(4),
        lambda s: s.do(alerts.move, (3,), Ref("INC", 3)),
    ),
    "somebody merged an incident into the new one": (
        lambda s: s.declare(4),
        lambda s: s.do(incidents.merge, 2, 3),
    ),
    "somebody rewrote the answer": (
        lambda s: s.do(learn.answer, 1, 5, Safe("no alarm"), ()),
        lambda s: s.do(learn.answer, 1, 5, Safe("a muted alarm"), ()),
    ),
    "somebody did what was promised": (
        lambda s: s.do(learn.promise, 1, Safe("x"), ActionType.DETECTIVE, None, None),
        lambda s: s.do(learn.settle, 2, ActionState.DONE, NOTHING),
    ),
    "somebody took the role that was given back": (
        lambda s: (s.take(1, "scribe"), s.do(people.end_role, 1, Safe("scribe"), Safe("li"))),
        lambda s: s.take(1, "scribe"),
    ),
    "somebody took the role over": (
        lambda s: s.take(1, "scribe"),
        lambda s: s.do(people.take_role, 1, Safe("scribe"), Safe("bo"), force=True, reason=WHY),
    ),
    "the incident it came from is over": (
        lambda s: s.do(alerts.move, (3,), Ref("INC", 2)),
        lambda s: s.resolve(1),
    ),
    "the incident went on": (lambda s: s.do(phases.mitigate, 1), lambda s: s.resolve(1, reason="broken alert")),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_never_somebody_elses_later_change(busy: Scene, name: str) -> None:
    mine, theirs = CONFLICTS[name]
    mine(busy)
    busy.who = "bo"
    theirs(busy)
    before = rows(busy)
    busy.who = "li"
    with pytest.raises(ChangedError, match=r"cannot take back: .*make the opposite change instead"):
        busy.undo()
    assert rows(busy) == before
    assert integrity.verify(busy.store).ok


def test_once_they_took_it_back_mine_can_be_too(busy: Scene) -> None:
    busy.do(incidents.change_severity, 1, SEV1, NOTHING)
    busy.do_as("bo", None, incidents.change_severity, 1, SEV3, WHY)
    busy.do_as("bo", None, undo)
    busy.undo()
    assert busy.incident(1).severity is SEV2


def test_ones_own_later_move_into_a_declared_incident_is_not_lost(busy: Scene) -> None:
    busy.declare(4)
    busy.do(alerts.move, (3,), Ref("INC", 3))
    with pytest.raises(ChangedError):
        busy.undo(3)
    assert busy.alert(3).incident == 3


def test_what_triage_put_into_an_incident_is_free_again(busy: Scene) -> None:
    number = busy.declare(4)
    stamp = Stamp(actor=Actor(MACHINE, 0), now=busy.now)
    busy.store.tx(lambda conn: record(conn, stamp, ev.Linked(alerts=(1, 2)), incident=number))
    assert busy.incident(number).alerts == (1, 2, 4)
    busy.undo()
    assert [busy.alert(alert).incident for alert in (1, 2, 4)] == [None, None, None]
    assert busy.alert(1).seq == busy.alert(4).seq
    assert integrity.verify(busy.store).ok


def test_a_persons_undo_leaves_the_machines_events_alone(busy: Scene) -> None:
    busy.who = clean("nobody")
    with pytest.raises(NotFoundError):
        busy.undo()
    assert busy.incident(1).phase is Phase.RESPOND
    assert busy.do_as("bo", None, notes.note, 1, Safe("hi")).seq > 0
