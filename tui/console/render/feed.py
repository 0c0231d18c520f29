"""Pane 1: one line for each alert, its column heads, and the line of what is folded."""

import msgspec

from tui.console.ink import Ink, Line, Piece, cut, line, pad
from tui.console.render.look import INKS, Look
from tui.model.alert import Alert, AlertState, Verdict
from tui.model.moment import short_span
from tui.model.row import STATE_WORDS, age, into, why
from tui.model.severity import Severity
from tui.store.feed import FeedCounts, FeedQuery, Order

_LOUD = {AlertState.NEW, AlertState.LATE}
_ROOM_FOR_WORDS = 40
"""Columns of the message from which on a group says in words what it holds."""


class Group(msgspec.Struct, frozen=True):
    """How a row stands in a group: how many alerts lie under it, whether they are shown, whether it is one of them."""

    below: int = 0
    unfolded: bool = False
    inside: bool = False


ALONE = Group()


class Columns(msgspec.Struct, frozen=True):
    """Widths of the feed's columns; 0: the column is left out."""

    state: int
    severity: int
    age: int
    what: int
    into: int
    why: int
    times: int


def columns(width: int, *, small: bool = False) -> Columns:
    """Widths for a feed of `width` columns; `small`: the whole screen has less than 80.

    The message never gets less than 24 columns, 18 in a narrow feed; on a small screen
    where it went and how often go first.
    """
    state, severity, age, into, times = 5, 7, 6, 7, 5
    if width < 66:
        severity = 3
    if small:
        into, times = 0, 0
    rest = width - state - severity - age - into - times - 1
    least = 24 if width >= 70 else 18
    what = max(10, min(24, rest - least, rest * 2 // 5))
    return Columns(state, severity, age, what + 1, into, max(8, rest - what), times)


def heads(shape: Columns) -> Line:
    """The line of column heads."""
    words = (
        pad("now", shape.state) + pad("sev", shape.severity) + pad("for", shape.age - 1, right=True) + " "
        + pad("what", shape.what) + (pad("into", shape.into) if shape.into else "") + pad("why", shape.why)
        + (pad("×", shape.times, right=True) if shape.times else "")
    )  # fmt: skip
    return line(Piece(words, Ink.DIM))


def row(alert: Alert, shape: Columns, look: Look, group: Group = ALONE) -> Line:
    """One alert: state, severity, for how long, job or dataset, where it went, why, how often.

    A root with a group says how many lie under it; what lies under one is indented.
    """
    severity = alert.severity or Severity.SEV3
    loud = alert.state in _LOUD
    faded = not loud and (alert.verdict is not Verdict.INCIDENT or alert.state is not AlertState.ACK)
    grade = f"{look.shape(severity)} {severity.word}" if shape.severity >= 7 else f"{look.shape(severity)}{severity:d}"
    plain = Ink.DIM if faded else Ink.TEXT
    return line(
        Piece(pad(STATE_WORDS[alert.state], shape.state), INKS[severity] if loud else Ink.DIM),
        Piece(
            pad(grade if alert.severity else "", shape.severity), Ink.DIM if alert.severity is None else INKS[severity]
        ),
        Piece(pad(short_span(age(alert, look.now)), shape.age - 1, right=True) + " ", Ink.DIM),
        Piece(pad(_name(alert, group, look), shape.what - 1) + " ", Ink.BRIGHT if loud else plain),
        Piece(pad(f"+{group.below}" if group.below else into(alert), shape.into), Ink.ACCENT) if shape.into else "",
        *_message(alert, shape, group, plain),
        Piece(pad(look.sign(f"×{alert.count}"), shape.times, right=True), Ink.DIM) if shape.times else "",
    )


def _name(alert: Alert, group: Group, look: Look) -> str:
    return look.sign(f"└ {alert.subject}") if group.inside else alert.subject


def _message(alert: Alert, shape: Columns, group: Group, ink: Ink) -> Line:
    """Why; behind it, where there is room, how many alerts lie under this one."""
    if not group.below:
        return (Piece(pad(why(alert), shape.why), ink),)
    words = f" +{group.below} downstream" if shape.why >= _ROOM_FOR_WORDS else ""
    words = words or ("" if shape.into else f" +{group.below}")
    return (Piece(pad(why(alert), shape.why - len(words)), ink), Piece(words, Ink.ACCENT))


def folded(counts: FeedCounts, query: FeedQuery, look: Look) -> Line | None:
    """The last line: what lies folded and which key shows it; None when nothing does."""
    if not counts.folded:
        return None
    told = counts.folded_words
    if query.unfolded:
        return line(
            Piece("← ", Ink.ACCENT) if not look.ascii else Piece("< ", Ink.ACCENT), Piece(f"fold {told}", Ink.DIM)
        )
    return line(Piece("f ", Ink.ACCENT), Piece(f" {counts.folded} folded: {told}", Ink.DIM))


def sums(counts: FeedCounts, query: FeedQuery, look: Look, *, above: int = 0) -> str:
    """The border's words: how many wait, lie in incidents, are folded; and what is filtered or reordered.

    `above`: rows that arrived above those in sight, and were not looked at yet.
    """
    parts = [f"▲ {above} new"] if above else []
    parts += [f"{counts.waiting} wait", f"{counts.in_incidents} in incidents", f"{counts.folded} folded"]
    if query.order is Order.TIME:
        parts.append("by time")
    if query.words:
        parts.append(f"/{cut(query.words, 20)}")
    return look.sign(" · ".join(parts))


def nothing(query: FeedQuery) -> Line:
    """What an empty feed says."""
    if query.words:
        return line(Piece(f"no alert has “{cut(query.words, 30)}”; esc shows all", Ink.DIM))
    return line(Piece("no alerts. d declares what somebody reported", Ink.DIM))
