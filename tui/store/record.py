"""Writing: an event and its projections in one step. Everything that changes the store goes through here."""

from tui.model.events import AnyBody, Event
from tui.store import log, projections
from tui.store.engine import Connection
from tui.store.log import Stamp


def record(
    conn: Connection,
    stamp: Stamp,
    body: AnyBody,
    *,
    incident: int | None = None,
    alert: int | None = None,
    idem: str | None = None,
) -> Event:
    """Append `body` to the log and project it, inside the caller's transaction."""
    event = log.write(conn, stamp, body, incident=incident, alert=alert, idem=idem)
    projections.apply(conn, event)
    return event
