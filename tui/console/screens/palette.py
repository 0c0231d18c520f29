"""Every command by name: type part of it, enter does it."""

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.console.commands import Command, shown_key
from tui.console.ink import Ink, Line, Piece, line, pad
from tui.console.widgets.lines import LineView


class CommandList(LineView):
    """The commands that match, one of them marked."""

    def __init__(self) -> None:
        super().__init__("commands")
        self.commands: list[Command] = []
        self.cursor = 0

    def count(self) -> int:
        return len(self.commands)

    def line_at(self, index: int) -> Line:
        command = self.commands[index]
        key = shown_key(command) if command.keys else ""
        return line(
            Piece(pad(key, 7), Ink.ACCENT), Piece(pad(command.label, 24), Ink.BRIGHT), Piece(command.help, Ink.DIM)
        )

    def is_marked(self, index: int) -> bool:
        return index == self.cursor

    def move(self, lines: int) -> None:
        """Move the mark."""
        self.cursor = max(0, min(self.cursor + lines, len(self.commands) - 1))
        self.bring_into_sight(self.cursor)
        self.repaint()


class PaletteScreen(ModalScreen[str | None]):
    """Gives the id of the chosen command."""

    DEFAULT_CSS = """
    PaletteScreen { align: center bottom; background: transparent; }
    PaletteScreen > Vertical { height: 60%; background: $panel; border-top: heavy $primary; padding: 0 1; }
    PaletteScreen Input { height: 1; border: none; padding: 0; background: $surface; }
    """

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__()
        self._all = list(commands)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Input(placeholder="type part of a command's name", compact=True)
            yield CommandList()

    def on_mount(self) -> None:
        self._narrow("")
        self.query_one(Input).focus()

    def _narrow(self, typed: str) -> None:
        words = typed.lower().split()
        listed = self.query_one(CommandList)
        found = [c for c in self._all if all(w in f"{c.label} {c.id} {c.verb} {c.help}".lower() for w in words)]
        found.sort(key=lambda c: not f"{c.label} {c.verb}".lower().startswith(typed.lower().strip()))
        listed.commands, listed.cursor = found, 0
        listed.repaint()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        listed = self.query_one(CommandList)
        self.dismiss(listed.commands[listed.cursor].id if listed.commands else None)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            self.dismiss(None)
        elif event.key in ("down", "up"):
            event.stop()
            self.query_one(CommandList).move(1 if event.key == "down" else -1)
