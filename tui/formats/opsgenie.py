"""Opsgenie: alerts sent to its Alert API, actions on them by address, its own webhook, and its API's list.

An action's alias and name are in the address, not in the body: the receiver puts them
into the headers `x-sev-alias` and `x-sev-action`.
"""

import re
from collections.abc import Mapping
from typing import Final

from tui.formats.base import (
    Format,
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
    subject_in,
    web,
    when,
)
from tui.formats.decode import Json
from tui.model.severity import hint
from tui.model.signal import Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "opsgenie"

ALIAS_HEADER: Final = "x-sev-alias"
"""The alias in the address, already decoded."""

ACTION_HEADER: Final = "x-sev-action"
"""The last part of the address: `close`, `acknowledge` …; `create` for the collection itself."""

_ACTIONS: Final = {
    "create": SignalStatus.FIRING,
    "acknowledge": SignalStatus.ACKNOWLEDGED,
    "unacknowledge": SignalStatus.FIRING,
    "close": SignalStatus.RESOLVED,
    "delete": SignalStatus.RESOLVED,
}
"""What an action makes of the alert; the others (notes, tags, owners, a snooze) leave it as it is."""

_OF_CREATE: Final = ("alias", "responders", "visibleTo")
_OF_OTHERS: Final = frozenset({"title", "key", "status", "subject", "event"})  # messages of tools without a format
_OF_ALERT: Final = ("alertId", "alias", "tinyId")
_PRIORITY = re.compile(r"P[1-5]", re.IGNORECASE)
_NAMED_SEPARATELY: Final = frozenset({"alertId", "alias", "message", "details", "createdAt", "updatedAt", "responders"})


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if headers.get(ACTION_HEADER):
        return "sent to an address of Opsgenie's Alert API"
    if not isinstance(body, dict):
        return None
    if isinstance(body.get("alert"), dict) and isinstance(body.get("action"), str):
        alert = as_object(body["alert"], "alert")
        return "an action and its alert, Opsgenie's webhook" if any(name in alert for name in _OF_ALERT) else None
    if "requestId" in body and "took" in body:
        return "an answer of Opsgenie's API"
    if isinstance(body.get("message"), str):
        return _create_reason(body)
    return None


def _create_reason(body: dict[str, Json]) -> str | None:
    if body.keys() & _OF_OTHERS:
        return None
    if _PRIORITY.fullmatch(plain(body.get("priority"))):
        return "a message with a priority, as its Alert API takes it"
    name = next((name for name in _OF_CREATE if name in body), None)
    return f"a message with {name}, as its Alert API takes it" if name else None


def _read(body: Json, payload: Payload) -> list[Signal]:
    action = payload.headers.get(ACTION_HEADER, "")
    if body is None and action:
        body = {}
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    if "requestId" in body and "took" in body and not action:
        return _answer(body, payload)
    if not action and isinstance(body.get("alert"), dict):
        return [_action(as_object(body["alert"], "alert"), body, payload)]
    if action and action.lower() != "create":
        return [_by_address(action, body, payload)]
    if "message" not in body:
        raise rejected(f"message: missing in {shape(body)}")
    alias = payload.headers.get(ALIAS_HEADER, "")
    return [_alert({"alias": alias, **filled(body)}, SignalStatus.FIRING, "alert", payload)]


def _by_address(action: str, body: dict[str, Json], payload: Payload) -> Signal:
    """An action on an alert that the address names; its body is empty or tells who and why."""
    status = _ACTIONS.get(action.lower(), SignalStatus.INFO)
    alias = rendered(payload.headers.get(ALIAS_HEADER, ""))
    remark = first_text(body, "note")
    title = f"{action.lower()}: {remark or alias}" if status is SignalStatus.INFO else alias
    alert: dict[str, Json] = {"alias": alias, "message": title, "entity": alias}
    by = {"by": first_text(body, "user"), "remark": remark, "sent_by": first_text(body, "source")}
    return _alert(alert, status, "the address", payload, by)


def _action(alert: dict[str, Json], body: dict[str, Json], payload: Payload) -> Signal:
    """What was done to an alert, as Opsgenie's webhook tells it. Its own words for actions may be a house's."""
    action = plain(body.get("action"))
    status = _ACTIONS.get(action.lower(), SignalStatus.INFO)
    remark = first_text(alert, "note")
    if status is SignalStatus.INFO:
        alert = {**alert, "message": f"{action}: {remark or first_text(alert, 'message')}"}
    by = first_text(alert, "username", "userId")
    more = {"action": action, "by": by, "remark": remark, "integration": first_text(body, "integrationName")}
    return _alert(alert, status, "alert", payload, more)


def _answer(body: dict[str, Json], payload: Payload) -> list[Signal]:
    """The API's list of alerts, or one of them; any other answer is about a request and no alert."""
    data = body.get("data")
    items = data if isinstance(data, list) else [data]
    if not all(isinstance(item, dict) and "tinyId" in item for item in items):
        raise rejected(f"an answer of Opsgenie's API, not an alert: {_said(body)}")
    return [_listed(as_object(item, f"data[{n}]"), f"data[{n}]", payload) for n, item in enumerate(items)]


def _said(body: dict[str, Json]) -> str:
    said = (plain(inside(body, "data", "status")), first_text(body, "message", "result"))
    return next(filter(None, said), shape(body))


def _listed(alert: dict[str, Json], path: str, payload: Payload) -> Signal:
    status, by = SignalStatus.FIRING, ""
    if plain(alert.get("status")).lower() == "closed":
        status, by = SignalStatus.RESOLVED, plain(inside(alert, "report", "closedBy"))
    elif alert.get("acknowledged") is True:
        acknowledged_by = plain(inside(alert, "report", "acknowledgedBy"))
        status, by = SignalStatus.ACKNOWLEDGED, acknowledged_by or first_text(alert, "owner")
    return _alert(alert, status, path, payload, {"by": by})


def _alert(
    alert: dict[str, Json], status: SignalStatus, path: str, payload: Payload, more: Mapping[str, Json] | None = None
) -> Signal:
    details = as_object(alert.get("details"), f"{path}.details")
    identity = rendered(*(first_text(alert, name) for name in ("alias", "alertId", "id"))) or _unnamed(alert)
    if not identity:
        raise rejected(f"{path}: no alias, and its message is empty or a template that was not filled in")
    source = payload.source or Safe(NAME)
    title = first_text(alert, "message", "description") or first_text(details, "Message") or identity
    entity = rendered(first_text(alert, "entity"), first_text(details, "Entity"))
    priority = first_text(alert, "priority") or first_text(details, "Priority")
    over = status is SignalStatus.RESOLVED
    started, changed = when(alert.get("createdAt")), when(alert.get("updatedAt"))
    at = changed or (None if over else started)
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, identity),
        status=status,
        kind=kind_in(title, details),
        title=clean(title),
        subject=clean(subject_in(details) or entity or title),
        severity_word=clean(priority, 40) if priority else None,
        severity_hint=hint(priority),
        at=at,
        starts=started,
        ended_at=at if over else None,
        labels=labels_of(filled({**(more or {}), **_labels(alert), **details})),
        links=Links(
            runbook=web(details.get("runbook_url")) or web(details.get("runbook")),
            source=web(alert.get("source")) or web(details.get("url")),
        ),
    )


def _unnamed(alert: dict[str, Json]) -> str:
    """What an alert without an alias is known by. Opsgenie would open a new one for each."""
    return " ".join(filter(None, (rendered(first_text(alert, name)) for name in ("entity", "message"))))


def _labels(alert: dict[str, Json]) -> dict[str, Json]:
    """Its plain fields, its tags in one line, and who is to respond."""
    named = as_list(alert.get("responders"), "responders")
    people = [plain(inside(one, "name")) or plain(inside(one, "username")) for one in named]
    tags = alert.get("tags")
    flat: dict[str, Json] = {
        name: value
        for name, value in alert.items()
        if name not in _NAMED_SEPARATELY and isinstance(value, str | int | float)
    }
    return {
        **flat,
        "tags": ", ".join(filter(None, map(plain, tags))) if isinstance(tags, list) else plain(tags),
        "responders": ", ".join(filter(None, people)),
    }


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
