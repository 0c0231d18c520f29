"""What time alone changes: a snooze ends, an alert goes quiet. No event loop and no clock: `now` is passed in."""

from datetime import datetime, timedelta
from typing import Final

from tui.model import events as ev
from tui.model.entry import MACHINE, Actor
from tui.store.alerts import get_alert, snoozes_over, unheard_since
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.record import record

_AT_ONCE: Final = 200  # of each kind in one transaction; the rest is there a second later


def due(conn: Connection, now: datetime, quiet_after: timedelta) -> bool:
    """Whether `tick` would write anything."""
    return bool(snoozes_over(conn, now) or unheard_since(conn, now - quiet_after))


def tick(conn: Connection, now: datetime, quiet_after: timedelta, uid: int) -> int:
    """End the snoozes that are over, mark the alerts not heard for `quiet_after`; how many events that made."""
    stamp = Stamp(actor=Actor(MACHINE, uid), now=now)
    over = snoozes_over(conn, now)[:_AT_ONCE]
    for number in over:
        record(conn, stamp, ev.SnoozeEnded(), incident=get_alert(conn, number).incident, alert=number)
    unheard = unheard_since(conn, now - quiet_after)[:_AT_ONCE]
    for alert in unheard:
        record(conn, stamp, ev.WentQuiet(since=alert.last_seen), incident=alert.incident, alert=alert.id)
    return len(over) + len(unheard)
