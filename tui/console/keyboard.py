"""Where keys arrive: what a bad link cuts or lumps together must not act.

A terminal sends Home as `ESC [ H`. On a slow link the three bytes come one by one. Textual waits a moment after
the ESC, then takes it for the key Escape, and what follows for the keys `[` and `H`. A mouse report or a late answer
to a question ends in a letter in the same way, and a letter here acknowledges, declares, confirms. A program that
is slow, or a paste without marks, does the opposite: many keys come in one read, meant for something else.

So whole sequences are put together here, before Textual's parser sees a byte. A sequence that comes too late is
swallowed to its last byte. Keys that came together are marked, and `SevApp` gives them to text fields only. The
driver's input thread feeds it.

What is used of Textual's inner parts: `XTermParser`, for the meaning of a whole sequence. A test holds it to that.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

MOTION: Final = frozenset("hjklgG")
"""Keys that only move: several of them in one read are a key held down."""

LATE_PATIENCE: Final = 5.0
"""Seconds that the rest of a sequence is waited for after its last byte; then it is given up."""

PASTE_PATIENCE: Final = 10.0
"""Seconds without a byte after which a paste whose end never came is over."""

PASTE_LIMIT: Final = 65_536
"""Bytes of a paste that are kept; no field takes as many."""

RUSH: Final = 0.05
"""Seconds after keys that came together in which further ones still belong to them."""

_ESC: Final = b"\x1b"
_PASTE_BEGINS, _PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
_LONGEST: Final = 32
"""Bytes of the longest sequence that anybody understands."""

_HELD: Final = 256
"""Bytes of a sequence that are held; of a longer one only both ends are, for it is dropped at its end anyway."""

_WHOLE: Final = re.compile(
    rb"\x1b(?:"
    rb"\[M[ -\xff]{3}"  # mouse, as X10 reports it
    rb"|\[\[[!-~]"  # function keys of the Linux console
    rb"|\[\d+\$"  # shifted keys of urxvt
    rb"|\[(?![M\[])[0-?]*[ -/]*[@-~]"  # CSI
    rb"|O[0-?]*[ @-~]"  # SS3
    rb"|[\]PX^_][^\x07\x1b]+(?:\x07|\x1b\\)"  # answers in words
    rb"|[^\x1b\[O\]PX^_\x80-\xff])",  # a key with Alt
    re.DOTALL,
)
_BEGUN: Final = re.compile(
    rb"\x1b(?:\[M[ -\xff]{0,2}|\[\[?|\[[0-?]*[ -/]*|O[0-?]*|[\]PX^_](?:[^\x07\x1b]+\x1b?)?)?", re.DOTALL
)


class Token(NamedTuple):
    """A piece of input that means something as a whole: text, a sequence, the key Escape, or a paste."""

    kind: str
    data: bytes


class Assembler:
    """Bytes as they come, with their times, into tokens. Knows the shape of sequences, not their meaning.

    `wait`: seconds after which a lone ESC is the key Escape.
    """

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._held = b""
        self._late = False
        self._pasted: bytes | None = None
        self._touched = 0.0

    @property
    def waits(self) -> bool:
        """Whether something has begun and not ended."""
        return bool(self._held) or self._pasted is not None

    def feed(self, data: bytes, now: float) -> list[Token]:
        """The tokens that `data`, read at `now`, completes."""
        self._touched = now
        found: list[Token] = []
        while data:
            if self._pasted is not None:
                data = self._paste(data, found)
            elif self._held:
                data = self._extend(data, found)
            else:
                text, escape, data = data.partition(_ESC)
                self._held = escape
                if text:
                    found.append(Token("text", text))
        return found

    def tick(self, now: float) -> list[Token]:
        """What the passing of time decides: a lone ESC is a key, a sequence is late, nothing more is coming."""
        idle = now - self._touched
        if self._pasted is not None:
            return [self._end_paste()] if idle >= PASTE_PATIENCE else []
        if self._late:
            if idle >= LATE_PATIENCE:
                self._drop()
        elif self._held and idle >= self._wait:
            if len(self._held) == 2 and self._held[1:] in b"]PX^_":
                self._drop()  # a key with Alt, which nothing is bound to
                return []
            self._late = True
            return [Token("escape", _ESC)] if self._held == _ESC else []
        return []

    def _extend(self, data: bytes, found: list[Token]) -> bytes:
        """One more byte for the sequence that has begun; returns what is left of `data`."""
        grown = self._held + data[:1]
        if self._held == _ESC and self._late and data[:1] not in (b"[", b"O"):
            self._drop()  # the ESC was a key of its own, and so is this
            return data
        if _WHOLE.fullmatch(grown):
            self._complete(grown, found)
            return data[1:]
        if _BEGUN.fullmatch(grown):
            self._held = grown if len(grown) <= _HELD else grown[:_LONGEST] + grown[-_LONGEST:]
            return data[1:]
        if self._held == _ESC:
            found.append(Token("escape", _ESC))
        self._drop()  # broken off: this byte begins something else
        return data

    def _complete(self, sequence: bytes, found: list[Token]) -> None:
        late = self._late
        self._drop()
        if sequence == _PASTE_BEGINS:
            self._pasted = b""  # even when it came late: what follows is no typing
        elif not late:
            found.append(Token("sequence", sequence))

    def _paste(self, data: bytes, found: list[Token]) -> bytes:
        """Look for the end of the paste; returns what is left of `data` behind it."""
        pasted = (self._pasted or b"") + data
        text, end, rest = pasted.partition(_PASTE_ENDS)
        if not end and len(pasted) > 2 * PASTE_LIMIT:
            pasted = pasted[:PASTE_LIMIT] + pasted[-len(_PASTE_ENDS) :]
        self._pasted = text if end else pasted
        if end:
            found.append(self._end_paste())
        return rest

    def _end_paste(self) -> Token:
        token = Token("paste", (self._pasted or b"")[:PASTE_LIMIT])
        self._pasted = None
        return token

    def _drop(self) -> None:
        self._held, self._late = b"", False


class RushedKey(events.Key):
    """A key that came with others in one read. `together`: how many, told with the first of them; else 0."""

    def __init__(self, key: events.Key, together: int) -> None:
        super().__init__(key.key, key.character)
        self.together = together

    def alone(self) -> events.Key:
        """The same key as one that was typed."""
        return events.Key(self.key, self.character)


class Keyboard:
    """Bytes into Textual's messages: meaning by Textual's parser, which only ever sees whole sequences."""

    def __init__(self, wait: float, encoding: str = "utf-8") -> None:
        self._assembler = Assembler(wait)
        self._parser = XTermParser()
        self._decode = codecs.getincrementaldecoder("utf-8" if encoding == "ascii" else encoding)("replace").decode
        self._rushed_at = float("-inf")

    @property
    def waits(self) -> bool:
        """Whether something has begun and not ended: then time decides soon."""
        return self._assembler.waits

    def feed(self, data: bytes, now: float) -> list[Message]:
        """The messages that one read makes."""
        found = [message for token in self._assembler.feed(data, now) for message in self._meaning(token)]
        typed = [message for message in found if isinstance(message, events.Key) and message.is_printable]
        together = 0 if all(key.character in MOTION for key in typed) else len(typed)
        if together < 2 and now - self._rushed_at > RUSH:
            return found
        first, self._rushed_at = now - self._rushed_at > RUSH, now
        return list(_rushed(found, max(together, 1) if first else 0))

    def tick(self, now: float) -> list[Message]:
        """The messages that the passing of time makes; to be asked again and again."""
        return [message for token in self._assembler.tick(now) for message in self._meaning(token)]

    def _meaning(self, token: Token) -> Iterable[Message]:
        if token.kind == "escape":
            return [events.Key("escape", "\x1b")]
        if token.kind == "paste":
            return [events.Paste(token.data.decode("utf-8", "replace").replace("\x00", ""))]
        if token.kind == "text":
            return [message for sign in self._decode(token.data) for message in self._parser.feed(sign)]
        return self._sequence(token.data.decode("latin-1"))

    def _sequence(self, sequence: str) -> list[Message]:
        """What a whole sequence says; nothing where Textual does not know it, or knows only its beginning."""
        if len(sequence) > _LONGEST:
            return []
        try:
            early = list(self._parser.feed(sequence[:-1]))
            found = list(self._parser.feed(sequence[-1]))
        except (ValueError, OverflowError):  # numbers it did not expect
            early, found = [], []
        if early or not found:
            self._parser = _fresh(self._parser)  # it may still wait for the end of what has ended
        return [] if early else found


def _rushed(messages: Iterable[Message], together: int) -> Iterator[Message]:
    for message in messages:
        if isinstance(message, events.Key):
            yield RushedKey(message, together)
            together = 0
        else:
            yield message


def _fresh(old: XTermParser) -> XTermParser:
    """A parser at rest that knows the same of the terminal."""
    new = XTermParser()
    new.last_x, new.last_y, new.mouse_pixels = old.last_x, old.last_y, old.mouse_pixels
    new.terminal_size, new.terminal_pixel_size = old.terminal_size, old.terminal_pixel_size
    return new
