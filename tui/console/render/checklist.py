"""Pane 4: what the phase needs. Before declaring the proposal, in resolve the gate, then the nine items."""

from tui.console.ink import Ink, Line, Piece, line, wrap
from tui.console.render.impact import state_ink
from tui.console.render.look import INKS, Look
from tui.console.view import ChecklistSlice
from tui.model.alert import Alert, Candidate, worst_first
from tui.model.change import Change, told
from tui.model.incident import Incident, Phase
from tui.model.learn import SHORT_QUESTIONS, Category, ItemState, Rca, RcaItem
from tui.model.moment import span
from tui.reports.impact import in_a_word, tier

_MARKS = {ItemState.OPEN: "[ ]", ItemState.PROPOSED: "[~]", ItemState.DONE: "[x]"}
_INKS = {ItemState.OPEN: Ink.DIM, ItemState.PROPOSED: Ink.DUE, ItemState.DONE: Ink.GOOD}
SHORT_CATEGORIES = {
    Category.CODE_BUG: "code bug",
    Category.INFRASTRUCTURE: "infrastructure",
    Category.DATA_QUALITY: "data quality",
    Category.PROCESS_GAP: "process gap",
    Category.UNKNOWN: "unknown",
}

_SHORTEST = {
    Category.CODE_BUG: "code",
    Category.INFRASTRUCTURE: "infra",
    Category.DATA_QUALITY: "data",
    Category.PROCESS_GAP: "process",
    Category.UNKNOWN: "?",
}


def lines(shown: ChecklistSlice, look: Look, width: int) -> list[Line]:
    """The pane's lines for the open incident, else for the row under the cursor."""
    if shown.incident is None or shown.rca is None:
        return _proposal(shown, look, width) if shown.alert is not None else []
    lead = _lead(shown.incident, shown, look, width)
    return [*lead, *_categories(shown.rca, width), *(_item(item, width) for item in shown.rca.items)]


def title(shown: ChecklistSlice) -> str:
    """The border's title."""
    if shown.incident is None:
        return "4 Proposed" if shown.alert else "4 Root cause, as you go"
    return {Phase.RESOLVE: "4 Resolve gate, root cause", Phase.LEARN: "4 Root cause"}.get(
        shown.incident.phase, "4 Root cause, as you go"
    )


def sums(shown: ChecklistSlice, look: Look) -> str:
    """The border's words: how much is answered."""
    if shown.rca is None:
        return ""
    told = [f"{shown.rca.done} of 9"]
    if shown.rca.proposed:
        told.append(f"{shown.rca.proposed} proposed ~")
    if shown.incident is not None and shown.incident.phase is Phase.LEARN and shown.missing:
        told.append(f"{len(shown.missing)} missing to close")
    return look.sign(" · ".join(told))


def _lead(one: Incident, shown: ChecklistSlice, look: Look, width: int) -> list[Line]:
    if one.phase is Phase.RESOLVE:
        if not shown.gate:
            return [line(Piece(look.sign("✓ the gate is open: "), Ink.GOOD), Piece("r", Ink.ACCENT), Piece(" resolve"))]
        kept = [line(Piece("gate ", Ink.DUE), Piece(gap)) for gap in shown.gate[:3]]
        more = [line(Piece(f"     and {len(shown.gate) - 3} more", Ink.DIM))] if len(shown.gate) > 3 else []
        return [*kept, *more]
    if one.phase is Phase.LEARN and not shown.missing:
        return [line(Piece(look.sign("✓ nothing is missing: "), Ink.GOOD), Piece("p", Ink.ACCENT), Piece(" close"))]
    return []


def _categories(rca: Rca, width: int) -> list[Line]:
    words = SHORT_CATEGORIES if width >= 40 else _SHORTEST
    marks = [
        (f"[{'x' if kind in rca.categories else ' '}] {'?' if width < 56 and kind is Category.UNKNOWN else word}", kind)
        for kind, word in words.items()
    ]
    rows: list[list[Piece]] = [[]]
    used = 0
    for text, kind in marks:
        if used and used + len(text) > width:
            rows.append([])
            used = 0
        rows[-1].append(Piece(f"{text}  ", Ink.GOOD if kind in rca.categories else Ink.DIM))
        used += len(text) + 2
    return [tuple(row) for row in rows]


def _item(item: RcaItem, width: int) -> Line:
    ink = Ink.TEXT if item.state is not ItemState.OPEN else Ink.DIM
    tied = "".join(f" E-{n}" for n in item.evidence[:3])
    return line(
        Piece(_MARKS[item.state], _INKS[item.state]),
        Piece(f" {item.n} {SHORT_QUESTIONS[item.n]}", ink),
        Piece(f"  {item.text}", Ink.DIM),
        Piece(tied, Ink.ACCENT),
    )


def _proposal(shown: ChecklistSlice, look: Look, width: int) -> list[Line]:
    alert, candidate = shown.alert, shown.candidate
    if alert is None:
        return []
    rows = [line(Piece(f"A-{alert.id} ", Ink.ACCENT), Piece(alert.subject, Ink.BRIGHT))]
    rows += [line(Piece(part, Ink.TEXT)) for part in wrap(alert.title, width, most=3)]
    rows += _severity(alert, candidate, look)
    rows += _reasons(candidate, look)
    rows += [_change(one, look) for one in shown.changes]
    rows.append(line(Piece("verdict   ", Ink.DIM), Piece(alert.verdict), Piece(f"  {alert.reason}", Ink.DIM)))
    rows.append(line(Piece("began     ", Ink.DIM), Piece(f"{look.clock(alert.started_at, seconds=True)}"),
                     Piece(f"  {span(look.now - alert.started_at)} ago", Ink.DIM)))  # fmt: skip
    rows.append(line(Piece("from      ", Ink.DIM), Piece(f"{alert.source}"), Piece(f"  {alert.format}", Ink.DIM)))
    if alert.acknowledged_by:
        rows.append(line(Piece("with      ", Ink.DIM), Piece(alert.acknowledged_by, Ink.GOOD)))
    if candidate is not None and candidate.incident is None:
        rows.append(line(Piece("d", Ink.ACCENT), Piece(" declares it, filled in like this", Ink.DIM)))
    return rows


def _reasons(candidate: Candidate | None, look: Look) -> list[Line]:
    """Why it is proposed, and who is hit or will be."""
    if candidate is None:
        return []
    rows = [line(Piece("because   " if n == 0 else " " * 10, Ink.DIM), Piece(why)) for n, why in
            enumerate(candidate.reasons[:3])]  # fmt: skip
    consumers = worst_first(candidate.consumers)
    for n, one in enumerate(consumers[:3]):
        rows.append(
            line(
                Piece("hits      " if n == 0 else " " * 10, Ink.DIM),
                Piece(f"{in_a_word(one, look.now)} ", state_ink(one, look)),
                Piece(f"{one.name}"),
                Piece(f"  {tier(one.tier)}".rstrip(), Ink.DIM),
            )
        )
    more = len(consumers) - 3
    if more > 0:
        rows.append(line(Piece(f"{'':<10}and {more} more: ", Ink.DIM), Piece("i", Ink.ACCENT)))
    return rows


def _change(one: Change, look: Look) -> Line:
    when = Piece(f"{look.sign('Δ')} {look.clock(one.at)} ", Ink.DUE)
    return line(Piece("changed   ", Ink.DIM), when, Piece(told(one.what, one.touches, one.actor)))


def _severity(alert: Alert, candidate: Candidate | None, look: Look) -> list[Line]:
    grade = candidate.severity if candidate else alert.severity
    if grade is None:
        return []
    meaning = Piece(f"  {grade.meaning}", Ink.DIM)
    return [line(Piece("proposed  ", Ink.DIM), Piece(f"{look.shape(grade)} {grade.word}", INKS[grade]), meaning)]
