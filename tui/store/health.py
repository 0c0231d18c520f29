"""A quick look at whether the file is sound, and whether it can be written. The full proof is in `integrity`."""

from tui.store.engine import LATEST, Connection


def commit_nothing(conn: Connection) -> None:
    """Let the caller's transaction reach the disk though it changes nothing: the first page is written anew."""
    conn.execute(f"PRAGMA user_version = {LATEST}")


def quick_check(conn: Connection) -> str:
    """What SQLite finds wrong with its file, in its own words; empty for a sound one. Reads the whole file."""
    found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    return "" if found == "ok" else str(found)
