"""Markdown in which text from outside stays text: escaping, tables, quotes. Knows nothing of incidents."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ACTIVE = re.compile(r"[\\`*\[\]~|$#&<>]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_LEADING = re.compile(r"^(\d{0,9})([-+=.)])")
_ADDRESS = re.compile(r"://|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)


def _still(match: re.Match[str]) -> str:
    return _ENTITIES.get(match[0]) or f"\\{match[0]}"


def inline(text: str) -> str:
    """`text` as one line that no Markdown reader makes a link, a tag, a list, a heading or a formula of."""
    flat = " ".join(text.split())
    flat = _ADDRESS.sub(lambda match: f"\\{match[0]}", _ACTIVE.sub(_still, flat))
    return _LEADING.sub(r"\1\\\2", flat)


def _line(text: str) -> str:
    """One line of a block, its indentation kept as spaces that are no code block."""
    bare = text.lstrip(" ")
    return "&nbsp;" * (len(text) - len(bare)) + inline(bare)


def block(text: str) -> str:
    """`text` as paragraphs, its line breaks kept."""
    paragraphs = re.split(r"\n[ \t]*\n+", text.strip("\n"))
    return "\n\n".join("  \n".join(_line(line) for line in part.split("\n")) for part in paragraphs)


def quote(text: str) -> str:
    """`text` as a quotation, word for word."""
    return "\n".join(f"> {line}" if line else ">" for line in block(text).split("\n"))


def cell(text: str) -> str:
    """`text` in a table cell; its lines stay lines."""
    return "<br>".join(_line(line) for line in text.strip("\n").split("\n"))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; see `cell`."""
    shown = [_row(heads), _row(["---"] * len(heads)), *(_row(row) for row in rows)]
    return "\n".join(shown)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def bullets(items: Iterable[str]) -> str:
    """A list of lines that are Markdown already."""
    return "\n".join(f"- {item}" for item in items)
