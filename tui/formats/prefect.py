"""Prefect: events that an automation posts, flow runs of its API, and the small bodies of webhook templates.

What runs is known by its deployment, else its flow: a flow run's id and its animal's name are new
each time. Events of workers and of infrastructure say nothing here: the run they hurt says it itself.
"""

import re
from collections.abc import Mapping
from typing import Final

from tui.formats.base import (
    Format,
    Payload,
    as_list,
    as_object,
    as_text,
    filled,
    first_text,
    inside,
    items,
    key_of,
    labels_of,
    part,
    plain,
    rejected,
    rendered,
    shape,
    when,
)
from tui.formats.decode import Json
from tui.formats.prefect_states import KNOWN_BY, NAME, Run, run_of, signal_of, status_of, type_of
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

_ID: Final = "prefect.resource.id"
_NAME: Final = "prefect.resource.name"
_ROLE: Final = "prefect.resource.role"
_RUN_NAMES: Final = ("flow_run_id", "flow_run_name", "deployment_id", "deployment_name", "flow_id", "flow_name")
_STATES: Final = ("state", "state_name", "state_type")
_CHANGES: Final = frozenset({"created", "updated", "deleted"})
_HEALTH: Final = {
    "ready": (SignalStatus.RESOLVED, "is ready"),
    "not-ready": (SignalStatus.FIRING, "is not ready: no worker polls it"),
    "unhealthy": (SignalStatus.FIRING, "is unhealthy"),
    "healthy": (SignalStatus.RESOLVED, "is healthy"),
    "violation": (SignalStatus.FIRING, "violates its SLA"),
    "violated": (SignalStatus.FIRING, "violates its SLA"),
    "resolved": (SignalStatus.RESOLVED, "keeps its SLA again"),
}
_WITH_HEALTH: Final = ("prefect.deployment.", "prefect.work-pool.", "prefect.work-queue.", "prefect.sla.")
_ERROR = re.compile(
    r"\b(flow[ -]?run|flow|deployment|work (pool|queue)|task[ -]?run|automation|block)s?\b", re.IGNORECASE
)
_TASK_ENDING = re.compile(r"-(?:[0-9]{1,9}|[0-9a-f]{3,8})$")


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if isinstance(body, list):
        return "a list of Prefect's events or flow runs" if body and all(map(_of_prefect, body)) else None
    if not isinstance(body, dict):
        return None
    for name in ("events", "results"):
        listed = body.get(name)
        if isinstance(listed, list) and listed and all(map(_of_prefect, listed)):
            return f"a page of Prefect's API: {name}"
    return "an error answer of Prefect's API" if _is_error(body) else _of_prefect(body)


def _of_prefect(item: Json) -> str | None:
    if not isinstance(item, dict):
        return None
    event = item.get("event")
    if isinstance(event, str) and _ID in part(item, "resource"):
        return f"an event of Prefect's: {event[:60]}"
    if _ID in part(event, "resource"):
        return "a template with an event of Prefect's"
    if isinstance(item.get("flow_run"), dict) and any(name in part(item, "flow_run") for name in ("state", *KNOWN_BY)):
        return "a template with a flow run of Prefect's"
    named = [name for name in _RUN_NAMES if first_text(item, name)]
    return f"a state and {named[0].replace('_', ' ')}, as Prefect has them" if named and _has_state(item) else None


def _has_state(item: Mapping[str, Json]) -> bool:
    return any(name in item for name in _STATES)


def _is_error(body: dict[str, Json]) -> bool:
    if "exception_message" in body and body.keys() <= {"exception_message", "exception_detail", "request_body"}:
        return True
    return body.keys() == {"detail"} and _ERROR.search(plain(body["detail"])[:500]) is not None


def _read(body: Json, payload: Payload) -> list[Signal]:
    source = payload.source or Safe(NAME)
    if isinstance(body, list):
        return [signal for n, one in enumerate(body) for signal in _one(one, f"[{n}]", source)]
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    if _is_error(body):
        said = first_text(body, "detail", "exception_message")
        raise rejected(f"an error answer of Prefect's API, not a run: {said}")
    for name in ("events", "results"):
        if isinstance(body.get(name), list):
            listed = as_list(body[name], name)
            return [signal for n, one in enumerate(listed) for signal in _one(one, f"{name}[{n}]", source)]
    return _one(body, "", source)


def _one(item: Json, path: str, source: Safe) -> list[Signal]:
    if not isinstance(item, dict):
        raise rejected(f"{path or 'body'}: expected an object, found {shape(item)}")
    prefix = f"{path}." if path else ""
    nested = item.get("event")
    if isinstance(nested, dict):
        return _event(nested, f"{prefix}event.", source)
    if "event" in item:
        return _event(item, prefix, source)
    if not (_has_state(item) or "flow_run" in item):
        raise rejected(f"{prefix}event: missing in {shape(item)}")
    return signal_of(run, source) if (run := run_of(item, prefix)) else []


def _event(event: dict[str, Json], prefix: str, source: Safe) -> list[Signal]:
    name = plain(event.get("event"))
    resource = as_object(event.get("resource"), f"{prefix}resource")
    if not name or not first_text(resource, _ID):
        missing = "event" if not name else f"resource.{_ID}"
        raise rejected(f"{prefix}{missing}: missing in {shape(event)}")
    if name.startswith(("prefect.flow-run.", "prefect.task-run.")):
        run = _run_event(event, name, resource, prefix)
        return [] if run is None else signal_of(run, source)
    word = name.rpartition(".")[2]
    if name.startswith("prefect.deployment.") and word in _CHANGES:
        return [_change(event, word, resource, source)]
    if name.startswith(_WITH_HEALTH) and word in _HEALTH:
        return [_health(event, name, resource, source)]
    return []


def _run_event(event: dict[str, Json], name: str, resource: dict[str, Json], prefix: str) -> Run | None:
    state = part(event, "payload", "validated_state")
    state_name = first_text(resource, "prefect.state-name") or first_text(state, "name") or name.rpartition(".")[2]
    told = first_text(resource, "prefect.state-type") or first_text(state, "type")
    if not told and state_name.lower() == "heartbeat":
        return None
    kind = type_of(told, state_name)
    if status_of(kind, state_name) is None:
        return None
    related = _related(event)
    identity, subject = _what(event, related)
    if name.startswith("prefect.task-run."):
        identity, subject = _task(event, resource, identity, subject)
    if not identity:
        raise rejected(f"{prefix}related: no deployment and no flow to know the run by")
    at = when(event.get("occurred")) or when(resource.get("prefect.state-timestamp"))
    return Run(
        identity=identity,
        subject=subject,
        type=kind,
        name=state_name,
        message=first_text(resource, "prefect.state-message") or first_text(state, "message"),
        run=first_text(resource, _ID).removeprefix("prefect.flow-run.").removeprefix("prefect.task-run."),
        attempt=resource.get("prefect.run-count"),
        at=at,
        labels=_labels(resource, related),
    )


def _related(event: dict[str, Json]) -> dict[str, dict[str, Json]]:
    """The first related resource of each role, and all tags as one text."""
    found: dict[str, dict[str, Json]] = {}
    for one in map(part, items(event.get("related"))):
        found.setdefault(first_text(one, _ROLE), one)
    return found


def _what(event: dict[str, Json], related: dict[str, dict[str, Json]]) -> tuple[str, str]:
    """Identity and name of what runs: flow and deployment by name, as people call them, else the id that is told.

    Ids are made anew when a deployment is made anew, and a clone of another server's brings its ids along.
    """
    flow, deployment = related.get("flow", {}), related.get("deployment", {})
    flow_name, name = rendered(first_text(flow, _NAME)), rendered(first_text(deployment, _NAME))
    full = f"{flow_name}/{name}" if flow_name and name and "/" not in name else name
    identity = rendered(first_text(deployment, _ID), first_text(flow, _ID))
    if "/" in full:
        return full, full
    return identity, full or flow_name or identity


def _task(event: dict[str, Json], resource: dict[str, Json], identity: str, subject: str) -> tuple[str, str]:
    """Identity and name of a task: within its flow where that is told, else its own key."""
    key = first_text(part(event, "payload", "task_run"), "task_key")
    task = rendered(key, _TASK_ENDING.sub("", first_text(resource, _NAME)))
    shown = _TASK_ENDING.sub("", task)
    if not task:
        return "", ""
    return (f"{identity} task {task}", f"{subject}.{shown}") if identity else (f"task {task}", shown)


def _labels(resource: dict[str, Json], related: dict[str, dict[str, Json]]) -> dict[str, Json]:
    roles = ("flow", "deployment", "work-pool", "work-queue", "automation", "creator")
    named: dict[str, Json] = {role.replace("-", "_"): first_text(related.get(role, {}), _NAME) for role in roles}
    tag = first_text(related.get("tag", {}), _ID).removeprefix("prefect.tag.")
    return filled({"run_name": first_text(resource, _NAME), **named, "tag": tag})


def _change(event: dict[str, Json], word: str, resource: dict[str, Json], source: Safe) -> Signal:
    """A deployment that was made, altered or removed: what assess asks for first."""
    _, subject = _what(event, {**_related(event), "deployment": resource})
    updates = part(event, "payload", "updates")
    told = [
        f"{name} {as_text(inside(to, 'from'))} → {as_text(inside(to, 'to'))}" for name, to in list(updates.items())[:5]
    ]
    fields = told or [plain(name) for name in items(inside(event, "payload", "updated_fields"))[:5]]
    actor = first_text(_related(event).get("actor", {}), _NAME, _ID)
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"change {first_text(resource, _ID)}"),
        status=SignalStatus.INFO,
        kind=Kind.CHANGE,
        title=clean(f"deployment {subject} {word}{': ' if fields else ''}{', '.join(fields)}"),
        subject=clean(subject),
        at=when(event.get("occurred")),
        labels=labels_of(filled({"what": f"deployment {word}", "touches": subject, "who": actor})),
    )


def _health(event: dict[str, Json], name: str, resource: dict[str, Json], source: Safe) -> Signal:
    """A pool, queue or deployment that no worker serves, or an SLA that is violated; and its all-clear."""
    status, said = _HEALTH[name.rpartition(".")[2]]
    of_sla = name.startswith("prefect.sla.")
    identity, subject = _what(event, _related(event)) if of_sla else ("", "")
    identity, subject = identity or first_text(resource, _ID), subject or first_text(resource, _NAME, _ID)
    sort = name.split(".")[1]
    at = when(event.get("occurred"))
    over = status is SignalStatus.RESOLVED
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"{sort} {identity}"),
        status=status,
        kind=Kind.PERFORMANCE if of_sla else Kind.OTHER,
        title=clean(f"{'' if of_sla else sort.replace('-', ' ') + ' '}{subject} {said}"),
        subject=clean(subject),
        severity_hint=None if over else Severity.SEV2,
        at=at,
        ended_at=at if over else None,
    )


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""Prefect's events and flow runs."""
