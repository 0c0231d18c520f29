"""From what sources say to one graph: which nodes are the same, whose word counts, who is next to whom. Pure."""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

import msgspec

from tui.model.catalog import FIRST_SOURCE, Facts, Graph, Node, filled, merged, normal, spelled
from tui.model.text import Safe

_Statements: TypeAlias = dict[str, dict[Safe, Node]]
"""By the normal form of a node's name: what each source says of it."""
_Table: TypeAlias = tuple[tuple[int, ...], ...]
"""For each node the places of its neighbours."""


_PARTS: Final = re.compile(r"[./]")
_TELLING: Final = 6
"""Characters of the last part of a name that may tell one thing from all others."""


def graph_of(told: Iterable[Facts]) -> Graph:
    """One graph of what all sources say.

    An alias makes two nodes one when a node of that name is there too. An alias that
    several nodes claim names none of them. What a tool calls by its database and schema is
    the only node of the team's own file that ends like it.
    """
    every = list(told)
    statements: _Statements = {}
    for facts in every:
        for key, node in facts.named().items():
            said = statements.setdefault(key, {})
            said[facts.source] = merged(said[facts.source], node) if facts.source in said else node
    claims = _claims(statements)
    for key, ours in _alike(statements):
        claims.setdefault(key, set()).add(ours)
    roots = _joined(statements, claims)
    members: dict[str, list[str]] = {}
    for key in statements:
        members.setdefault(roots[key], []).append(key)
    made = sorted(((_one(keys, statements), keys) for keys in members.values()), key=lambda one: one[0].name)
    place_of = {key: place for place, (_, keys) in enumerate(made) for key in keys}
    names = dict(place_of)
    for alias, keys in claims.items():
        if alias not in names and len({roots[key] for key in keys}) == 1:
            names[alias] = place_of[min(keys)]
    pairs = {(place_of[normal(edge.up)], place_of[normal(edge.down)]) for facts in every for edge in facts.edges}
    ups, downs = _neighbours(len(made), pairs)
    return Graph(nodes=tuple(node for node, _ in made), names=dict(sorted(names.items())), ups=ups, downs=downs)


def _claims(statements: _Statements) -> dict[str, set[str]]:
    claims: dict[str, set[str]] = {}
    for key, said in statements.items():
        for node in said.values():
            for alias in node.aliases:
                claims.setdefault(normal(alias), set()).add(key)
    return claims


def _alike(statements: _Statements) -> Iterable[tuple[str, str]]:
    """Nodes that only tools speak of, each with the one of the team's file whose name has the same last part.

    Where several of either end like it nobody can tell which is meant.
    """
    ends: dict[bool, dict[str, list[str]]] = {True: {}, False: {}}
    for key, said in statements.items():
        *before, last = _PARTS.split(min(node.name for node in said.values()))
        if before and len(last) >= _TELLING:
            ends[FIRST_SOURCE in said].setdefault(normal(last), []).append(key)
    for end, theirs in ends[False].items():
        ours = ends[True].get(end, ())
        if len(theirs) == len(ours) == 1:
            yield theirs[0], ours[0]


def _joined(statements: _Statements, claims: dict[str, set[str]]) -> dict[str, str]:
    """For each node the one that stands for it and for all that an alias makes the same; joining may settle claims."""
    above = {key: key for key in statements}

    def root(key: str) -> str:
        while above[key] != key:
            above[key] = above[above[key]]
            key = above[key]
        return key

    joins = True
    while joins:
        joins = False
        for alias, keys in claims.items():
            claiming = {root(key) for key in keys}
            if alias in above and len(claiming) == 1 and claiming != {root(alias)}:
                kept, gone = sorted((*claiming, root(alias)))
                above[gone] = kept
                joins = True
    return {key: root(key) for key in statements}


def _rank(said: tuple[Safe, Node]) -> tuple[bool, str, str]:
    source, node = said
    return source != FIRST_SOURCE, source, node.name


def _one(keys: Iterable[str], statements: _Statements) -> Node:
    """One node of all that is said of it."""
    said = [node for _, node in sorted((one for key in keys for one in statements[key].items()), key=_rank)]
    whole = said[0]
    for other in said[1:]:
        whole = filled(whole, other)
    names = (name for node in said for name in (node.name, *node.aliases))
    return msgspec.structs.replace(whole, aliases=spelled(names, normal(whole.name)))


def _neighbours(count: int, pairs: Iterable[tuple[int, int]]) -> tuple[_Table, _Table]:
    """Above and below each node, in order; nothing is above itself."""
    ups: list[list[int]] = [[] for _ in range(count)]
    downs: list[list[int]] = [[] for _ in range(count)]
    for up, down in sorted(pairs):
        if up != down:
            ups[down].append(up)
            downs[up].append(down)
    return tuple(map(tuple, ups)), tuple(map(tuple, downs))
