"""Lines of inked text: what renderers return and line widgets draw. Knows widths, not colours."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, chop_cells, set_cell_size


class Ink(StrEnum):
    """What a piece of text means on the screen; the theme gives it its colour."""

    TEXT = "text"
    BRIGHT = "bright"
    DIM = "dim"
    ACCENT = "accent"
    GOOD = "good"
    DUE = "due"
    LATE = "late"
    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV1_CHIP = "sev1_chip"
    SEV2_CHIP = "sev2_chip"
    SEV3_CHIP = "sev3_chip"
    LATE_CHIP = "late_chip"
    DUE_CHIP = "due_chip"
    ADVICE_CHIP = "advice_chip"
    QUIET_CHIP = "quiet_chip"
    COMMAND = "command"


class Piece(NamedTuple):
    """A run of text in one ink. The text is clean: it came through `tui.model.text` or is the product's own."""

    text: str
    ink: Ink = Ink.TEXT


Line: TypeAlias = tuple[Piece, ...]

EMPTY: Line = ()


def line(*parts: str | Piece) -> Line:
    """A line of pieces; bare strings are in plain ink."""
    return tuple(part if isinstance(part, Piece) else Piece(part) for part in parts if part)


def width(pieces: Iterable[Piece]) -> int:
    """Columns the pieces take in a terminal."""
    return sum(cell_len(piece.text) for piece in pieces)


def _near(text: str, columns: int) -> str:
    """The beginning of `text` that is sure to fill `columns`: to measure a megabyte would cost the screen its frame."""
    return text[: 6 * (columns + 1)]


def cut(text: str, columns: int) -> str:
    """`text` in at most `columns` columns, an ellipsis where it was cut."""
    near = _near(text, columns)
    if len(near) == len(text) and cell_len(text) <= columns:
        return text
    return set_cell_size(near, columns - 1).rstrip() + "…" if columns > 1 else "…"[:columns]


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """`text` in exactly `columns` columns, cut or filled; `right` puts it to the right."""
    short = cut(text, columns)
    fill = " " * (columns - cell_len(short))
    return fill + short if right else short + fill


def fit(pieces: Line, columns: int) -> Line:
    """The line in at most `columns` columns; the piece that crosses the edge is cut."""
    kept: list[Piece] = []
    left = columns
    for piece in pieces:
        near = _near(piece.text, columns)
        taken = cell_len(near)
        if taken > left or len(near) < len(piece.text):
            kept.append(Piece(cut(near + "…", left), piece.ink))
            break
        kept.append(piece)
        left -= taken
    return tuple(kept)


def spread(left: Line, right: Line, columns: int) -> Line:
    """`left` and `right` at the two edges; where both don't fit the left one is cut."""
    room = columns - width(right)
    if room < 8:
        return fit(left, columns)
    shown = fit(left, room - 1)
    return (*shown, Piece(" " * (room - width(shown))), *right)


def wrap(text: str, columns: int, *, most: int = 40) -> list[str]:
    """`text` folded at words into lines of at most `columns` columns; at most `most` lines."""
    columns = max(2, columns)  # a pane that is not in sight has no width
    folded: list[str] = []
    for paragraph in _near(text, columns * (most + 1)).split("\n"):
        current = ""
        for word in paragraph.split(" "):
            longer = f"{current} {word}" if current else word
            if cell_len(longer) <= columns:
                current = longer
                continue
            if current:
                folded.append(current)
            *full, current = chop_cells(word, columns) or [""]
            folded += full
        folded.append(current)
        if len(folded) > most:
            return [*folded[: most - 1], "…"]
    return folded
