"""A quick look at whether the file is sound, for `doctor`. The full proof is in `integrity`."""

from tui.store.engine import Connection


def quick_check(conn: Connection) -> str:
    """What SQLite finds wrong with its file, in its own words; empty for a sound one. Reads the whole file."""
    found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    return "" if found == "ok" else str(found)
