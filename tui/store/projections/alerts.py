"""Alerts: what signals, triage and people make of them."""

from typing import Final, cast

import msgspec

from tui.model import events as ev
from tui.model.alert import FOLDED, AlertStatus, Verdict, feed_place, state_of
from tui.model.entry import MACHINE
from tui.model.incident import Phase
from tui.model.moment import to_micros
from tui.model.signal import SignalStatus
from tui.store.engine import Connection
from tui.store.payloads import note_heard
from tui.store.rows import insert, number_used, restore, update

STATED = (
    SignalStatus.FIRING,
    SignalStatus.RESOLVED,
    SignalStatus.RETRYING,
    SignalStatus.SUCCEEDED,
    SignalStatus.UNKNOWN,
)
"""Words that speak of the trouble itself; the others are remarks, and leave its title as it is."""


_PLACED: Final = (
    "SELECT a.status, a.verdict, a.severity, a.acknowledged_at, a.snoozed_until, a.incident, i.phase,"
    " i.severity AS graded, c.severity AS proposed, r.id AS root, r.rank AS root_rank, r.weight AS root_weight"
    " FROM alert a LEFT JOIN incident i ON i.id = a.incident"
    " LEFT JOIN candidate c ON c.id = a.candidate AND c.incident IS NULL AND c.live = 1"
    " LEFT JOIN alert r ON r.id = c.root AND r.candidate = c.id AND r.incident IS NULL AND r.id <> a.id"
    " WHERE a.id = ?"
)


def refresh_place(conn: Connection, alert: int) -> None:
    """Recompute what follows from an alert's other columns: place in the feed, weight, whether its story goes on."""
    row = conn.execute(_PLACED, (alert,)).fetchone()
    acknowledged, verdict = row["acknowledged_at"] is not None, Verdict(row["verdict"])
    state = state_of(
        AlertStatus(row["status"]), verdict, acknowledged=acknowledged, snoozed=row["snoozed_until"] is not None
    )
    over = row["phase"] in (Phase.LEARN, Phase.CLOSED)
    open_incident = row["phase"] is not None and not over
    rank = feed_place(state, verdict, acknowledged=acknowledged, in_open_incident=open_incident, over=over)
    own = [grade for grade in (row["severity"], row["proposed"]) if grade is not None]
    weight = row["graded"] or min(own, default=2)
    under = None
    if row["root"] is not None and row["incident"] is None:
        under = row["root"] if _folds((row["root_rank"], row["root_weight"]), (rank, weight)) else None
    restore(conn, "alert", alert, {"rank": rank, "weight": weight, "live": int(not over), "under": under})
    for candidate in conn.execute("SELECT id FROM candidate WHERE root = ?", (alert,)).fetchall():
        refresh_group(conn, candidate["id"])


def _folds(root: tuple[int, int], alert: tuple[int, int]) -> bool:
    """Whether the feed shows a root and hides an alert below it: never one that stands higher, by rank and weight."""
    return root[0] < FOLDED and alert[0] < FOLDED and root <= alert


def refresh_group(conn: Connection, candidate: int) -> None:
    """A candidate's severity or root, or the root's place, moved: so do the alerts in it that nobody declared.

    The same as `refresh_place` of each, in two statements: a storm makes groups of thousands.
    """
    waits = "alert.candidate = ?1 AND alert.incident IS NULL"
    conn.execute(
        "UPDATE alert SET weight = min(coalesce(alert.severity, c.severity), c.severity) FROM candidate c"
        f" WHERE c.id = ?1 AND c.incident IS NULL AND c.live = 1 AND {waits}"
        " AND alert.weight <> min(coalesce(alert.severity, c.severity), c.severity)",
        (candidate,),
    )
    conn.execute(
        "UPDATE alert SET under = (SELECT r.id FROM candidate c JOIN alert r ON r.id = c.root WHERE c.id = ?1"
        " AND c.incident IS NULL AND c.live = 1 AND r.candidate = ?1 AND r.incident IS NULL AND r.id <> alert.id"
        " AND r.rank < 8 AND alert.rank < 8 AND (r.rank, r.weight) <= (alert.rank, alert.weight))"
        f" WHERE {waits}",
        (candidate,),
    )


def changed(conn: Connection, event: ev.Event, alert: int, **columns: str | int | None) -> None:
    """Write columns of an alert, and what follows from them."""
    update(conn, event, "alert", alert, columns)
    restore(conn, "alert", alert, {"seq": event.seq})
    refresh_place(conn, alert)


def signal_seen(conn: Connection, event: ev.Event) -> None:
    """Open an alert or move an existing one on. Firing anew takes the acknowledgement away."""
    body = cast("ev.SignalSeen", event.body)
    alert = cast("int", event.alert)
    received = to_micros(body.received_at)
    note_heard(conn, body.source, body.received_at)
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
    shown["last_seen"] = max(known["last_seen"], received)  # the clock may have been set back
    if body.ended_at:
        shown["ended_at"] = max(known["started_at"], to_micros(body.ended_at))
    if body.word not in STATED:
        shown["title"] = known["title"]
    if body.labels and body.status is not AlertStatus.RESOLVED:
        shown |= {"label_set": body.labels, "links": msgspec.json.encode(body.links).decode()}
    if body.fired_anew:
        start = to_micros(body.starts)
        shown |= {"episode": known["episode"] + 1, "started_at": start, "trouble_at": start}
        shown |= {"acknowledged_by": None, "acknowledged_at": None, "ended_at": None}
    if body.status is AlertStatus.RESOLVED:  # an all-clear may carry fewer facts than the trouble did
        shown["title"] = known["title"] if body.title == body.subject else shown["title"]
        shown["severity_word"] = body.severity_word or known["severity_word"]
    changed(conn, event, alert, **shown)


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
        "excused": body.excused,
        "judged_by": None if event.actor == MACHINE else event.actor,
    }
    if body.severity is None and body.verdict in (Verdict.INCIDENT, Verdict.FLAPPING, Verdict.RECEIVED):
        columns["severity"] = before
    if before is not None and body.severity is not None and body.severity < before:
        columns["trouble_at"] = to_micros(event.at)
    changed(conn, event, alert, **columns)


def went_quiet(conn: Connection, event: ev.Event) -> None:
    changed(conn, event, cast("int", event.alert), status=AlertStatus.QUIET)


def rejected(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.PayloadRejected", event.body)
    number_used(conn, "rejected", body.rejected)
    columns: dict[str, str | int | None] = {
        "seq": event.seq, "received_at": to_micros(event.at), "source": body.source, "reason": body.reason,
        "size": body.size, "payload": body.payload,
    }  # fmt: skip
    insert(conn, event, "rejected", body.rejected, columns)


def acknowledged(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.Acknowledged", event.body)
    columns: dict[str, str | int | None] = {
        "acknowledged_by": event.actor,
        "acknowledged_at": to_micros(event.at),
    }
    if body.candidate is not None:
        update(conn, event, "candidate", body.candidate, {**columns, "seq": event.seq})
    for alert in body.alerts:
        changed(conn, event, alert, **columns)


def unacknowledged(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.Unacknowledged", event.body)
    columns: dict[str, str | int | None] = {"acknowledged_by": None, "acknowledged_at": None}
    if body.candidate is not None:
        update(conn, event, "candidate", body.candidate, {**columns, "seq": event.seq})
    for alert in body.alerts:
        changed(conn, event, alert, **columns)


def snoozed(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.Snoozed", event.body)
    changed(conn, event, cast("int", event.alert), snoozed_until=to_micros(body.until))


def snooze_ended(conn: Connection, event: ev.Event) -> None:
    changed(conn, event, cast("int", event.alert), snoozed_until=None)
