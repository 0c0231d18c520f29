"""An alert in full: verdict, severity, times, group, history, links, labels; and its raw payload."""

import msgspec

from tui.console.ink import Ink, Line, Piece, cut, line, wrap
from tui.console.render import timeline
from tui.console.render.impact import state_ink
from tui.console.render.look import INKS, Look
from tui.model.alert import Alert, Candidate, worst_first
from tui.model.catalog import counted
from tui.model.entry import Entry
from tui.model.moment import short_span, span
from tui.model.row import STATE_WORDS
from tui.model.text import Safe
from tui.model.text import lines as clean_lines
from tui.reports.impact import STATES, needed_by, tier
from tui.reports.recurrence import in_short
from tui.store.placing import Standing
from tui.store.similar import SeenBefore
from tui.triage.habits import Habit


def title(alert: Alert, look: Look) -> Line:
    """The first line of the detail."""
    grade = [look.chip(alert.severity), Piece("  ")] if alert.severity else []
    return line(
        *grade, Piece(f"A-{alert.id} {alert.subject}", Ink.BRIGHT), Piece(f"   {STATE_WORDS[alert.state]}", Ink.DIM)
    )


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An alert and all that is told of it.

    `standing` is where the catalog has it, `habit` what its job does else.
    """

    alert: Alert
    candidate: Candidate | None = None
    standing: Standing = Standing(empty=True)
    told: tuple[Entry, ...] = ()
    before: tuple[SeenBefore, ...] = ()
    habit: Habit | None = None


def lines(shown: Shown, look: Look, width: int) -> list[Line]:
    """The whole alert, section by section."""
    alert = shown.alert
    rows: list[Line] = [line(Piece(part)) for part in wrap(alert.title, width, most=6)]
    rows += [(), *_verdict(alert, shown.candidate, look), *_group(shown.candidate, look)]
    rows += [*_before(shown.before, width), *_times(alert, look), *_habit(shown.habit, look)]
    rows += _standing(alert, shown.standing)
    for name, address in (("runbook", alert.links.runbook), ("source", alert.links.source), ("log", alert.links.log)):
        if address:
            rows.append(_row(name.upper(), address))
    rows += [(), line(Piece("HISTORY", Ink.DIM))]
    rows += timeline.lines(shown.told, look, width, everything=True)
    if alert.labels:
        rows += [(), line(Piece("LABELS", Ink.DIM))]
        rows += [line(Piece(f"  {name} ", Ink.DIM), Piece(value)) for name, value in sorted(alert.labels.items())]
    return rows


def _row(name: str, value: str, more: str = "", ink: Ink = Ink.TEXT) -> Line:
    return line(Piece(f"{name:<11}", Ink.DIM), Piece(value, ink), Piece(f"  {more}" if more else "", Ink.DIM))


def _verdict(alert: Alert, candidate: Candidate | None, look: Look) -> list[Line]:
    whose = f"{alert.reason}; {alert.judged_by} overruled triage" if alert.judged_by else alert.reason
    rows = [_row("VERDICT", alert.verdict, whose)]
    if alert.severity is not None:
        said = f"the tool said {alert.severity_word}" if alert.severity_word else "the tool named none"
        word = f"{look.shape(alert.severity)} {alert.severity.word}"
        rows.append(_row("SEVERITY", word, f"{alert.severity.meaning}; {said}", INKS[alert.severity]))
    if alert.incident is not None:
        rows.append(_row("INCIDENT", f"INC-{alert.incident}", ink=Ink.ACCENT))
    if alert.acknowledged_by and alert.acknowledged_at:
        rows.append(_row("WITH", alert.acknowledged_by, f"since {look.clock(alert.acknowledged_at)}", Ink.GOOD))
    if alert.attempt and alert.max_attempts:
        rows.append(_row("TRY", f"{alert.attempt} of {alert.max_attempts}", alert.run or ""))
    elif alert.run:
        rows.append(_row("RUN", alert.run))
    return rows


_CONSUMERS_SHOWN = 6


def _group(candidate: Candidate | None, look: Look) -> list[Line]:
    """The candidate: its root, why it is proposed, who is hit; the worst first."""
    if candidate is None:
        return []
    more = f"+{len(candidate.alerts) - 1} downstream, " if len(candidate.alerts) > 1 else ""
    rows = [_row("CANDIDATE", f"C-{candidate.id}", f"{more}root A-{candidate.root} {candidate.root_name}")]
    rows += [_row("BECAUSE" if n == 0 else "", reason) for n, reason in enumerate(candidate.reasons)]
    consumers = worst_first(candidate.consumers)
    for n, one in enumerate(consumers[:_CONSUMERS_SHOWN]):
        told = ", ".join(part for part in (tier(one.tier), needed_by(one.deadline, look.now, look.clock)) if part)
        rows.append(
            line(
                Piece(f"{'CONSUMERS' if n == 0 else '':<11}", Ink.DIM),
                Piece(f"{STATES[one.state]} ", state_ink(one, look)),
                Piece(one.name, Ink.TEXT),
                Piece(f"  {told}" if told else "", Ink.DIM),
            )
        )
    if len(consumers) > _CONSUMERS_SHOWN:
        rows.append(_row("", "", f"and {len(consumers) - _CONSUMERS_SHOWN} more: i"))
    return rows


def _before(before: tuple[SeenBefore, ...], width: int) -> list[Line]:
    """The earlier incidents alike, a line each."""
    return [
        _row("BEFORE" if n == 0 else "", cut(in_short(one), width - 11), ink=Ink.DUE if n == 0 else Ink.TEXT)
        for n, one in enumerate(before)
    ]


def _times(alert: Alert, look: Look) -> list[Line]:
    began = f"episode {alert.episode}, {span((alert.ended_at or look.now) - alert.started_at)}"
    rows = [_row("BEGAN", look.clock(alert.started_at, seconds=True), began)]
    if alert.ended_at is not None:
        rows.append(_row("ENDED", look.clock(alert.ended_at, seconds=True)))
    heard = f"last {look.clock(alert.last_seen, seconds=True)}, {alert.count} deliveries"
    rows.append(_row("HEARD", look.clock(alert.first_seen, seconds=True), heard))
    if alert.snoozed_until is not None:
        rows.append(_row("SNOOZED", f"until {look.clock(alert.snoozed_until)}"))
    rows.append(_row("FROM", alert.source, f"{alert.format}, {alert.kind}, key {alert.key}"))
    return rows


def _habit(habit: Habit | None, look: Look) -> list[Line]:
    """When its job last ran well, and what is usual for it."""
    if habit is None or not habit.came:
        return []
    ago = f"{short_span(look.now - habit.came[-1])} ago"
    return [_row("RAN WELL", look.clock(habit.came[-1]), ", ".join(filter(None, (ago, habit.rhythm))))]


def _standing(alert: Alert, standing: Standing) -> list[Line]:
    place = standing.place
    if place is None:
        return [_row("CATALOG", "not in the catalog", ink=Ink.DUE)] if standing.unknown else []
    known = (
        ("CATALOG", None if place.node.name == alert.subject else place.node.name),
        ("OWNER", place.node.owner),
        ("UPSTREAM", counted(place.upstream)),
        ("DOWNSTREAM", counted(place.downstream)),
    )
    return [_row(name, value) for name, value in known if value]


def raw(payload: bytes | Safe, width: int) -> list[Line]:
    """The newest payload as it came, control characters made visible; else why there is none."""
    if not isinstance(payload, bytes):
        return [line(Piece(payload, Ink.DIM))]
    text = clean_lines(payload[:20_000].decode("utf-8", "replace"), 20_000)
    rows = [line(Piece(f"{len(payload)} bytes as received", Ink.DIM)), ()]
    return rows + [line(Piece(part)) for part in wrap(text, width, most=400)]
