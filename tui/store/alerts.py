"""Reading alerts and candidates back as values."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec

from tui.errors import NotFoundError
from tui.model.alert import Alert, AlertStatus, Candidate, Consumer, Excuse, Verdict, state_of
from tui.model.moment import from_micros, to_micros
from tui.model.severity import Severity
from tui.model.signal import Kind, Links
from tui.model.text import Safe
from tui.store.engine import Connection, Row

_links = msgspec.json.Decoder(Links).decode
consumers_from = msgspec.json.Decoder(tuple[Consumer, ...]).decode
"""A column of consumers."""
_DAY: Final = 86_400_000_000


def when(micros: int | None) -> datetime | None:
    """A nullable column of time."""
    return None if micros is None else from_micros(micros)


def safe(text: str | None) -> Safe | None:
    """A nullable column of text; it was cleaned before it was written."""
    return None if text is None else Safe(text)


def alert_from(row: Row, labels: dict[str, Safe] | None = None) -> Alert:
    """A row of `alert` as a value; labels are read only where somebody looks at them."""
    status, verdict = AlertStatus(row["status"]), Verdict(row["verdict"])
    grouped = row["incident"] is not None or row["candidate"] is not None
    grade = row["weight"] if grouped else row["severity"]
    return Alert(
        id=row["id"],
        seq=row["seq"],
        key=Safe(row["key"]),
        source=Safe(row["source"]),
        format=row["format"],
        status=status,
        state=state_of(
            status,
            verdict,
            acknowledged=row["acknowledged_at"] is not None,
            snoozed=row["snoozed_until"] is not None,
        ),
        verdict=verdict,
        reason=Safe(row["reason"]),
        severity=None if grade is None else Severity(grade),
        kind=Kind(row["kind"]),
        subject=Safe(row["subject"]),
        title=Safe(row["title"]),
        run=safe(row["run"]),
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        count=row["count"],
        episode=row["episode"],
        first_seen=from_micros(row["first_seen"]),
        last_seen=from_micros(row["last_seen"]),
        started_at=from_micros(row["started_at"]),
        trouble_at=from_micros(row["trouble_at"]),
        ended_at=when(row["ended_at"]),
        acknowledged_by=safe(row["acknowledged_by"]),
        acknowledged_at=when(row["acknowledged_at"]),
        snoozed_until=when(row["snoozed_until"]),
        candidate=row["candidate"],
        incident=row["incident"],
        severity_word=safe(row["severity_word"]),
        links=_links(row["links"]),
        labels=labels or {},
        judged_by=safe(row["judged_by"]),
        placed_by=safe(row["placed_by"]),
        under=row["under"],
        excused=None if row["excused"] is None else Excuse(row["excused"]),
    )


def labels_of(conn: Connection, digest: str) -> dict[str, Safe]:
    """A label set by its digest; empty where there is none."""
    row = conn.execute("SELECT labels FROM label_set WHERE digest = ?", (digest,)).fetchone()
    return {name: Safe(value) for name, value in json.loads(row["labels"]).items()} if row else {}


def get_alert(conn: Connection, number: int) -> Alert:
    """One alert with its labels. Raises NotFoundError."""
    row = conn.execute("SELECT * FROM alert WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no A-{number}", "", "see `sev alerts`")
    return alert_from(row, labels_of(conn, row["label_set"]))


def get_alerts(conn: Connection, numbers: tuple[int, ...]) -> list[Alert]:
    """Several alerts in the order asked for, with labels. Raises NotFoundError for the first that is missing."""
    return [get_alert(conn, number) for number in numbers]


def alert_by_key(conn: Connection, key: str, now: datetime) -> Alert | None:
    """The alert that the next signal of this key belongs to; None when its story is over.

    It is over when its incident was resolved, or a day after it cleared.
    """
    row = conn.execute("SELECT * FROM alert WHERE key = ? ORDER BY id DESC LIMIT 1", (key,)).fetchone()
    if row is None or not row["live"]:
        return None
    if row["status"] == AlertStatus.RESOLVED and row["last_seen"] < to_micros(now) - _DAY:
        return None
    return alert_from(row)


def was_closed(conn: Connection, key: str, started_at: datetime) -> bool:
    """Whether the story of an alert that began then is over, though its tool may still say the same."""
    row = conn.execute("SELECT live, started_at FROM alert WHERE key = ? ORDER BY id DESC LIMIT 1", (key,)).fetchone()
    return row is not None and not row["live"] and bool(row["started_at"] == to_micros(started_at))


def alerts_among(conn: Connection, numbers: Collection[int]) -> list[Alert]:
    """Those of these alerts that there are, without labels, by their numbers."""
    rows = conn.execute(
        "SELECT * FROM alert WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (json.dumps(sorted(numbers)),)
    ).fetchall()
    return [alert_from(row) for row in rows]


def payload_of(conn: Connection, number: int) -> str:
    """The digest of the newest payload that spoke of an alert."""
    row = conn.execute("SELECT payload FROM alert WHERE id = ?", (number,)).fetchone()
    return row["payload"] if row else ""


def alerts_of_incident(conn: Connection, incident: int) -> list[Alert]:
    """Alerts of an incident, first trouble first."""
    rows = conn.execute("SELECT * FROM alert WHERE incident = ? ORDER BY trouble_at, id", (incident,)).fetchall()
    return [alert_from(row) for row in rows]


def snoozes_over(conn: Connection, now: datetime) -> list[int]:
    """Alerts whose snooze has come to its end."""
    rows = conn.execute("SELECT id FROM alert WHERE snoozed_until <= ? ORDER BY id", (to_micros(now),)).fetchall()
    return [row["id"] for row in rows]


def unheard_since(conn: Connection, limit: datetime) -> list[Alert]:
    """Firing alerts whose last signal is older than `limit`."""
    rows = conn.execute(
        "SELECT * FROM alert WHERE live = 1 AND status IN ('firing', 'retrying') AND last_seen < ? ORDER BY id",
        (to_micros(limit),),
    ).fetchall()
    return [alert_from(row) for row in rows]


def fires_after_resolve(conn: Connection, since: datetime) -> tuple[int, int] | None:
    """An alert that fires, in no incident, under a key of an incident resolved after `since`: (alert, incident)."""
    row = conn.execute(
        "SELECT a.id AS alert, i.id AS incident FROM incident i JOIN alert old ON old.incident = i.id"
        " JOIN alert a ON a.key = old.key AND a.id > old.id"
        " WHERE i.resolved_at > ? AND a.incident IS NULL AND a.status = 'firing' AND a.verdict = 'incident'"
        " ORDER BY a.id DESC LIMIT 1",
        (to_micros(since),),
    ).fetchone()
    return (row["alert"], row["incident"]) if row else None


def withdrawn_of(conn: Connection, root: int) -> int | None:
    """The candidate of this root that was withdrawn last, and never declared; None where there is none."""
    row = conn.execute(
        "SELECT id FROM candidate WHERE root = ? AND live = 0 AND incident IS NULL ORDER BY id DESC LIMIT 1", (root,)
    ).fetchone()
    return row["id"] if row else None


_MEMBERS: Final = (
    "SELECT json_group_array(id) FROM (SELECT id, id <> c.root AS far FROM alert WHERE candidate = c.id"
    " ORDER BY far, trouble_at, id)"
)
_FIRES: Final = "EXISTS (SELECT 1 FROM alert WHERE candidate = c.id AND status <> 'resolved')"
_CANDIDATES: Final = (
    f"SELECT c.*, (SELECT subject FROM alert WHERE id = c.root) AS root_subject, ({_MEMBERS}) AS members,"
    f" {_FIRES} AS fires FROM candidate c "
)


def _candidate_from(row: Row) -> Candidate:
    return Candidate(
        id=row["id"],
        seq=row["seq"],
        title=Safe(row["title"]),
        severity=Severity(row["severity"]),
        reasons=tuple(Safe(reason) for reason in json.loads(row["reasons"])),
        root=row["root"],
        alerts=tuple(json.loads(row["members"])),
        first_signal_at=from_micros(row["first_signal_at"]),
        detected_at=from_micros(row["detected_at"]),
        proposed_at=from_micros(row["proposed_at"]),
        acknowledged_by=safe(row["acknowledged_by"]),
        acknowledged_at=when(row["acknowledged_at"]),
        incident=row["incident"],
        still_fires=bool(row["fires"]),
        root_name=Safe(row["root_name"] or row["root_subject"]),
        consumers=consumers_from(row["consumers"]),
    )


def get_candidate(conn: Connection, number: int) -> Candidate:
    """One candidate. Raises NotFoundError."""
    row = conn.execute(_CANDIDATES + "WHERE c.id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no C-{number}", "", "see `sev candidates`")
    return _candidate_from(row)


def open_candidates(conn: Connection, limit: int = 200) -> list[Candidate]:
    """Candidates not declared that still fire or that nobody acknowledged, gravest first, then oldest.

    One of which a person said that nothing in it needs anybody is not among them.
    """
    rows = conn.execute(
        _CANDIDATES + "WHERE c.incident IS NULL AND c.live = 1 AND (c.acknowledged_at IS NULL OR fires)"
        " AND EXISTS (SELECT 1 FROM alert WHERE candidate = c.id AND incident IS NULL"
        " AND (judged_by IS NULL OR verdict IN ('incident', 'flapping')))"
        " ORDER BY c.severity, c.proposed_at LIMIT ?",
        (limit,),
    ).fetchall()
    return [_candidate_from(row) for row in rows]
