"""Reading changes: all of them, those that touch a thing, and the one to suspect first."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from tui.errors import NotFoundError
from tui.model.catalog import normal
from tui.model.change import SUSPECT_FOR, Change, Suspect
from tui.model.moment import from_micros, to_micros
from tui.model.signal import Links
from tui.model.text import Safe
from tui.store.catalog import read_graph
from tui.store.engine import Connection, Row

_links = msgspec.json.Decoder(Links).decode
_CHANGES: Final = (
    "SELECT c.*, (SELECT json_group_array(name) FROM (SELECT name FROM change_touch WHERE change = c.id ORDER BY n))"
    " AS touches FROM change c "
)
_NEWEST_FIRST: Final = " ORDER BY c.at DESC, c.id DESC LIMIT ?"
_OF_KEY: Final = 50


def _change_from(row: Row) -> Change:
    return Change(
        id=row["id"],
        seq=row["seq"],
        at=from_micros(row["at"]),
        key=Safe(row["key"]),
        source=Safe(row["source"]),
        actor=Safe(row["actor"]),
        what=Safe(row["what"]),
        touches=tuple(Safe(name) for name in json.loads(row["touches"])),
        links=_links(row["links"]),
        payload=row["payload"],
        dated=bool(row["dated"]),
    )


def get_change(conn: Connection, number: int) -> Change:
    """One change. Raises NotFoundError."""
    row = conn.execute(_CHANGES + "WHERE c.id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no CH-{number}", "", "see `sev changes`")
    return _change_from(row)


def of_key(conn: Connection, key: str) -> list[Change]:
    """The latest changes told under one key, the newest first."""
    rows = conn.execute(_CHANGES + "WHERE c.key = ? ORDER BY c.id DESC LIMIT ?", (key, _OF_KEY)).fetchall()
    return [_change_from(row) for row in rows]


def changes(conn: Connection, *, since: datetime | None, touches: str | None, limit: int) -> list[Change]:
    """Changes newest first; with `touches` those that touch the thing of this name, whatever they call it."""
    from_at = 0 if since is None else to_micros(since)
    if touches is not None:
        return _touching(conn, read_graph(conn).names_of(touches), from_at, None, limit)
    rows = conn.execute(_CHANGES + "WHERE c.at >= ?" + _NEWEST_FIRST, (from_at, limit)).fetchall()
    return [_change_from(row) for row in rows]


def _touching(conn: Connection, names: Iterable[str], since: int, until: datetime | None, limit: int) -> list[Change]:
    """Those that touch one of `names` (in normal form), newest first."""
    rows = conn.execute(
        _CHANGES + "WHERE c.id IN (SELECT change FROM change_touch WHERE normal IN (SELECT value FROM json_each(?)))"
        " AND c.at >= ? AND c.at <= ?" + _NEWEST_FIRST,
        (json.dumps(sorted(names)), since, to_micros(until) if until else 1 << 62, limit),
    ).fetchall()
    return [_change_from(row) for row in rows]


def near(conn: Connection, subject: str, now: datetime, limit: int = 3) -> list[Change]:
    """Changes of the last day that touch `subject` or what it is directly made from, newest first."""
    graph = read_graph(conn)
    names = set(graph.names_of(subject))
    for name in graph.upstream(subject, 1):
        names |= graph.names_of(name)
    return _touching(conn, names, to_micros(now - SUSPECT_FOR), now, limit)


def suspect(conn: Connection, subject: str, failed_at: datetime) -> Suspect | None:
    """The latest change in the day before `failed_at` that touches `subject`, else what it is directly made from."""
    graph = read_graph(conn)
    since = to_micros(failed_at - SUSPECT_FOR)
    own = _touching(conn, graph.names_of(subject), since, failed_at, 1)
    if own:
        return Suspect(change=own[0], entry=_entry_of(conn, own[0]))
    above = {name: _touching(conn, graph.names_of(name), since, failed_at, 1) for name in graph.upstream(subject, 1)}
    found = [(change.at, change.id, change, name) for name, latest in above.items() for change in latest]
    if not found:
        return None
    _, _, change, name = max(found, key=lambda one: one[:2])
    return Suspect(change=change, entry=_entry_of(conn, change), upstream=name)


def _entry_of(conn: Connection, change: Change) -> int:
    """The number of its timeline entry; each change has one."""
    return int(conn.execute("SELECT id FROM entry WHERE seq = ?", (change.seq,)).fetchone()["id"])


def incident_touched(conn: Connection, touches: Iterable[str]) -> int | None:
    """The open incident whose alerts are about one of these names; of several the gravest, then the oldest."""
    graph = read_graph(conn)
    names = frozenset().union(*(graph.names_of(name) for name in touches))
    rows = conn.execute(
        "SELECT i.id, a.subject FROM incident i JOIN alert a ON a.incident = i.id"
        " WHERE i.phase IN ('respond', 'resolve') ORDER BY i.severity, i.declared_at, i.id"
    ).fetchall()
    return next((row["id"] for row in rows if normal(row["subject"]) in names), None)
