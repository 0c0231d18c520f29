"""NEXT: the most urgent rule of the practice that is broken or about to be, and the command that mends it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

import msgspec

from tui.model.alert import Candidate
from tui.model.ids import Ref
from tui.model.incident import Incident, Phase
from tui.model.moment import due, short_span
from tui.model.severity import Severity, SeverityRules
from tui.model.text import Safe, clean

SOON: Final = timedelta(minutes=10)
"""A target nearer than this is due."""

DEAD_AFTER: Final = timedelta(seconds=5)
"""A collector beats every second; silence longer than this means that none is there."""


class Urgency(IntEnum):
    """How loud NEXT is; a smaller number is louder."""

    LATE = 0
    DUE = 1
    ADVICE = 2
    NOTHING = 3


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence; the id of the command that does it (None: no key does); what `.` goes to."""

    text: Safe
    urgency: Urgency
    command: str | None = None
    where: Ref | None = None


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules look at. `gate` and `missing` belong to `incident`, the one that is open on screen.

    `cleared`: it has alerts and all of them are cleared. `refired`: an alert that fires
    under a key of an incident resolved in the last day. `collector_age`: time since the
    collector's last beat, None when there never was one.
    """

    now: datetime
    rules: SeverityRules
    candidates: tuple[Candidate, ...] = ()
    incident: Incident | None = None
    gate: tuple[str, ...] = ()
    cleared: bool = False
    missing: tuple[str, ...] = ()
    refired: tuple[int, int] | None = None
    collector_age: timedelta | None = None
    watched: bool = True


def next_step(situation: Situation) -> Next:
    """The most urgent advice; of two alike the one whose rule stands first here."""
    found = sorted(_advice(situation), key=lambda advice: advice.urgency)
    return found[0] if found else Next(text=Safe("nothing waits for you"), urgency=Urgency.NOTHING)


def _advice(situation: Situation) -> Iterator[Next]:
    yield from _dead_collector(situation)
    for candidate in situation.candidates:
        yield from _candidate(candidate, situation)
    if situation.refired is not None:
        alert, incident = situation.refired
        text = f"A-{alert} fires again under a key of INC-{incident}, resolved less than a day ago"
        yield Next(text=clean(text), urgency=Urgency.DUE, command="reopen", where=Ref("A", alert))
    if situation.incident is not None:
        yield from _PHASES[situation.incident.phase](situation.incident, situation)


def _dead_collector(situation: Situation) -> Iterator[Next]:
    age = situation.collector_age
    if not situation.watched or (age is not None and age <= DEAD_AFTER):
        return
    since = f" for {short_span(age)}" if age is not None else ""
    yield Next(text=clean(f"nothing collects{since}: no new alert can arrive; start sev serve"), urgency=Urgency.LATE)


def _urgency(at: datetime, now: datetime) -> Urgency:
    if at < now:
        return Urgency.LATE
    return Urgency.DUE if at - now <= SOON else Urgency.ADVICE


def _candidate(candidate: Candidate, situation: Situation) -> Iterator[Next]:
    name, where = f"C-{candidate.id} {candidate.title}", Ref("A", candidate.root)
    if candidate.acknowledged_at is None:
        by = situation.rules.acknowledge_by(candidate.severity, candidate.proposed_at)
        urgency = _urgency(by, situation.now)
        if urgency is Urgency.ADVICE and candidate.severity is not Severity.SEV3:
            urgency = Urgency.DUE
        text = clean(f"acknowledge {due(by, situation.now)}: {name}")
        yield Next(text=text, urgency=urgency, command="acknowledge", where=where)
    elif candidate.still_fires:
        text = clean(f"acknowledged, not declared for {short_span(situation.now - candidate.acknowledged_at)}: {name}")
        yield Next(text=text, urgency=Urgency.ADVICE, command="declare", where=where)


def _respond(incident: Incident, situation: Situation) -> Iterator[Next]:
    name = f"INC-{incident.id}"
    if situation.cleared:
        yield Next(
            text=clean(f"all alerts of {name} are cleared: has the bleeding stopped?"),
            urgency=Urgency.ADVICE,
            command="next_phase",
        )
        return
    yield Next(
        text=clean(f"stop the bleeding of {name}; write down what you see and try"),
        urgency=Urgency.NOTHING,
        command="note",
    )


def _resolve(incident: Incident, situation: Situation) -> Iterator[Next]:
    name = f"INC-{incident.id}"
    if situation.gate:
        more = f" and {len(situation.gate) - 1} more" if len(situation.gate) > 1 else ""
        text = clean(f"{name} cannot be resolved yet: {situation.gate[0]}{more}")
        yield Next(text=text, urgency=Urgency.NOTHING, command="resolve")
        return
    yield Next(text=clean(f"the gate of {name} is open"), urgency=Urgency.ADVICE, command="resolve")


def _learn(incident: Incident, situation: Situation) -> Iterator[Next]:
    name = f"INC-{incident.id}"
    if not situation.missing:
        yield Next(text=clean(f"{name} is understood"), urgency=Urgency.ADVICE, command="next_phase")
        return
    by = situation.rules.rca_by(incident.severity, incident.resolved_at or situation.now)
    gaps = f"{len(situation.missing)} missing, {situation.missing[0]}"
    text = clean(f"root cause of {name} {due(by, situation.now)}: {gaps}")
    urgency = Urgency.LATE if by < situation.now else Urgency.ADVICE
    yield Next(text=text, urgency=urgency, command="root_cause")


def _closed(incident: Incident, situation: Situation) -> Iterator[Next]:
    yield from ()


_PHASES: Final = {
    Phase.RESPOND: _respond,
    Phase.RESOLVE: _resolve,
    Phase.LEARN: _learn,
    Phase.CLOSED: _closed,
}
