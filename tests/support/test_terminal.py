"""The terminal that other tests trust: it shows what a real one would, answers, and lets nothing survive."""

import sys

import pytest

from tests.support.screen import Screen
from tests.support.terminal import Terminal

pytestmark = pytest.mark.real

ECHO = """
import sys, termios, tty
tty.setraw(0)
print("ready", end="", flush=True)
while (key := sys.stdin.buffer.raw.read(64)) != b"q":
    print("\\x1b[2J\\x1b[H" + repr(key), end="", flush=True)
"""
ASK = """
import sys, termios, tty
tty.setraw(0)
sys.stdout.write("\\x1b[3;5H\\x1b[6n")
sys.stdout.flush()
got = b""
while not got.endswith(b"R"):
    got += sys.stdin.buffer.raw.read(1)
sys.stdout.write("\\x1b[H" + repr(got))
sys.stdout.flush()
sys.stdin.buffer.raw.read(1)
"""
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"


def python(code: str, cols: int = 80, rows: int = 24) -> Terminal:
    return Terminal([sys.executable, "-c", code], cols=cols, rows=rows)


def test_keys_arrive_as_a_terminal_sends_them() -> None:
    with python(ECHO) as terminal:
        terminal.wait_for("ready")
        for key, shown in (("enter", r"b'\r'"), ("up", r"b'\x1b[A'"), ("ctrl+p", r"b'\x10'"), ("a", "b'a'")):
            terminal.press(key)
            terminal.wait_for(shown)
        terminal.type("é!")
        assert "xa9!" in terminal.wait_for("xc3")
        terminal.press("q")
        assert terminal.wait_exit() == 0


def test_a_question_is_answered_with_the_place_of_the_cursor() -> None:
    with python(ASK) as terminal:
        terminal.wait_for(r"b'\x1b[3;5R'")


def test_the_program_has_a_controlling_terminal_of_the_given_size_and_hears_of_another() -> None:
    code = (
        "import os, signal, sys\n"
        "def tell(*_):\n    print(os.get_terminal_size(os.open('/dev/tty', os.O_RDWR)), flush=True)\n"
        "signal.signal(signal.SIGWINCH, tell); tell()\nwhile True: signal.pause()"
    )
    with python(code, cols=90, rows=20) as terminal:
        terminal.wait_for("columns=90, lines=20")
        terminal.resize(70, 10)
        terminal.wait_for("columns=70, lines=10")


def test_waiting_for_what_does_not_come_shows_the_screen() -> None:
    with python("print('this is here', flush=True); input()") as terminal:
        terminal.wait_for("this is here")
        with pytest.raises(AssertionError, match=r"not within 0\.05 s\nthis is here"):
            terminal.wait_for("something else", 0.05)
        with pytest.raises(AssertionError, match="no row has 'something'"):
            terminal.row_with("something")
        assert terminal.row_with("is") == "this is here"


def test_waiting_ends_at_once_when_the_program_ended() -> None:
    with python("print('last words'); raise SystemExit(3)") as terminal:
        assert terminal.wait_exit() == 3
        with pytest.raises(AssertionError, match=r"the program ended \(3\)\nlast words"):
            terminal.wait_for("more", 600)


def test_closing_ends_even_a_program_that_will_not() -> None:
    terminal = python(STUBBORN)
    terminal.wait_for("here")
    terminal.close()
    assert terminal.wait_exit(0) == -9


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("ab\x1b[3b.", "abbbb."),
        ("one\r\ntwo\x1b[S", "two"),
        ("one\x1b[T", "\none"),
        ("a\x1b[?2026hb\x1b[>1uc\x1b[<ud\x1b[=1;1ue", "abcde"),
        ("a\x1bP+q544e\x1b\\b\x1b_app\x1b\\c", "abc"),
        ("a\x1b[38:2::255:0:0mb\x1b[58:5:1mc\x1b[0m", "abc"),
        ("a\x1b]8;;http://x\x1b\\b\x1b]8;;\x07c", "abc"),
        ("a\x1b]0;title\x1b[1mb", "ab"),
        ("a\x1b\x1b[1mb\x1b[12\nc", "ab\n  c"),
        ("\x1b[31m\x1b[2;3HX", "\n  X"),
        ("a\x1b[1 qb\x1b[22;0tc\x1b=\x1b>", "abc"),
    ],
)
def test_sequences_of_today_leave_no_litter(written: str, shown: str) -> None:
    whole, parts = Screen(20, 4), Screen(20, 4)
    whole.feed(written)
    for character in written:
        parts.feed(character)
    assert whole.text().rstrip() == shown
    assert parts.text() == whole.text()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("\x1b[c", "\x1b[?62;22c"),
        ("\x1b[?2026$p", "\x1b[?2026;2$y"),
        ("\x1b[?2048$p", "\x1b[?2048;0$y"),
        ("\x1b]11;?\x1b\\", "\x1b]11;rgb:1010/1010/1010\x1b\\"),
        ("\x1b[?u", "\x1b[?0u"),
        ("ab\x1b[6n", "\x1b[1;3R"),
    ],
)
def test_questions_are_answered(question: str, answer: str) -> None:
    assert Screen(20, 4).feed(question) == answer


def test_modes_and_commands_are_kept() -> None:
    screen = Screen(20, 4)
    screen.feed("\x1b[?1049;1000h\x1b[?25l\x1b]52;c;aGk=\x07\x1b]0;a\\b\x1b\\")
    assert screen.modes == {1049, 1000}
    assert screen.commands == ["52;c;aGk=", "0;a\\b"]
