"""The catalog in the store: what is told twice is written once, and the order of telling does not matter."""

from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.model.test_catalog import TOLD, facts, node
from tests.support.scene import Scene
from tui.model.catalog import Deadline, Facts, Graph, Node
from tui.model.entry import MACHINE, Actor
from tui.model.events import CatalogLearned
from tui.model.graph import graph_of
from tui.model.text import Safe
from tui.store import catalog, log
from tui.store.engine import Store
from tui.store.integrity import verify
from tui.store.log import Stamp

STAMP = Stamp(actor=Actor(MACHINE, 0), now=datetime(2026, 11, 24, 14, tzinfo=UTC))


def learn(store: Store, *told: Facts) -> int:
    """Tell each of them; how many events that wrote."""
    before = store.read(log.head)[0]
    for one in told:
        store.tx(partial(catalog.learn, stamp=STAMP, facts=one))
    return store.read(log.head)[0] - before


def graph(store: Store) -> Graph:
    return store.read(catalog.read_graph)


FULL = Node(
    name=Safe("Orders"),
    kind=Safe("dataset"),
    owner=Safe("finance"),
    tier=1,
    deadline=Deadline(at=time(7, 30), timezone="Europe/Berlin", days=(0, 1)),
    usual_minutes=42,
    runbook=Safe("https://runbooks.example/orders"),
    aliases=(Safe("fct_orders"), Safe("o")),
)


def test_what_is_told_is_there_whole(store: Store) -> None:
    assert learn(store, facts(FULL, edges=(("raw", "orders"),), source="catalog")) == 1
    found = graph(store)
    assert found.find("fct orders") == FULL
    assert found.upstream("o") == {"raw": 1}
    assert store.read(lambda conn: catalog.owner_of(conn, "ORDERS")) == "finance"
    assert store.read(lambda conn: catalog.owner_of(conn, "raw")) is None
    assert store.read(lambda conn: catalog.owner_of(conn, "nowhere")) is None
    assert verify(store).ok


def test_an_empty_catalog_knows_nothing(store: Store) -> None:
    assert graph(store) == Graph()
    assert learn(store, facts()) == 0


def test_only_the_news_is_written(store: Store) -> None:
    told = facts(node("orders", "o", owner="finance"), edges=(("raw", "orders"),))
    assert learn(store, told, told) == 1
    more = facts(node("ORDERS", "o", "o2", owner="finance"), edges=(("Raw", "orders"), ("fx", "orders")))
    assert learn(store, more, more) == 1
    body = store.read(lambda conn: log.since(conn, 1))[0].body
    assert isinstance(body, CatalogLearned)
    assert [(one.name, one.owner) for one in body.nodes] == [("ORDERS", None), ("Raw", None), ("fx", None)]
    assert [(edge.up, edge.down) for edge in body.edges] == [("fx", "orders")]
    assert verify(store).ok


def test_a_later_word_of_the_same_source_counts(store: Store) -> None:
    assert learn(store, facts(node("orders", owner="finance")), facts(node("orders", owner="risk"))) == 2
    assert store.read(lambda conn: catalog.owner_of(conn, "orders")) == "risk"
    assert learn(store, facts(node("orders"))) == 0, "silence takes nothing back"


def whole(*nodes: Node, edges: tuple[tuple[str, str], ...] = (), source: str = "catalog") -> Facts:
    """All that a source says."""
    return replace(facts(*nodes, edges=edges, source=source), whole=True)


def test_what_left_what_a_source_says_as_a_whole_is_gone(store: Store) -> None:
    learn(store, whole(FULL, node("raw"), edges=(("raw", "orders"), ("orders", "board"))))
    learn(store, whole(node("Orders", "o", owner="risk"), edges=(("orders", "board"),)))
    found = graph(store)
    assert [one.name for one in found.nodes] == ["Orders", "board"]
    assert found.find("orders") == node("Orders", "o", owner="risk"), "without the tier, the deadline, the alias"
    assert (found.upstream("orders"), found.downstream("orders")) == ({}, {"board": 1})
    assert found.find("fct_orders") is None
    assert verify(store).ok


def test_other_sources_words_stay(store: Store) -> None:
    learn(store, facts(node("orders", owner="ops"), edges=(("raw", "orders"),)))
    learn(store, whole(node("orders", "o", owner="finance", tier=1), edges=(("raw", "orders"), ("fx", "orders"))))
    learn(store, whole())
    found = graph(store)
    assert found.find("orders") == node("orders", owner="ops")
    assert found.upstream("orders") == {"raw": 1}
    assert found.find("fx") is None
    assert learn(store, facts(node("board"))) == 1
    assert graph(store).find("orders") is not None, "what is not all that a source says takes nothing back"


def test_the_same_again_as_a_whole_writes_nothing(store: Store) -> None:
    told = whole(FULL, node("a", kind="job"), edges=(("a", "orders"),))
    assert learn(store, told, told) == 1
    more = whole(FULL, node("a", "b", kind="job"), edges=(("a", "orders"),))
    assert learn(store, more, more) == 1, "what is added needs nothing to be forgotten"
    assert learn(store, told) == 2, "an alias less: forgotten and told anew"


@given(st.lists(TOLD, min_size=1, max_size=4), TOLD)
@settings(max_examples=25)
def test_of_a_source_that_says_all_only_the_last_word_counts(told: list[Facts], other: Facts) -> None:
    words = [replace(one, source=Safe("catalog"), whole=True) for one in told]
    beside = replace(other, source=Safe("lineage"))
    with TemporaryDirectory() as folder, Store(Path(folder, "a.db")) as one:
        learn(one, beside, *words)
        assert graph(one) == graph_of([beside, words[-1]])
        assert learn(one, words[-1]) == 0
        assert verify(one).ok


def test_a_graph_read_before_is_not_kept_beyond_a_change_or_for_another_store(store: Store, tmp_path: Path) -> None:
    learn(store, facts(node("orders", owner="finance")))
    first = graph(store)
    assert graph(store) is first, "nothing changed: nothing is read again"
    with Store(tmp_path / "other.db") as other:
        learn(other, facts(node("orders", owner="risk")))
        assert graph(other) != first
    assert graph(store) == first
    learn(store, facts(node("orders", tier=1)))
    assert graph(store) != first


def test_a_catalog_can_be_rebuilt_from_the_log(scene: Scene) -> None:
    assert scene.know(FULL, edges=[("raw", "orders"), ("orders", "board")])
    assert not scene.know(FULL, edges=[("orders", "board")])
    assert scene.know(FULL, source="dbt"), "another source's word is its own"
    assert verify(scene.store).ok


@given(st.lists(TOLD, max_size=4), st.randoms())
@settings(max_examples=25)
def test_facts_in_any_order_and_any_number_of_times_make_the_same_graph(told: list[Facts], random: Random) -> None:
    shuffled = [*told, *told]
    random.shuffle(shuffled)
    with TemporaryDirectory() as folder, Store(Path(folder, "a.db")) as one, Store(Path(folder, "b.db")) as other:
        learn(one, *told)
        learn(other, *shuffled)
        assert graph(one) == graph(other) == graph_of(told)
        assert learn(one, *shuffled) == 0, "all of it is known"
        assert verify(other).ok
