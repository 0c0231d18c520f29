"""Pane 2: the timeline of the open incident, at its end unless somebody scrolled."""

from tui.console.render import timeline as drawn
from tui.console.render.look import Look
from tui.console.view import TimelineSlice
from tui.console.widgets.lines import Pane


class TimelinePane(Pane):
    """Entries, people's first; `everything` shows the folded ones too."""

    def __init__(self) -> None:
        super().__init__("timeline")
        self._slice = TimelineSlice()
        self.everything = False

    def put(self, shown: TimelineSlice, look: Look, others: str = "") -> None:
        """Show a slice. `others`: what the title line tells of the panes that are not in sight."""
        if shown.subject != self._slice.subject:
            self.top = 1 << 30
        self._slice = shown
        self.redraw(look, others)

    def redraw(self, look: Look, others: str = "") -> None:
        """Draw again for another moment, size or taste."""
        subject = self._slice.subject
        which = "all, e people" if self.everything else "people, e all"
        sums = look.sign(f"{subject} · {which}") if subject and subject.prefix == "INC" else str(subject or "")
        rows = drawn.lines(self._slice.entries, look, self.size.width, everything=self._everything)
        self.show(rows, heads=self.title_lines("2 Timeline", f"{sums}{others}"), follow=True)

    @property
    def _everything(self) -> bool:
        """An alert's own history has nothing but signals: it is never folded."""
        return self.everything or self._slice.subject is None or self._slice.subject.prefix == "A"
