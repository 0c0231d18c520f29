"""The projections as one value: what a checkpoint keeps instead of the events that made them, and how it is proved."""

import hashlib
import json
import zlib
from typing import TypeAlias

import msgspec

from tui.model.events import Checkpointed
from tui.store import log
from tui.store.engine import Connection
from tui.store.record import record
from tui.store.rows import TABLES

Whole: TypeAlias = dict[str, tuple[list[str], list[list[str | int | None]]]]


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """Where the log begins: after the event `last` of that hash. `fault`: an event that does not vouch for it."""

    last: int = 0
    head: bytes = log.GENESIS
    fault: int | None = None


def begin(conn: Connection) -> Begin:
    """Where the log begins, and whether the snapshot before it is the one that the log speaks of."""
    row = conn.execute("SELECT last, event, body FROM snapshot").fetchone()
    if row is None:
        return Begin()
    kept = conn.execute("SELECT body FROM event WHERE seq = ?", (row["event"],)).fetchone()
    vouched = log.decode_body(kept["body"]) if kept and kept["body"] else None
    if not isinstance(vouched, Checkpointed) or vouched.last != row["last"]:
        return Begin(last=row["last"], fault=row["event"])
    fault = None if digest_of(row["body"]) == vouched.digest else row["event"]
    return Begin(last=row["last"], head=bytes.fromhex(vouched.head), fault=fault)


def digest_of(packed: bytes) -> str:
    """SHA-256 of a snapshot as it is kept, in hex."""
    return hashlib.sha256(packed).hexdigest()


def dump(conn: Connection) -> bytes:
    """Every row of every projection, packed."""
    whole: Whole = {}
    for table in TABLES:
        columns = _columns(conn, table)
        rows = conn.execute(" ".join(("SELECT", ", ".join(columns), "FROM", table, "ORDER BY", columns[0])))
        whole[table] = (columns, [list(row) for row in rows])
    return pack(whole)


def pack(whole: Whole) -> bytes:
    """A snapshot as it is kept."""
    return zlib.compress(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def unpack(packed: bytes) -> Whole:
    """Columns and rows of each table."""
    found: Whole = json.loads(zlib.decompress(packed))
    return found


def put(conn: Connection, stamp: log.Stamp, made: Checkpointed, body: bytes) -> None:
    """Keep this snapshot instead of the one before; `made` vouches for it."""
    event = record(conn, stamp, made)
    conn.execute("DELETE FROM snapshot")
    conn.execute("INSERT INTO snapshot (last, event, body) VALUES (?, ?, ?)", (made.last, event.seq, body))


def load(target: Connection, source: Connection) -> int:
    """Fill the empty projections of `target` from the snapshot of `source`; the event up to which that is. 0: none."""
    row = source.execute("SELECT last, body FROM snapshot").fetchone()
    if row is None:
        return 0
    for table, (columns, rows) in unpack(row["body"]).items():
        places = ", ".join("?" * len(columns))
        target.executemany(" ".join(("INSERT INTO", table, "(", ", ".join(columns), ") VALUES (", places, ")")), rows)
    return int(row["last"])


def _columns(conn: Connection, table: str) -> list[str]:
    """The columns of a table; those of the index of words with the number that each of its rows is found by."""
    names = [row["name"] for row in conn.execute(f"PRAGMA table_info({table})")]
    return ["rowid", *names] if table == "incident_words" else names
