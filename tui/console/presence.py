"""Who has the console open on a store: a small locked file for each, in a folder beside it. Never in the store itself.

The kernel lets go of the lock when a console dies, however it dies: what is not locked is nobody.
An idle console writes nothing.
"""

import fcntl
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from tui.collector.files import beside, mode_for, protect
from tui.model.text import Safe, person

LOOKED_FOR_EVERY: Final = 2.0
"""Seconds between two looks for who is here; a console that died is gone within one of them."""

_STEP: Final = timedelta(seconds=20)  # keys within it don't move `seen`
_LONGEST: Final = 4_096
_MOST: Final = 100

logger = logging.getLogger("sev.console")


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """One console. `seen`: its person's last key, to within 20 seconds; `incident`: the one they have open."""

    name: Safe
    since: datetime
    seen: datetime
    incident: int | None = None


class _Note(msgspec.Struct, frozen=True):
    """What the file of a console says."""

    name: str
    since: datetime
    incident: int | None = None


def presence_folder(store: Path) -> Path:
    """Where the files of a store's consoles lie."""
    return beside(store, ".here")


class Presence:
    """This console's own file, and a look at the others. Without `open` it only looks, as a read-only console does."""

    def __init__(self, store: Path, name: str, clock: Callable[[], datetime]) -> None:
        self._folder = presence_folder(store)
        self._name, self._clock = name, clock
        self._since = clock()
        self._path = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._file: int | None = None
        self._incident: int | None = None
        self._touched = self._since

    def open(self) -> None:
        """Be seen. Where the folder can't be written nobody sees us, and nothing else is lost."""
        fresh = self._path.with_suffix(".new")
        try:
            _make(self._folder)
            file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            protect(file, fresh)
            self._file = file
            self._tell()
            fresh.rename(self._path)  # locked before anybody can find it
        except OSError as error:
            logger.warning("nobody is told that %s is here: %s", self._name, error)
            self.close()

    def at(self, incident: int | None) -> None:
        """Say which incident is open here; writes only where it is another one."""
        if self._file is not None and incident != self._incident:
            self._incident = incident
            with suppress(OSError):
                self._tell()

    def key(self) -> None:
        """A person is at the keys."""
        now = self._clock()
        if self._file is not None and now - self._touched >= _STEP:
            self._touched = now
            with suppress(OSError):
                os.utime(self._file, (now.timestamp(), now.timestamp()))

    def others(self) -> tuple[Here, ...]:
        """Everybody else who has a console open, by name; the files of those that died are swept away."""
        try:
            places = sorted(self._folder.glob("*.json"))[:_MOST]
        except OSError:
            return ()
        found = (one for place in places if place != self._path for one in _look(place))
        return tuple(sorted(found, key=lambda one: (one.name, one.since)))

    def close(self) -> None:
        """Be gone."""
        file, self._file = self._file, None
        for place in (self._path, self._path.with_suffix(".new")):
            with suppress(OSError):
                place.unlink()
        if file is not None:
            os.close(file)

    def _tell(self) -> None:
        if self._file is None:
            return
        text = msgspec.json.encode(_Note(self._name, self._since, self._incident))
        os.pwrite(self._file, text, 0)
        os.ftruncate(self._file, len(text))
        os.utime(self._file, (self._touched.timestamp(),) * 2)


def _make(folder: Path) -> None:
    """As open as the store's own folder, whatever the umask."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    if mode_for(folder) == 0o660:
        folder.chmod(0o2770)


def _look(place: Path) -> Iterator[Here]:
    """The living console of a file, if it is one. What is no plain file of ours is left alone."""
    try:
        file = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        if not _is_locked(file):
            with suppress(OSError):
                place.unlink()
            return
        note = msgspec.json.decode(os.read(file, _LONGEST), type=_Note)
        seen = datetime.fromtimestamp(os.fstat(file).st_mtime, UTC)
        yield Here(name=person(note.name), since=note.since, seen=seen, incident=note.incident)
    except (OSError, msgspec.DecodeError):
        return  # it is being written; the next look has it
    finally:
        os.close(file)


def _is_locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
