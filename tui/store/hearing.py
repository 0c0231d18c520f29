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
    """The signals received after `since` that said something new of an alert, and the changes, as they came.

    Also older ones of alerts that nobody has judged yet.
    """
    rows = conn.execute(
        "SELECT * FROM event WHERE seq > (SELECT ifnull(max(seq), 0) FROM event) - ? AND kind IN ('signal', 'change')"
        " AND recorded_at >= ?",
        (MOST, to_micros(since)),
    ).fetchall()
    left = conn.execute(
        "SELECT v.* FROM alert a JOIN entry e ON e.alert = a.id JOIN event v ON v.seq = e.seq"
        " WHERE a.verdict = 'received' AND v.kind = 'signal'"
    ).fetchall()
    told = {row["seq"]: row for row in (*left, *rows)}
    every = (heard_in(conn, from_row(told[seq])) for seq in sorted(told))
    return [heard for heard in every if heard is not None]


def untold(conn: Connection, seq: int) -> bool:
    """Whether the log holds anything after `seq` that triage has to hear: signals, changes, a catalog that changed."""
    asked = "SELECT 1 FROM event WHERE seq > ? AND kind IN ('signal', 'change', 'catalog', 'catalog.off') LIMIT 1"
    return conn.execute(asked, (seq,)).fetchone() is not None


def note_judged(conn: Connection, seq: int) -> None:
    """Triage has heard the log up to `seq`, and what it makes of that is written in this transaction."""
    conn.execute("INSERT INTO judged VALUES (1, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq", (seq,))


def judged_up_to(conn: Connection) -> int:
    """The last event that triage has heard, by whoever held the lease then; 0: it never did."""
    row = conn.execute("SELECT seq FROM judged").fetchone()
    return row["seq"] if row else 0


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
