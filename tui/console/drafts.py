"""What a person typed and did not send: kept on disk until it is used or discarded, whatever becomes of the console.

A file for each draft, so that two consoles of one person don't overwrite each other's. No widget here.
"""

import hashlib
import logging
import os
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

KEPT_WITHIN: Final = 0.5
"""Seconds from a key to the disk, at most."""

_STALE: Final = 14 * 86_400.0

logger = logging.getLogger("sev.console")
_sent: ContextVar[str] = ContextVar("sent", default="")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Typed texts by the name of their field. `seen`: the newest event that was on the screen when they were begun."""

    person: str
    name: str
    texts: dict[str, str]
    seen: int | None = None


def drafts_folder(store: Path) -> Path:
    """Where the drafts on one store lie, in the login's own state folder."""
    place = hashlib.sha256(os.fsencode(store.absolute())).hexdigest()[:16]
    return Path(platformdirs.user_state_dir("sev", appauthor=False)) / "drafts" / place


class Drafts:
    """The drafts of one person on one store. Without a `folder` they live as long as the console."""

    def __init__(self, folder: Path | None, person: str) -> None:
        self._folder, self._person = folder, person
        self._known: dict[str, Draft] = {}

    def get(self, name: str) -> Draft | None:
        """The draft of this name, from another console of the same person too."""
        found = self._read(self._place(name)) if self._folder is not None else None
        return found or self._known.get(name)

    def waiting(self) -> list[str]:
        """The names of all of them, sorted. What nobody came back to for two weeks goes."""
        if self._folder is None:
            return sorted(self._known)
        found = [self._read(place) for place in self._folder.glob("*.json") if not _is_stale(place)]
        return sorted(one.name for one in found if one is not None and one.person == self._person)

    def keep(self, name: str, texts: dict[str, str], seen: int | None) -> None:
        """Keep what is typed by now. A disk that is full or closed must not stop anybody from typing."""
        draft = Draft(person=self._person, name=name, texts=texts, seen=seen)
        self._known[name] = draft
        if self._folder is None:
            return
        try:
            _write(self._place(name), msgspec.json.encode(draft))
        except OSError as error:
            logger.warning("the draft %s is kept in memory only: %s", name, error)

    def drop(self, name: str) -> None:
        """It was used or discarded."""
        self._known.pop(name, None)
        if self._folder is not None:
            self._place(name).unlink(missing_ok=True)

    def send(self, name: str) -> None:
        """This draft goes into the act that its task does next; it stays until that is done."""
        _sent.set(name)

    def settle(self) -> None:
        """What this task sent is stored: its draft goes."""
        if name := _sent.get():
            _sent.set("")
            self.drop(name)

    def _place(self, name: str) -> Path:
        folder = self._folder or Path()
        return folder / f"{hashlib.sha256(f'{self._person} {name}'.encode()).hexdigest()[:24]}.json"

    def _read(self, place: Path) -> Draft | None:
        try:
            return msgspec.json.decode(place.read_bytes(), type=Draft)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            logger.warning("the draft %s cannot be read: %s", place, error)
            return None


def _is_stale(place: Path) -> bool:
    try:
        stale = time.time() - place.stat().st_mtime > _STALE
        if stale:
            place.unlink()
    except OSError:
        return True  # another console of the same person was quicker
    return stale


def _write(place: Path, content: bytes) -> None:
    """Whole or not at all, for nobody else to read."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place.with_suffix(f".{os.getpid()}")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(file, content)
    finally:
        os.close(file)
    fresh.replace(place)
