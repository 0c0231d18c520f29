"""What xterm, urxvt and tmux send that begins with ESC: cursor, function and keypad keys, mouse, answers, pastes."""

from collections.abc import Iterator
from itertools import product
from typing import Final

MODIFIERS: Final = range(2, 9)
FUNCTION: Final = (11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34)
ENTERS: Final = frozenset({b"\x1bOM"})
"""Whole, these are the key Enter: in a text field they may do what Enter does there."""


def _cursor() -> Iterator[str]:
    yield from (f"{start}{final}" for start, final in product(("\x1b[", "\x1bO"), "ABCDEFHabcd"))
    yield from (f"\x1b[1;{modifier}{final}" for modifier, final in product(MODIFIERS, "ABCDEFH"))
    yield "\x1b[Z"


def _editing_and_function() -> Iterator[str]:
    for number in (*range(1, 9), *FUNCTION):
        yield from (f"\x1b[{number}{final}" for final in "~$^@")
        yield from (f"\x1b[{number};{modifier}~" for modifier in MODIFIERS)
    yield from (f"\x1bO{final}" for final in "PQRS")
    yield from (f"\x1b[1;{modifier}{final}" for modifier, final in product(MODIFIERS, "PQRS"))


def _keypad() -> Iterator[str]:
    yield from (f"\x1bO{final}" for final in " IMXjklmnopqrstuvwxy")


def _mouse() -> Iterator[str]:
    for buttons, x, y in product((0, 3, 35, 64), (1, 65, 89), (6, 33)):
        yield f"\x1b[M{chr(32 + buttons)}{chr(32 + x)}{chr(32 + y)}"
        yield f"\x1b[<{buttons};{x};{y}M"
        yield f"\x1b[<{buttons};{x};{y}m"
        yield f"\x1b[{32 + buttons};{x};{y}M"


def _answers() -> Iterator[str]:
    yield from (f"\x1b[?{mode};{state}$y" for mode, state in product((1, 25, 1004, 2004, 2026, 2048), range(5)))
    yield from ("\x1b[?62;22c", "\x1b[>1;10;0c", "\x1b[12;40R", "\x1b[0n", "\x1b[?0u", "\x1b[4;800;1200t")
    yield from ("\x1b[I", "\x1b[O")


def _pastes() -> Iterator[str]:
    yield from (f"\x1b[200~{text}\x1b[201~" for text in ("a", "y", "ay", "y\ra", "dy\r", "\x1b[Ay", "p y q q"))


GROUPS: Final = {
    "cursor": _cursor,
    "function": _editing_and_function,
    "keypad": _keypad,
    "mouse": _mouse,
    "answers": _answers,
    "pastes": _pastes,
}


def sequences() -> dict[str, list[bytes]]:
    """Every sequence of each group, once."""
    return {name: [text.encode() for text in dict.fromkeys(make())] for name, make in GROUPS.items()}
