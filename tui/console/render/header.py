"""The three lines on top: incident and clock, phases, NEXT."""

from datetime import timedelta
from typing import NamedTuple

from tui.console.commands import BY_ID, label_of, shown_key
from tui.console.ink import Ink, Line, Piece, fit, line, spread
from tui.console.presence import Here
from tui.console.render.look import INKS, Look
from tui.console.session import Health
from tui.console.view import HeaderSlice
from tui.model.incident import ORDER, Incident, Phase
from tui.model.moment import short_span, span
from tui.model.text import clean
from tui.triage.guide import Next, Urgency

NARROW = 99
"""Below this width words are shortened."""

IDLE = timedelta(minutes=10)
"""Without a key for so long a person may be elsewhere, whatever their console shows."""

_CHIPS = {
    Urgency.LATE: Ink.LATE_CHIP,
    Urgency.DUE: Ink.DUE_CHIP,
    Urgency.ADVICE: Ink.ADVICE_CHIP,
    Urgency.NOTHING: Ink.QUIET_CHIP,
}


class Whose(NamedTuple):
    """Who sits at this console, and what marks its data as not live."""

    actor: str
    badge: str


def top(shown: HeaderSlice, look: Look, whose: Whose, health: Health, width: int) -> Line:
    """Severity chip and title; at the right the other incidents, the clock and whether the news is true."""
    short = width < NARROW
    right: list[Piece] = []
    if whose.badge:
        right += [Piece(f" {whose.badge} ", Ink.ADVICE_CHIP), Piece("  ")]
    if short:
        right += _counted(shown.others, look)
    else:
        for other in shown.others[:4]:
            right.append(Piece(f"{look.shape(other.severity)} INC-{other.id}  ", INKS[other.severity]))
        right.append(Piece(f"{whose.actor}  ", Ink.DIM))
    at_rest = shown.incident is None and not shown.counts.waiting
    clock = look.clock(look.now, seconds=not (short or at_rest))  # a screen at rest is written once a minute
    right.append(Piece(clock + ("" if look.local else "Z") + " ", Ink.DIM))
    if shown.rejected:
        right.append(Piece(f"{shown.rejected} rejected  ", Ink.DUE))
    right.append(freshness(shown, look, health, short=short))
    if shown.incident is None:
        wait = f"{shown.counts.waiting} wait" if shown.counts.waiting else "quiet"
        left = line(
            Piece(" sev ", Ink.QUIET_CHIP), "  ", Piece("no incident is open", Ink.BRIGHT), Piece(f"  {wait}", Ink.DIM)
        )
    else:
        one = shown.incident
        left = line(look.chip(one.severity), "  ", Piece(f"INC-{one.id}  {one.title}", Ink.BRIGHT))
    return spread(left, tuple(right), width)


def _counted(others: tuple[Incident, ...], look: Look) -> list[Piece]:
    found = []
    for severity in sorted({other.severity for other in others}):
        count = sum(other.severity is severity for other in others)
        found.append(Piece(f"{look.shape(severity)}{count} ", INKS[severity]))
    return found


def freshness(shown: HeaderSlice, look: Look, health: Health, *, short: bool) -> Piece:
    """`data 3s ok`; in red that nothing collects or is taken in, in orange which source can't be read.

    Without an open incident it steps by the minute.
    """
    if health.is_dead:
        return Piece(f"NO COLLECTOR {short_span(health.age) if health.age else ''}".rstrip(), Ink.LATE)
    if health.age is None:
        return Piece("collector starts", Ink.DUE)
    if health.trouble:
        return Piece(clean(health.trouble, 24).upper(), Ink.LATE)
    if ailing := _ailing(shown, look, short=short):
        return Piece(ailing, Ink.DUE)
    if health.unheard:
        return Piece("no heartbeat" if short else "heartbeat fails, see sev doctor", Ink.DUE)
    word = "" if short else "data "
    if shown.data_at is None:
        return Piece(f"{word}ok", Ink.GOOD)
    age = max(timedelta(0), look.now - shown.data_at)
    if shown.incident is None and age >= timedelta(minutes=1):
        age = timedelta(minutes=age // timedelta(minutes=1))
    return Piece(f"{word}{short_span(age)} ok", Ink.GOOD)


def _ailing(shown: HeaderSlice, look: Look, *, short: bool) -> str:
    """`4 of 6 sources, airflow silent 12m`, naming the one that is silent longest; empty where all can be read."""
    ailing = [one for one in shown.sources if one.ails(look.now)]
    if not ailing:
        return ""
    every, well = len(shown.sources), len(shown.sources) - len(ailing)
    if short:
        return f"{well}/{every} sources"
    worst = min(ailing, key=lambda one: one.silent_since)
    return f"{well} of {every} sources, {worst.name[:20]} silent {short_span(look.now - worst.silent_since)}"


def phases(shown: HeaderSlice, look: Look, width: int, others: tuple[Here, ...] = ()) -> Line:
    """The stepper with its clocks, then the update clock, who holds which role, and who else is here."""
    one = shown.incident
    company = around(others, one.id if one else None, look)
    if one is None:
        return fit((*_undeclared(shown, look, width), *company), width)
    short = width < NARROW
    joint = Piece(" " if short else look.sign(" ─ "), Ink.DIM)
    steps: list[Piece] = []
    for step in _steps(one, look, short=short):
        steps += [*step, joint]
    left = tuple(steps[:-1])
    if short:
        return fit((*left, *company), width)
    return fit((*left, Piece("     "), *people(shown, look), *company), width)


def around(others: tuple[Here, ...], incident: int | None, look: Look) -> Line:
    """`li, kim here  bo INC-41  ann idle 40m`: each name once, who was seen last where one has several consoles."""
    latest: dict[str, Here] = {}
    for other in others:
        if other.name not in latest or other.seen > latest[other.name].seen:
            latest[other.name] = other
    idle = [one for one in latest.values() if look.now - one.seen >= IDLE]
    busy = [one for one in latest.values() if one not in idle]
    here = [one.name for one in busy if one.incident in (None, incident)]
    told = [f"{', '.join(here)} here"] if here else []
    told += [f"{one.name} INC-{one.incident}" for one in busy if one.name not in here]
    told += [f"{one.name} idle {short_span(look.now - one.seen)}" for one in idle]
    return (Piece("   "), Piece("  ".join(told), Ink.GOOD)) if told else ()


def _steps(one: Incident, look: Look, *, short: bool) -> list[tuple[Piece, ...]]:
    found: list[tuple[Piece, ...]] = []
    tick = look.sign("✓")
    if one.acknowledged_at is not None:
        found.append((Piece(f"{tick} ack {span(one.acknowledged_at - one.detected_at)}", Ink.GOOD),))
    word = "decl" if short else "declared"
    found.append((Piece(f"{tick} {word} {span(one.declared_at - one.detected_at)}", Ink.GOOD),))
    ends = {Phase.RESPOND: one.mitigated_at, Phase.RESOLVE: one.resolved_at, Phase.LEARN: one.closed_at}
    begins = {Phase.RESPOND: one.declared_at, Phase.RESOLVE: one.mitigated_at, Phase.LEARN: one.resolved_at}
    at = ORDER.index(one.phase)
    for n, phase in enumerate((Phase.RESPOND, Phase.RESOLVE, Phase.LEARN)):
        begun, ended = begins[phase], ends[phase]
        if n < at:
            lasted = f" {span((ended or look.now) - begun)}" if begun else ""
            found.append((Piece(f"{tick} {phase}{lasted}", Ink.GOOD),))
        elif n == at:
            found.append((Piece(look.sign(f"◉ {phase.upper()} {span(look.now - (begun or look.now))}"), Ink.BRIGHT),))
        else:
            found.append((Piece(look.sign(f"○ {phase}"), Ink.DIM),))
    if one.phase is Phase.CLOSED:
        found.append((Piece(f"{tick} closed", Ink.GOOD),))
    return found


def people(shown: HeaderSlice, look: Look) -> Line:
    """`update in 17m  IC maya  scribe li`."""
    one = shown.incident
    if one is None:
        return ()
    found: list[Piece] = []
    by = shown.situation.rules.update_by(one.severity, one.declared_at, one.updated_at)
    if one.is_open and by is not None:
        found += [
            Piece("update ", Ink.DIM),
            Piece(f"{look.due(by)}   ", look.due_ink(by) if by < look.now else Ink.TEXT),
        ]
    if one.phase is Phase.LEARN and one.resolved_at is not None:
        by = shown.situation.rules.rca_by(one.severity, one.resolved_at)
        found += [Piece("RCA due ", Ink.DIM), Piece(f"{look.due(by)}   ", look.due_ink(by))]
    if one.commander is None and one.is_open:
        found.append(Piece("no commander   ", Ink.DUE))
    for role in one.roles:
        if role.until is None:
            word = "IC" if role.role == "commander" else role.role
            found += [Piece(f"{word} ", Ink.DIM), Piece(f"{role.name}   ")]
    return tuple(found)


def _undeclared(shown: HeaderSlice, look: Look, width: int) -> Line:
    """Before an incident: the nearest acknowledge clock of the candidates."""
    waiting = [c for c in shown.situation.candidates if c.acknowledged_at is None]
    if not waiting:
        return line(Piece(look.sign("○ detect ─ ○ assess ─ ○ respond ─ ○ resolve ─ ○ learn"), Ink.DIM))
    rules = shown.situation.rules
    clocks = ((rules.acknowledge_by(one.severity, one.proposed_at), one) for one in waiting)
    by, first = min(clocks, key=lambda pair: pair[0])
    joint = " ○ " if width < NARROW else " ─ ○ "
    left = line(
        Piece(look.sign(f"◉ DETECT {span(look.now - first.detected_at)}"), Ink.BRIGHT),
        Piece(look.sign(joint + joint.join(("assess", "respond", "resolve", "learn"))), Ink.DIM),
        Piece(f"   ack C-{first.id} ", Ink.DIM),
        Piece(look.due(by), look.due_ink(by)),
    )
    return fit(left, width)


def next_line(advice: Next, shown: HeaderSlice, here: bool, width: int) -> Line:
    """The NEXT chip, its sentence, and the keys: `.` unless the cursor is there (`here`), then the act's own."""
    keys: list[Piece] = []
    if advice.where is not None and not here:
        keys += [Piece("   . ", Ink.ACCENT), Piece("go there", Ink.TEXT)]
    if advice.command is not None:
        command = BY_ID[advice.command]
        label = "root cause" if advice.command == "root_cause" else label_of(command, shown.incident)
        key = "4 enter" if advice.command == "root_cause" else shown_key(command)
        keys += [Piece(f"   {key} ", Ink.ACCENT), Piece(label, Ink.TEXT)]
    ink = Ink.DIM if advice.urgency is Urgency.NOTHING else Ink.TEXT
    chip = Piece(" NEXT ", _CHIPS[advice.urgency])
    room = width - 8 - sum(len(piece.text) for piece in keys)
    told = fit(line(Piece(advice.text, ink)), max(10, room))
    return fit((chip, Piece("  "), *told, *keys), width)
