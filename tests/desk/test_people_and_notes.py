"""Roles, what people write, and what they learn."""

from datetime import date, timedelta

import pytest

from tests.support.scene import Scene
from tui.desk import learn, notes, people
from tui.errors import NotFoundError, RefusedError, UsageError
from tui.logins import ELSEWHERE
from tui.model.entry import WRITABLE, EntryKind
from tui.model.ids import Ref
from tui.model.incident import COMMANDER
from tui.model.learn import ActionState, ActionType, Category, ItemState
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe
from tui.store.entries import get_entry
from tui.store.incidents import get_action

LI, BO = Safe("li"), Safe("bo")
WHY = Safe("because")


@pytest.fixture
def number(scene: Scene) -> int:
    """An incident that a person reported."""
    return scene.declare(title="late", severity=Severity.SEV2)


# Roles.


def test_a_role_is_taken_once(scene: Scene, number: int) -> None:
    assert scene.take(number).said == "li is commander of INC-1"
    again = scene.take(number)
    assert (again.said, again.seq) == ("li is commander of INC-1 already", 0)
    with pytest.raises(RefusedError, match="INC-1 has a commander: li holds it") as caught:
        scene.take(number, name="bo")
    assert caught.value.forcible
    assert scene.incident(number).commander == "li"


def test_a_role_is_taken_over_with_a_reason(scene: Scene, number: int) -> None:
    scene.take(number)
    with pytest.raises(RefusedError, match="li holds it"):
        scene.do(people.take_role, number, COMMANDER, BO, force=True)
    scene.do(people.take_role, number, COMMANDER, BO, force=True, reason=Safe("li is asleep"))
    assert scene.incident(number).commander == "bo"
    assert [role.until is None for role in scene.incident(number).roles] == [False, True]
    texts = [entry.text for entry in scene.timeline(number)[-2:]]
    assert texts == ["bo is commander, was li", "took commander over from li: li is asleep"]


def test_only_the_holder_gives_a_role_back(scene: Scene, number: int) -> None:
    with pytest.raises(RefusedError, match="bo does not hold scribe of INC-1: nobody does"):
        scene.do(people.end_role, number, Safe("scribe"), BO)
    scene.take(number)
    with pytest.raises(RefusedError, match="bo does not hold commander of INC-1: li does"):
        scene.do(people.end_role, number, COMMANDER, BO)
    assert scene.do(people.end_role, number, COMMANDER, LI).said == "li is no longer commander of INC-1"
    assert scene.incident(number).commander is None
    assert scene.incident(number).roles[0].until == scene.now


def test_one_person_may_hold_several(scene: Scene, number: int) -> None:
    scene.take(number)
    scene.take(number, "scribe")
    scene.take(number, "dba on call")
    assert {role.role for role in scene.incident(number).roles} == {"commander", "scribe", "dba on call"}


# Notes.


def test_a_note_names_its_entry(scene: Scene, number: int) -> None:
    done = scene.do(notes.note, number, Safe("the disk is full"))
    entry = scene.timeline(number)[-1]
    assert done.said == f"noted E-{entry.id} in INC-1"
    assert done.changed == (Ref("E", entry.id),)
    assert (entry.text, entry.kind, entry.actor, entry.uid) == ("the disk is full", EntryKind.NOTE, "li", ELSEWHERE)
    assert (entry.at, entry.recorded_at, entry.backdated, entry.pinned) == (scene.now, scene.now, False, False)


@pytest.mark.parametrize("kind", WRITABLE)
def test_people_may_name_the_kind(scene: Scene, number: int, kind: EntryKind) -> None:
    written = scene.note(number, "so it is", kind)
    assert scene.store.read(lambda conn: get_entry(conn, written)).kind is kind


@pytest.mark.parametrize("kind", [kind for kind in EntryKind if kind not in WRITABLE])
def test_but_not_of_what_acts_write_themselves(scene: Scene, number: int, kind: EntryKind) -> None:
    with pytest.raises(UsageError, match=f"{kind} entries are written by their own act"):
        scene.note(number, "so it is", kind)


def test_an_update_moves_its_clock_and_a_note_does_not(scene: Scene, number: int) -> None:
    scene.note(number)
    assert scene.incident(number).updated_at is None
    scene.note(number, "still looking", EntryKind.UPDATE)
    assert scene.incident(number).updated_at == scene.now


def test_a_note_about_earlier_is_marked(scene: Scene, number: int) -> None:
    at = scene.now - timedelta(minutes=20)
    scene.do(notes.note, number, Safe("it began"), at=at, pinned=True)
    entry = scene.timeline(number)[0]
    assert (entry.at, entry.backdated, entry.pinned, entry.recorded_at) == (at, True, True, scene.now)


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_an_empty_note_is_none(scene: Scene, number: int, text: str) -> None:
    with pytest.raises(UsageError, match="a note needs text"):
        scene.do(notes.note, number, Safe(text))


def test_no_note_about_the_future_or_to_nobody(scene: Scene, number: int) -> None:
    with pytest.raises(UsageError, match="cannot be about the future"):
        scene.do(notes.note, number, Safe("soon"), at=scene.now + timedelta(hours=1))
    with pytest.raises(NotFoundError, match="there is no INC-9"):
        scene.note(9)


# Learning.


def test_answering_an_item(scene: Scene, number: int) -> None:
    entry = scene.note(number)
    assert scene.do(learn.answer, number, 5, Safe("no alarm"), ()).said == "answered item 5 of INC-1"
    assert scene.do(learn.answer, number, 2, Safe("a deploy"), ()).said.endswith(
        "(needs an entry as evidence to count)"
    )
    scene.do(learn.answer, number, 2, None, (entry, entry))
    item = scene.rca(number).items[1]
    assert (item.text, item.evidence, item.state) == ("a deploy", (entry,), ItemState.DONE)


def test_confirming_what_triage_proposed(scene: Scene) -> None:
    number = scene.declare(scene.fire())
    proposed = scene.rca(number).items[0]
    assert proposed.state is ItemState.PROPOSED
    scene.do(learn.answer, number, 1, None, ())
    confirmed = scene.rca(number).items[0]
    assert (confirmed.text, confirmed.evidence, confirmed.state) == (proposed.text, proposed.evidence, ItemState.DONE)


@pytest.mark.parametrize(
    ("n", "text", "evidence", "why"),
    [
        (0, "x", (), "there is no item 0"),
        (10, "x", (), "there is no item 10"),
        (9, "x", (), "item 9 has no text of its own"),
        (4, None, (), "item 4 has no answer yet"),
        (4, " ", (), "item 4 has no answer yet"),
        (4, "x", (99,), "there is no E-99"),
    ],
)
def test_what_is_no_answer(
    scene: Scene, number: int, n: int, text: str | None, evidence: tuple[int, ...], why: str
) -> None:
    with pytest.raises((UsageError, NotFoundError), match=why):
        scene.do(learn.answer, number, n, None if text is None else Safe(text), evidence)
    assert scene.rca(number).done == 0


def test_naming_the_cause(scene: Scene, number: int) -> None:
    with pytest.raises(RefusedError, match="unknown needs a reason"):
        scene.do(learn.categorise, number, (Category.UNKNOWN,), NOTHING)
    scene.do(learn.categorise, number, (Category.UNKNOWN,), Safe("logs are gone"))
    assert scene.rca(number).categories == (Category.UNKNOWN,)
    done = scene.do(learn.categorise, number, (Category.CODE_BUG,), NOTHING)
    assert done.said == "cause of INC-1: code bug"
    assert scene.rca(number).categories == (Category.CODE_BUG,)


def test_promising_and_settling_a_change(scene: Scene, number: int) -> None:
    done = scene.do(learn.promise, number, Safe("check the schema"), ActionType.PREVENTIVE, BO, date(2026, 12, 1))
    assert (done.said, done.changed) == ("ACT-1 preventive for INC-1", (Ref("ACT", 1),))
    assert scene.rca(number).actions[0].state is ActionState.OPEN
    with pytest.raises(RefusedError, match="dropping a promise needs a reason"):
        scene.do(learn.settle, 1, ActionState.DROPPED, NOTHING)
    assert scene.do(learn.settle, 1, ActionState.DONE, NOTHING).said == "ACT-1 is done"
    assert scene.do(learn.settle, 1, ActionState.DONE, NOTHING).seq == 0
    scene.do(learn.settle, 1, ActionState.DROPPED, WHY)
    action = scene.store.read(lambda conn: get_action(conn, 1))
    assert (action.state, action.reason) == (ActionState.DROPPED, "because")


def test_what_cannot_be_promised_or_settled(scene: Scene, number: int) -> None:
    with pytest.raises(UsageError, match="an action needs text"):
        scene.do(learn.promise, number, Safe(" "), ActionType.DETECTIVE, None, None)
    with pytest.raises(NotFoundError, match="there is no ACT-9"):
        scene.do(learn.settle, 9, ActionState.DONE, NOTHING)
    with pytest.raises(NotFoundError, match="there is no INC-9"):
        scene.do(learn.promise, 9, Safe("x"), ActionType.DETECTIVE, None, None)
