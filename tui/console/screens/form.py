"""A few fields over the bottom of the screen: enter takes them all as they stand, tab goes to the next."""

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeAlias

import msgspec
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.console.drafts import KEPT_WITHIN, Drafts
from tui.console.ink import Ink, Line, Piece, line
from tui.console.widgets.lines import LineView

Answers: TypeAlias = dict[str, str]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field: its name in the answers, its label, what it is filled with, and what it expects."""

    name: str
    label: str
    value: str = ""
    hint: str = ""


class FormScreen(ModalScreen[Answers | None]):
    """Labelled inputs. `check` says what is wrong with the answers, or None when they are good.

    `notes` are what one should know when answering, above the fields. What is typed is kept in `drafts` under
    the name `draft` until the act that the answers go into is stored, or the form is left.
    """

    # Handled on arrival: what was typed ahead of a slow link must land in the next field.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down", "app.focus_next", priority=True, show=False),
        Binding("shift+tab,up", "app.focus_previous", priority=True, show=False),
    ]
    DEFAULT_CSS = """
    FormScreen { align: center bottom; background: transparent; }
    FormScreen > #form { height: auto; background: $panel; border-top: heavy $primary; padding: 0 1; }
    FormScreen Horizontal { height: 1; }
    FormScreen .label { width: 12; height: 1; }
    FormScreen .hint { width: 34; height: 1; }
    FormScreen.narrow .hint { display: none; }
    FormScreen Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
    FormScreen .whole { height: 1; }
    """

    def __init__(
        self,
        title: Line,
        fields: Sequence[Field],
        action: str,
        check: Callable[[Answers], str | None],
        *,
        notes: Sequence[Line] = (),
        drafts: Drafts,
        draft: str,
        seen: int | None = None,
    ) -> None:
        super().__init__()
        self._drafts, self._draft = drafts, draft
        self._kept = drafts.get(draft)
        self._due = False
        self._latest: Answers = {field.name: self._kept_of(field) for field in fields}
        self._over = False
        self.seen = self._kept.seen if self._kept else seen
        """The newest event that the person had seen when they began to fill it in."""
        self._notes = tuple(notes)
        self._title, self._fields, self._action, self._check = title, tuple(fields), action, check

    def compose(self) -> ComposeResult:
        with Vertical(id="form"):
            yield _whole("form-title")
            for place in range(len(self._notes)):
                yield _whole(f"note-{place}")
            for field in self._fields:
                with Horizontal():
                    yield _part(f"label-{field.name}", "label")
                    yield Input(self._kept_of(field), id=f"field-{field.name}", compact=True)
                    yield _part(f"hint-{field.name}", "hint")
            yield _whole("form-keys")

    def on_mount(self) -> None:
        self.set_class(self.size.width < 100, "narrow")
        self.query_one("#form-title", LineView).show([self._title])
        for place, told in enumerate(self._notes):
            self.query_one(f"#note-{place}", LineView).show([told])
        for field in self._fields:
            self.query_one(f"#label-{field.name}", LineView).show([line(Piece(field.label, Ink.DIM))])
            self.query_one(f"#hint-{field.name}", LineView).show([line(Piece(f" {field.hint}", Ink.DIM))])
        self._say("your draft is back; esc discards it" if self._kept else "", Ink.DUE)
        self.query_one(Input).focus()

    def _kept_of(self, field: Field) -> str:
        return self._kept.texts.get(field.name, field.value) if self._kept else field.value

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._latest[str(event.input.id).removeprefix("field-")] = event.value
        if not self._due:
            self._due = True
            self.set_timer(KEPT_WITHIN, self._keep)

    def sent(self, answered: bool) -> None:
        """The answers go into an act now."""
        self._drafts.send(self._draft if answered else "")

    def _keep(self) -> None:
        self._due = False
        if self._over:
            return
        if self._latest != {field.name: field.value for field in self._fields}:
            self._drafts.keep(self._draft, dict(self._latest), self.seen)
        else:
            self._drafts.drop(self._draft)

    def _say(self, remark: str, ink: Ink = Ink.LATE) -> None:
        keys = line(
            Piece("enter ", Ink.ACCENT), Piece(f"{self._action}   "), Piece("tab ", Ink.ACCENT), Piece("next field   "),
            Piece("esc ", Ink.ACCENT), Piece("leave it   "), Piece(remark, ink),
        )  # fmt: skip
        self.query_one("#form-keys", LineView).show([keys])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        answers = {name: typed.strip() for name, typed in self._latest.items()}
        wrong = self._check(answers)
        if wrong is None:
            self._keep()
            self._over = True
            self.dismiss(answers)
        else:
            self._say(wrong)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            self._over = True
            self._drafts.drop(self._draft)
            self.dismiss(None)

    def on_unmount(self) -> None:
        """The console ends under an open form."""
        self._keep()


async def fill_in(form: FormScreen, app: App[int]) -> Answers | None:
    """Show a form; its answers, None where it was left. The task's next act uses up its draft."""
    answers = await app.push_screen_wait(form)
    form.sent(answers is not None)
    return answers


def _whole(name: str) -> LineView:
    view = LineView(name)
    view.add_class("whole")
    return view


def _part(name: str, kind: str) -> LineView:
    view = LineView(name)
    view.add_class(kind)
    return view
