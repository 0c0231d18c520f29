"""The one line at the bottom: what was done last, or a question with room for an answer."""

import asyncio
from typing import Protocol, runtime_checkable

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from tui.console.drafts import KEPT_WITHIN, Drafts
from tui.console.ink import Ink, Piece, line, width
from tui.console.widgets.lines import LineView


@runtime_checkable
class Says(Protocol):
    """A screen with a place for remarks."""

    def say(self, text: str, ink: Ink = Ink.DIM) -> None:
        """Show one line."""


class Bottom(Horizontal):
    """Shows messages; `ask` puts an input there until enter or esc. What is typed is kept as a draft meanwhile."""

    DEFAULT_CSS = """
    Bottom { height: 1; }
    Bottom > #label { width: auto; height: 1; }
    Bottom > Input { height: 1; border: none; padding: 0; background: $surface; display: none; }
    Bottom.asking > Input { display: block; }
    Bottom.asking > #message { display: none; }
    Bottom > #label { display: none; }
    Bottom.asking > #label { display: block; }
    """

    def __init__(self, drafts: Drafts) -> None:
        super().__init__(id="bottom")
        self._answer: asyncio.Future[str | None] | None = None
        self._drafts = drafts
        self._draft, self._first, self._latest = "", "", ""
        self._due = False
        self.seen: int | None = None
        """The newest event that the person had seen when they began to type the answer given last."""

    def compose(self) -> ComposeResult:
        yield LineView("message")
        yield LineView("label")
        yield Input(id="answer", compact=True)

    @property
    def is_asking(self) -> bool:
        """Whether a question is open."""
        return self._answer is not None and not self._answer.done()

    def say(self, text: str, ink: Ink = Ink.DIM) -> None:
        """Show one line until the next one."""
        view = self.query_one("#message", LineView)
        view.show([line(Piece(" "), Piece(text, ink))])  # drawn as far as there is room, more in a wider window

    async def ask(self, question: str, value: str = "", *, draft: str = "", seen: int | None = None) -> str | None:
        """The person's answer, or None when they left with esc. The kept draft, or else `value`, is filled in.

        `draft` names it; without a name nothing is kept. `seen`: the newest event now on the screen.
        """
        self.cancel()
        kept = self._drafts.get(draft) if draft else None
        self._draft, self._first = draft, value
        self.seen = kept.seen if kept else seen
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._answer = answer
        field = self.query_one("#answer", Input)
        field.value = kept.texts.get("", value) if kept else value
        self._latest = field.value
        field.cursor_position = len(field.value)
        label = line(Piece(f" {question} ", Ink.ACCENT))
        view = self.query_one("#label", LineView)
        view.styles.width = width(label)
        view.show([label])
        self.add_class("asking")
        before = self.screen.focused
        self.screen.set_focus(field)
        try:
            given = await answer
            self._drafts.send(draft if given is not None else "")
            return given
        finally:
            self.remove_class("asking")
            if self.is_attached:  # not when the screen goes away under an open question
                self.screen.set_focus(before)

    def cancel(self) -> None:
        """Leave an open question; what was typed is kept for the next time it is asked."""
        if self._answer is not None and not self._answer.done():
            self._keep()
            self._answer.set_result(None)

    def on_input_changed(self, event: Input.Changed) -> None:
        """A first key starts the wait, later ones don't prolong it: nothing is older than it on the disk."""
        event.stop()
        self._latest = event.input.value  # not the event's: it may be about the question before
        if self.is_asking and self._draft and not self._due:
            self._due = True
            self.set_timer(KEPT_WITHIN, self._keep_typed)

    def _keep_typed(self) -> None:
        self._due = False
        if self.is_asking:
            self._keep()

    def _keep(self) -> None:
        """What is typed by now, unless it is nothing or what was there at first."""
        if not self._draft:
            return
        if self._latest.strip() and self._latest != self._first:
            self._drafts.keep(self._draft, {"": self._latest}, self.seen)
        else:
            self._drafts.drop(self._draft)

    def on_unmount(self) -> None:
        """The console ends under an open question."""
        if self.is_asking:
            self._keep()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The draft stays until the act is stored: see `Drafts.settle`."""
        event.stop()
        if self._answer is not None and not self._answer.done():
            self._latest = event.value
            self._keep()
            self._answer.set_result(event.value)
