"""The one cleaner of untrusted text: nothing from outside reaches a screen or a report unless it passed here."""

import re
from typing import Final, NewType
from unicodedata import category

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
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ud800-\udfff"
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0d\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_SPACES = re.compile(r"[ \t\r\n\v\f\x85\u2028\u2029]+")
_NEWLINES = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")


_MOST_MARKS: Final = 4
"""Marks that may stand on one character: no script needs more, a flood of them paints over the lines around it."""

_DENSE = re.compile(f"[\u0300-\U0010ffff]{{{_MOST_MARKS + 1}}}")
_JOINERS: Final = "\u200c\u200d"


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"‹{code:04x}›"


def _has_no_width(sign: str) -> bool:
    return (
        category(sign) in ("Mn", "Me")
        or sign in _JOINERS
        or "\u1160" <= sign <= "\u11ff"
        or "\ud7b0" <= sign <= "\ud7ff"
    )


def _thinned(text: str) -> str:
    """`text` with at most a few marks on each character; how many more there were is told in their place."""
    if not _DENSE.search(text):
        return text
    kept: list[str] = []
    marks = 0
    for sign in f"{text} ":
        if _has_no_width(sign):
            marks += 1
            if marks > _MOST_MARKS:
                continue
        else:
            if marks > _MOST_MARKS:
                kept.append(f"‹+{marks - _MOST_MARKS}›")
            marks = 0
        kept.append(sign)
    return "".join(kept[:-1])


def visible(text: str) -> str:
    """`text` with every control made a sign, and nothing else changed: for what is about to be drawn or written."""
    return _HOSTILE.sub(_visible, _ESCAPE.sub("␛", text))


def escaped(json: str) -> str:
    """JSON with every control written as its escape: a reader gets the same text, a terminal no control."""
    return json if json.isprintable() else _HOSTILE.sub(_as_escape, json)


def _as_escape(match: re.Match[str]) -> str:
    sign = match[0]
    if sign == "\n":  # between its parts; inside a text it is an escape already
        return sign
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def clean(text: object, limit: int = TITLE_LIMIT) -> Safe:
    """One line of `text`, at most `limit` characters, every control made visible.

    A whole escape sequence becomes one `␛`; C0 and C1 controls, bidirectional and
    zero-width controls, tags and lone surrogates become a sign or their code; of a
    flood of combining marks a few stay and the others are counted.
    Cutting comes first: measuring a megabyte costs the screen its frame.
    """
    raw = text if isinstance(text, str) else str(text)
    if len(raw) <= limit and raw.isascii() and raw.isprintable() and "  " not in raw and raw == raw.strip():
        return Safe(raw)
    cut = raw[: limit * 4]
    cut = _SPACES.sub(" ", _ESCAPE.sub("␛", cut)).strip()
    cut = _thinned(_HOSTILE.sub(_visible, cut))
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
    return _thinned(visible(line)).rstrip()


def person(name: str) -> Safe:
    """A login or display name: one line, at most 40 characters, never empty."""
    return clean(name, 40) or Safe("unknown")
