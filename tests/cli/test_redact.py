"""The verb: what it says, what it refuses, and that no byte is left in the file that others have open."""

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.store.files import SIDES, side

SECRET = "hunter2 is the root password"


def test_an_entry_is_redacted_and_its_bytes_are_gone(sev: Hand, scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    number = scene.note(incident, SECRET)
    assert sev.done("redact", f"E-{number}", "--reason", "pasted") == f"redacted E-{number}\n"
    path = scene.store.path
    for suffix in ("", *SIDES):
        place = side(path, suffix)
        assert not place.exists() or SECRET.encode() not in place.read_bytes()
    assert sev.json("show", f"E-{number}")[0]["text"] == "redacted by li"
    assert SECRET not in sev.done("timeline", f"INC-{incident}")
    assert sev("verify").code == 0
    assert "redacted already" in sev.done("redact", f"E-{number}", "--reason", "again")


def test_it_wants_a_reason_an_entry_and_a_store_to_write(sev: Hand, scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    number = scene.note(incident, SECRET)
    assert "needs a reason" in sev.refused(4, "redact", f"E-{number}")
    sev.refused(1, "redact", "E-99", "--reason", "x")
    sev.refused(2, "redact", "INC-1", "--reason", "x")
    sev.refused(3, "--read-only", "redact", f"E-{number}", "--reason", "x")
    assert sev.json("show", f"E-{number}")[0]["text"] == SECRET


def test_with_json_it_prints_the_entry(sev: Hand, scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    number = scene.note(incident, SECRET)
    (told,) = sev.json("redact", f"E-{number}", "--reason", "pasted")
    assert (told["id"], told["text"]) == (f"E-{number}", "redacted by li")


def test_older_copies_beside_the_store_are_named(sev: Hand, scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    number = scene.note(incident, SECRET)
    side(scene.store.path, ".before-restore-20261101T000000Z").touch()
    said = sev("redact", f"E-{number}", "--reason", "pasted")
    assert said.code == 0
    assert "may still hold it: sev.db.before-restore-20261101T000000Z" in said.err


def test_undo_does_not_bring_it_back(sev: Hand, scene: Scene) -> None:
    incident = scene.declare(scene.fire())
    number = scene.note(incident, SECRET)
    sev.done("redact", f"E-{number}", "--reason", "pasted")
    assert "what was erased is gone" in sev.refused(4, "undo")
