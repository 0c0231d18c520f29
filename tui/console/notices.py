"""What a SEV1 does beyond the screen: it rings once when proposed and once when declared, and names the window.

Only decides; the app writes to the terminal.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from tui.console.view import BoardSlice
from tui.model.ids import Ref
from tui.model.moment import short_span
from tui.model.severity import Severity
from tui.model.text import Safe


class Burning(NamedTuple):
    """A SEV1: a candidate proposed or an incident declared `since` then."""

    ref: Ref
    title: Safe
    since: datetime

    @property
    def notice(self) -> str:
        """The sentence of a desktop notice."""
        return f"SEV1 {self.ref} {'declared' if self.ref.prefix == 'INC' else 'proposed'}: {self.title}"


def burning(board: BoardSlice) -> tuple[Burning, ...]:
    """Incidents of SEV1 that are not over, then candidates of SEV1; each the newest first."""
    declared = [
        Burning(Ref("INC", one.id), one.title, one.declared_at)
        for one in board.incidents
        if one.severity is Severity.SEV1 and one.is_open
    ]
    proposed = [
        Burning(Ref("C", one.id), one.title, one.proposed_at)
        for one in board.candidates
        if one.severity is Severity.SEV1
    ]
    return tuple(one for part in (declared, proposed) for one in sorted(part, key=lambda b: b.since, reverse=True))


class Notices:
    """Remembers what rang. What burnt already when the console was opened is on its first screen and does not ring."""

    def __init__(self, me: Safe) -> None:
        self._me = me
        self._known: set[Ref] | None = None
        self.now_burning: tuple[Burning, ...] = ()

    def news(self, board: BoardSlice) -> tuple[Burning, ...]:
        """What must ring: a SEV1 not seen before. What this person declared does not ring here."""
        self.now_burning = burning(board)
        refs = {one.ref for one in self.now_burning}
        known, self._known = self._known, refs | (self._known or set())
        if known is None:
            return ()
        own = {Ref("INC", one.id) for one in board.incidents if one.declared_by == self._me}
        return tuple(one for one in self.now_burning if one.ref not in known | own)

    def title(self, now: datetime) -> str:
        """`▲1 INC-42 14m`: the newest SEV1, for how long, and how many more; empty where none burns."""
        if not self.now_burning:
            return ""
        first, *more = self.now_burning
        length = now - first.since
        told = short_span(length) if length >= timedelta(minutes=1) else "now"  # it steps by the minute
        return f"{Severity.SEV1.shape}1 {first.ref} {told}" + (f" +{len(more)}" if more else "")
