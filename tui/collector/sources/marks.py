"""What a poll writes besides signals: that an alert still stands as it was told, and that one is heard of no more."""

import os
from collections.abc import Sequence
from datetime import datetime

from tui.model import events as ev
from tui.model.alert import Alert, AlertStatus
from tui.model.entry import MACHINE, Actor
from tui.store.alerts import get_alert
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.record import record


def were_heard(conn: Connection, now: datetime, alerts: Sequence[int]) -> None:
    """Their tool lists them as it did before: one repeat of each, so that none of them goes quiet."""
    for alert in _standing(conn, alerts):
        body = ev.SignalRepeated(n=1, first=now, last=now)
        record(conn, _stamp(now), body, incident=alert.incident, alert=alert.id)


def went_quiet(conn: Connection, now: datetime, alerts: Sequence[int]) -> None:
    """Their tool lists them no more, and nobody can tell how they ended."""
    for alert in _standing(conn, alerts):
        record(conn, _stamp(now), ev.WentQuiet(since=alert.last_seen), incident=alert.incident, alert=alert.id)


def _standing(conn: Connection, alerts: Sequence[int]) -> list[Alert]:
    """Those that nobody cleared or marked as quiet meanwhile."""
    found = [get_alert(conn, number) for number in alerts]
    return [alert for alert in found if alert.status not in (AlertStatus.RESOLVED, AlertStatus.QUIET)]


def _stamp(now: datetime) -> Stamp:
    return Stamp(actor=Actor(MACHINE, os.getuid()), now=now)
