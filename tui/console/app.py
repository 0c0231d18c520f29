"""The Textual app: theme, key map, the main screen. Wiring only."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter
from textual.widgets import Input

from tui.console.ink import Ink
from tui.console.keyboard import KeyboardDriver, RushedKey
from tui.console.screens.main import MainScreen
from tui.console.session import Session
from tui.console.theme import DARK
from tui.console.visible import ControlsVisible
from tui.console.widgets.prompt import Says
from tui.model.text import BLOCK_LIMIT, clean


class SevApp(App[int], inherit_bindings=False):
    """One console. `q q` leaves it; nothing else does."""

    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, session: Session, *, local_time: bool = False, ascii_signs: bool = False) -> None:
        super().__init__()
        self.session = session
        self._controls_visible = ControlsVisible()
        self._taste = {"local_time": local_time, "ascii_signs": ascii_signs}
        self.register_theme(DARK)
        wanted = session.config.ui.theme
        self.theme = wanted if wanted in self.available_themes else DARK.name
        self.animation_level = "none"
        self.title = "sev"

    async def on_mount(self) -> None:
        """Open the store, then show the panes."""
        await self.session.open()
        self.set_keymap(dict(self.session.config.keys))
        await self.push_screen(MainScreen(self.session, **self._taste))

    def get_driver_class(self) -> type[Driver]:
        """Textual's own choice, with our keyboard where that is the driver of a terminal."""
        chosen = super().get_driver_class()
        return KeyboardDriver if chosen is LinuxDriver else chosen

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
            event = events.Paste(clean(event.text, BLOCK_LIMIT))
        await super().on_event(event)

    def _refuse(self, what: str) -> None:
        """Say that something was not taken, where the present screen has a place for it."""
        if what and isinstance(self.screen, Says):
            self.screen.say(f"{what}: nothing was done", Ink.DUE)

    async def on_unmount(self) -> None:
        await self.session.close()
