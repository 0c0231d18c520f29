"""What people did in another tool and it tells us: an acknowledge there counts here, as theirs and at their time."""

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from tui.desk.act import Act, Outcome, Pen, perform
from tui.desk.alerts import acknowledge
from tui.model.alert import Alert
from tui.model.entry import MACHINE, Actor
from tui.model.events import AnyBody, Event
from tui.model.ids import Ref
from tui.model.signal import Signal, SignalStatus
from tui.model.text import Safe, person
from tui.store.engine import Connection

_BY: Final = "by"  # the label in which every format puts who did it


def who_acknowledged(signal: Signal) -> Safe | None:
    """The person of whom a signal says that they acknowledged; None where it says so of nobody.

    Nobody passes for the product itself: a namesake gets the source behind the name.
    """
    name = signal.labels.get(_BY, "")
    if signal.status is not SignalStatus.ACKNOWLEDGED or not name.strip():
        return None
    told = person(name)
    return person(f"{told} ({signal.source})") if told.lower() == MACHINE else told


def as_it_began(signal: Signal) -> Signal:
    """The trouble that an acknowledge speaks of, as its first word would have told it."""
    return replace(signal, status=SignalStatus.FIRING, at=signal.starts or signal.at)


def acknowledge_as(conn: Connection, now: datetime, alert: Alert, actor: Actor, at: datetime) -> bool:
    """Acknowledge `alert` as a person who did so elsewhere `at` that time; whether it was written.

    Only where it still fires and nobody has acknowledged it, and not for an episode that began later.
    The root of a candidate stands for the whole of it, as everywhere.
    """
    if not alert.still_fires or alert.acknowledged_at is not None or at < alert.started_at:
        return False

    def deed(pen: Pen) -> Outcome:
        return acknowledge(_PenOfThen(pen.conn, pen.act, min(at, now)), (Ref("A", alert.id),))

    perform(conn, Act(actor=actor, now=now), deed)
    return True


class _PenOfThen(Pen):
    """Writes what was done at another time."""

    def __init__(self, conn: Connection, act: Act, at: datetime) -> None:
        super().__init__(conn, act)
        self._at = at

    def write(
        self, body: AnyBody, *, incident: int | None = None, alert: int | None = None, at: datetime | None = None
    ) -> Event:
        return super().write(body, incident=incident, alert=alert, at=at or self._at)
