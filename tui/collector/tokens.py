"""The secret that senders show: where it comes from, and whether a request shows it. Never logged, never printed."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from tui.collector.files import beside, mode_for
from tui.config import Config
from tui.errors import ConfigError, StoreError

VARIABLE: Final = "SEV_TOKEN"
SIGNATURE_SECONDS: Final = 300
"""How far a signed request's time may lie from ours."""


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
        return Token(value=_read(config.collector.token_file), place=str(config.collector.token_file))
    place = beside(config.store, ".token")
    if place.exists():
        return Token(value=_read(place), place=str(place))
    value = secrets.token_urlsafe(24)
    _write(place, value)
    return Token(value=value, place=str(place), made=True)


def _read(place: Path) -> str:
    try:
        value = place.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{place}: the token cannot be read: {error}: check the file and its mode"]) from error
    if not value:
        raise ConfigError([f"{place}: the token is empty: write one, or delete the file to have one made"])
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


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


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
    in_header, in_address = _same(shown, token.value), _same(in_path, token.value)
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
    signed = hmac.new(token.value.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def signature_holds(token: Token, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether the request was signed with the token over `t.body`, at most `SIGNATURE_SECONDS` ago."""
    timestamp = headers.get("x-sev-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    fresh = abs(now.timestamp() - int(timestamp)) <= SIGNATURE_SECONDS
    return _same(headers.get("x-sev-signature", ""), sign(token, timestamp, body)) and fresh
