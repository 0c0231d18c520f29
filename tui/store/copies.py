"""Copies of the store's file: taken while others write, looked through, and put in its place."""

import errno
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import msgspec

from tui.errors import RefusedError, StoreError
from tui.store import files
from tui.store.engine import Store, refuse_network
from tui.store.health import quick_check
from tui.store.integrity import check_chain
from tui.store.sqlite import sqlite3

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK)


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """A copy that was looked through: events in its log, its size in bytes, the head hash in hex."""

    events: int
    size: int
    head: str


def back_up(store: Path, place: Path) -> Copied:
    """Copy the store to `place` while others write, and look the copy through before it gets its name.

    Raises RefusedError where a file is there already, StoreError for a copy that is not whole, OSError.
    """
    if place.exists():
        raise _taken(place)
    with _unfinished(place) as fresh:
        _copy(Store(store, read_only=True), fresh, store.stat().st_mode & 0o777)
        copied = _look_through(fresh)
        _publish(fresh, place)
    return copied


def copy_file(store: Path, place: Path) -> None:
    """The same for a copy that is kept beside the store for a while: not looked through."""
    with _unfinished(place) as fresh:
        _copy(Store(store, read_only=True), fresh, store.stat().st_mode & 0o777)
        _publish(fresh, place)


def put_back(backup: Path, store: Path, now: datetime) -> Path | None:
    """Make a copy of `backup` the store; returns where the store that was there is kept.

    Who opens the store meanwhile waits and gets the new one. Raises RefusedError while somebody
    has it open, StoreError for a backup that can't be read, OSError.
    """
    refuse_network(store)
    there = store.exists()
    mode = store.stat().st_mode & 0o777 if there else files.mode_in(store.parent)
    kept = _free_name(files.side(store, f".before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"))
    with _unfinished(store) as fresh:
        _copy(Store(backup, read_only=True, still=True), fresh, mode)
        with _alone(store):
            if there:
                os.link(store, kept)
            for suffix in files.SIDES:  # what a damaged store left must not be taken for the new one's
                if files.length(files.side(store, suffix)):
                    files.side(store, suffix).rename(files.side(kept, suffix))
            fresh.replace(store)
            _sync(store.parent)
    return kept if there else None


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Nobody else has the store open while this lasts, and nothing of it waits in a log.

    Leaving write-ahead mode needs that no other connection is there. What SQLite can't read nobody writes,
    and SQLite is kept from tidying it.
    """
    if files.identity(store) is None:
        yield
        return
    conn = sqlite3.connect(f"{store.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=1)
    with closing(conn):
        try:
            conn.execute("PRAGMA journal_mode = DELETE")
            conn.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise _in_use(store) from error
        except sqlite3.DatabaseError:
            conn.close()
        if files.side(store, "-wal").exists():  # opened by somebody between the two
            raise _in_use(store)
        yield


def _free_name(place: Path) -> Path:
    """The place itself, or with a number where something lies there already."""
    names = (place.with_name(f"{place.name}{f'-{n}' if n else ''}") for n in count())
    return next(name for name in names if not name.exists())


def _in_use(store: Path) -> RefusedError:
    return RefusedError(f"{store} was not touched", "somebody has it open", "leave the consoles, stop `sev serve`")


@contextmanager
def _unfinished(place: Path) -> Iterator[Path]:
    """A name beside `place` that nobody takes for a finished copy; what is left under it goes away."""
    fresh = place.with_name(f"{place.name}.part-{os.getpid()}")
    try:
        yield fresh
    finally:
        for suffix in ("", *files.SIDES):
            files.side(fresh, suffix).unlink(missing_ok=True)


def _copy(source: Store, fresh: Path, mode: int) -> None:
    """Everything in one step: what is copied is one moment of the store, whoever writes meanwhile. One file."""
    with source:
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.fchmod(file, mode)
        finally:
            os.close(file)
        try:
            with closing(sqlite3.connect(fresh, isolation_level=None)) as target:
                source.detach().backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            raise StoreError(f"{source.path} cannot be copied", str(error), "look at the disk; `sev doctor`") from error
    _sync(fresh)


def _look_through(copy: Path) -> Copied:
    """Chain and file of a copy. Raises StoreError where they are not whole."""
    with Store(copy, read_only=True) as store:
        events, bad, head = store.read(check_chain)
        fault = store.read(quick_check)
    if bad is not None or fault:
        why = fault or f"the log is broken at event {bad}"
        raise StoreError("the copy is not whole", why, "`sev verify` the store; no backup was written")
    return Copied(events=events, size=copy.stat().st_size, head=head.hex())


def _publish(fresh: Path, place: Path) -> None:
    """Give a finished copy its name; never over another file. Raises RefusedError, OSError."""
    try:
        os.link(fresh, place)
    except FileExistsError:
        raise _taken(place) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if place.exists():
            raise _taken(place) from None
        fresh.rename(place)
    _sync(place.parent)


def _taken(place: Path) -> RefusedError:
    return RefusedError(f"{place} is there already", "it is not overwritten", "give another FILE")


def _sync(path: Path) -> None:
    """Have a file or a folder on the disk before going on."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
