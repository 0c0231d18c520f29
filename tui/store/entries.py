"""Reading timelines."""

from datetime import datetime

from tui.errors import NotFoundError
from tui.model.entry import Entry, EntryKind
from tui.model.moment import from_micros, to_micros
from tui.model.text import Safe
from tui.store.engine import Connection, Row


def _entry_from(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        seq=row["seq"],
        at=from_micros(row["at"]),
        recorded_at=from_micros(row["recorded_at"]),
        actor=Safe(row["actor"]),
        uid=row["uid"],
        kind=EntryKind(row["kind"]),
        text=Safe(row["text"]),
        incident=row["incident"],
        alert=row["alert"],
        backdated=bool(row["backdated"]),
        corrects=row["corrects"],
        pinned=bool(row["pinned"]),
        taken_back=bool(row["taken_back"]),
    )


def get_entry(conn: Connection, number: int) -> Entry:
    """One entry. Raises NotFoundError."""
    row = conn.execute("SELECT * FROM entry WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no E-{number}", "", "see `sev timeline INC`")
    return _entry_from(row)


def timeline(conn: Connection, incident: int, *, since: datetime | None = None, limit: int = 10_000) -> list[Entry]:
    """An incident's entries in the order things happened, with what its alerts said before it was declared.

    The newest `limit` are returned. An entry that was written to another incident stays there.
    """
    rows = conn.execute(
        "SELECT * FROM (SELECT * FROM entry WHERE incident = ?1 UNION ALL SELECT * FROM entry WHERE incident IS NULL"
        " AND alert IN (SELECT id FROM alert WHERE incident = ?1)) WHERE at >= ?2 ORDER BY at DESC, id DESC LIMIT ?3",
        (incident, to_micros(since) if since else 0, limit),
    ).fetchall()
    return [_entry_from(row) for row in reversed(rows)]


def history(conn: Connection, alert: int, limit: int = 200) -> list[Entry]:
    """An alert's own entries, whatever incident they belong to, in the order things happened."""
    rows = conn.execute(
        "SELECT * FROM entry WHERE alert = ? ORDER BY at DESC, id DESC LIMIT ?", (alert, limit)
    ).fetchall()
    return [_entry_from(row) for row in reversed(rows)]


def entry_of_event(conn: Connection, seq: int) -> Entry | None:
    """The entry an event made, if it made one."""
    row = conn.execute("SELECT * FROM entry WHERE seq = ?", (seq,)).fetchone()
    return _entry_from(row) if row else None
