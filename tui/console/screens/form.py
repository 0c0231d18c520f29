"""A few fields over the bottom of the screen: enter takes them all as they stand, tab goes to the next."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, TypeAlias

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

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

    `notes` are what one should know when answering, above the fields.
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
    ) -> None:
        super().__init__()
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
                    yield Input(field.value, id=f"field-{field.name}", compact=True)
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
        self._say("")
        self.query_one(Input).focus()

    def _say(self, remark: str) -> None:
        keys = line(
            Piece("enter ", Ink.ACCENT), Piece(f"{self._action}   "), Piece("tab ", Ink.ACCENT), Piece("next field   "),
            Piece("esc ", Ink.ACCENT), Piece("leave it   "), Piece(remark, Ink.LATE),
        )  # fmt: skip
        self.query_one("#form-keys", LineView).show([keys])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        answers: Mapping[str, str] = {
            field.name: self.query_one(f"#field-{field.name}", Input).value.strip() for field in self._fields
        }
        wrong = self._check(dict(answers))
        if wrong is None:
            self.dismiss(dict(answers))
        else:
            self._say(wrong)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            self.dismiss(None)


def _whole(name: str) -> LineView:
    view = LineView(name)
    view.add_class("whole")
    return view


def _part(name: str, kind: str) -> LineView:
    view = LineView(name)
    view.add_class(kind)
    return view
