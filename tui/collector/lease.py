"""The lease: which process is the collector of a store. A kernel lock on a file beside it is the truth.

While it is held the file holds who holds it, and its mtime is the heartbeat. Nothing here touches the store.
"""

import fcntl
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from tui.collector.files import beside, protect
from tui.errors import StoreError

FRESH: Final = timedelta(seconds=5)
"""A heartbeat older than this means that the collector hangs or is gone."""

_PATIENCE: Final = 10  # a reader's probe holds the lock for microseconds; it must not be taken for a holder
_PAUSE: Final = 0.005


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the lease. `listen`: addresses it receives on; `child`: it ends with the console that started it.

    `passing`: no collector, but a `sev ingest` that judges what it takes in, and ends.
    `trouble`: what keeps it from taking in, if anything.
    `heartbeat`: what is wrong with the call that says it is alive; empty where nothing is, or none is made.
    """

    pid: int
    host: str
    started_at: datetime
    listen: tuple[str, ...] = ()
    child: bool = False
    passing: bool = False
    trouble: str = ""
    heartbeat: str = ""


def lease_path(store: Path) -> Path:
    """Where the lease of a store lies."""
    return beside(store, ".lease")


class Lease:
    """The lease of one store, in the process that wants it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.crashed_before = False
        """Whether the process that held it before ended without giving it back."""
        self._file: int | None = None
        self._told: Holder | None = None

    def try_take(self, holder: Holder) -> bool:
        """Take it and say who holds it now; False where another process has it. Raises StoreError."""
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unusable(self.path, error) from error
        try:
            if not _lock(file) or not self._is_ours(file):
                os.close(file)
                return False
            protect(file, self.path)
            self.crashed_before = os.fstat(file).st_size > 0
        except OSError as error:
            os.close(file)
            raise _unusable(self.path, error) from error
        self._file = file
        self.tell(holder)
        return True

    def _is_ours(self, file: int) -> bool:
        """Whether the locked file is still the one at the path: one that was deleted locks nobody out."""
        try:
            return os.path.samestat(os.fstat(file), self.path.stat())
        except FileNotFoundError:
            return False

    def tell(self, holder: Holder) -> None:
        """Write who holds it; again when the addresses are known. Raises StoreError."""
        if self._file is None:
            raise StoreError(f"{self.path} is not held by this process")
        self._told = holder
        text = msgspec.json.encode(holder) + b"\n"
        try:
            os.pwrite(self._file, text, 0)
            os.ftruncate(self._file, len(text))
        except OSError as error:
            raise _unusable(self.path, error) from error

    def holds(self) -> bool:
        """Whether it is held by this process, and by a file that others still see."""
        return self._file is not None and self._is_ours(self._file)

    def say(self, trouble: str) -> None:
        """Write what keeps the holder from taking in; nothing for all is well. Raises StoreError."""
        if (me := holder(self.path)) is not None:
            self.tell(msgspec.structs.replace(me, trouble=trouble))

    def tell_heartbeat(self, fault: str) -> None:
        """Write what is wrong with the heartbeat; empty for nothing. Raises StoreError."""
        if self._told is not None:
            self.tell(msgspec.structs.replace(self._told, heartbeat=fault))

    def beat(self) -> bool:
        """Show that the holder lives; False when the file was taken away, so that others no longer see the lock."""
        if self._file is None or not self.holds():
            return False
        os.utime(self._file)
        return True

    def release(self, *, clean: bool = True) -> None:
        """Give the lock back; the file is emptied after a `clean` end only. Does nothing where it is not held."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            if clean:
                os.ftruncate(file, 0)
        finally:
            os.close(file)  # closing the only descriptor unlocks


def _lock(file: int) -> bool:
    for turn in range(_PATIENCE):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if turn + 1 < _PATIENCE:
                time.sleep(_PAUSE)
        else:
            return True
    return False


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"cannot use the lease {path}", error.strerror or str(error), "check the folder's permissions")


def holder(path: Path) -> Holder | None:
    """What the lease file says; None where nobody holds it or it can't be read. After a crash it is out of date."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None


def is_passing(path: Path) -> bool:
    """Whether its holder is no collector: a `sev ingest` that ends by itself."""
    found = holder(path)
    return found is not None and found.passing


def age(path: Path, now: datetime) -> timedelta | None:
    """How long ago the heartbeat was; None where there is no lease file."""
    try:
        beaten = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None
    return max(now - beaten, timedelta(0))


def is_held(path: Path) -> bool:
    """Whether a living process holds it: asks the kernel. For a look now and then; `age` is for every second."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)
