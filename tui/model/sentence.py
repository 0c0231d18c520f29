"""What an event says in one line of the timeline. Pure: the same sentence in store, screen, JSON and report."""

from functools import singledispatch

from tui.model import events as ev
from tui.model.change import told
from tui.model.entry import EntryKind
from tui.model.incident import Phase
from tui.model.learn import QUESTIONS
from tui.model.moment import rfc3339
from tui.model.signal import SignalStatus
from tui.model.text import Safe, clean, lines

_WORDS = {
    SignalStatus.FIRING: "fires",
    SignalStatus.RESOLVED: "resolved",
    SignalStatus.SUCCEEDED: "succeeded",
    SignalStatus.RETRYING: "retries",
    SignalStatus.STARTED: "started",
    SignalStatus.ACKNOWLEDGED: "was acknowledged in its tool",
    SignalStatus.UNKNOWN: "state unknown",
    SignalStatus.INFO: "says",
}
_STEPS = {
    Phase.RESPOND: "reopened",
    Phase.RESOLVE: "mitigated: the bleeding has stopped",
    Phase.LEARN: "resolved",
    Phase.CLOSED: "closed",
}


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def alerts_told(alerts: tuple[int, ...]) -> str:
    """`A-3`, `A-3, A-4` or `12 alerts`."""
    return ", ".join(f"A-{n}" for n in alerts) if len(alerts) <= 3 else f"{len(alerts)} alerts"


@singledispatch
def _tell(body: object) -> tuple[EntryKind, str] | None:
    return None


@_tell.register
def _(body: ev.SignalSeen) -> tuple[EntryKind, str] | None:
    attempt = f" (try {body.attempt} of {body.max_attempts})" if body.attempt and body.max_attempts else ""
    again = " again" if body.fired_anew and body.word is SignalStatus.FIRING else ""
    omitted = f"; its sender left out {body.omitted} more" if body.omitted else ""
    return EntryKind.SIGNAL, f"{body.subject} {_WORDS[body.word]}{again}{attempt}: {body.title}{omitted}"


@_tell.register
def _(body: ev.WentQuiet) -> tuple[EntryKind, str] | None:
    return EntryKind.SIGNAL, f"quiet: not heard since {rfc3339(body.since)}, no all-clear came"


@_tell.register
def _(body: ev.ChangeSeen) -> tuple[EntryKind, str] | None:
    return EntryKind.CHANGE, f"CH-{body.change} {told(body.what, body.touches, body.actor)}"


@_tell.register
def _(body: ev.Judged) -> tuple[EntryKind, str] | None:
    if body.before is None:
        return None
    return EntryKind.VERDICT, f"verdict {body.verdict}, was {body.before}{_because(body.reason)}"


@_tell.register
def _(body: ev.ImpactWeighed) -> tuple[EntryKind, str] | None:
    states = {one.name: one.state for one in body.consumers}
    told = ", ".join(f"{name} is {states[name]}" for name in body.newly)
    return (EntryKind.IMPACT, f"tier 1 is hit: {told}") if told else None


@_tell.register
def _(body: ev.SeverityProposed) -> tuple[EntryKind, str] | None:
    return EntryKind.SEVERITY, f"triage proposes {body.severity.word}{_because(body.reason)}"


@_tell.register
def _(body: ev.Acknowledged) -> tuple[EntryKind, str] | None:
    what = f"C-{body.candidate}, {alerts_told(body.alerts)}" if body.candidate else alerts_told(body.alerts)
    return EntryKind.ACK, f"acknowledged {what}"


@_tell.register
def _(body: ev.Unacknowledged) -> tuple[EntryKind, str] | None:
    what = f"C-{body.candidate}" if body.candidate else alerts_told(body.alerts)
    return EntryKind.ACK, f"gave up the acknowledgement of {what}"


@_tell.register
def _(body: ev.Snoozed) -> tuple[EntryKind, str] | None:
    return EntryKind.SNOOZE, f"snoozed until {rfc3339(body.until)}"


@_tell.register
def _(body: ev.SnoozeEnded) -> tuple[EntryKind, str] | None:
    return EntryKind.SNOOZE, "snooze ended"


@_tell.register
def _(body: ev.Declared) -> tuple[EntryKind, str] | None:
    source = f" from {alerts_told(body.alerts)}" if body.alerts else " on a person's report"
    return EntryKind.DECLARE, f"declared {body.severity.word}{source}: {body.title}{_because_dash(body.reason)}"


def _because_dash(reason: str) -> str:
    return f" ({reason})" if reason else ""


@_tell.register
def _(body: ev.Linked) -> tuple[EntryKind, str] | None:
    return EntryKind.LINK, f"linked {alerts_told(body.alerts)}"


@_tell.register
def _(body: ev.Moved) -> tuple[EntryKind, str] | None:
    if body.to_incident:
        where = f"to INC-{body.to_incident}"
    else:
        where = f"to C-{body.to_candidate}" if body.to_candidate else "out, on its own"
    return EntryKind.LINK, f"moved {alerts_told(body.alerts)} {where}"


@_tell.register
def _(body: ev.Merged) -> tuple[EntryKind, str] | None:
    return EntryKind.LINK, f"merged into INC-{body.into} with {len(body.alerts)} alerts"


@_tell.register
def _(body: ev.SeverityChanged) -> tuple[EntryKind, str] | None:
    return EntryKind.SEVERITY, f"{body.severity.word}, was {body.before.word}{_because(body.reason)}"


@_tell.register
def _(body: ev.PhaseChanged) -> tuple[EntryKind, str] | None:
    forced = " against the gate" if body.forced else ""
    return EntryKind.PHASE, f"{_STEPS[body.phase]}{forced}{_because(body.reason)}"


@_tell.register
def _(body: ev.RoleTaken) -> tuple[EntryKind, str] | None:
    return EntryKind.ROLE, f"{body.name} is {body.role}" + (f", was {body.before}" if body.before else "")


@_tell.register
def _(body: ev.RoleEnded) -> tuple[EntryKind, str] | None:
    return EntryKind.ROLE, f"{body.name} is no longer {body.role}"


@_tell.register
def _(body: ev.Noted) -> tuple[EntryKind, str] | None:
    return body.kind_of, body.text


@_tell.register
def _(body: ev.RcaAnswered) -> tuple[EntryKind, str] | None:
    proposed = " (proposed)" if body.state == "proposed" else ""
    tied = f" [{', '.join(f'E-{n}' for n in body.evidence)}]" if body.evidence else ""
    return EntryKind.RCA, f"{body.n} {QUESTIONS[body.n].rstrip('?')}{proposed}: {body.text}{tied}"


@_tell.register
def _(body: ev.RcaCategorised) -> tuple[EntryKind, str] | None:
    return EntryKind.RCA, f"cause: {', '.join(body.categories) or 'none named'}{_because(body.reason)}"


@_tell.register
def _(body: ev.ActionPromised) -> tuple[EntryKind, str] | None:
    owner, due = body.owner or "no owner", body.due.isoformat() if body.due else "no due date"
    return EntryKind.ACTION, f"ACT-{body.action} {body.type}: {body.text} ({owner}, {due})"


@_tell.register
def _(body: ev.ActionSettled) -> tuple[EntryKind, str] | None:
    return EntryKind.ACTION, f"ACT-{body.action} {body.state}{_because(body.reason)}"


@_tell.register
def _(body: ev.TakenBack) -> tuple[EntryKind, str] | None:
    return EntryKind.UNDO, f"took back: {body.what}"


@_tell.register
def _(body: ev.Redacted) -> tuple[EntryKind, str] | None:
    what = f"E-{body.entry}" if body.entry is not None else f"R-{body.rejected}"
    return EntryKind.CORRECTION, f"redacted {what}{_because(body.reason)}"


def tell(body: ev.AnyBody) -> tuple[EntryKind, Safe] | None:
    """The kind and text of the entry that `body` makes; None where it makes none (repeats, triage's own words)."""
    sentence = _tell(body)
    if sentence is None:
        return None
    kind, text = sentence
    return kind, lines(text) if "\n" in text else clean(text, 1_000)
