"""The catalog: what runs and what is made, who owns it, when it is due, and what is made from what. Pure.

Sources (a team's file, OpenLineage, dbt) state facts; how one graph is made of them is in `graph`.
Names are matched by alias first, then by their normal form.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import time
from functools import lru_cache
from typing import Final

import msgspec

from tui.model.text import Safe

FIRST_SOURCE: Final = Safe("catalog")
"""The team's own file: where sources disagree its word counts, then that of the first by name."""

_QUOTES = str.maketrans("", "", "\"'`[]")
_SEPARATORS = re.compile(r"[\s./\\:|=_-]+")


@lru_cache(1 << 15)
def normal(name: str) -> str:
    """The form in which names are compared: lower-case, without quotes, every run of separators one dot.

    `"Raw"."Orders"`, `raw/orders` and `raw_orders` are the same name. What holds nothing
    but separators stays as it is.
    """
    lowered = name.lower().translate(_QUOTES)
    return _SEPARATORS.sub(".", lowered).strip(".") or name.lower()


class Deadline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a thing must be there: a local time, on these days (Monday is 0; none named: every day)."""

    at: time
    timezone: str = "UTC"
    days: tuple[int, ...] = ()


class Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A job, dataset, service, model, dashboard or report. None: nothing was said of it.

    `tier` 1 is the most important; `usual_minutes` is how long a run takes as a rule;
    `aliases` are other names, of which tools may speak.
    """

    name: Safe
    kind: Safe | None = None
    owner: Safe | None = None
    tier: int | None = None
    deadline: Deadline | None = None
    usual_minutes: int | None = None
    runbook: Safe | None = None
    aliases: tuple[Safe, ...] = ()


class Edge(msgspec.Struct, frozen=True, order=True):
    """`down` is made from `up`."""

    up: Safe
    down: Safe


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says. `whole`: it is all that it says, so what it said before and is not in here is gone."""

    source: Safe
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    whole: bool = False

    def named(self) -> dict[str, Node]:
        """Its nodes by the normal form of their names, those included that only an edge names."""
        ends = [Node(name=end) for edge in self.edges for end in (edge.up, edge.down)]
        found: dict[str, Node] = {}
        for node in (*self.nodes, *ends):
            key = normal(node.name)
            found[key] = merged(found[key], node) if key in found else msgspec.structs.replace(
                node, aliases=spelled(node.aliases, key)
            )  # fmt: skip
        return found


def filled(known: Node, other: Node) -> Node:
    """`known`, and what `other` says where it says nothing."""
    return Node(
        name=known.name,
        kind=known.kind or other.kind,
        owner=known.owner or other.owner,
        tier=other.tier if known.tier is None else known.tier,
        deadline=known.deadline or other.deadline,
        usual_minutes=other.usual_minutes if known.usual_minutes is None else known.usual_minutes,
        runbook=known.runbook or other.runbook,
        aliases=known.aliases,
    )


def spelled(aliases: Iterable[Safe], but: str) -> tuple[Safe, ...]:
    """Each alias once, in its smallest spelling, without `but`; in order."""
    kept: dict[str, Safe] = {}
    for alias in sorted(aliases):
        if (key := normal(alias)) != but:
            kept.setdefault(key, alias)
    return tuple(kept[key] for key in sorted(kept))


_MADE_AND_MAKER: Final = {"dataset", "job"}


def _kind(known: Safe | None, told: Safe | None) -> Safe | None:
    """A table and the job that makes it may go by one name: then it is the table."""
    if {known, told} == _MADE_AND_MAKER:
        return Safe("dataset")
    return told or known


def merged(known: Node, told: Node) -> Node:
    """What a source says of a node, after it said `told` too: its later word counts, silence changes nothing."""
    whole = filled(told, known)
    return msgspec.structs.replace(
        whole,
        name=min(known.name, told.name),
        kind=_kind(known.kind, told.kind),
        aliases=spelled((*known.aliases, *told.aliases), normal(known.name)),
    )


def news(known: Node | None, told: Node) -> Node | None:
    """Of `told` only what is not in `known` (both of one source); None where it says nothing new."""
    if known is None:
        return told
    after = merged(known, told)
    if after == known:
        return None

    def new(name: str) -> bool:
        return bool(getattr(after, name) != getattr(known, name))

    return Node(
        name=after.name,
        kind=after.kind if new("kind") else None,
        owner=after.owner if new("owner") else None,
        tier=after.tier if new("tier") else None,
        deadline=after.deadline if new("deadline") else None,
        usual_minutes=after.usual_minutes if new("usual_minutes") else None,
        runbook=after.runbook if new("runbook") else None,
        aliases=tuple(alias for alias in after.aliases if alias not in known.aliases),
    )


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A node and everything above and below it, the nearest first."""

    node: Node
    upstream: tuple[Safe, ...] = ()
    downstream: tuple[Safe, ...] = ()


def counted(names: Sequence[Safe]) -> str | None:
    """How many there are and the first three: `5: raw.orders, kafka.auth, fx and 2 more`; None for none."""
    if not names:
        return None
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{len(names)}: {', '.join(names[:3])}{more}"


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """All sources in one. `graph_of` makes it; equal facts make equal graphs.

    `names` leads from the normal form of a name or alias to a place in `nodes`; `ups`
    and `downs` hold the neighbours of each node as such places.
    """

    nodes: tuple[Node, ...] = ()
    names: dict[str, int] = {}
    ups: tuple[tuple[int, ...], ...] = ()
    downs: tuple[tuple[int, ...], ...] = ()

    def find(self, name: str) -> Node | None:
        """The node of this name or alias."""
        place = self.names.get(normal(name))
        return None if place is None else self.nodes[place]

    def names_of(self, name: str) -> frozenset[str]:
        """Every name of the same thing in its normal form; at least that of `name` itself."""
        own, node = normal(name), self.find(name)
        if node is None:
            return frozenset({own})
        place = self.names[own]
        known = (normal(other) for other in (node.name, *node.aliases))
        return frozenset({own, *(other for other in known if self.names.get(other) == place)})

    def upstream(self, name: str, steps: int | None = None) -> dict[Safe, int]:
        """What `name` is made from, with the distance, nearest first; at most `steps` away (None: all of it)."""
        return self._walk(name, self.ups, steps)

    def downstream(self, name: str, steps: int | None = None) -> dict[Safe, int]:
        """What is made from `name`, likewise."""
        return self._walk(name, self.downs, steps)

    def around(self, name: str) -> Place | None:
        """Where `name` stands; None where the catalog does not know it."""
        node = self.find(name)
        if node is None:
            return None
        return Place(node=node, upstream=tuple(self.upstream(name)), downstream=tuple(self.downstream(name)))

    def _walk(self, name: str, table: tuple[tuple[int, ...], ...], steps: int | None) -> dict[Safe, int]:
        start = self.names.get(normal(name))
        if start is None:
            return {}
        found = {start: 0}
        queue = [start]
        for place in queue:
            if steps is not None and found[place] >= steps:
                break
            for other in table[place]:
                if other not in found:
                    found[other] = found[place] + 1
                    queue.append(other)
        return {self.nodes[place].name: found[place] for place in queue[1:]}
