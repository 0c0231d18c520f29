"""The second layer: a control character that a widget draws reaches no terminal, whatever the widget."""

import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tests.support.terminal import Terminal
from tests.support.written import stray
from tui.console.visible import ControlsVisible

GROUND = Color.parse("black")

GALLERY = """
from rich.segment import Segment
from rich.text import Text
from textual import widgets
from textual.app import App
from textual.content import Content
from textual.strip import Strip
from textual.widgets.option_list import Option
from tui.console.visible import ControlsVisible

HOSTILE = "A\\x1b]0;owned\\x07B\\x1b[5;53mC\\x9b31mD\\x1bP1$r0m\\x1b\\\\E\\x00\\x7f\\u202eF\\tG"

class Raw(widgets.Static):
    def render_line(self, y):
        return Strip([Segment(HOSTILE + "\\r\\n\\x08raw line")])

class Gallery(App):
    ENABLE_COMMAND_PALETTE = False
    CSS = "* { height: auto; max-height: 4; border: none; } Screen { height: 100%; max-height: 100%; }"

    def get_line_filters(self):
        return (*super().get_line_filters(), ControlsVisible())

    def compose(self):
        text = Content(HOSTILE)
        yield widgets.Static(text)
        yield widgets.Label(text)
        yield widgets.Button(text)
        yield widgets.Checkbox(text)
        yield widgets.OptionList(Option(text))
        yield widgets.SelectionList((text, 1))
        yield widgets.Input(HOSTILE)
        yield widgets.Input(placeholder=HOSTILE)
        yield widgets.TextArea(HOSTILE)
        table = widgets.DataTable()
        table.add_column(Text(HOSTILE))
        table.add_row(Text(HOSTILE))
        yield table
        yield widgets.Tree(Text(HOSTILE))
        yield widgets.Collapsible(title=HOSTILE.replace("[", "("))
        yield widgets.Rule()
        log = widgets.RichLog()
        yield log
        yield Raw()

    def on_mount(self):
        self.screen.border_title = Text(HOSTILE)
        self.screen.styles.border = ("round", "white")
        self.screen.border_subtitle = Text(HOSTILE)
        self.query_one(widgets.RichLog).write(Text(HOSTILE))
        self.query_one(widgets.Label).tooltip = Content(HOSTILE)
        self.notify(HOSTILE, title=HOSTILE, markup=False, timeout=60)
        self.set_timer(1.0, lambda: self.query_one(widgets.Label).update(Content("all is drawn")))

    def on_key(self, event):
        self.exit()

Gallery().run()
"""
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e]")


def test_a_line_with_controls_shows_them_and_keeps_its_width() -> None:
    style = Style(color="red")
    line = [Segment("ok ", style), Segment("\x1b[2Jgone\x07\u202e", style), Segment("  |")]
    shown = ControlsVisible().apply(line, GROUND)
    text = "".join(segment.text for segment in shown)
    assert text == "ok ␛gone␇‹  |"
    assert not CONTROL.search(text)
    assert [cell_len(segment.text) for segment in shown] == [cell_len(segment.text) for segment in line]
    assert shown[0].style == style


@pytest.mark.parametrize("text", ["", "plain", "漢字 é", "a\u00a0b"])
def test_what_is_well_stays_as_it_is(text: str) -> None:
    line = [Segment(text), Segment("x", Style(bold=True))]
    assert list(ControlsVisible().apply(line, GROUND)) == line


@pytest.mark.real
def test_no_widget_of_textual_gets_a_control_past_it(tmp_path: Path) -> None:
    script = tmp_path / "gallery.py"
    script.write_text(GALLERY, "utf-8")
    with Terminal([sys.executable, str(script)], cols=100, rows=60) as gallery:
        gallery.wait_for("all is drawn")
        gallery.wait_for("A␛B␛C␛D␛E␀␡‹202e›F")
        gallery.press("x")
        assert gallery.wait_exit() == 0, gallery.text()
        assert stray(bytes(gallery.raw)) == ""
    assert "owned" not in "".join(gallery.commands)
