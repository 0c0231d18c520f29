"""What lies in a body before any format looks at it: the JSON inside a form, the delivery's own name, keys to hide."""

import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from tui.errors import NotJsonError
from tui.formats.base import as_text, first_text
from tui.formats.decode import Json, parse_json

HIDDEN: Final = "[redacted]"
"""Stands in what is kept where a key was."""

KEY_FIELDS: Final = ("routing_key", "service_key")
"""Fields of PagerDuty's Events APIs that are the sender's secret."""

_FORM: Final = "application/x-www-form-urlencoded"
_CARRIERS: Final = ("payload", "json", "data", "body")
_FIELDS_READ: Final = 200
_NAMING: Final = (b"specversion", b"MessageId")  # without one of these words a body names no delivery
_KEY: Final = re.compile(
    rb'("(?:%b)"\s*:\s*)(?:"((?:[^"\\]|\\.)*)("?)|[-+.0-9eE]+)' % "|".join(KEY_FIELDS).encode(), re.DOTALL
)


def json_in(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes to read as JSON: of a form the JSON that one of its fields holds, else its fields as one object.

    Anything else is given back as it is, whatever its Content-Type says: many senders name none, or a wrong one.
    """
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return body
    if body.lstrip()[:1] in (b"{", b"["):
        return body  # a client that never says what it sends
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="surrogateescape", max_num_fields=_FIELDS_READ)
    except ValueError:
        return body
    return _carried(fields) or body


def _carried(fields: list[tuple[str, str]]) -> bytes | None:
    by_name = dict(fields)
    if inner := next((by_name[name] for name in _CARRIERS if _opens_json(by_name.get(name, ""))), None):
        return _raw(inner)
    if len(fields) == 1:
        return next((_raw(text) for text in fields[0] if _opens_json(text)), None)
    told = {name: _value(text) for name, text in fields if name}
    return json.dumps(told).encode() if told else None


def _value(text: str) -> Json:
    """A field's text, or the object or list it holds."""
    try:
        return parse_json(_raw(text)) if _opens_json(text) else text
    except NotJsonError:
        return text


def _opens_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def longest_list(body: bytes, allowed: int) -> int:
    """The length of the longest list that a body is, or holds in a field; 0 where it can't be over `allowed`."""
    if body.count(b",") < allowed:
        return 0
    try:
        value = parse_json(body)
    except NotJsonError:
        return 0
    fields = value.values() if isinstance(value, dict) else (value,)
    return max((len(one) for one in fields if isinstance(one, list)), default=0)


def named_in(body: bytes) -> str | None:
    """The name that a body gives its own delivery: CloudEvents' source and id, or SNS' MessageId.

    Spelt as the headers of the same senders spell it, so that both are one name. A batch
    of CloudEvents is named by all of them.
    """
    if not any(word in body for word in _NAMING):
        return None
    try:
        value = parse_json(body)
    except NotJsonError:
        return None
    events = value if isinstance(value, list) else [value]
    names = [_name_of(event) for event in events]
    known = [name for name in names if name]
    if not known or len(known) < len(names):
        return None
    return known[0] if len(known) == 1 else "\n".join(known)


def _name_of(event: Json) -> str | None:
    if not isinstance(event, dict):
        return None
    if "TopicArn" in event and (message := first_text(event, "MessageId")):
        return f"x-amz-sns-message-id {message}"
    name = first_text(event, "id")
    return f"ce {first_text(event, 'source')} {name}" if name and first_text(event, "specversion") else None


def key_in(body: bytes) -> str:
    """The key that an event for PagerDuty shows, also one that was cut off or is not quite JSON; else empty."""
    try:
        value = parse_json(body)
    except NotJsonError:
        found = next((match for match in _KEY.finditer(body) if match[3]), None)
        try:
            return as_text(parse_json(b'"%b"' % found[2])) if found else ""
        except NotJsonError:
            return ""
    return first_text(value, *KEY_FIELDS) if isinstance(value, dict) else ""


def without_keys(body: bytes, inner: bytes) -> bytes:
    """`body` with PagerDuty's keys hidden, every other byte as it came; `inner` is the JSON in it.

    Where a key was spelt so that it can't be cut out of the bytes, the JSON is written anew.
    """
    kept = _cut(body)
    try:
        value = parse_json(inner)
    except NotJsonError:
        return kept
    hidden = _hide(value)
    if hidden == value:
        return body
    try:
        return kept if parse_json(kept) == hidden else json.dumps(hidden).encode()
    except NotJsonError:
        return json.dumps(hidden).encode()


def _cut(body: bytes) -> bytes:
    return _KEY.sub(rb'\1"%b"' % HIDDEN.encode(), body)


def _hide(value: Json) -> Json:
    if isinstance(value, list):
        return [_hide(item) for item in value]
    if isinstance(value, dict):
        return {name: HIDDEN if name in KEY_FIELDS else _hide(item) for name, item in value.items()}
    return value
