"""A widget of inked lines that repaints only the lines that changed. Everything on the screen is one of these."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import App
from textual.cache import LRUCache
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.console.ink import EMPTY, Ink, Line, Piece, fit, line
from tui.console.theme import CURSOR, styles

WHEEL: Final = 3
"""Lines that one notch of the mouse's wheel moves."""


def inks_of(app: App[object]) -> Mapping[Ink, Style]:
    """The styles in force: the terminal's sixteen colours under an `ansi` theme, none with NO_COLOR."""
    return styles(sixteen=app.native_ansi_color, none=app.no_color)


class LineView(Widget):
    """Lines with fixed heads above and fixed feet below; `top` is the first body line shown.

    Subclasses give `count` and `line_at`; this class scrolls, draws and compares.
    """

    DEFAULT_CSS = "LineView { width: 1fr; height: 1fr; }"

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.top = 0
        self._follows, self._at_end = False, True
        self._heads: tuple[Line, ...] = ()
        self._feet: tuple[Line, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self._painted: list[tuple[Line, bool]] = []
        self._strips: LRUCache[tuple[Line, bool, int, str], Strip] = LRUCache(400)

    def show(
        self, lines: Sequence[Line], *, heads: Sequence[Line] = (), feet: Sequence[Line] = (), follow: bool = False
    ) -> None:
        """Put lines in. `follow`: stay at the end if the end was in sight."""
        self._heads, self._feet, self._lines, self._follows = tuple(heads), tuple(feet), tuple(lines), follow
        if follow and self._at_end:
            self.top = self.count()
        self.repaint()

    def count(self) -> int:
        """How many body lines there are."""
        return len(self._lines)

    def line_at(self, index: int) -> Line:
        """A body line."""
        return self._lines[index]

    def is_marked(self, index: int) -> bool:
        """Whether the cursor is on this body line."""
        return False

    @property
    def room(self) -> int:
        """Body lines that fit."""
        return max(1, self.size.height - len(self._heads) - len(self._feet))

    def scroll_by(self, lines: int) -> None:
        """Move the window over the body."""
        self.top += lines
        self.repaint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._wheel(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._wheel(-WHEEL)

    def _wheel(self, lines: int) -> None:
        self.scroll_by(lines)

    def bring_into_sight(self, index: int) -> None:
        """Scroll as little as it takes to show a body line."""
        if index < self.top:
            self.top = index
        elif index >= self.top + self.room:
            self.top = index - self.room + 1

    def repaint(self) -> None:
        """Compare what is to be seen with what was painted, and refresh the difference."""
        self.top = max(0, min(self.top, self.count() - self.room))
        self._at_end = self.top + self.room >= self.count()
        wanted = self._visible()
        if len(wanted) != len(self._painted):
            self._painted = wanted
            self.refresh()
            return
        changed = [y for y, (new, old) in enumerate(zip(wanted, self._painted, strict=True)) if new != old]
        self._painted = wanted
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _visible(self) -> list[tuple[Line, bool]]:
        shown = [(head, False) for head in self._heads]
        last = min(self.count(), self.top + self.room)
        shown += [(self.line_at(index), self.is_marked(index)) for index in range(self.top, last)]
        height = self.size.height
        shown += [(EMPTY, False)] * (height - len(shown) - len(self._feet))
        shown += [(foot, False) for foot in self._feet]
        return shown[:height]

    def on_resize(self) -> None:
        if self._follows and self._at_end:  # the end stays in sight in a window of another size
            self.top = self.count()
        self.repaint()

    def render_line(self, y: int) -> Strip:
        """One line of cells, padded to the widget's width."""
        if len(self._painted) != self.size.height:
            self._painted = self._visible()
        content, marked = self._painted[y] if y < len(self._painted) else (EMPTY, False)
        base = self.rich_style
        key = (content, marked, self.size.width, str(base))
        strip = self._strips.get(key)
        if strip is None:
            strip = self._draw(content, marked, base)
            self._strips[key] = strip
        return strip

    def _draw(self, content: Line, marked: bool, base: Style) -> Strip:
        inks = inks_of(self.app)
        ground = (
            base + (Style(reverse=True) if self.app.native_ansi_color else Style(bgcolor=CURSOR)) if marked else base
        )
        segments = [Segment(piece.text, ground + inks[piece.ink]) for piece in fit(content, self.size.width)]
        return Strip(segments).adjust_cell_length(self.size.width, ground)


class Pane(LineView, can_focus=True):
    """A line view with a frame, a title and sums in its border."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._named = ("", "")

    def name_border(self, title: str, sums: str = "") -> None:
        """Set both border texts, as plain text: no markup is read from them. Redraws the frame only on a change."""
        if (title, sums) == self._named:
            return
        self._named = (title, sums)
        self.border_title = Text(title)
        self.border_subtitle = Text(sums) if sums else None

    @property
    def frameless(self) -> bool:
        """Whether the screen is too small for frames; the title is then a line of its own."""
        return self.has_class("frameless")

    def title_lines(self, title: str, sums: str) -> tuple[Line, ...]:
        """The title as a head line where there is no frame to hold it."""
        self.name_border(title, sums)
        if not self.frameless:
            return ()
        number, _, words = title.partition(" ")
        return (line(Piece(f"{number} {words}  ", Ink.BRIGHT), Piece(sums, Ink.DIM)),)

    def step(self, lines: int) -> None:
        """Motion without a cursor scrolls."""
        self.scroll_by(lines)

    def _wheel(self, lines: int) -> None:
        self.step(lines)

    def page(self, pages: int) -> None:
        """A page of motion."""
        self.step(pages * max(1, self.room - 1))
