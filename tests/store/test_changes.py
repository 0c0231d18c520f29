"""Changes in the store: read back, found by what they touch, and the one to suspect first."""

from datetime import datetime, timedelta

import pytest

from tests.support.scene import Scene
from tui.errors import NotFoundError
from tui.model.catalog import Node
from tui.model.change import Change, Suspect
from tui.model.entry import EntryKind
from tui.model.text import Safe
from tui.store import changes
from tui.store.entries import get_entry
from tui.store.integrity import verify


def listed(scene: Scene, since: datetime | None = None, touches: str | None = None, limit: int = 10) -> list[int]:
    found = scene.store.read(lambda conn: changes.changes(conn, since=since, touches=touches, limit=limit))
    return [one.id for one in found]


def suspect(scene: Scene, subject: str, failed_at: datetime | None = None) -> Suspect | None:
    return scene.store.read(lambda conn: changes.suspect(conn, subject, failed_at or scene.now))


def change(scene: Scene, number: int) -> Change:
    return scene.store.read(lambda conn: changes.get_change(conn, number))


def near(scene: Scene, subject: str) -> list[int]:
    return [one.id for one in scene.store.read(lambda conn: changes.near(conn, subject, scene.now))]


def test_a_change_is_read_back_whole(scene: Scene) -> None:
    number = scene.change("v812", "card-scoring", "fraud", by="ann", at=scene.now - timedelta(hours=2))
    found = change(scene, number)
    assert (found.what, found.actor, found.touches) == ("v812", "ann", ("card-scoring", "fraud"))
    assert (found.source, found.key, found.dated) == ("ci", "ci:1", True)
    assert found.at == scene.now - timedelta(hours=2) - scene.step
    assert verify(scene.store).ok
    with pytest.raises(NotFoundError, match="there is no CH-9"):
        change(scene, 9)


def test_changes_are_listed_newest_first_by_when_they_were_made(scene: Scene) -> None:
    began = scene.now
    scene.change("old", "a", at=began - timedelta(days=3))
    scene.change("new", "b")
    scene.change("late to tell", "a", at=began - timedelta(hours=1))
    assert listed(scene) == [2, 3, 1]
    assert listed(scene, since=began - timedelta(days=1)) == [2, 3]
    assert listed(scene, limit=1) == [2]
    assert listed(scene, touches="A") == [3, 1]
    assert listed(scene, touches="nothing") == []


def test_a_name_is_found_under_every_name_it_has(scene: Scene) -> None:
    scene.change("v1", "risk_scorer")
    assert listed(scene, touches="Risk-Scorer") == [1]
    assert listed(scene, touches="fraud decision") == []
    scene.know(Node(name=Safe("Fraud decision"), aliases=(Safe("risk-scorer"),)))
    assert listed(scene, touches="fraud decision") == [1]


def test_the_one_to_suspect_is_the_latest_that_touches_the_thing_itself(scene: Scene) -> None:
    scene.know(edges=[("kafka.auth", "card-scoring")])
    scene.change("v811", "card-scoring")
    scene.change("v812", "Card_Scoring")
    scene.change("retention", "kafka.auth")
    scene.change("elsewhere", "ledger")
    found = suspect(scene, "card-scoring")
    assert found is not None
    assert (found.change.id, found.upstream) == (2, None)
    entry = scene.store.read(lambda conn: get_entry(conn, found.entry))
    assert (entry.kind, entry.text, entry.incident) == (EntryKind.CHANGE, "CH-2 v812 of Card_Scoring by ci", None)


def test_failing_that_it_is_the_latest_one_step_upstream(scene: Scene) -> None:
    scene.know(edges=[("far", "kafka.auth"), ("kafka.auth", "card-scoring"), ("rules", "card-scoring")])
    assert suspect(scene, "card-scoring") is None
    scene.change("too far", "far")
    assert suspect(scene, "card-scoring") is None
    scene.change("rules v3", "rules")
    scene.change("retention", "kafka/auth")
    scene.change("downstream", "board")
    found = suspect(scene, "card_scoring")
    assert found is not None
    assert (found.change.id, found.upstream) == (3, "kafka.auth")


def test_neither_what_came_after_nor_what_is_a_day_old_is_suspected(scene: Scene) -> None:
    scene.change("old", "orders", at=scene.now)
    failed = scene.now + timedelta(hours=24)
    assert suspect(scene, "orders", failed) is None
    assert suspect(scene, "orders", failed - scene.step) is not None
    scene.wait(timedelta(hours=30))
    scene.change("the repair", "orders")
    assert suspect(scene, "orders", failed) is None


def test_near_a_thing_are_its_own_changes_and_those_one_step_upstream(scene: Scene) -> None:
    scene.know(edges=[("raw", "orders"), ("far", "raw")])
    scene.change("yesterday", "orders")
    scene.wait(timedelta(hours=25))
    for what in ("far", "raw", "orders", "raw", "board", "Orders"):
        scene.change(f"new {what}", what)
    assert near(scene, "orders") == [7, 5, 4]
    assert near(scene, "lone") == []


def test_a_change_that_touches_an_open_incident_stands_in_its_timeline(scene: Scene) -> None:
    scene.know(Node(name=Safe("Fraud decision"), aliases=(Safe("risk-scorer"),)))
    quiet = scene.declare(scene.fire("ledger"))
    incident = scene.declare(scene.fire("risk_scorer"))
    scene.change("rollback", "fraud-decision")
    scene.change("elsewhere", "orders")
    told = [entry.text for entry in scene.timeline(incident) if entry.kind is EntryKind.CHANGE]
    assert told == ["CH-1 rollback of fraud-decision by ci"]
    assert not [entry for entry in scene.timeline(quiet) if entry.kind is EntryKind.CHANGE]
    scene.resolve(incident, "rolled back")
    scene.change("again", "risk_scorer")
    assert len([entry for entry in scene.timeline(incident) if entry.kind is EntryKind.CHANGE]) == 1
    assert verify(scene.store).ok
