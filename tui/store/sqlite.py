"""Which SQLite this process uses. Chosen once, here, before anybody else imports the module."""

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING


def _choose() -> None:
    """Let pysqlite3 answer to the name sqlite3: it carries a SQLite without the WAL-reset bug.

    Where it has no wheel, or the process already loaded the system's copy, that one serves
    (two copies in one process would break each other's locks). SEV_SQLITE=system asks for it.
    """
    if "sqlite3" in sys.modules or os.environ.get("SEV_SQLITE") == "system":
        return
    try:
        sys.modules["sqlite3"] = import_module("pysqlite3")
    except ImportError:
        return


if TYPE_CHECKING:
    import sqlite3
else:
    _choose()
    sqlite3 = import_module("sqlite3")

__all__ = ["has_wal_reset_bug", "sqlite3", "sqlite_version"]


def sqlite_version() -> str:
    """The version of the SQLite library in use."""
    return sqlite3.sqlite_version


def has_wal_reset_bug(version: str) -> bool:
    """Whether this SQLite can corrupt a WAL that several connections write and checkpoint.

    Source: sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2, fixed in 3.51.3, 3.50.7 and 3.44.6.
    """
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    if (major, minor) == (3, 50):
        return patch < 7
    if (major, minor) == (3, 44):
        return patch < 6
    return (3, 7, 0) <= (major, minor, patch) < (3, 51, 3)
