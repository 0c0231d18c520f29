"""Erasing: the words go from log, rows, index and bytes; who and when stay; the store is still proved."""

import re

import pytest

from tests.support.scene import Scene
from tui.desk import learn, phases
from tui.desk.redact import redact
from tui.errors import NotFoundError, RefusedError
from tui.model.entry import EntryKind
from tui.model.ids import Ref
from tui.model.learn import ActionType
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe
from tui.store import integrity, log, payloads
from tui.store.engine import Connection
from tui.store.files import SIDES, side

SECRET = "hunter2 is the root password"
FORGE = "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'redacted', 'forged') AS BLOB) WHERE kind = 'redact'"
WHY = Safe("a password was pasted")


def erase(scene: Scene, ref: str) -> str:
    prefix, number = ref.split("-")
    return scene.do(redact, Ref(prefix, int(number)), WHY).said


def is_in_the_file(scene: Scene, word: str = SECRET) -> bool:
    """Whether any byte of the store still spells it, in whatever form the store keeps text."""
    assert scene.store.compact()
    path = scene.store.path
    files = [path, *(place for suffix in SIDES if (place := side(path, suffix)).exists())]
    return any(re.search(re.escape(word.encode()), file.read_bytes(), re.IGNORECASE) for file in files)


def holds(scene: Scene) -> bool:
    return integrity.verify(scene.store).ok


def entry_saying(scene: Scene, incident: int, word: str) -> int:
    return next(one.id for one in scene.timeline(incident) if word in one.text)


def test_a_note_shows_who_redacted_it_and_nothing_of_it_is_left(scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    other = scene.note(incident, "another one")
    number = scene.note(incident, SECRET)
    assert is_in_the_file(scene)
    before = scene.store.read(log.head)
    scene.who = "maya"
    assert erase(scene, f"E-{number}") == f"redacted E-{number}"
    told = {one.id: one for one in scene.timeline(incident)}
    assert told[number].text == "redacted by maya"
    assert (told[number].actor, told[number].kind) == ("li", EntryKind.NOTE)
    assert told[other].text == "another one"
    mark = max(told.values(), key=lambda one: one.id)
    assert (mark.text, mark.actor, mark.corrects) == (f"redacted E-{number}: {WHY}", "maya", number)
    assert scene.store.read(log.head)[0] == before[0] + 1
    assert not is_in_the_file(scene)
    assert holds(scene)
    integrity.rebuild(scene.store)
    assert holds(scene)
    assert erase(scene, f"E-{number}") == f"E-{number} is redacted already"


def test_the_title_of_a_declaration_goes_from_incident_and_search(scene: Scene) -> None:
    incident = scene.declare(scene.fire("orders"), title=f"orders: {SECRET}")
    scene.do(phases.mitigate, incident)
    erase(scene, f"E-{entry_saying(scene, incident, SECRET)}")
    assert scene.incident(incident).title == "redacted"
    found = "SELECT count(*) FROM incident_words WHERE incident_words MATCH ?"

    def holding(word: str) -> int:
        return scene.store.read(lambda conn: int(conn.execute(found, (word,)).fetchone()[0]))

    assert (holding("hunter2"), holding("redacted"), holding("orders")) == (0, 1, 1)
    assert not is_in_the_file(scene, "hunter2")
    assert holds(scene)


def test_answers_promises_and_reasons_go_from_their_rows(scene: Scene) -> None:
    incident = scene.declare(scene.fire(), severity=Severity.SEV1)
    scene.do(learn.answer, incident, 4, Safe(f"why: {SECRET}"), ())
    scene.do(learn.promise, incident, Safe(f"rotate: {SECRET}"), ActionType.PREVENTIVE, Safe("bo"), None)
    numbers = [one.id for one in scene.timeline(incident) if SECRET in one.text]
    assert len(numbers) == 2
    for number in numbers:
        erase(scene, f"E-{number}")
    analysis = scene.rca(incident)
    assert analysis.items[3].text == "redacted"
    assert [(action.text, action.owner) for action in analysis.actions] == [("redacted", "bo")]
    assert not is_in_the_file(scene)
    assert holds(scene)


def test_a_signal_loses_title_labels_and_its_payload(scene: Scene) -> None:
    alert = scene.fire("orders", title=f"failed: {SECRET}", labels={"cause": SECRET})
    digest = scene.store.tx(lambda conn: payloads.keep_payload(conn, SECRET.encode(), scene.now))
    scene.propose(alert)
    incident = scene.declare(candidate=1)
    number = entry_saying(scene, incident, "orders fires")
    said = erase(scene, f"E-{number}")
    declared = entry_saying(scene, incident, "declared")
    assert said == f"redacted E-{number}; the same words stand in E-{declared}"
    assert scene.alert(alert).title == "redacted"
    assert scene.alert(alert).labels == {}
    assert scene.candidate(1).title == "redacted", "what triage only repeats goes along"
    erase(scene, f"E-{declared}")
    assert not is_in_the_file(scene)
    assert scene.store.read(lambda conn: payloads.has_payload(conn, digest)), "a payload of another is left alone"
    assert holds(scene)


def test_a_rejected_payload_loses_its_bytes(scene: Scene) -> None:
    number = scene.reject(f"unknown: {SECRET}")
    erase(scene, f"R-{number}")
    found = scene.store.read(lambda conn: payloads.get_rejected(conn, number))
    assert (found.reason, found.payload, found.size) == ("redacted", "", 12)
    assert not is_in_the_file(scene)
    assert holds(scene)


def test_what_took_a_note_back_told_it_too(scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    number = scene.note(incident, SECRET)
    scene.undo()
    erase(scene, f"E-{number}")
    assert [one.text for one in scene.timeline(incident) if one.redacted] == ["redacted by li"] * 2
    assert not is_in_the_file(scene)
    assert holds(scene)


def test_a_redaction_whose_own_reason_tells_too_much_is_redacted(scene: Scene) -> None:
    incident = scene.declare(scene.fire(), title=SECRET)
    declared = entry_saying(scene, incident, SECRET)
    scene.do(redact, Ref("E", declared), Safe(f"it said: {SECRET}"))
    mark = entry_saying(scene, incident, f"redacted E-{declared}")
    erase(scene, f"E-{mark}")
    assert not is_in_the_file(scene)
    assert scene.incident(incident).title == "redacted"
    assert holds(scene)
    integrity.rebuild(scene.store)
    assert holds(scene)


def test_it_needs_a_reason_and_words(scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    number = scene.note(incident)
    scene.ack("A-1")
    with pytest.raises(RefusedError, match="erasing needs a reason"):
        scene.do(redact, Ref("E", number), NOTHING)
    scene.take(incident)
    taken = entry_saying(scene, incident, "is commander")
    with pytest.raises(RefusedError, match="no words"):
        scene.do(redact, Ref("E", taken), WHY)
    with pytest.raises(NotFoundError):
        scene.do(redact, Ref("E", 99), WHY)
    with pytest.raises(NotFoundError):
        scene.do(redact, Ref("R", 99), WHY)


def test_it_cannot_be_taken_back_nor_can_what_was_redacted(scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    number = scene.note(incident, SECRET)
    erase(scene, f"E-{number}")
    with pytest.raises(RefusedError, match=f"cannot take back: redacted E-{number}.*what was erased is gone"):
        scene.undo()
    scene.who = "maya"
    mine = scene.note(incident, "mine")
    scene.who = "li"
    erase(scene, f"E-{mine}")
    scene.who = "maya"
    with pytest.raises(RefusedError, match="an act that was redacted"):
        scene.undo()
    scene.note(incident, "later")
    scene.undo()


def test_a_forged_rest_of_a_body_is_found(scene: Scene) -> None:
    incident = scene.declare(scene.fire(), title=SECRET)
    erase(scene, f"E-{entry_saying(scene, incident, SECRET)}")

    def forge(conn: Connection) -> None:
        conn.execute(FORGE)

    scene.store.tx(forge)
    assert not integrity.verify(scene.store).chain_ok


def test_verbs_after_it_read_the_file_as_ever(scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    for n in range(40):
        scene.note(incident, f"{SECRET} {n}" * 40)
    assert scene.store.compact()
    size = scene.store.path.stat().st_size
    for number in [one.id for one in scene.timeline(incident) if SECRET in one.text]:
        erase(scene, f"E-{number}")
    assert not is_in_the_file(scene)
    assert scene.store.path.stat().st_size < size
    assert holds(scene)
