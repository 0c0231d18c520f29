"""What the environment says of the terminal, and sequences that no text can break out of."""

import base64
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.console.terminal import Colours, Terminal, this_terminal

UTF = {"LANG": "C.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({"TERM": "xterm-256color"}, Colours.MANY),
        ({"TERM": "tmux-256color"}, Colours.MANY),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, Colours.MANY),
        ({"TERM": "xterm"}, Colours.SIXTEEN),
        ({"TERM": "screen"}, Colours.SIXTEEN),
        ({"TERM": "linux"}, Colours.SIXTEEN),
        ({"TERM": "nobody-knows-this"}, Colours.SIXTEEN),
        ({"TERM": "vt100"}, Colours.NONE),
        ({"TERM": "xterm-mono"}, Colours.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, Colours.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Colours.MANY),
    ],
)
def test_colours(environ: dict[str, str], colours: Colours) -> None:
    assert this_terminal(environ).colours is colours


@pytest.mark.parametrize(
    ("environ", "within"),
    [
        ({"TERM": "screen-256color", "TMUX": "x,1,0"}, "tmux"),
        ({"TERM": "tmux-256color", "SSH_TTY": "/dev/pts/1"}, "tmux"),
        ({"TERM": "screen", "STY": "1.pts-0.host"}, "screen"),
        ({"TERM": "screen"}, "tmux"),
        ({"TERM": "xterm"}, ""),
    ],
)
def test_what_stands_between(environ: dict[str, str], within: str) -> None:
    assert this_terminal(environ).within == within


@pytest.mark.parametrize(("term", "draws"), [("dumb", False), ("", False), ("unknown", False), ("vt100", True)])
def test_what_can_be_drawn_on(term: str, draws: bool) -> None:
    assert this_terminal({"TERM": term}).draws is draws


def test_far_and_silent_and_without_signs() -> None:
    assert this_terminal({**UTF, "SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}).remote
    assert not this_terminal(UTF).remote
    old = this_terminal({"TERM": "linux", **UTF})
    assert (old.title("a"), old.notice("a"), old.clip("a")) == ("", "", "")
    assert this_terminal({"LANG": "C"}).needs_ascii
    assert not this_terminal(UTF).needs_ascii


def test_tmux_lets_pass_what_is_wrapped() -> None:
    inside = Terminal(within="tmux")
    assert inside.notice("a") == "\x1bPtmux;\x1b\x1b]9;a\x07\x1b\\"
    coded = base64.b64encode(b"a").decode()
    assert inside.clip("a") == f"\x1b]52;c;{coded}\x07\x1bPtmux;\x1b\x1b]52;c;{coded}\x07\x1b\\"
    assert Terminal(within="screen").notice("a") == "\x1bP\x1b]9;a\x07\x1b\\"
    assert Terminal().clip("a") == f"\x1b]52;c;{coded}\x07"


@given(text=st.text(max_size=400), within=st.sampled_from(["", "tmux", "screen"]))
@example(text="\x07\x1b]0;owned\x07", within="")
@example(text="\x9c\x9b31m\u202e\x1b\\", within="tmux")
@example(text="\ud800", within="")
def test_no_text_ends_the_sequence_it_stands_in(text: str, within: str) -> None:
    terminal = Terminal(within=within)
    title = re.fullmatch(r"\x1b\]2;(.*)\x07", terminal.title(text), re.DOTALL)
    notice = re.fullmatch(r"[^9]*9;(.*)\x07(?:\x1b\\)?", terminal.notice(text), re.DOTALL)
    clip = re.fullmatch(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", Terminal().clip(text))
    assert title is not None
    assert notice is not None
    assert clip is not None
    assert title[1].isprintable()
    assert notice[1].isprintable()
    assert len(title[1]) <= 60
    assert len(notice[1]) <= 120
