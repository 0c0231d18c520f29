"""The Textual app: theme, key map, the main screen, and what is said to the terminal past the picture. Wiring only."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.widgets import Input
from textual.worker import WorkerFailed

from tui.console.driver import SevDriver
from tui.console.ink import Ink
from tui.console.keyboard import RushedKey
from tui.console.notices import Notices
from tui.console.outlet import Outlet
from tui.console.panes.board import BoardPane
from tui.console.screens.main import MainScreen
from tui.console.session import Session
from tui.console.terminal import PLAIN, Colours, Terminal
from tui.console.theme import DARK, SIXTEEN, VARIABLES
from tui.console.visible import ControlsVisible
from tui.console.widgets.prompt import Says
from tui.model.text import BLOCK_LIMIT, clean


class SevApp(App[int], inherit_bindings=False):
    """One console. `q q` leaves it, and what `leave` is told from outside."""

    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self,
        session: Session,
        *,
        local_time: bool = False,
        ascii_signs: bool = False,
        terminal: Terminal = PLAIN,
        outlet: Outlet | None = None,
    ) -> None:
        few = terminal.colours is not Colours.MANY
        super().__init__(driver_class=SevDriver if outlet is not None else None, ansi_color=True if few else None)
        self.session = session
        self._controls_visible = ControlsVisible()
        self.terminal = terminal
        self.outlet = outlet
        self._taste = {"local_time": local_time, "ascii_signs": ascii_signs}
        self._notices = Notices(session.actor.name)
        self._titled = ""
        for theme in (DARK, SIXTEEN):
            self.register_theme(theme)
        wanted = session.config.ui.theme
        fitting = wanted in self.available_themes and (not few or wanted.startswith("ansi"))
        self.theme = wanted if fitting else SIXTEEN.name if few else DARK.name
        self.animation_level = "none"
        self.title = "sev"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables of our own style sheet, for themes that don't know them."""
        return VARIABLES

    async def on_mount(self) -> None:
        """Open the store, then show the panes."""
        await self.session.open()
        self.set_keymap(dict(self.session.config.keys))
        self.set_interval(5.0, self._name_window)
        await self.push_screen(MainScreen(self.session, self.terminal, **self._taste))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, then the one that no control character passes."""
        return (*super().get_line_filters(), self._controls_visible)

    async def on_event(self, event: events.Event) -> None:
        """Keys that came together, and pastes, are for text fields; elsewhere they do nothing."""
        if isinstance(event, RushedKey):
            if not isinstance(self.focused, Input):
                self._refuse(f"{event.together} keys came at once" if event.together else "")
                return
            event = event.alone()
        elif isinstance(event, events.Paste) and not event.is_forwarded:
            if not isinstance(self.focused, Input):
                self._refuse("a paste is for a text field")
                return
            room = BLOCK_LIMIT - len(self.focused.value)  # a field of a megabyte would stall the screen
            event = events.Paste(clean(event.text, room) if room > 1 else "")
        await super().on_event(event)

    def _refuse(self, what: str) -> None:
        """Say that something was not taken, where the present screen has a place for it."""
        if what and isinstance(self.screen, Says):
            self.screen.say(f"{what}: nothing was done", Ink.DUE)

    async def on_unmount(self) -> None:
        await self.session.close()

    def leave(self, code: int) -> bool:
        """End with an exit code; from any thread. What was typed and not sent is not done. False: it does not run."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return False
        loop.call_soon_threadsafe(self.exit, code)
        return True

    @property
    def fault(self) -> BaseException | None:
        """What ended the app against its will."""
        return self._exception.error if isinstance(self._exception, WorkerFailed) else self._exception

    def _fatal_error(self) -> None:
        """Textual would print the traceback: `fault` is for the log file, and a person gets one line."""
        self._close_messages_no_wait()

    # The terminal, past the picture.

    def on_board_pane_changed(self, event: BoardPane.Changed) -> None:
        """Ring once for a SEV1 that was not there before."""
        taste = self.session.config.ui
        for one in self._notices.news(event.board):
            if taste.bell:
                self.bell()
            if taste.notify:
                self._send(self.terminal.notice(one.notice))
        self._name_window()

    def _name_window(self) -> None:
        title = self._notices.title(self.session.clock())
        if title == self._titled or not self.session.config.ui.title:
            return
        self._titled = title
        sequence = self.terminal.title(title or "sev")
        if sequence and isinstance(self._driver, SevDriver):
            self._driver.set_title(sequence)

    def _send(self, sequence: str) -> None:
        if self._driver is not None and sequence:
            self._driver.write(sequence)

    def copy_to_clipboard(self, text: str) -> None:
        """Send `text` to the terminal's clipboard; whether it arrives nobody can tell."""
        self._clipboard = text
        self._send(self.terminal.clip(text))

    def _set_pointer_shape(self, shape: str) -> None:
        """Nobody points while the mouse is the terminal's."""
        if isinstance(self._driver, SevDriver) and self._driver.uses_mouse and not self.terminal.silent:
            super()._set_pointer_shape(shape)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A cursor that blinks repaints twice a second: not over a link that is slow or billed."""
        if isinstance(event.widget, Input) and (self.terminal.remote or self.session.slow):
            event.widget.cursor_blink = False

    def action_mouse(self) -> None:
        """The mouse for the console, or for the terminal's own selecting."""
        if not isinstance(self._driver, SevDriver):
            return
        self._driver.use_mouse(not self._driver.uses_mouse)
        on = self._driver.uses_mouse
        self._say("the mouse works here; shift selects text" if on else "the mouse is the terminal's again")

    def action_stop(self) -> None:
        """Stop like any program at a shell; `fg` brings it back."""
        if not isinstance(self._driver, SevDriver) or not self._driver.stop_process():
            self._say("no shell could bring the console back: it is not stopped")

    def _say(self, text: str) -> None:
        if isinstance(self.screen, MainScreen):
            self.screen.say(text)
