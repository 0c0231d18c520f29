"""Reading timelines."""

from datetime import datetime
from typing import Final

from tui.errors import NotFoundError
from tui.logins import other_login
from tui.model.entry import Entry, EntryKind
from tui.model.moment import from_micros, to_micros
from tui.model.sentence import tell
from tui.model.text import Safe
from tui.store.engine import Connection, Row
from tui.store.log import decode_body

_ENTRIES: Final = (
    "SELECT e.*, v.body AS body, t.text AS told FROM entry e LEFT JOIN event v ON v.seq = e.seq"
    " LEFT JOIN told t ON t.seq = e.seq "
)
"""An entry's event is gone once a checkpoint has replaced it; what the entry told was kept."""


def _told(row: Row) -> Safe:
    """The sentence of an event, told anew at every reading: rewording one never makes a store look tampered with."""
    if row["redacted_by"] is not None:
        return Safe(f"redacted by {row['redacted_by']}")
    if row["body"] is None:
        return Safe(row["told"] or "its words are gone")
    sentence = tell(decode_body(row["body"]))
    return sentence[1] if sentence else Safe("")


def _entry_from(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        seq=row["seq"],
        at=from_micros(row["at"]),
        recorded_at=from_micros(row["recorded_at"]),
        actor=Safe(row["actor"]),
        uid=row["uid"],
        kind=EntryKind(row["kind"]),
        text=_told(row),
        incident=row["incident"],
        alert=row["alert"],
        backdated=bool(row["backdated"]),
        corrects=row["corrects"],
        pinned=bool(row["pinned"]),
        taken_back=bool(row["taken_back"]),
        redacted=row["redacted_by"] is not None,
        login=other_login(row["actor"], row["uid"]),
    )


def get_entry(conn: Connection, number: int) -> Entry:
    """One entry. Raises NotFoundError."""
    row = conn.execute(_ENTRIES + "WHERE e.id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no E-{number}", "", "see `sev timeline INC`")
    return _entry_from(row)


def timeline(conn: Connection, incident: int, *, since: datetime | None = None, limit: int = 10_000) -> list[Entry]:
    """An incident's entries in the order things happened, with what its alerts said before it was declared.

    The newest `limit` are returned. An entry that was written to another incident stays there;
    one that was written to none, and is evidence here, is told here too.
    """
    rows = conn.execute(
        _ENTRIES + "WHERE e.id IN (SELECT id FROM entry WHERE incident = ?1 UNION ALL SELECT id FROM entry"
        " WHERE incident IS NULL AND alert IN (SELECT id FROM alert WHERE incident = ?1)"
        " UNION ALL SELECT v.value FROM rca_item r, json_each(r.evidence) v, entry t WHERE r.incident = ?1"
        " AND t.id = v.value AND t.incident IS NULL)"
        " AND e.at >= ?2 ORDER BY e.place DESC, e.id DESC LIMIT ?3",
        (incident, to_micros(since) if since else 0, limit),
    ).fetchall()
    return [_entry_from(row) for row in reversed(rows)]


def history(conn: Connection, alert: int, limit: int = 200) -> list[Entry]:
    """An alert's own entries, whatever incident they belong to, in the order things happened."""
    rows = conn.execute(
        _ENTRIES + "WHERE e.alert = ? ORDER BY e.place DESC, e.id DESC LIMIT ?", (alert, limit)
    ).fetchall()
    return [_entry_from(row) for row in reversed(rows)]


def entry_of_event(conn: Connection, seq: int) -> Entry | None:
    """The entry an event made, if it made one."""
    row = conn.execute(_ENTRIES + "WHERE e.seq = ?", (seq,)).fetchone()
    return _entry_from(row) if row else None
