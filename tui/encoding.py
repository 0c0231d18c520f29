"""Which characters the terminal of this process takes, by its locale. Python itself says UTF-8 in a C locale, too."""

import codecs
import os
import sys
from collections.abc import Mapping
from typing import Final, TextIO

_SIGNS: Final = "▲■●×…─│"


def terminal_encoding(environ: Mapping[str, str] = os.environ) -> str:
    """The encoding that the locale names; `ascii` for C, POSIX, none at all and one that nobody knows."""
    if environ.get("PYTHONUTF8") == "1":
        return "utf-8"
    # In a C locale Python puts LC_CTYPE=C.UTF-8 into its own environment: nobody said that of the terminal.
    own = sys.flags.utf8_mode and environ.get("LC_CTYPE") == "C.UTF-8"
    name = environ.get("LC_ALL") or ("" if own else environ.get("LC_CTYPE")) or environ.get("LANG") or "C"
    codeset = name.rpartition(".")[2].partition("@")[0]
    if codeset == name.partition("@")[0] and codeset.upper() != "UTF-8":  # macOS has a bare UTF-8
        return "ascii"
    try:
        return codecs.lookup(codeset).name
    except LookupError:
        return "ascii"


def carries_signs(encoding: str) -> bool:
    """Whether the product's own signs can be written in it."""
    try:
        _SIGNS.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def needs_ascii(stream: TextIO) -> bool:
    """Whether a stream is a terminal that can't show the product's signs. What is piped stays UTF-8."""
    return stream.isatty() and not carries_signs(terminal_encoding())
