"""The one door of this room: names the formats, recognises the one a body is in, and reads it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from tui.errors import UsageError
from tui.formats import alertmanager, generic
from tui.formats.base import Format, Payload, rejected, shape
from tui.formats.decode import Json, parse_json
from tui.model.signal import Signal
from tui.model.text import clean

AUTO: Final = "auto"
"""In place of a format's name: look at the body."""

FORMATS: Final[dict[str, Format]] = {format_.name: format_ for format_ in (alertmanager.FORMAT, generic.FORMAT)}
"""Every format by its name, in the order in which a body is tried; the most tolerant comes last."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a payload said: the format it is in, why it was taken for that, and its signals in the payload's order."""

    format: str
    reason: str
    signals: tuple[Signal, ...]


def sniff(body: Json, headers: Mapping[str, str]) -> tuple[Format, str]:
    """The format that `body` is in and the reason in words. Raises RejectedError where none knows it."""
    for format_ in FORMATS.values():
        if reason := format_.matches(body, headers):
            return format_, reason
    raise rejected(f"unknown shape: {shape(body)}", "name its format, or send a key, subject or title")


def read(payload: Payload, format_name: str = AUTO) -> Read:
    """Read one payload in the named format, or in the one its shape shows.

    Raises NotJsonError where it is not JSON, RejectedError where its content is broken
    or unknown, UsageError for a name that is no format.
    """
    if format_name != AUTO and format_name not in FORMATS:
        raise UsageError(f"no format {clean(format_name, 40)!r}", f"the formats are {', '.join((AUTO, *FORMATS))}")
    body = parse_json(payload.body)
    format_, reason = (
        sniff(body, payload.headers) if format_name == AUTO else (FORMATS[format_name], "named by the caller")
    )
    return Read(format=format_.name, reason=reason, signals=tuple(format_.read(body, payload)))
