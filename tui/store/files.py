"""The store's file seen from outside SQLite: where it may lie, its mode, and what its header and log say of it.

Nothing here opens a database, so that a file that is refused stays as it is, byte for byte.
"""

import mmap
import os
import struct
from bisect import bisect_left
from pathlib import Path
from typing import Final, NamedTuple

from tui.errors import StoreError
from tui.store.reach import need_reach

NETWORK: Final = frozenset(
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "afs", "lustre"]
)
"""File systems on which SQLite's locks can't be trusted."""

SIDES: Final = ("-wal", "-shm", "-journal")
"""What SQLite may keep beside its file."""

_MAGIC: Final = b"SQLite format 3\0"
_HEAD: Final = 112  # the file's header, and of the first page's own header what counts its entries
_WAL_HEAD: Final = 32
_FRAME_HEAD: Final = 24


class Identity(NamedTuple):
    """Whose file it is and which layout it has. `tables`: whether there is anything in it."""

    application: int
    version: int
    tables: bool


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


def side(path: Path, suffix: str) -> Path:
    """A file beside the store: `sev.db` and `-wal` → `sev.db-wal`."""
    return path.with_name(path.name + suffix)


def is_shared(folder: Path) -> bool:
    """A set-group-id directory marks a store that a group shares."""
    return bool(folder.stat().st_mode & 0o2000)


def mode_in(folder: Path) -> int:
    """What a store made in `folder` may be opened by: its owner alone, or the folder's group too."""
    return 0o660 if is_shared(folder) else 0o600


def make(path: Path) -> None:
    """Make the folder and the empty file of a new store, whatever the umask; what exists keeps its mode.

    A new folder is its owner's alone; one that exists may be a team's. Raises StoreError.
    """
    need_reach(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            mode = mode_in(path.parent)
            file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                if os.fstat(file).st_uid == os.geteuid():
                    os.fchmod(file, mode)
            finally:
                os.close(file)
    except OSError as error:
        raise StoreError(f"cannot make {path}", error.strerror or str(error), "give another --store PATH") from error


def inode(path: Path) -> int:
    """Which file lies at `path` now; 0 where none does."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def length(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def is_settled(path: Path) -> bool:
    """Whether the file alone is the whole store: nothing waits in a log or a journal beside it."""
    return length(side(path, "-wal")) == length(side(path, "-journal")) == 0


def stamp(path: Path) -> tuple[int, int, int, bool]:
    """What differs as soon as somebody has written to a settled store."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size, is_settled(path)


def identity(path: Path) -> Identity | None:
    """What a file says of itself, its unfinished write-ahead log included; None for what is no database.

    An absent, empty or unreadable file is None too: whoever opens it says what is wrong with it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None
    if len(head) < _HEAD or not head.startswith(_MAGIC):
        return None
    first = _first_page_in_log(side(path, "-wal")) or head
    version, application = struct.unpack_from(">I", first, 60)[0], struct.unpack_from(">I", first, 68)[0]
    return Identity(application, version, struct.unpack_from(">H", first, 103)[0] > 0)


def _first_page_in_log(wal: Path) -> bytes | None:
    """The beginning of the file's first page as the last commit in its log left it; None where no commit holds it.

    The log's format is at sqlite.org/fileformat2.html#walformat. Sums are not checked:
    SQLite does that; here a torn frame at the end is passed over, as no commit follows it.
    """
    try:
        with wal.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as log:
            return _last_committed(log)
    except (OSError, ValueError):  # absent or empty
        return None


def _last_committed(log: mmap.mmap) -> bytes | None:
    """Looked for from the end: nearly every commit that lets the file grow holds the first page."""
    if len(log) < _WAL_HEAD:
        return None
    salts, stride = log[16:24], _FRAME_HEAD + int.from_bytes(log[8:12], "big")

    def number(frame: int, place: int) -> int:
        """The page of a frame (0), or what marks a commit (4)."""
        at = _WAL_HEAD + frame * stride + place
        return int.from_bytes(log[at : at + 4], "big")

    def is_older(frame: int) -> bool:
        """Whether it is left over from before the log was begun anew; those come last."""
        at = _WAL_HEAD + frame * stride + 8
        return log[at : at + 8] != salts

    frames = range((len(log) - _WAL_HEAD) // stride)
    ours = frames[: bisect_left(frames, True, key=is_older)]
    commit = next((n for n in reversed(ours) if number(n, 4)), -1)
    first = next((n for n in reversed(ours[: commit + 1]) if number(n, 0) == 1), -1)
    at = _WAL_HEAD + first * stride + _FRAME_HEAD
    return None if first < 0 else log[at : at + _HEAD]
