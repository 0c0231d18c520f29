"""Opening the store and running one transaction as one callable, for direct callers (verbs, tests).

The journal mode is decided here; which SQLite is used, in `sqlite.py`; layouts and their migrations, in `layout.py`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from tui.errors import StoreBusyError, StoreError, StoreFaultError, StoreFullError
from tui.store import ballast, files, layout
from tui.store.files import file_system
from tui.store.layout import APPLICATION_ID, LATEST, migrations
from tui.store.reach import need_reach
from tui.store.sqlite import has_wal_reset_bug, sqlite3, sqlite_version

__all__ = [
    "APPLICATION_ID", "BUSY_SECONDS", "LATEST", "Connection", "Row", "Store", "be_patient", "checkpoint", "connect",
    "file_system", "migrations", "prepare", "run_read", "run_tx",
]  # fmt: skip

T = TypeVar("T")
Connection = sqlite3.Connection
Row = sqlite3.Row

BUSY_SECONDS: Final = 5.0
_SHORT_WAIT: Final = 0.02


def connect(path: Path, *, read_only: bool = False, still: bool = False) -> Connection:
    """A connection with sev's pragmas. The caller closes it. Raises StoreError.

    `still`: one that reads and leaves no trace, not even an index of the log. `Store` watches over it.
    """
    need_reach(path)
    refuse_network(path)
    if read_only and not path.exists():
        raise StoreError(f"no store at {path}", "it was never written", "start `sev` or `sev serve`, or see --store")
    mode = "ro" if read_only else "rwc"
    if still:
        mode += "&immutable=1" if files.is_settled(path) else "&readonly_shm=1"
    try:
        conn = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=BUSY_SECONDS,
            check_same_thread=False,
        )
        conn.row_factory = sqlite3.Row
        if read_only:
            conn.execute("PRAGMA query_only = ON")
        return conn
    except sqlite3.Error as error:
        raise StoreError(f"cannot open {path}", str(error), "check the path and its permissions") from error


def refuse_network(path: Path) -> None:
    """Raises StoreError where a store can't be kept: locks don't hold on a network file system."""
    if file_system(path.parent) in files.NETWORK:
        raise StoreError(
            f"{path} is on a network file system",
            "SQLite's locks are not safe there",
            "put the store on a local disk: --store PATH",
        )


def prepare(conn: Connection, path: Path) -> None:
    """Bring a writable connection's file to the latest layout and set its journal mode. Raises StoreError."""
    try:
        _check_identity(conn, path)
        _set_journal_mode(conn, "truncate" if has_wal_reset_bug(sqlite_version()) else "wal")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("PRAGMA wal_autocheckpoint = 2000")
        conn.execute("PRAGMA temp_store = MEMORY")
        if conn.execute("PRAGMA user_version").fetchone()[0] < layout.LATEST:
            layout.migrate(conn, path)
    except sqlite3.Error as error:
        raise _as_store_error(error, path) from error


def _set_journal_mode(conn: Connection, wanted: str) -> None:
    """Changing it fails at once, without SQLite's own waiting, while another one opens the same new store."""
    deadline = time.monotonic() + BUSY_SECONDS
    while conn.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        try:
            conn.execute(f"PRAGMA journal_mode = {wanted}")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= deadline:
                raise
            time.sleep(0.005)


def _check_identity(conn: Connection, path: Path) -> None:
    """What `files.identity` saw before, asked again under a lock: another one may be making this very store."""
    conn.execute("BEGIN")
    try:
        application = conn.execute("PRAGMA application_id").fetchone()[0]
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        tables = conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    finally:
        conn.execute("ROLLBACK")
    layout.accept(files.Identity(application, version, bool(tables)), path)


@contextmanager
def _immediate(conn: Connection, patience: float = BUSY_SECONDS) -> Iterator[None]:
    _begin(conn, patience)
    try:
        yield
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def _begin(conn: Connection, patience: float) -> None:
    """Take the writer's lock.

    SQLite's own waiting looks less and less often, at last every 100 ms, and would miss the moments that the
    collector leaves between its commits. So it is asked for short waits, again and again.
    """
    deadline = time.monotonic() + patience
    be_patient(conn, min(patience, _SHORT_WAIT))
    try:
        while True:
            try:
                conn.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() >= deadline:
                    raise
            else:
                return
    finally:
        be_patient(conn, patience)


def run_tx(conn: Connection, work: Callable[[Connection], T], patience: float = BUSY_SECONDS) -> T:
    """`work(conn)` whole: BEGIN IMMEDIATE, the work, COMMIT; ROLLBACK when it raises. Raises StoreError.

    `patience`: seconds to wait for the lock.
    """
    try:
        with _immediate(conn, patience):
            return work(conn)
    except sqlite3.Error as error:
        raise _as_store_error(error, None) from error


def run_read(conn: Connection, work: Callable[[Connection], T]) -> T:
    """`work(conn)` on one snapshot, so that several queries agree. Raises StoreError."""
    try:
        conn.execute("BEGIN")
        try:
            return work(conn)
        finally:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise _as_store_error(error, None) from error


def checkpoint(conn: Connection) -> None:
    """Sync the WAL into the file; what others still read follows with a later one. Raises StoreError."""
    try:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise _as_store_error(error, None) from error


def be_patient(conn: Connection, seconds: float) -> None:
    """How long a connection waits for another one's lock before it raises StoreBusyError."""
    conn.execute(f"PRAGMA busy_timeout = {int(seconds * 1_000)}")


def _is_busy(error: sqlite3.Error) -> bool:
    return "BUSY" in getattr(error, "sqlite_errorname", "") or "locked" in str(error)


def _as_store_error(error: sqlite3.Error, path: Path | None) -> StoreError:
    what = f"the store {path}" if path else "the store"
    name = getattr(error, "sqlite_errorname", "")
    if _is_busy(error):
        return StoreBusyError(f"{what} is busy", "another process holds it", "try again")
    if "FULL" in name or name == "SQLITE_IOERR_SHMSIZE":
        return StoreFullError(f"{what} cannot be written", "the disk is full", "free space and try again")
    if "IOERR" in name or "CORRUPT" in name or "NOTADB" in name:
        return StoreFaultError(f"{what} cannot be used", str(error), "run `sev doctor`")
    return StoreError(f"{what} cannot be used", str(error), "run `sev doctor`")


class Store:
    """The store for direct callers: one connection, no event loop. Close it, or use it as a context."""

    def __init__(self, path: Path, *, read_only: bool = False, still: bool = False) -> None:
        """`still`: reading leaves no trace beside the file; for single looks, as it may have to begin anew."""
        self.path = path
        self.read_only = read_only
        self._still = still and read_only
        self._stamp: tuple[int, int, int, bool] | None = None  # of a file that is read without any lock
        if not read_only:
            refuse_network(path)
            files.make(path)
        try:
            self._open()
        except StoreFullError:
            if read_only or not ballast.free(path):
                raise
            self._open()

    def _open(self) -> None:
        """Open the file that lies there now: while we waited, a restored one may have taken its place."""
        while True:
            layout.accept(files.identity(self.path), self.path)
            before = files.inode(self.path)
            self._stamp = files.stamp(self.path) if self._still and before and files.is_settled(self.path) else None
            self._conn = connect(self.path, read_only=self.read_only, still=self._still)
            try:
                if self.read_only:
                    _check_identity(self._conn, self.path)
                else:
                    prepare(self._conn, self.path)
            except sqlite3.Error as error:
                self._conn.close()
                if not self._still:
                    raise _as_store_error(error, self.path) from error
                self._still = False  # a log without its index can't be read without making one
                continue
            except StoreError:
                self._conn.close()
                raise
            if files.inode(self.path) in (before, 0):
                return
            self._conn.close()

    def tx(self, work: Callable[[Connection], T]) -> T:
        """Run a writing transaction; see `run_tx`. On a full disk the ballast is given up for it."""
        if self.read_only:
            raise StoreError("nothing was written", "the store is open read-only", "leave out --read-only")
        try:
            return run_tx(self._conn, work)
        except StoreFullError:
            if not ballast.free(self.path):
                raise
            return run_tx(self._conn, work)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run a reading transaction; see `run_read`."""
        while self._stamp is not None:
            try:
                found = run_read(self._conn, work)
            except StoreError:
                if files.stamp(self.path) == self._stamp:
                    raise
            else:
                if files.stamp(self.path) == self._stamp:
                    return found
            self._conn.close()  # somebody wrote while we read without a lock: what was read may be torn
            self._open()
        return run_read(self._conn, work)

    def compact(self) -> bool:
        """Write the file anew, without what was deleted, and empty its log; False while others hold old pages.

        Not inside a transaction. Raises StoreError.
        """
        try:
            self._conn.execute("PRAGMA temp_store = FILE")  # the whole store would be in memory otherwise
            self._conn.execute("VACUUM")
            row = self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._conn.execute("PRAGMA temp_store = MEMORY")
        except sqlite3.Error as error:
            raise _as_store_error(error, self.path) from error
        return bool(row[0] == 0)

    def data_version(self) -> int:
        """A number that changes when another connection commits; costs microseconds."""
        return int(self._conn.execute("PRAGMA data_version").fetchone()[0])

    def wait_for_change(self, seen: int, seconds: float) -> bool:
        """Wait until `data_version` differs from `seen`, at most `seconds`; for callers without an event loop."""
        deadline = time.monotonic() + seconds
        while self.data_version() == seen:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.005)
        return True

    def detach(self) -> Connection:
        """Hand the checked connection over; whoever takes it closes it."""
        return self._conn

    def close(self) -> None:
        """Give the connection back."""
        self._conn.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
