"""Prometheus Alertmanager: its webhook (version 4 and imitations) and the list of its API v2, sent or fetched."""

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from tui.formats.base import (
    Format,
    Payload,
    as_list,
    as_object,
    as_text,
    first_text,
    inside,
    items,
    key_of,
    labels_of,
    one_a_key,
    rejected,
    shape,
    unrendered,
    web,
    when,
    whole,
)
from tui.formats.decode import Json
from tui.model.severity import hint
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "alertmanager"

_ENVELOPE: Final = ("groupKey", "receiver", "groupLabels", "commonLabels", "externalURL")
_GRAFANA: Final = ("orgId", "silenceURL", "dashboardURL", "panelURL")
_STATUS: Final = {
    "firing": SignalStatus.FIRING,
    "suppressed": SignalStatus.FIRING,  # silenced or inhibited: the trouble is still there
    "resolved": SignalStatus.RESOLVED,
}
_SUBJECTS: Final = (
    "pipeline",
    "dag_id",
    "task",
    "dataset",
    "table",
    "job_name",
    "flink_job",
    "service",
    "svc",
    "app",
    "application",
    "component",
    "consumergroup",
    "consumer_group",
    "topic",
    "dashboard",
    "report",
    "queue",
    "deployment",
    "statefulset",
    "daemonset",
    "cronjob",
    "relname",  # a table, as Postgres' exporter calls it
    "warehouse",
    "database",
    "datname",
    "instance",
    "host",
    "node",
    "job",  # the scrape job, seldom a data job
    "alertname",
)
"""Labels that name what is in trouble, best first."""

_KINDS: Final = {
    Kind.DATA_QUALITY: frozenset({"freshness", "quality", "null", "rowcount"}),
    Kind.FAILED_JOB: frozenset({"failed", "down", "error"}),
    Kind.PERFORMANCE: frozenset({"latency", "lag", "slow", "duration"}),
}
"""Words of an alert's name that say what sort of trouble it is. Few on purpose: structure carries further."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LABELS_IN_TITLE: Final = 4
_FNV_OFFSET: Final = 0xCBF29CE484222325
_FNV_PRIME: Final = 0x100000001B3


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if isinstance(body, list):
        if body and all(map(_looks_like_group, body)):
            return "groups of alerts as in its API v2"
        return "a list of alerts as in its API v2" if body and all(map(_looks_like_alert, body)) else None
    body = _lowered(body)
    if not isinstance(body, dict) or not isinstance(alerts := body.get("alerts"), list):
        return None
    envelope = next((name for name in _ENVELOPE if name in body), None)
    if envelope is None and not (alerts and all(map(_looks_like_alert, alerts))):
        return None
    if any(name in part for part in (body, *alerts) if isinstance(part, dict) for name in _GRAFANA):
        return "Grafana's alerts, which have Alertmanager's shape"
    version = "version 4, " if body.get("version") == "4" else ""
    return f"{version}alerts {f'and {envelope}' if envelope else 'with labels'}"


def _looks_like_alert(item: Json) -> bool:
    if not isinstance(item, dict) or not isinstance(labels := item.get("labels"), dict):
        return False
    return "alertname" in labels or any(name in item for name in ("annotations", "startsAt", "generatorURL"))


def _looks_like_group(item: Json) -> bool:
    """A group of `/api/v2/alerts/groups`; one that came to be empty is a group still."""
    return isinstance(item, dict) and isinstance(item.get("alerts"), list) and {"labels", "receiver"} <= item.keys()


def _lowered(body: Json) -> Json:
    """The body of senders that write the names as Go has them: `Alerts`, `GroupLabels`."""
    if isinstance(body, dict) and "Alerts" in body and "alerts" not in body:
        return {f"{name[:1].lower()}{name[1:]}": value for name, value in body.items()}
    return body


def _read(body: Json, payload: Payload) -> list[Signal]:
    body = _lowered(body)
    if isinstance(body, list) and body and all(map(_looks_like_group, body)):
        listed = [(f"[{n}].alerts[{m}]", alert) for n, group in enumerate(body) for m, alert in enumerate(_of(group))]
        return one_a_key(_signal(alert, path, "", payload) for path, alert in listed)  # one for every receiver
    if isinstance(body, list):
        return [_signal(alert, f"[{n}]", "", payload) for n, alert in enumerate(body)]
    if not isinstance(body, dict) or "alerts" not in body:
        raise rejected(f"alerts: missing in {shape(body)}")
    group_status = first_text(body, "status")
    alerts = as_list(body["alerts"], "alerts")
    signals = [_signal(alert, f"alerts[{n}]", group_status, payload) for n, alert in enumerate(alerts)]
    if signals:
        signals[0] = replace(signals[0], omitted=whole(body.get("truncatedAlerts")) or 0)
    return signals


def _of(group: Json) -> list[Json]:
    return items(inside(group, "alerts"))


def _signal(alert: Json, path: str, group_status: str, payload: Payload) -> Signal:
    if not isinstance(alert, dict):
        raise rejected(f"{path}: expected an object, found {shape(alert)}")
    labels = as_object(alert.get("labels"), f"{path}.labels")
    notes = as_object(alert.get("annotations"), f"{path}.annotations")
    source = payload.source or Safe(NAME)
    starts, ends = when(alert.get("startsAt")), when(alert.get("endsAt"))
    status = _status(alert, group_status, ends, payload.received_at)
    ended = ends if status is SignalStatus.RESOLVED else None
    word = first_text(labels, "severity") or first_text(notes, "severity")
    title = clean(first_text(notes, "summary", "description") or _name(labels))
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, _identity(alert, labels, path)),
        status=status,
        kind=_kind(labels),
        title=title,
        subject=_subject(labels) or title,
        severity_word=clean(word, 40) if word else None,
        severity_hint=hint(word),
        at=ended if status is SignalStatus.RESOLVED else starts,
        starts=starts,
        ended_at=ended,
        labels=labels_of(_with_state(alert, labels)),
        links=Links(
            runbook=web(notes.get("runbook_url")) or web(notes.get("runbook")),
            source=web(alert.get("generatorURL")),
        ),
    )


def _status(alert: dict[str, Json], group_status: str, ends: datetime | None, now: datetime) -> SignalStatus:
    if isinstance(alert.get("status"), dict):
        return SignalStatus.FIRING  # API v2 lists what has not been resolved, and nothing else
    word = first_text(alert, "status") or group_status
    if word:
        return _STATUS.get(word.lower(), SignalStatus.UNKNOWN)
    return SignalStatus.RESOLVED if ends and ends <= now else SignalStatus.FIRING


def _with_state(alert: dict[str, Json], labels: dict[str, Json]) -> dict[str, Json]:
    """The labels, and the tool's own word for the state where our status can't carry it."""
    status = alert.get("status")
    word = first_text(status, "state") if isinstance(status, dict) else first_text(alert, "status").lower()
    return labels if word in ("", "active", "firing", "resolved") else {"state": word, **labels}


def _identity(alert: dict[str, Json], labels: dict[str, Json], path: str) -> str:
    fingerprint = first_text(alert, "fingerprint")
    if fingerprint and not unrendered(fingerprint):
        return fingerprint
    known = {name: as_text(value) for name, value in labels.items()}
    known = {name: text for name, text in known.items() if text and not unrendered(text)}
    if not known:
        raise rejected(f"{path}: no fingerprint and no labels to know it by")
    return _fingerprint(known)


def _fingerprint(labels: dict[str, str]) -> str:
    """What Alertmanager itself would call these labels, so that what is pushed and what is fetched share a key."""
    parts = (part for name in sorted(labels) for part in (name, labels[name]))
    digest = _FNV_OFFSET
    for byte in b"".join(part.encode("utf-8", "surrogatepass") + b"\xff" for part in parts):
        digest = ((digest ^ byte) * _FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def _subject(labels: dict[str, Json]) -> Safe | None:
    for name in _SUBJECTS:
        text = first_text(labels, name, "task_id") if name == "task" else first_text(labels, name)
        if not text or unrendered(text):
            continue
        task = first_text(labels, "task_id", "task") if name == "dag_id" else ""
        return clean(f"{text}.{task}" if task and not unrendered(task) else text)
    return None


def _name(labels: dict[str, Json]) -> str:
    rest = [f"{name}={as_text(value)}" for name, value in labels.items() if name not in ("alertname", "severity")]
    return " ".join([first_text(labels, "alertname") or "alert without a name", *rest[:_LABELS_IN_TITLE]])


def _kind(labels: dict[str, Json]) -> Kind:
    if first_text(labels, "dataset", "table"):
        return Kind.DATA_QUALITY
    words = [word.lower() for word in _WORD.findall(first_text(labels, "alertname")[:200])]
    said = {*words, *(first + second for first, second in pairwise(words))}
    return next((kind for kind, telling in _KINDS.items() if said & telling), Kind.OTHER)


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
