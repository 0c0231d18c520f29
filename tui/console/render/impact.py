"""Impact and what was seen before, as full screens: who is hit, who will be, what changed; earlier incidents alike."""

from collections.abc import Iterator

from tui.console.ink import EMPTY, Ink, Line, Piece, line, pad, wrap
from tui.console.render.look import Look
from tui.model.alert import Consumer
from tui.model.change import told
from tui.reports import recurrence
from tui.reports.impact import STATES, Impact, due_next, needed_by, summed
from tui.store.similar import SeenBefore


def title(shown: Impact, look: Look) -> Line:
    """The first line: whose impact it is."""
    grade = [look.chip(shown.severity), Piece("  ")] if shown.severity else []
    return line(*grade, Piece(f"{shown.ref} impact", Ink.BRIGHT), Piece(f"   {shown.title}", Ink.DIM))


def lines(shown: Impact, look: Look, width: int) -> list[Line]:
    """Consumers worst first, then what else hangs on the root, then the changes that may have made it."""
    rows: list[Line] = [line(Piece(part, Ink.BRIGHT)) for part in wrap(summed(shown), width, most=3)]
    rows += [EMPTY, *_consumers(shown, look, width), *_downstream(shown, look, width), EMPTY]
    rows.append(line(Piece("CHANGES of the last day that touch it or what it is made from", Ink.DIM)))
    rows += [_change(when, text) for when, text in _changes(shown, look)] or [line(Piece("  none", Ink.DIM))]
    return rows


def _widths(width: int) -> tuple[int, int]:
    """Columns for a name and for when it is due; the rest is fixed."""
    return max(14, min(36, width - 54)), 26


def _consumers(shown: Impact, look: Look, width: int) -> Iterator[Line]:
    name, when = _widths(width)
    if not shown.consumers:
        yield line(Piece("no consumer is hit or at risk by its own signals or deadline", Ink.DIM))
        return
    yield line(Piece(pad("who needs it", name + 2) + pad("tier", 6) + pad("state", 10) + "needs it by", Ink.DIM))
    for one in shown.consumers:
        yield line(
            Piece(pad(one.name, name + 2), Ink.BRIGHT if one.hit else Ink.TEXT),
            Piece(pad("" if one.tier is None else str(one.tier), 6), Ink.DIM),
            Piece(pad(STATES[one.state], 10), state_ink(one, look)),
            Piece(pad(needed_by(one.deadline, look.now, look.clock), when), _due_ink(one, look)),
        )


def state_ink(one: Consumer, look: Look) -> Ink:
    """Red for what is hit; what is at risk by how near its deadline is."""
    if one.hit:
        return Ink.LATE
    return Ink.DUE if one.deadline is not None and look.due_ink(one.deadline) is not Ink.DIM else Ink.TEXT


def _due_ink(one: Consumer, look: Look) -> Ink:
    return Ink.DIM if one.deadline is None else look.due_ink(one.deadline)


def _downstream(shown: Impact, look: Look, width: int) -> Iterator[Line]:
    if not shown.downstream:
        return
    name, when = _widths(width)
    yield EMPTY
    yield line(Piece(f"DOWNSTREAM: nothing wrong is known of these {len(shown.downstream)}", Ink.DIM))
    for node in shown.downstream:
        due = needed_by(due_next(node, look.now), look.now, look.clock)
        yield line(
            Piece(pad(f"  {node.name}", name + 2)),
            Piece(pad("" if node.tier is None else str(node.tier), 6), Ink.DIM),
            Piece(pad(node.kind or "", 10), Ink.DIM),
            Piece(pad(due, when), Ink.DIM),
            Piece(node.owner or "", Ink.DIM),
        )


def _changes(shown: Impact, look: Look) -> Iterator[tuple[str, str]]:
    for one in shown.changes:
        yield f"  {look.sign('Δ')} {look.clock(one.at)} ", told(one.what, one.touches, one.actor)


def _change(when: str, text: str) -> Line:
    return line(Piece(when, Ink.DUE), Piece(text))


def seen_before(found: list[SeenBefore], width: int) -> list[Line]:
    """Earlier incidents alike, the most alike first, each with what was learned."""
    if not found:
        return [line(Piece("nothing alike was seen before", Ink.DIM))]
    rows: list[Line] = []
    for one in found:
        head, *more = wrap(recurrence.headline(one), width, most=3)
        rows.append(line(Piece(head, Ink.BRIGHT)))
        rows += [line(Piece(f"  {part}", Ink.BRIGHT)) for part in more]
        for name, text in recurrence.lessons(one):
            first, *rest = wrap(text, width - 12, most=4)
            ink = Ink.DUE if text.startswith("OPEN") else Ink.TEXT
            rows.append(line(Piece(f"  {name:<10}", Ink.DIM), Piece(first, ink)))
            rows += [line(Piece(f"{'':<12}{part}", ink)) for part in rest]
        rows.append(EMPTY)
    return rows[:-1]
