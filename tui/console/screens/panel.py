"""A panel over the bottom of the screen that names its object, says what will happen, and takes few keys.

Every confirm of the console is made by `confirm` here.
"""

from collections.abc import Mapping, Sequence
from time import monotonic

from textual import events
from textual.app import App, ComposeResult
from textual.screen import ModalScreen

from tui.console.commands import CONFIRM_KEY
from tui.console.driver import when_written
from tui.console.ink import Ink, Line, Piece, cut, line, width, wrap
from tui.console.widgets.lines import LineView
from tui.model.ids import Ref
from tui.model.text import Safe, clean

ARMED_AFTER = 0.35
"""Seconds after its first frame was written before a panel takes an answer: a key typed before must not confirm."""


class PanelScreen(ModalScreen[str | None]):
    """Lines, and the keys that answer them. Esc (or q) leaves; every other key says which ones count.

    Enter never counts, and no key does before it could be seen what it answers.
    """

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
        view.styles.height = len(self._body) + 3 + len(self._keys())
        self._draw("")
        self.call_after_refresh(self._wait_for_frame)

    def on_resize(self) -> None:
        self._draw("")

    def _wait_for_frame(self) -> None:
        """Under load a frame is written some time after it was drawn; to a terminal nobody reads, never."""
        when_written(self.app, self._arm)

    def _arm(self) -> None:
        self._armed_at = monotonic() + ARMED_AFTER

    def _keys(self) -> list[Line]:
        """The keys that count, on as many lines as they take."""
        rows: list[Line] = [()]
        for key, word in (*self._answers.items(), ("esc", "leave it")):
            pair = (Piece(f"{key} ", Ink.ACCENT), Piece(f"{word}   ", Ink.TEXT))
            if rows[-1] and width((*rows[-1], *pair)) > self.size.width:
                rows.append(pair)
            else:
                rows[-1] = (*rows[-1], *pair)
        return rows

    def _draw(self, remark: str) -> None:
        feet = (line(Piece(remark, Ink.DUE)), *self._keys())
        self.query_one(LineView).show(self._body, heads=(self._title,), feet=feet)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        typed = event.character or event.key
        if event.key in ("escape", "q"):
            self.dismiss(None)
        elif event.key in ("up", "down"):
            self.query_one(LineView).scroll_by(1 if event.key == "down" else -1)
        elif typed in self._answers:
            if self._armed_at is not None and monotonic() >= self._armed_at:
                self.dismiss(typed)
            else:
                self._draw(f"{typed} came too soon to be meant: once more")
                if self._armed_at is None:  # its first frame was never taken
                    self.call_after_refresh(self._wait_for_frame)
        else:
            counts = " or ".join((*self._answers, "esc"))
            self._draw(f"{clean(typed, 12)} does nothing here: {counts}")

    def say(self, text: str, ink: Ink = Ink.DUE) -> None:
        """A remark behind the keys."""
        self._draw(text)


async def confirm(app: App[int], ref: Ref, title: Safe, word: str, told: str) -> bool:
    """Ask for a `y`: `INC-42 title` / `becomes WORD: TOLD`. Whether it was given."""
    columns = app.size.width - 2
    named = line(Piece(cut(f"{ref} {title}", columns), Ink.BRIGHT))
    body = [line(Piece(part)) for part in wrap(f"becomes {word}: {told}. U takes it back.", columns)]
    return await app.push_screen_wait(PanelScreen(named, body, {CONFIRM_KEY: word})) == CONFIRM_KEY
