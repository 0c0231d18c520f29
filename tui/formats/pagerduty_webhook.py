"""PagerDuty's incidents, as it tells of them: webhooks of version 3 and before, and the lists of its REST API.

Everywhere the incident's own id is its identity, so that what is sent and what is fetched share a key.
"""

import re
from collections.abc import Mapping
from typing import Final

from tui.formats.base import (
    Payload,
    as_list,
    as_object,
    filled,
    first_text,
    inside,
    key_of,
    kind_in,
    labels_of,
    plain,
    rejected,
    rendered,
    shape,
    web,
    when,
)
from tui.formats.decode import Json
from tui.model.severity import Severity, hint
from tui.model.signal import Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "pagerduty"

_EVENTS: Final = {
    "trigger": SignalStatus.FIRING,
    "reopen": SignalStatus.FIRING,
    "unacknowledge": SignalStatus.FIRING,
    "acknowledge": SignalStatus.ACKNOWLEDGED,
    "resolve": SignalStatus.RESOLVED,
}
"""What happened to an incident, in the stem of its many spellings. Anything else leaves its status as it is."""

_STATES: Final = {
    "triggered": SignalStatus.FIRING,
    "acknowledged": SignalStatus.ACKNOWLEDGED,
    "resolved": SignalStatus.RESOLVED,
}
_REMARKS: Final = ("content", "message")
_LOG_ENTRY = re.compile(r"([a-z_]+)_log_entry(?:_reference)?")
_PAGES: Final = ("limit", "offset", "more", "total")
_NAMED_LATER: Final = "null"  # the old webhook writes the word where there is nobody


def reason(body: dict[str, Json]) -> str | None:
    """Why a body is taken for one that tells of PagerDuty's incidents, or None."""
    event = body.get("event")
    if isinstance(event, dict) and "event_type" in event and ("resource_type" in event or "occurred_at" in event):
        return "an event of its webhook v3"
    messages = body.get("messages")
    if isinstance(messages, list) and messages and all(_of_incident(message) for message in messages):
        return "messages of its webhooks v1 and v2"
    if _is_incident(body.get("incident")):
        return "an incident of its REST API"
    for name, looks_right in (("incidents", _is_incident), ("log_entries", _is_log_entry)):
        items = body.get(name)
        if isinstance(items, list) and all(map(looks_right, items)) and (items or any(n in body for n in _PAGES)):
            return f"a list of {name.replace('_', ' ')} of its REST API"
    return None


def _of_incident(message: Json) -> bool:
    return plain(inside(message, "event") or inside(message, "type")).startswith("incident.")


def _is_incident(item: Json) -> bool:
    if not isinstance(item, dict) or "id" not in item:
        return False
    return "incident_number" in item or plain(item.get("type")) in ("incident", "incident_reference")


def _is_log_entry(item: Json) -> bool:
    return _LOG_ENTRY.fullmatch(plain(inside(item, "type"))) is not None


def read(body: dict[str, Json], payload: Payload) -> list[Signal]:
    """The signals of a body that `reason` takes; what changes no incident says nothing."""
    if isinstance(body.get("event"), dict):
        return _version_3(as_object(body["event"], "event"), payload)
    if "messages" in body:
        items = as_list(body["messages"], "messages")
        return [_message(as_object(item, f"messages[{n}]"), f"messages[{n}]", payload) for n, item in enumerate(items)]
    if "incident" in body:
        return [_listed(as_object(body["incident"], "incident"), "incident", payload)]
    if "incidents" in body:
        items = as_list(body["incidents"], "incidents")
        return [_listed(as_object(item, f"incidents[{n}]"), f"incidents[{n}]", payload) for n, item in enumerate(items)]
    entries = as_list(body["log_entries"], "log_entries")
    read_one = (
        _log_entry(as_object(item, f"log_entries[{n}]"), f"log_entries[{n}]", payload) for n, item in enumerate(entries)
    )
    return [signal for signal in read_one if signal]


def _version_3(event: dict[str, Json], payload: Payload) -> list[Signal]:
    data = as_object(event.get("data"), "event.data")
    word = plain(event.get("event_type"))
    if not word:
        raise rejected("event.event_type: missing")
    about = data if "incident" not in data else as_object(data["incident"], "event.data.incident")
    if not word.startswith("incident.") or not about:
        return []  # a service was edited, a webhook was tried out
    remark = first_text(data, *_REMARKS) if about is not data else ""
    labels = {"event": word.removeprefix("incident."), "by": _who(event.get("agent")), "remark": remark}
    status = _status(word, about, known=about is data)
    return [_incident(about, status, "event.data", payload, at=event.get("occurred_at"), labels=labels)]


def _message(message: dict[str, Json], path: str, payload: Payload) -> Signal:
    data = as_object(message.get("data"), f"{path}.data")
    incident = as_object(message.get("incident") or data.get("incident"), f"{path}.incident")
    word = plain(message.get("event")) or plain(message.get("type"))
    status = _status(word, incident, known=True)
    entries = message.get("log_entries")
    agent = inside(entries[0], "agent") if isinstance(entries, list) and entries else None
    people = (incident.get("resolved_by_user"), agent, incident.get("last_status_change_by"), _acknowledger(incident))
    by = next((name for one in people if (name := _who(one))), "")
    if not by and status is SignalStatus.ACKNOWLEDGED:
        by = _who(incident.get("assigned_to_user"))  # whoever acknowledges has it
    labels = {"event": word.removeprefix("incident."), "by": by}
    return _incident(incident, status, f"{path}.incident", payload, at=message.get("created_on"), labels=labels)


def _listed(incident: dict[str, Json], path: str, payload: Payload) -> Signal:
    status = _STATES.get(plain(incident.get("status")).lower(), SignalStatus.UNKNOWN)
    people = {
        SignalStatus.ACKNOWLEDGED: _acknowledger(incident),
        SignalStatus.RESOLVED: incident.get("last_status_change_by"),
    }
    at = incident.get("last_status_change_at") or incident.get("resolved_at") or incident.get("updated_at")
    return _incident(incident, status, path, payload, at=at, labels={"by": _who(people.get(status))})


def _log_entry(entry: dict[str, Json], path: str, payload: Payload) -> Signal | None:
    kind = _LOG_ENTRY.fullmatch(plain(entry.get("type")))
    word = kind[1] if kind else ""
    incident = as_object(entry.get("incident"), f"{path}.incident")
    if word == "annotate":
        status = SignalStatus.INFO
    elif word in _EVENTS:
        status = _EVENTS[word]
    else:
        return None  # who was called, and by what means
    whole = {"service": entry.get("service"), "created_at": None, **incident}
    remark = plain(inside(entry, "channel", "summary")) if word == "annotate" else ""
    labels = {"event": word, "by": _who(entry.get("agent")), "remark": remark}
    return _incident(whole, status, f"{path}.incident", payload, at=entry.get("created_at"), labels=labels)


def _status(word: str, incident: dict[str, Json], *, known: bool) -> SignalStatus:
    """By the event, else by the state the incident is in; a remark on one that somebody has changes nothing."""
    stem = word.removeprefix("incident.")
    for spelling in (stem, stem.removesuffix("d"), stem.removesuffix("ed")):
        if spelling in _EVENTS:
            return _EVENTS[spelling]
    firing = known and plain(incident.get("status")) == "triggered"
    return SignalStatus.FIRING if firing else SignalStatus.INFO


def _incident(
    incident: dict[str, Json],
    status: SignalStatus,
    path: str,
    payload: Payload,
    *,
    at: Json,
    labels: Mapping[str, Json],
) -> Signal:
    identity = rendered(first_text(incident, "id"))
    if not identity:
        raise rejected(f"{path}.id: missing in {shape(incident)}")
    source, happened = payload.source or Safe(NAME), when(at)
    subject = _who(incident.get("service")) or plain(inside(incident, "trigger_summary_data", "subject"))
    title = _title(incident) or identity
    if status is SignalStatus.INFO:  # a remark must not look like the trouble said once more
        title = f"{plain(labels.get('event'))}: {plain(labels.get('remark')) or title}"
    word = _who(incident.get("priority")) or first_text(incident, "urgency")
    over = status is SignalStatus.RESOLVED
    state = plain(incident.get("status"))
    more = {**labels, "state": state if status is SignalStatus.INFO else "", **_labels(incident)}
    started = when(incident.get("created_at")) or when(incident.get("created_on"))
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, identity),
        status=status,
        kind=kind_in(title, {}),
        title=clean(title),
        subject=clean(subject or title),
        severity_word=clean(word, 40) if word else None,
        severity_hint=_grade(word),
        at=happened or (None if over else started),
        starts=started,
        ended_at=(when(incident.get("resolved_at")) or happened) if over else None,
        labels=labels_of(filled(more)),
        links=Links(source=web(incident.get("html_url"))),
    )


def _title(incident: dict[str, Json]) -> str:
    """Its title; a summary has the number in front, which a reference tells nowhere else."""
    title = first_text(incident, "title") or plain(inside(incident, "trigger_summary_data", "subject"))
    summary = first_text(incident, "summary", "description")
    return title or re.sub(r"^\[#\d+\]\s*", "", summary)


def _labels(incident: dict[str, Json]) -> dict[str, Json]:
    assigned = incident.get("assignees") or incident.get("assignments")
    teams = incident.get("teams")
    people = [_who(inside(one, "assignee") or one) for one in assigned] if isinstance(assigned, list) else []
    return {
        "number": first_text(incident, "number", "incident_number"),
        "service": _who(incident.get("service")),
        "team": ", ".join(filter(None, map(_who, teams))) if isinstance(teams, list) else "",
        "escalation_policy": _who(incident.get("escalation_policy")),
        "assigned_to": ", ".join(filter(None, people)) or _who(incident.get("assigned_to_user")),
        "priority": _who(incident.get("priority")),
        "urgency": first_text(incident, "urgency"),
        "incident_key": rendered(first_text(incident, "incident_key")),
        "conference": plain(inside(incident, "conference_bridge", "conference_url")),
    }


def _acknowledger(incident: dict[str, Json]) -> Json:
    """The last one who acknowledged it."""
    entries = incident.get("acknowledgements") or incident.get("acknowledgers")
    if not isinstance(entries, list) or not entries:
        return None
    return inside(entries[-1], "acknowledger") or inside(entries[-1], "object")


def _who(value: Json) -> str:
    """The name of whom or what a reference stands for; empty for nobody."""
    name = first_text(value, "summary", "name", "email") if isinstance(value, dict) else plain(value)
    return "" if name == _NAMED_LATER else name


def _grade(word: str) -> Severity | None:
    """A priority may be a house's own word: `P1`, `SEV-1`, `P1 - Critical`."""
    first = next(iter(word.split()), "")
    return hint(word) or hint(first) or hint(re.sub(r"[^A-Za-z0-9]", "", first))
