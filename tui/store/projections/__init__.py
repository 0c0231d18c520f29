"""From events to rows. Each file projects one family of events; `apply` is the only way in."""

from tui.model.events import Event
from tui.store.engine import Connection
from tui.store.projections.entries import project_entry
from tui.store.projections.handlers import HANDLERS
from tui.store.projections.words import index_words


def apply(conn: Connection, event: Event) -> None:
    """Project one event: its entry first (others may refer to it), then what it changed.

    A redacted event has no body; its rows are gone with it, the mark stays in the log.
    """
    if event.body is None:
        return
    project_entry(conn, event)
    handler = HANDLERS.get(type(event.body))
    if handler is not None:
        handler(conn, event)
    index_words(conn, event)
