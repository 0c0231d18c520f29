"""Timeline entries, one for each event that has something to tell. What they tell is not stored a second time."""

from tui.model.entry import MACHINE
from tui.model.events import Event, Noted, SignalSeen, TakenBack
from tui.model.moment import to_micros
from tui.model.sentence import tell
from tui.store.engine import Connection
from tui.store.rows import next_number, number_used


def project_entry(conn: Connection, event: Event) -> None:
    """Write the entry of `event`, if it makes one."""
    body = event.body
    told = tell(body) if body is not None else None
    if body is None or told is None:
        return
    kind, _ = told
    number = next_number(conn, "entry")
    number_used(conn, "entry", number)
    backdated = event.at < event.recorded_at and event.actor != MACHINE and not isinstance(body, SignalSeen)
    conn.execute(
        "INSERT INTO entry (id, seq, at, recorded_at, actor, uid, kind, incident, alert, backdated, corrects,"
        " pinned) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            number,
            event.seq,
            to_micros(event.at),
            to_micros(event.recorded_at),
            event.actor,
            event.uid,
            kind,
            event.incident,
            event.alert,
            backdated,
            body.entry if isinstance(body, TakenBack) else None,
            isinstance(body, Noted) and body.pinned,
        ),
    )
