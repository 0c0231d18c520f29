"""Text from outside stays text, whatever is in it: checked with a Markdown reader, not with our own eyes."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tui.model.text import clean, lines
from tui.reports.markdown import block, bullets, cell, inline, quote, table


def reader() -> MarkdownIt:
    """GitHub's dialect: tables, strikethrough, links that are guessed from bare addresses, HTML let through."""
    found = MarkdownIt("gfm-like", {"html": True})
    assert found.linkify is not None
    found.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    return found


READER = reader()


class Page(HTMLParser):
    """The tags and the text of a rendered page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "br":
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        self.text += data


def page(markdown: str) -> Page:
    return Page(READER.render(markdown))


def flat(text: str) -> str:
    return " ".join(text.split())


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "https://evil.example/path?a=b&c=d",
    "www.evil.example",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "[a]: https://evil.example",
    "`rm -rf /`",
    "```\ncode",
    "~~~",
    "# heading",
    "#",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "12) item",
    "123456789. item",
    "> quote",
    "=====",
    "-----",
    "***",
    "___",
    "| a | b |",
    "a|b",
    "**bold** _em_ ~~gone~~",
    "snake_case_name __init__",
    "&lt;b&gt; &amp;",
    "\\* \\",
    "$x^2$",
    "<!-- comment",
    "- [x] task",
    "a\\",
    "text ending in ##",
    ": definition",
    "[^1]",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_line_stays_a_line(text: str) -> None:
    shown = page(f"{inline(text)}\n")
    assert shown.tags == ["p"]
    assert flat(shown.text) == flat(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_a_cell(text: str) -> None:
    shown = page(table(("a", "b"), [(cell(text), "end")]))
    assert [tag for tag in shown.tags if tag != "br"] == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert flat(shown.text) == f"a b {flat(text)} end"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_heading_stays_one(text: str) -> None:
    shown = page(f"## {inline(text)}")
    assert shown.tags == ["h2"]
    assert flat(shown.text) == flat(text)


def texts() -> st.SearchStrategy[str]:
    """Text as it is kept, with what Markdown reads as a sign far more often than chance has it."""
    signs = st.sampled_from([*"*_`~[]()<>!#|&\\$-+=.:/@ \n", "://", "www.", "http", "1.", "    ", "```", "---"])
    return st.lists(st.one_of(signs, st.text(max_size=3)), max_size=30).map("".join)


@given(texts())
def test_no_text_makes_a_tag_in_a_line(text: str) -> None:
    kept = clean(text)
    shown = page(f"before {inline(kept)}\n\nafter\n")
    assert shown.tags == ["p", "p"]
    assert flat(shown.text) == flat(f"before {kept} after")


@given(texts())
def test_no_text_makes_a_tag_at_the_start_of_a_line(text: str) -> None:
    kept = clean(text)
    shown = page(f"{inline(kept)}\n")
    assert shown.tags == (["p"] if kept else [])
    assert flat(shown.text) == flat(kept)


@given(texts())
def test_no_text_breaks_out_of_a_cell(text: str) -> None:
    kept = lines(text)
    shown = page(table(("a", "b"), [(cell(kept), "end")]))
    assert [tag for tag in shown.tags if tag != "br"] == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert flat(shown.text.replace("\xa0", " ")) == flat(f"a b {kept} end")


@given(texts())
def test_no_text_breaks_out_of_a_block(text: str) -> None:
    kept = lines(text)
    shown = page(f"{block(kept)}\n\nafter\n")
    assert set(shown.tags) <= {"p", "br"}
    assert flat(shown.text.replace("\xa0", " ")) == flat(f"{kept} after")


@given(texts())
def test_no_text_breaks_out_of_a_quotation(text: str) -> None:
    kept = lines(text)
    shown = page(f"{quote(kept)}\n\nafter\n")
    assert set(shown.tags) <= {"p", "br", "blockquote"}
    assert shown.tags.count("blockquote") == 1
    assert shown.tags[-1] == "p"
    assert flat(shown.text.replace("\xa0", " ")) == flat(f"{kept} after")


def test_a_block_keeps_its_lines_and_paragraphs() -> None:
    shown = page(block("one\n  two\n\nthree"))
    assert shown.tags == ["p", "br", "p"]
    assert re.sub(r"\s*\n\s*", "\n", shown.text.replace("\xa0", "_").strip()) == "one\n__two\nthree"


def test_readable_names_stay_readable() -> None:
    assert inline("daily_revenue_eu failed at 14:02 (exit 137)") == "daily_revenue_eu failed at 14:02 (exit 137)"


def test_bullets() -> None:
    assert page(bullets([inline("- a"), inline("b")])).tags == ["ul", "li", "li"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("www.evil.example", "www\\.evil.example"),
        ("HTTPS://evil.example", "HTTPS\\://evil.example"),
        ("mailto:a@b.example", "mailto\\:a@b.example"),
    ],
)
def test_what_only_some_readers_link_is_broken_too(text: str, shown: str) -> None:
    assert inline(text) == shown
