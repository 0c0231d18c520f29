"""Copies of the store's file: taken while others write, examined, and put in its place."""

import os
from contextlib import closing
from pathlib import Path

from tui.store.engine import BUSY_SECONDS
from tui.store.sqlite import sqlite3


def copy_file(store: Path, place: Path) -> None:
    """Copy what is committed into a new file at `place`, with the store's mode, through SQLite's backup.

    One file, without a log beside it. A crash leaves nothing at `place`. Raises FileExistsError, OSError, sqlite3.Error.
    """
    fresh = place.with_name(f"{place.name}.part-{os.getpid()}")
    try:
        _copy(store, fresh)
        publish(fresh, place)
    finally:
        for left in (fresh, fresh.with_name(fresh.name + "-journal")):
            left.unlink(missing_ok=True)


def _copy(store: Path, fresh: Path) -> None:
    mode = store.stat().st_mode & 0o777
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    fresh.chmod(mode)
    source = sqlite3.connect(f"{store.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    target = sqlite3.connect(fresh, isolation_level=None)
    with closing(source), closing(target):
        source.backup(target)  # in one step: what is read is one moment of the store, whoever writes meanwhile
        target.execute("PRAGMA journal_mode = DELETE")
    sync(fresh)


def publish(fresh: Path, place: Path) -> None:
    """Give a finished file its name; never over another one. Raises FileExistsError, OSError."""
    os.link(fresh, place)
    fresh.unlink()
    sync(place.parent)


def sync(path: Path) -> None:
    """Have a file or a folder on the disk before going on."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
