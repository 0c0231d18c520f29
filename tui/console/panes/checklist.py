"""Pane 4: what the phase needs."""

from tui.console.render import checklist as drawn
from tui.console.render.look import Look
from tui.console.view import ChecklistSlice
from tui.console.widgets.lines import Pane


class ChecklistPane(Pane):
    """The checklist of the open incident, or the proposal for the row under the cursor."""

    def __init__(self) -> None:
        super().__init__("checklist")
        self._slice = ChecklistSlice()

    def put(self, shown: ChecklistSlice, look: Look) -> None:
        """Show a slice."""
        self._slice = shown
        self.redraw(look)

    def redraw(self, look: Look) -> None:
        """Draw again for another moment, size or taste."""
        heads = self.title_lines(drawn.title(self._slice), drawn.sums(self._slice, look))
        self.show(drawn.lines(self._slice, look, self.size.width), heads=heads)
