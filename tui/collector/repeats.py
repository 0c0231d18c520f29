"""What came before: deliveries known by their id or their body, and the repeats of alerts that a batch has counted."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.collector.delivery import Prepared
from tui.model import events as ev
from tui.model.alert import Alert
from tui.model.entry import MACHINE, Actor
from tui.model.text import clean
from tui.store import payloads
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.record import record

SAME_BODY_FOR: Final = timedelta(minutes=5)
"""How long a body alone, without a delivery id, is known as a repeat."""


class Seen(msgspec.Struct, frozen=True):
    """Whether a delivery came before: under its own id, or as the same body a moment ago."""

    by_id: bool
    by_body: bool


def seen_before(conn: Connection, prepared: Prepared) -> Seen:
    """Whether a delivery came before, as far as was noted."""
    body = payloads.delivered_before(conn, prepared.source, f"body:{prepared.digest}")
    named = prepared.delivery_id and payloads.delivered_before(conn, prepared.source, _token(prepared.delivery_id))
    recent = body is not None and prepared.received_at - body <= SAME_BODY_FOR
    return Seen(by_id=bool(named), by_body=recent)


def note(conn: Connection, prepared: Prepared, seen: Seen) -> None:
    """Remember a delivery: its body for a while, its id for ever."""
    payloads.note_delivery(conn, prepared.source, f"body:{prepared.digest}", prepared.received_at)
    if prepared.delivery_id and not seen.by_id:
        payloads.note_delivery(conn, prepared.source, _token(prepared.delivery_id), prepared.received_at)


def _token(delivery_id: str) -> str:
    """A delivery id as the store knows it: senders' ids may be long, or hold anything."""
    shown = clean(delivery_id, 200)
    digest = "" if shown == delivery_id else payloads.digest_of(delivery_id.encode("utf-8", "surrogatepass"))
    return f"id:{digest or shown}"


class _Counted(msgspec.Struct):
    """Repeats of one alert that were counted and not yet written."""

    alert: int
    incident: int | None
    uid: int
    first: datetime
    last: datetime
    n: int = 0


class Repeats:
    """Repeats of a batch: those of one alert are one event, at the batch's end or before its next change."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self._conn = conn
        self._now = now
        self._counted: dict[tuple[int, int], _Counted] = {}

    def count(self, alert: Alert, prepared: Prepared) -> None:
        """One more of `alert`."""
        at = prepared.received_at
        found = self._counted.setdefault(
            (alert.id, prepared.uid),
            _Counted(alert=alert.id, incident=alert.incident, uid=prepared.uid, first=at, last=at),
        )
        found.n += 1
        found.first, found.last = min(found.first, at), max(found.last, at)

    def write(self, alert: int | None = None) -> None:
        """Write what was counted, of one alert or of all."""
        for place, counted in list(self._counted.items()):
            if alert is None or counted.alert == alert:
                body = ev.SignalRepeated(n=counted.n, first=counted.first, last=counted.last)
                stamp = Stamp(actor=Actor(MACHINE, counted.uid), now=self._now, at=min(counted.last, self._now))
                record(self._conn, stamp, body, incident=counted.incident, alert=counted.alert)
                del self._counted[place]
