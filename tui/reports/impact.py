"""Impact: who is hit by trouble and who will be, what changed before it, who owns its root; gathered and worded."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import msgspec

from tui.model.alert import Alert, Consumer, ConsumerState, Verdict, worst_first
from tui.model.catalog import Graph, Node
from tui.model.change import Change
from tui.model.ids import Ref
from tui.model.moment import due, rfc3339
from tui.model.severity import Severity
from tui.model.signal import Kind
from tui.model.text import Safe
from tui.reports import shapes
from tui.reports.shapes import Shape
from tui.store.alerts import alerts_of_incident, get_alert, get_alerts, get_candidate
from tui.store.catalog import read_graph
from tui.store.changes import near
from tui.store.engine import Connection
from tui.store.incidents import get_incident
from tui.store.similar import standing_for
from tui.triage.deadlines import due_after

_CHANGES: Final = 5
_LEAST_TIER: Final = 9  # where the catalog names none
STATES: Final = {
    ConsumerState.WRONG: "WRONG",
    ConsumerState.MISSING: "MISSING",
    ConsumerState.LATE: "LATE",
    ConsumerState.AT_RISK: "at risk",
    ConsumerState.OK: "well",
}
"""The words for how a consumer does; what is hit is written large."""

_FAULTS: Final = {Kind.FAILED_JOB: ConsumerState.MISSING, Kind.DATA_QUALITY: ConsumerState.WRONG}

Clock = Callable[[datetime], str]
"""How a clock time is written."""


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert, candidate or incident (`ref`) does to others. Consumers come worst first.

    `downstream`: what else is made from the root, by tier; nothing is known to be wrong with it yet.
    """

    ref: Ref
    title: Safe
    severity: Severity | None
    root: Safe
    owner: Safe | None = None
    consumers: tuple[Consumer, ...] = ()
    downstream: tuple[Node, ...] = ()
    changes: tuple[Change, ...] = ()
    known: bool = False
    """Whether the catalog knows the root."""

    @property
    def hit(self) -> int:
        return sum(one.hit for one in self.consumers)


def gather(conn: Connection, ref: Ref, now: datetime) -> Impact:
    """The impact of what `ref` is part of: an alert stands for its incident or candidate. Raises NotFoundError."""
    subject = standing_for(conn, ref)
    title, severity, root, weighed = _subject(conn, subject)
    graph = read_graph(conn)
    node = graph.find(root)
    consumers = (*weighed, *_failing(conn, subject, graph, root, weighed))
    named = {other.name if (other := graph.find(one.name)) else one.name for one in consumers}
    return Impact(
        ref=subject,
        title=title,
        severity=severity,
        root=root,
        owner=node.owner if node is not None else None,
        consumers=worst_first(consumers),
        downstream=_not_yet(graph, root, named),
        changes=tuple(near(conn, root, now, _CHANGES)),
        known=node is not None,
    )


def _subject(conn: Connection, ref: Ref) -> tuple[Safe, Severity | None, Safe, tuple[Consumer, ...]]:
    if ref.prefix == "INC":
        incident = get_incident(conn, ref.number)
        return incident.title, incident.severity, incident.root_name, incident.consumers
    if ref.prefix == "C":
        candidate = get_candidate(conn, ref.number)
        return candidate.title, candidate.severity, candidate.root_name, candidate.consumers
    alert = get_alert(conn, ref.number)
    return alert.headline, alert.severity, alert.subject, ()


def _failing(conn: Connection, ref: Ref, graph: Graph, root: Safe, weighed: tuple[Consumer, ...]) -> Iterator[Consumer]:
    """What is below the root and has a firing alert of its own: it is hit, whether or not triage weighed it yet."""
    below = graph.downstream(root)
    seen = {graph.find(one.name) for one in weighed}
    for alert in _alerts(conn, ref):
        node = graph.find(alert.subject)
        if node is None or node in seen or node.name not in below or not alert.still_fires:
            continue
        if alert.verdict is Verdict.INCIDENT:
            seen.add(node)
            yield Consumer(name=node.name, state=_FAULTS.get(alert.kind, ConsumerState.LATE), tier=node.tier)


def _alerts(conn: Connection, ref: Ref) -> list[Alert]:
    if ref.prefix == "INC":
        return alerts_of_incident(conn, ref.number)
    return get_alerts(conn, get_candidate(conn, ref.number).alerts) if ref.prefix == "C" else []


def _not_yet(graph: Graph, root: Safe, hit: set[Safe]) -> tuple[Node, ...]:
    below = graph.downstream(root)
    nodes = [node for name in below if name not in hit and (node := graph.find(name)) is not None]
    return tuple(sorted(nodes, key=lambda node: (node.tier or _LEAST_TIER, below[node.name], node.name)))


def needed_by(at: datetime | None, now: datetime, clock: Clock) -> str:
    """`due 09:00Z, in 42m`; `due 09:00Z, late 12m`; empty where nothing is due."""
    return "" if at is None else f"due {clock(at)}, {due(at, now)}"


def worst(consumers: tuple[Consumer, ...], now: datetime) -> str:
    """The consumer that matters most, in few words: `late 7m stock report`, `WRONG ledger`; empty without any."""
    if not consumers:
        return ""
    one = worst_first(consumers)[0]
    return f"{in_a_word(one, now)} {one.name}"


def in_a_word(one: Consumer, now: datetime) -> str:
    """How a consumer does, as short as it goes: `late 7m`, `WRONG`, `in 42m`, `at risk`."""
    at = one.deadline
    if at is not None and (not one.hit or (one.state is ConsumerState.LATE and at <= now)):
        return due(at, now)
    return STATES[one.state]


def summed(shown: Impact) -> str:
    """`root raw.orders (data-eng): 2 hit, 3 at risk, 7 more downstream`; says so where nothing is known."""
    whose = f" ({shown.owner})" if shown.owner else ""
    lead = f"root {shown.root}{whose}" if shown.root else "no root is known"
    told = [f"{shown.hit} hit"] if shown.hit else []
    risks = len(shown.consumers) - shown.hit
    told += [f"{risks} at risk"] if risks else []
    told += [f"{len(shown.downstream)} more downstream"] if shown.downstream else []
    if not told:
        return f"{lead}: nothing downstream" if shown.known else f"{lead}: not in the catalog"
    return f"{lead}: {', '.join(told)}"


def due_next(node: Node, now: datetime) -> datetime | None:
    """When something downstream is needed next."""
    return None if node.deadline is None else due_after(node.deadline, now)


def tier(number: int | None) -> str:
    """`tier 1`; empty where the catalog names none."""
    return "" if number is None else f"tier {number}"


def shape(shown: Impact, now: datetime) -> Shape:
    """The same as JSON."""
    return {
        "id": str(shown.ref),
        "title": shown.title,
        "severity": None if shown.severity is None else int(shown.severity),
        "root": shown.root or None,
        "owner": shown.owner,
        "consumers": [shapes.consumer(one) for one in shown.consumers],
        "downstream": [
            {
                "name": node.name,
                "kind": node.kind,
                "tier": node.tier,
                "owner": node.owner,
                "deadline": rfc3339(due_next(node, now)),
            }
            for node in shown.downstream
        ],
        "changes": [shapes.change(one) for one in shown.changes],
    }
