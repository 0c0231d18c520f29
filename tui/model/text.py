"""The one cleaner of untrusted text: nothing from outside reaches a screen or a report unless it passed here."""

import re
from typing import Final, NewType

Safe = NewType("Safe", str)
"""Text in which no character can act on a terminal. Only `clean` and `lines` make it."""

NOTHING: Final = Safe("")
"""No text: a reason that was not given, an answer not written yet."""

TITLE_LIMIT: Final = 300
"""Characters of a title or label value; longer text is cut with an ellipsis (the raw payload keeps it all)."""

BLOCK_LIMIT: Final = 4_000
"""Characters of a text of several lines: a note, a description."""

_ESCAPE = re.compile(
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC; linear
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[ -/]*[0-~]"  # two-character escapes
)
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[ \t\r\n\v\f\x85\u2028\u2029]+")
_NEWLINES = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"‹{code:04x}›"


def clean(text: object, limit: int = TITLE_LIMIT) -> Safe:
    """One line of `text`, at most `limit` characters, every control made visible.

    A whole escape sequence becomes one `␛`; C0 and C1 controls, bidirectional and
    zero-width controls, tags and lone surrogates become a sign or their code.
    Cutting comes first: measuring a megabyte costs the screen its frame.
    """
    raw = text if isinstance(text, str) else str(text)
    if len(raw) <= limit and raw.isprintable() and "  " not in raw and raw == raw.strip():
        return Safe(raw)
    cut = raw[: limit * 4]
    cut = _SPACES.sub(" ", _ESCAPE.sub("␛", cut)).strip()
    cut = _HOSTILE.sub(_visible, cut)
    if len(cut) > limit or len(raw) > limit * 4:
        cut = cut[: limit - 1].rstrip() + "…"
    return Safe(cut)


def lines(text: str, limit: int = BLOCK_LIMIT) -> Safe:
    """Several lines of `text`, line breaks kept, everything else as `clean` does."""
    cut = _NEWLINES.sub("\n", text[: limit * 2]).expandtabs(4)
    shown = "\n".join(clean_line(line) for line in cut.split("\n")).strip("\n")
    if len(shown) > limit or len(text) > limit * 2:
        shown = shown[: limit - 1].rstrip() + "…"
    return Safe(shown)


def clean_line(line: str) -> str:
    """`line` with its indentation kept and every control made visible."""
    return _HOSTILE.sub(_visible, _ESCAPE.sub("␛", line)).rstrip()


def person(name: str) -> Safe:
    """A login or display name: one line, at most 40 characters, never empty."""
    return clean(name, 40) or Safe("unknown")
