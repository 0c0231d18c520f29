"""The post-mortem of one incident: read from the store here, written as Markdown by `document`."""

from collections.abc import Iterator
from typing import Final

from tui.model.entry import Entry, EntryKind
from tui.model.events import Declared, PhaseChanged, SeverityChanged
from tui.reports.document import to_markdown
from tui.reports.facts import PostMortem, Step
from tui.reports.secrets import hide
from tui.reports.shapes import updates_of
from tui.store import log
from tui.store.alerts import alerts_of_incident
from tui.store.engine import Connection
from tui.store.entries import timeline
from tui.store.incidents import get_incident, get_rca

__all__ = ["PostMortem", "build", "to_markdown"]

_EVERY_ENTRY: Final = 1_000_000
_STEPS: Final = (EntryKind.DECLARE, EntryKind.SEVERITY, EntryKind.PHASE)


def build(conn: Connection, number: int) -> PostMortem:
    """The facts of an incident, on the caller's snapshot, without secrets. Raises NotFoundError."""
    incident = get_incident(conn, number)
    entries = tuple(timeline(conn, number, limit=_EVERY_ENTRY))
    events, head = log.head(conn)
    facts = PostMortem(
        incident=incident,
        alerts=tuple(alerts_of_incident(conn, number)),
        entries=entries,
        rca=get_rca(conn, number),
        updates=tuple(updates_of(entries)),
        steps=tuple(_steps(conn, entries)),
        events=events,
        head=head.hex(),
    )
    return hide(facts)


def _steps(conn: Connection, entries: tuple[Entry, ...]) -> Iterator[Step]:
    """What the entries' own events say of severity and phase; the sentences are not read back."""
    for entry in sorted(entries, key=lambda one: one.seq):
        if entry.kind not in _STEPS or entry.taken_back:
            continue
        for event in log.since(conn, entry.seq - 1, limit=1):
            match event.body:
                case Declared(severity=severity, reason=reason) | SeverityChanged(severity=severity, reason=reason):
                    yield Step(at=event.at, severity=severity, reason=reason)
                case PhaseChanged(phase=phase, reason=reason, forced=forced):
                    yield Step(at=event.at, phase=phase, reason=reason, forced=forced)
