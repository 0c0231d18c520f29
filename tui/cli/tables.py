"""Which columns the lists of verbs have: alerts, candidates, incidents, changes, the board, timelines."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from itertools import groupby, zip_longest

from tui.cli.look import Cell, Graded, Look, cut, table, width
from tui.model.alert import Alert, Candidate
from tui.model.change import Change
from tui.model.entry import Entry
from tui.model.incident import Incident, Phase
from tui.model.moment import short_span
from tui.model.row import STATE_WORDS, age, into, why
from tui.model.severity import Severity, SeverityRules
from tui.reports.impact import worst


def alert_lines(rows: Sequence[Alert], look: Look) -> list[str]:
    """The feed: id, state, severity, for how long, job or dataset, where it went, why, how often."""
    heads = ("id", "now", "sev", "for", "what", "into", "why", look.sign("×"))
    cells: list[tuple[Cell, ...]] = [
        (
            f"A-{one.id}",
            STATE_WORDS[one.state],
            look.grade(one.severity),
            short_span(age(one, look.now)),
            one.subject,
            into(one),
            why(one),
            look.sign(f"×{one.count}"),
        )
        for one in rows
    ]
    return table(look, heads, cells, long=6)


def candidate_lines(rows: Sequence[Candidate], look: Look, rules: SeverityRules) -> list[str]:
    """Candidates with their acknowledge clock, the likely root, and who is hit worst."""
    heads = ("id", "sev", "ack", "title", "root", "downstream", "worst hit", "because")
    cells: list[tuple[Cell, ...]] = [
        (
            f"C-{one.id}",
            look.grade(one.severity),
            ack_clock(one, look, rules),
            one.title,
            one.root_name,
            f"+{len(one.alerts) - 1} downstream" if len(one.alerts) > 1 else "",
            worst(one.consumers, look.now),
            "; ".join(one.reasons),
        )
        for one in rows
    ]
    return table(look, heads, cells, long=7)


def ack_clock(one: Candidate, look: Look, rules: SeverityRules) -> str:
    """Who acknowledged a candidate, or until when somebody must."""
    if one.acknowledged_at is not None:
        return f"by {one.acknowledged_by}"
    return look.due(rules.acknowledge_by(one.severity, one.proposed_at))


def incident_lines(rows: Sequence[Incident], look: Look, rules: SeverityRules) -> list[str]:
    """Incidents with the one clock that matters now."""
    heads = ("id", "sev", "phase", "declared", "clock", "commander", "title")
    cells: list[tuple[Cell, ...]] = [
        (
            f"INC-{one.id}",
            look.grade(one.severity),
            one.phase,
            look.clock(one.declared_at),
            clock(one, look, rules),
            one.commander or "nobody",
            one.title,
        )
        for one in rows
    ]
    return table(look, heads, cells, long=6)


def clock(one: Incident, look: Look, rules: SeverityRules) -> str:
    """The clock of an incident's phase: next update, root-cause analysis due, or nothing."""
    if one.phase is Phase.LEARN and one.resolved_at is not None:
        return f"RCA {look.due(rules.rca_by(one.severity, one.resolved_at))}"
    if not one.is_open:
        return f"in INC-{one.merged_into}" if one.merged_into is not None else ""
    at = rules.update_by(one.severity, one.declared_at, one.updated_at)
    return "update on change" if at is None else f"update {look.due(at)}"


def change_lines(rows: Sequence[Change], look: Look) -> list[str]:
    """Changes: when, how long ago, what was done, by whom, what it touches."""
    heads = ("id", "at", "ago", "what", "by", "touches")
    cells: list[tuple[Cell, ...]] = [
        (
            f"CH-{one.id}",
            look.clock(one.at),
            short_span(look.now - one.at),
            one.what,
            one.actor,
            ", ".join(one.touches[:3]) + (look.sign(" …") if len(one.touches) > 3 else ""),
        )
        for one in rows
    ]
    return table(look, heads, cells, long=3)


def board_lines(
    incidents: Sequence[Incident], candidates: Sequence[Candidate], look: Look, rules: SeverityRules
) -> list[str]:
    """Three columns by severity: incidents, under them the candidates."""
    if not incidents and not candidates:
        return ["nothing is declared, nothing is proposed"]
    each = (look.columns or 120) // 3 - 2
    stacks: list[list[Cell]] = []
    for severity in Severity:
        shape = severity.ascii_shape if look.ascii else severity.shape
        stack: list[Cell] = [Graded(f"{shape} {severity.word} {severity.meaning}", severity)]
        for one in incidents:
            if one.severity is severity:
                stack += [f"INC-{one.id} {one.phase} {one.title}", f"  {_card(one, look, rules)}"]
        proposed = [one for one in candidates if one.severity is severity]
        stack += ["-- candidates"] if proposed else []
        stack += [f"C-{one.id} ack {ack_clock(one, look, rules)} {one.title}" for one in proposed]
        stacks.append(stack)
    return [_beside(row, each, look) for row in zip_longest(*stacks, fillvalue="")]


def _card(one: Incident, look: Look, rules: SeverityRules) -> str:
    return f"{clock(one, look, rules)}, {one.commander or 'no commander'}"


def _beside(cells: Iterable[Cell], each: int, look: Look) -> str:
    shown = []
    for cell in cells:
        text = cut(cell if isinstance(cell, str) else cell.text, each, look.sign("…"))
        inked = look.ink(Graded(text, cell.severity)) if isinstance(cell, Graded) else text
        shown.append(inked + " " * (each - width(text)))
    return "  ".join(shown).rstrip()


def entry_lines(entries: Iterable[Entry], look: Look) -> Iterator[str]:
    """A timeline: a date line when the day changes; time, id, kind, who and what, further lines hanging below."""
    for day, group in groupby(entries, key=lambda one: one.at.astimezone(UTC).date()):
        yield f"{look.sign('——')} {day.isoformat()} UTC"
        for one in group:
            head = f"{one.at.astimezone(UTC):%H:%M}  {f'E-{one.id}':<6} {one.kind:<11} {one.who:<8} "
            first, *rest = f"{marks(one)}{one.text}".split("\n")
            yield head + first
            yield from (" " * width(head) + line for line in rest)


def marks(one: Entry) -> str:
    """What a reader must know of an entry before its text."""
    told = []
    if one.taken_back:
        told.append("taken back")
    if one.backdated:
        told.append(f"written {one.recorded_at:%Y-%m-%d %H:%M}Z")
    return f"({', '.join(told)}) " if told else ""
