"""Taking back: a person's act leaves images of the rows it changed; undo puts them back."""

import json
from typing import TypeAlias, cast

from tui.model import events as ev
from tui.model.incident import Phase
from tui.model.text import Safe
from tui.store.engine import Connection
from tui.store.projections.alerts import refresh_place
from tui.store.projections.incidents import refresh_alerts_of
from tui.store.rows import current, delete, restore

Image: TypeAlias = tuple[str, int, dict[str, object] | None, dict[str, object]]


def images(conn: Connection, seq: int) -> list[Image]:
    """What event `seq` changed, as (table, row, columns before or None if it made the row, columns after)."""
    found = conn.execute("SELECT place, row, before, after FROM change_image WHERE seq = ?", (seq,)).fetchall()
    return [
        (row["place"], row["row"], json.loads(row["before"]) if row["before"] else None, json.loads(row["after"]))
        for row in found
    ]


def changed_since(conn: Connection, seq: int) -> bool:
    """Whether taking event `seq` back would overwrite a later change or put something where it no longer fits.

    What it set or made must be as it left it; a role must not be held by another one
    now, and an alert must not go back into an incident that is over.
    """
    kept = images(conn, seq)
    own_roles = [row for place, row, _, _ in kept if place == "role"]
    reopened = {row for place, row, before, _ in kept if place == "incident" and before and "phase" in before}
    return any(
        _differs(conn, image)
        or _role_is_held(conn, image, own_roles)
        or _was_in_one_that_is_over(conn, image, reopened)
        for image in kept
    )


def set_again_by(conn: Connection, seq: int, actor: Safe) -> Safe | None:
    """Who else has since set what event `seq` set, be it to the same value, by an act that stands; None for nobody.

    Declaring takes an acknowledgement over, for instance: from then on it is the declaration's too.
    """
    rows = conn.execute(
        "SELECT e.actor, own.after AS ours, later.after AS theirs FROM change_image own JOIN change_image later"
        " ON later.seq > own.seq AND later.place = own.place AND later.row = own.row JOIN event e ON e.seq = later.seq"
        " WHERE own.seq = ? AND e.actor NOT IN (?, 'sev') AND later.seq NOT IN (SELECT seq FROM undone)"
        " ORDER BY later.seq",
        (seq, actor),
    ).fetchall()
    shared = (
        row["actor"] for row in rows if (json.loads(row["ours"]).keys() & json.loads(row["theirs"]).keys()) - {"seq"}
    )
    return next((Safe(name) for name in shared), None)


def _differs(conn: Connection, image: Image) -> bool:
    place, row, _, after = image
    watched = {name: value for name, value in after.items() if name != "seq"}
    return bool(watched) and current(conn, place, row, tuple(watched)) != watched


def _role_is_held(conn: Connection, image: Image, own: list[int]) -> bool:
    """Whether giving this role back to whom it was taken from would make two of them."""
    place, row, before, _ = image
    if place != "role" or before is None or before.get("until") is not None:
        return False
    holders = conn.execute(
        "SELECT held.id FROM role held JOIN role ours ON ours.incident = held.incident AND ours.role = held.role"
        " WHERE ours.id = ? AND held.until IS NULL",
        (row,),
    ).fetchall()
    return any(holder["id"] not in own for holder in holders)


def _was_in_one_that_is_over(conn: Connection, image: Image, reopened: set[int]) -> bool:
    place, _, before, _ = image
    incident = before.get("incident") if place == "alert" and before else None
    if incident is None or incident in reopened:
        return False
    row = conn.execute("SELECT phase FROM incident WHERE id = ?", (incident,)).fetchone()
    return row is None or row["phase"] in (Phase.LEARN, Phase.CLOSED)


def taken_back(conn: Connection, event: ev.Event) -> None:
    """Restore every image of the undone event; rows it made go away; its entry is marked."""
    body = cast("ev.TakenBack", event.body)
    conn.execute("INSERT INTO undone (seq, by) VALUES (?, ?)", (body.undone, event.seq))
    conn.execute("UPDATE entry SET taken_back = 1 WHERE seq = ?", (body.undone,))
    touched = images(conn, body.undone)
    for place, row, before, _ in touched:
        if before is None:
            delete(conn, place, row)
        elif before:
            restore(conn, place, row, cast("dict[str, str | int | None]", before))
    for place, row, before, _ in touched:
        if place == "incident" and before is None:
            _free_alerts_of(conn, event, row)
        elif place in ("alert", "candidate", "incident", "action") and before is not None:
            restore(conn, place, row, {"seq": event.seq})
            _refresh(conn, place, row)


def _refresh(conn: Connection, place: str, row: int) -> None:
    if place == "alert":
        refresh_place(conn, row)
    elif place == "incident":
        refresh_alerts_of(conn, row)


def _free_alerts_of(conn: Connection, event: ev.Event, incident: int) -> None:
    """An incident that never was: what triage put into it since stands on its own again."""
    for row in conn.execute("SELECT id FROM alert WHERE incident = ?", (incident,)).fetchall():
        restore(conn, "alert", row["id"], {"incident": None, "seq": event.seq})
        refresh_place(conn, row["id"])
