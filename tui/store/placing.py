"""Where alerts stand in the catalog, and what it does not know. How a signal finds its node is in triage."""

import json
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.model.alert import Alert
from tui.model.catalog import Graph, Place
from tui.model.entry import MACHINE
from tui.model.moment import from_micros, to_micros
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe
from tui.store.catalog import read_graph
from tui.store.engine import Connection, Row
from tui.triage.places import Places

LATELY: Final = timedelta(days=7)
"""How far back it is asked whether the catalog knows what was heard."""
_MOST: Final = 2_000
"""Different things that were said and are looked at, the newest first."""
_newest: Final[list[tuple[Graph, Places]]] = []


def read_places(conn: Connection) -> Places:
    """The catalog as triage asks it. Kept until it changes."""
    graph = read_graph(conn)
    if not _newest or _newest[0][0] is not graph:
        _newest[:] = [(graph, Places(graph))]
    return _newest[0][1]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where an alert stands. `place` None: the catalog has no node for it; `empty`: it has none at all."""

    place: Place | None = None
    empty: bool = False

    @property
    def unknown(self) -> bool:
        """Whether there is a catalog, and the alert is not in it."""
        return self.place is None and not self.empty


def standing_of(conn: Connection, alert: Alert) -> Standing:
    """Where the catalog has what an alert, read with its labels, speaks of."""
    places = read_places(conn)
    said = _signal(alert.source, alert.subject, alert.title, alert.kind, alert.labels)
    node = places.place_of(said)
    return Standing(place=None if node is None else places.graph.around(node), empty=not len(places))


def _signal(source: Safe, subject: Safe, title: Safe, kind: Kind, labels: dict[str, Safe]) -> Signal:
    return Signal(
        source=source,
        format="",
        key=subject,
        status=SignalStatus.FIRING,
        kind=kind,
        title=title,
        subject=subject,
        labels=labels,
    )


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A subject that the catalog does not know: of how many alerts, and when one of them last spoke."""

    source: Safe
    subject: Safe
    alerts: int
    last_seen: datetime


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what was heard the catalog knows. `unknown`: the subjects with most alerts first."""

    nodes: int
    subjects: int = 0
    unknown: tuple[Unknown, ...] = ()


def coverage(conn: Connection, now: datetime) -> Coverage:
    """Which subjects of the alerts heard lately the catalog knows; with an empty one nobody is asked.

    What only informs is no alert that anybody would look for in a catalog, nor is what sev says of itself.
    """
    places = read_places(conn)
    if not len(places):
        return Coverage(nodes=0)
    rows = conn.execute(
        "SELECT a.source, a.subject, a.title, a.kind, l.labels, count(*) AS alerts, max(a.last_seen) AS seen"
        " FROM alert a LEFT JOIN label_set l ON l.digest = a.label_set WHERE a.last_seen >= ? AND a.source <> ?"
        " AND (a.verdict <> 'info' OR a.excused IS NOT NULL)"
        " GROUP BY a.source, a.subject, a.title, a.kind, a.label_set ORDER BY seen DESC LIMIT ?",
        (to_micros(now - LATELY), MACHINE, _MOST),
    ).fetchall()
    found: dict[tuple[str, str], Unknown] = {}
    for row in rows:
        if places.place_of(_said(row)) is None:
            at = (row["source"], row["subject"])
            known = found.get(at)
            found[at] = Unknown(
                source=Safe(row["source"]),
                subject=Safe(row["subject"]),
                alerts=row["alerts"] + (known.alerts if known else 0),
                last_seen=known.last_seen if known else from_micros(row["seen"]),
            )
    subjects = len({(row["source"], row["subject"]) for row in rows})
    most_first = sorted(found.values(), key=lambda one: (-one.alerts, one.source, one.subject))
    return Coverage(nodes=len(places), subjects=subjects, unknown=tuple(most_first))


def _said(row: Row) -> Signal:
    labels = {name: Safe(value) for name, value in json.loads(row["labels"] or "{}").items()}
    return _signal(Safe(row["source"]), Safe(row["subject"]), Safe(row["title"]), Kind(row["kind"]), labels)


def told(unknown: tuple[Unknown, ...], most: int) -> str:
    """`orders_v2 (12 alerts), fx (1 alert) and 3 more`; at most so many by name."""
    names = [f"{one.subject} ({one.alerts} alert{'' if one.alerts == 1 else 's'})" for one in unknown[:most]]
    more = f" and {len(unknown) - most} more" if len(unknown) > most else ""
    return ", ".join(names) + more
