"""A pane of numbered things to choose from. What they are is for its screen."""

from tui.console.ink import Line
from tui.console.widgets.lines import Pane


class Listed(Pane):
    """A pane whose lines belong to numbered things; the cursor marks all lines of one."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.cursor = 0
        self._owners: list[int] = []

    def put(self, rows: list[tuple[int, Line]]) -> None:
        """Lines with the number of the thing they belong to; 0: of none."""
        self._owners = [owner for owner, _ in rows]
        if not self.cursor or self.cursor not in self._owners:
            self.cursor = next((owner for owner in self._owners if owner), 0)
        self.show([row for _, row in rows])

    def is_marked(self, index: int) -> bool:
        return self._owners[index] == self.cursor != 0

    def step(self, lines: int) -> None:
        """To the next or previous thing."""
        things = [owner for owner in dict.fromkeys(self._owners) if owner]
        if not things:
            return
        place = things.index(self.cursor) if self.cursor in things else 0
        self.cursor = things[max(0, min(len(things) - 1, place + lines))]
        self.bring_into_sight(self._owners.index(self.cursor))
        self.repaint()
