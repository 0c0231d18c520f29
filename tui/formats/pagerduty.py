"""PagerDuty: what is sent to its Events API (v2, v1, changes). The incidents it tells of itself lie next door."""

import re
from collections.abc import Mapping
from typing import Final

from tui.formats import pagerduty_webhook
from tui.formats.base import (
    Format,
    Payload,
    as_list,
    as_object,
    digest,
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
    subject_in,
    web,
    when,
)
from tui.formats.decode import Json
from tui.formats.pagerduty_webhook import NAME
from tui.model.severity import hint
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

ACTIONS: Final = {
    "trigger": SignalStatus.FIRING,
    "acknowledge": SignalStatus.ACKNOWLEDGED,
    "resolve": SignalStatus.RESOLVED,
}
_CEF: Final = ("source", "component", "group", "class")
_WHO: Final = ("user", "author", "actor", "deployed_by", "triggered_by", "committer", "by")
_TOUCHES: Final = ("touches", "service", "repository", "repo", "application", "app", "environment")
_ANSWER: Final = frozenset({"status", "message", "errors", "dedup_key", "incident_key", "code"})
"""Fields of an answer of the API; nothing else is in one."""

_LINKS_READ: Final = 20


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if not isinstance(body, dict):
        return None
    if _is_answer(body):
        return "an answer of PagerDuty's API"
    if "event_action" in body:
        return "event_action, as its Events API v2 takes it"
    word = plain(body.get("event_type")).lower()
    if "service_key" in body or (word in ACTIONS and ("incident_key" in body or "description" in body)):
        return "an event for its Events API v1"
    if "routing_key" in body and isinstance(body.get("payload"), dict):
        return "a change event: a payload without an action"
    if all(name in body for name in ("summary", "severity", "source", "dedup_key")):
        return "the payload of an event with its dedup_key"
    return pagerduty_webhook.reason(body)


def _is_answer(body: dict[str, Json]) -> bool:
    if not {"status", "message"} <= body.keys() <= _ANSWER:
        return False
    processed = body["status"] == "success" and plain(body["message"]).lower().endswith("processed")
    return processed or "errors" in body


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    if _is_answer(body):
        raise rejected("an answer of PagerDuty's API, not an event")
    if "event_action" in body:
        return [_event(body, as_object(body.get("payload"), "payload"), payload)]
    if pagerduty_webhook.reason(body):
        return pagerduty_webhook.read(body, payload)
    if plain(body.get("event_type")) or "service_key" in body:
        return [_first_version(body, payload)]
    if "payload" in body:
        return [_change(body, payload)]
    if "summary" in body:
        return [_event({"event_action": "trigger"}, body, payload)]
    raise rejected(f"no event of PagerDuty: {shape(body)}")


def _event(body: dict[str, Json], told: dict[str, Json], payload: Payload) -> Signal:
    """An event of version 2. Only a trigger has a payload; the routing key is a secret and goes nowhere."""
    word = plain(body.get("event_action"))
    status = ACTIONS.get(word.lower())
    if status is None:
        raise rejected(f"event_action: expected {', '.join(ACTIONS)}, found {word or shape(body['event_action'])}")
    details = _details(told.get("custom_details"))
    given = rendered(first_text(body, "dedup_key"), first_text(told, "dedup_key"))
    identity = given or (_unnamed(told) if status is SignalStatus.FIRING else "")
    if not identity:
        raise rejected("dedup_key: missing or a template that was not filled in, and nothing else to know it by")
    subject = subject_in(details) or rendered(*(first_text(told, name) for name in ("component", *_CEF))) or given
    title = first_text(told, "summary") or subject or identity
    source = payload.source or Safe(NAME)
    severity, at = first_text(told, "severity"), when(told.get("timestamp"))
    labels = {**{name: told.get(name) for name in _CEF}, "client": body.get("client"), **details}
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, identity),
        status=status,
        kind=kind_in(f"{first_text(told, 'class')} {title}", details),
        title=clean(title),
        subject=clean(subject or title),
        run=clean(run) if (run := first_text(details, "run_id", "run", "dag_run_id")) else None,
        severity_word=clean(severity, 40) if severity else None,
        severity_hint=hint(severity),
        at=at,
        ended_at=at if status is SignalStatus.RESOLVED else None,
        labels=labels_of(filled(labels)),
        links=_links(body, details),
    )


def _unnamed(told: dict[str, Json]) -> str:
    """What a trigger without a dedup_key is known by. PagerDuty would open a new incident for each."""
    places = [rendered(first_text(told, name)) for name in _CEF]
    if not any(places[1:]):
        places.append(rendered(first_text(told, "summary")))
    return " ".join(filter(None, places))


def _first_version(body: dict[str, Json], payload: Payload) -> Signal:
    """An event of version 1, read as one of version 2: it has no severity and no time."""
    details = body.get("details")
    told: dict[str, Json] = {
        "summary": first_text(body, "description"),
        "source": body.get("client"),
        "custom_details": details if isinstance(details, dict) else {"details": details},
    }
    if "event_type" not in body:
        raise rejected("event_type: missing")
    event: dict[str, Json] = {
        "event_action": body["event_type"],
        "dedup_key": body.get("incident_key"),
        "client_url": body.get("client_url"),
        "links": body.get("contexts"),
    }
    return _event(event, told, payload)


def _change(body: dict[str, Json], payload: Payload) -> Signal:
    told = as_object(body.get("payload"), "payload")
    if "severity" in told:
        raise rejected("event_action: missing, and a change event has no severity")
    summary = first_text(told, "summary")
    if not summary:
        raise rejected("payload.summary: missing in a change event")
    details = _details(told.get("custom_details"))
    source, at = payload.source or Safe(NAME), when(told.get("timestamp"))
    sender = rendered(first_text(told, "source"))
    touches = rendered(first_text(details, *_TOUCHES)) or subject_in(details) or sender
    one = digest("\n".join((sender, summary, plain(told.get("timestamp")))))
    labels = {"who": first_text(details, *_WHO), "what": summary, "touches": touches, "sent_by": sender, **details}
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"change {one}"),
        status=SignalStatus.INFO,
        kind=Kind.CHANGE,
        title=clean(summary),
        subject=clean(touches or summary),
        at=at,
        labels=labels_of(filled(labels)),
        links=_links(body, details),
    )


def _details(value: Json) -> dict[str, Json]:
    """The sender's own fields. They may be anything; plain text is one field."""
    if isinstance(value, dict):
        return value
    text = plain(value)
    return {"details": text} if text else {}


def _links(body: dict[str, Json], details: dict[str, Json]) -> Links:
    runbook = web(details.get("runbook_url")) or web(details.get("runbook"))
    addresses: list[Safe] = []
    for link in as_list(body.get("links"), "links")[:_LINKS_READ]:
        address = web(inside(link, "href"))
        if address and re.search(r"run\s?book|playbook", plain(inside(link, "text")), re.IGNORECASE):
            runbook = runbook or address
        elif address:
            addresses.append(address)
    return Links(runbook=runbook, source=web(body.get("client_url")) or next(iter(addresses), None))


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
