"""Where alerts stand in the catalog, and the subjects that it does not know."""

from datetime import timedelta

import pytest

from tests.model.test_catalog import node
from tests.support.scene import Scene
from tui.model.alert import Verdict
from tui.model.entry import MACHINE
from tui.store.placing import LATELY, Coverage, Standing, coverage, read_places, standing_of, told


@pytest.fixture
def known(scene: Scene) -> Scene:
    """orders > board, and what goes wrong there is known by several names."""
    scene.know(node("mart.orders", "orders_loader"), node("board"), edges=[("mart.orders", "board")])
    return scene


def found(scene: Scene) -> Coverage:
    return scene.store.read(lambda conn: coverage(conn, scene.now))


def names(scene: Scene) -> list[tuple[str, str, int]]:
    return [(one.source, one.subject, one.alerts) for one in found(scene).unknown]


def standing(scene: Scene, number: int) -> Standing:
    alert = scene.alert(number)
    return scene.store.read(lambda conn: standing_of(conn, alert))


def test_what_no_node_stands_for_is_told_the_most_frequent_first(known: Scene) -> None:
    known.fire("orders_loader")
    known.fire("printer", title="paper is low")
    known.fire("printer", title="paper is out", source="cron")
    for n in range(2):
        known.resolve(known.declare(known.fire("lake")), reason=f"enough {n}")
    assert names(known) == [("am", "lake", 2), ("am", "printer", 1), ("cron", "printer", 1)]
    assert (found(known).nodes, found(known).subjects) == (2, 4)
    assert told(found(known).unknown, 2) == "lake (2 alerts), printer (1 alert) and 1 more"
    known.know(node("lake"))
    assert ("am", "lake", 2) not in names(known), "it is asked of the catalog of now"


def test_it_is_found_as_triage_finds_it(known: Scene) -> None:
    known.fire("TableStale", labels={"table": "mart.orders"})
    known.fire("Something", title="nothing new in mart.orders for 2 hours")
    assert names(known) == [("am", "Something", 1)], "what made a job fail is not where it runs"
    place = standing(known, 1).place
    assert place is not None
    assert (place.node.name, place.downstream) == ("mart.orders", ("board",))
    assert (standing(known, 1).unknown, standing(known, 2).unknown) == (False, True)


def test_only_what_was_heard_lately_and_may_need_somebody(known: Scene) -> None:
    known.fire("old")
    known.wait(LATELY + timedelta(minutes=1))
    known.fire("chat", verdict=Verdict.INFO, severity=None)
    known.fire("source:x", source=MACHINE)
    known.fire("noisy", verdict=Verdict.NOISE, severity=None)
    assert names(known) == [("am", "noisy", 1)]


def test_without_a_catalog_nothing_is_unknown(scene: Scene) -> None:
    scene.fire("lake")
    assert found(scene) == Coverage(nodes=0)
    assert standing(scene, 1) == Standing(empty=True)
    assert not standing(scene, 1).unknown


def test_the_catalog_is_read_once_until_it_changes(known: Scene) -> None:
    first = known.store.read(read_places)
    assert known.store.read(read_places) is first
    known.know(node("lake"))
    assert known.store.read(read_places) is not first
