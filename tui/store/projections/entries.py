"""Timeline entries, one for each event that has something to tell. What they tell is not stored a second time."""

from typing import Final

from tui.model.entry import MACHINE
from tui.model.events import Event, Noted, Redacted, SignalSeen, TakenBack
from tui.model.moment import to_micros
from tui.model.sentence import tell
from tui.store.engine import Connection
from tui.store.rows import next_number, number_used

_JITTER: Final = 60_000_000  # microseconds: of two processes the one that looked at the clock first may commit last


def _set_back(conn: Connection, recorded_at: int) -> int:
    """Microseconds by which the machine's clock was set back since the store began, in all.

    Entries stand by their times, as what is told late belongs where it happened. With a clock that went back, what
    came after would stand before.
    """
    last = conn.execute("SELECT at, place, recorded_at FROM entry ORDER BY id DESC LIMIT 1").fetchone()
    if last is None:
        return 0
    before: int = last["place"] - last["at"]
    back: int = last["recorded_at"] - recorded_at
    return before + back if back > _JITTER else before


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
        "INSERT INTO entry (id, seq, at, place, recorded_at, actor, uid, kind, incident, alert, backdated, corrects,"
        " pinned) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            number,
            event.seq,
            to_micros(event.at),
            to_micros(event.at) + _set_back(conn, to_micros(event.recorded_at)),
            to_micros(event.recorded_at),
            event.actor,
            event.uid,
            kind,
            event.incident,
            event.alert,
            backdated,
            body.entry if isinstance(body, TakenBack | Redacted) else None,
            isinstance(body, Noted) and body.pinned,
        ),
    )
