"""How each pulled source does, and how far it was read. Lies beside the chain: it makes no events, no rebuild."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import msgspec

from tui.errors import NotFoundError
from tui.formats.decode import Json
from tui.model.alert import Alert
from tui.model.moment import from_micros, to_micros
from tui.model.text import Safe
from tui.store.alerts import alert_from, labels_of, safe, when
from tui.store.engine import Connection, Row

FAILING: Final = 3
"""Failures in a row after which a source counts as ailing."""

_SILENT_AFTER: Final = 3  # polls that should have come by then

Cursor: TypeAlias = dict[str, Json]
"""How far a source was read: a small JSON object that only its own kind understands."""

_MICRO: Final = timedelta(microseconds=1)


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """One pulled source. `since`: when this collector began to pull it; `ok_at`: when it last could be read.

    `failures` are in a row since then; `next_try_at` None: it is being asked right now, or never was.
    """

    name: Safe
    kind: str
    every: timedelta
    since: datetime
    ok_at: datetime | None = None
    failures: int = 0
    next_try_at: datetime | None = None
    last_error: Safe = Safe("")

    @property
    def silent_since(self) -> datetime:
        """Since when nothing was heard of it by the collector that runs now, or by the one before it."""
        return self.ok_at or self.since

    def ails(self, now: datetime) -> bool:
        """Whether it fails again and again, or has been silent for three polls of this collector."""
        heard = max(self.since, self.ok_at) if self.ok_at else self.since
        return self.failures >= FAILING or now - heard > _SILENT_AFTER * self.every


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """A source as the settings name it."""

    name: str
    kind: str
    every: timedelta


def begin(conn: Connection, pulled: Sequence[Pulled], now: datetime) -> None:
    """Start pulling exactly these. One of another kind than before is read from its start."""
    conn.execute("UPDATE source SET live = 0")
    conn.executemany(
        "INSERT INTO source (name, kind, every, since) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE SET"
        " cursor = CASE WHEN kind = ?2 THEN cursor ELSE '{}' END, kind = ?2, every = ?3, since = ?4, live = 1,"
        " next_try_at = NULL",
        [(one.name, one.kind, one.every // _MICRO, to_micros(now)) for one in pulled],
    )


def cursor_of(conn: Connection, name: str) -> Cursor:
    """How far a source was read; empty where it never was."""
    row = conn.execute("SELECT cursor FROM source WHERE name = ?", (name,)).fetchone()
    found: Cursor = json.loads(row["cursor"]) if row else {}
    return found


def succeeded(conn: Connection, name: str, at: datetime, next_try_at: datetime, cursor: Cursor | None = None) -> None:
    """It could be read. `cursor` None: it is where it was."""
    conn.execute(
        "UPDATE source SET ok_at = ?, failures = 0, next_try_at = ?, last_error = '', cursor = coalesce(?, cursor)"
        " WHERE name = ?",
        (to_micros(at), to_micros(next_try_at), None if cursor is None else json.dumps(cursor), name),
    )


def failed(conn: Connection, name: str, error: Safe, next_try_at: datetime) -> int:
    """It could not be read; how many times in a row that is."""
    conn.execute(
        "UPDATE source SET failures = failures + 1, next_try_at = ?, last_error = ? WHERE name = ?",
        (to_micros(next_try_at), error, name),
    )
    row = conn.execute("SELECT failures FROM source WHERE name = ?", (name,)).fetchone()
    return int(row["failures"]) if row else 0


def states(conn: Connection) -> list[SourceState]:
    """Every source that the collector pulls, by name."""
    rows = conn.execute("SELECT * FROM source WHERE live = 1 ORDER BY name").fetchall()
    return [_state_from(row) for row in rows]


def get_state(conn: Connection, name: str) -> SourceState:
    """One source that the collector pulls. Raises NotFoundError."""
    row = conn.execute("SELECT * FROM source WHERE name = ? AND live = 1", (name,)).fetchone()
    if row is None:
        raise NotFoundError(f"no source {name} is pulled", "", "see `sev sources`")
    return _state_from(row)


def _state_from(row: Row) -> SourceState:
    return SourceState(
        name=Safe(row["name"]),
        kind=row["kind"],
        every=row["every"] * _MICRO,
        since=from_micros(row["since"]),
        ok_at=when(row["ok_at"]),
        failures=row["failures"],
        next_try_at=when(row["next_try_at"]),
        last_error=safe(row["last_error"]) or Safe(""),
    )


def unresolved_of(conn: Connection, source: str, formats: Sequence[str]) -> list[Alert]:
    """Alerts of a source whose story goes on and whose tool has not cleared them, with labels.

    Only those read in one of `formats`: another tool may speak under the same name.
    """
    rows = conn.execute(
        "SELECT * FROM alert WHERE live = 1 AND status <> 'resolved' AND source = ?"
        " AND format IN (SELECT value FROM json_each(?)) ORDER BY id",
        (source, json.dumps(list(formats))),
    ).fetchall()
    return [alert_from(row, labels_of(conn, row["label_set"])) for row in rows]
