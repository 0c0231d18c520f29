"""Where in the catalog a signal happened, and what lies around it. It matches names first, then labels, then text."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from tui.model.catalog import Graph, Node, normal
from tui.model.signal import Kind, Signal
from tui.model.text import Safe

_SAYS_NOTHING: Final = frozenset(
    {"severity", "priority", "level", "env", "environment", "cluster", "region", "account", "team", "owner", "values"}
)
_NAMING: Final = frozenset(
    {
        "alertname",
        "dashboard",
        "dataset",
        "job",
        "name",
        "pipeline",
        "report",
        "service",
        "table",
        "task",
        "topic",
        "view",
    }
)
_ADDRESSES: Final = frozenset({"target", "instance", "url", "endpoint", "host"})
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTS: Final = re.compile(r"[=:/.]+")
_TYPED: Final = re.compile(r"[=:/\s]+")
_TELLING: Final = 6  # characters of a single word that tells one node from all others
_NO_NAMES: Final = frozenset(
    {
        "prod", "production", "daily", "hourly", "weekly", "monthly", "nightly", "main", "default", "manual",
        "scheduled", "adhoc", "example", "internal", "local", "cluster",
    }
)  # fmt: skip
_INDEX: Final = re.compile(r"\[[^\]]*\]$")
_SHORTEST: Final = 4  # characters of a single word that may stand for a node in a running text


class Places:
    """The catalog as triage asks it. Names go in, node names come out; answers are kept, the graph never changes."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._tails = _tails(graph)
        self._phrases = _phrases(graph)
        self._vocabulary = _vocabulary(graph)
        self._down: dict[Safe, dict[Safe, int]] = {}
        self._up: dict[Safe, dict[Safe, int]] = {}
        self._around: dict[Safe, frozenset[Safe]] = {}
        self._between: dict[tuple[Safe, Safe], tuple[Safe, ...]] = {}
        self._decides: dict[Safe, bool] = {}

    def __len__(self) -> int:
        return len(self.graph.nodes)

    def node(self, name: Safe) -> Node:
        """The node of this name; one that says nothing where the catalog does not know it."""
        return self.graph.find(name) or Node(name=name)

    def down(self, name: Safe) -> dict[Safe, int]:
        """What is made from `name`, with its distance, nearest first."""
        if name not in self._down:
            self._down[name] = self.graph.downstream(name)
        return self._down[name]

    def up(self, name: Safe) -> dict[Safe, int]:
        """What `name` is made from, likewise."""
        if name not in self._up:
            self._up[name] = self.graph.upstream(name)
        return self._up[name]

    def around(self, name: Safe) -> frozenset[Safe]:
        """The node, all it is made from, all that is made from it, and what is made from the same at once."""
        if name not in self._around:
            parents = [up for up, far in self.up(name).items() if far == 1]
            beside = (one for up in parents for one, far in self.down(up).items() if far == 1)
            self._around[name] = frozenset((name, *self.up(name), *self.down(name), *beside))
        return self._around[name]

    def between(self, name: Safe, below: Safe) -> tuple[Safe, ...]:
        """The nodes on a shortest way from one node to one below it, without the two; none where no way leads."""
        if (name, below) not in self._between:
            reach = self.down(name)
            whole = reach.get(below, 0)
            self._between[name, below] = tuple(
                node for node, far in reach.items() if far < whole and far + self.down(node).get(below, whole) == whole
            )
        return self._between[name, below]

    def decides(self, name: Safe) -> bool:
        """Whether something acts on it at once: a tier-1 service from which services alone lead to an end."""
        if name not in self._decides:
            node = self.node(name)
            live = node.kind == "service" and node.tier == 1 and node.deadline is None
            ends = [one for one in (name, *self.down(name)) if not self.down(one)]
            self._decides[name] = live and any(self._all_live(name, end) for end in ends)
        return self._decides[name]

    def _all_live(self, name: Safe, end: Safe) -> bool:
        way = [one for one in (name, *self.down(name)) if one == end or end in self.down(one)]
        return all(self.node(one).kind in ("service", "model") for one in way)

    def near(self, one: Safe, other: Safe) -> bool:
        """Whether two nodes have a direct upstream in common."""
        mine = {name for name, far in self.up(one).items() if far == 1}
        return any(far == 1 and name in mine for name, far in self.up(other).items())

    def place_of(self, signal: Signal) -> Safe | None:
        """The node a signal speaks of; None where the catalog has none for it."""
        for name in _names(signal):
            if (place := self.graph.names.get(name)) is not None:
                return self.graph.nodes[place].name
        for name in _names(signal):
            if (place := self._tails.get(name)) is not None:
                return self.graph.nodes[place].name
        said = self.mentioned(_CAMEL.sub(" ", signal.subject)) or self._addressed(signal)
        if not said and signal.kind is not Kind.FAILED_JOB:  # what made a job fail is not where it runs
            said = self.mentioned(signal.title)
        if said:
            return said[0]
        return self._alike(signal)

    def _addressed(self, signal: Signal) -> tuple[Safe, ...]:
        """The nodes named in what was probed or runs there."""
        return self.mentioned(" ".join(value for label, value in signal.labels.items() if label in _ADDRESSES))

    def _alike(self, signal: Signal) -> Safe | None:
        """The node that shares most words with subject or label: two, or one of its name that no other has."""
        named = [value for label, value in signal.labels.items() if label in _NAMING]
        for text in (signal.subject, *named):
            shared: Counter[int] = Counter()
            for word in (told := _words(text)):
                shared.update(self._vocabulary.get(word, ()))
            best = shared.most_common(2)
            if not best or (len(best) > 1 and best[0][1] == best[1][1]):
                continue
            place = best[0][0]
            words = {word for word in told if place in self._vocabulary.get(word, ())}
            own = _words(self.graph.nodes[place].name)
            alone = any(len(word) >= _TELLING and len(self._vocabulary[word]) == 1 for word in words & own)
            if len(words) > 1 or alone:
                return self.graph.nodes[place].name
        return None

    def mentioned(self, text: str) -> tuple[Safe, ...]:
        """The nodes that a running text names by a name or alias of theirs, longest name first."""
        words = normal(text).split(".")
        found: dict[int, int] = {}
        for at, word in enumerate(words):
            word = word.strip(",;!?()'#*")
            for phrase, place in self._phrases.get(word, ()):
                rest = [one.strip(",;!?()'#*") for one in words[at : at + len(phrase)]]
                if tuple(rest) == phrase:
                    found[place] = max(found.get(place, 0), sum(map(len, phrase)))
        return tuple(self.graph.nodes[place].name for place in sorted(found, key=lambda one: -found[one]))


def _names(signal: Signal) -> Iterator[str]:
    """Normal forms under which the catalog may know what a signal speaks of, the likeliest first."""
    subject = _INDEX.sub("", signal.subject)
    yield normal(subject)
    for label, value in signal.labels.items():
        yield normal(f"{label}={value}")
    for label, value in signal.labels.items():
        if label not in _SAYS_NOTHING and value.lower() not in _NO_NAMES:
            yield normal(value)
    parts = subject.split(".")
    for cut in range(1, len(parts)):
        yield normal(".".join(parts[cut:]))
    for cut in range(len(parts) - 1, 0, -1):
        yield normal(".".join(parts[:cut]))


def _tails(graph: Graph) -> dict[str, int]:
    """The later parts of names and aliases (`svc/checkout`, `topic=orders`, `mart.orders`), where one node has them."""
    found: dict[str, int] = {}
    twice: set[str] = set()
    for place, node in enumerate(graph.nodes):
        split = [_PARTS.split(node.name), *(_TYPED.split(alias) for alias in node.aliases)]
        for parts in split:
            for cut in range(1, len(parts)):
                tail = normal(".".join(parts[cut:]))
                if len(tail) >= _SHORTEST and tail not in _NO_NAMES and found.setdefault(tail, place) != place:
                    twice.add(tail)
    return {tail: place for tail, place in found.items() if tail not in twice}


def _vocabulary(graph: Graph) -> dict[str, frozenset[int]]:
    """Which nodes have a word in their names."""
    found: dict[str, set[int]] = {}
    for place, node in enumerate(graph.nodes):
        for name in (node.name, *node.aliases):
            for word in _words(name):
                found.setdefault(word, set()).add(place)
    return {word: frozenset(places) for word, places in found.items()}


def _words(name: str) -> set[str]:
    return {word for word in normal(name).split(".") if len(word) >= _SHORTEST} - _NO_NAMES


def _phrases(graph: Graph) -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """By their first word: the names and aliases that a text may hold, as words."""
    found: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for place, node in enumerate(graph.nodes):
        tails = (re.split(r"[=:/]+", alias, maxsplit=1)[-1] for alias in node.aliases)
        for name in dict.fromkeys((node.name, *node.aliases, *tails)):
            words = tuple(normal(name).split("."))
            if len(words) > 1 or (len(words[0]) >= _SHORTEST and words[0] not in _NO_NAMES):
                found.setdefault(words[0], []).append((words, place))
    return found
