"""The bottom: one line for each object, with only the keys that are legal now."""

from tui.console.commands import Scope, label_of, lined, shown_key
from tui.console.ink import Ink, Line, Piece, cut, line, spread, width
from tui.console.render.look import INKS
from tui.model.alert import Alert
from tui.model.incident import Incident
from tui.model.row import into


def row_line(alert: Alert | None, columns: int) -> Line:
    """The line of the row under the cursor; says so when there is none."""
    if alert is None:
        name = line(Piece("nothing selected", Ink.DIM))
    else:
        place = into(alert) if alert.incident is None and alert.candidate else f"A-{alert.id}"
        name = line(Piece(f"{place} {cut(alert.subject, 28)}", Ink.ACCENT))
    keys = _keys(Scope.ROW, alert, None, columns - width(name) - 16)
    return spread((*name, Piece("   "), *keys), line(Piece("enter ", Ink.BRIGHT), Piece("more", Ink.DIM)), columns)


def incident_line(alert: Alert | None, incident: Incident | None, columns: int) -> Line:
    """The line of the open incident, and at the right the keys that always work."""
    always = (("/", "filter"), (":", "all"), ("?", "help"), ("q", "quit"))
    spelled = [part for key, word in always for part in (Piece(f"  {key} ", Ink.BRIGHT), Piece(word, Ink.DIM))]
    right = tuple(spelled) if columns >= 100 else line(Piece("/ : ? q", Ink.BRIGHT))
    if incident is None:
        left = line(Piece("no open incident", Ink.DIM))
        return spread(left, right, columns)
    name = Piece(f"INC-{incident.id}", INKS[incident.severity] if incident.is_open else Ink.DIM)
    keys = _keys(Scope.INCIDENT, alert, incident, columns - width(right) - width((name,)) - 4)
    return spread((name, Piece("   "), *keys), right, columns)


def _keys(scope: Scope, alert: Alert | None, incident: Incident | None, room: int) -> list[Piece]:
    found: list[Piece] = []
    for command in lined(scope, alert, incident):
        pieces = [Piece(f"{shown_key(command)} ", Ink.BRIGHT), Piece(f"{label_of(command, incident)}  ", Ink.DIM)]
        if width((*found, *pieces)) > room:
            break
        found += pieces
    return found
