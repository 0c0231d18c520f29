"""Writing: lines for people, JSON for programs, remarks on stderr, text that is read from standard input.

What the store holds was made clean when it came. This is the second layer: whatever is written, a terminal gets
no control character but line breaks and our own colours.
"""

import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from tui.model.text import escaped, visible

if TYPE_CHECKING:
    from tui.reports.shapes import Shape


_OURS: Final = re.compile(r"(\x1b\[(?:0|1;31|33|34)m|\n)")
"""Line breaks and the colours of `look`."""


def fit(text: str) -> str:
    """`text` as a terminal may have it."""
    if text.isprintable():
        return text
    return "".join(part if place % 2 else visible(part) for place, part in enumerate(_OURS.split(text)))


def say(line: str) -> None:
    """A line on standard output, or several."""
    sys.stdout.write(fit(line) + "\n")


def warn(line: str) -> None:
    """A remark on stderr."""
    sys.stderr.write(f"sev: {fit(line)}\n")


def say_json(shapes: "Iterable[Shape]") -> None:
    """JSON Lines on standard output, always UTF-8; a control character in them is written as its escape."""
    import io

    import msgspec

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    for shape in shapes:
        say(escaped(msgspec.json.encode(shape).decode()))


def standard_input() -> bytes:
    """All of standard input."""
    return sys.stdin.buffer.read()
