"""CloudEvents: an envelope around another tool's body, alone, in a batch, or in headers with the bare body (binary).

Azure's Event Grid has an envelope of its own with the same attributes under other names: it is opened as well.

The registry asks `unwrap` before it looks for a format, and has `read_parts` read each part:

    if unwrap(body, payload.headers) is not None:
        signals = read_parts(body, payload, find)   # find(part, headers): the format it is in, or None

`find` must try every format but this one. What no format knows gives a modest signal where the
envelope's own type, subject or severity says how something is, and else none.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote

from msgspec.structs import replace

from tui.errors import NotJsonError
from tui.formats import generic, generic_fields, generic_notes
from tui.formats.base import (
    Format,
    Payload,
    filled,
    first_text,
    inside,
    key_of,
    labels_of,
    part,
    rejected,
    rendered,
    shape,
    subject_in,
    web,
    when,
)
from tui.formats.decode import Json, parse_json
from tui.formats.generic_fields import attempts_of
from tui.formats.generic_state import flagged, tries_again
from tui.formats.generic_words import is_change, status_of, status_of_event
from tui.model.severity import hint
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "cloudevents"

_CORE: Final = ("specversion", "id", "source", "type", "datacontenttype", "dataschema", "subject", "time")
_AZURE: Final = {"type": "eventType", "source": "topic", "time": "eventTime"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CHANGES: Final = frozenset(
    {"deploy", "deployed", "deployment", "release", "released", "rollout", "rollback", "migrated", "maintenance"}
)
_SAID: Final = (
    (SignalStatus.RESOLVED, frozenset({"resolved", "recovered", "cleared"})),
    (SignalStatus.RETRYING, frozenset({"retry", "retrying", "retried"})),
    (SignalStatus.SUCCEEDED, frozenset({"succeeded", "success", "completed", "complete"})),
    (SignalStatus.STARTED, frozenset({"started"})),
    (SignalStatus.FIRING, frozenset({"failed", "failure", "failing", "crashed", "aborted", "timeout", "breached"})),
    (
        SignalStatus.FIRING,
        frozenset({"error", "errored", "firing", "degraded", "unhealthy", "stale", "late", "missed"}),
    ),
    (SignalStatus.INFO, _CHANGES),
)
"""What words of a type say, the first that applies; the last row are changes."""

_SETTINGS: Final = frozenset({"config", "configuration", "schema", "settings"})
_CHANGED: Final = frozenset({"changed", "change", "updated", "altered"})
_TROUBLES: Final = frozenset({"alert", "alarm", "incident", "problem"})
_OVER: Final = frozenset({"closed", "ended", "inactive"})
_OPENED: Final = frozenset({"opened", "created", "raised", "triggered", "fired", "active", "finished", *_OVER})
_KINDS: Final = (
    (Kind.DATA_QUALITY, frozenset({"quality", "dataset", "table", "freshness", "expectation", "check"})),
    (Kind.PERFORMANCE, frozenset({"latency", "lag", "slow", "throughput"})),
    (
        Kind.FAILED_JOB,
        frozenset({"job", "pipeline", "task", "run", "dag", "flow", "workflow", "pipelinerun", "taskrun"}),
    ),
)
_MESSAGE: Final = ("message", "summary", "title", "error", "reason", "description")


def unwrap(body: Json, headers: Mapping[str, str]) -> list[tuple[Json, dict[str, str]]] | None:
    """The bodies inside, each with headers that carry its envelope's attributes as `ce-…`; None for no CloudEvent.

    Data that came as text or base64 is decoded where it is JSON; missing data is null. A part
    must not be unwrapped again: its headers make it look like the binary form.
    """
    if "ce-type" in headers and ("ce-specversion" in headers or "ce-id" in headers):
        told = {name: unquote(value) if name.startswith("ce-") else value for name, value in headers.items()}
        return [(body, told)]
    if isinstance(body, list):
        return [_opened(one, headers) for one in body] if body and all(map(_is_event, body)) else None
    return [_opened(body, headers)] if _is_event(body) else None


def _is_event(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    return (isinstance(value.get("specversion"), str) and bool(first_text(value, "type"))) or _of_azure(value)


def _of_azure(event: dict[str, Json]) -> bool:
    named = all(first_text(event, name) for name in ("id", "eventType", "eventTime", "subject"))
    return named and "data" in event and ("topic" in event or "dataVersion" in event)


def _opened(event: Json, headers: Mapping[str, str]) -> tuple[Json, dict[str, str]]:
    fields = part(event)
    if _of_azure(fields):
        renamed = {ours: fields.get(theirs) for ours, theirs in _AZURE.items()}
        fields = {
            "specversion": "1.0",
            "id": fields["id"],
            "subject": fields["subject"],
            "data": fields["data"],
            **renamed,
        }
    attributes = {name.lower(): first_text(fields, name) for name in fields if not name.startswith("data_base64")}
    told = {f"ce-{name}": text for name, text in attributes.items() if text and name != "data"}
    content = attributes.get("datacontenttype") or "application/json"
    return _data(fields), {**headers, **told, "content-type": content}


def _data(event: dict[str, Json]) -> Json:
    encoded, data = event.get("data_base64"), event.get("data")
    if isinstance(encoded, str) and data is None:
        try:
            return parse_json(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError, NotJsonError):
            return None
    if isinstance(data, str) and data.strip()[:1] in ("{", "["):
        try:
            return parse_json(data.encode("utf-8", "surrogatepass"))
        except NotJsonError:
            return data
    return data


def read_parts(body: Json, payload: Payload, find: Callable[[Json, Mapping[str, str]], Format | None]) -> list[Signal]:
    """The signals of every part of a CloudEvent, each read by the format that `find` names for it.

    sev's own JSON is looked for in data that states how something is; where only the type does, the
    type's word counts. Raises RejectedError where `body` is no CloudEvent, or a part is broken.
    """
    parts = unwrap(body, payload.headers)
    if parts is None:
        raise rejected(f"specversion and type: missing in {shape(body)}")
    signals = []
    for data, headers in parts:
        format_ = find(data, headers)
        inner = replace(payload, headers=headers)
        if format_ is None or (format_.name == generic.NAME and not _states(data)):
            signals += _modest(data, headers, payload)
        else:
            signals += [_dated(signal, headers) for signal in format_.read(data, inner)]
    return signals


def _states(data: Json) -> bool:
    if isinstance(data, list):
        return all(map(_states, data))
    fields = (*generic_fields.FIELDS["status"], *generic_fields.FIELDS["severity"], "alerts")
    if not isinstance(data, dict):
        return False
    event = first_text(data, "event")  # a `type` inside is the envelope's once more
    said = is_change(event) or status_of_event(event) is not None or flagged(data) is not None
    return said or any(name in data for name in fields) or generic_notes.is_message(data)


def _dated(signal: Signal, headers: Mapping[str, str]) -> Signal:
    """The envelope's time for a signal that says none itself."""
    undated = signal.at is None and signal.starts is None and signal.ended_at is None
    return replace(signal, at=when(headers.get("ce-time"))) if undated else signal


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if unwrap(body, headers) is None:
        return None
    if "ce-type" in headers:
        return "a CloudEvent: the headers say so"
    return "a batch of CloudEvents" if isinstance(body, list) else "a CloudEvent: it has specversion and type"


def _read(body: Json, payload: Payload) -> list[Signal]:
    return read_parts(body, payload, lambda data, headers: None)


def _modest(data: Json, headers: Mapping[str, str], payload: Payload) -> list[Signal]:
    type_, source = headers.get("ce-type", ""), payload.source or Safe(NAME)
    words = [word.lower() for word in _WORD.findall(type_[:300])]
    fields = part(data)
    severity = headers.get("ce-severity", "") or first_text(fields, *generic_fields.FIELDS["severity"])
    status = _status(set(words), fields, severity)
    if status is None:
        return []
    if status is SignalStatus.FIRING and tries_again(fields):
        status = SignalStatus.RETRYING
    attempt, most = attempts_of(fields)
    about = headers.get("ce-subject", "") or subject_in(fields)
    said = [word for word in words if word not in _STATES]
    key = rendered(f"{headers.get('ce-source', '')} {'.'.join(said)} {about}") or rendered(".".join(said)) or "event"
    message = first_text(fields, *_MESSAGE) or (data if isinstance(data, str) else "")
    title = ": ".join(filter(None, (" ".join(filter(None, (about, type_))), message)))
    at = when(headers.get("ce-time"))
    firing = status is SignalStatus.FIRING
    settings = bool(_SETTINGS.intersection(words) and _CHANGED.intersection(words))
    change = status is SignalStatus.INFO and (settings or bool(_CHANGES.intersection(words)))
    return [
        Signal(
            source=source,
            format=NAME,
            key=key_of(source, f"change {headers.get('ce-source')} {headers.get('ce-id')}" if change else key),
            status=status,
            kind=Kind.CHANGE if change else next((kind for kind, of in _KINDS if of.intersection(words)), Kind.OTHER),
            title=clean(title),
            subject=clean(about or ".".join(said) or type_),
            attempt=attempt,
            max_attempts=most,
            severity_word=clean(severity, 40) if severity else None,
            severity_hint=hint(severity) if firing else None,
            at=at,
            ended_at=at if status in (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED) else None,
            labels=labels_of(filled(_labels(headers) | (_change(fields, type_, about) if change else {}))),
            links=Links(source=web(fields.get("url")) or web(fields.get("link")) or web(headers.get("ce-source"))),
        )
    ]


def _labels(headers: Mapping[str, str]) -> dict[str, Json]:
    extra = {name[3:]: text for name, text in headers.items() if name.startswith("ce-") and name[3:] not in _CORE}
    named = {"type": "ce-type", "id": "ce-id", "origin": "ce-source"}
    return {**{ours: headers.get(theirs) for ours, theirs in named.items()}, **extra}


def _change(data: dict[str, Json], type_: str, about: str) -> dict[str, Json]:
    return {"who": first_text(data, *generic_notes.WHO), "what": type_, "touches": about}


_STATES: Final = frozenset().union(*(words for _, words in _SAID), _OPENED)
"""Words of a type that change while the trouble stays the same."""


def _status(words: set[str], data: dict[str, Json], severity: str) -> SignalStatus | None:
    """What data, type or severity says of the state; None where none of them says anything."""
    stated = first_text(data, *generic_fields.FIELDS["status"], "outcome")
    stated = stated or first_text({"": inside(data, "subject", "content", "outcome")}, "")  # CDEvents
    if known := status_of(stated):
        return known
    if (flag := flagged(data)) or (words & _SETTINGS and words & _CHANGED):
        return flag or SignalStatus.INFO
    if words & _TROUBLES and words & _OVER:
        return SignalStatus.RESOLVED
    if said := next((status for status, telling in _SAID if words & telling), None):
        return said
    if words & _TROUBLES:
        return SignalStatus.FIRING
    if severity:
        return SignalStatus.INFO if severity.lower() in ("info", "notice", "debug") else SignalStatus.FIRING
    return None


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""CloudEvents whose data is in no known format."""
