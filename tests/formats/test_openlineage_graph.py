"""The lineage in OpenLineage's events."""

import pytest
from hypothesis import given, settings

from tests.formats.mutation import mutations, sample, signals_of
from tui.errors import RejectedError
from tui.formats.decode import Json
from tui.formats.openlineage import FORMAT
from tui.formats.openlineage_graph import Graph, Node, graph_of
from tui.model.text import clean

LOAD = "airflow-shop/orders_nightly.load"
ORDERS = "postgres://warehouse:5432/shop.public.orders"
CSV = "s3://landing/orders/2026-11-24.csv"


def nodes(graph: Graph) -> dict[str, Node]:
    return {node.id: node for node in graph.nodes}


def test_names_kinds_owners_and_other_names_are_told() -> None:
    found = nodes(graph_of(sample("openlineage-fail.json")))
    job, orders = found[LOAD], found[ORDERS]
    assert (job.name, job.kind, job.type, job.part_of) == ("orders_nightly.load", "job", "TASK", "orders_nightly")
    assert job.owners == ("team:stock",)
    assert (orders.name, orders.kind, orders.namespace) == (
        "shop.public.orders",
        "dataset",
        "postgres://warehouse:5432",
    )
    assert (orders.owners, orders.aliases) == (("team:finance",), ("shop.orders",))
    assert found[CSV].owners == ()


def test_edges_lead_from_what_is_read_over_the_job_to_what_is_written() -> None:
    assert graph_of(sample("openlineage-fail.json")).edges == ((CSV, LOAD), (LOAD, ORDERS))


def test_several_events_give_one_graph() -> None:
    graph = graph_of(sample("openlineage-checks.json"))
    orders, daily = "snowflake://shop.eu/SHOP.PUBLIC.ORDERS", "snowflake://shop.eu/SHOP.PUBLIC.DAILY"
    assert [node.id for node in graph.nodes] == ["dbt-shop/shop.orders.test", orders, "dbt-shop/shop.orders", daily]
    assert graph.edges == ((orders, "dbt-shop/shop.orders.test"), (orders, "dbt-shop/shop.orders"), graph.edges[2])
    assert graph.edges[2] == ("dbt-shop/shop.orders", daily)


def test_the_name_is_what_signals_call_it() -> None:
    body = sample("openlineage-checks.json")
    named = {node.name for node in graph_of(body).nodes}
    assert {signal.subject for signal in signals_of(FORMAT, body)} <= named


def test_what_is_read_and_written_by_one_job_is_not_upstream_of_itself() -> None:
    table: Json = {"namespace": "n", "name": "t"}
    graph = graph_of({"job": {"namespace": "n", "name": "j"}, "inputs": [table], "outputs": [table]})
    assert graph.edges == (("n/j", "n/t"),)


def test_what_events_say_of_one_thing_adds_up() -> None:
    def said(owner: str) -> Json:
        return {"dataset": {"name": "t", "facets": {"ownership": {"owners": [{"name": owner}]}}}}

    (node,) = graph_of([said("a"), said("b"), said("a")]).nodes
    assert node.owners == ("a", "b")


def test_datasets_without_a_name_are_left_out() -> None:
    graph = graph_of({"job": {"name": "j"}, "inputs": [{}, {"name": "${TABLE}"}, {"name": 7}]})
    assert [node.name for node in graph.nodes] == ["j", "7"]


@pytest.mark.parametrize("body", [None, "text", {"run": {}}, [{"job": {}}], {"job": {"name": "j"}, "inputs": 1}])
def test_what_is_no_event_is_refused(body: Json) -> None:
    with pytest.raises(RejectedError):
        graph_of(body)


@given(mutations(sample("openlineage-fail.json")))
@settings(max_examples=100)
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    try:
        graph = graph_of(body)
    except RejectedError:
        return
    known = nodes(graph)
    assert all(up in known and down in known for up, down in graph.edges)
    for node in graph.nodes:
        texts = (node.id, node.name, node.type or "", *node.owners, *node.aliases)
        assert [text for text in texts if clean(text) != text] == []
