"""Opening the store and running one transaction as one callable, for direct callers (verbs, tests).

The journal mode is decided here; which SQLite is used, in `sqlite.py`.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Final, TypeVar

from tui.errors import StoreBusyError, StoreError, StoreTooNewError
from tui.store.reach import need_reach
from tui.store.sqlite import has_wal_reset_bug, sqlite3, sqlite_version

T = TypeVar("T")
Connection = sqlite3.Connection
Row = sqlite3.Row

APPLICATION_ID: Final = 0x73657621  # "sev!"
BUSY_SECONDS: Final = 5.0
_NETWORK: Final = frozenset(
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "afs", "lustre"]
)


def migrations() -> list[tuple[int, str]]:
    """Every migration as (number, SQL), in order."""
    folder = resources.files("tui.store") / "migrations"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
    return [(int(item.name[:4]), item.read_text("utf-8")) for item in files]


LATEST: Final = 1
"""The layout this program writes: the number of the newest migration."""


def file_system(path: Path) -> str:
    """The type of the file system that holds `path`, from /proc/mounts; empty where it can't be told."""
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    resolved, best, kind = str(path.resolve()), "", ""
    for line in mounts:
        fields = line.split(" ")
        place = fields[1].replace("\\040", " ")
        inside = resolved == place or resolved.startswith(place.rstrip("/") + "/")
        if inside and len(place) >= len(best):
            best, kind = place, fields[2]
    return kind


def connect(path: Path, *, read_only: bool = False) -> Connection:
    """A connection with sev's pragmas. The caller closes it. Raises StoreError."""
    need_reach(path)
    if file_system(path.parent) in _NETWORK:
        raise StoreError(
            f"{path} is on a network file system",
            "SQLite's locks are not safe there",
            "put the store on a local disk: --store PATH",
        )
    if read_only and not path.exists():
        raise StoreError(f"no store at {path}", "it was never written", "start `sev` or `sev serve`, or see --store")
    try:
        conn = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}",
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


def prepare(conn: Connection, path: Path) -> None:
    """Bring a writable connection's file to the latest layout and set its journal mode. Raises StoreError."""
    try:
        _check_identity(conn, path)
        _set_journal_mode(conn, "truncate" if has_wal_reset_bug(sqlite_version()) else "wal")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("PRAGMA wal_autocheckpoint = 2000")
        conn.execute("PRAGMA temp_store = MEMORY")
        if conn.execute("PRAGMA user_version").fetchone()[0] < LATEST:
            _migrate(conn)
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
    conn.execute("BEGIN")  # one moment: another one may be making this very store
    try:
        application = conn.execute("PRAGMA application_id").fetchone()[0]
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        tables = conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    finally:
        conn.execute("ROLLBACK")
    if application != APPLICATION_ID and tables:
        raise StoreError(f"{path} is not sev's", "it is another program's SQLite file", "give another --store PATH")
    if version > LATEST:
        raise StoreTooNewError(
            f"{path} has layout {version}", f"this sev knows {LATEST}", "upgrade sev; the file was not touched"
        )


def _migrate(conn: Connection) -> None:
    with _immediate(conn):
        done = conn.execute("PRAGMA user_version").fetchone()[0]
        for number, script in migrations():
            if number <= done:
                continue
            for statement in _statements(script):
                conn.execute(statement)
            conn.execute(f"PRAGMA user_version = {number}")
        conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _statements(script: str) -> Iterator[str]:
    """Whole statements: executescript would commit on its own and tear the migration's transaction."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""


@contextmanager
def _immediate(conn: Connection) -> Iterator[None]:
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def run_tx(conn: Connection, work: Callable[[Connection], T]) -> T:
    """`work(conn)` whole: BEGIN IMMEDIATE, the work, COMMIT; ROLLBACK when it raises. Raises StoreError."""
    try:
        with _immediate(conn):
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


def _as_store_error(error: sqlite3.Error, path: Path | None) -> StoreError:
    what = f"the store {path}" if path else "the store"
    name = getattr(error, "sqlite_errorname", "")
    if "BUSY" in name or "locked" in str(error):
        return StoreBusyError(f"{what} is busy", "another process holds it", "try again")
    if "FULL" in name:
        return StoreError(f"{what} cannot be written", "the disk is full", "free space and try again")
    return StoreError(f"{what} cannot be used", str(error), "run `sev doctor`")


class Store:
    """The store for direct callers: one connection, no event loop. Close it, or use it as a context."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        if not read_only:
            _make_folder(path)
        self._conn = connect(path, read_only=read_only)
        try:
            if read_only:
                _check_identity(self._conn, path)
            else:
                prepare(self._conn, path)
        except sqlite3.Error as error:
            self._conn.close()
            raise _as_store_error(error, path) from error
        except StoreError:
            self._conn.close()
            raise

    def tx(self, work: Callable[[Connection], T]) -> T:
        """Run a writing transaction; see `run_tx`."""
        if self.read_only:
            raise StoreError("nothing was written", "the store is open read-only", "leave out --read-only")
        return run_tx(self._conn, work)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run a reading transaction; see `run_read`."""
        return run_read(self._conn, work)

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


def _make_folder(path: Path) -> None:
    """The folder of a new store is its owner's alone; one that exists keeps its mode (it may be a team's)."""
    try:
        need_reach(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make_file(path, 0o660 if _is_shared(path.parent) else 0o600)
    except OSError as error:
        raise StoreError(f"cannot make {path}", error.strerror or str(error), "give another --store PATH") from error


def _make_file(path: Path, mode: int) -> None:
    """An empty file of this mode whatever the umask: SQLite gives its journals the mode of the store."""
    try:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return  # another process was quicker
    try:
        os.fchmod(file, mode)
    finally:
        os.close(file)


def _is_shared(folder: Path) -> bool:
    """A set-group-id directory marks a store that a group shares."""
    return bool(folder.stat().st_mode & 0o2000)
