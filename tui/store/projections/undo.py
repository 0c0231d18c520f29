"""Taking back: a person's act leaves images of the rows it changed; undo puts them back."""

import json
from typing import cast

from tui.model import events as ev
from tui.store.engine import Connection
from tui.store.projections.alerts import refresh_place
from tui.store.projections.incidents import refresh_alerts_of
from tui.store.rows import current, delete, restore


def images(conn: Connection, seq: int) -> list[tuple[str, int, dict[str, object] | None, dict[str, object]]]:
    """What event `seq` changed, as (table, row, columns before or None if it made the row, columns after)."""
    found = conn.execute("SELECT place, row, before, after FROM change_image WHERE seq = ?", (seq,)).fetchall()
    return [
        (row["place"], row["row"], json.loads(row["before"]) if row["before"] else None, json.loads(row["after"]))
        for row in found
    ]


def changed_since(conn: Connection, seq: int) -> bool:
    """Whether something that event `seq` set has another value now, so that taking it back would overwrite it."""
    for place, row, before, after in images(conn, seq):
        if before is None:
            continue
        watched = {name: value for name, value in after.items() if name != "seq"}
        if watched and current(conn, place, row, tuple(watched)) != watched:
            return True
    return False


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
        if place == "alert" and before is not None:
            restore(conn, "alert", row, {"seq": event.seq})
            refresh_place(conn, row)
        elif place == "incident" and before is not None:
            restore(conn, "incident", row, {"seq": event.seq})
            refresh_alerts_of(conn, row)
