"""The second layer against untrusted text: whatever a widget draws, no control character of it reaches the terminal."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from tui.model.text import visible


class ControlsVisible(LineFilter):
    """Makes every control character in a drawn line a sign. The line keeps its width: what no longer fits is cut."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments where all is well, which is always but for a fault of ours."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        shown = [Segment(visible(segment.text), segment.style) for segment in segments]
        return list(Strip(shown).adjust_cell_length(Strip(segments).cell_length))
