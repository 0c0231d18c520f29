"""Writing: lines for people, JSON for programs, remarks on stderr, text that is read from standard input."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.reports.shapes import Shape


def say(line: str) -> None:
    """A line on standard output."""
    sys.stdout.write(line + "\n")


def warn(line: str) -> None:
    """A remark on stderr."""
    sys.stderr.write(f"sev: {line}\n")


def say_json(shapes: "Iterable[Shape]") -> None:
    """JSON Lines on standard output, always UTF-8."""
    import io

    import msgspec

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    for shape in shapes:
        say(msgspec.json.encode(shape).decode())


def standard_input() -> bytes:
    """All of standard input."""
    return sys.stdin.buffer.read()
