"""Proof that the store is whole: the chain of hashes, and projections equal to a rebuild from the log."""

import tempfile
from pathlib import Path

import msgspec

from tui.store import log, projections, snapshot
from tui.store.engine import Connection, Row, Store
from tui.store.rows import TABLES


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What `sev verify` found. `first_bad_seq` is the first event whose hash does not follow from what it says."""

    chain_ok: bool
    projections_ok: bool
    integrity_ok: bool
    events: int
    first_bad_seq: int | None
    head: str
    differs: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.chain_ok and self.projections_ok and self.integrity_ok


def _event_holds(row: Row, previous: bytes) -> bool:
    if row["body"] is not None and log.body_hash(row["salt"], row["body"]) != row["body_hash"]:
        return False
    names = ("seq", "at", "recorded_at", "actor", "uid", "kind", "incident", "alert", "idem")
    return log.chain_hash(previous, tuple(row[name] for name in names), row["body_hash"]) == bytes(row["hash"])


def check_chain(conn: Connection) -> tuple[int, int | None, bytes]:
    """Number of events ever written, the first bad one's seq if any, and the head hash.

    It begins after the events that a checkpoint replaced, whose snapshot must be the one that the log vouches for.
    """
    begin = snapshot.begin(conn)
    if begin.fault is not None:
        return begin.last, begin.fault, begin.head
    count, previous, expected = begin.last, begin.head, begin.last + 1
    for row in log.rows_in_order(conn):
        if row["seq"] != expected or not _event_holds(row, previous):
            return count, expected, previous
        count, previous, expected = count + 1, row["hash"], expected + 1
    return count, None, previous


def rebuild_into(target: Connection, source: Connection, until: int | None = None) -> None:
    """Project every event of `source` into the empty projections of `target`, from its checkpoint on where it has one.

    `until`: the last event of them; None for all.
    """
    after = snapshot.load(target, source)
    for event in list(log.history(source, after, until)) if target is source else log.history(source, after, until):
        projections.apply(target, event)


def differing_tables(left: Connection, right: Connection) -> tuple[str, ...]:
    """Projections whose rows are not the same in both."""
    return tuple(table for table in TABLES if _rows(left, table) != _rows(right, table))


def _rows(conn: Connection, table: str) -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in conn.execute(" ".join(("SELECT * FROM", table)))), key=repr)


def verify(store: Store) -> Verdict:
    """Check chain, SQLite's own integrity, and the projections against a rebuild in a temporary store."""

    def check(conn: Connection) -> Verdict:
        count, bad, head = check_chain(conn)
        sound = conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        differs = _compare_with_rebuild(conn) if bad is None else ()
        return Verdict(
            chain_ok=bad is None,
            projections_ok=bad is None and not differs,
            integrity_ok=sound,
            events=count,
            first_bad_seq=bad,
            head=head.hex(),
            differs=differs,
        )

    return store.read(check)


def _compare_with_rebuild(conn: Connection) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory(prefix="sev-verify-") as folder, Store(Path(folder, "rebuilt.db")) as fresh:

        def rebuild(target: Connection) -> tuple[str, ...]:
            rebuild_into(target, conn)
            return differing_tables(conn, target)

        return fresh.tx(rebuild)


def rebuild(store: Store) -> None:
    """Empty the projections and fill them again from the log."""
    store.tx(rebuild_here)


def rebuild_here(conn: Connection) -> None:
    """The same inside the caller's transaction."""
    for table in TABLES:
        conn.execute(" ".join(("DELETE FROM", table)))
    rebuild_into(conn, conn)
