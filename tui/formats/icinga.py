"""Icinga and Nagios: Icinga Notifications (its events, its channels, its incidents); states of checks lie next door.

A host or service is known by Icinga's own name for it, `host!service`, whichever interface tells of it.
"""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from tui.formats import icinga_states, nagios
from tui.formats.base import (
    Format,
    Payload,
    as_object,
    filled,
    first_text,
    inside,
    key_of,
    plain,
    rejected,
    rendered,
    shape,
    web,
)
from tui.formats.decode import Json
from tui.formats.icinga_states import NAME, Check, signal_of
from tui.model.severity import hint
from tui.model.signal import Signal, SignalStatus
from tui.model.text import clean

_SEVERITIES: Final = frozenset({"ok", "debug", "info", "notice", "warning", "err", "crit", "alert", "emerg"})
_EVENTS: Final = {
    "acknowledgement-set": SignalStatus.ACKNOWLEDGED,
    "acknowledgement-cleared": SignalStatus.FIRING,
}
"""Events that are not about a state; the others (downtimes, flapping, a mute) are remarks."""

_NOT_STATES: Final = (*_EVENTS, "downtime-", "flapping-", "custom", "incident-age", "mute", "unmute")
_METHODS: Final = frozenset({"SendNotification", "SetConfig", "GetInfo"})


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if not isinstance(body, dict):
        return None
    if "jsonrpc" in body:
        method = plain(body.get("method"))
        if method in _METHODS:
            return f"a call of Icinga Notifications to its channel: {method}"
        return "an answer over JSON-RPC" if "error" in body else None
    if body.keys() == {"status", "result"} and isinstance(body["result"], dict):
        return "a line of Icinga Notifications' API" if body["result"].keys() & {"object_tags", "error"} else None
    tags = body.get("tags")
    if isinstance(tags, dict) and tags and "name" in body:
        graded = plain(body.get("severity")) in _SEVERITIES
        if graded and (tags.keys() & {"host", "service"} or "relations" in body or body.get("type") == "state"):
            return "an event for Icinga Notifications: tags and a severity"
        if plain(body.get("type")).startswith(_NOT_STATES):
            return "an event for Icinga Notifications: tags and a type"
    return icinga_states.reason(body) or nagios.reason(body)


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    if "jsonrpc" in body:
        return _called(body, payload)
    if "result" in body:
        return _incident(as_object(body["result"], "result"), payload)
    if isinstance(body.get("tags"), dict):
        return [_event(body, as_object(body["tags"], "tags"), body, first_text(body, "severity"), payload)]
    if icinga_states.reason(body):
        return icinga_states.read(body, payload)
    if nagios.reason(body):
        return nagios.read(body, payload)
    raise rejected(f"neither tags nor a state of a check: {shape(body)}")


def _called(body: dict[str, Json], payload: Payload) -> list[Signal]:
    if "method" not in body:
        raise rejected(f"an answer over JSON-RPC, not an event: {plain(inside(body, 'error', 'message'))}")
    if body["method"] != "SendNotification":
        return []  # a channel is set up
    call = as_object(body.get("params"), "params")
    about = as_object(call.get("object"), "params.object")
    incident = as_object(call.get("incident"), "params.incident")
    event = as_object(call.get("event"), "params.event")
    severity = first_text(incident, "severity") or first_text(event, "severity")
    signal = _event(event, as_object(about.get("tags"), "params.object.tags"), about, severity, payload)
    page = web(incident.get("url")) or signal.links.source
    return [replace(signal, links=replace(signal.links, source=page))]


def _incident(result: dict[str, Json], payload: Payload) -> list[Signal]:
    """One open incident of the API's list; the answer to a change of one says nothing."""
    if "object_tags" not in result or "error" in result:
        raise rejected(f"an error answer of Icinga Notifications: {first_text(result, 'error')}")
    severity = first_text(result, "severity")
    if not severity:
        return []
    muted: dict[str, Json] = {"muted": "yes"} if result.get("is_muted") is True else {}
    return [_event({}, as_object(result["object_tags"], "result.object_tags"), muted, severity, payload)]


def _event(
    event: dict[str, Json], tags: dict[str, Json], about: dict[str, Json], severity: str, payload: Payload
) -> Signal:
    """An event about the object that `tags` identify; `about` names and links it."""
    kind = first_text(event, "type")
    status = _status(kind, severity)
    message = next(iter(first_text(event, "summary", "message").splitlines()), "")
    title = message or first_text(about, "name")
    by = first_text(event, "username", "author")
    extra = event.get("extra_tags")
    labels: dict[str, Json] = {
        "by": by,
        "type": kind,
        "name": about.get("name"),
        "muted": about.get("muted"),
        **tags,
        **(extra if isinstance(extra, dict) else {}),
        **_relations(event),
    }
    check = Check(
        host=first_text(tags, "host"),
        service=first_text(tags, "service"),
        status=status,
        title=f"{kind}: {title}" if status is SignalStatus.INFO else title,
        at=event.get("time"),
        labels=filled(labels),
        page=web(about.get("url")),
    )
    word = "" if status is SignalStatus.RESOLVED else severity
    return replace(
        _named(check, tags, payload), severity_word=clean(word, 40) if word else None, severity_hint=hint(word)
    )


def _named(check: Check, tags: dict[str, Json], payload: Payload) -> Signal:
    """With tags beside host and service (an environment, another source's own) the key has these too."""
    more = [f"{name}={text}" for name in sorted(tags) if (text := rendered(first_text(tags, name)))]
    own = [part for part in more if not part.startswith(("host=", "service="))]
    if not own:
        return signal_of(check, payload)
    if not rendered(check.host) and not rendered(check.service):
        check = replace(check, service=", ".join(own))
        own = []
    signal = signal_of(check, payload)
    if not own:
        return signal
    return replace(signal, key=key_of(signal.source, f"{signal.subject} {', '.join(own)}"))


def _status(kind: str, severity: str) -> SignalStatus:
    if kind in _EVENTS:
        return _EVENTS[kind]
    if kind.startswith(_NOT_STATES):
        return SignalStatus.INFO
    if severity == "ok":
        return SignalStatus.RESOLVED
    return SignalStatus.FIRING if severity else SignalStatus.UNKNOWN


def _relations(event: dict[str, Json]) -> dict[str, Json]:
    """The variables set for the host and the service: team, environment, whatever a house has."""
    found: dict[str, Json] = {}
    relations = as_object(event.get("relations"), "relations")
    services = relations.get("services")
    for one in [relations.get("host"), *(services[:8] if isinstance(services, list) else [])]:
        own = inside(one, "vars")
        found |= own if isinstance(own, dict) else {}
    return found


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
