"""The secrets that senders show or sign with: where they come from, and whether a request shows the token.

Never logged, never printed. Signatures of the senders' own lie in `signatures`.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from tui.collector.files import beside, mode_for
from tui.collector.signatures import is_fresh, same
from tui.config import Config
from tui.errors import ConfigError, StoreError

VARIABLE: Final = "SEV_TOKEN"

logger = logging.getLogger("sev.collector")


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """The secret and the place it lies in. `made`: at this start, because there was none."""

    value: str
    place: str
    made: bool = False

    def __repr__(self) -> str:
        return f"Token(place={self.place!r})"


def load_or_make(config: Config, environment: Mapping[str, str]) -> Token:
    """SEV_TOKEN, else `[collector] token_file`, else the file beside the store, made at the first start.

    Raises ConfigError for a token file that can't be read or is empty, StoreError where none can be made.
    """
    if named := environment.get(VARIABLE, "").strip():
        return Token(value=named, place=VARIABLE)
    if config.collector.token_file is not None:
        named_file = config.collector.token_file
        return Token(value=_read(named_file, "token"), place=str(named_file))
    place = beside(config.store, ".token")
    if place.exists():
        return Token(value=_read(place, "token"), place=str(place))
    value = secrets.token_urlsafe(24)
    _write(place, value)
    return Token(value=value, place=str(place), made=True)


def _read(place: Path, what: str) -> str:
    try:
        value = place.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{place}: the {what} cannot be read: {error}: check the file and its mode"]) from error
    if not value:
        mend = "write one, or delete the file to have one made" if what == "token" else "write it into the file"
        raise ConfigError([f"{place}: the {what} is empty: {mend}"])
    return value


def _write(place: Path, value: str) -> None:
    """Whole or not at all: a reader never sees an empty token."""
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.fchmod(file, mode_for(place))
            os.write(file, f"{value}\n".encode())
        finally:
            os.close(file)
        fresh.replace(place)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StoreError(f"cannot make {place}", error.strerror or str(error), f"set {VARIABLE}") from error


class Secret:
    """What one source signs with. Read at once, and again when its file has changed.

    Raises ConfigError when it can't be read at first; later the last one that could be read stays in force.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._stamp = _stamp(place)
        self._value = _read(place, "secret")

    def __repr__(self) -> str:
        return f"Secret({str(self.place)!r})"

    @property
    def value(self) -> str:
        """The secret as the file has it now."""
        stamp = _stamp(self.place)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._value = _read(self.place, "secret")
            except ConfigError as error:
                logger.warning("%s; the one read before stays in force", error)
        return self._value


def load_secrets(files: Mapping[str, Path]) -> dict[str, Secret]:
    """The secrets of sources by their names, from their files. Raises ConfigError with every file that won't do."""
    found: dict[str, Secret] = {}
    mistakes: list[str] = []
    for name, place in files.items():
        try:
            found[name] = Secret(place)
        except ConfigError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ConfigError(mistakes)
    return found


def _stamp(place: Path) -> tuple[int, int, int] | None:
    """What tells one state of a file from the next; None while there is no file."""
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def admits(token: Token, headers: Mapping[str, str], in_path: str = "") -> bool:
    """Whether a request shows the token: Bearer, GenieKey, the password of Basic, or the last part of its path.

    `headers` have lower-case names.
    """
    scheme, _, shown = headers.get("authorization", "").strip().partition(" ")
    shown = shown.strip()
    if scheme.lower() == "basic":
        shown = _password(shown)
    elif scheme.lower() not in ("bearer", "geniekey"):
        shown = ""
    in_header, in_address = same(shown, token.value), same(in_path, token.value)
    return in_header or in_address


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def is_signed(headers: Mapping[str, str]) -> bool:
    """Whether a request carries our signature, right or wrong; it can be checked only when the body is there."""
    return "x-sev-signature" in headers


def sign(token: Token, timestamp: str, body: bytes) -> str:
    """What `X-Sev-Signature` must be for `X-Sev-Timestamp: timestamp` (epoch seconds in digits) and this body."""
    signed = hmac.new(token.value.encode(), f"{timestamp}.".encode("utf-8", "replace") + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def signature_holds(token: Token, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether the request was signed with the token over `t.body`, at most `signatures.FRESH_SECONDS` ago."""
    timestamp = headers.get("x-sev-timestamp", "")
    right = same(headers.get("x-sev-signature", ""), sign(token, timestamp, body))
    return right and is_fresh(timestamp, now)
