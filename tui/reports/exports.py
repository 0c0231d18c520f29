"""An incident as one JSON object: everything the store knows of it, for other programs."""

from tui.model.severity import SeverityRules
from tui.reports import shapes
from tui.reports.secrets import hide
from tui.reports.shapes import Shape
from tui.store import log
from tui.store.engine import Connection
from tui.store.entries import timeline
from tui.store.incidents import get_incident, get_rca


def build(conn: Connection, number: int, rules: SeverityRules) -> Shape:
    """Incident, timeline, analysis, actions and updates, with the head hash of the log they were read from.

    Secrets in its texts are replaced.

    Raises NotFoundError.
    """
    incident = get_incident(conn, number)
    entries = timeline(conn, number, limit=1_000_000)
    analysis = get_rca(conn, number)
    sent = shapes.updates_of(entries)
    whole: Shape = {
        "incident": shapes.incident(incident, rules),
        "timeline": [shapes.entry(one) for one in entries],
        "rca": shapes.rca(analysis, incident.severity),
        "actions": [shapes.action(one) for one in analysis.actions],
        "updates": [shapes.update(one, n) for n, one in enumerate(sent, 1)],
        "head": log.head(conn)[1].hex(),
    }
    return hide(whole)
