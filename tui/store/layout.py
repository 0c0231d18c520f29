"""Layouts of the store and the way from one to the next: forward only, whole or not at all, a copy kept before."""

import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

from tui.errors import StoreError, StoreTooNewError
from tui.store import files
from tui.store.sqlite import sqlite3

APPLICATION_ID: Final = 0x73657621  # "sev!"
LATEST: Final = 1
"""The layout this program writes: the number of the newest migration."""


def migrations() -> list[tuple[int, str]]:
    """Every migration as (number, SQL), in order."""
    folder = resources.files("tui.store") / "migrations"
    found = sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
    return [(int(item.name[:4]), item.read_text("utf-8")) for item in found]


def accept(identity: files.Identity | None, path: Path) -> None:
    """Raises StoreError for another program's file and StoreTooNewError for a later layout."""
    if identity is None:
        return
    if identity.application != APPLICATION_ID and (identity.tables or identity.version):
        raise StoreError(f"{path} is not sev's", "it is another program's SQLite file", "give another --store PATH")
    if identity.version > LATEST:
        raise StoreTooNewError(
            f"{path} has layout {identity.version}", f"this sev knows {LATEST}", "upgrade sev; the file was not touched"
        )


def migrate(conn: sqlite3.Connection, path: Path) -> None:
    """Bring a file to the latest layout in one transaction, the file as it was kept beside it. Raises StoreError."""
    kept: Path | None = None
    conn.execute("BEGIN IMMEDIATE")
    try:
        done = conn.execute("PRAGMA user_version").fetchone()[0]
        if 0 < done < LATEST and conn.execute("SELECT EXISTS (SELECT 1 FROM event)").fetchone()[0]:
            kept = _keep(path, done)
        _run(conn, done)
        conn.execute("COMMIT")
    except BaseException as error:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        if kept is not None:
            kept.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error) and done:
            why = f"{error}; the file is as it was"
            raise StoreError(f"{path} cannot be brought from layout {done} to {LATEST}", why, "report it") from error
        raise


def _run(conn: sqlite3.Connection, done: int) -> None:
    for number, script in migrations():
        if number <= done:
            continue
        for statement in _statements(script):
            conn.execute(statement)
        conn.execute(f"PRAGMA user_version = {number}")
    conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _keep(path: Path, layout: int) -> Path:
    """A copy of the file as it is committed, beside it, for whoever has to go back to the earlier sev."""
    from tui.store.copies import copy_file

    place = files.side(path, f".layout-{layout}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    copy_file(path, place)
    return place


def _statements(script: str) -> Iterator[str]:
    """Whole statements: executescript would commit on its own and tear the migration's transaction."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""
