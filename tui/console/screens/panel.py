"""A panel over the bottom of the screen that names its object, says what will happen, and takes few keys."""

from collections.abc import Mapping, Sequence
from time import monotonic

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from tui.console.ink import EMPTY, Ink, Line, Piece, line
from tui.console.widgets.lines import LineView

ARMED_AFTER = 0.3
"""Seconds after its first frame before a panel takes an answer: a key typed for something else must not confirm."""


class PanelScreen(ModalScreen[str | None]):
    """Lines, and the keys that answer them. Esc (or q) leaves; every other key says which ones count."""

    DEFAULT_CSS = """
    PanelScreen { align: center bottom; background: transparent; }
    PanelScreen > LineView {
        height: auto; max-height: 80%; background: $panel; border-top: heavy $primary; padding: 0 1;
    }
    """

    def __init__(self, title: Line, body: Sequence[Line], answers: Mapping[str, str]) -> None:
        super().__init__()
        self._title, self._body, self._answers = title, tuple(body), dict(answers)
        self._armed_at: float | None = None

    def compose(self) -> ComposeResult:
        yield LineView("panel")

    def on_mount(self) -> None:
        view = self.query_one(LineView)
        view.styles.height = len(self._body) + 4
        self._draw("")
        self.call_after_refresh(self._arm)

    def _arm(self) -> None:
        self._armed_at = monotonic() + ARMED_AFTER

    def _draw(self, remark: str) -> None:
        keys: list[Piece] = []
        for key, word in (*self._answers.items(), ("esc", "leave it")):
            keys += [Piece(f"{key} ", Ink.ACCENT), Piece(f"{word}   ", Ink.TEXT)]
        self.query_one(LineView).show((self._title, *self._body, EMPTY, (*keys, *line(Piece(remark, Ink.DUE)))))

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        typed = event.character or event.key
        if event.key in ("escape", "q"):
            self.dismiss(None)
        elif typed in self._answers:
            if self._armed_at is not None and monotonic() >= self._armed_at:
                self.dismiss(typed)
        else:
            counts = " or ".join((*self._answers, "esc"))
            self._draw(f"{typed} does nothing here: {counts}")
