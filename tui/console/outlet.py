"""The terminal as a file that never blocks for long and always knows how to put the terminal right again.

Textual's writer waits for a terminal that is not read, its queue fills up, and then its loop stands
still. Here what such a terminal does not take is dropped; once it reads again it gets a whole new picture.
"""

import os
import select
import termios
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Final, TypeAlias

from rich.cells import cell_len

from tui.console.render.look import IN_ASCII

Modes: TypeAlias = "list[int | list[bytes | int]]"

PATIENCE: Final = 1.0
"""Seconds that one write waits for the terminal."""

_CHUNK: Final = 4_096
_SMALL_CHUNK: Final = 256
"""Where a write may block: so much room there is at least when a terminal takes something."""

_CANCEL: Final = "\x18"  # ends a sequence that was cut off in the middle
RESTORE: Final = (
    f"{_CANCEL}\x1b[?2026l"
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # mouse
    "\x1b[?1004l\x1b[?2004l\x1b[?2048l"  # focus, paste and size reports
    "\x1b[?7h\x1b[0m\x1b[<u\x1b[?1049l\x1b[?25h"  # wrap, colours, keyboard protocol, screen, cursor
)
"""Puts right whatever a console may have changed."""


class _InAscii(dict[int, str]):
    """For `str.translate`: the product's signs, frames and blocks in ASCII; the rest as it is."""

    def __missing__(self, code: int) -> str:
        self[code] = _in_ascii(chr(code))
        return self[code]


def _in_ascii(sign: str) -> str:
    if not "\u2500" <= sign <= "\u259f":
        return sign
    from unicodedata import name

    words = name(sign)
    if "BOX DRAWINGS" not in words:
        return "#"
    directions = {"HORIZONTAL", "VERTICAL", "UP", "DOWN", "LEFT", "RIGHT"}.intersection(words.split())
    return "-" if directions == {"HORIZONTAL"} else "|" if directions == {"VERTICAL"} else "+"


class Mark(str):
    """No text: `reached` is called, in the writing thread, once what was written before it is out.

    Not where the terminal took none of it: what was never shown is not out.
    """

    reached: Callable[[], None]

    def __new__(cls, reached: Callable[[], None]) -> "Mark":
        mark = super().__new__(cls)
        mark.reached = reached
        return mark


class Outlet:
    """Writes to the terminal behind the descriptor `to`. Close it.

    Text is encoded as the terminal takes it; a sign that it lacks becomes `?` in each of its
    columns. `on_flow` is called, in the writing thread, when a terminal that had stopped reading reads again.
    """

    def __init__(self, to: int, *, encoding: str = "utf-8", ascii_signs: bool = False) -> None:
        self.on_flow: Callable[[], None] | None = None
        self.at_end = ""
        """What has to be undone besides `RESTORE`: the window's title."""
        self.taken = False
        """Whether the terminal is in the state of a full screen now."""
        self.dropped = False
        """Whether anything was dropped, so that nobody knows what state the terminal is in."""
        self.encoding = encoding
        """The codec of what is written."""
        self._table = _InAscii({code: chr(sign) for code, sign in IN_ASCII.items()}) if ascii_signs else None
        self._file = _own_file(to)
        self._to = self._file if self._file is not None else to
        self._stalled = False

    def fileno(self) -> int:
        """The descriptor that is written to."""
        return self._to

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        """Nothing is kept back."""

    def write(self, text: str) -> int:
        """Write `text`, or drop it where the terminal takes nothing for `PATIENCE` seconds. Never raises."""
        if isinstance(text, Mark):
            if not self._stalled:
                text.reached()
            return 0
        if self._stalled:
            if not self._takes(0):
                return len(text)
            self._stalled = False
            text = _CANCEL + "\x1b[?2026l" + text
            if self.on_flow is not None:
                self.on_flow()
        if not self._send(self._encode(text), PATIENCE):
            self._stalled = self.dropped = True
        return len(text)

    def restore(self, before: "Modes | None", of: int) -> None:
        """Put the terminal right whatever is under way: its modes, then its screen. `of`: the keyboard's descriptor."""
        if before is not None:
            with suppress(termios.error):
                termios.tcsetattr(of, termios.TCSANOW, before)
        with suppress(termios.error):
            termios.tcflush(of, termios.TCIFLUSH)  # what was typed for the console is not for the shell
        if self.dropped or not self._takes(0.05):
            with suppress(termios.error):
                termios.tcflush(self._to, termios.TCOFLUSH)  # half a picture that nobody read
        self._send(self._encode(RESTORE + self.at_end), 0.2)

    def close(self) -> None:
        """Give the descriptor back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _encode(self, text: str) -> bytes:
        shown = text if self._table is None else text.translate(self._table)
        try:
            return shown.encode(self.encoding)
        except UnicodeEncodeError:
            return "".join(_carried(sign, self.encoding) for sign in shown).encode(self.encoding)

    def _takes(self, seconds: float) -> bool:
        try:
            return bool(select.select([], [self._to], [], seconds)[1])
        except (OSError, ValueError):
            return True  # gone: the write will tell

    def _send(self, data: bytes, seconds: float) -> bool:
        """False where the terminal did not take it in time, or is gone."""
        view, deadline = memoryview(data), monotonic() + seconds
        while view:
            left = max(0.0, deadline - monotonic())
            try:
                if self._file is None and not self._takes(left):
                    return False
                view = view[os.write(self._to, view[: _CHUNK if self._file is not None else _SMALL_CHUNK]) :]
                deadline = monotonic() + seconds
            except BlockingIOError:
                if not left or not self._takes(left):
                    return False
            except OSError:
                return False
        return True


def _carried(sign: str, encoding: str) -> str:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return "?" * cell_len(sign)
    return sign


def _own_file(to: int) -> int | None:
    """A description of the same terminal that is ours alone: made non-blocking, a shared one would be so for everybody.

    None where it can't be opened (another user's terminal after `su`): then a write may block,
    and the guard ends the process.
    """
    try:
        name = os.ttyname(to)
        opened = os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if os.path.samestat(os.fstat(opened), os.fstat(to)):
        return opened
    os.close(opened)
    return None
