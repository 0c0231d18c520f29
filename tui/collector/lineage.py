"""What payloads say of lineage and ownership, on its way into the catalog."""

import logging
from collections.abc import Callable
from typing import Final

from tui.collector.delivery import Prepared
from tui.formats import openlineage, openlineage_graph
from tui.formats.decode import Json, parse_json
from tui.model.catalog import Edge, Facts, Node
from tui.model.text import Safe, clean
from tui.store import catalog
from tui.store.engine import Connection
from tui.store.log import Stamp

logger = logging.getLogger("sev.collector")


def learn(conn: Connection, stamp: Stamp, prepared: Prepared) -> None:
    """Add what a payload says of the catalog to it; formats that say nothing of it are left alone.

    Never raises for what is in the payload: its signals count, with or without its lineage.
    """
    read = _READERS.get(prepared.format)
    if read is None:
        return
    try:
        facts = read(parse_json(prepared.kept), prepared.source)
    except Exception:  # a fault here must not lose the whole batch
        logger.exception("reading the lineage in a payload of %s failed", prepared.source)
        return
    catalog.learn(conn, stamp, facts)


def _openlineage(body: Json, source: Safe) -> Facts:
    """Its nodes under the names that signals call them by; a namespace is no part of them."""
    graph = openlineage_graph.graph_of(body)
    names = {node.id: node.name for node in graph.nodes}
    nodes = tuple(
        Node(name=node.name, kind=Safe(node.kind), owner=_owners(node.owners), aliases=node.aliases)
        for node in graph.nodes
    )
    return Facts(source=source, nodes=nodes, edges=tuple(Edge(names[up], names[down]) for up, down in graph.edges))


def _owners(owners: tuple[Safe, ...]) -> Safe | None:
    """All of them in one line, in an order that does not depend on the telling."""
    return clean(", ".join(sorted(owners))) if owners else None


_READERS: Final[dict[str, Callable[[Json, Safe], Facts]]] = {openlineage.NAME: _openlineage}
