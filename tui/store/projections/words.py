"""The words of each incident, kept for the search of earlier ones alike."""

import json
from typing import Final

from tui.model import events as ev
from tui.store.engine import Connection

_TOLD_BY: Final = (
    ev.Declared, ev.PhaseChanged, ev.Merged, ev.RcaAnswered, ev.RcaCategorised, ev.ActionPromised, ev.ActionSettled,
    ev.TakenBack,
)  # fmt: skip
"""After these its words are read again. What joins it meanwhile is read when its next phase begins."""

_SUBJECTS: Final = (
    "SELECT group_concat(subject, ' ') FROM"
    " (SELECT DISTINCT subject FROM alert WHERE incident = i.id ORDER BY trouble_at, id LIMIT 60)"
)
_TITLES: Final = (
    "SELECT group_concat(title, ' ') FROM"
    " (SELECT DISTINCT title FROM alert WHERE incident = i.id ORDER BY trouble_at, id LIMIT 20)"
)
_ROOT_NAME: Final = "coalesce(i.root_name, c.root_name)"
_ROOT: Final = "SELECT subject FROM alert WHERE id = i.root"
_WHY: Final = "SELECT group_concat(text, ' ') FROM (SELECT text FROM rca_item WHERE incident = i.id ORDER BY n)"
_FIXES: Final = "SELECT group_concat(text, ' ') FROM (SELECT text FROM action WHERE incident = i.id ORDER BY id)"


def index_words(conn: Connection, event: ev.Event) -> None:
    """Bring the words of the event's incident up to date where it may have new ones; one that is no more has none."""
    if event.incident is None or not isinstance(event.body, _TOLD_BY):
        return
    conn.execute("DELETE FROM incident_words WHERE rowid = ?", (event.incident,))
    row = conn.execute(
        f"SELECT i.title, i.categories, ({_ROOT_NAME}) AS root_name, c.reasons, ({_SUBJECTS}) AS subjects,"
        f" ({_TITLES}) AS titles, ({_ROOT}) AS root, ({_WHY}) AS why, ({_FIXES}) AS fixes"
        " FROM incident i LEFT JOIN candidate c ON c.id = i.candidate WHERE i.id = ? AND i.merged_into IS NULL",
        (event.incident,),
    ).fetchone()
    if row is None:
        return
    reasons = " ".join((*json.loads(row["reasons"] or "[]"), row["titles"] or ""))
    causes = " ".join((*json.loads(row["categories"]), row["why"] or "", row["fixes"] or ""))
    root = " ".join(dict.fromkeys(filter(None, (row["root_name"], row["root"]))))
    conn.execute(
        "INSERT INTO incident_words (rowid, title, subjects, root, reasons, causes) VALUES (?,?,?,?,?,?)",
        (event.incident, row["title"], row["subjects"] or "", root, reasons, causes),
    )
