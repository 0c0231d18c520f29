"""What was heard lately, as signals again: from these triage rebuilds its state."""

from datetime import datetime
from typing import Final

import msgspec

from tui.model.events import ChangeSeen, Event, SignalSeen
from tui.model.moment import to_micros
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean
from tui.store.alerts import labels_of
from tui.store.engine import Connection
from tui.store.log import from_row

MOST: Final = 20_000
"""Events looked back at, whatever their age: a storm must not make a takeover slow."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A signal as it came, when it came, and the alert that it is part of; None: of none."""

    signal: Signal
    received_at: datetime
    alert: int | None


def heard_since(conn: Connection, since: datetime) -> list[Heard]:
    """The signals received after `since` that said something new of an alert, and the changes, as they came."""
    rows = conn.execute(
        "SELECT * FROM event WHERE seq > (SELECT ifnull(max(seq), 0) FROM event) - ? AND kind IN ('signal', 'change')"
        " AND recorded_at >= ? ORDER BY seq",
        (MOST, to_micros(since)),
    ).fetchall()
    return [heard for row in rows if (heard := heard_in(conn, from_row(row))) is not None]


def heard_in(conn: Connection, event: Event) -> Heard | None:
    """The signal that an event keeps; None for an event that keeps none, or one that was redacted."""
    if isinstance(event.body, SignalSeen) and event.alert is not None:
        return _heard(conn, event.body, event.alert)
    return _change(event.body, event) if isinstance(event.body, ChangeSeen) else None


def _change(body: ChangeSeen, event: Event) -> Heard:
    """Of a change its words are kept, and what it touches; not every label that it came with."""
    touches = {"touches": clean(", ".join(body.touches))} if body.touches else {}
    signal = Signal(
        source=body.source,
        format="",
        key=body.key,
        status=SignalStatus.INFO,
        kind=Kind.CHANGE,
        title=body.what,
        subject=body.touches[0] if body.touches else body.what,
        at=event.at if body.dated else None,
        labels={"by": Safe(body.actor), **touches},
        links=body.links,
    )
    return Heard(signal=signal, received_at=event.recorded_at, alert=None)


def _heard(conn: Connection, body: SignalSeen, alert: int) -> Heard:
    signal = Signal(
        source=body.source,
        format=body.format,
        key=body.key,
        status=body.word,
        kind=body.kind_of,
        title=body.title,
        subject=body.subject,
        run=body.run,
        attempt=body.attempt,
        max_attempts=body.max_attempts,
        severity_word=body.severity_word,
        severity_hint=body.severity_hint,
        starts=body.starts,
        ended_at=body.ended_at,
        labels=labels_of(conn, body.labels),
        links=body.links,
    )
    return Heard(signal=signal, received_at=body.received_at, alert=alert)
