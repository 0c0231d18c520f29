"""Acts that make and shape incidents: declare, link, merge, change severity."""

from datetime import datetime

import msgspec

from tui.desk.act import Outcome, Pen
from tui.errors import RefusedError, UsageError
from tui.model import events as ev
from tui.model.alert import Alert, Candidate
from tui.model.ids import Ref
from tui.model.moment import short_span
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe, clean
from tui.store.alerts import get_alert, get_alerts, get_candidate
from tui.store.changes import suspect
from tui.store.entries import timeline
from tui.store.incidents import get_incident
from tui.store.rows import next_number
from tui.triage.rca import propose_items


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What a person declares. With neither candidate nor alerts it is their own report."""

    title: Safe | None = None
    severity: Severity | None = None
    reason: Safe = NOTHING
    candidate: int | None = None
    alerts: tuple[int, ...] = ()


def declare(pen: Pen, declaration: Declaration) -> Outcome:
    """Make an incident. Title, severity and reason default to what triage proposed. Declaring acknowledges.

    Raises UsageError when a human's report lacks title or severity, RefusedError when the
    candidate or an alert is in an incident already.
    """
    candidate = get_candidate(pen.conn, declaration.candidate) if declaration.candidate else None
    if candidate is not None and candidate.incident is not None:
        raise RefusedError(
            f"C-{candidate.id} is declared already",
            _declared_by(pen, candidate.incident),
            f"sev show INC-{candidate.incident}",
        )
    numbers = dict.fromkeys((*(candidate.alerts if candidate else ()), *declaration.alerts))
    alerts = [alert for alert in get_alerts(pen.conn, tuple(numbers)) if _may_join(alert, declaration)]
    body = _declared(pen, declaration, candidate, alerts)
    incident = next_number(pen.conn, "incident")
    pen.write(body, incident=incident, alert=body.root)
    _propose_rca(pen, incident)
    return pen.done(f"declared INC-{incident} {body.severity.word}: {body.title}", Ref("INC", incident))


def _declared_by(pen: Pen, number: int) -> str:
    """Which incident a candidate is by now, and who was quicker."""
    other = get_incident(pen.conn, number)
    return f"it is INC-{number}, declared by {other.declared_by} {short_span(pen.now - other.declared_at)} ago"


def _may_join(alert: Alert, declaration: Declaration) -> bool:
    """An alert named by a person must be free; one that came with the candidate may have gone its own way."""
    if alert.incident is None:
        return True
    if alert.id in declaration.alerts:
        raise RefusedError(
            f"A-{alert.id} is in INC-{alert.incident} already", "", f"move it first: sev move A-{alert.id} none"
        )
    return False


def _declared(pen: Pen, asked: Declaration, candidate: Candidate | None, alerts: list[Alert]) -> ev.Declared:
    root = get_alert(pen.conn, candidate.root) if candidate else (alerts[0] if alerts else None)
    title = asked.title or (candidate.title if candidate else None) or (root.headline if root else None)
    severity = asked.severity or (candidate.severity if candidate else None) or (root.severity if root else None)
    if not title or severity is None:
        missing = "title" if not title else "severity"
        raise UsageError(f"a report needs a {missing}", "nothing else gives it one", "--title T --sev 1|2|3")
    proposed = candidate.reasons[0] if candidate and candidate.reasons and severity == candidate.severity else ""
    acknowledged_at, acknowledged_by = _first_acknowledge(pen, candidate, alerts)
    return ev.Declared(
        title=title,
        severity=severity,
        reason=asked.reason or clean(proposed),
        candidate=candidate.id if candidate else None,
        alerts=tuple(alert.id for alert in alerts),
        root=root.id if root else None,
        first_signal_at=min((min(a.started_at, a.first_seen) for a in alerts), default=None),
        detected_at=min((a.first_seen for a in alerts), default=pen.now),
        acknowledged_at=acknowledged_at,
        acknowledged_by=acknowledged_by,
    )


def _first_acknowledge(pen: Pen, candidate: Candidate | None, alerts: list[Alert]) -> tuple[datetime, Safe]:
    """The first acknowledgement that still stands; without one, declaring is it."""
    known = [
        (held.acknowledged_at, held.acknowledged_by)
        for held in (*alerts, *((candidate,) if candidate else ()))
        if held.acknowledged_at is not None and held.acknowledged_by is not None
    ]
    return min(known, default=(pen.now, pen.actor))


def _propose_rca(pen: Pen, number: int) -> None:
    incident = get_incident(pen.conn, number)
    root = get_alert(pen.conn, incident.root) if incident.root else None
    before = suspect(pen.conn, root.subject, incident.first_signal_at or root.started_at) if root else None
    for item in propose_items(incident, root, timeline(pen.conn, number), before):
        body = ev.RcaAnswered(n=item.n, text=item.text, evidence=item.evidence, state=item.state)
        pen.machine_writes(body, incident=number)


def link(pen: Pen, number: int, alerts: tuple[int, ...]) -> Outcome:
    """Add free alerts to an open incident. Raises RefusedError for an incident that is over or an alert not free."""
    incident = get_incident(pen.conn, number)
    if not incident.is_open:
        raise RefusedError(f"INC-{number} is over", "alerts join open incidents only", f"sev reopen INC-{number}")
    held = [alert for alert in get_alerts(pen.conn, alerts) if alert.incident not in (None, number)]
    if held:
        raise RefusedError(f"A-{held[0].id} is in INC-{held[0].incident}", "", f"sev move A-{held[0].id} INC-{number}")
    fresh = tuple(a.id for a in get_alerts(pen.conn, alerts) if a.incident is None)
    if fresh:
        pen.write(ev.Linked(alerts=fresh), incident=number)
    names = ", ".join(f"A-{n}" for n in alerts)
    return pen.done(f"{names} {'joined' if fresh else 'already in'} INC-{number}", Ref("INC", number))


def merge(pen: Pen, number: int, into: int) -> Outcome:
    """Put one incident into another: its alerts go over, it closes and points there."""
    one, other = get_incident(pen.conn, number), get_incident(pen.conn, into)
    if number == into:
        raise UsageError("an incident cannot be merged into itself", "", "name two incidents")
    for incident in (one, other):
        if not incident.is_open:
            raise RefusedError(
                f"INC-{incident.id} is over", "only open incidents merge", f"sev reopen INC-{incident.id}"
            )
    pen.write(ev.Merged(into=into, alerts=one.alerts), incident=number)
    pen.write(ev.Noted(text=clean(f"took over INC-{number}: {one.title}")), incident=into)
    return pen.done(f"INC-{number} is part of INC-{into} now", Ref("INC", number), Ref("INC", into))


def change_severity(pen: Pen, number: int, severity: Severity, reason: Safe) -> Outcome:
    """Grade an incident anew. Raises RefusedError when it is lowered without a reason."""
    incident = get_incident(pen.conn, number)
    if severity == incident.severity:
        return pen.done(f"INC-{number} is {severity.word} already", Ref("INC", number))
    pen.heed(f"severity of INC-{number}", severity.word, ev.SeverityChanged, incident=number)
    if severity > incident.severity and not reason:
        raise RefusedError(
            f"INC-{number} stays {incident.severity.word}",
            "lowering a severity needs a reason",
            f"--reason TEXT, or in the console type one behind {severity.word}",
        )
    pen.write(ev.SeverityChanged(severity=severity, before=incident.severity, reason=reason), incident=number)
    return pen.done(f"INC-{number} is {severity.word}, was {incident.severity.word}", Ref("INC", number))
