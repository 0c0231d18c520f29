"""The two key lines at the bottom."""

from tui.console.render import keyline as drawn
from tui.console.widgets.lines import LineView
from tui.model.alert import Alert
from tui.model.incident import Incident


class KeyLines(LineView):
    """What can be done now to the row, and to the incident."""

    def __init__(self) -> None:
        super().__init__("keys")

    def put(self, alert: Alert | None, incident: Incident | None) -> None:
        """Show the legal keys of both objects."""
        columns = max(20, self.size.width - 2)
        self.show((drawn.row_line(alert, columns), drawn.incident_line(alert, incident, columns)))
