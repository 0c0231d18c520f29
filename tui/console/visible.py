"""The second layer against untrusted text: whatever a widget draws, no control character of it reaches the terminal."""

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.model.text import visible


class ControlsVisible(LineFilter):
    """Makes every control character in a drawn line a sign. Each piece keeps its width, so that nothing moves."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments where all is well, which is always but for a fault of ours."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [segment if segment.text.isprintable() else _shown(segment) for segment in segments]


def _shown(segment: Segment) -> Segment:
    return Segment(set_cell_size(visible(segment.text), cell_len(segment.text)), segment.style)
