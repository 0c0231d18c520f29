"""Acts on alerts and candidates: acknowledge, give up, snooze, wake, move; and those that overrule triage."""

from datetime import datetime

from tui.desk.act import Outcome, Pen
from tui.errors import RefusedError, UsageError
from tui.model import events as ev
from tui.model.alert import Alert, Candidate, Verdict
from tui.model.ids import Ref
from tui.model.moment import rfc3339, short_span
from tui.model.severity import Severity
from tui.model.text import Safe
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
        pen.heed(f"snooze of A-{alert.id}", f"until {until:%H:%M}Z", ev.Snoozed, ev.SnoozeEnded, alert=alert.id)
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
    _heed_place(pen, numbers, target)
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
    _find_new_roots(pen, alerts)
    where = f"to {target}" if target else "out, on their own"
    return pen.done(f"moved {', '.join(f'A-{n}' for n in numbers)} {where}", *(Ref("A", n) for n in numbers))


def _heed_place(pen: Pen, numbers: tuple[int, ...], target: Ref | None) -> None:
    """Where somebody else put one of these meanwhile."""

    def moved_one(body: ev.AnyBody) -> bool:
        return isinstance(body, ev.Moved | ev.Linked | ev.Declared) and not set(numbers).isdisjoint(body.alerts)

    names = ", ".join(f"A-{number}" for number in numbers)
    where = f"to {target}" if target else "out, on its own"
    pen.heed(f"place of {names}", where, ev.Moved, ev.Linked, ev.Declared, about=moved_one)


def split(pen: Pen, number: int, alerts: tuple[int, ...]) -> Outcome:
    """Take alerts out of a candidate that nobody declared: they stand on their own, and triage leaves them there.

    Raises RefusedError when one lies elsewhere, or the candidate is an incident by now.
    """
    candidate = get_candidate(pen.conn, number)
    if candidate.incident is not None:
        how = " ".join(f"A-{alert}" for alert in alerts)
        raise RefusedError(f"C-{number} is declared already", f"it is INC-{candidate.incident}", f"sev move {how} none")
    for alert in get_alerts(pen.conn, alerts):
        if alert.candidate != number or alert.incident is not None:
            where = f"INC-{alert.incident}" if alert.incident else f"C-{alert.candidate}"
            lies = f"it is in {where}" if alert.incident or alert.candidate else "it stands on its own"
            raise RefusedError(f"A-{alert.id} is not in C-{number}", lies, f"sev show C-{number}")
    move(pen, alerts, None)
    names = ", ".join(f"A-{alert}" for alert in alerts)
    return pen.done(f"split {names} from C-{number}", Ref("C", number), *(Ref("A", alert) for alert in alerts))


def _find_new_roots(pen: Pen, moved: list[Alert]) -> None:
    """A candidate whose root went away is told of by what is left of it, until triage weighs it anew."""
    for number in sorted({alert.candidate for alert in moved if alert.candidate is not None}):
        candidate = get_candidate(pen.conn, number)
        if candidate.incident is not None or not candidate.alerts or candidate.root in candidate.alerts:
            continue
        root = get_alert(pen.conn, candidate.alerts[0])
        body = ev.CandidateProposed(
            candidate=number,
            title=root.headline,
            severity=candidate.severity,
            reasons=candidate.reasons,
            alerts=candidate.alerts,
            root=root.subject,
            consumers=candidate.consumers,
        )
        pen.machine_writes(body, alert=root.id)


def judge(pen: Pen, refs: tuple[Ref, ...], verdict: Verdict, reason: Safe) -> Outcome:
    """Overrule triage: what these alerts (a candidate: all of its alerts) mean, and why. Triage keeps it.

    Raises RefusedError without a reason.
    """
    if not reason:
        names = ", ".join(map(str, refs))
        raise RefusedError(f"{names} keeps its verdict", "overruling triage needs a reason", "add --reason TEXT")
    for alert in _alerts_of(pen, refs):
        pen.heed(f"verdict of A-{alert.id}", f"{verdict}: {reason}", ev.Judged, alert=alert.id)
        body = ev.Judged(verdict=verdict, reason=reason, severity=_proposed(alert, verdict), before=alert.verdict)
        pen.write(body, alert=alert.id, incident=alert.incident)
    return pen.done(f"{', '.join(map(str, refs))} is {verdict}: {reason}", *refs)


def _proposed(alert: Alert, verdict: Verdict) -> Severity | None:
    """The severity that goes with a verdict: trouble that needs a person has one, routine and noise have none."""
    if verdict in (Verdict.INFO, Verdict.NOISE):
        return None
    if verdict is Verdict.RETRY:
        return Severity.SEV3 if alert.still_fires else None
    return alert.severity or Severity.SEV2
