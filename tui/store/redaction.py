"""Erasing: the body and salt of events, the payloads and labels they point to, and every row made of their words.

Which events may be erased, and who says why, is for the desk.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from tui.model.events import AnyBody, Erased, Noted, TakenBack
from tui.model.words import references_of, without_words, words_of
from tui.store import log
from tui.store.engine import Connection
from tui.store.integrity import rebuild_here

_IN_NO_ROW: Final = (Noted, TakenBack)
"""Bodies whose words no projection holds: the timeline tells them from the event itself."""

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


def clean_rows(conn: Connection, erased: Iterable[Erased]) -> None:
    """Make every row anew where one of these events had words in one; the index of words forgets what it deleted."""
    if all(isinstance(log.decode_body(one.left), _IN_NO_ROW) for one in erased):
        return
    rebuild_here(conn)
    conn.execute("INSERT INTO incident_words (incident_words) VALUES ('rebuild')")


def has_words(body: AnyBody) -> bool:
    """Whether there is anything to erase in a body."""
    return bool(words_of(body) or references_of(body))
