"""The Textual app: theme, key map, the main screen. Wiring only."""

from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType

from tui.console.screens.main import MainScreen
from tui.console.session import Session
from tui.console.theme import DARK


class SevApp(App[int], inherit_bindings=False):
    """One console. `q q` leaves it; nothing else does."""

    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, session: Session, *, local_time: bool = False, ascii_signs: bool = False) -> None:
        super().__init__()
        self.session = session
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

    async def on_unmount(self) -> None:
        await self.session.close()
