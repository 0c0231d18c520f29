"""From bytes to JSON values, and from a file to single payloads. Nothing here knows what a payload means."""

import json
import math
import re
from collections.abc import Iterable
from typing import Final, NoReturn, TypeAlias

from tui.errors import NotJsonError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A decoded JSON value. Whole numbers fit in 64 bits; a larger one arrives as the text of its digits."""

MAX_DEPTH: Final = 64
"""Objects and lists inside one another; `[]` alone has depth 1."""

_INT_LIMIT: Final = 1 << 63
_BETWEEN = re.compile(r"[ \t\r\n\x1e\ufeff]*")  # \x1e parts JSON text sequences; a BOM stays where files were joined
_LINE = re.compile(r"\n([{\[].*)")


def _refuse(why: str) -> NotJsonError:
    return NotJsonError("not JSON", why)


def _constant(word: str) -> NoReturn:
    raise _refuse(f"{word} is not a JSON number")


def _whole(digits: str) -> int | str:
    if len(digits) > 20:
        return digits
    number = int(digits)
    return number if -_INT_LIMIT <= number < _INT_LIMIT else digits


def _real(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _refuse("a number is too large")
    return number


_STRICT: Final = json.JSONDecoder(parse_constant=_constant, parse_int=_whole, parse_float=_real)
_LOOSE: Final = json.JSONDecoder(parse_int=str, parse_float=str)
"""Finds where a document ends; whether its content will do is for `parse_json` to say."""


def parse_json(body: bytes) -> Json:
    """The JSON value in `body` (UTF-8, a byte order mark is allowed).

    Of a repeated key the last value counts. Lone surrogates stay in the text: `clean`
    makes them visible. Raises NotJsonError for anything else than one JSON document,
    for NaN and Infinity (also as an overflow) and beyond `MAX_DEPTH`.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refuse(f"byte {error.start} is not UTF-8") from None
    text = text.strip(" \t\r\n")
    if not text:
        raise _refuse("the body is empty")
    try:
        value: Json = _STRICT.decode(text)
    except json.JSONDecodeError as error:
        raise _refuse(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _too_deep() from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise _too_deep()
    return value


def _too_deep() -> NotJsonError:
    return _refuse(f"nested deeper than {MAX_DEPTH} levels")


def _deeper_than(value: Json, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent) if isinstance(child, list | dict)]
        if not level:
            return False
    return True


def _children(value: Json) -> Iterable[Json]:
    if isinstance(value, list):
        return value
    return value.values() if isinstance(value, dict) else ()


def documents(body: bytes) -> list[bytes]:
    """Cut `body` into single payloads: JSON Lines, documents in a row, or one document of many lines.

    What can't be read becomes a payload of its own, as it came, so that it can be
    rejected and kept; it ends before the next line that is a whole document.
    Never raises; an empty body has no payloads.
    """
    text = body.decode("utf-8", "surrogateescape")  # bytes that are not UTF-8 come back as they were
    found: list[str] = []
    position = _skip(text, 0)
    while position < len(text):
        end = _end_of_document(text, position) or _end_of_broken(text, position)
        found.append(text[position:end].rstrip(" \t\r\n"))
        position = _skip(text, end)
    return [payload.encode("utf-8", "surrogateescape") for payload in found]


def _skip(text: str, position: int) -> int:
    match = _BETWEEN.match(text, position)
    return match.end() if match else position


def _end_of_document(text: str, start: int) -> int | None:
    try:
        end: int = _LOOSE.raw_decode(text, start)[1]
    except (json.JSONDecodeError, RecursionError):
        return None
    return end


def _end_of_broken(text: str, start: int) -> int:
    # A document of many lines is not looked for: a file full of beginnings would cost the square of its length.
    for line in _LINE.finditer(text, start):
        end = _end_of_document(line[1], 0)
        if end is not None and not line[1][end:].strip():
            return line.start(1)
    return len(text)
