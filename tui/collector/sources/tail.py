"""Following a file of lines across restarts, rotation and truncation: nothing twice, nothing missed. No event loop.

A line counts when its end is written. A file that was rotated away is read to its end first, and so are
those that came and went meanwhile. Of a file that was truncated, what nobody had read is lost.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

MOST_LINES: Final = 100
"""Lines of one read: people's writes wait behind a transaction."""

LONGEST: Final = 1 << 20
"""Bytes of the longest line; a longer one comes in pieces."""

_HEAD: Final = 256
_NEAR: Final = 16 << 10
_ROTATED: Final = re.compile(r"[.-](\d[\d.T_:-]*)")
_COUNT: Final = 5  # longer digits are a date


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How far a file was read. `head`: digest of its first `head_size` bytes, which tells it from another file."""

    inode: int
    offset: int = 0
    head: str = ""
    head_size: int = 0


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """Lines without their ends, the mark behind them, and whether there is more to read at once."""

    lines: tuple[bytes, ...] = ()
    mark: Mark
    more: bool = False


def at_the_end(path: Path) -> Mark:
    """A mark behind the last whole line: what was there before is history. Raises OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = max(0, size - LONGEST)
        file.seek(start)
        end = start + file.read(size - start).rfind(b"\n") + 1
        return _marked(file, end)


def near_the_end(path: Path) -> Mark:
    """A mark before the last few lines. Raises OSError."""
    with path.open("rb") as file:
        start = max(0, os.fstat(file.fileno()).st_size - _NEAR)
        file.seek(start)
        begin = start + file.readline().find(b"\n") + 1 if start else 0
        return _marked(file, begin)


def at_the_start(path: Path) -> Mark:
    """A mark before the first line. Raises OSError."""
    return Mark(inode=path.stat().st_ino)


def read_on(path: Path, mark: Mark) -> Read:
    """The next lines behind `mark`, at most `MOST_LINES`. Raises OSError where the file is not there."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_ino == mark.inode:
            return _read_same(file, mark if _is_same(file, mark) else Mark(inode=mark.inode))
        rotated = _rotated(path)
        number = next((n for n, place in enumerate(rotated) if _is_at(place, mark)), None)
        if number is None:
            return _read_same(file, Mark(inode=os.fstat(file.fileno()).st_ino))
        moved_on = number + 1 < len(rotated) or os.fstat(file.fileno()).st_size > 0
    return _read_rotated(rotated[number], mark, [*rotated[number + 1 :], path], moved_on=moved_on)


def _read_rotated(place: Path, mark: Mark, later: list[Path], *, moved_on: bool) -> Read:
    """From a file that was rotated away; at its end on to the next one. `moved_on`: its writer has done so too."""
    with place.open("rb") as file:
        found = _read_same(file, mark)
        if found.lines or found.more or not moved_on:
            return found
        file.seek(found.mark.offset)
        rest = file.read(LONGEST)
    return Read(lines=_cleaned([rest]), mark=at_the_start(later[0]), more=True)


def _read_same(file: BinaryIO, mark: Mark) -> Read:
    file.seek(mark.offset)
    data = file.read(LONGEST)
    cut = data.rfind(b"\n") + 1
    if not cut and len(data) == LONGEST:
        cut = LONGEST  # a line without an end must not stop us for ever
    parts = _lines(data[:cut])
    taken = parts[:MOST_LINES]
    offset = mark.offset + sum(map(len, taken))
    return Read(lines=_cleaned(taken), mark=_marked(file, offset), more=len(parts) > MOST_LINES or len(data) == LONGEST)


def _lines(data: bytes) -> list[bytes]:
    """Lines with their ends. Only a line feed ends one: JSON may hold every other sign that others take for an end."""
    parts = data.split(b"\n")
    whole = [part + b"\n" for part in parts[:-1]]
    return [*whole, parts[-1]] if parts[-1] else whole


def _cleaned(lines: list[bytes]) -> tuple[bytes, ...]:
    """Lines that hold something. A file truncated under its writer begins with zeros."""
    return tuple(line for raw in lines if (line := raw.strip(b"\0 \t\r\n")))


def _marked(file: BinaryIO, offset: int) -> Mark:
    size = min(_HEAD, offset)
    file.seek(0)
    head = hashlib.sha256(file.read(size)).hexdigest() if size else ""
    return Mark(inode=os.fstat(file.fileno()).st_ino, offset=offset, head=head, head_size=size)


def _is_same(file: BinaryIO, mark: Mark) -> bool:
    """Whether an open file is the one that was read so far, and not a younger one in its place."""
    if os.fstat(file.fileno()).st_size < mark.offset:
        return False
    file.seek(0)
    return not mark.head_size or hashlib.sha256(file.read(mark.head_size)).hexdigest() == mark.head


def _is_at(place: Path, mark: Mark) -> bool:
    try:
        with place.open("rb") as file:
            return os.fstat(file.fileno()).st_ino == mark.inode and _is_same(file, mark)
    except OSError:
        return False


def _rotated(path: Path) -> list[Path]:
    """The files that this one was before it was rotated, oldest first; packed ones can't be read on.

    Their names tell the order: `x.log.2` is older than `x.log.1`, `x.log-20261123` older than `x.log-20261124`.
    """
    found = []
    for place in path.parent.iterdir():
        if place.name.startswith(path.name) and (rest := _ROTATED.fullmatch(place.name[len(path.name) :])):
            count = rest[1].isdigit() and len(rest[1]) < _COUNT
            found.append((-int(rest[1]) if count else 0, rest[1], place))
    return [place for _, _, place in sorted(found)]
