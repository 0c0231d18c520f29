"""Textual's driver for our terminal. The one file that relies on how Textual's driver is made inside.

What differs: it writes to an `Outlet`, never to stderr; bytes that are not UTF-8 don't end the
console; it reads only when there is something to read; it comes back whole from SIGTSTP and from
SIGSTOP; the mouse can be turned on later; and the window gets its title back.
"""

import os
import select
import signal
import termios
from asyncio import TimerHandle
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, cast

from textual import constants, events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from tui.console.keyboard import Keyboard
from tui.console.outlet import Mark, Outlet
from tui.console.terminal import GIVE_TITLE_BACK, SAVE_TITLE

if TYPE_CHECKING:
    from io import TextIOWrapper

    from tui.console.app import SevApp

_SETTLED = 0.15  # seconds without another change of the window
_SOON = 0.02  # how often time is asked what it makes of a sequence that has begun
_NO_PIXELS = "\x1b[?1016l"  # Textual turns the mouse's pixel reports on and never off


class SevDriver(LinuxDriver):
    """Drives the terminal behind the app's outlet."""

    def __init__(
        self, app: "SevApp", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if app.outlet is None:
            raise ValueError("this driver needs an outlet")
        self._outlet: Outlet = app.outlet
        self._file = cast("TextIOWrapper", self._outlet)  # of a text file it uses write, flush and fileno
        self._silent = app.terminal.silent
        self._asleep = True
        """Whether the terminal is somebody else's: what is written then is dropped."""
        self._title = ""
        self._settling: TimerHandle | None = None
        self._woken, self._wake = os.pipe()
        self._outlet.on_flow = self._flows_again

    def write(self, data: str) -> None:
        """Queue `data` for the terminal, while it is ours."""
        if not self._asleep:
            super().write(data)

    def set_title(self, sequence: str) -> None:
        """Name the window by a sequence of `Terminal.title`; at the end it gets its earlier title back."""
        if not self._title:
            self.write(SAVE_TITLE)
            self._outlet.at_end = GIVE_TITLE_BACK
        self._title = sequence
        self.write(sequence)

    def use_mouse(self, on: bool) -> None:
        """Let the terminal report the mouse, or leave it the mouse for selecting text."""
        if not on:
            self._disable_mouse_support()
            self.write(_NO_PIXELS)
        self._mouse = on
        if on:
            self._enable_mouse_support()
            if self._in_band_window_resize:  # positions are read as pixels from then on
                self._enable_mouse_pixels()

    @property
    def uses_mouse(self) -> bool:
        """Whether the mouse is reported."""
        return self._mouse

    # Begin and end.

    def start_application_mode(self) -> None:
        """Take the terminal. In the background it stays somebody else's, until the shell gives it."""
        self._asleep = False
        self._outlet.taken = True
        start: Callable[[], None] = super().start_application_mode
        start()
        signal.signal(signal.SIGWINCH, self._sigwinch_application)
        self._asleep = self._key_thread is None or not self._key_thread.is_alive()
        if self._title:
            self.write(SAVE_TITLE + self._title)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        super().stop_application_mode()
        self.write(_NO_PIXELS + self._outlet.at_end)
        self._outlet.taken = False

    def suspend_application_mode(self) -> None:
        """Give it back for a while."""
        if not self._asleep:
            super().suspend_application_mode()
            self._asleep = True

    def close(self) -> None:
        """Write out what is queued."""
        if not self._asleep:
            super().close()

    def _get_terminal_size(self) -> tuple[int, int]:
        """The window's, whatever COLUMNS and LINES say: they stay as they were when the window changes."""
        try:
            columns, rows = os.get_terminal_size(self._outlet.fileno())
        except OSError:
            columns, rows = 0, 0
        return columns or 80, rows or 24

    def _request_terminal_sync_mode_support(self) -> None:
        if not self._silent:  # an old terminal prints a question that it doesn't know
            super()._request_terminal_sync_mode_support()

    def _query_in_band_window_resize(self) -> None:
        if not self._silent:
            super()._query_in_band_window_resize()

    # The window changes.

    def _sigwinch_application(self, *_: object) -> None:
        """Textual's own looks at the size here: of two such handlers, one inside the other, the elder would win."""
        self._loop.call_soon_threadsafe(self._window_changed)

    def _window_changed(self) -> None:
        self._tell_size()
        if self._settling is not None:
            self._settling.cancel()
        self._settling = self._loop.call_later(_SETTLED, self._settle)

    def _tell_size(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self._app.post_message(events.Resize(size, size))

    def _settle(self) -> None:
        """A moment after the last change all is told and painted anew.

        There and back within a frame is no change to Textual, but the terminal has cut off what did not fit meanwhile.
        And of two changes in a row a screen may keep the first: what it tells itself after laying out for the first
        one comes behind the second in its queue, and replaces it.
        """
        self._tell_size()
        self._repaint()

    # Stop and continue.

    def _sigtstp_application(self, *_: object) -> None:
        """What happens inside a handler could meet a lock that the code it interrupted holds: the loop does it."""
        self._loop.call_soon_threadsafe(self.stop_process)

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._come_back)

    def stop_process(self) -> bool:
        """Give the terminal back and stop until the shell continues us; False where no shell could."""
        if not self.has_shell():
            return False
        self.suspend_application_mode()
        os.kill(os.getpid(), signal.SIGSTOP)
        return True

    @staticmethod
    def has_shell() -> bool:
        """Whether a shell with job control started us: the kernel stops nothing that nobody could continue."""
        try:
            return os.getpgrp() != os.getsid(0) and os.getsid(os.getppid()) == os.getsid(0)
        except OSError:  # the parent is gone
            return False

    def _come_back(self) -> None:
        """After SIGCONT. Who was stopped by SIGSTOP could not prepare for it: the terminal may be in any state."""
        if self._app._exit:
            return
        known = self.attrs_before if not self._asleep else None
        self.suspend_application_mode()
        self.resume_application_mode()
        if known is not None:
            self.attrs_before = known
        self._repaint()

    def _flows_again(self) -> None:
        self._loop.call_soon_threadsafe(self._repaint)

    def _repaint(self) -> None:
        self._app.refresh(layout=True)

    # Keys.

    def disable_input(self) -> None:
        """Read no more keys, and forget those that were typed and not read."""
        thread, self._key_thread = self._key_thread, None
        if thread is None:
            return
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        self._disable_mouse_support()
        self.exit_event.set()
        os.write(self._wake, b"\n")
        thread.join()
        self.exit_event.clear()
        with suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)

    def run_input_thread(self) -> None:
        """Read keys until `disable_input`, or until the terminal is gone; the guard sees that, too."""
        keyboard = Keyboard(constants.ESCAPE_DELAY, self._outlet.encoding)
        while not self.exit_event.is_set():
            ready = select.select([self.fileno, self._woken], [], [], _SOON if keyboard.waits else None)[0]
            if self._woken in ready:
                os.read(self._woken, 64)
                continue
            if ready:
                try:
                    data = os.read(self.fileno, 4096)
                except OSError:
                    return
                if not data:
                    return
                self._tell(keyboard.feed(data, monotonic()))
            self._tell(keyboard.tick(monotonic()))

    def _tell(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)


def when_written(app: App[int], reached: Callable[[], None]) -> None:
    """Call `reached` once all that was drawn so far is written, in the writing thread; at once where nothing is."""
    if isinstance(app._driver, SevDriver):
        app._driver.write(Mark(reached))
    else:
        reached()
