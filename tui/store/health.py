"""Whether the file is sound and reaches the disk, for `doctor` and after a fault. The full proof is in `integrity`."""

from tui.errors import StoreFaultError
from tui.store import log
from tui.store.engine import LATEST, Connection, checkpoint, run_read, run_tx


def commit_nothing(conn: Connection) -> None:
    """Let the caller's transaction reach the disk though it changes nothing: the first page is written anew."""
    conn.execute(f"PRAGMA user_version = {LATEST}")


def quick_check(conn: Connection) -> str:
    """What SQLite finds wrong with its file, in its own words; empty for a sound one. Reads the whole file."""
    found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    return "" if found == "ok" else str(found)


def try_writing(conn: Connection) -> None:
    """Change nothing and have it committed all the same: a page is written and synced, as with every commit."""
    version = conn.execute("PRAGMA user_version").fetchone()[0]
    conn.execute(f"PRAGMA user_version = {version}")


def prove(conn: Connection, seq: int, expected: bytes) -> None:
    """After the disk failed: whether a fresh connection finds a store to go on with.

    It is written to, what lies in the WAL is synced into the file, the file is sound, and the event `seq` that was
    committed last still has its hash. Not for use inside a transaction. Raises StoreError.
    """
    run_tx(conn, try_writing)
    checkpoint(conn)
    fault = run_read(conn, quick_check)
    if not fault and seq and run_read(conn, lambda inside: log.hash_at(inside, seq)) != expected:
        fault = f"event {seq} is not what was committed"
    if fault:
        raise StoreFaultError("the store is damaged", fault, "run `sev doctor`, or `sev restore` a backup")
