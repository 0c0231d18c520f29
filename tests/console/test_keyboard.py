"""What a bad link does to keys: sequences that are cut, late or unknown, and keys that come together."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.console.keyboard import (
    LATE_PATIENCE,
    PASTE_LIMIT,
    PASTE_PATIENCE,
    RUSH,
    Keyboard,
    RushedKey,
)

WAIT = 0.1
MOTION = st.sampled_from(list("hjklgG"))
SEQUENCES = [
    "\x1b[A", "\x1b[1;5C", "\x1bOP", "\x1bOy", "\x1bOM", "\x1b[3~", "\x1b[24;2~", "\x1b[2$", "\x1b[7^", "\x1b[8@",
    "\x1b[a", "\x1bOa", "\x1b[[A", "\x1b[Z", "\x1b[I", "\x1b[O", "\x1b[M yy", "\x1b[<0;12;5M", "\x1b[<35;121;121m",
    "\x1b[32;12;5M", "\x1b[?2026;2$y", "\x1b[?2048;0$y", "\x1b[?62;22c", "\x1b[121;1:1u", "\x1b[27u", "\x1b[12;40R",
    "\x1b[1114112;;1114112u",
]  # fmt: skip
IN_WORDS = ["\x1b]11;rgb:1010/1010/1010\x1b\\", "\x1bP>|test\x1b\\", "\x1b]52;c;eQ==\x07"]


def names(messages: list[Message]) -> list[str]:
    """Keys by name, pastes by their text, everything else by its class."""
    return [
        message.key
        if isinstance(message, events.Key)
        else repr(message.text)
        if isinstance(message, events.Paste)
        else type(message).__name__
        for message in messages
    ]


def arriving(*pieces: str | bytes, gap: float, wait: float = WAIT) -> list[Message]:
    """What pieces mean that come `gap` seconds apart; time passes in steps of 20 ms, at the end until all is over."""
    keyboard, now, found = Keyboard(wait), 0.0, list[Message]()
    for piece in pieces:
        found += keyboard.feed(piece if isinstance(piece, bytes) else piece.encode("latin-1"), now)
        until = now + gap
        while now + 0.02 < until:
            now += 0.02
            found += keyboard.tick(now)
        now = until
    for _ in range(5):
        now += PASTE_PATIENCE
        found += keyboard.tick(now)
    assert not keyboard.waits
    return found


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("\x1b[A", ["up"]),
        ("\x1b[H", ["home"]),
        ("\x1bOP", ["f1"]),
        ("\x1bOM", ["enter"]),
        ("\x1b[121;;121u", ["y"]),
        ("\x1b[<0;12;5M", ["MouseDown"]),
        ("\x1b[?2026;2$y", ["TerminalSupportsSynchronizedOutput"]),
        ("\x1b[I", ["AppFocus"]),
        ("\x1b", ["escape"]),
        ("\x1b\x1b[A", ["escape", "up"]),
        ("a", ["a"]),
        ("é".encode().decode("latin-1"), ["é"]),
        ("\r", ["enter"]),
        ("\x1b[200~two\ny\x1b[201~", ["'two\\ny'"]),
        ("\x1b[A\x1b[B", ["up", "down"]),
    ],
)
def test_what_comes_whole_means_what_it_says(sent: str, meant: list[str]) -> None:
    assert names(arriving(sent, gap=0)) == meant


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("gap", [0.05, 0.15, 0.4, 2.0])
def test_a_sequence_cut_anywhere_types_nothing(sequence: str, gap: float) -> None:
    for cut in range(1, len(sequence)):
        found = names(arriving(sequence[:cut], sequence[cut:], gap=gap))
        late = gap > WAIT
        assert set(found) <= ({"escape"} if late else set(names(arriving(sequence, gap=0)))), (cut, found)
    found = names(arriving(*sequence, gap=gap))
    assert set(found) <= {"escape", *(names(arriving(sequence, gap=0)) if gap < WAIT else ())}


@pytest.mark.parametrize("answer", IN_WORDS)
def test_an_answer_in_words_types_nothing_unless_cut_right_behind_its_beginning(answer: str) -> None:
    assert names(arriving(answer, "x", gap=0)) == ["x"]
    for cut in range(3, len(answer)):
        assert names(arriving(answer[:cut], answer[cut:], "x", gap=2.0)) == ["x"]


@given(st.sampled_from(SEQUENCES), st.data())
def test_behind_a_sequence_however_cut_keys_are_keys_again(sequence: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(sequence)))
    gap = data.draw(st.sampled_from([0.0, 0.05, 0.3, 1.0, 2.0]))
    found = names(arriving(sequence[:cut], sequence[cut:], "x", gap=gap))
    assert found[-1] == "x"
    assert "x" not in found[:-1]


def test_escape_and_then_another_key_are_two_keys() -> None:
    assert names(arriving("\x1b", "n", gap=0.2)) == ["escape", "n"]
    assert names(arriving("\x1b", "\x1b", gap=0.2)) == ["escape", "escape"]


def test_a_sequence_that_never_ends_is_given_up() -> None:
    keyboard = Keyboard(WAIT)
    assert keyboard.feed(b"\x1b[1;", 0) == []
    assert keyboard.tick(1) == []
    assert keyboard.tick(1 + LATE_PATIENCE) == []
    assert names(keyboard.feed(b"5", 2 + LATE_PATIENCE)) == ["5"]


def test_a_paste_is_one_event_however_it_is_cut_and_even_when_its_beginning_came_late() -> None:
    sent = "\x1b[200~ack y\r\x1b[Ay\x1b[201~"
    for cut in range(1, len(sent)):
        assert [name for name in names(arriving(sent[:cut], sent[cut:], gap=2.0)) if name != "escape"] == [
            "'ack y\\r\\x1b[Ay'"
        ]
    assert [name for name in names(arriving(*sent, gap=0.3)) if name != "escape"] == ["'ack y\\r\\x1b[Ay'"]


def test_a_paste_without_an_end_ends_by_itself_and_a_huge_one_is_cut() -> None:
    assert names(arriving("\x1b[200~abc", gap=0)) == ["'abc'"]
    found = arriving("\x1b[200~", *["x" * 4096] * 300, "\x1b[201~", "a", gap=0.001)
    assert isinstance(found[0], events.Paste)
    assert found[0].text == "x" * PASTE_LIMIT
    assert names(found[1:]) == ["a"]


def test_a_long_answer_in_words_is_swallowed_in_no_time() -> None:
    found = arriving("\x1b]52;c;", *["QUJD" * 1000] * 50, "\x07", "a", gap=0.001)
    assert names(found) == ["a"]


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=2, max_size=20))
def test_keys_that_come_together_are_marked_unless_they_only_move(typed: str) -> None:
    found = arriving(typed, gap=0)
    moves = set(typed) <= set("hjklgG")
    assert [isinstance(message, RushedKey) for message in found] == [not moves] * len(typed)
    assert [message.key for message in found if isinstance(message, RushedKey) and message.together] == (
        [] if moves else [names(found)[0]]
    )


def test_enter_among_them_is_marked_too_and_so_is_what_follows_on_their_heels() -> None:
    found = arriving("ab\r", gap=0)
    assert all(isinstance(message, RushedKey) for message in found)
    keyboard = Keyboard(WAIT)
    keyboard.feed(b"ack al", 0)
    assert all(isinstance(message, RushedKey) for message in keyboard.feed(b"l", RUSH / 2))
    assert names(keyboard.feed(b"d", RUSH * 3)) == ["d"]
    assert not any(isinstance(message, RushedKey) for message in arriving("a", "b", gap=0.001))


def test_keys_of_the_kitty_protocol_count_as_keys() -> None:
    found = arriving("\x1b[97;;97u\x1b[121;;121u", gap=0)
    assert [isinstance(message, RushedKey) for message in found] == [True, True]


@given(st.lists(st.binary(max_size=12), max_size=12))
def test_no_bytes_break_it(pieces: list[bytes]) -> None:
    arriving(*pieces, gap=0.05)


def test_textual_still_has_what_is_used_of_it() -> None:
    """Fails when a release of Textual moves the inner parts that the console's keyboard and driver stand on."""
    source = inspect.getsource(LinuxDriver)
    assert "self.run_input_thread()" in source
    for used in ("self.fileno =", "self.exit_event =", "self._key_thread.join()"):
        assert used in source
    assert list(inspect.signature(LinuxDriver.run_input_thread).parameters) == ["self"]
    parser = XTermParser()
    assert {"last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size"} <= vars(parser).keys()
    assert [type(message).__name__ for message in parser.feed("a\x1b[A\x1b[<0;1;1M")] == ["Key", "Key", "MouseDown"]
    assert constants.ESCAPE_DELAY > 0
    for method in (App.get_line_filters, App.on_event):
        assert callable(method)
