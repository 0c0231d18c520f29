"""Pane 1: the alert feed. The cursor stays on its alert; one that leaves holds its place until the cursor moves."""

from textual.message import Message

from tui.console.ink import Ink, Line, Piece, line
from tui.console.render import feed as drawn
from tui.console.render.look import Look
from tui.console.view import FeedSlice
from tui.console.widgets.lines import Pane
from tui.model.alert import Alert


class FeedPane(Pane):
    """Rows of alerts. Only the rows in sight are rendered."""

    class RowChanged(Message):
        """The cursor stands on another alert, or on none."""

    class WindowWanted(Message):
        """The cursor came near the last row that was read."""

    def __init__(self) -> None:
        super().__init__("feed")
        self._slice = FeedSlice()
        self._look: Look | None = None
        self._rows: list[Alert] = []
        self._cursor = 0
        self._gone = False
        self._new: set[int] = set()
        self._seen: list[int] = []
        self.is_seen = True
        """Whether a key would find under the cursor what was painted there."""

    @property
    def row(self) -> Alert | None:
        """The alert under the cursor; None on an empty feed and on a row that has left."""
        if self._gone or not self._rows:
            return None
        return self._rows[self._cursor]

    @property
    def tombstone(self) -> Alert | None:
        """The alert that stood under the cursor and has left; None when a row is there, or nothing."""
        return self._rows[self._cursor] if self._gone else None

    def put(self, shown: FeedSlice, look: Look) -> None:
        """Show a slice; the cursor follows its alert. What it changes under the cursor is not seen until painted."""
        before = self.row
        query_changed = shown.query != self._slice.query
        self._slice, self._look = shown, look
        if query_changed:
            self._rows, self._cursor, self.top, self._gone = list(shown.rows), 0, 0, False
            self._new = set()
        else:
            known = {alert.id for alert in self._rows}
            self._follow(list(shown.rows))
            self._new |= {alert.id for alert in self._rows[: self.top]} - known if known else set()
        self.redraw(look)
        self.is_seen = self.is_seen and _acts_alike(before, self.row)
        self.call_after_refresh(self._was_painted)
        if (before.id if before else None) != (self.row.id if self.row else None):
            self.post_message(self.RowChanged())

    def _was_painted(self) -> None:
        self._seen, self.is_seen = [alert.id for alert in self._rows], True

    def _follow(self, rows: list[Alert]) -> None:
        held = self._rows[self._cursor] if self._rows else None
        at = next((n for n, alert in enumerate(rows) if held is not None and alert.id == held.id), None)
        if held is None:
            self._rows, self._cursor, self._gone = rows, 0, False
        elif at is not None:
            if self.top > 0:
                self.top += at - self._cursor
            self._rows, self._cursor, self._gone = rows, at, False
        else:
            place = min(self._cursor, len(rows))
            self._rows, self._cursor, self._gone = [*rows[:place], held, *rows[place:]], place, True
        if self._rows and self.size.height:
            self.bring_into_sight(self._cursor)

    def redraw(self, look: Look) -> None:
        """Draw again for another moment, size or taste."""
        self._look = look
        self._new &= {alert.id for alert in self._rows[: self.top]}
        sums = drawn.sums(self._slice.counts, self._slice.query, look, above=len(self._new))
        heads = [*self.title_lines("1 Alerts", sums)]
        if not self.frameless:
            heads.append(drawn.heads(self._shape))
        fold = drawn.folded(self._slice.counts, self._slice.query, look)
        body = [] if self._rows else [drawn.nothing(self._slice.query)]
        body += [fold] if fold and len(self._rows) < self._room_with(heads) else []
        self._tail = tuple(body)
        self.show((), heads=heads)

    def _room_with(self, heads: list[Line]) -> int:
        return max(1, self.size.height - len(heads))

    @property
    def _shape(self) -> drawn.Columns:
        return drawn.columns(self.size.width, small=self.has_class("slim"))

    def count(self) -> int:
        return len(self._rows) + len(getattr(self, "_tail", ()))

    def line_at(self, index: int) -> Line:
        if index >= len(self._rows):
            return self._tail[index - len(self._rows)]
        alert = self._rows[index]
        if self._look is None:
            return ()
        if self._gone and index == self._cursor:
            return line(Piece(f"     A-{alert.id} {alert.subject} left the feed", Ink.DIM))
        return drawn.row(alert, self._shape, self._look, self._group_of(alert))

    def _group_of(self, alert: Alert) -> drawn.Group:
        shown = self._slice
        return drawn.Group(
            below=shown.groups.get(alert.id, 0),
            unfolded=alert.id in shown.unfolded,
            inside=alert.under is not None and alert.under in shown.unfolded,
        )

    @property
    def folds(self) -> int | None:
        """The root whose group `right` would show: the row's own, while it is folded."""
        row, shown = self.row, self._slice
        return row.id if row is not None and row.id in shown.groups and row.id not in shown.unfolded else None

    @property
    def unfolds(self) -> int | None:
        """The root whose group `left` would fold: the row's own, or the one it lies under."""
        row, shown = self.row, self._slice
        if row is None:
            return None
        return next((root for root in (row.id, row.under) if root is not None and root in shown.unfolded), None)

    def is_marked(self, index: int) -> bool:
        return index == self._cursor and bool(self._rows)

    def step(self, lines: int) -> None:
        """Move the cursor, over the rows as they were painted; a tombstone goes when it does."""
        held = self._rows[self._cursor].id if self._rows else None
        if held in self._seen and not self._gone:
            wanted = self._seen[max(0, min(len(self._seen) - 1, self._seen.index(held) + lines))]
            if self.go_to_alert(wanted):
                return
        self.go_to(self._cursor + lines)

    def go_to(self, place: int) -> None:
        """Put the cursor on the row at `place`, or the nearest there is."""
        if not self._rows:
            return
        before = self.row
        if self._gone:
            del self._rows[self._cursor]
            place -= 1 if place > self._cursor else 0
            self._gone = False
        self._cursor = max(0, min(place, len(self._rows) - 1))
        self.bring_into_sight(self._cursor)
        if self._new and self._look is not None:
            self.redraw(self._look)  # what has come into sight is new no more
        self.repaint()
        if self.row is not before:
            self.post_message(self.RowChanged())
        if self._cursor > len(self._rows) - 50 and self._slice.more:
            self.post_message(self.WindowWanted())

    def go_to_alert(self, number: int) -> bool:
        """Put the cursor on an alert by its number; whether it is in the feed."""
        at = next((n for n, alert in enumerate(self._rows) if alert.id == number), None)
        if at is None:
            return False
        self.go_to(at)
        return True

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last place of a row."""
        return 0, max(0, len(self._rows) - 1)


def _acts_alike(before: Alert | None, now: Alert | None) -> bool:
    """Whether a key does the same to `now` as it would have done to `before`."""
    if before is None or now is None:
        return now is None
    return _standing(before) == _standing(now)


def _standing(alert: Alert) -> tuple[object, ...]:
    return alert.id, alert.state, alert.candidate, alert.incident, alert.under, alert.snoozed_until is None
