"""An incident made into a scenario folder: the payloads that told of it, and the catalog around it."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from tui.collector.bodies import json_in
from tui.drills.scenario import CATALOG, SIGNALS
from tui.errors import NotJsonError, RefusedError, SevError
from tui.formats.catalog_file import CatalogFile, catalog_json
from tui.formats.decode import Json, parse_json
from tui.model.catalog import FIRST_SOURCE, Edge, Facts, Graph
from tui.model.events import ChangeSeen, Event, SignalSeen
from tui.model.text import Safe
from tui.reports.secrets import hide
from tui.store import catalog, log, payloads
from tui.store.engine import Connection
from tui.store.hearing import heard_in
from tui.store.incidents import get_incident
from tui.triage.places import Places


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One line: seconds since the start, who told, and what."""

    t: float
    source: Safe
    payload: Json


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario made of an incident. `names`: who and what is named in its catalog and as its sources."""

    lines: tuple[Told, ...]
    catalog: CatalogFile
    names: tuple[Safe, ...]

    def write(self, folder: Path) -> None:
        """Write the folder. Raises RefusedError where a scenario lies there already."""
        if (folder / SIGNALS).exists() or (folder / CATALOG).exists():
            raise RefusedError(f"{folder} is a scenario already", "it is not overwritten", "name another folder")
        lines = "".join(json.dumps(msgspec.to_builtins(line)) + "\n" for line in self.lines)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / SIGNALS).write_text(lines, "utf-8")
            (folder / CATALOG).write_bytes(catalog_json(self.catalog))
        except OSError as error:
            raise SevError(f"cannot write {folder}", error.strerror or str(error), "give another -o DIR") from error


def record_incident(conn: Connection, number: int) -> Recorded:
    """What an incident's alerts and changes were made of, each payload once, without secrets.

    Raises NotFoundError, SevError.
    """
    incident = get_incident(conn, number)
    events = list(_events(conn, number, frozenset(incident.alerts)))
    delivered = _deliveries(events)
    if not delivered:
        raise SevError(f"INC-{number} has no payloads", "people told of it, or they were redacted", "note it by hand")
    start = delivered[0][0].replace(microsecond=0)
    lines = tuple(
        Told(t=round((at - start).total_seconds(), 3), source=source, payload=hide(_payload(body)))
        for at, source, digest in delivered
        if (body := payloads.payload(conn, digest)) is not None
    )
    graph = catalog.read_graph(conn)
    facts = hide(_around(graph, _places(conn, graph, events)))
    return Recorded(lines=lines, catalog=CatalogFile(start=start, facts=facts), names=_names(lines, facts))


def _events(conn: Connection, incident: int, alerts: frozenset[int]) -> Iterator[Event]:
    for event in map(log.from_row, log.rows_in_order(conn)):
        of_alert = isinstance(event.body, SignalSeen) and event.alert in alerts
        if of_alert or (isinstance(event.body, ChangeSeen) and event.incident == incident):
            yield event


def _deliveries(events: Iterable[Event]) -> list[tuple[datetime, Safe, str]]:
    """Each delivery once, however many alerts it spoke of: when it came, from whom, the digest of its bytes."""
    found: dict[tuple[datetime, Safe, str], None] = {}
    for event in events:
        body = event.body
        if isinstance(body, SignalSeen):
            found[body.received_at, body.source, body.payload] = None
        elif isinstance(body, ChangeSeen):
            found[event.recorded_at, body.source, body.payload] = None
    return sorted(found, key=lambda one: one[0])


def _payload(body: bytes) -> Json:
    """As JSON where it is; what is none stays the text that was sent."""
    inner = json_in(body, {})
    try:
        return parse_json(inner)
    except NotJsonError:
        return inner.decode("utf-8", "replace")


def _places(conn: Connection, graph: Graph, events: Iterable[Event]) -> set[Safe]:
    """The nodes that its signals speak of."""
    places = Places(graph)
    heard = [one.signal for event in events if (one := heard_in(conn, event)) is not None]
    return {node for signal in heard if (node := places.place_of(signal)) is not None}


def _around(graph: Graph, named: set[Safe]) -> Facts:
    """These nodes with all that lies above and below them, and the edges between."""
    whole = set(named)
    for name in named:
        whole |= {*graph.upstream(name), *graph.downstream(name)}
    kept = {place: node for place, node in enumerate(graph.nodes) if node.name in whole}
    edges = tuple(
        Edge(kept[up].name, kept[down].name)
        for down, ups in enumerate(graph.ups)
        for up in ups
        if {up, down} <= {*kept}
    )
    return Facts(source=FIRST_SOURCE, nodes=tuple(kept.values()), edges=tuple(sorted(edges)))


def _names(lines: Iterable[Told], facts: Facts) -> tuple[Safe, ...]:
    told = {line.source for line in lines}
    for node in facts.nodes:
        told |= {node.name, *node.aliases, *((node.owner,) if node.owner else ())}
    return tuple(sorted(told))
