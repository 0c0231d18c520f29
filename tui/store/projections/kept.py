"""What was done to the log itself: entries whose words were erased."""

from typing import cast

from tui.model import events as ev
from tui.store.engine import Connection


def redacted(conn: Connection, event: ev.Event) -> None:
    """Mark the entries of the erased events; they tell who did it instead."""
    body = cast("ev.Redacted", event.body)
    for one in body.erased:
        conn.execute("UPDATE entry SET redacted_by = ? WHERE seq = ?", (event.actor, one.seq))


def nothing(conn: Connection, event: ev.Event) -> None:
    """It is in the log for those who read the log."""
