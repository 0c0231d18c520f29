"""What is let go for its age: raw payloads in small steps, closed history by a checkpoint. When, is for the caller."""

import json
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from tui.model import events as ev
from tui.model.incident import Phase
from tui.model.moment import from_micros, to_micros
from tui.model.sentence import tell
from tui.store import log, snapshot
from tui.store.engine import Connection, Store
from tui.store.integrity import rebuild_into
from tui.store.log import Stamp

AT_ONCE: Final = 200
"""Payloads that go in one transaction: a person's command waits behind it for some milliseconds."""

LEAST: Final = 1_000
"""Events that make a checkpoint worth its snapshot."""

_OLD: Final = (
    "SELECT digest FROM payload WHERE received_at < ?1 AND digest NOT IN"
    " (SELECT a.payload FROM alert a JOIN incident i ON i.id = a.incident WHERE i.phase <> ?2)"
    " ORDER BY received_at LIMIT ?3"
)
_OPEN: Final = (
    "SELECT min(seq) FROM (SELECT seq FROM event WHERE recorded_at >= ?1 UNION ALL"
    " SELECT v.seq FROM event v JOIN incident i ON i.id = v.incident WHERE i.phase <> ?2 UNION ALL"
    " SELECT e.seq FROM alert a JOIN entry e ON e.alert = a.id LEFT JOIN incident i ON i.id = a.incident"
    " LEFT JOIN candidate c ON c.id = a.candidate AND c.live = 1 AND c.incident IS NULL"
    " AND a.incident IS NULL"
    " WHERE i.phase <> ?2 OR c.id IS NOT NULL OR (a.live = 1 AND (a.status IN ('firing', 'retrying')"
    " OR (a.status <> 'resolved' AND a.last_seen >= ?1))))"
)


class Replaced(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint replaced: this many events, up to that one, and the bytes of the snapshot kept instead."""

    events: int
    last: int
    size: int


def drop_payloads(conn: Connection, before: datetime, kept_for: timedelta, limit: int = AT_ONCE) -> int:
    """Let raw payloads go that were received before then, but for those of incidents not closed; how many went."""
    rows = conn.execute(_OLD, (to_micros(before), Phase.CLOSED, limit)).fetchall()
    conn.executemany("DELETE FROM payload WHERE digest = ?", [(row["digest"],) for row in rows])
    if rows:
        micros = kept_for // timedelta(microseconds=1)
        conn.execute("INSERT OR REPLACE INTO dropped VALUES ('payload', ?, ?)", (to_micros(before), micros))
    return len(rows)


def closed_until(conn: Connection, cut: datetime) -> int:
    """The last event before which all is older than `cut` and over: no open incident, candidate or alert in it."""
    first = conn.execute(_OPEN, (to_micros(cut), Phase.CLOSED)).fetchone()[0]
    return log.head(conn)[0] if first is None else int(first) - 1


def oldest_event(conn: Connection) -> datetime | None:
    """When the oldest event that is still there was recorded."""
    row = conn.execute("SELECT recorded_at FROM event ORDER BY seq LIMIT 1").fetchone()
    return from_micros(row["recorded_at"]) if row else None


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint will do, worked out beside the store while others write."""

    first: int
    last: int
    head: bytes
    seen: int
    told: list[tuple[int, str]]
    body: bytes


def checkpoint(store: Store, cut: datetime, stamp: Stamp, least: int = LEAST) -> Replaced | None:
    """Replace closed history before `cut` by a snapshot; None where fewer than `least` events would go.

    Their entries keep what they told; nobody can take them back any more.
    """
    plan = store.read(lambda conn: _plan(conn, cut, least))
    if plan is None:
        return None
    return store.tx(lambda conn: _carry_out(conn, plan, stamp))


def _plan(conn: Connection, cut: datetime, least: int) -> _Plan | None:
    before, last = snapshot.begin(conn), closed_until(conn, cut)
    if before.fault is not None or last - before.last < max(least, 1):
        return None
    told = [
        (event.seq, str(sentence[1]))
        for event in log.history(conn, before.last, last)
        if event.body is not None and (sentence := tell(event.body)) is not None
    ]
    with tempfile.TemporaryDirectory(prefix="sev-checkpoint-") as folder, Store(Path(folder, "then.db")) as then:
        body = then.tx(lambda target: _as_it_was(target, conn, last, told))
    return _Plan(
        first=before.last + 1,
        last=last,
        head=log.hash_at(conn, last),
        seen=log.head(conn)[0],
        told=told,
        body=body,
    )


def _as_it_was(target: Connection, source: Connection, last: int, told: list[tuple[int, str]]) -> bytes:
    rebuild_into(target, source, last)
    needed = [row["seq"] for row in source.execute("SELECT seq FROM undone WHERE by > ?", (last,))]
    target.execute(
        "DELETE FROM change_image WHERE seq <= ? AND seq NOT IN (SELECT value FROM json_each(?))",
        (last, json.dumps(needed)),
    )
    target.executemany("INSERT INTO told VALUES (?, ?)", told)
    return snapshot.dump(target)


def _carry_out(conn: Connection, plan: _Plan, stamp: Stamp) -> Replaced | None:
    """Unless somebody took back or erased something meanwhile: the next attempt sees that."""
    later = "SELECT EXISTS (SELECT 1 FROM event WHERE seq > ? AND kind IN ('undo', 'redact', 'checkpoint'))"
    if conn.execute(later, (plan.seen,)).fetchone()[0]:
        return None
    made = ev.Checkpointed(first=plan.first, last=plan.last, head=plan.head.hex(), digest=snapshot.digest_of(plan.body))
    conn.executemany("INSERT INTO told VALUES (?, ?)", plan.told)
    conn.execute(
        "DELETE FROM change_image WHERE seq <= ?1 AND seq NOT IN (SELECT seq FROM undone WHERE by > ?1)", (plan.last,)
    )
    snapshot.put(conn, stamp, made, plan.body)
    gone = conn.execute("DELETE FROM event WHERE seq <= ?", (plan.last,)).rowcount
    return Replaced(events=gone, last=plan.last, size=len(plan.body))
