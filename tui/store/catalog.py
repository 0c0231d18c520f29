"""The catalog as a value, and the one way to add to it. How names match and sources merge is in the model."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from tui.model.catalog import Deadline, Edge, Facts, Graph, Node, merged, news, normal
from tui.model.events import CatalogForgot, CatalogLearned, Event
from tui.model.graph import graph_of
from tui.model.text import Safe
from tui.store.alerts import safe
from tui.store.engine import Connection, Row
from tui.store.log import Stamp
from tui.store.projections.catalog import COUNTER
from tui.store.record import record

_deadline = msgspec.json.Decoder(Deadline).decode

_EMPTY: Final = Graph()
_VERSION: Final = (
    "SELECT coalesce(v.hash, (SELECT hash FROM event WHERE seq = (SELECT event FROM snapshot))) AS hash"
    " FROM counter c LEFT JOIN event v ON v.seq = c.last WHERE c.name = ?"
)
"""Of an event that a checkpoint replaced, the checkpoint's own hash tells which store's catalog it is."""
_newest: Final[dict[bytes, Graph]] = {}
"""The graph read last, by the hash of the event that changed the catalog last: no two stores share one."""


def learn(conn: Connection, stamp: Stamp, facts: Facts) -> Event | None:
    """Record what is new in `facts`, and of whole ones what is gone, inside the caller's transaction.

    The last event; None where nothing is new.
    """
    gone = _forget(conn, stamp, facts) if facts.whole else None
    told = [
        fresh
        for key, node in facts.named().items()
        if (fresh := news(_known(conn, key, facts.source), node)) is not None
    ]
    edges = tuple(_unknown(conn, facts))
    if not told and not edges:
        return gone
    return record(conn, stamp, CatalogLearned(source=facts.source, nodes=tuple(told), edges=edges))


def _forget(conn: Connection, stamp: Stamp, facts: Facts) -> Event | None:
    """Record what the source said before and no longer says.

    A node of which it says less now is forgotten as well, to be learned anew.
    """
    told = facts.named()
    said = conn.execute("SELECT key, name FROM node WHERE source = ? ORDER BY key", (facts.source,)).fetchall()
    nodes = tuple(Safe(row["name"]) for row in said if _is_stale(conn, row["key"], facts.source, told))
    pairs = {(normal(edge.up), normal(edge.down)) for edge in facts.edges}
    names = {row["key"]: Safe(row["name"]) for row in said}
    drawn = conn.execute("SELECT up, down FROM edge WHERE source = ? ORDER BY up, down", (facts.source,)).fetchall()
    edges = tuple(Edge(names[row["up"]], names[row["down"]]) for row in drawn if (row["up"], row["down"]) not in pairs)
    if not nodes and not edges:
        return None
    return record(conn, stamp, CatalogForgot(source=facts.source, nodes=nodes, edges=edges))


def _is_stale(conn: Connection, key: str, source: Safe, told: Mapping[str, Node]) -> bool:
    known, now = _known(conn, key, source), told.get(key)
    return now is None or (known is not None and merged(known, now) != now)


def _known(conn: Connection, key: str, source: Safe) -> Node | None:
    row = conn.execute("SELECT * FROM node WHERE key = ? AND source = ?", (key, source)).fetchone()
    if row is None:
        return None
    aliases = conn.execute(
        "SELECT name FROM node_alias WHERE node = ? AND source = ? ORDER BY alias", (key, source)
    ).fetchall()
    return _node_from(row, (Safe(alias["name"]) for alias in aliases))


def _unknown(conn: Connection, facts: Facts) -> Iterable[Edge]:
    """The edges that its source did not tell before, each once."""
    pairs = {(normal(edge.up), normal(edge.down)): edge for edge in facts.edges}
    for (up, down), edge in pairs.items():
        found = conn.execute("SELECT 1 FROM edge WHERE up = ? AND down = ? AND source = ?", (up, down, facts.source))
        if found.fetchone() is None:
            yield edge


def _node_from(row: Row, aliases: Iterable[Safe]) -> Node:
    return Node(
        name=Safe(row["name"]),
        kind=safe(row["kind"]),
        owner=safe(row["owner"]),
        tier=row["tier"],
        deadline=None if row["deadline"] is None else _deadline(row["deadline"]),
        usual_minutes=row["usual_minutes"],
        runbook=safe(row["runbook"]),
        aliases=tuple(aliases),
    )


def read_graph(conn: Connection) -> Graph:
    """The whole catalog as it is now. Kept until it changes: a screen asks for it at every look."""
    row = conn.execute(_VERSION, (COUNTER,)).fetchone()
    if row is None:
        return _EMPTY
    graph = _newest.get(row["hash"])
    if graph is None:
        graph = graph_of(_facts(conn))
        _newest.clear()
        _newest[row["hash"]] = graph
    return graph


def _facts(conn: Connection) -> Iterable[Facts]:
    aliases: dict[tuple[str, str], list[Safe]] = {}
    for row in conn.execute("SELECT node, source, name FROM node_alias ORDER BY alias"):
        aliases.setdefault((row["node"], row["source"]), []).append(Safe(row["name"]))
    nodes: dict[str, dict[str, Node]] = {}
    for row in conn.execute("SELECT * FROM node"):
        told = _node_from(row, aliases.get((row["key"], row["source"]), ()))
        nodes.setdefault(row["source"], {})[row["key"]] = told
    edges: dict[str, list[Edge]] = {}
    for row in conn.execute("SELECT * FROM edge"):
        named = nodes[row["source"]]
        edges.setdefault(row["source"], []).append(Edge(named[row["up"]].name, named[row["down"]].name))
    for source, of_source in nodes.items():
        yield Facts(source=Safe(source), nodes=tuple(of_source.values()), edges=tuple(edges.get(source, ())))


def owner_of(conn: Connection, name: str) -> Safe | None:
    """Who owns the thing of this name, if somebody is known to."""
    node = read_graph(conn).find(name)
    return node.owner if node is not None else None
