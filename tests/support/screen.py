"""The screen behind `Terminal`: pyte, and what pyte lacks of the sequences that programs use today."""

import re
from typing import Final

import pyte

_TOKEN: Final = re.compile(
    r"[^\x1b]+"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|(?=\x1b[^\\]))"  # OSC
    r"|\x1b[PX^_].*?\x1b\\"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
    r"|\x1b(?:\[[ -?]*)?(?=[^ -~])",  # broken off by a control character
    re.DOTALL,
)
_CSI: Final = re.compile(r"\x1b\[([<=>?]?)([\d;:]*)([ -/]*)([@-~])")
_ANSWERS: Final = {
    "\x1b[c": "\x1b[?62;22c",
    "\x1b[0c": "\x1b[?62;22c",
    "\x1b[>c": "\x1b[>1;10;0c",
    "\x1b[>0c": "\x1b[>1;10;0c",
    "\x1b[>q": "\x1bP>|test\x1b\\",
    "\x1b[5n": "\x1b[0n",
    "\x1b[?u": "\x1b[?0u",
    "\x1b[14t": "\x1b[4;800;1200t",
}
_COLOURS: Final = {"10": "rgb:e6e6/e6e6/e6e6", "11": "rgb:1010/1010/1010"}
_SUPPORTED: Final = {1049: 2, 2026: 2, 2004: 2, 25: 1, 1000: 2, 1003: 2, 1006: 2}
"""Modes a program may ask about, with the answer: 1 set, 2 reset; any other is unknown (0)."""


class Screen:
    """Takes what a program writes, keeps the picture, and says what a terminal would answer."""

    def __init__(self, cols: int, rows: int) -> None:
        self._cells = pyte.Screen(cols, rows)
        self._stream = pyte.Stream(self._cells)
        self._rest = ""
        self._last = ""
        self._answer = ""
        self.modes: set[int] = {25}
        self.commands: list[str] = []

    def feed(self, text: str) -> str:
        """Draw `text`; returns the answers to the questions in it. A sequence cut in two waits for its end."""
        self._rest += text
        self._answer, place = "", 0
        while token := _TOKEN.match(self._rest, place):
            self._take(token[0])
            place = token.end()
        self._rest = self._rest[place:]
        return self._answer

    def text(self) -> str:
        """The picture, a line for each row."""
        rows, columns = range(self._cells.lines), range(self._cells.columns)
        # Not pyte's own `display`: it stumbles over a wide character of which one half was painted over.
        return "\n".join("".join(self._cells.buffer[y][x].data for x in columns).rstrip() for y in rows)

    def resize(self, cols: int, rows: int) -> None:
        self._cells.resize(rows, cols)

    def _take(self, token: str) -> None:
        if not token.startswith("\x1b"):
            self._last = token[-1]
            self._stream.feed(token)
        elif found := _CSI.fullmatch(token):
            self._control(token, *found.groups())
        elif token.startswith("\x1b]"):
            self._command(token[2:].removesuffix("\x07").removesuffix("\x1b\\"))
        elif len(token) > 1 and token[1] not in "[PX^_=>\\":
            self._stream.feed(token)

    def _control(self, token: str, mark: str, numbers: str, between: str, final: str) -> None:
        first = int(numbers) if numbers.isdigit() else 1
        if token in _ANSWERS:
            self._answer += _ANSWERS[token]
        elif final == "n" and numbers == "6":
            self._answer += f"\x1b[{self._cells.cursor.y + 1};{self._cells.cursor.x + 1}R"
        elif (mark, between, final) == ("?", "$", "p"):
            self._answer += f"\x1b[?{numbers};{_SUPPORTED.get(first, 0)}$y"
        elif mark == "?" and final in "hl":
            self._mode(numbers, final == "h")
            self._stream.feed(token)
        elif final == "b":
            self._stream.feed(self._last * first)
        elif final in "ST" and not mark:
            self._scroll(first, up=final == "S")
        elif not mark and not between and final not in "qtu" and ":" not in numbers:
            self._stream.feed(token)

    def _mode(self, numbers: str, on: bool) -> None:
        named = {int(number) for number in numbers.split(";") if number}
        self.modes = self.modes | named if on else self.modes - named

    def _command(self, command: str) -> None:
        code, _, value = command.partition(";")
        if value == "?" and code in _COLOURS:
            self._answer += f"\x1b]{code};{_COLOURS[code]}\x1b\\"
        else:
            self.commands.append(command)

    def _scroll(self, count: int, *, up: bool) -> None:
        """Scroll the region without moving the cursor, which pyte can't."""
        kept = self._cells.cursor.y
        self._cells.cursor.y = self._cells.margins.top if self._cells.margins else 0
        if up:
            self._cells.delete_lines(count)
        else:
            self._cells.insert_lines(count)
        self._cells.cursor.y = kept
