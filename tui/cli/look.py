"""How lines for people look: columns that align, severities as shape and word, colour only on a terminal."""

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

import msgspec

from tui.model.moment import due
from tui.model.severity import Severity

_COLOURS: Final = {Severity.SEV1: "1;31", Severity.SEV2: "33", Severity.SEV3: "34"}
_ASCII: Final = str.maketrans("▲■●×…·–—", "!=-x...-")
_LEAST: Final = 18
"""Columns that the long text of a row keeps, however narrow the terminal."""


class Graded(NamedTuple):
    """A cell in the colour of a severity."""

    text: str
    severity: Severity


Cell: TypeAlias = str | Graded


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Moment and taste. `columns`: width of the terminal, None where nothing needs to fit."""

    now: datetime
    ascii: bool = False
    colour: bool = False
    columns: int | None = None

    def grade(self, severity: Severity | None) -> Cell:
        """`▲ SEV1` in its colour; empty for none."""
        if severity is None:
            return ""
        return Graded(f"{severity.ascii_shape if self.ascii else severity.shape} {severity.word}", severity)

    def due(self, at: datetime) -> str:
        """`in 3m`, `late 4m`; the day where it is further off than one."""
        if (at - self.now).total_seconds() < 86_400:
            return due(at, self.now)
        return f"{at:%a %H:%M}Z" if (at - self.now).days < 6 else f"{at:%Y-%m-%d}"

    def clock(self, at: datetime) -> str:
        """A clock time in UTC, with its date unless it is today's."""
        return f"{at:%H:%M}Z" if at.date() == self.now.date() else f"{at:%Y-%m-%d %H:%M}Z"

    def sign(self, text: str) -> str:
        """`text`, its own signs in ASCII where that was asked for."""
        return text.translate(_ASCII) if self.ascii else text

    def ink(self, cell: Cell) -> str:
        """A cell as it is written."""
        if isinstance(cell, str):
            return cell
        return f"\x1b[{_COLOURS[cell.severity]}m{cell.text}\x1b[0m" if self.colour else cell.text


def look_for(now: datetime, *, ascii_only: bool) -> Look:
    """The look that standard output asks for. NO_COLOR and a dumb terminal get no colour."""
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except (OSError, ValueError):
        columns = None
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return Look(now=now, ascii=ascii_only, colour=columns is not None and not plain, columns=columns or None)


def width(text: str) -> int:
    """Columns that `text` takes in a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(sign) else 1 + (east_asian_width(sign) in "WF") for sign in text)


def cut(text: str, columns: int, ellipsis: str = "…") -> str:
    """`text` in at most `columns` columns, with an ellipsis where it was cut."""
    if width(text) <= columns:
        return text
    kept = text[:columns]
    while kept and width(kept) > columns - len(ellipsis):
        kept = kept[:-1]
    return kept.rstrip() + ellipsis


def table(look: Look, heads: Sequence[str], rows: Sequence[Sequence[Cell]], long: int) -> list[str]:
    """Aligned lines under their heads; none for no rows. Column `long` gives way where the terminal is narrow."""
    if not rows:
        return []
    texts = [[cell if isinstance(cell, str) else cell.text for cell in row] for row in (heads, *rows)]
    widths = [max(width(row[n]) for row in texts) for n in range(len(heads))]
    if look.columns is not None:
        over = sum(widths) + 2 * (len(widths) - 1) - look.columns
        if over > 0:
            widths[long] = max(min(_LEAST, widths[long]), widths[long] - over)
    lines: list[str] = []
    for row, plain in zip((heads, *rows), texts, strict=True):
        cells = []
        for n, cell in enumerate(row):
            shown = cut(plain[n], widths[n], look.sign("…"))
            inked = look.ink(Graded(shown, cell.severity)) if isinstance(cell, Graded) else shown
            cells.append(inked + " " * (widths[n] - width(shown)))
        lines.append("  ".join(cells).rstrip())
    return lines
