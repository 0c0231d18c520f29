"""The event log: appending to it, reading it, and the chain of hashes that ties it together."""

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from tui.model.entry import Actor
from tui.model.events import AnyBody, Event, Redacted
from tui.model.moment import from_micros, to_micros
from tui.model.text import Safe
from tui.store.engine import Connection, Row

GENESIS: Final = bytes(32)
"""What the first event's hash is chained to."""

_encode = msgspec.json.Encoder().encode
decode_body = msgspec.json.Decoder(AnyBody).decode


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes, and when: the same for every event of one transaction.

    `at` is the time of the thing itself where it differs from `now` (a signal, a
    back-dated note). `idem` names the command, so that running it twice writes once.
    """

    actor: Actor
    now: datetime
    at: datetime | None = None
    idem: str | None = None


def tag_of(kind: type[AnyBody]) -> str:
    """The tag of a kind of body, as events have it."""
    return str(kind.__struct_config__.tag)


def kind_of(body: AnyBody) -> str:
    """The tag of a body: the event's kind."""
    return tag_of(type(body))


def body_hash(salt: bytes, body: bytes) -> bytes:
    return hashlib.sha256(salt + body).digest()


def chain_hash(previous: bytes, fixed: tuple[object, ...], hashed_body: bytes) -> bytes:
    """SHA-256 over the previous hash, the fixed columns (as a JSON array) and the body's hash."""
    return hashlib.sha256(previous + _encode(fixed) + hashed_body).digest()


def head(conn: Connection) -> tuple[int, bytes]:
    """Sequence number and hash of the newest event; (0, GENESIS) in an empty log."""
    row = conn.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
    return (row["seq"], row["hash"]) if row else (0, GENESIS)


def hash_at(conn: Connection, seq: int) -> bytes:
    """The hash of the event `seq`; empty where there is none."""
    row = conn.execute("SELECT hash FROM event WHERE seq = ?", (seq,)).fetchone()
    return row["hash"] if row else b""


def head_time(conn: Connection) -> datetime | None:
    """When the newest event was recorded."""
    row = conn.execute("SELECT recorded_at FROM event ORDER BY seq DESC LIMIT 1").fetchone()
    return from_micros(row["recorded_at"]) if row else None


def seq_of_command(conn: Connection, idem: str) -> int | None:
    """The event that a command with this key wrote before, if it did."""
    row = conn.execute("SELECT seq FROM event WHERE idem = ?", (idem,)).fetchone()
    return row["seq"] if row else None


def write(
    conn: Connection, stamp: Stamp, body: AnyBody, *, incident: int | None, alert: int | None, idem: str | None
) -> Event:
    """Append one event to the chain. Only `record` calls it: an event without its projection is half a truth."""
    last, previous = head(conn)
    seq, at, recorded = last + 1, to_micros(stamp.at or stamp.now), to_micros(stamp.now)
    salt, encoded = os.urandom(16), _encode(body)
    hashed = body_hash(salt, encoded)
    fixed = (seq, at, recorded, stamp.actor.name, stamp.actor.uid, kind_of(body), incident, alert, idem)
    chained = chain_hash(previous, fixed, hashed)
    conn.execute(
        "INSERT INTO event (seq, at, recorded_at, actor, uid, kind, incident, alert, idem, salt, body, body_hash, hash)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (*fixed, salt, encoded, hashed, chained),
    )
    return Event(
        seq=seq,
        at=stamp.at or stamp.now,
        recorded_at=stamp.now,
        actor=stamp.actor.name,
        uid=stamp.actor.uid,
        incident=incident,
        alert=alert,
        body=body,
        hash=chained,
    )


def from_row(row: Row, left: str | None = None) -> Event:
    """An event as stored. Raises msgspec.DecodeError or ValidationError on a body that was tampered with.

    `left`: what is left of a body that was redacted.
    """
    return Event(
        seq=row["seq"],
        at=from_micros(row["at"]),
        recorded_at=from_micros(row["recorded_at"]),
        actor=Safe(row["actor"]),
        uid=row["uid"],
        incident=row["incident"],
        alert=row["alert"],
        body=decode_body(body) if (body := row["body"] or left) else None,
        hash=row["hash"],
    )


def since(conn: Connection, seq: int, limit: int = 500) -> list[Event]:
    """The events after `seq`, oldest first, at most `limit`."""
    rows = conn.execute("SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)).fetchall()
    return [from_row(row) for row in rows]


def rows_in_order(conn: Connection, after: int = 0) -> Iterator[Row]:
    """Every stored event after `after`, from the first on."""
    yield from conn.execute("SELECT * FROM event WHERE seq > ? ORDER BY seq", (after,))


def history(conn: Connection, after: int = 0, until: int | None = None) -> Iterator[Event]:
    """Every event after `after` as a rebuild needs it: of one that was redacted, what is left of its body.

    `until`: the last of them; None for all.
    """
    left = _left(conn)
    for row in rows_in_order(conn, after):
        if until is not None and row["seq"] > until:
            return
        yield from_row(row, left.get(row["seq"]))


def _left(conn: Connection) -> dict[int, str]:
    """What is left of redacted bodies, by their events; a redaction may have been redacted itself."""
    left: dict[int, str] = {}
    for row in conn.execute("SELECT seq, body FROM event WHERE kind = 'redact' ORDER BY seq DESC"):
        body = decode_body(found) if (found := row["body"] or left.get(row["seq"])) else None
        if isinstance(body, Redacted):
            left.update({one.seq: one.left for one in body.erased})
    return left


def latest_by(
    conn: Connection, actor: Safe, kinds: tuple[str, ...], incident: int | None, recorded_at: datetime | None = None
) -> Event | None:
    """The newest event of `actor` among `kinds` that was not taken back.

    Of one incident where it is given, of one moment where that is: the events of one act share it.
    """
    query = (
        "SELECT * FROM event WHERE actor = ?1 AND seq NOT IN (SELECT seq FROM undone)"
        " AND kind IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR incident = ?3)"
        " AND (?4 IS NULL OR recorded_at = ?4) ORDER BY seq DESC LIMIT 1"
    )
    moment = to_micros(recorded_at) if recorded_at else None
    row = conn.execute(query, (actor, json.dumps(kinds), incident, moment)).fetchone()
    return from_row(row) if row else None


def by_others_since(conn: Connection, seq: int, actor: Safe, kinds: tuple[str, ...]) -> list[Event]:
    """What people other than `actor` did after `seq` among `kinds` and did not take back, newest first."""
    rows = conn.execute(
        "SELECT * FROM event WHERE seq > ? AND actor NOT IN (?, 'sev') AND seq NOT IN (SELECT seq FROM undone)"
        " AND kind IN (SELECT value FROM json_each(?)) ORDER BY seq DESC",
        (seq, actor, json.dumps(kinds)),
    ).fetchall()
    return [from_row(row) for row in rows]


def touched_later(conn: Connection, incident: int, seq: int, actor: Safe) -> Event | None:
    """The first event after `seq` that another person (not the machine) wrote to `incident`."""
    row = conn.execute(
        "SELECT * FROM event WHERE incident = ? AND seq > ? AND actor NOT IN (?, 'sev') ORDER BY seq LIMIT 1",
        (incident, seq, actor),
    ).fetchone()
    return from_row(row) if row else None


def brought_in_later(conn: Connection, incident: int, seq: int) -> Event | None:
    """The first event after `seq`, not taken back, by which a person brought alerts of elsewhere into `incident`."""
    row = conn.execute(
        "SELECT * FROM event WHERE seq > ?1 AND kind IN ('move', 'merge') AND actor <> 'sev'"
        " AND seq NOT IN (SELECT seq FROM undone)"
        " AND ?2 IN (json_extract(CAST(body AS TEXT), '$.to_incident'), json_extract(CAST(body AS TEXT), '$.into'))"
        " ORDER BY seq LIMIT 1",
        (seq, incident),
    ).fetchone()
    return from_row(row) if row else None
