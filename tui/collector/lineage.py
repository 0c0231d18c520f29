"""What payloads say of lineage and ownership, in the form that the catalog learns."""

import logging
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from tui.errors import RejectedError
from tui.formats import dbt_nodes, openlineage, openlineage_graph
from tui.formats.base import first_text, inside, part, plain
from tui.formats.dbt_manifest import EXPOSURE, TEST, nodes_and_edges
from tui.formats.dbt_nodes import models_in, tested_by
from tui.formats.decode import Json, parse_json
from tui.formats.openlineage_graph import Graph
from tui.model.catalog import Edge, Facts, Node
from tui.model.text import Safe, clean

_MAKES_NOTHING: Final = frozenset({TEST, "analysis", "operation", "sql operation", "sql_operation"})
_NODES: Final = b'"nodes"'  # of dbt's files only those with this word have any

logger = logging.getLogger("sev.collector")


def facts_in(format_name: str, body: bytes, source: Safe) -> Facts | None:
    """What the JSON of a body that was read in this format says of the catalog; None where it says nothing of it.

    Never raises for what is in the body: its signals count, with or without its lineage.
    """
    read = _READERS.get(format_name)
    if read is None or (format_name == dbt_nodes.NAME and _NODES not in body):
        return None
    try:
        return read(parse_json(body), source)
    except RejectedError:
        return None  # signals in it all the same: an envelope around what tells of lineage
    except Exception:  # a fault here must not lose the signals
        logger.exception("reading the lineage in a payload of %s failed", source)
        return None


def _openlineage(body: Json, source: Safe) -> Facts | None:
    return _facts(openlineage_graph.graph_of(body), source, {})


def _dbt(body: Json, source: Safe) -> Facts | None:
    """Of a manifest; of dbt's other files, which may hold nodes too, nothing.

    A manifest is all of its project: what left that leaves the catalog with its next one.
    """
    about = first_text(part(body, "metadata"), "dbt_schema_version")
    if not isinstance(inside(body, "nodes"), dict) or ("/dbt/" in about and "/dbt/manifest/" not in about):
        return None
    graph = nodes_and_edges(body)
    facts = _facts(graph, source, _tests(body, graph))
    project = first_text(part(body, "metadata"), "project_name")
    if not project:  # nobody can tell whose manifest it follows
        return facts
    return msgspec.structs.replace(facts, source=clean(f"{source}:{project}"), whole=True)


def _facts(graph: Graph, source: Safe, more: dict[Safe, list[Safe]]) -> Facts:
    """Its nodes under the names that signals call them by, a namespace is no part of them; `more` names by a node's id.

    What makes nothing, a test say, is no node here.
    """
    names = {node.id: node.name for node in graph.nodes if node.kind not in _MAKES_NOTHING}
    nodes = tuple(
        Node(
            name=node.name,
            kind=Safe((node.type if node.kind == EXPOSURE else None) or node.kind),
            owner=_owners(node.owners),
            aliases=(*node.aliases, *more.get(node.id, ())),
        )
        for node in graph.nodes
        if node.id in names
    )
    edges = tuple(Edge(names[up], names[down]) for up, down in graph.edges if up in names and down in names)
    return Facts(source=source, nodes=nodes, edges=edges)


def _tests(body: Json, graph: Graph) -> dict[Safe, list[Safe]]:
    """The tests of each node that is tested: as other names of it, so that a failed test is found where it hurts."""
    parents: dict[Safe, list[Safe]] = {}
    for up, down in graph.edges:
        parents.setdefault(down, []).append(up)
    found: dict[Safe, list[Safe]] = {}
    for node in graph.nodes:
        if node.kind == TEST and (tested := _tested(body, node.id, parents.get(node.id, []))):
            found.setdefault(tested, []).append(node.id)
    return found


def _tested(body: Json, test: Safe, parents: list[Safe]) -> Safe | None:
    """Of what a test reads the one it is about: as the manifest says, else the only one, else the one in its name."""
    attached = plain(inside(body, "nodes", test, "attached_node"))
    if attached in parents:
        return clean(attached)
    return parents[0] if len(parents) == 1 else Safe(tested_by(test, models_in(parents))) or None


def _owners(owners: Iterable[Safe]) -> Safe | None:
    """All of them in one line, in an order that does not depend on the telling."""
    return clean(", ".join(sorted(owners))) or None


_READERS: Final[dict[str, Callable[[Json, Safe], Facts | None]]] = {
    openlineage.NAME: _openlineage,
    dbt_nodes.NAME: _dbt,
}
