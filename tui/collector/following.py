"""What triage learns of an incident after it was declared: what joins it, whom it hits, how severe it would call it."""

from collections.abc import Sequence
from datetime import datetime

from tui.model import events as ev
from tui.model.alert import Alert, Candidate, Consumer, worst_first
from tui.model.incident import Incident
from tui.store.engine import Connection
from tui.store.incidents import get_incident
from tui.store.log import Stamp
from tui.store.record import record
from tui.triage.case import Case


def standing(conn: Connection, number: int) -> Incident | None:
    """The incident of this number, or the one that it went into, while that is open."""
    incident = get_incident(conn, number)
    while incident.merged_into is not None:
        incident = get_incident(conn, incident.merged_into)
    return incident if incident.is_open else None


def follow(
    conn: Connection,
    stamp: Stamp,
    incident: Incident,
    case: Case,
    members: Sequence[Alert],
    consumers: tuple[Consumer, ...],
    known: Candidate | None,
) -> None:
    """Bring an open incident up to date with its case; `known`: the candidate that it was declared from.

    Nothing that a person decided is changed: of a graver severity the timeline tells, once.
    """
    fresh = tuple(alert.id for alert in members if alert.incident is None)
    if fresh:
        record(conn, stamp, ev.Linked(alerts=fresh), incident=incident.id, alert=fresh[0])
    _weigh(conn, stamp, incident, case, members, consumers)
    before = known.severity if known is not None else None
    if case.severity < min(one for one in (incident.severity, incident.proposed, before) if one is not None):
        body = ev.SeverityProposed(severity=case.severity, reason=case.reasons[0])
        record(conn, stamp, body, incident=incident.id, alert=members[0].id)


def _weigh(
    conn: Connection,
    stamp: Stamp,
    incident: Incident,
    case: Case,
    members: Sequence[Alert],
    consumers: tuple[Consumer, ...],
) -> None:
    """Who is hit and by what. A case that is but a part of the incident adds to what is known and moves no root."""
    held = {alert.id for alert in members}
    whole = held.issuperset(incident.alerts)
    now_hit = worst_first(consumers if whole else _added(incident.consumers, consumers, stamp.now))
    moves = whole or incident.root is None or incident.root in held
    root, at = (case.root, members[0].id) if moves else (incident.root_name, incident.root)
    if (root, at, now_hit) == (incident.root_name, incident.root, worst_first(incident.consumers)):
        return
    before = {one.name for one in incident.consumers if one.hit}
    newly = tuple(one.name for one in now_hit if one.hit and one.tier == 1 and one.name not in before)
    body = ev.ImpactWeighed(root=root, at=at, consumers=now_hit, newly=newly)
    record(conn, stamp, body, incident=incident.id, alert=members[0].id)


def _added(known: tuple[Consumer, ...], consumers: tuple[Consumer, ...], now: datetime) -> list[Consumer]:
    """What is known and not told anew stays: what was hit, and what is not due yet."""
    told = {one.name for one in consumers}
    kept = [
        one for one in known if one.name not in told and (one.hit or (one.deadline is not None and one.deadline > now))
    ]
    return [*consumers, *kept]
