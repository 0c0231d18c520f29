"""The cleaner: whatever comes in, nothing that acts on a terminal comes out."""

import json
import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.text import BLOCK_LIMIT, TITLE_LIMIT, clean, escaped, lines, person, visible

ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ud800-\udfff"
    "\u034f\u115f\u1160\u180b-\u180f\u3164\uffa0\ufe00-\ufe0d\U000e0000-\U000e0fff]"
)
PIECES = st.sampled_from(
    [
        "\x1b", "\x1b[", "\x1b]", "\x1b]52;c;", "\x1b[31m", "\x1bP", "\x9b", "\x9d", "\x07", "\x9c", "\x1b\\", "\\",
        "\r\n", "\n", "\t", "  ", "\x00", "\x7f", "\x85", "\u202e", "\u2066", "\u200b", "\u2028", "\ufeff", "\ud800",
        "\U000e0041", "\u0301", "\u200d", "\ufe0f", "\u1161",
        "\x1c", "\u00a0", "word", "é", "漢", "…", "␛", "[31m", "0", ";", "m",
    ]
)  # fmt: skip
WILD = st.one_of(
    st.lists(PIECES, max_size=40).map("".join),
    st.text(st.characters(), max_size=400),
    st.text(st.characters(max_codepoint=0x9F), max_size=400),
)


@given(WILD, st.integers(2, 500))
def test_clean_leaves_one_bounded_line_that_cannot_act(text: str, limit: int) -> None:
    shown = clean(text, limit)
    assert not ACTING.search(shown)
    assert len(shown) <= limit
    assert shown == shown.strip()
    assert all(unicodedata.category(character) not in ("Cc", "Cs") for character in shown)


@given(WILD, st.integers(2, 500))
def test_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    assert clean(clean(text, limit), limit) == clean(text, limit)
    assert lines(lines(text, limit), limit) == lines(text, limit)


@given(WILD, st.integers(2, 500))
def test_lines_keeps_line_breaks_and_nothing_else_that_acts(text: str, limit: int) -> None:
    shown = lines(text, limit)
    assert not ACTING.search(shown.replace("\n", ""))
    assert len(shown) <= limit


@given(st.text(st.characters(categories=("L", "N", "P", "S")), max_size=TITLE_LIMIT))
def test_plain_text_passes_as_it_is(text: str) -> None:
    assert clean(text) == text
    assert lines(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛red␛"),
        ("\x1b]0;owned\x07title", "␛title"),
        ("\x1b]52;c;aGk=\x1b\\copied", "␛copied"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "␛link␛"),
        ("\x9b31mred", "␛red"),
        ("cut off \x1b]0;never ends", "cut off ␛"),
        ("a\x1b", "a␛"),
        ("nul\x00 bell\x07 del\x7f", "nul␀ bell␇ del␡"),
        ("c1 \x84", "c1 ‹0084›"),
        ("gpj\u202eexe", "gpj‹202e›exe"),
        ("half \ud83d", "half ‹d83d›"),
        ("tag \U000e0041", "tag ‹e0041›"),
        ("  two\r\n lines\u2028three\t", "two lines three"),
        ("[/dev/sda1] [@click=app.quit]x[/]", "[/dev/sda1] [@click=app.quit]x[/]"),
        ("👩\u200d🔧", "👩\u200d🔧"),
        (None, "None"),
        (42, "42"),
    ],
)
def test_each_control_becomes_a_sign(text: object, shown: str) -> None:
    assert clean(text) == shown


def test_long_text_is_cut_with_a_mark() -> None:
    assert clean("x" * TITLE_LIMIT) == "x" * TITLE_LIMIT
    assert clean("x" * (TITLE_LIMIT + 1)) == "x" * (TITLE_LIMIT - 1) + "…"
    assert clean("start" + " " * 5_000 + "end") == "start…"
    assert lines("start" + "\n" * 20_000 + "end") == "start…"
    assert lines("y" * (BLOCK_LIMIT + 1)) == "y" * (BLOCK_LIMIT - 1) + "…"


def test_several_lines_keep_breaks_and_indentation() -> None:
    assert lines("\n\none\r\n  two\rthree\x0bfour\n\tfive  \n \n") == "one\n  two\nthree\nfour\n    five"
    assert lines("a\x1b]0;title\nb\x1b[2Jc") == "a␛\nb␛c"


@pytest.mark.parametrize("hostile", ["\x9d", "\x1b]", "\x1b[", "\x9b0", "\x1bP", " \n", "\x1b "])
def test_the_time_grows_no_faster_than_the_text(hostile: str) -> None:
    began = time.perf_counter()
    lines(hostile * 40_000 + "\x1bx", 40_000)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Z" + "\u0301" * 400 + "algo", "Z" + "\u0301" * 4 + "‹+396›algo"),
        ("x" + "\u200d" * 9, "x" + "\u200d" * 4 + "‹+5›"),
        ("\u1100" + "\u1161" * 7 + " end", "\u1100" + "\u1161" * 4 + "‹+3› end"),
        ("e\u0301le\u0300ve", "e\u0301le\u0300ve"),
        ("ท\u0e35\u0e48", "ท\u0e35\u0e48"),
        ("👩\u200d❤\ufe0f\u200d👩", "👩\u200d❤\ufe0f\u200d👩"),
        ("so\u00adft \u034f \u3164 \ufe01", "so‹00ad›ft ‹034f› ‹3164› ‹fe01›"),
    ],
)
def test_floods_of_marks_are_thinned_and_hidden_signs_are_shown(text: str, shown: str) -> None:
    assert clean(text) == shown
    assert lines(text) == shown
    assert clean(clean(text)) == shown


@given(WILD)
def test_visible_changes_controls_and_nothing_else(text: str) -> None:
    shown = visible(text)
    assert not ACTING.search(shown)
    assert visible(shown) == shown
    if not ACTING.search(text):
        assert shown == text


@given(st.dictionaries(st.text(), st.text(st.characters(exclude_categories=["Cs"]))))
def test_escaped_json_says_the_same_without_a_control(told: dict[str, str]) -> None:
    for written in (json.dumps(told, ensure_ascii=False), json.dumps(told, ensure_ascii=False, indent=1)):
        shown = escaped(written)
        assert json.loads(shown) == told
        assert not ACTING.search(shown.replace("\n", ""))


def test_a_person_always_has_a_name() -> None:
    assert person("li\x1b[31m\n") == "li␛"
    assert person(" \t") == "unknown"
    assert len(person("x" * 100)) == 40
