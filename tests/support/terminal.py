"""A real terminal for tests: a program in a pty of its own, its screen read by pyte, its questions answered."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tests.support.screen import Screen

PATIENCE: Final = 20.0
"""Seconds that a state of the screen may take to come about on a slow machine."""

_LOOK: Final = 0.05
"""Seconds between two looks of the reading thread whether it still reads."""

HAND: Final = 0.12
"""Seconds between two keys of one hand: what comes quicker is held for a paste or a link that lumps keys together."""

KEYS: Final = {
    "enter": "\r", "esc": "\x1b", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ",
    "backspace": "\x7f", "delete": "\x1b[3~", "insert": "\x1b[2~", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~", "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS",
}  # fmt: skip


def key_code(name: str) -> str:
    """What a terminal sends for a key: a name of `KEYS`, `ctrl+p`, or the character itself."""
    if name.startswith("ctrl+"):
        return chr(ord(name[-1].upper()) & 0x1F)
    if name in KEYS:
        return KEYS[name]
    if len(name) != 1:
        raise ValueError(f"{name!r} is no key; use type() for text")
    return name


class Terminal:
    """`argv` in a pty of its own session. Use it as a context, or call `close`: it always reaps the program.

    A thread reads all the time, as a terminal does: the program never waits for the test.
    `raw` holds every byte that was written, `modes` the private modes that are on.
    """

    def __init__(
        self, argv: Sequence[str], *, cols: int = 120, rows: int = 40, env: Mapping[str, str | None] | None = None
    ) -> None:
        self.raw = bytearray()
        self._screen = Screen(cols, rows)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._changed = threading.Condition()
        self._ended = False
        self._sent_at = 0.0
        self._flows = threading.Event()
        self._flows.set()
        self._hung_up = False
        self._master, slave = pty.openpty()
        _set_size(slave, cols, rows)
        self.tty_at_first = termios.tcgetattr(slave)
        self._process = subprocess.Popen(
            # A session's leader that opens a terminal gets it as its controlling one; for both ways, as a login has it.
            ["/bin/sh", "-c", 'exec "$@" <>"$0" >&0 2>&0', os.ttyname(slave), *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_environment(env or {}),
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def modes(self) -> frozenset[int]:
        """Private modes now on: 1049 alternate screen, 1000 … 1006 mouse, 25 cursor, 2004 bracketed paste."""
        with self._changed:
            return frozenset(self._screen.modes)

    @property
    def tty(self) -> "list[int | list[bytes | int]]":
        """The line's own modes, as `stty` shows them: echo, whole lines, signals."""
        return termios.tcgetattr(self._master)

    @property
    def commands(self) -> tuple[str, ...]:
        """Every operating-system command received (title, clipboard, links), without its brackets."""
        with self._changed:
            return tuple(self._screen.commands)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, none quicker than a hand; see `key_code`."""
        for key in keys:
            time.sleep(max(0.0, self._sent_at + HAND - time.monotonic()))
            self.send(key_code(key))

    def type(self, text: str) -> None:
        """Type text as it is."""
        self.send(text)

    def send(self, text: str | bytes) -> None:
        """Write to the program's input."""
        os.write(self._master, text if isinstance(text, bytes) else text.encode())
        self._sent_at = time.monotonic()

    def text(self) -> str:
        """The screen as it is now, a line for each row."""
        with self._changed:
            return self._screen.text()

    def row_with(self, words: str) -> str:
        """The first row that contains `words`."""
        screen = self.text()
        found = next((row for row in screen.splitlines() if words in row), None)
        if found is None:
            raise AssertionError(f"no row has {words!r}:\n{screen}")
        return found

    def wait_for(self, wanted: str | Callable[[str], bool], seconds: float = PATIENCE) -> str:
        """Wait until the screen contains a text, or until `wanted(screen)` holds; returns that screen."""
        holds = wanted if callable(wanted) else lambda screen: wanted in screen
        deadline = time.monotonic() + seconds
        with self._changed:
            while not holds(screen := self._screen.text()):
                left = deadline - time.monotonic()
                if left <= 0 or self._ended:
                    why = f"the program ended ({self._process.poll()})" if self._ended else f"not within {seconds:g} s"
                    raise AssertionError(f"{wanted!r} is not on the screen: {why}\n{screen}")
                self._changed.wait(left)
            return screen

    def wait_exit(self, seconds: float = PATIENCE) -> int:
        """Wait until the program has ended by itself; returns its exit code, negative for a signal."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds:g} s:\n{self.text()}") from None
        self._reader.join(seconds)
        return code

    def resize(self, cols: int, rows: int) -> None:
        """Give the window another size; the kernel tells the program."""
        with self._changed:
            self._screen.resize(cols, rows)
        _set_size(self._master, cols, rows)

    def stop_reading(self) -> None:
        """Be a terminal whose window nobody reads: what the program writes piles up in the line."""
        self._flows.clear()
        time.sleep(_LOOK * 2)  # the reader has seen it by then

    def read_on(self) -> None:
        """Take up everything that piled up, and read as before."""
        self._flows.set()

    def hang_up(self) -> None:
        """Take the terminal away, as a connection that breaks does; the program lives on until it notices."""
        self._hung_up = True
        self._reader.join(5)
        os.close(self._master)

    def close(self) -> None:
        """End the program (its whole group, hard if it lingers), reap it, give the terminal back."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is None:
                os.killpg(self._process.pid, how)
                try:
                    self._process.wait(3)
                except subprocess.TimeoutExpired:
                    continue
        self._process.wait(3)
        if not self._hung_up:
            self._reader.join(1)  # what it started may still hold the terminal; closing it hangs up on them
            self.hang_up()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        while not self._hung_up:
            if not self._flows.is_set() or not select.select([self._master], [], [], _LOOK)[0]:
                self._flows.wait(_LOOK)
                continue
            try:
                chunk = os.read(self._master, 65_536)
            except OSError:  # Linux says EIO when the last program has let go
                chunk = b""
            with self._changed:
                if not chunk:
                    self._ended = True
                    self._changed.notify_all()
                    return
                self.raw += chunk
                answer = self._screen.feed(self._decode(chunk))
                self._changed.notify_all()
            if answer and not self._hung_up:
                self.send(answer)


def _set_size(terminal: int, cols: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


def _environment(extra: Mapping[str, str | None]) -> dict[str, str]:
    """The test's own environment as a plain colour terminal would have it; None takes a variable away."""
    foreign = re.compile(r"TMUX|STY|TERM_PROGRAM|NO_COLOR|COLUMNS|LINES|SSH_|TEXTUAL|PYTEST_")
    plain = {name: value for name, value in os.environ.items() if not foreign.match(name)}
    plain |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    plain |= {name: value for name, value in extra.items() if value is not None}
    return {name: value for name, value in plain.items() if extra.get(name, value) is not None}
