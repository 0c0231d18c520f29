"""Sentry's webhooks: issue alerts, metric alerts and issues of its integration platform, and the legacy plugin.

Which hook it is stands in the header `Sentry-Hook-Resource`; a stored body has lost it, so the
body's own parts decide. An issue keeps its key whichever hook tells of it.
"""

import re
from collections.abc import Mapping
from datetime import datetime
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
    labels_of,
    plain,
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

NAME: Final = "sentry"

_HEADER: Final = "sentry-hook-resource"
_SUBJECTS_OF_HOOKS: Final = ("event", "error", "issue", "metric_alert")
_ENVELOPE: Final = ("installation", "actor")
_ISSUE_ACTIONS: Final = {
    "created": SignalStatus.FIRING,
    "unresolved": SignalStatus.FIRING,
    "resolved": SignalStatus.RESOLVED,
}
"""What an action makes of an issue; who it is assigned to, or that nobody wants to hear of it, changes nothing."""

_ISSUE_STATES: Final = {"unresolved": SignalStatus.FIRING, "resolved": SignalStatus.RESOLVED}
_METRIC_ACTIONS: Final = {
    "critical": SignalStatus.FIRING,
    "warning": SignalStatus.FIRING,
    "open": SignalStatus.FIRING,
    "resolved": SignalStatus.RESOLVED,
}
_METRIC_STATES: Final = {1: "open", 2: "resolved", 10: "warning", 20: "critical"}
_GRADE_IN_TITLE = re.compile(r"(?:Critical|Warning|Resolved): ")
_ISSUE_IN_URL = re.compile(r"/issues/(\d+)")
_PROJECT_IN_URL = re.compile(r"/projects/[^/]+/([^/]+)/")
_SLOW = re.compile(r"duration|p\d\d\(|percentile|apdex|lcp|fcp|ttfb|latency", re.IGNORECASE)
_CRON: Final = "monitor_"  # issue types of check-ins that failed, came late or not at all


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if not isinstance(body, dict):
        return None
    data = body.get("data")
    if headers.get(_HEADER):
        return f"Sentry's hook {headers[_HEADER][:40]}"
    if isinstance(data, dict) and "action" in body and any(name in body for name in _ENVELOPE):
        name = next((name for name in _SUBJECTS_OF_HOOKS if isinstance(data.get(name), dict)), None)
        if name:
            return f"an action and its {name.replace('_', ' ')}, as Sentry's hooks have them"
        return "a hook of Sentry's" if "installation" in body or "installation" in data else None
    if isinstance(body.get("event"), dict) and "project" in body and ("culprit" in body or "level" in body):
        return "an event and its project, Sentry's legacy webhook"
    return None


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    if "data" not in body:
        return [_legacy(body, payload)]
    data = as_object(body["data"], "data")
    action = plain(body.get("action")).lower()
    actor = as_object(body.get("actor"), "actor")
    by = first_text(actor, "name", "id") if actor.get("type") == "user" else ""
    if "metric_alert" in data:
        return [_metric(as_object(data["metric_alert"], "data.metric_alert"), data, action, payload)]
    if "event" in data or "error" in data:
        name = "event" if "event" in data else "error"
        return [_event(as_object(data[name], f"data.{name}"), data, f"data.{name}", payload)]
    if "issue" in data:
        return [_issue(as_object(data["issue"], "data.issue"), action, by, payload)]
    if "installation" in data or "comment" in data or payload.headers.get(_HEADER):
        return []  # Sentry was set up, somebody wrote a comment
    raise rejected(f"data: no event, issue or metric alert in {shape(data)}")


def _event(event: dict[str, Json], data: dict[str, Json], path: str, payload: Payload) -> Signal:
    """An event that a rule let through. Sentry never says when that is over; the issue's hook does."""
    tags = _tags(event.get("tags"), f"{path}.tags")
    page = web(event.get("web_url"))
    addresses = (plain(event.get(name)) for name in ("issue_url", "web_url"))
    in_url = next((found[1] for address in addresses if (found := _ISSUE_IN_URL.search(address))), "")
    issue = rendered(first_text(event, "issue_id", "group_id", "groupID"), in_url)
    if not issue:
        raise rejected(f"{path}.issue_id: missing")
    project = _project(event, tags)
    labels = {
        "rule": first_text(data, "triggered_rule"),
        "project": project,
        "culprit": event.get("culprit"),
        "environment": event.get("environment"),
        "release": event.get("release"),
        "platform": event.get("platform"),
        **tags,
    }
    at = when(event.get("datetime")) or when(event.get("timestamp")) or when(event.get("received"))
    return _signal(
        payload,
        identity=f"issue {issue}",
        status=SignalStatus.FIRING,
        title=_title(event),
        subject=_job(tags) or project,
        word=first_text(event, "level") or first_text(tags, "level"),
        labels=labels,
        at=at,
        page=page or web(event.get("url")),
    )


def _metric(alert: dict[str, Json], data: dict[str, Json], action: str, payload: Payload) -> Signal:
    """A metric alert. Each time it fires it gets a new id; its rule, for one project, stays the same."""
    rule = as_object(alert.get("alert_rule"), "data.metric_alert.alert_rule")
    projects = [plain(name) for name in as_list(alert.get("projects"), "data.metric_alert.projects")]
    number = rendered(first_text(rule, "id"))
    one = rendered(first_text(alert, "id", "identifier"))
    if not number and not one:
        raise rejected("data.metric_alert: no id, neither its own nor its rule's")
    state = alert.get("status")
    word = action if action in _METRIC_ACTIONS else _METRIC_STATES.get(state if isinstance(state, int) else 0, action)
    status = _METRIC_ACTIONS.get(word, SignalStatus.UNKNOWN)
    started, closed = when(alert.get("date_started")), when(alert.get("date_closed"))
    over = status is SignalStatus.RESOLVED
    title = first_text(alert, "title") or _GRADE_IN_TITLE.sub("", first_text(data, "description_title"), count=1)
    slow = _SLOW.search(first_text(rule, "aggregate"))
    shown = ("query", "aggregate", "environment", "dataset")
    return _signal(
        payload,
        identity=" ".join(["rule", number, *projects]) if number else f"metric alert {one}",
        status=status,
        kind=Kind.PERFORMANCE if slow else None,
        title=title or first_text(rule, "name"),
        subject=next(filter(None, projects), "") or title,
        word="" if over else word,
        labels={"seen": data.get("description_text"), **{name: rule.get(name) for name in shown}},
        at=closed if over else when(alert.get("date_detected")) or started,
        starts=started,
        page=web(data.get("web_url")),
    )


def _issue(issue: dict[str, Json], action: str, by: str, payload: Payload) -> Signal:
    number = rendered(first_text(issue, "id"))
    if not number:
        raise rejected("data.issue.id: missing")
    state = first_text(issue, "status")
    status = _ISSUE_ACTIONS.get(action, SignalStatus.INFO)
    if action == "triggered":  # an alert on what happens to issues: the state they are in counts
        status = _ISSUE_STATES.get(state, SignalStatus.INFO)
    project = as_object(issue.get("project"), "data.issue.project")
    sort, slow = first_text(issue, "issueType"), first_text(issue, "issueCategory").startswith("performance")
    title = _title(issue)
    labels = {
        "action": action,
        "by": by,
        "project": first_text(project, "slug", "name"),
        "culprit": issue.get("culprit"),
        "state": " ".join(filter(None, (state, first_text(issue, "substatus")))),
        "short_id": issue.get("shortId"),
        "assigned_to": first_text(as_object(issue.get("assignedTo"), "data.issue.assignedTo"), "name", "email"),
        "type": sort,
    }
    return _signal(
        payload,
        identity=f"issue {number}",
        status=status,
        kind=Kind.FAILED_JOB if sort.startswith(_CRON) else Kind.PERFORMANCE if slow else None,
        title=f"{action}: {title}" if status is SignalStatus.INFO else title,
        subject=first_text(project, "slug", "name"),
        word=first_text(issue, "level"),
        labels=labels,
        at=when(issue.get("firstSeen")) if action == "created" else None,
        page=web(issue.get("web_url")) or web(issue.get("permalink")),
    )


def _legacy(body: dict[str, Json], payload: Payload) -> Signal:
    event = as_object(body.get("event"), "event")
    tags = _tags(event.get("tags"), "event.tags")
    in_url = _ISSUE_IN_URL.search(plain(body.get("url")))
    issue = rendered(first_text(body, "id"), in_url[1] if in_url else "")
    if not issue:
        raise rejected("id: missing, and no issue in its url")
    project = first_text(body, "project_slug", "project_name", "project")
    shown = ("culprit", "logger", "environment", "release", "platform")
    known = {**event, **filled(body)}
    rules = body.get("triggering_rules")
    return _signal(
        payload,
        identity=f"issue {issue}",
        status=SignalStatus.FIRING,
        title=_title(event) or first_text(body, "message", "culprit"),
        subject=_job(tags) or project,
        word=first_text(body, "level") or first_text(event, "level"),
        labels={"project": project, "rule": rules, **{name: known.get(name) for name in shown}, **tags},
        at=when(event.get("datetime")) or when(event.get("timestamp")) or when(event.get("received")),
        page=web(body.get("url")),
    )


def _signal(
    payload: Payload,
    *,
    identity: str,
    status: SignalStatus,
    title: str,
    subject: str,
    word: str,
    labels: dict[str, Json],
    at: datetime | None,
    page: Safe | None,
    starts: datetime | None = None,
    kind: Kind | None = None,
) -> Signal:
    source = payload.source or Safe(NAME)
    title = title or subject or identity
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, identity),
        status=status,
        kind=kind or (Kind.FAILED_JOB if _job(labels) else Kind.OTHER),
        title=clean(title),
        subject=clean(subject or title),
        severity_word=clean(word, 40) if word else None,
        severity_hint=hint(word),
        at=at,
        starts=starts,
        ended_at=at if status is SignalStatus.RESOLVED else None,
        labels=labels_of(filled(labels)),
        links=Links(source=page),
    )


def _title(event: dict[str, Json]) -> str:
    if title := first_text(event, "title"):
        return title
    told = event.get("metadata")
    parts = (plain(inside(told, "type")), plain(inside(told, "value")))
    texts = (": ".join(filter(None, parts)), plain(inside(told, "title")), first_text(event, "message"))
    return next(filter(None, (*texts, plain(inside(event, "logentry", "formatted")), first_text(event, "culprit"))), "")


def _tags(value: Json, path: str) -> dict[str, Json]:
    """Tags as pairs, as objects with key and value, or as one object: Sentry has sent all three."""
    if isinstance(value, dict):
        return value
    tags: dict[str, Json] = {}
    for tag in as_list(value, path):
        if isinstance(tag, dict):
            tag = [tag.get("key"), tag.get("value")]
        if isinstance(tag, list) and len(tag) == 2 and (name := plain(tag[0])):
            tags[name] = tag[1]
    return tags


def _project(event: dict[str, Json], tags: dict[str, Json]) -> str:
    """The project's short name; the event itself has a bare number."""
    in_url = _PROJECT_IN_URL.search(plain(event.get("url")))
    named = first_text(event, "project_slug", "project_name") or first_text(tags, "project")
    return named or (in_url[1] if in_url else first_text(event, "project"))


def _job(tags: dict[str, Json]) -> str:
    """The job that failed, where its runner put its name into the tags."""
    dag, task = rendered(first_text(tags, "dag_id")), rendered(first_text(tags, "task_id"))
    named = rendered(
        *(first_text(tags, name) for name in ("pipeline", "pipeline_name", "job_name", "job", "flow_name"))
    )
    return f"{dag}.{task}" if dag and task else dag or named


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
