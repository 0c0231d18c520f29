"""The life of an incident: mitigate, resolve, close, reopen, each behind its gate."""

from tui.desk.act import Outcome, Pen
from tui.errors import RefusedError
from tui.model import events as ev
from tui.model.alert import AlertStatus
from tui.model.ids import Ref
from tui.model.incident import ORDER, Incident, Phase
from tui.model.text import NOTHING, Safe
from tui.store.alerts import alerts_of_incident
from tui.store.engine import Connection
from tui.store.incidents import get_incident, get_rca

_SAID = {
    Phase.RESPOND: "is open again",
    Phase.RESOLVE: "is mitigated: the bleeding has stopped",
    Phase.LEARN: "is resolved",
    Phase.CLOSED: "is closed",
}


def resolve_gate(conn: Connection, number: int) -> tuple[str, ...]:
    """What forbids resolving: every alert of the incident that fires or went quiet, by name."""
    words = {AlertStatus.QUIET: "is quiet without an all-clear", AlertStatus.UNKNOWN: "is in an unknown state"}
    return tuple(
        f"A-{alert.id} {alert.subject} {words.get(alert.status, 'still fires')}"
        for alert in alerts_of_incident(conn, number)
        if alert.still_fires
    )


def close_gate(conn: Connection, number: int) -> tuple[str, ...]:
    """What forbids closing: the gaps of the root-cause analysis."""
    incident = get_incident(conn, number)
    return get_rca(conn, number).missing(incident.severity)


def change_phase(pen: Pen, number: int, to: Phase, *, reason: Safe = NOTHING, force: bool = False) -> Outcome:
    """Take an incident to another phase: one step forward behind its gate, otherwise with a reason.

    Resolving from respond records the mitigation first. Raises RefusedError.
    """
    incident = get_incident(pen.conn, number)
    if incident.merged_into is not None:
        raise RefusedError(
            f"INC-{number} is part of INC-{incident.merged_into}", "it has no life of its own", "work on that one"
        )
    if to is incident.phase:
        return pen.done(f"INC-{number} {_SAID[to]} already", Ref("INC", number))
    pen.heed(f"phase of INC-{number}", to, ev.PhaseChanged, ev.Merged, incident=number)
    if force and not reason:
        raise RefusedError(f"INC-{number} stays as it is", "forcing needs a reason", "add --reason TEXT")
    _check_step(incident, to, reason)
    forced = _check_gate(pen, incident, to, force)
    if incident.phase is Phase.RESPOND and to is Phase.LEARN:
        pen.write(ev.PhaseChanged(phase=Phase.RESOLVE, before=Phase.RESPOND), incident=number)
        incident = get_incident(pen.conn, number)
    pen.write(ev.PhaseChanged(phase=to, before=incident.phase, reason=reason, forced=forced), incident=number)
    return pen.done(f"INC-{number} {_SAID[to]}{' against the gate' if forced else ''}", Ref("INC", number))


def _check_step(incident: Incident, to: Phase, reason: Safe) -> None:
    steps = ORDER.index(to) - ORDER.index(incident.phase)
    plain = steps == 1 or (incident.phase is Phase.RESPOND and to is Phase.LEARN)
    if not plain and not reason:
        how = "going back" if steps < 0 else "skipping a phase"
        raise RefusedError(f"INC-{incident.id} stays in {incident.phase}", f"{how} needs a reason", "add --reason TEXT")


def _check_gate(pen: Pen, incident: Incident, to: Phase, force: bool) -> bool:
    """Whether a shut gate was overridden. Raises RefusedError at a shut gate without force."""
    gaps: tuple[str, ...] = ()
    if to is Phase.LEARN and incident.is_open:
        gaps = resolve_gate(pen.conn, incident.id)
    elif to is Phase.CLOSED:
        gaps = resolve_gate(pen.conn, incident.id) if incident.is_open else ()
        gaps += close_gate(pen.conn, incident.id)
    if gaps and not force:
        what = "cannot be resolved" if to is Phase.LEARN else "cannot be closed"
        more = f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
        raise RefusedError(
            f"INC-{incident.id} {what}", "; ".join(gaps[:3]) + more, "or --force --reason TEXT", forcible=True
        )
    return bool(gaps)


def mitigate(pen: Pen, number: int) -> Outcome:
    """The bleeding has stopped. Raises RefusedError unless the incident is in respond."""
    incident = get_incident(pen.conn, number)
    if incident.phase in (Phase.LEARN, Phase.CLOSED):
        raise RefusedError(f"INC-{number} is in {incident.phase}", "it was resolved", f"sev reopen INC-{number}")
    return change_phase(pen, number, Phase.RESOLVE)


def resolve(pen: Pen, number: int, reason: Safe = NOTHING, force: bool = False) -> Outcome:
    """The trouble is over. Raises RefusedError while an alert fires or is quiet, unless forced with a reason."""
    incident = get_incident(pen.conn, number)
    if incident.phase is Phase.CLOSED:
        raise RefusedError(f"INC-{number} is closed", "it was resolved before", f"sev reopen INC-{number}")
    return change_phase(pen, number, Phase.LEARN, reason=reason, force=force)


def close(pen: Pen, number: int, reason: Safe = NOTHING, force: bool = False) -> Outcome:
    """What it teaches is written down. Raises RefusedError with what is missing, unless forced with a reason."""
    return change_phase(pen, number, Phase.CLOSED, reason=reason, force=force)


def reopen(pen: Pen, number: int, reason: Safe) -> Outcome:
    """Back to respond from learn or closed. Raises RefusedError without a reason or from another phase."""
    incident = get_incident(pen.conn, number)
    if incident.is_open:
        raise RefusedError(f"INC-{number} is open", f"it is in {incident.phase}", "nothing to do")
    return change_phase(pen, number, Phase.RESPOND, reason=reason)
