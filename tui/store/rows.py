"""Writing projection rows, and remembering what a person's act changed so that it can be taken back."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Final, TypeAlias

from tui.model.entry import MACHINE
from tui.model.events import UNDOABLE, Event
from tui.store.engine import Connection

Value: TypeAlias = str | int | float | None
Columns: TypeAlias = Mapping[str, Value]

TABLES: Final = (
    "counter", "alert", "candidate", "incident", "role", "entry", "rca_item", "action", "rejected",
    "change", "change_touch", "node", "node_alias", "edge", "change_image", "undone",
    "incident_words", "told",
)  # fmt: skip
"""Every projection: what a rebuild empties, refills and must find equal."""


@cache
def _insert_sql(place: str, columns: tuple[str, ...]) -> str:
    return " ".join(("INSERT INTO", place, "(", ", ".join(columns), ") VALUES (", ", ".join("?" * len(columns)), ")"))


@cache
def _update_sql(place: str, columns: tuple[str, ...]) -> str:
    return " ".join(("UPDATE", place, "SET", ", ".join(f"{column} = ?" for column in columns), "WHERE id = ?"))


@cache
def _select_sql(place: str, columns: tuple[str, ...]) -> str:
    return " ".join(("SELECT", ", ".join(columns), "FROM", place, "WHERE id = ?"))


@cache
def _delete_sql(place: str) -> str:
    return " ".join(("DELETE FROM", place, "WHERE id = ?"))


def _may_be_undone(event: Event) -> bool:
    """Only what a person did: nobody takes back triage's words, and a storm makes many of them."""
    return event.actor != MACHINE and isinstance(event.body, UNDOABLE)


def insert(conn: Connection, event: Event, place: str, row: int, columns: Columns) -> None:
    """A new row of a projection."""
    conn.execute(_insert_sql(place, ("id", *columns)), (row, *columns.values()))
    if _may_be_undone(event):
        _remember(conn, event.seq, place, row, None, columns)


def update(conn: Connection, event: Event, place: str, row: int, columns: Columns) -> None:
    """Change columns of a row; what they were is kept when a person did it."""
    if not columns:
        return
    if _may_be_undone(event):
        before = current(conn, place, row, tuple(columns))
        if before is not None:
            _remember(conn, event.seq, place, row, before, columns)
    conn.execute(_update_sql(place, tuple(columns)), (*columns.values(), row))


def current(conn: Connection, place: str, row: int, columns: tuple[str, ...]) -> dict[str, Value] | None:
    """The present values of some columns; None when the row is not there."""
    found = conn.execute(_select_sql(place, columns), (row,)).fetchone()
    return dict(zip(columns, found, strict=True)) if found else None


def delete(conn: Connection, place: str, row: int) -> None:
    conn.execute(_delete_sql(place), (row,))


def restore(conn: Connection, place: str, row: int, columns: Columns) -> None:
    """Put columns back to what they were; keeps no image of its own."""
    conn.execute(_update_sql(place, tuple(columns)), (*columns.values(), row))


def _remember(conn: Connection, seq: int, place: str, row: int, before: Columns | None, after: Columns) -> None:
    """Merge with an image that the same event already made: the first `before` and the last `after` count."""
    kept = conn.execute(
        "SELECT before, after FROM change_image WHERE seq = ? AND place = ? AND row = ?", (seq, place, row)
    ).fetchone()
    first = dict(before) if before is not None else None
    last = dict(after)
    if kept:
        last = {**json.loads(kept["after"]), **last}
        first = None if kept["before"] is None else {**(first or {}), **json.loads(kept["before"])}
    conn.execute(
        "INSERT OR REPLACE INTO change_image (seq, place, row, before, after) VALUES (?,?,?,?,?)",
        (seq, place, row, None if first is None else json.dumps(first), json.dumps(last)),
    )


def next_number(conn: Connection, name: str) -> int:
    """A number for a new object of this name. Given out once: undoing its making does not free it.

    Called by whoever writes the event; the projection of the event notes it with `number_used`.
    """
    row = conn.execute("SELECT last FROM counter WHERE name = ?", (name,)).fetchone()
    return (row["last"] if row else 0) + 1


def number_used(conn: Connection, name: str, number: int) -> None:
    """Note that an event used this number."""
    conn.execute(
        "INSERT INTO counter (name, last) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)",
        (name, number),
    )
