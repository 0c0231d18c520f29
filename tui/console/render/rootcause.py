"""The root-cause screen: nine items at the left, the timeline as evidence at the right."""

import msgspec

from tui.console.ink import Ink, Line, Piece, line, wrap
from tui.console.render.checklist import SHORT_CATEGORIES
from tui.console.render.look import Look
from tui.console.render.timeline import told
from tui.model.entry import Entry
from tui.model.incident import Incident
from tui.model.learn import QUESTIONS, ActionState, ItemState, Rca, RcaItem
from tui.model.severity import SeverityRules

_MARKS = {ItemState.OPEN: "[ ]", ItemState.PROPOSED: "[~]", ItemState.DONE: "[x]"}
_INKS = {ItemState.OPEN: Ink.DIM, ItemState.PROPOSED: Ink.DUE, ItemState.DONE: Ink.GOOD}


class RootCause(msgspec.Struct, frozen=True, kw_only=True):
    """What the screen shows: the incident, its analysis, what is missing, and entries that may be evidence."""

    incident: Incident
    rca: Rca
    missing: tuple[str, ...]
    entries: tuple[Entry, ...]


def title(shown: RootCause, look: Look, rules: SeverityRules) -> Line:
    """Chip, name, how much is done, when it is due, whether it can close."""
    one = shown.incident
    parts = [look.chip(one.severity), Piece(f"  INC-{one.id} ROOT CAUSE", Ink.BRIGHT)]
    parts.append(Piece(f"   {shown.rca.done} of 9", Ink.TEXT))
    if one.resolved_at is not None:
        by = rules.rca_by(one.severity, one.resolved_at)
        parts.append(Piece(f"   due {look.due(by)}", look.due_ink(by)))
    parts.append(Piece("   nothing is missing", Ink.GOOD) if not shown.missing else
                 Piece(f"   {len(shown.missing)} missing to close", Ink.DUE))  # fmt: skip
    return tuple(parts)


def items(shown: RootCause, width: int) -> list[tuple[int, Line]]:
    """The items as (number of the item, line); an item takes several lines. Number 0: lines of no item."""
    rows: list[tuple[int, Line]] = []
    for item in shown.rca.items:
        rows += [(item.n, row) for row in _item(item, width)]
        if item.n == 9:
            rows += [(9, row) for row in _actions(shown.rca)]
    rows.append((0, ()))
    rows.append((0, _causes(shown.rca)))
    if shown.missing:
        rows += [(0, ()), (0, line(Piece("STILL MISSING", Ink.DIM)))]
        rows += [(0, line(Piece("  - ", Ink.DUE), Piece(gap))) for gap in shown.missing]
    return rows


def _item(item: RcaItem, width: int) -> list[Line]:
    tied = " ".join(f"E-{n}" for n in item.evidence)
    proposed = "  proposed: enter confirms" if item.state is ItemState.PROPOSED else ""
    first = line(
        Piece(f"{_MARKS[item.state]} ", _INKS[item.state]),
        Piece(f"{item.n} {QUESTIONS[item.n]}", Ink.BRIGHT),
        Piece(f"   {tied}" if tied else "", Ink.ACCENT),
        Piece(proposed, Ink.DUE),
    )
    if not item.text or item.n == 9:
        return [first]
    return [first, *(line(Piece(f"      {part}")) for part in wrap(item.text, max(20, width - 8), most=8))]


def _actions(rca: Rca) -> list[Line]:
    rows = []
    for action in rca.actions:
        ink = Ink.DIM if action.state is not ActionState.OPEN else Ink.TEXT
        owner = Piece(f"  {action.owner}", Ink.TEXT) if action.owner else Piece("  NO OWNER", Ink.LATE)
        due = Piece(f"  {action.due}", Ink.TEXT) if action.due else Piece("  NO DATE", Ink.LATE)
        state = Piece(f"  {action.state}", Ink.DIM)
        rows.append(line(Piece(f"      ACT-{action.id} {action.type}  {action.text}", ink), owner, due, state))
    return rows


def _causes(rca: Rca) -> Line:
    pieces = [Piece("CAUSE  ", Ink.DIM)]
    for category, word in SHORT_CATEGORIES.items():
        named = category in rca.categories
        pieces.append(Piece(f"[{'x' if named else ' '}] {word}  ", Ink.GOOD if named else Ink.DIM))
    return tuple(pieces)


def evidence(entry: Entry, tied: bool, look: Look) -> Line:
    """One entry that may be tied to the item under the cursor."""
    mark = Piece("* " if tied else "  ", Ink.GOOD)
    return line(
        mark, Piece(f"E-{entry.id} ", Ink.ACCENT), Piece(f"{look.clock(entry.at)} ", Ink.DIM), Piece(told(entry))
    )
