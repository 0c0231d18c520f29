"""Reading incidents, their people, their root-cause analysis and their actions back as values."""

import json
from datetime import date, datetime
from typing import Final

from tui.errors import NotFoundError
from tui.model.incident import Incident, Phase, Role
from tui.model.learn import QUESTIONS, Action, ActionState, ActionType, Category, ItemState, Rca, RcaItem
from tui.model.moment import from_micros
from tui.model.severity import Severity
from tui.model.text import Safe
from tui.store.alerts import consumers_from, safe, when
from tui.store.engine import Connection, Row

_MEMBERS: Final = (
    "SELECT json_group_array(id) FROM (SELECT id FROM alert WHERE incident = i.id ORDER BY trouble_at, id)"
)
_PEOPLE: Final = (
    "SELECT json_group_array(json_array(role, name, since, until))"
    " FROM (SELECT role, name, since, until FROM role WHERE incident = i.id ORDER BY since, id)"
)
_BEGAN: Final = (
    "SELECT min(e.at) FROM rca_item r, json_each(r.evidence) v, entry e"
    " WHERE r.incident = i.id AND r.n = 1 AND r.state <> 'open' AND e.id = v.value"
)
_INCIDENTS: Final = (
    f"SELECT i.*, ({_MEMBERS}) AS members, ({_PEOPLE}) AS people, ({_BEGAN}) AS began,"
    " (SELECT subject FROM alert WHERE id = i.root) AS root_subject,"
    " coalesce(i.root_name, c.root_name) AS root_known, coalesce(i.consumers, c.consumers) AS consumers_known"
    " FROM incident i LEFT JOIN candidate c ON c.id = i.candidate "
)


def _incident_from(row: Row) -> Incident:
    return Incident(
        id=row["id"],
        seq=row["seq"],
        title=Safe(row["title"]),
        severity=Severity(row["severity"]),
        phase=Phase(row["phase"]),
        first_signal_at=when(row["first_signal_at"]),
        detected_at=from_micros(row["detected_at"]),
        acknowledged_at=when(row["acknowledged_at"]),
        acknowledged_by=safe(row["acknowledged_by"]),
        declared_at=from_micros(row["declared_at"]),
        declared_by=Safe(row["declared_by"]),
        mitigated_at=when(row["mitigated_at"]),
        resolved_at=when(row["resolved_at"]),
        closed_at=when(row["closed_at"]),
        updated_at=when(row["updated_at"]),
        root=row["root_now"] or row["root"],
        reopened=row["reopened"],
        merged_into=row["merged_into"],
        candidate=row["candidate"],
        alerts=tuple(json.loads(row["members"])),
        roles=tuple(
            Role(incident=row["id"], role=Safe(role), name=Safe(name), since=from_micros(since), until=when(until))
            for role, name, since, until in json.loads(row["people"])
        ),
        rca_started_at=when(row["began"]),
        root_name=Safe(row["root_known"] or row["root_subject"] or ""),
        consumers=consumers_from(row["consumers_known"]) if row["consumers_known"] else (),
        proposed=Severity(row["proposed"]) if row["proposed"] is not None else None,
    )


def get_incident(conn: Connection, number: int) -> Incident:
    """One incident. Raises NotFoundError."""
    row = conn.execute(_INCIDENTS + "WHERE i.id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no INC-{number}", "", "see `sev incidents`")
    return _incident_from(row)


def open_incidents(conn: Connection) -> list[Incident]:
    """Incidents not closed: those that burn first, then by severity, then oldest."""
    rows = conn.execute(
        _INCIDENTS + "WHERE i.phase <> 'closed' ORDER BY i.phase = 'learn', i.severity, i.declared_at"
    ).fetchall()
    return [_incident_from(row) for row in rows]


def all_incidents(conn: Connection, limit: int, since: datetime | None = None) -> list[Incident]:
    """Incidents of any phase, newest first."""
    from_at = 0 if since is None else int(since.timestamp() * 1_000_000)
    rows = conn.execute(_INCIDENTS + "WHERE i.declared_at >= ? ORDER BY i.id DESC LIMIT ?", (from_at, limit)).fetchall()
    return [_incident_from(row) for row in rows]


def _action_from(row: Row) -> Action:
    return Action(
        id=row["id"],
        seq=row["seq"],
        incident=row["incident"],
        text=Safe(row["text"]),
        type=ActionType(row["type"]),
        owner=safe(row["owner"]),
        due=date.fromisoformat(row["due"]) if row["due"] else None,
        state=ActionState(row["state"]),
        reason=safe(row["reason"]),
        link=safe(row["link"]),
    )


def get_action(conn: Connection, number: int) -> Action:
    """One action. Raises NotFoundError."""
    row = conn.execute("SELECT * FROM action WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no ACT-{number}", "", "see `sev actions`")
    return _action_from(row)


def actions(conn: Connection, *, overdue_on: date | None = None, limit: int = 500) -> list[Action]:
    """Actions of all incidents, the next due first; with `overdue_on` only the open ones due before that day."""
    rows = conn.execute(
        "SELECT * FROM action WHERE ?1 IS NULL OR (state = 'open' AND due < ?1)"
        " ORDER BY state <> 'open', due IS NULL, due, id LIMIT ?2",
        (overdue_on.isoformat() if overdue_on else None, limit),
    ).fetchall()
    return [_action_from(row) for row in rows]


def get_rca(conn: Connection, incident: int) -> Rca:
    """The analysis of an incident; items nobody answered are there and open. Item 9 follows from the actions."""
    rows = conn.execute("SELECT * FROM rca_item WHERE incident = ? ORDER BY n", (incident,)).fetchall()
    answered = {
        row["n"]: RcaItem(
            n=row["n"],
            text=Safe(row["text"]),
            evidence=tuple(json.loads(row["evidence"])),
            state=ItemState(row["state"]),
        )
        for row in rows
    }
    promised = conn.execute("SELECT * FROM action WHERE incident = ? ORDER BY id", (incident,)).fetchall()
    kept = conn.execute("SELECT categories FROM incident WHERE id = ?", (incident,)).fetchone()
    return Rca(
        incident=incident,
        items=tuple(answered.get(n, RcaItem(n=n)) for n in QUESTIONS),
        categories=tuple(Category(word) for word in json.loads(kept["categories"])) if kept else (),
        actions=tuple(_action_from(row) for row in promised),
    ).with_changes_counted()
