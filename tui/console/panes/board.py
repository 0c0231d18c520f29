"""Pane 3: the severity board, with a cursor over its cards. A card that leaves holds the cursor until it moves."""

from textual.message import Message

from tui.console.ink import Ink, Line, Piece, line
from tui.console.render import board as drawn
from tui.console.render.look import Look
from tui.console.view import BoardSlice
from tui.console.widgets.lines import Pane
from tui.model.ids import Ref
from tui.model.severity import SeverityRules


class BoardPane(Pane):
    """Cards in three columns; the cursor goes from card to card."""

    class Changed(Message):
        """There are other incidents or candidates on the board than before, or the same ones changed."""

        def __init__(self, board: BoardSlice) -> None:
            super().__init__()
            self.board = board

    def __init__(self, rules: SeverityRules) -> None:
        super().__init__("board")
        self._rules = rules
        self._slice = BoardSlice()
        self._look: Look | None = None
        self._spans: list[list[tuple[Ref, int, int]]] = [[], [], []]
        self.cursor: Ref | None = None
        self.tombstone: Ref | None = None
        """The card that stood under the cursor and has left."""

    def put(self, shown: BoardSlice, look: Look) -> None:
        """Show a slice. Without a card of its own, and nobody working here, the cursor is on the open incident's."""
        self._slice = shown
        refs = [ref for stack in self._cards(look) for ref in stack]
        if self.cursor is None or (self.cursor not in refs and not self.has_focus):
            chosen = Ref("INC", shown.open_incident) if shown.open_incident else None
            self.cursor = chosen if chosen in refs else (refs[0] if refs else None)
        self.tombstone = self.cursor if self.cursor not in refs else None
        self.redraw(look)
        self.post_message(self.Changed(shown))

    def _cards(self, look: Look) -> list[list[Ref]]:
        return [[ref for ref, _, _ in stack] for stack in drawn.columns(self._slice, look, self._rules)]

    def redraw(self, look: Look) -> None:
        """Draw again for another moment, size or taste."""
        self._look = look
        cursor = (
            self.cursor if self.has_focus or not self._slice.open_incident else Ref("INC", self._slice.open_incident)
        )
        told = drawn.lines(self._slice, look, self._rules, self.size.width, cursor)
        self._spans = told.columns
        heads: list[Line] = [*self.title_lines("3 Severity board", self._gone), told.lines[0]]
        body = told.lines[1:]
        room = max(1, self.size.height - len(heads))
        feet: list[Line] = []
        if len(body) > room:
            feet = [line(Piece(f"  {len(body) - room + 1} more lines: 3, then z", Ink.DIM))]
        self.show(body, heads=heads, feet=feet)

    @property
    def _gone(self) -> str:
        return f"{self.tombstone} left the board" if self.tombstone else ""

    def step(self, lines: int) -> None:
        """Down or up in the column; from a card that has left to the first there is."""
        if self.tombstone is not None:
            self._leave_tombstone()
            return
        column, place = self._where()
        stack = self._spans[column] if self._spans else []
        if stack:
            self._put_cursor(stack[max(0, min(len(stack) - 1, place + lines))][0])

    def sideways(self, columns: int) -> None:
        """To the nearest column that has a card."""
        if self.tombstone is not None:
            self._leave_tombstone()
            return
        column, place = self._where()
        for target in range(column + columns, 3 if columns > 0 else -1, columns):
            if self._spans[target]:
                self._put_cursor(self._spans[target][min(place, len(self._spans[target]) - 1)][0])
                return

    def _leave_tombstone(self) -> None:
        left = [ref for stack in self._spans for ref, _, _ in stack]
        if left:
            self._put_cursor(left[0])

    def _where(self) -> tuple[int, int]:
        for column, stack in enumerate(self._spans):
            for place, (ref, _, _) in enumerate(stack):
                if ref == self.cursor:
                    return column, place
        return 0, 0

    def _put_cursor(self, ref: Ref) -> None:
        self.cursor, self.tombstone = ref, None
        first = next((first for stack in self._spans for held, first, _ in stack if held == ref), 1)
        self.bring_into_sight(first - 1)
        if self._look is not None:
            self.redraw(self._look)
