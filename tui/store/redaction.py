"""Erasing: the body and salt of events, the payloads and labels they point to, and every row made of their words.

Which events may be erased, and who says why, is for the desk.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from tui.errors import StoreError
from tui.model.entry import Entry
from tui.model.events import AnyBody, Checkpointed, Erased, Noted, TakenBack
from tui.model.words import ERASED, references_of, without_words, words_of
from tui.store import log, snapshot
from tui.store.engine import Connection
from tui.store.integrity import rebuild_here

_IN_NO_ROW: Final = (Noted, TakenBack)
"""Bodies whose words no projection holds: the timeline tells them from the event itself."""


class _Owner(NamedTuple):
    """Whose row it is: the entry's own, its incident's or its alert's, by that column."""

    of: str
    column: str


_ROWS: Final[dict[str, tuple[_Owner, tuple[str, ...]]]] = {
    "told": (_Owner("seq", "seq"), ("text",)),
    "incident": (_Owner("incident", "id"), ("title",)),
    "rca_item": (_Owner("incident", "incident"), ("text",)),
    "action": (_Owner("incident", "incident"), ("text", "reason")),
    "alert": (_Owner("alert", "id"), ("title", "reason")),
}
"""Where the words of an entry may stand in a snapshot."""

_TELLING: Final = 6
"""A word that is shorter stands in events that have nothing to do with it."""


def body_of(conn: Connection, seq: int) -> AnyBody | None:
    """What an event says; None where it was erased, or is no longer there."""
    row = conn.execute("SELECT body FROM event WHERE seq = ?", (seq,)).fetchone()
    return log.decode_body(row["body"]) if row and row["body"] is not None else None


def repeated_by(conn: Connection, seq: int, words: Iterable[str]) -> tuple[list[int], list[int]]:
    """Where else these words stand: events that only repeat them, and the numbers of other entries.

    What takes this event back only repeats it, and what the machine wrote itself: proposals, not what a tool told.
    """
    echoes: set[int] = {
        row["seq"]
        for row in conn.execute(
            "SELECT seq FROM event WHERE kind = 'undo' AND json_extract(CAST(body AS TEXT), '$.undone') = ?", (seq,)
        )
    }
    entries: set[int] = set()
    for word in words:
        if len(word) < _TELLING:
            continue
        told = msgspec.json.encode(word)[1:-1].decode()
        rows = conn.execute(
            "SELECT v.seq, v.actor = 'sev' AND v.kind NOT IN ('signal', 'change') AS echo, e.id"
            " FROM event v LEFT JOIN entry e ON e.seq = v.seq"
            " WHERE v.seq <> ? AND instr(CAST(v.body AS TEXT), ?) > 0",
            (seq, told),
        )
        for row in rows.fetchall():
            if row["echo"] or row["id"] is None:
                echoes.add(row["seq"])
            elif row["seq"] not in echoes:
                entries.add(row["id"])
    return sorted(echoes), sorted(entries)


def erase(conn: Connection, seqs: Iterable[int]) -> tuple[Erased, ...]:
    """Take body and salt out of these events, and what they point to out of the store; what is left of each.

    The rows made of them are right again after `clean_rows`, when the redaction itself is recorded.
    """
    conn.execute("PRAGMA secure_delete = ON")
    erased = []
    for seq in seqs:
        body = body_of(conn, seq)
        if body is None:
            continue
        left = without_words(body)
        erased.append(Erased(seq=seq, left=msgspec.json.encode(left).decode()))
        references = references_of(body)
        conn.execute("DELETE FROM payload WHERE digest = ?", (references.get("payload", ""),))
        conn.execute("DELETE FROM label_set WHERE digest = ?", (references.get("labels", ""),))
        conn.execute("UPDATE event SET body = NULL, salt = NULL WHERE seq = ?", (seq,))
    return tuple(erased)


def is_gone(conn: Connection, seq: int) -> bool:
    """Whether a checkpoint has replaced an event: what it told stands in the snapshot instead."""
    return conn.execute("SELECT 1 FROM event WHERE seq = ?", (seq,)).fetchone() is None


def erase_in_snapshot(conn: Connection, stamp: log.Stamp, entry: Entry) -> tuple[Erased, ...]:
    """Erase what an entry told, in a new snapshot that the log vouches for, and in every row made from it.

    The event is gone: of its words is known what the sentence held and a row of its incident or alert still holds.
    """
    conn.execute("PRAGMA secure_delete = ON")
    row = conn.execute("SELECT v.body AS vouched, s.body FROM snapshot s JOIN event v ON v.seq = s.event").fetchone()
    made, whole = log.decode_body(row["vouched"]), snapshot.unpack(row["body"])
    if not isinstance(made, Checkpointed):
        raise StoreError("the snapshot cannot be changed", "the log does not vouch for it", "run `sev verify`")
    words = _take_out(whole, entry)
    for told in whole["incident_words"][1]:
        if told[0] == entry.incident:
            told[1:] = [_without(text, words) for text in told[1:]]
    body = snapshot.pack(whole)
    snapshot.put(conn, stamp, msgspec.structs.replace(made, digest=snapshot.digest_of(body)), body)
    rebuild_here(conn)
    conn.execute("INSERT INTO incident_words (incident_words) VALUES ('rebuild')")
    return (Erased(seq=entry.seq, left=""),)


def _take_out(whole: snapshot.Whole, entry: Entry) -> list[str]:
    """Put `redacted` for the sentence of an entry and for the words in it that rows of its objects hold."""
    found: list[str] = []
    for table, (owner, texts) in _ROWS.items():
        columns, rows = whole[table]
        own = {"seq": entry.seq, "incident": entry.incident, "alert": entry.alert}[owner.of]
        for row in rows:
            if own is None or row[columns.index(owner.column)] != own:
                continue
            for place in (columns.index(name) for name in texts):
                text = row[place]
                if isinstance(text, str) and text and text in entry.text:
                    found.append(text)
                    row[place] = ERASED
    return found


def _without(text: str | int | None, words: list[str]) -> str | int | None:
    for word in words:
        text = text.replace(word, ERASED) if isinstance(text, str) else text
    return text


def clean_rows(conn: Connection, erased: Iterable[Erased]) -> None:
    """Make every row anew where one of these events had words in one; the index of words forgets what it deleted."""
    if all(isinstance(log.decode_body(one.left), _IN_NO_ROW) for one in erased):
        return
    rebuild_here(conn)
    conn.execute("INSERT INTO incident_words (incident_words) VALUES ('rebuild')")


def has_words(body: AnyBody) -> bool:
    """Whether there is anything to erase in a body."""
    return bool(words_of(body) or references_of(body))
