"""A signal that tells of a change becomes a change, once, and never an alert."""

from collections.abc import Callable
from datetime import datetime

from tui.collector.delivery import Prepared
from tui.model.change import actor_of, happened_at, is_dated, known, touches_of
from tui.model.entry import MACHINE, Actor
from tui.model.events import ChangeSeen
from tui.model.signal import Kind, Signal
from tui.store.changes import incident_touched, of_key
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.record import record
from tui.store.rows import next_number


def known_change(conn: Connection, signal: Signal, received_at: datetime) -> int | None:
    """The number of the change that `signal` tells of once more; None for another one."""
    found = known(signal, received_at, of_key(conn, signal.key))
    return None if found is None else found.id


def take_changes(
    conn: Connection, now: datetime, prepared: Prepared, *, repeat: bool, hear: Callable[[Signal], object]
) -> tuple[int, ...]:
    """Write the changes among the signals of a delivery; their numbers, also of those known before.

    `repeat`: the delivery as a whole came before, so there is nothing to write. `hear` is told of each new one.
    """
    taken: dict[int, None] = {}
    for signal in prepared.signals:
        if signal.kind is not Kind.CHANGE:
            continue
        number = known_change(conn, signal, prepared.received_at)
        if number is None and not repeat:
            number = _take(conn, now, signal, prepared)
            hear(signal)
        if number is not None:
            taken[number] = None
    return tuple(taken)


def _take(conn: Connection, now: datetime, signal: Signal, prepared: Prepared) -> int:
    """A change and its entry, in the timeline of the open incident whose alerts it touches if there is one."""
    touches = touches_of(signal)
    body = ChangeSeen(
        change=next_number(conn, "change"),
        key=signal.key,
        source=signal.source,
        what=signal.title,
        actor=actor_of(signal),
        touches=touches,
        links=signal.links,
        payload=prepared.digest,
        dated=is_dated(signal),
    )
    at = min(happened_at(signal, prepared.received_at), now)
    stamp = Stamp(actor=Actor(MACHINE, prepared.uid), now=now, at=at)
    record(conn, stamp, body, incident=incident_touched(conn, touches))
    return body.change
