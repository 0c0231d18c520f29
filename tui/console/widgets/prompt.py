"""The one line at the bottom: what was done last, or a question with room for an answer."""

import asyncio
from typing import Protocol, runtime_checkable

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from tui.console.ink import Ink, Piece, fit, line, width
from tui.console.widgets.lines import LineView


@runtime_checkable
class Says(Protocol):
    """A screen with a place for remarks."""

    def say(self, text: str, ink: Ink = Ink.DIM) -> None:
        """Show one line."""


class Bottom(Horizontal):
    """Shows messages; `ask` puts an input there until enter or esc. A text left with esc is kept as a draft."""

    DEFAULT_CSS = """
    Bottom { height: 1; }
    Bottom > #label { width: auto; height: 1; }
    Bottom > Input { height: 1; border: none; padding: 0; background: $surface; display: none; }
    Bottom.asking > Input { display: block; }
    Bottom.asking > #message { display: none; }
    Bottom > #label { display: none; }
    Bottom.asking > #label { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(id="bottom")
        self._answer: asyncio.Future[str | None] | None = None
        self._drafts: dict[str, str] = {}
        self._question = ""

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
        view.show([fit(line(Piece(" "), Piece(text, ink)), max(20, self.size.width - 1))])

    async def ask(self, question: str, value: str = "", *, live: bool = False) -> str | None:
        """The person's answer, or None when they left with esc. `value` or else the kept draft is filled in."""
        self.cancel()
        self._question = question
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._answer = answer
        field = self.query_one("#answer", Input)
        field.value = value or self._drafts.pop(question, "")
        field.cursor_position = len(field.value)
        label = line(Piece(f" {question} ", Ink.ACCENT))
        view = self.query_one("#label", LineView)
        view.styles.width = width(label)
        view.show([label])
        self.add_class("asking")
        before = self.screen.focused
        self.screen.set_focus(field)
        try:
            return await answer
        finally:
            self.remove_class("asking")
            if self.is_attached:  # not when the screen goes away under an open question
                self.screen.set_focus(before)

    def cancel(self) -> None:
        """Leave an open question; what was typed is kept for the next time it is asked."""
        if self._answer is not None and not self._answer.done():
            field = self.query_one("#answer", Input)
            if field.value.strip():
                self._drafts[self._question] = field.value
            self._answer.set_result(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(event.value)
