"""The three lines on top."""

from tui.console.presence import Here
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

    def put(
        self, shown: HeaderSlice, look: Look, advice: Next, health: Health, *, here: bool, others: tuple[Here, ...] = ()
    ) -> None:
        """Show a slice with the advice that follows from it; `here`: the cursor is on what NEXT names.

        `others`: who else has a console open.
        """
        columns = max(20, self.size.width - 1)
        self.show(
            (
                drawn.top(shown, look, self._whose, health, columns),
                drawn.phases(shown, look, columns, others),
                drawn.next_line(advice, shown, here, columns),
            )
        )
