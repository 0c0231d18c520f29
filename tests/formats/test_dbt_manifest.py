"""The lineage of a dbt manifest."""

from contextlib import suppress

import pytest
from hypothesis import given, settings

from tests.formats.mutation import mutations, sample
from tui.errors import RejectedError
from tui.formats.dbt_manifest import nodes_and_edges
from tui.formats.decode import Json
from tui.formats.openlineage_graph import Graph, Node

MANIFEST = sample("dbt-manifest.json")


def test_nodes_have_their_kind_owner_and_other_names() -> None:
    nodes: dict[str, Node] = {node.name: node for node in nodes_and_edges(MANIFEST).nodes}
    assert {name: (node.kind, node.type, node.owners) for name, node in nodes.items()} == {
        "model.shop.orders": ("dataset", "model", ("shop-data",)),
        "model.shop.revenue": ("dataset", "model", ("fin@shop.example",)),
        "test.shop.not_null_orders_id.aa": ("test", "test", ()),
        "source.shop.raw.tickets": ("dataset", "source", ("pos", "shop-data")),
        "exposure.shop.board": ("exposure", "dashboard", ("Ines",)),
    }
    assert nodes["model.shop.revenue"].aliases == ("mart.revenue_v2", "lake.mart.revenue_v2", "revenue")
    assert nodes["source.shop.raw.tickets"].aliases == ("landing.tickets_v1", "lake.landing.tickets_v1", "raw.tickets")
    assert nodes["exposure.shop.board"].aliases == ("board", "Monday board")
    assert nodes["model.shop.orders"].namespace == "shop"


def test_edges_lead_downstream_and_to_known_nodes_only() -> None:
    assert nodes_and_edges(MANIFEST).edges == (
        ("source.shop.raw.tickets", "model.shop.orders"),
        ("model.shop.orders", "model.shop.revenue"),
        ("model.shop.orders", "test.shop.not_null_orders_id.aa"),
        ("model.shop.revenue", "exposure.shop.board"),
    )


def test_what_is_no_manifest_is_rejected() -> None:
    with pytest.raises(RejectedError, match="nodes: missing"):
        nodes_and_edges({"results": []})


@given(mutations(MANIFEST))
@settings(max_examples=150, deadline=None)
def test_bent_manifests_are_read_or_rejected(manifest: Json) -> None:
    graph = Graph()
    with suppress(RejectedError):
        graph = nodes_and_edges(manifest)
    known = {node.id for node in graph.nodes}
    assert all(node.name and node.kind for node in graph.nodes)
    assert all(up in known and down in known for up, down in graph.edges)
