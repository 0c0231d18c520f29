"""Acts on alerts and candidates: acknowledge, give up, snooze, wake, move."""

from datetime import datetime

from tui.desk.act import Outcome, Pen
from tui.errors import RefusedError, UsageError
from tui.model import events as ev
from tui.model.alert import Alert, Candidate
from tui.model.ids import Ref
from tui.model.moment import rfc3339, short_span
from tui.store.alerts import get_alert, get_alerts, get_candidate
from tui.store.incidents import get_incident


def _candidate_for(pen: Pen, ref: Ref) -> Candidate | None:
    """The candidate that `ref` stands for: itself, or the one whose root the alert is."""
    if ref.prefix == "C":
        return get_candidate(pen.conn, ref.number)
    alert = get_alert(pen.conn, ref.number)
    if alert.candidate is None or alert.incident is not None:
        return None
    candidate = get_candidate(pen.conn, alert.candidate)
    return candidate if candidate.root == alert.id and candidate.incident is None else None


def acknowledge(pen: Pen, refs: tuple[Ref, ...]) -> Outcome:
    """Somebody looks at these now. An alert that is a candidate's root stands for the whole candidate.

    What is acknowledged already stays with whoever came first; the outcome names them.
    """
    changed: list[Ref] = []
    said: list[str] = []
    for ref in refs:
        candidate = _candidate_for(pen, ref)
        if candidate is not None:
            told = _acknowledge_candidate(pen, candidate)
        else:
            told = _acknowledge_alert(pen, get_alert(pen.conn, ref.number))
        said.append(told)
        changed.append(Ref("C", candidate.id) if ref.prefix == "C" and candidate else ref)
    return pen.done("; ".join(said), *changed)


def _already(pen: Pen, name: str, by: str | None, at: datetime | None) -> str:
    ago = short_span(pen.now - at) if at else "?"
    return f"{name} already acknowledged by {by} {ago} ago"


def _acknowledge_alert(pen: Pen, alert: Alert) -> str:
    if alert.acknowledged_at is not None:
        return _already(pen, f"A-{alert.id}", alert.acknowledged_by, alert.acknowledged_at)
    pen.write(ev.Acknowledged(alerts=(alert.id,)), alert=alert.id, incident=alert.incident)
    return f"acknowledged A-{alert.id} {alert.subject}"


def _acknowledge_candidate(pen: Pen, candidate: Candidate) -> str:
    members = get_alerts(pen.conn, candidate.alerts)
    waiting = tuple(alert.id for alert in members if alert.acknowledged_at is None)
    if candidate.acknowledged_at is not None and not waiting:
        return _already(pen, f"C-{candidate.id}", candidate.acknowledged_by, candidate.acknowledged_at)
    pen.write(ev.Acknowledged(alerts=waiting, candidate=candidate.id), alert=candidate.root)
    count = f", {len(members)} alerts" if len(members) > 1 else ""
    return f"acknowledged C-{candidate.id}{count}: {candidate.title}"


def unacknowledge(pen: Pen, refs: tuple[Ref, ...]) -> Outcome:
    """Nobody looks at these any more: they wait again."""
    changed: list[Ref] = []
    for ref in refs:
        candidate = _candidate_for(pen, ref)
        if candidate is not None:
            held = get_alerts(pen.conn, candidate.alerts)
            numbers = tuple(alert.id for alert in held if alert.acknowledged_at is not None)
            if numbers or candidate.acknowledged_at is not None:
                pen.write(ev.Unacknowledged(alerts=numbers, candidate=candidate.id), alert=candidate.root)
        else:
            alert = get_alert(pen.conn, ref.number)
            if alert.acknowledged_at is not None:
                pen.write(ev.Unacknowledged(alerts=(alert.id,)), alert=alert.id, incident=alert.incident)
        changed.append(ref)
    names = ", ".join(str(ref) for ref in refs)
    return pen.done(f"{names} waits again" if pen.seq else f"{names} was not acknowledged", *changed)


def snooze(pen: Pen, refs: tuple[Ref, ...], until: datetime) -> Outcome:
    """Hide alerts (a candidate: all of its alerts) until a time. They still fire for the resolve gate."""
    if until <= pen.now:
        raise UsageError("a snooze needs an end ahead", f"{rfc3339(until)} is past", "say --for 30m")
    for alert in _alerts_of(pen, refs):
        pen.write(ev.Snoozed(until=until), alert=alert.id, incident=alert.incident)
    return pen.done(f"snoozed {', '.join(map(str, refs))} until {until:%H:%M}Z", *refs)


def wake(pen: Pen, refs: tuple[Ref, ...]) -> Outcome:
    """End the snooze of alerts now."""
    for alert in _alerts_of(pen, refs):
        if alert.snoozed_until is not None:
            pen.write(ev.SnoozeEnded(), alert=alert.id, incident=alert.incident)
    return pen.done(f"woke {', '.join(map(str, refs))}", *refs)


def _alerts_of(pen: Pen, refs: tuple[Ref, ...]) -> list[Alert]:
    found: list[Alert] = []
    for ref in refs:
        numbers = get_candidate(pen.conn, ref.number).alerts if ref.prefix == "C" else (ref.number,)
        found += get_alerts(pen.conn, numbers)
    return found


def move(pen: Pen, numbers: tuple[int, ...], target: Ref | None) -> Outcome:
    """Put alerts into an incident or a candidate, or (None) out on their own. Raises RefusedError for a closed one."""
    alerts = get_alerts(pen.conn, numbers)
    if target is not None and target.prefix == "INC":
        incident = get_incident(pen.conn, target.number)
        if not incident.is_open:
            raise RefusedError(f"{target} is over", "alerts join open incidents only", f"sev reopen {target}")
    elif target is not None:
        get_candidate(pen.conn, target.number)
    left = {alert.incident for alert in alerts}
    for incident_left in sorted(left, key=lambda number: number or 0):
        group = tuple(alert.id for alert in alerts if alert.incident == incident_left)
        body = ev.Moved(
            alerts=group,
            to_incident=target.number if target and target.prefix == "INC" else None,
            to_candidate=target.number if target and target.prefix == "C" else None,
        )
        owner = incident_left if incident_left is not None else body.to_incident
        pen.write(body, incident=owner, alert=group[0])
    where = f"to {target}" if target else "out, on their own"
    return pen.done(f"moved {', '.join(f'A-{n}' for n in numbers)} {where}", *(Ref("A", n) for n in numbers))
