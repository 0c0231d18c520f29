"""Incidents: declaring, linking, moving, merging, phases, severity, roles."""

from typing import cast

import msgspec

from tui.model import events as ev
from tui.model.entry import EntryKind
from tui.model.incident import Phase
from tui.model.moment import to_micros
from tui.store.engine import Connection
from tui.store.projections.alerts import refresh_place
from tui.store.rows import Value, insert, next_number, number_used, restore, update


def _place_alerts(conn: Connection, event: ev.Event, alerts: tuple[int, ...], columns: dict[str, Value]) -> None:
    for alert in alerts:
        update(conn, event, "alert", alert, columns)
        restore(conn, "alert", alert, {"seq": event.seq})
        refresh_place(conn, alert)


def refresh_alerts_of(conn: Connection, incident: int) -> None:
    """Its phase or severity moved: so do its alerts in the feed."""
    for row in conn.execute("SELECT id FROM alert WHERE incident = ?", (incident,)).fetchall():
        refresh_place(conn, row["id"])


def _change(conn: Connection, event: ev.Event, columns: dict[str, Value]) -> None:
    incident = cast("int", event.incident)
    update(conn, event, "incident", incident, columns)
    restore(conn, "incident", incident, {"seq": event.seq})


def declared(conn: Connection, event: ev.Event) -> None:
    """The incident is born in respond and carries its candidate's times; declaring acknowledges."""
    body = cast("ev.Declared", event.body)
    incident = cast("int", event.incident)
    number_used(conn, "incident", incident)
    acknowledged: dict[str, Value] = {
        "acknowledged_at": to_micros(body.acknowledged_at),
        "acknowledged_by": body.acknowledged_by,
    }
    born: dict[str, Value] = {
        "seq": event.seq, "title": body.title, "severity": body.severity, "phase": Phase.RESPOND,
        "first_signal_at": to_micros(body.first_signal_at) if body.first_signal_at else None,
        "detected_at": to_micros(body.detected_at), "declared_at": to_micros(event.at), "declared_by": event.actor,
        "root": body.root, "candidate": body.candidate,
    }  # fmt: skip
    insert(conn, event, "incident", incident, {**born, **acknowledged})
    if body.candidate is not None:
        update(conn, event, "candidate", body.candidate, {**acknowledged, "incident": incident, "seq": event.seq})
    _link(conn, event, incident, body.alerts)


def _link(conn: Connection, event: ev.Event, incident: int, alerts: tuple[int, ...]) -> None:
    """Put alerts into an incident. Who acknowledged first stays; the others are acknowledged by this act."""
    now: dict[str, Value] = {"acknowledged_at": to_micros(event.at), "acknowledged_by": event.actor}
    for alert in alerts:
        row = conn.execute("SELECT acknowledged_at FROM alert WHERE id = ?", (alert,)).fetchone()
        first = now if row["acknowledged_at"] is None else {}
        _place_alerts(conn, event, (alert,), {"incident": incident, **first})


def linked(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.Linked", event.body)
    _link(conn, event, cast("int", event.incident), body.alerts)


def moved(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.Moved", event.body)
    if body.to_incident is not None:
        _link(conn, event, body.to_incident, body.alerts)
        _place_alerts(conn, event, body.alerts, {"placed_by": event.actor})
        return
    columns: dict[str, Value] = {"incident": None, "candidate": body.to_candidate, "placed_by": event.actor}
    _place_alerts(conn, event, body.alerts, columns)


def merged(conn: Connection, event: ev.Event) -> None:
    """Its alerts go over; it closes and points to the other one."""
    body = cast("ev.Merged", event.body)
    _place_alerts(conn, event, body.alerts, {"incident": body.into})
    at = to_micros(event.at)
    _change(conn, event, {"phase": Phase.CLOSED, "closed_at": at, "merged_into": body.into})
    other = conn.execute("SELECT first_signal_at, detected_at FROM incident WHERE id = ?", (body.into,)).fetchone()
    own = conn.execute("SELECT first_signal_at, detected_at FROM incident WHERE id = ?", (event.incident,)).fetchone()
    firsts = [row["first_signal_at"] for row in (own, other) if row["first_signal_at"] is not None]
    earliest: dict[str, Value] = {
        "first_signal_at": min(firsts, default=None),
        "detected_at": min(own["detected_at"], other["detected_at"]),
    }
    update(conn, event, "incident", body.into, earliest)


def severity_changed(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.SeverityChanged", event.body)
    _change(conn, event, {"severity": body.severity})
    refresh_alerts_of(conn, cast("int", event.incident))


def impact_weighed(conn: Connection, event: ev.Event) -> None:
    """What triage found since; what was declared stays beside it, so that declaring can still be taken back."""
    body = cast("ev.ImpactWeighed", event.body)
    consumers = msgspec.json.encode(body.consumers).decode()
    _change(conn, event, {"root_now": body.at, "root_name": body.root, "consumers": consumers})


def severity_proposed(conn: Connection, event: ev.Event) -> None:
    _change(conn, event, {"proposed": cast("ev.SeverityProposed", event.body).severity})


def phase_changed(conn: Connection, event: ev.Event) -> None:
    """Forward sets that phase's time; reopening empties the three and counts."""
    body = cast("ev.PhaseChanged", event.body)
    at = to_micros(event.at)
    columns: dict[str, Value] = {"phase": body.phase}
    if body.phase is Phase.RESOLVE:
        columns |= {"mitigated_at": at}
        if body.before is not Phase.RESPOND:
            columns |= {"resolved_at": None, "closed_at": None}
    elif body.phase is Phase.LEARN:
        columns |= {"resolved_at": at} if body.before is not Phase.CLOSED else {"closed_at": None}
    elif body.phase is Phase.CLOSED:
        columns |= {"closed_at": at}
    else:
        row = conn.execute("SELECT reopened FROM incident WHERE id = ?", (event.incident,)).fetchone()
        over = int(body.before in (Phase.LEARN, Phase.CLOSED))
        columns |= {"mitigated_at": None, "resolved_at": None, "closed_at": None, "reopened": row["reopened"] + over}
    _change(conn, event, columns)
    refresh_alerts_of(conn, cast("int", event.incident))


def role_taken(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.RoleTaken", event.body)
    _end_role(conn, event, body.role)
    number = next_number(conn, "role")
    number_used(conn, "role", number)
    columns: dict[str, Value] = {
        "incident": event.incident,
        "role": body.role,
        "name": body.name,
        "since": to_micros(event.at),
        "until": None,
    }
    insert(conn, event, "role", number, columns)
    _change(conn, event, {})


def role_ended(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.RoleEnded", event.body)
    _end_role(conn, event, body.role)
    _change(conn, event, {})


def _end_role(conn: Connection, event: ev.Event, role: str) -> None:
    held = conn.execute(
        "SELECT id FROM role WHERE incident = ? AND role = ? AND until IS NULL", (event.incident, role)
    ).fetchall()
    for row in held:
        update(conn, event, "role", row["id"], {"until": to_micros(event.at)})


def noted(conn: Connection, event: ev.Event) -> None:
    """A note changes nothing but the clock of status updates, when it is one."""
    body = cast("ev.Noted", event.body)
    if body.kind_of is EntryKind.UPDATE and event.incident is not None:
        _change(conn, event, {"updated_at": to_micros(event.at)})
