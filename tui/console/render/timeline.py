"""Pane 2: entries under date lines, people's bright, signals folded, hanging indent."""

from collections.abc import Iterable

from tui.console.ink import Ink, Line, Piece, line, wrap
from tui.console.render.look import Look
from tui.model.entry import Entry, EntryKind

_SIGNS = {
    EntryKind.SIGNAL: ("●", Ink.LATE),
    EntryKind.ACK: ("✓", Ink.GOOD),
    EntryKind.SNOOZE: ("~", Ink.DIM),
    EntryKind.VERDICT: ("=", Ink.ACCENT),
    EntryKind.LINK: ("&", Ink.ACCENT),
    EntryKind.DECLARE: ("◆", Ink.BRIGHT),
    EntryKind.SEVERITY: ("▲", Ink.DUE),
    EntryKind.PHASE: ("▸", Ink.GOOD),
    EntryKind.ROLE: ("→", Ink.TEXT),
    EntryKind.HYPOTHESIS: ("?", Ink.DUE),
    EntryKind.DECISION: ("◆", Ink.ACCENT),
    EntryKind.ACTION: ("+", Ink.ACCENT),
    EntryKind.COMMAND: ("$", Ink.COMMAND),
    EntryKind.UPDATE: ("»", Ink.ACCENT),
    EntryKind.TOLD: ("»", Ink.ACCENT),
    EntryKind.CHANGE: ("Δ", Ink.DUE),
    EntryKind.NOTE: ("✎", Ink.TEXT),
    EntryKind.OBSERVATION: ("✎", Ink.TEXT),
    EntryKind.RCA: ("◇", Ink.DIM),
    EntryKind.UNDO: ("↶", Ink.DIM),
}
_ACTS = {EntryKind.ACK, EntryKind.DECLARE, EntryKind.SNOOZE, EntryKind.LINK, EntryKind.UNDO}


def lines(entries: Iterable[Entry], look: Look, width: int, *, everything: bool) -> list[Line]:
    """The pane's lines, oldest first.

    Without `everything`, signals but the first and the product's own entries fold away; changes stay.
    """
    shown: list[Line] = []
    day, hidden, seen_signal = "", 0, False
    for entry in entries:
        first_signal = entry.kind is EntryKind.SIGNAL and not seen_signal
        seen_signal = seen_signal or entry.kind is EntryKind.SIGNAL
        told_anyway = entry.from_person or first_signal or entry.kind is EntryKind.CHANGE
        if not everything and not told_anyway:
            hidden += 1
            continue
        if look.day(entry.at) != day:
            day = look.day(entry.at)
            shown.append(line(Piece(day, Ink.DIM)))
        shown += _entry(entry, look, width)
    if hidden:
        word = "entry" if hidden == 1 else "entries"
        shown.append(line(Piece(look.sign(f"· {hidden} {word} of signals folded"), Ink.DIM)))
    return shown


def _entry(entry: Entry, look: Look, width: int) -> list[Line]:
    sign, ink = _SIGNS.get(entry.kind, ("·", Ink.DIM))
    if entry.kind is EntryKind.SIGNAL and " resolved" in entry.text:
        ink = Ink.GOOD
    at = (entry.at.astimezone() if look.local else entry.at).strftime("%H:%M")
    body = Ink.TEXT if entry.from_person or entry.kind is EntryKind.SIGNAL else Ink.DIM
    text = told(entry)
    if entry.taken_back:
        text, body, ink = f"taken back: {text}", Ink.DIM, Ink.DIM
    folded = wrap(text, max(10, width - 8), most=12)
    first = line(Piece(f"{at} ", Ink.DIM), Piece(f"{look.sign(sign)} ", ink), Piece(folded[0], body))
    return [first, *(line(Piece("        "), Piece(part, body)) for part in folded[1:])]


def told(entry: Entry) -> str:
    """The sentence with its person: `maya acknowledged C-7`, `maya: lag falls`."""
    mark = " (back-dated)" if entry.backdated else ""
    if not entry.from_person or entry.kind is EntryKind.SIGNAL:
        return f"{entry.text}{mark}"
    joint = " " if entry.kind in _ACTS else ": "
    return f"{entry.who}{joint}{entry.text}{mark}"
