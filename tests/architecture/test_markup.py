"""No bare text goes into a widget: to Textual it is markup, which may crash, hide text, or hold live actions."""

import pytest

from tests.architecture.markup import bare_texts
from tests.architecture.test_source import FILES, name


def test_no_bare_text_goes_into_a_widget() -> None:
    looked_at = [file for file in FILES if "console" in file.parts]
    assert len(looked_at) > 30
    assert [f"{name(file)}:{found}" for file in looked_at for found in bare_texts(file.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "bad",
    [
        "Static('x')",
        "Static(title)",
        "Static(f'{alert.title}')",
        "Static(content=alert.title)",
        "Static(title, markup=False)",
        "Static('[b]' + title)",
        "Static(Text(title) if title else 'none')",
        "Static(Content.from_markup(title))",
        "Static(Content.from_markup(f'{title}'))",
        "Static(Content.from_text(title))",
        "Static(Text.from_markup(title))",
        "Static(Text.from_ansi(title))",
        "Static(escape(title))",
        "widgets.Label(title)",
        "Label(*titles)",
        "Label(**told)",
        "Button(title, id='x')",
        "Button(label=title)",
        "OptionList(*[one.title for one in alerts])",
        "OptionList(Option(title))",
        "Option(title)",
        "DataTable().add_row(title)",
        "tree.add_leaf(title)",
        "Collapsible(title=title)",
        "app.notify(title)",
        "self.app.notify(Text('x').plain, title=Text('y'))",
        "self.notify(Text('x'), title=alert.title)",
        "self.query_one(Static).update(title)",
        "view.border_title = title",
        "view.border_title: str = title",
        "view.border_subtitle = f'{n} wait'",
        "view.tooltip = 'what it does'",
        "Input(placeholder=title)",
        "Input(placeholder=f'{title}')",
        "view.placeholder = title",
        "from rich.markup import escape",
        "from textual.markup import escape as quoted",
        "Static(Text(title), markup=True)",
        "def f(title: str) -> None:\n    Static(title)",
        "def f(alert: Alert) -> None:\n    shown = Text(alert.title)\n    shown = alert.title\n    Static(shown)",
        "def f(shown: Text | str) -> None:\n    Static(shown)",
        "shown = Text('x')\ndef f(shown: str) -> None:\n    Static(shown)",
        "def f() -> None:\n    def g() -> None:\n        Static(title)",
        "class A:\n    def f(self) -> None:\n        Static(self.title)",
    ],
)
def test_it_catches(bad: str) -> None:
    assert bare_texts(bad) != []


@pytest.mark.parametrize(
    "good",
    [
        "Static(Text(title))",
        "Static(Content(title), id='x', classes=f'{kind}')",
        "Static()",
        "Static(Text(title) if title else None)",
        "Static(Content.assemble(title, (other, 'bold')))",
        "Static(Content.from_markup('[b]$x[/b]', x=title))",
        "Static(Content.from_text(title, markup=False))",
        "OptionList(Option(Text(title)), Option(Text(other)))",
        "app.notify(Text(title), title=Text('x'))",
        "view.border_title = Text(title)",
        "view.border_subtitle = None",
        "view.border_subtitle = Text(sums) if sums else None",
        "Input(value, placeholder='a name', id='x')",
        "def f(shown: Text) -> None:\n    Static(shown)",
        "def f(shown: Content | None) -> None:\n    Static(shown)",
        "def f(title: str) -> None:\n    shown = Text(title)\n    Static(shown)",
        "columns = 3\nview.refresh(columns)",
        "line(Piece(title))",
    ],
)
def test_it_lets_plain_text_pass(good: str) -> None:
    assert bare_texts(good) == []
