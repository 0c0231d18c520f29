"""An incident as one JSON object."""

import msgspec

from tests.support.scene import Scene
from tui.model.entry import EntryKind
from tui.model.severity import SeverityRules
from tui.reports.exports import build


def test_everything_is_there_and_encodes(scene: Scene) -> None:
    incident = scene.declare(scene.fire("scores"))
    scene.note(incident, "we know", EntryKind.UPDATE)
    scene.note(incident, "withdrawn", EntryKind.UPDATE)
    scene.undo()
    scene.note(incident, "we fixed it", EntryKind.UPDATE)
    scene.promise(incident)
    whole = scene.store.read(lambda conn: build(conn, incident, SeverityRules()))
    assert list(whole) == ["incident", "timeline", "rca", "actions", "updates", "head"]
    entries, updates, actions = whole["timeline"], whole["updates"], whole["actions"]
    assert isinstance(entries, list)
    assert isinstance(updates, list)
    assert isinstance(actions, list)
    assert len(entries) == len(scene.timeline(incident))
    assert [(one["n"], one["text"], one["by"]) for one in updates if isinstance(one, dict)] == [
        (1, "we know", "li"),
        (2, "we fixed it", "li"),
    ]
    assert len(actions) == 1
    assert len(str(whole["head"])) == 64
    assert msgspec.json.decode(msgspec.json.encode(whole)) == whole
