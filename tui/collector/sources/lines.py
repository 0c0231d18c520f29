"""Sources of lines: a file that something appends to, and the system's journal."""

import asyncio
import contextlib
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from tui.collector.sources import tail
from tui.collector.sources.aside import PATIENCE, Aside
from tui.collector.sources.haul import Haul, unreadable
from tui.config import SourceKind, SourceSettings
from tui.errors import NotJsonError, SevError
from tui.formats.base import inside
from tui.formats.decode import parse_json
from tui.store.sources import Cursor

LOOK: Final = 1.0
"""Seconds between two looks at a file: a look costs microseconds, and its lines should not be old."""

_WAIT: Final = 20.0  # for a first line of the journal
_GATHER: Final = 0.05
_LONGEST: Final = 2 << 20
_ENDS_WITHIN: Final = 5.0
_SAID: Final = 400


class File:
    """A file of JSON lines. At its first sight it is read from its end, as everything in it is history."""

    def __init__(self, settings: SourceSettings, patience: float = PATIENCE) -> None:
        self.pause = min(LOOK, settings.every.total_seconds())
        self._path = settings.path or Path()
        self._only_telling = settings.kind is SourceKind.JOURNALD
        self._was_away = False
        self._aside = Aside(self._path, patience)

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        try:
            return await self._aside.run(partial(self._pull, cursor))
        except OSError as error:
            self._was_away = True
            raise unreadable(f"{self._path} cannot be read", error.strerror or error, "check the path") from error

    def _pull(self, cursor: Cursor) -> Haul:
        if not cursor:
            begin = tail.at_the_start if self._was_away else tail.at_the_end
            return Haul(cursor=msgspec.to_builtins(begin(self._path)), more=True)
        found = tail.read_on(self._path, msgspec.convert(cursor, tail.Mark))
        mark: Cursor = msgspec.to_builtins(found.mark)
        return Haul(
            bodies=found.lines,
            cursor=mark if mark != cursor else None,
            whole=True,
            more=found.more,
            only_telling=self._only_telling,
        )

    def broke_off(self) -> None:
        pass

    def asked_to_wait(self) -> float | None:
        return None

    async def close(self) -> None:
        pass


class Journal:
    """The system's journal, by a `journalctl` that follows it; after a restart from the last line that was read.

    At its first sight it begins now, or with the `last` lines.
    """

    pause = 0.0

    def __init__(self, settings: SourceSettings, *, last: int = 0) -> None:
        self._last = last
        self._wait = min(_WAIT, settings.every.total_seconds())
        self._process: Process | None = None

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        process = self._process or await self._start(cursor)
        lines = await self._lines(process)
        place = _cursor_in(lines[-1]) if lines else None
        return Haul(bodies=tuple(lines), cursor={"after": place} if place else None, whole=True, only_telling=True)

    async def _start(self, cursor: Cursor) -> Process:
        program = shutil.which("journalctl")
        if program is None:
            raise unreadable("journalctl is not installed", "", "give a path to a file of journal lines")
        after = cursor.get("after")
        begin = [f"--lines={self._last}"]
        if isinstance(after, str):
            begin = ["--no-tail", f"--after-cursor={after}"]  # following alone would leave out all but the last lines
        self._process = await asyncio.create_subprocess_exec(
            program, "--output=json", "--follow", "--no-pager", "--priority=warning", *begin,
            stdin=DEVNULL, stdout=PIPE, stderr=PIPE, limit=_LONGEST,
        )  # fmt: skip
        return self._process

    async def _lines(self, process: Process) -> list[bytes]:
        """The first line within a while, and what comes with it; none where nothing was written."""
        found: list[bytes] = []
        while len(found) < tail.MOST_LINES:
            try:
                line = await asyncio.wait_for(_next(process), _GATHER if found else self._wait)
            except TimeoutError:
                break
            except ValueError:
                continue  # a line beyond all limits; what is left of it is no JSON
            if not line:
                if found:
                    break
                raise await self._over(process)
            if line.strip():
                found.append(line.strip())
        return found

    async def _over(self, process: Process) -> SevError:
        """Why there is nothing more to read."""
        with contextlib.suppress(TimeoutError):  # closing what has ended by itself would lose how it ended
            await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
        await self.close()
        said = (await process.stderr.read(_SAID)) if process.stderr else b""
        return unreadable(f"journalctl ended with {process.returncode}", said.decode("utf-8", "replace") or "no word")

    def broke_off(self) -> None:
        pass

    def asked_to_wait(self) -> float | None:
        return None

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _next(process: Process) -> bytes:
    return await process.stdout.readline() if process.stdout else b""


def _cursor_in(line: bytes) -> str | None:
    try:
        place = inside(parse_json(line), "__CURSOR")
    except NotJsonError:
        return None
    return place if isinstance(place, str) else None
