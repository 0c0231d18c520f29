"""What is answered of the root-cause analysis before a person looks at it."""

from tests.support.scene import Scene
from tui.model.change import Suspect
from tui.model.entry import EntryKind
from tui.model.learn import ItemState
from tui.store import changes
from tui.triage.rca import propose_items


def test_a_suspected_change_answers_item_2_with_its_own_entry(scene: Scene) -> None:
    number = scene.change("v812", "scores")
    incident = scene.incident(scene.declare(scene.fire("scores")))
    found = scene.store.read(lambda conn: changes.get_change(conn, number))
    suspect = Suspect(change=found, entry=77)
    items = propose_items(incident, scene.alert(1), scene.timeline(1), suspect)
    assert [(item.n, item.state) for item in items] == [(n, ItemState.PROPOSED) for n in (1, 2, 3)]
    assert (items[1].text, items[1].evidence) == ("v812 of scores by ci, 30s before it failed", (77,))


def test_without_one_item_2_stays_open(scene: Scene) -> None:
    incident = scene.incident(scene.declare(scene.fire("scores")))
    assert [item.n for item in propose_items(incident, scene.alert(1), scene.timeline(1))] == [1, 3]
    assert [item.n for item in propose_items(incident, None, [])] == [3]


def test_the_first_signal_of_the_root_is_the_evidence_of_items_1_and_3(scene: Scene) -> None:
    leaf, root = scene.fire("leaf"), scene.fire("root")
    incident = scene.incident(scene.declare(candidate=scene.propose(root, leaf)))
    entries = scene.timeline(incident.id)
    first = next(entry.id for entry in entries if entry.kind is EntryKind.SIGNAL and entry.alert == root)
    assert {item.evidence for item in propose_items(incident, scene.alert(root), entries)} == {(first,)}
