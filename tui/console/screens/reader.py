"""A full screen to read: a title, lines, motion. Help and an alert's detail are such screens."""

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from tui.console.ink import Ink, Line, Piece, line
from tui.console.widgets.lines import LineView

_MOTION = {"up": -1, "k": -1, "down": 1, "j": 1, "g": -(1 << 30), "home": -(1 << 30), "G": 1 << 30, "end": 1 << 30}


class ReaderScreen(Screen[None]):
    """`pages` maps a key to the lines it shows; the first page is shown at once, its key again goes back to it."""

    DEFAULT_CSS = "ReaderScreen > LineView { padding: 0 1; background: $background; }"

    def __init__(self, title: Line, pages: Sequence[tuple[str, str, Callable[[int], list[Line]]]]) -> None:
        super().__init__()
        self._title, self._pages, self._page = title, tuple(pages), 0
        self._remark = ""

    def compose(self) -> ComposeResult:
        yield LineView("reader")

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        view = self.query_one(LineView)
        columns = max(20, self.size.width - 2)
        keys: list[Piece] = []
        for place, (key, word, _) in enumerate(self._pages):
            if place and place != self._page:
                keys += [Piece(f"{key} ", Ink.ACCENT), Piece(f"{word}   ", Ink.DIM)]
        keys += [
            Piece("arrows ", Ink.ACCENT),
            Piece("move   ", Ink.DIM),
            Piece("esc ", Ink.ACCENT),
            Piece("back", Ink.DIM),
        ]
        rule = line(Piece("─" * columns, Ink.DIM))
        feet = (line(Piece(self._remark, Ink.DUE)), tuple(keys))
        view.show(self._pages[self._page][2](columns), heads=(self._title, rule), feet=feet)

    def say(self, text: str, ink: Ink = Ink.DUE) -> None:
        """A remark above the keys, until the next key."""
        self._remark = text
        self._draw()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if self._remark:
            self.say("")
        view = self.query_one(LineView)
        typed = event.character or event.key
        if event.key in ("escape", "q", "enter"):
            self.dismiss(None)
        elif event.key in _MOTION or typed in _MOTION:
            view.scroll_by(_MOTION.get(event.key, _MOTION.get(typed, 0)))
        elif event.key in ("pageup", "pagedown", "space"):
            view.scroll_by(-view.room if event.key == "pageup" else view.room)
        else:
            self._turn(typed)

    def _turn(self, typed: str) -> None:
        for place, (key, _, _) in enumerate(self._pages):
            if key == typed:
                self._page = 0 if self._page == place else place
                self.query_one(LineView).top = 0
                self._draw()
