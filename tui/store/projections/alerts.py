"""Alerts and candidates: what signals, triage and people make of them."""

import json
from typing import cast

import msgspec

from tui.model import events as ev
from tui.model.alert import AlertStatus, Verdict, feed_place, state_of
from tui.model.incident import Phase
from tui.model.moment import to_micros
from tui.model.signal import SignalStatus
from tui.store.engine import Connection
from tui.store.rows import insert, number_used, restore, update

STATED = (
    SignalStatus.FIRING,
    SignalStatus.RESOLVED,
    SignalStatus.RETRYING,
    SignalStatus.SUCCEEDED,
    SignalStatus.UNKNOWN,
)
"""Words that speak of the trouble itself; the others are remarks, and leave its title as it is."""


def refresh_place(conn: Connection, alert: int) -> None:
    """Recompute what follows from an alert's other columns: place in the feed, weight, whether its story goes on."""
    row = conn.execute(
        "SELECT a.status, a.verdict, a.severity, a.acknowledged_at, a.snoozed_until, a.incident, i.phase,"
        " i.severity AS graded FROM alert a LEFT JOIN incident i ON i.id = a.incident WHERE a.id = ?",
        (alert,),
    ).fetchone()
    acknowledged, verdict = row["acknowledged_at"] is not None, Verdict(row["verdict"])
    state = state_of(
        AlertStatus(row["status"]), verdict, acknowledged=acknowledged, snoozed=row["snoozed_until"] is not None
    )
    over = row["phase"] in (Phase.LEARN, Phase.CLOSED)
    open_incident = row["phase"] is not None and not over
    rank = feed_place(state, verdict, acknowledged=acknowledged, in_open_incident=open_incident, over=over)
    weight = row["graded"] or row["severity"] or 2
    restore(conn, "alert", alert, {"rank": rank, "weight": weight, "live": int(not over)})


def _changed(conn: Connection, event: ev.Event, alert: int, **columns: str | int | None) -> None:
    update(conn, event, "alert", alert, columns)
    restore(conn, "alert", alert, {"seq": event.seq})
    refresh_place(conn, alert)


def signal_seen(conn: Connection, event: ev.Event) -> None:
    """Open an alert or move an existing one on. Firing anew takes the acknowledgement away."""
    body = cast("ev.SignalSeen", event.body)
    alert = cast("int", event.alert)
    received = to_micros(body.received_at)
    conn.execute("INSERT OR REPLACE INTO heard (source, at) VALUES (?, ?)", (body.source, received))
    known = conn.execute("SELECT * FROM alert WHERE id = ?", (alert,)).fetchone()
    shown: dict[str, str | int | None] = {
        "status": body.status,
        "title": body.title,
        "subject": body.subject,
        "run": body.run,
        "attempt": body.attempt,
        "max_attempts": body.max_attempts,
        "severity_word": body.severity_word,
        "last_seen": received,
        "payload": body.payload,
        "ended_at": to_micros(body.ended_at) if body.ended_at else None,
    }
    if known is None:
        number_used(conn, "alert", alert)
        first: dict[str, str | int | None] = {
            "seq": event.seq, "key": body.key, "source": body.source, "format": body.format, "kind": body.kind_of,
            "verdict": Verdict.INFO, "reason": "", "severity": None, "count": 1, "episode": 1,
            "first_seen": received, "started_at": to_micros(body.starts), "trouble_at": to_micros(body.starts),
            "label_set": body.labels, "links": msgspec.json.encode(body.links).decode(),
        }  # fmt: skip
        insert(conn, event, "alert", alert, {**shown, **first})
        return
    shown["count"] = known["count"] + 1
    if body.word not in STATED:
        shown["title"] = known["title"]
    if body.labels and body.status is not AlertStatus.RESOLVED:
        shown |= {"label_set": body.labels, "links": msgspec.json.encode(body.links).decode()}
    if body.fired_anew:
        start = to_micros(body.starts)
        shown |= {"episode": known["episode"] + 1, "started_at": start, "trouble_at": start}
        shown |= {"acknowledged_by": None, "acknowledged_at": None, "ended_at": None}
    if body.status is AlertStatus.RESOLVED and body.title == body.subject:
        shown["title"] = known["title"]
    _changed(conn, event, alert, **shown)


def signal_repeated(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.SignalRepeated", event.body)
    conn.execute(
        "UPDATE alert SET count = count + ?, last_seen = max(last_seen, ?), seq = ? WHERE id = ?",
        (body.n, to_micros(body.last), event.seq, event.alert),
    )
    conn.execute(
        "UPDATE heard SET at = max(at, ?) WHERE source = (SELECT source FROM alert WHERE id = ?)",
        (to_micros(body.last), event.alert),
    )


def judged(conn: Connection, event: ev.Event) -> None:
    """A verdict; a severity that rises counts as new trouble."""
    body = cast("ev.Judged", event.body)
    alert = cast("int", event.alert)
    before = conn.execute("SELECT severity FROM alert WHERE id = ?", (alert,)).fetchone()["severity"]
    columns: dict[str, str | int | None] = {
        "verdict": body.verdict,
        "reason": body.reason,
        "severity": body.severity,
    }
    if body.severity is None and body.verdict in (Verdict.INCIDENT, Verdict.FLAPPING):
        columns["severity"] = before
    if before is not None and body.severity is not None and body.severity < before:
        columns["trouble_at"] = to_micros(event.at)
    _changed(conn, event, alert, **columns)


def went_quiet(conn: Connection, event: ev.Event) -> None:
    _changed(conn, event, cast("int", event.alert), status=AlertStatus.QUIET)


def rejected(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.PayloadRejected", event.body)
    number_used(conn, "rejected", body.rejected)
    columns: dict[str, str | int | None] = {
        "seq": event.seq, "received_at": to_micros(event.at), "source": body.source, "reason": body.reason,
        "size": body.size, "payload": body.payload,
    }  # fmt: skip
    insert(conn, event, "rejected", body.rejected, columns)


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
    }
    if conn.execute("SELECT 1 FROM candidate WHERE id = ?", (body.candidate,)).fetchone():
        if body.reopened:
            shown |= {"acknowledged_by": None, "acknowledged_at": None, "proposed_at": to_micros(event.at)}
        update(conn, event, "candidate", body.candidate, shown)
    else:
        number_used(conn, "candidate", body.candidate)
        times = {"first_signal_at": spread["first"], "detected_at": spread["detected"]}
        shown |= {**times, "proposed_at": to_micros(event.at)}
        insert(conn, event, "candidate", body.candidate, shown)
    for alert in body.alerts:
        _changed(conn, event, alert, candidate=body.candidate)


def acknowledged(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.Acknowledged", event.body)
    columns: dict[str, str | int | None] = {
        "acknowledged_by": event.actor,
        "acknowledged_at": to_micros(event.at),
    }
    if body.candidate is not None:
        update(conn, event, "candidate", body.candidate, {**columns, "seq": event.seq})
    for alert in body.alerts:
        _changed(conn, event, alert, **columns)


def unacknowledged(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.Unacknowledged", event.body)
    columns: dict[str, str | int | None] = {"acknowledged_by": None, "acknowledged_at": None}
    if body.candidate is not None:
        update(conn, event, "candidate", body.candidate, {**columns, "seq": event.seq})
    for alert in body.alerts:
        _changed(conn, event, alert, **columns)


def snoozed(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.Snoozed", event.body)
    _changed(conn, event, cast("int", event.alert), snoozed_until=to_micros(body.until))


def snooze_ended(conn: Connection, event: ev.Event) -> None:
    _changed(conn, event, cast("int", event.alert), snoozed_until=None)
