"""Names that are the same, what is news, and one graph of what several sources say."""

from datetime import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.catalog import FIRST_SOURCE, Deadline, Edge, Facts, Graph, Node, counted, merged, news, normal
from tui.model.graph import graph_of
from tui.model.text import Safe

SOURCES = ("catalog", "dbt", "lineage")
NAMES = ("raw.orders", "Orders", "fct-orders", "load_orders", "board", "kafka/auth", "pg")


def node(name: str, *aliases: str, owner: str | None = None, kind: str | None = None, tier: int | None = None) -> Node:
    return Node(
        name=Safe(name),
        kind=Safe(kind) if kind else None,
        owner=Safe(owner) if owner else None,
        tier=tier,
        aliases=tuple(Safe(alias) for alias in aliases),
    )


def facts(*nodes: Node, edges: tuple[tuple[str, str], ...] = (), source: str = "lineage") -> Facts:
    return Facts(source=Safe(source), nodes=nodes, edges=tuple(Edge(Safe(up), Safe(down)) for up, down in edges))


SPELLINGS = (
    *("raw.orders", "RAW.ORDERS", '"Raw"."Orders"', "`raw`.`orders`", "[raw].[orders]", "raw/orders", "raw_orders"),
    *("raw-orders", "raw::orders", " raw orders ", "raw=orders", "'raw' . 'orders'", "raw|orders/"),
)


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_of_one_name(name: str) -> None:
    assert normal(name) == "raw.orders"


@pytest.mark.parametrize(("one", "other"), [("orders", "orders2"), ("a.b", "ab"), ("naïve", "naive"), ("--", "..")])
def test_names_that_differ(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@given(st.text(min_size=1, max_size=40))
def test_the_normal_form_is_one_and_never_empty(name: str) -> None:
    assert normal(name)
    assert normal(normal(name)) == normal(name)


WORDS = st.sampled_from(["a", "b", "c"]).map(Safe)
NODES = st.builds(
    Node,
    name=st.just(Safe("orders")),
    kind=st.none() | st.sampled_from(["job", "dataset", "service"]).map(Safe),
    owner=st.none() | WORDS,
    tier=st.none() | st.integers(0, 3),
    deadline=st.none() | st.builds(Deadline, at=st.times(), days=st.just((0, 4))),
    usual_minutes=st.none() | st.integers(0, 90),
    runbook=st.none() | WORDS,
    aliases=st.lists(st.sampled_from(["ord", "ORD", "o.1", "o-1", "orders"]).map(Safe), max_size=3).map(tuple),
)


@given(NODES, NODES)
def test_what_was_told_once_is_no_news(known: Node, told: Node) -> None:
    (known,) = facts(known).named().values()
    (told,) = facts(told).named().values()
    fresh = news(known, told)
    after = merged(known, told)
    assert (fresh is None) == (after == known)
    assert news(after, told) is None
    if fresh is not None:
        assert merged(known, fresh) == after, "the news alone leads to the same"


def test_news_hold_nothing_but_the_new() -> None:
    known = node("orders", "ord", owner="finance", kind="job")
    told = node("orders", "ord", "o1", owner="risk", kind="job")
    assert news(known, told) == node("orders", "o1", owner="risk")
    assert news(known, node("orders")) is None
    assert news(None, told) == told


def test_a_table_and_the_job_of_its_name_is_the_table_whichever_came_first() -> None:
    job, table = node("orders", kind="job"), node("orders", kind="dataset")
    assert merged(job, table).kind == merged(table, job).kind == "dataset"
    assert news(table, job) is None
    assert merged(job, node("orders", kind="service")).kind == "service"


def test_lineage_is_walked_both_ways_with_its_distance() -> None:
    graph = graph_of([facts(edges=(("raw", "load"), ("load", "fct"), ("fx", "load"), ("fct", "board"), ("fct", "ml")))])
    assert graph.upstream("fct") == {"load": 1, "fx": 2, "raw": 2}
    assert list(graph.upstream("board", 2)) == ["fct", "load"]
    assert graph.downstream("raw", 1) == {"load": 1}
    assert graph.downstream("raw") == {"load": 1, "fct": 2, "board": 3, "ml": 3}
    assert graph.upstream("raw") == graph.upstream("never heard of") == {}
    assert graph.upstream("fct", 0) == {}


def test_a_ring_is_walked_once() -> None:
    graph = graph_of([facts(edges=(("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")))])
    assert graph.upstream("a") == {"c": 1, "b": 2}
    assert graph.downstream("a") == {"b": 1, "c": 2}


def test_an_alias_leads_to_its_node_and_joins_what_another_source_calls_so() -> None:
    graph = graph_of(
        [
            facts(node("Fraud decision", "risk_scorer", owner="risk"), source="catalog"),
            facts(node("risk-scorer", kind="service"), edges=(("features", "Risk.Scorer"),), source="dbt"),
        ]
    )
    found = graph.find("RISK SCORER")
    assert found is not None
    assert (found.name, found.owner, found.kind, found.aliases) == (
        "Fraud decision",
        "risk",
        "service",
        ("Risk.Scorer",),
    )
    assert graph.upstream("fraud-decision") == {"features": 1}
    assert graph.names_of("risk-scorer") == {"fraud.decision", "risk.scorer"}
    assert graph.names_of("nobody.knows") == {"nobody.knows"}
    assert len(graph.nodes) == 2


def test_an_alias_wins_over_a_name() -> None:
    graph = graph_of([facts(node("warehouse.orders", "orders", owner="finance"), node("orders", kind="dataset"))])
    (only,) = graph.nodes
    assert (only.owner, only.kind) == ("finance", "dataset")
    assert graph.find("orders") == graph.find("warehouse.orders") == only


def test_an_alias_that_two_claim_names_neither() -> None:
    graph = graph_of([facts(node("prod.orders", "orders"), node("staging.orders", "orders"))])
    assert graph.find("orders") is None
    assert graph.names_of("prod.orders") == {"prod.orders"}
    known = graph_of([facts(node("prod.orders", "o"), node("staging.orders", "o"), node("o"))])
    assert len(known.nodes) == 3
    assert known.find("O") == node("o")


def test_a_claim_is_settled_when_those_who_claim_turn_out_to_be_one() -> None:
    graph = graph_of([facts(node("a", "b", "x"), node("b", "x"))])
    assert len(graph.nodes) == 1
    assert graph.names_of("x") == {"a", "b", "x"}


def test_the_teams_own_file_comes_first_and_the_others_fill_in() -> None:
    told = [
        facts(node("orders", owner="lineage team", tier=3, kind="dataset"), source="a-lineage"),
        facts(node("Orders", owner="finance"), source=FIRST_SOURCE),
    ]
    for order in (told, told[::-1]):
        found = graph_of(order).find("orders")
        assert found is not None
        assert (found.name, found.owner, found.tier, found.kind) == ("Orders", "finance", 3, "dataset")


def test_what_a_tool_calls_by_its_database_is_the_teams_own_of_that_name() -> None:
    ours = facts(node("shop.orders_daily"), edges=(("shop.orders_daily", "board"),), source=FIRST_SOURCE)
    theirs = facts(edges=(("RAW.SHOP.ORDERS", "WAREHOUSE.SHOP.ORDERS_DAILY"),), source="dbt")
    graph = graph_of([ours, theirs])
    assert list(graph.upstream("board")) == ["shop.orders_daily", "RAW.SHOP.ORDERS"]
    assert graph.find("WAREHOUSE.SHOP.ORDERS_DAILY") == graph.find("shop.orders_daily")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (["shop.orders_daily", "old.orders_daily"], ["W.ORDERS_DAILY"]),
        (["shop.orders_daily"], ["W.ORDERS_DAILY", "STAGING.ORDERS_DAILY"]),
        (["shop.fx"], ["W.FX"]),
        (["orders_daily"], ["W.ORDERS_DAILY"]),
    ],
    ids=["two of ours", "two of theirs", "too short to tell", "not in a schema"],
)
def test_where_it_could_be_another_it_is_not_taken_for_ours(ours: list[str], theirs: list[str]) -> None:
    told = [facts(*map(node, ours), source=FIRST_SOURCE), facts(*map(node, theirs), source="dbt")]
    assert len(graph_of(told).nodes) == len(ours) + len(theirs)


def test_where_a_thing_stands() -> None:
    graph = graph_of([facts(node("orders", "o", owner="finance"), edges=(("raw", "orders"), ("orders", "board")))])
    place = graph.around("O")
    assert place is not None
    assert (place.node.owner, place.upstream, place.downstream) == ("finance", ("raw",), ("board",))
    assert graph.around("elsewhere") is None
    assert Graph().around("orders") is None


@pytest.mark.parametrize(
    ("count", "text"), [(0, None), (1, "1: n0"), (3, "3: n0, n1, n2"), (5, "5: n0, n1, n2 and 2 more")]
)
def test_a_few_of_many_names(count: int, text: str | None) -> None:
    assert counted([Safe(f"n{n}") for n in range(count)]) == text


EDGES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=8).map(tuple)
TOLD = st.builds(
    lambda nodes, edges, source: facts(*nodes, edges=edges, source=source),
    nodes=st.lists(
        st.builds(
            lambda name, aliases, kind: node(name, *aliases, kind=kind, owner=f"of {normal(name)}"),
            st.sampled_from(NAMES),
            st.lists(st.sampled_from([*NAMES, "alias one", "alias-two"]), max_size=2),
            st.sampled_from([None, "job", "dataset"]),
        ),
        max_size=4,
    ),
    edges=EDGES,
    source=st.sampled_from(SOURCES),
)


@given(st.lists(TOLD, max_size=5), st.randoms())
def test_the_order_of_telling_does_not_matter(told: list[Facts], random: Random) -> None:
    shuffled = [*told]
    random.shuffle(shuffled)
    graph = graph_of(told)
    assert graph_of(shuffled) == graph
    for name in NAMES:
        assert set(graph.upstream(name)) == {other.name for other in graph.nodes if found_below(graph, other, name)}


def found_below(graph: Graph, other: Node, name: str) -> bool:
    """Whether `name` is reached from `other` going down."""
    here = graph.find(name)
    return here is not None and here.name in graph.downstream(other.name)


def test_a_deadline_keeps_its_zone_and_days() -> None:
    due = Deadline(at=time(7), timezone="Europe/Berlin", days=(0, 1))
    (kept,) = graph_of([facts(Node(name=Safe("report"), deadline=due))]).nodes
    assert kept.deadline == due
