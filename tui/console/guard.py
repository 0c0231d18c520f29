"""Never a broken terminal: whatever ends the console, it ends in time and leaves the terminal as it found it.

Handlers of an event loop can't do that: a loop that waits for a terminal nobody reads runs none
of them. So the kernel's signals come through Python's wake-up descriptor to a thread of its own.
It asks the app to leave; where the app has not left after `GRACE` seconds, it puts the terminal
right itself and ends the process. It also looks whether the terminal is still there: with SIGHUP
ignored nothing else tells, and reading from a terminal that is gone never waits.
"""

import os
import select
import signal
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from types import FrameType, TracebackType
from typing import Final, TypeAlias

from tui.console.outlet import Modes, Outlet

GRACE: Final = 2.0
"""Seconds that the app has for leaving by itself."""

LOOK_EVERY: Final = 0.5
"""Seconds between two looks whether the terminal is still there."""

ENDING: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)
_DONE: Final = b"\0"  # no signal has this number

Handler: TypeAlias = "Callable[[int, FrameType | None], object] | int | signal.Handlers | None"


class Guard:
    """While it is entered, by the main thread, it watches over the terminal at the descriptors `keys` and `outlet`.

    `last_words` is called before the process is ended hard; it must not wait for anything.
    """

    def __init__(self, outlet: Outlet, keys: int = 0, *, last_words: Callable[[], None] | None = None) -> None:
        self.code: int | None = None
        """The exit code once something ends the console from outside: 128 and the signal's number."""
        self._outlet = outlet
        self._keys = keys
        self._last_words = last_words
        self._leave: Callable[[int], bool] | None = None
        self._before: Modes | None = None
        self._handlers: dict[signal.Signals, Handler] = {}
        self._heard, self._told = os.pipe()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)

    def __enter__(self) -> "Guard":
        for end in (self._heard, self._told):
            os.set_blocking(end, False)
        self._before = termios.tcgetattr(self._keys)
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` asked for it
                self._handlers[number] = signal.signal(number, _heard)
        signal.set_wakeup_fd(self._told, warn_on_full_buffer=False)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.write(self._told, _DONE)
        self._thread.join()
        if self.code is None and not self._is_there():
            self.code = 128 + signal.SIGHUP
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._heard)
        os.close(self._told)
        self._put_right()

    def leave_by(self, leave: Callable[[int], bool]) -> None:
        """From now on the app can leave by itself: `leave(code)` asks it to, in the guard's thread; False: it can't."""
        self._leave = leave

    def _put_right(self) -> None:
        try:
            wrong = self._outlet.taken or self._outlet.dropped or termios.tcgetattr(self._keys) != self._before
        except termios.error:  # gone: there is nothing to put right
            return
        if wrong:
            self._outlet.restore(self._before, self._keys)

    def _watch(self) -> None:
        ends_at: float | None = None
        while not self._is_over(LOOK_EVERY if ends_at is None else max(0.0, ends_at - monotonic())):
            if self.code is None and not self._is_there():
                self.code = 128 + signal.SIGHUP
            if self.code is not None and ends_at is None:
                ends_at = monotonic() + GRACE
                if self._leave is None or not self._leave(self.code):
                    self._end_hard()
            elif ends_at is not None and monotonic() >= ends_at:
                self._end_hard()

    def _is_over(self, seconds: float) -> bool:
        """Wait for a signal, at most so long; whether the guard is no longer needed."""
        if not select.select([self._heard], [], [], seconds)[0]:
            return False
        numbers = os.read(self._heard, 512)
        for number in numbers:
            if number in ENDING and self.code is None:
                self.code = 128 + number
        return _DONE in numbers

    def _is_there(self) -> bool:
        try:
            termios.tcgetattr(self._keys)
        except termios.error:
            return False
        return True

    def _end_hard(self) -> None:
        self._put_right()
        if self._last_words is not None:
            with suppress(Exception):
                self._last_words()
        os._exit(self.code or 1)


def _heard(number: int, frame: FrameType | None) -> None:
    """A signal without a handler of Python's would not reach the wake-up descriptor."""
