"""The catalog, source by source; whose word counts where they disagree is decided when it is read."""

from typing import cast

import msgspec

from tui.model import events as ev
from tui.model.catalog import Node, normal
from tui.store.engine import Connection
from tui.store.rows import number_used

COUNTER = "catalog"
"""The counter that holds the newest event by which the catalog changed."""


def learned(conn: Connection, event: ev.Event) -> None:
    """Its nodes, its edges, and the ends of those: an edge never hangs in the air."""
    body = cast("ev.CatalogLearned", event.body)
    number_used(conn, COUNTER, event.seq)
    for node in body.nodes:
        _learn_node(conn, body.source, node)
    for end in (end for edge in body.edges for end in (edge.up, edge.down)):
        _learn_node(conn, body.source, Node(name=end))
    conn.executemany(
        "INSERT OR IGNORE INTO edge (up, down, source) VALUES (?,?,?)",
        [(normal(edge.up), normal(edge.down), body.source) for edge in body.edges],
    )


def forgot(conn: Connection, event: ev.Event) -> None:
    """What other sources say of the same stays."""
    body = cast("ev.CatalogForgot", event.body)
    number_used(conn, COUNTER, event.seq)
    keys = [(normal(name), body.source) for name in body.nodes]
    conn.executemany("DELETE FROM node WHERE key = ? AND source = ?", keys)
    conn.executemany("DELETE FROM node_alias WHERE node = ? AND source = ?", keys)
    conn.executemany(
        "DELETE FROM edge WHERE up = ? AND down = ? AND source = ?",
        [(normal(edge.up), normal(edge.down), body.source) for edge in body.edges],
    )


def _learn_node(conn: Connection, source: str, node: Node) -> None:
    """What is not in the news stays as it was; of two spellings the smaller stands."""
    key = normal(node.name)
    deadline = None if node.deadline is None else msgspec.json.encode(node.deadline).decode()
    conn.execute(
        "INSERT INTO node (key, source, name, kind, owner, tier, deadline, usual_minutes, runbook)"
        " VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (key, source) DO UPDATE SET name = min(name, excluded.name),"
        " kind = coalesce(excluded.kind, kind), owner = coalesce(excluded.owner, owner),"
        " tier = coalesce(excluded.tier, tier), deadline = coalesce(excluded.deadline, deadline),"
        " usual_minutes = coalesce(excluded.usual_minutes, usual_minutes),"
        " runbook = coalesce(excluded.runbook, runbook)",
        (key, source, node.name, node.kind, node.owner, node.tier, deadline, node.usual_minutes, node.runbook),
    )
    conn.executemany(
        "INSERT INTO node_alias (node, alias, source, name) VALUES (?,?,?,?)"
        " ON CONFLICT (node, source, alias) DO UPDATE SET name = min(name, excluded.name)",
        [(key, normal(alias), source, alias) for alias in node.aliases],
    )
