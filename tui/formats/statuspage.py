"""Status pages: the webhook that Statuspage sends to those who subscribed to a vendor's page.

It tells of a vendor's incident, of maintenance it planned (a change), or of one component. The vendor's
own word for the impact is only a hint: it grades the vendor's trouble, not ours.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tui.formats.base import (
    Format,
    Payload,
    as_object,
    filled,
    first_text,
    items,
    key_of,
    labels_of,
    part,
    rejected,
    rendered,
    shape,
    web,
    when,
)
from tui.formats.decode import Json
from tui.model.severity import hint
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "statuspage"

_STATUS: Final = {
    "investigating": SignalStatus.FIRING,
    "identified": SignalStatus.FIRING,
    "monitoring": SignalStatus.FIRING,  # a fix is in place; the vendor has not called it over
    "resolved": SignalStatus.RESOLVED,
    "postmortem": SignalStatus.RESOLVED,
}
_PLANNED: Final = frozenset({"scheduled", "in_progress", "verifying", "completed"})
_COMPONENT: Final = {
    "operational": (SignalStatus.RESOLVED, None),
    "under_maintenance": (SignalStatus.INFO, None),
    "degraded_performance": (SignalStatus.FIRING, "minor"),
    "partial_outage": (SignalStatus.FIRING, "major"),
    "major_outage": (SignalStatus.FIRING, "critical"),
}
_SHOWN: Final = 5


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    page = part(body, "page")
    if not isinstance(body, dict) or not ("status_indicator" in page or "status_description" in page or "meta" in body):
        return None
    if isinstance(body.get("incident"), dict) and "page" in body:
        return "a status page and its incident"
    if isinstance(body.get("component_update"), dict) and isinstance(body.get("component"), dict):
        return "a status page and a component of it"
    return None


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    source, page = payload.source or Safe(NAME), as_object(body.get("page"), "page")
    if "incident" in body:
        return [_incident(as_object(body["incident"], "incident"), page, source)]
    return [_component(as_object(body.get("component"), "component"), part(body, "component_update"), page, source)]


def _incident(incident: dict[str, Json], page: dict[str, Json], source: Safe) -> Signal:
    name, word = first_text(incident, "name"), first_text(incident, "status").lower()
    identity = rendered(first_text(incident, "id"), name)
    if not identity:
        raise rejected("incident.id: missing, and it has no name")
    impact = first_text(incident, "impact_override", "impact").lower()
    updates = [part(one) for one in items(incident.get("incident_updates"))]
    said = first_text(updates[0], "body") if updates else ""
    touched = [first_text(part(one), "name") for one in items(incident.get("components"))]
    planned = impact == "maintenance" or word in _PLANNED
    status = SignalStatus.INFO if planned else _STATUS.get(word, SignalStatus.UNKNOWN)
    began = when(incident.get("started_at")) or when(incident.get("created_at"))
    updated = max(filter(None, (when(one.get("created_at")) for one in updates)), default=None)
    at = updated or when(incident.get("updated_at")) or began
    ended = when(incident.get("resolved_at")) or at if status is SignalStatus.RESOLVED else None
    shown = ", ".join(filter(None, touched[:_SHOWN]))
    labels = {**_of_page(page), "status": word, "impact": impact, "update": said, "components": shown}
    change = {"who": first_text(page, "name") or first_text(page, "id"), "what": name, "touches": shown or name}
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, " ".join(filter(None, (rendered(first_text(page, "id")), "incident", identity)))),
        status=status,
        kind=Kind.CHANGE if planned else Kind.OTHER,
        title=clean(f"{name or 'incident ' + identity}: {word or 'no status'}"),
        subject=clean(next(filter(None, touched), "") or name or identity),
        severity_word=clean(impact, 40) if impact else None,
        severity_hint=hint(impact) if status is SignalStatus.FIRING else None,
        at=_planned_for(incident) or at if planned else at,
        starts=began,
        ended_at=ended,
        labels=labels_of(filled({**(change if planned else {}), **labels})),
        links=Links(source=web(incident.get("shortlink")) or web(incident.get("url"))),
    )


def _planned_for(incident: dict[str, Json]) -> datetime | None:
    return when(incident.get("scheduled_for"))


def _component(component: dict[str, Json], update: dict[str, Json], page: dict[str, Json], source: Safe) -> Signal:
    name, word = first_text(component, "name"), first_text(update, "new_status") or first_text(component, "status")
    identity = rendered(first_text(component, "id"), name)
    if not identity:
        raise rejected("component.id: missing, and it has no name")
    status, grade = _COMPONENT.get(word.lower(), (SignalStatus.UNKNOWN, None))
    at = when(update.get("created_at"))
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, " ".join(filter(None, (rendered(first_text(page, "id")), "component", identity)))),
        status=status,
        title=clean(f"{name or identity}: {word.replace('_', ' ') or 'no status'}"),
        subject=clean(name or identity),
        severity_word=clean(word, 40) if status is SignalStatus.FIRING else None,
        severity_hint=hint(grade),
        at=at,
        ended_at=at if status is SignalStatus.RESOLVED else None,
        labels=labels_of(filled({**_of_page(page), "was": first_text(update, "old_status")})),
    )


def _of_page(page: dict[str, Json]) -> dict[str, Json]:
    return {"page": first_text(page, "name", "id"), "page_status": first_text(page, "status_description")}


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""Statuspage's webhook."""
