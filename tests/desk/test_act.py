"""An act: who, when, and once only under one name."""

from datetime import timedelta

from tests.support.scene import Scene
from tui.desk import incidents, notes, phases
from tui.desk.act import Outcome, Pen
from tui.desk.alerts import acknowledge
from tui.logins import ELSEWHERE
from tui.model.entry import MACHINE, EntryKind
from tui.model.ids import Ref
from tui.model.severity import Severity
from tui.model.text import Safe
from tui.store import log


def test_an_act_of_one_name_is_done_once(scene: Scene) -> None:
    number = scene.declare(title="late", severity=Severity.SEV2)
    first = scene.do_as("li", "key", notes.note, number, Safe("once"))
    head = scene.store.read(log.head)
    again = scene.do_as("li", "key", notes.note, number, Safe("once"))
    assert again.said == "already done"
    assert again.seq <= first.seq
    assert scene.store.read(log.head) == head
    assert scene.do_as("li", "other", notes.note, number, Safe("once")).seq == first.seq + 1


def test_an_act_of_several_events_is_done_once_too(scene: Scene) -> None:
    number = scene.declare(title="late", severity=Severity.SEV2)
    scene.do_as("li", "key", phases.resolve, number)
    head = scene.store.read(log.head)
    assert scene.do_as("li", "key", phases.resolve, number).said == "already done"
    assert scene.store.read(log.head) == head


def test_an_act_that_had_nothing_to_do_may_be_tried_again(scene: Scene) -> None:
    scene.fire()
    scene.ack("A-1")
    idle = scene.do_as("li", "key", acknowledge, (Ref("A", 1),))
    assert idle.seq == 0
    assert scene.do_as("li", "key", acknowledge, (Ref("A", 1),)).said.startswith("A-1 already acknowledged by li")


def test_what_the_product_adds_is_not_the_persons(scene: Scene) -> None:
    number = scene.declare(scene.fire())
    proposed = [entry for entry in scene.timeline(number) if entry.kind is EntryKind.RCA]
    assert len(proposed) == 2
    assert {(entry.actor, entry.uid) for entry in proposed} == {(MACHINE, ELSEWHERE)}


def test_the_outcome_is_one_clean_line(scene: Scene) -> None:
    def loud(pen: Pen) -> Outcome:
        assert pen.actor == "li"
        assert pen.now == scene.now
        return pen.done("two\nlines \x1b[31m" + "x" * 5_000, Ref("A", 1))

    done = scene.do(loud)
    assert done.said.startswith("two lines ␛xxx")
    assert len(done.said) == 1_000
    assert (done.seq, done.changed) == (0, (Ref("A", 1),))


def test_an_event_says_when_it_happened_and_when_it_was_written(scene: Scene) -> None:
    number = (
        scene.do(incidents.declare, incidents.Declaration(title=Safe("t"), severity=Severity.SEV2)).changed[0].number
    )
    at = scene.now - timedelta(minutes=9)
    scene.do(notes.note, number, Safe("earlier"), at=at)
    (event,) = scene.store.read(lambda conn: log.since(conn, log.head(conn)[0] - 1))
    assert (event.at, event.recorded_at, event.actor, event.uid) == (at, scene.now, "li", ELSEWHERE)
