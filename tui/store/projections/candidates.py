"""Candidates: what triage puts together and proposes."""

import json
from typing import cast

import msgspec

from tui.model import events as ev
from tui.model.moment import to_micros
from tui.store.engine import Connection
from tui.store.projections.alerts import changed, refresh_group
from tui.store.rows import insert, number_used, update


def candidate_proposed(conn: Connection, event: ev.Event) -> None:
    """A new candidate, or the same one with another severity, root or member; worse than before opens it again."""
    body = cast("ev.CandidateProposed", event.body)
    spread = conn.execute(
        "SELECT min(min(started_at, first_seen)) AS first, min(first_seen) AS detected FROM alert WHERE id IN"
        " (SELECT value FROM json_each(?))",
        (json.dumps(body.alerts),),
    ).fetchone()
    shown: dict[str, str | int | None] = {
        "seq": event.seq,
        "title": body.title,
        "severity": body.severity,
        "reasons": json.dumps(body.reasons),
        "root": body.alerts[0],
        "root_name": body.root,
        "consumers": msgspec.json.encode(body.consumers).decode(),
        "first_signal_at": spread["first"],
        "detected_at": spread["detected"],
        "live": 1,
    }
    before = conn.execute("SELECT severity, root, live FROM candidate WHERE id = ?", (body.candidate,)).fetchone()
    if before is not None:
        if body.reopened:
            shown |= {"acknowledged_by": None, "acknowledged_at": None, "proposed_at": to_micros(event.at)}
        update(conn, event, "candidate", body.candidate, shown)
    else:
        number_used(conn, "candidate", body.candidate)
        seen = {**shown, **_looked_at(conn, body.alerts), "proposed_at": to_micros(event.at)}
        insert(conn, event, "candidate", body.candidate, seen)
    _members(conn, event, body.candidate, body.alerts)
    if body.reopened:  # its root stands for it in the feed: it waits again too
        changed(conn, event, body.alerts[0], acknowledged_by=None, acknowledged_at=None)
    if before is None or tuple(before) != (body.severity, body.alerts[0], 1):
        refresh_group(conn, body.candidate)


def _looked_at(conn: Connection, alerts: tuple[int, ...]) -> dict[str, str | int | None]:
    """Where somebody looks at every one of the alerts already, the candidate is acknowledged with them."""
    rows = conn.execute(
        "SELECT acknowledged_by, acknowledged_at FROM alert WHERE id IN (SELECT value FROM json_each(?))"
        " ORDER BY acknowledged_at",
        (json.dumps(alerts),),
    ).fetchall()
    if not rows or any(row["acknowledged_at"] is None for row in rows):
        return {}
    return dict(rows[0])


def _members(conn: Connection, event: ev.Event, candidate: int, alerts: tuple[int, ...]) -> None:
    """Who looks at a candidate looks at what joins it, too."""
    by = conn.execute("SELECT acknowledged_by, acknowledged_at FROM candidate WHERE id = ?", (candidate,)).fetchone()
    before = conn.execute("SELECT id FROM alert WHERE candidate = ?", (candidate,)).fetchall()
    held = {row["id"] for row in before}
    for alert in held.difference(alerts):
        changed(conn, event, alert, candidate=None)
    for alert in alerts:
        if alert not in held:
            changed(conn, event, alert, candidate=candidate, **_covered(conn, alert, dict(by)))


def _covered(conn: Connection, alert: int, by: dict[str, str | int | None]) -> dict[str, str | int | None]:
    row = conn.execute("SELECT acknowledged_at FROM alert WHERE id = ?", (alert,)).fetchone()
    return by if row["acknowledged_at"] is None and by["acknowledged_at"] is not None else {}


def candidate_withdrawn(conn: Connection, event: ev.Event) -> None:
    """It no longer waits for anybody; its alerts go with it, or into the candidate it is part of."""
    body = cast("ev.CandidateWithdrawn", event.body)
    update(conn, event, "candidate", body.candidate, {"live": 0, "seq": event.seq})
    rows = conn.execute("SELECT id FROM alert WHERE candidate = ?", (body.candidate,)).fetchall()
    for row in rows:
        changed(conn, event, row["id"], candidate=body.into)
