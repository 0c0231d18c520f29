"""What kind of terminal this is, by its environment, and how to speak to it past the screen's picture. No I/O."""

import base64
import os
from collections.abc import Mapping
from enum import Enum
from typing import Final

import msgspec

from tui.encoding import carries_signs, terminal_encoding

_NO_COLOUR: Final = ("vt1", "vt2", "vt3", "vt4", "vt5")
"""What the names of terminals without colour begin with."""

_SILENT: Final = ("linux", "vt", "cons25", "ansi", "sun")
"""Terminals without titles and notices; the older ones print what they don't know."""

_MANY: Final = ("256color", "direct", "truecolor", "kitty", "ghostty", "alacritty", "foot", "wezterm")
_TITLE_LIMIT: Final = 60
_NOTICE_LIMIT: Final = 120
_CLIP_LIMIT: Final = 50_000

SAVE_TITLE: Final = "\x1b[22;0t"
GIVE_TITLE_BACK: Final = "\x1b]2;\x07\x1b[23;0t"
"""Empty it, for terminals that keep no earlier titles; then the earlier one."""


class Colours(Enum):
    """How many colours a terminal has of its own."""

    NONE = 0
    SIXTEEN = 16
    MANY = 256


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """One terminal. `encoding` is the codec of what is written to it.

    `within`: `tmux` or `screen` where one of them stands between; `remote`: over SSH;
    `silent`: it knows no titles, notices or clipboard.
    """

    term: str = ""
    encoding: str = "utf-8"
    colours: Colours = Colours.MANY
    within: str = ""
    remote: bool = False
    silent: bool = False

    @property
    def needs_ascii(self) -> bool:
        """Whether it can't show the product's signs."""
        return not carries_signs(self.encoding)

    @property
    def draws(self) -> bool:
        """Whether a full screen can be drawn on it."""
        return self.term not in ("", "dumb", "unknown")

    def title(self, text: str) -> str:
        """The sequence that names the window."""
        return "" if self.silent else f"\x1b]2;{_tame(text, _TITLE_LIMIT)}\x07"

    def notice(self, text: str) -> str:
        """The sequence that makes the terminal tell its desktop (OSC 9). tmux swallows it unless it is wrapped."""
        return "" if self.silent else self._past(f"\x1b]9;{_tame(text, _NOTICE_LIMIT)}\x07")

    def clip(self, text: str) -> str:
        """The sequence that puts `text` into the clipboard (OSC 52); empty where there is none.

        tmux takes the bare one with `set-clipboard on` and lets the wrapped one through with
        `allow-passthrough on`: it gets both.
        """
        if self.silent:
            return ""
        coded = base64.b64encode(text.encode("utf-8", "replace")[:_CLIP_LIMIT]).decode()
        bare = f"\x1b]52;c;{coded}\x07"
        wrapped = self._past(bare)
        return bare if wrapped == bare else bare + wrapped

    def _past(self, sequence: str) -> str:
        """The sequence for the terminal that is outside tmux or screen."""
        if self.within == "tmux":
            return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        return f"\x1bP{sequence}\x1b\\" if self.within == "screen" else sequence


def this_terminal(environ: Mapping[str, str] = os.environ) -> Terminal:
    """The terminal that the environment describes."""
    term = environ.get("TERM", "")
    return Terminal(
        term=term,
        encoding=terminal_encoding(environ),
        colours=_colours(term, environ),
        within=_within(term, environ),
        remote=bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")),
        silent=term.startswith(_SILENT),
    )


def _colours(term: str, environ: Mapping[str, str]) -> Colours:
    if environ.get("NO_COLOR") or term.startswith(_NO_COLOUR) or term.endswith(("-m", "-mono")):
        return Colours.NONE
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return Colours.MANY
    return Colours.MANY if any(word in term for word in _MANY) else Colours.SIXTEEN


def _within(term: str, environ: Mapping[str, str]) -> str:
    """Over SSH only the name of the terminal tells; tmux uses that of screen, too, and is the likelier of the two."""
    if environ.get("TMUX") or term.startswith("tmux"):
        return "tmux"
    if environ.get("STY"):
        return "screen"
    return "tmux" if term.startswith("screen") else ""


def _tame(text: str, limit: int) -> str:
    """`text` without a character that could end or change the sequence it stands in, whatever came through before."""
    return "".join(sign for sign in text[: limit * 2] if sign.isprintable())[:limit]


PLAIN: Final = Terminal()
"""One that can do everything."""
