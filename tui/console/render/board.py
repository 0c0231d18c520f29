"""Pane 3: three columns by severity; incidents with the one clock that matters, candidates under them."""

from typing import NamedTuple, TypeAlias

from tui.console.ink import Ink, Line, Piece, cut, line, pad, width
from tui.console.render.impact import state_ink
from tui.console.render.look import INKS, Look
from tui.console.view import BoardSlice
from tui.model.alert import Candidate, worst_first
from tui.model.ids import Ref
from tui.model.incident import Incident, Phase
from tui.model.moment import short_span
from tui.model.severity import Severity, SeverityRules
from tui.reports.impact import worst

_SHORT = {Severity.SEV1: "respond now", Severity.SEV2: "within hours", Severity.SEV3: "next day"}

Card: TypeAlias = "tuple[Ref, Line, Line | None]"


class BoardLines(NamedTuple):
    """The pane's lines, and for each column the cards in it with the lines they take (first, count)."""

    lines: list[Line]
    columns: list[list[tuple[Ref, int, int]]]


def columns(shown: BoardSlice, look: Look, rules: SeverityRules) -> list[list[Card]]:
    """The cards of each severity: incidents first, then candidates."""
    found: list[list[Card]] = []
    for severity in Severity:
        cards: list[Card] = [_incident(one, look, rules) for one in shown.incidents if one.severity is severity]
        cards += [_candidate(one, look, rules) for one in shown.candidates if one.severity is severity]
        found.append(cards)
    return found


def _incident(one: Incident, look: Look, rules: SeverityRules) -> Card:
    begun = {Phase.RESPOND: one.declared_at, Phase.RESOLVE: one.mitigated_at, Phase.LEARN: one.resolved_at}[one.phase]
    ink = Ink.DIM if one.phase is Phase.LEARN else Ink.BRIGHT
    lasted = f" {short_span(look.now - begun)}" if begun and one.phase is not Phase.LEARN else ""
    first = line(Piece(f"INC-{one.id} {one.phase}{lasted}", ink), Piece(f" {one.title}", Ink.DIM))
    who = Piece(f"  {one.commander}", Ink.DIM) if one.commander else Piece("  no IC", Ink.DUE)
    if one.phase is Phase.LEARN and one.resolved_at is not None:
        by = rules.rca_by(one.severity, one.resolved_at)
        return Ref("INC", one.id), first, line(Piece(f"RCA due {look.due(by)}", look.due_ink(by)))
    update = rules.update_by(one.severity, one.declared_at, one.updated_at)
    clock = Piece(f"update {look.due(update)}", look.due_ink(update)) if update else Piece("update on change", Ink.DIM)
    return Ref("INC", one.id), first, line(clock, who)


def _candidate(one: Candidate, look: Look, rules: SeverityRules) -> Card:
    by = rules.acknowledge_by(one.severity, one.proposed_at)
    if one.acknowledged_at is not None:
        clock = Piece(f"ack {one.acknowledged_by}", Ink.GOOD)
    else:
        clock = Piece(f"ack {look.due(by)}", look.due_ink(by))
    hit = worst(one.consumers, look.now)
    first = line(Piece(f"C-{one.id} ", INKS[one.severity]), clock, Piece(f" {one.root_name}", Ink.DIM))
    if not hit:
        return Ref("C", one.id), first, None
    return Ref("C", one.id), first, line(Piece(look.sign(f" › {hit}"), state_ink(worst_first(one.consumers)[0], look)))


def lines(shown: BoardSlice, look: Look, rules: SeverityRules, columns_wide: int, cursor: Ref | None) -> BoardLines:
    """The pane: heads, then cards; the card under the cursor is marked."""
    each = max(12, columns_wide // 3)
    heads: list[Piece] = []
    for severity in Severity:
        word = f"{severity.word} {severity.meaning}" if each >= 27 else _SHORT[severity]
        word = f"{look.shape(severity)} {word}"
        heads.append(Piece(pad(cut(word, each - 1), each), INKS[severity]))
    stacks: list[list[tuple[Ref, Line]]] = []
    for cards in columns(shown, look, rules):
        stack: list[tuple[Ref, Line]] = []
        for ref, first, second in cards:
            mark = Piece(">" if ref == cursor else " ", Ink.ACCENT)
            stack.append((ref, (mark, *first)))
            if second is not None:
                stack.append((ref, (Piece(" "), *second)))
        stacks.append(stack)
    rows: list[Line] = [tuple(heads)]
    for n in range(max((len(stack) for stack in stacks), default=0)):
        pieces: list[Piece] = []
        for stack in stacks:
            pieces += _cell(stack[n][1] if n < len(stack) else (), each)
        rows.append(tuple(pieces))
    if len(rows) == 1:
        rows.append(line(Piece(" nothing is declared, nothing is proposed", Ink.DIM)))
    return BoardLines(rows, [_spans(stack) for stack in stacks])


def _cell(pieces: Line, columns_wide: int) -> list[Piece]:
    kept: list[Piece] = []
    left = columns_wide - 1
    for piece in pieces:
        text = cut(piece.text, left)
        kept.append(Piece(text, piece.ink))
        left -= width((Piece(text),))
        if left <= 0:
            break
    return [*kept, Piece(" " * (left + 1))]


def _spans(stack: list[tuple[Ref, Line]]) -> list[tuple[Ref, int, int]]:
    found: dict[Ref, tuple[int, int]] = {}
    for n, (ref, _) in enumerate(stack, 1):
        first, count = found.get(ref, (n, 0))
        found[ref] = (first, count + 1)
    return [(ref, first, count) for ref, (first, count) in found.items()]
