"""Any object of the store by its ID, as the JSON that `show` and the writing verbs print."""

from collections.abc import Callable

from tui.model.ids import Ref
from tui.model.severity import SeverityRules
from tui.model.text import Safe, lines
from tui.reports import shapes
from tui.reports.shapes import Shape
from tui.store.alerts import get_alert, get_candidate
from tui.store.changes import get_change
from tui.store.engine import Connection
from tui.store.entries import get_entry
from tui.store.incidents import get_action, get_incident
from tui.store.payloads import get_rejected, payload
from tui.store.similar import similar

HEAD = 2_000
"""Characters of a payload's beginning that are shown."""


def shape_of(conn: Connection, ref: Ref, rules: Callable[[], SeverityRules]) -> Shape:
    """The JSON of `ref`; `rules` are asked for only where they matter. Raises NotFoundError."""
    match ref.prefix:
        case "A":
            return shapes.alert(get_alert(conn, ref.number))
        case "C":
            return shapes.candidate(get_candidate(conn, ref.number), similar(conn, ref))
        case "INC":
            return shapes.incident(get_incident(conn, ref.number), rules())
        case "E":
            return shapes.entry(get_entry(conn, ref.number))
        case "ACT":
            return shapes.action(get_action(conn, ref.number))
        case "CH":
            return shapes.change(get_change(conn, ref.number))
        case _:
            found = get_rejected(conn, ref.number)
            return shapes.rejected(found, beginning(conn, found.payload))


def beginning(conn: Connection, digest: str) -> Safe | None:
    """The first characters of a kept payload, clean; None where its bytes are gone."""
    body = payload(conn, digest)
    return None if body is None else lines(body[: HEAD * 4].decode("utf-8", "replace"), HEAD)
