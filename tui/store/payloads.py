"""Raw deliveries, label sets and known deliveries: what lies beside the chain, found by digest."""

import hashlib
import json
import zlib
from datetime import datetime, timedelta

import msgspec

from tui.errors import NotFoundError
from tui.model.moment import from_micros, span, to_micros
from tui.model.text import Safe
from tui.store.engine import Connection, Row


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that could not be read; `payload` is the digest its bytes are kept under."""

    id: int
    seq: int
    received_at: datetime
    source: Safe
    reason: Safe
    size: int
    payload: str


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def keep_payload(conn: Connection, body: bytes, received_at: datetime, size: int | None = None) -> str:
    """Keep raw bytes for evidence, once; returns their digest. `size`: as received, where only a head is kept."""
    digest = digest_of(body)
    conn.execute(
        "INSERT OR IGNORE INTO payload (digest, received_at, size, body) VALUES (?,?,?,?)",
        (digest, to_micros(received_at), len(body) if size is None else size, zlib.compress(body, 6)),
    )
    return digest


def has_payload(conn: Connection, digest: str) -> bool:
    """Whether bytes are kept under a digest; spares packing them again."""
    return conn.execute("SELECT 1 FROM payload WHERE digest = ?", (digest,)).fetchone() is not None


def payload(conn: Connection, digest: str) -> bytes | None:
    """The raw bytes kept under a digest."""
    row = conn.execute("SELECT body FROM payload WHERE digest = ?", (digest,)).fetchone()
    return zlib.decompress(row["body"]) if row else None


def payload_or_why(conn: Connection, digest: str, received_at: datetime) -> bytes | Safe:
    """The raw bytes kept under a digest, else why there are none."""
    body = payload(conn, digest) if digest else None
    if body is not None:
        return body
    row = conn.execute("SELECT until, kept_for FROM dropped WHERE what = 'payload'").fetchone()
    if digest and row and to_micros(received_at) < row["until"]:
        return Safe(f"dropped after {span(timedelta(microseconds=row['kept_for']))}")
    return Safe("not kept any more" if digest else "no payload is kept of it")


def keep_labels(conn: Connection, labels: dict[str, Safe]) -> str:
    """Keep a label set once; returns its digest, empty for no labels."""
    if not labels:
        return ""
    text = json.dumps(labels, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    conn.execute("INSERT OR IGNORE INTO label_set (digest, labels) VALUES (?, ?)", (digest, text))
    return digest


def delivered_before(conn: Connection, source: str, token: str) -> datetime | None:
    """When this delivery id or body came last, if it did."""
    row = conn.execute("SELECT received_at FROM delivery WHERE source = ? AND token = ?", (source, token)).fetchone()
    return from_micros(row["received_at"]) if row else None


def note_delivery(conn: Connection, source: str, token: str, received_at: datetime) -> None:
    """Remember a delivery id (for ever) or a body's digest (for the minutes that matter)."""
    conn.execute(
        "INSERT OR REPLACE INTO delivery (source, token, received_at) VALUES (?,?,?)",
        (source, token, to_micros(received_at)),
    )


def forget_bodies(conn: Connection, since: datetime, until: datetime) -> None:
    """Forget bodies that came last in this span; delivery ids stay. A span that was passed over costs nothing again."""
    conn.execute(
        "DELETE FROM delivery WHERE received_at > ? AND received_at <= ? AND token >= 'body:' AND token < 'body;'",
        (to_micros(since), to_micros(until)),
    )


def rejected_as(conn: Connection, source: str, digest: str) -> int | None:
    """The number under which these bytes of a source were rejected last, if they were."""
    row = conn.execute(
        "SELECT id FROM rejected WHERE payload = ? AND source = ? ORDER BY id DESC LIMIT 1", (digest, source)
    ).fetchone()
    return row["id"] if row else None


def rejected(conn: Connection, limit: int = 200) -> list[Rejected]:
    """What could not be read, newest first."""
    rows = conn.execute("SELECT * FROM rejected ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
    return [_rejected_from(row) for row in rows]


def _rejected_from(row: Row) -> Rejected:
    return Rejected(
        id=row["id"],
        seq=row["seq"],
        received_at=from_micros(row["received_at"]),
        source=Safe(row["source"]),
        reason=Safe(row["reason"]),
        size=row["size"],
        payload=row["payload"],
    )


def get_rejected(conn: Connection, number: int) -> Rejected:
    """One delivery that could not be read. Raises NotFoundError."""
    row = conn.execute("SELECT * FROM rejected WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no R-{number}", "", "see `sev rejected`")
    return _rejected_from(row)


def rejected_since(conn: Connection, since: datetime) -> int:
    """How many deliveries could not be read since then."""
    row = conn.execute("SELECT count(*) AS n FROM rejected WHERE received_at >= ?", (to_micros(since),)).fetchone()
    return int(row["n"])


def note_heard(conn: Connection, source: str, at: datetime) -> None:
    """A source said something readable; lies beside the chain, as most of what is said makes no event."""
    conn.execute(
        "INSERT INTO heard (source, at) VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET at = max(at, excluded.at)",
        (source, to_micros(at)),
    )


def sources_heard(conn: Connection) -> dict[Safe, datetime]:
    """When each source last said something readable."""
    rows = conn.execute("SELECT source, at FROM heard ORDER BY source").fetchall()
    return {Safe(row["source"]): from_micros(row["at"]) for row in rows}
