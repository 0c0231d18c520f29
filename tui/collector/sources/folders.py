"""Files that a tool leaves in a folder: dbt's artifacts, which every run overwrites, and Great Expectations' results.

A file that is not whole JSON yet may still be written: it gets until the next look.
"""

import hashlib
import logging
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from tui.collector.delivery import FILE_LIMIT
from tui.collector.sources.aside import PATIENCE, Aside
from tui.collector.sources.haul import Haul, unreadable
from tui.config import SourceSettings
from tui.errors import NotJsonError
from tui.formats.decode import Json, parse_json
from tui.store.sources import Cursor

MANIFEST: Final = "manifest.json"
ARTIFACTS: Final = (MANIFEST, "run_results.json", "sources.json")

_FIRST: Final = timedelta(hours=24)  # results older than this are history at the first look
_AT_ONCE: Final = 20
_REMEMBERED: Final = 5_000

logger = logging.getLogger("sev.collector")


class Seen(msgspec.Struct, frozen=True):
    """A file as it is now: when it was written, in nanoseconds, and its size in bytes."""

    mtime: int
    size: int


class _Folder:
    """What both kinds share: reading whole files, with patience for those under way."""

    def __init__(self, settings: SourceSettings, patience: float = PATIENCE) -> None:
        self.pause = settings.every.total_seconds()
        self._folder = settings.path or Path()
        self._half_written: dict[str, Seen] = {}
        self._aside = Aside(self._folder, patience)

    def _look(self) -> None:
        try:
            os.stat(self._folder / ".")
        except OSError as error:
            raise unreadable(f"{self._folder} cannot be read", error.strerror or error, "check the path") from error

    def _body(self, name: str, seen: Seen) -> bytes | None:
        """The whole file; None where it may still be written, or is too large."""
        if seen.size > FILE_LIMIT:
            logger.warning("%s is passed over: more than %d MB", self._folder / name, FILE_LIMIT >> 20)
            return None
        try:
            body = (self._folder / name).read_bytes()
        except OSError as error:
            raise unreadable(f"{self._folder / name} cannot be read", error.strerror or error) from error
        try:
            parse_json(body)
        except NotJsonError:
            if self._half_written.get(name) != seen:
                self._half_written[name] = seen
                return None
        self._half_written.pop(name, None)
        return body

    def broke_off(self) -> None:
        pass

    def asked_to_wait(self) -> float | None:
        return None

    async def close(self) -> None:
        pass


class Artifacts(_Folder):
    """dbt's target folder: `ARTIFACTS`, each time one of them was written anew; what tells the lineage comes first."""

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        return await self._aside.run(partial(self._pull, cursor))

    def _pull(self, cursor: Cursor) -> Haul:
        self._look()
        bodies, known = [], dict(cursor)
        written = [(name, seen) for name in ARTIFACTS if (seen := _seen(self._folder / name))]
        for name, seen in sorted(written, key=lambda one: (one[0] != MANIFEST, one[1].mtime)):
            was = known.get(name)
            if isinstance(was, list) and was[:2] == [seen.mtime, seen.size]:
                continue
            body = self._body(name, seen)
            if body is None:
                continue
            digest = hashlib.sha256(body).hexdigest()
            if not (isinstance(was, list) and was[2:] == [digest]):
                bodies.append(body)
            known[name] = [seen.mtime, seen.size, digest]
        return Haul(bodies=tuple(bodies), cursor=known if known != cursor else None, whole=True)


class Validations(_Folder):
    """A folder of validation results, however deep; each file once, as its name and time tell."""

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        return await self._aside.run(partial(self._pull, cursor, now))

    def _pull(self, cursor: Cursor, now: datetime) -> Haul:
        self._look()
        found = dict(sorted(self._files(), key=lambda one: one[1].mtime)[-_REMEMBERED:])
        listed = cursor.get("seen")
        known: dict[str, Json] = {}
        if isinstance(listed, dict):
            known = {name: mtime for name, mtime in listed.items() if name in found}
        else:
            oldest = (now - _FIRST).timestamp() * 1e9
            known = {name: seen.mtime for name, seen in found.items() if seen.mtime < oldest}
        fresh = [(name, seen) for name, seen in found.items() if known.get(name) != seen.mtime]
        bodies = []
        for name, seen in fresh[:_AT_ONCE]:
            body = self._body(name, seen)
            if body is not None:
                bodies.append(body)
            if name not in self._half_written:
                known[name] = seen.mtime
        return Haul(
            bodies=tuple(bodies),
            cursor={"seen": known} if known != listed else None,
            whole=True,
            more=bool(bodies) and len(fresh) > _AT_ONCE,
        )

    def _files(self) -> Iterator[tuple[str, Seen]]:
        for folder, _, names in os.walk(self._folder):
            for name in names:
                place = Path(folder, name)
                if name.endswith(".json") and not name.startswith(".") and (seen := _seen(place)):
                    yield str(place.relative_to(self._folder)), seen


def _seen(place: Path) -> Seen | None:
    try:
        found = place.stat()
    except OSError:
        return None  # not there yet, or gone by now
    return Seen(found.st_mtime_ns, found.st_size)
