"""One object in full, as lines for people. What `sev show` prints."""

from collections.abc import Iterator

from tui.cli.look import Look
from tui.cli.objects import beginning
from tui.cli.tables import ack_clock, alert_lines, clock, entry_lines
from tui.desk.phases import resolve_gate
from tui.model.alert import Alert, Candidate, Consumer, worst_first
from tui.model.catalog import counted
from tui.model.change import told
from tui.model.ids import Ref
from tui.model.incident import Incident
from tui.model.moment import rfc3339, short_span, span
from tui.model.row import STATE_WORDS
from tui.model.severity import SeverityRules
from tui.reports import impact
from tui.reports.recurrence import in_short
from tui.store.alerts import alerts_of_incident, get_alert, get_alerts, get_candidate
from tui.store.changes import get_change
from tui.store.engine import Connection
from tui.store.entries import entry_of_event, get_entry, history
from tui.store.incidents import get_action, get_incident, get_rca
from tui.store.payloads import Rejected, get_rejected, payload_or_why
from tui.store.placing import Standing, standing_of
from tui.store.runs import habit_behind
from tui.store.similar import similar
from tui.triage.habits import Habit


def describe(conn: Connection, ref: Ref, look: Look, rules: SeverityRules) -> Iterator[str]:
    """The lines of any object. Raises NotFoundError."""
    match ref.prefix:
        case "A":
            yield from _alert(conn, get_alert(conn, ref.number), look)
        case "C":
            yield from _candidate(conn, get_candidate(conn, ref.number), look, rules)
        case "INC":
            yield from _incident(conn, get_incident(conn, ref.number), look, rules)
        case "E":
            entry = get_entry(conn, ref.number)
            yield from entry_lines([entry], look)
            yield from _facts(("recorded", rfc3339(entry.recorded_at)), ("uid", str(entry.uid)))
        case "ACT":
            yield from _action(conn, ref.number)
        case "CH":
            yield from _change(conn, ref.number)
        case _:
            yield from _rejected(conn, ref.number)


def _facts(*facts: tuple[str, str | None]) -> Iterator[str]:
    """Aligned `name  value` lines; what is not known is left out."""
    for name, value in facts:
        if value:
            yield f"  {name:<13} {value}"


def _alert(conn: Connection, one: Alert, look: Look) -> Iterator[str]:
    yield f"{look.ink(look.grade(one.severity))} A-{one.id} {one.headline}".strip()
    tries = f"{one.attempt} of {one.max_attempts}" if one.attempt and one.max_attempts else None
    by = f"{one.acknowledged_by}, {rfc3339(one.acknowledged_at)}" if one.acknowledged_by else None
    yield from _facts(
        ("state", f"{STATE_WORDS[one.state]} ({one.status})"),
        ("verdict", f"{one.verdict}: {one.reason}"),
        ("kind", one.kind),
        ("the tool said", one.severity_word),
        ("try", tries),
        ("run", one.run),
        ("ran well", _ran_well(habit_behind(conn, one), look)),
        ("trouble since", f"{rfc3339(one.trouble_at)}, {short_span(look.now - one.trouble_at)} ago"),
        ("seen", f"{rfc3339(one.first_seen)} to {rfc3339(one.last_seen)}, {one.count} times"),
        ("acknowledged", by),
        ("snoozed until", rfc3339(one.snoozed_until)),
        ("candidate", None if one.candidate is None else f"C-{one.candidate}"),
        ("incident", None if one.incident is None else f"INC-{one.incident}"),
        ("source", f"{one.source} ({one.format})"),
        *_standing(one, standing_of(conn, one)),
        ("key", one.key),
        ("runbook", one.links.runbook),
        ("at its source", one.links.source),
        ("log", one.links.log),
        ("labels", " ".join(f"{name}={value}" for name, value in one.labels.items())),
    )
    yield from entry_lines(history(conn, one.id, 20), look)


def _ran_well(habit: Habit | None, look: Look) -> str | None:
    """When a job last ran well, and what is usual for it."""
    if habit is None or not habit.came:
        return None
    last = habit.came[-1]
    return ", ".join(filter(None, (rfc3339(last), f"{short_span(look.now - last)} ago", habit.rhythm)))


def _standing(alert: Alert, standing: Standing) -> Iterator[tuple[str, str | None]]:
    """What the catalog says of what an alert speaks of."""
    place = standing.place
    if standing.unknown:
        yield "catalog", "not in the catalog"
    if place is not None:
        yield "catalog", None if place.node.name == alert.subject else place.node.name
        yield "owner", place.node.owner
        yield "upstream", counted(place.upstream)
        yield "downstream", counted(place.downstream)


def _candidate(conn: Connection, one: Candidate, look: Look, rules: SeverityRules) -> Iterator[str]:
    yield f"{look.ink(look.grade(one.severity))} C-{one.id} {one.title}"
    yield from _facts(
        ("proposed", rfc3339(one.proposed_at)),
        ("acknowledge", ack_clock(one, look, rules)),
        ("incident", None if one.incident is None else f"INC-{one.incident}"),
        ("root", f"{one.root_name}, A-{one.root}"),
    )
    yield from (f"  because       {reason}" for reason in one.reasons)
    yield from _consumers(one.consumers, look)
    yield from (f"  seen before   {in_short(found)}" for found in similar(conn, Ref("C", one.id)))
    yield from alert_lines(get_alerts(conn, one.alerts), look)


def _consumers(consumers: tuple[Consumer, ...], look: Look) -> Iterator[str]:
    for one in worst_first(consumers):
        told = (impact.tier(one.tier), impact.STATES[one.state], impact.needed_by(one.deadline, look.now, look.clock))
        yield f"  consumer      {one.name}: {', '.join(part for part in told if part)}"


def _incident(conn: Connection, one: Incident, look: Look, rules: SeverityRules) -> Iterator[str]:
    figures = one.durations
    yield f"{look.ink(look.grade(one.severity))} INC-{one.id} {one.title}"
    lengths = {"MTTD": figures.mttd, "MTTA": figures.mtta, "MTTR": figures.mttr}
    yield from _facts(
        ("phase", f"{one.phase}{', merged into INC-' + str(one.merged_into) if one.merged_into else ''}"),
        ("clock", clock(one, look, rules)),
        ("first signal", rfc3339(one.first_signal_at) or "none: a person reported it"),
        ("detected", rfc3339(one.detected_at)),
        (
            "acknowledged",
            f"{rfc3339(one.acknowledged_at)} by {one.acknowledged_by}" if one.acknowledged_at else "missing",
        ),
        ("declared", f"{rfc3339(one.declared_at)} by {one.declared_by}"),
        ("mitigated", rfc3339(one.mitigated_at)),
        ("resolved", rfc3339(one.resolved_at)),
        ("closed", rfc3339(one.closed_at)),
        (
            "figures",
            ", ".join(
                f"{name} {span(length) if length is not None else 'missing'}" for name, length in lengths.items()
            ),
        ),
        ("reopened", f"{one.reopened} times" if one.reopened else None),
    )
    yield from _facts(*((role.role, role.name) for role in one.roles if role.until is None))
    yield from _consumers(one.consumers, look)
    if one.is_open:
        yield from (f"  gate          {gap}" for gap in resolve_gate(conn, one.id))
    else:
        yield from (f"  missing       {gap}" for gap in get_rca(conn, one.id).missing(one.severity))
    yield from alert_lines(alerts_of_incident(conn, one.id), look)


def _action(conn: Connection, number: int) -> Iterator[str]:
    one = get_action(conn, number)
    yield f"ACT-{one.id} of INC-{one.incident}: {one.text}"
    yield from _facts(
        ("state", one.state),
        ("type", one.type),
        ("owner", one.owner or "missing"),
        ("due", one.due.isoformat() if one.due else "missing"),
        ("reason", one.reason),
        ("link", one.link),
    )


def _change(conn: Connection, number: int) -> Iterator[str]:
    one = get_change(conn, number)
    yield f"CH-{one.id} {told(one.what, one.touches, one.actor)}"
    yield from _facts(
        ("at", f"{rfc3339(one.at)}{'' if one.dated else ', when it came in: its tool named no time'}"),
        ("by", one.actor),
        ("touches", ", ".join(one.touches) or "nothing that it names"),
        ("source", one.source),
        ("key", one.key),
        ("runbook", one.links.runbook),
        ("at its source", one.links.source),
        ("log", one.links.log),
    )
    entry = entry_of_event(conn, one.seq)
    if entry is not None:
        yield from _facts(("entry", f"E-{entry.id}{f' in INC-{entry.incident}' if entry.incident else ''}"))


def _why_gone(conn: Connection, one: Rejected) -> str:
    found = payload_or_why(conn, one.payload, one.received_at)
    return "none" if isinstance(found, bytes) else found


def _rejected(conn: Connection, number: int) -> Iterator[str]:
    one = get_rejected(conn, number)
    head = beginning(conn, one.payload)
    yield f"R-{one.id} from {one.source}: {one.reason}"
    yield from _facts(("received", rfc3339(one.received_at)), ("size", f"{one.size} bytes"), ("sha-256", one.payload))
    yield "  begins with" if head else f"  bytes         {_why_gone(conn, one)}"
    yield from (f"    {line}" for line in (head or "").split("\n") if line)
