"""The three lines on top."""

from tui.console.render import header as drawn
from tui.console.render.look import Look
from tui.console.session import Health
from tui.console.view import HeaderSlice
from tui.console.widgets.lines import LineView
from tui.triage.guide import Next


class HeaderBar(LineView):
    """Incident and clock, phases, NEXT."""

    def __init__(self, actor: str, badge: str) -> None:
        super().__init__("header")
        self._whose = drawn.Whose(actor, badge)

    def put(self, shown: HeaderSlice, look: Look, advice: Next, health: Health, *, here: bool) -> None:
        """Show a slice with the advice that follows from it; `here`: the cursor is on what NEXT names."""
        columns = max(20, self.size.width - 1)
        self.show(
            (
                drawn.top(shown, look, self._whose, health, columns),
                drawn.phases(shown, look, columns),
                drawn.next_line(advice, shown, here, columns),
            )
        )
