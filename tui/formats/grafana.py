"""Grafana's alerting webhook: unified (Alertmanager's shape and more), and the legacy one of version 8 and before.

Both are read as Alertmanager's bodies; what Grafana means by more is put on top here.
"""

import re
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from tui.formats import alertmanager
from tui.formats.base import (
    Format,
    Payload,
    as_list,
    as_object,
    filled,
    first_text,
    inside,
    rejected,
    rendered,
    shape,
    subject_in,
    web,
)
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "grafana"

_OF_ALERT: Final = ("silenceURL", "dashboardURL", "panelURL", "valueString", "orgId")
_LEGACY_STATES: Final = {
    "alerting": SignalStatus.FIRING,
    "ok": SignalStatus.RESOLVED,
    "resolved": SignalStatus.RESOLVED,
    "normal": SignalStatus.RESOLVED,
    "no_data": SignalStatus.UNKNOWN,
    "nodata": SignalStatus.UNKNOWN,
    "unknown": SignalStatus.UNKNOWN,
    "paused": SignalStatus.INFO,  # nobody looks any more: neither trouble nor an all-clear
    "pending": SignalStatus.INFO,  # not long enough above the threshold yet
}
_BLIND: Final = {"DatasourceNoData": "no data", "DatasourceError": "query failed"}
"""Alerts that Grafana makes up where a rule's query brought nothing: nobody knows how its subject is."""

_STATE_IN_TITLE = re.compile(r"\[(?:alerting|ok|no data|pending|paused|unknown)\]\s*", re.IGNORECASE)


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if not isinstance(body, dict):
        return None
    alerts = body.get("alerts")
    if isinstance(alerts, list):
        if "orgId" in body:
            return "alerts and orgId, as Grafana sends them"
        own = (name for alert in alerts if isinstance(alert, dict) for name in _OF_ALERT if name in alert)
        name = next(own, None)
        return f"alerts with Grafana's {name}" if name else None
    if "state" in body and ("ruleId" in body or ("ruleName" in body and "ruleUrl" in body)):
        return "a rule and its state, as Grafana sent them up to version 8"
    return None


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict) or ("alerts" not in body and "state" not in body):
        raise rejected(f"alerts: missing in {shape(body)}")
    payload = replace(payload, source=payload.source or Safe(NAME))
    if "alerts" not in body:
        return [_legacy(body, payload)]
    signals = alertmanager.FORMAT.read(body, payload)
    return [_unified(signal, alert) for signal, alert in zip(signals, as_list(body["alerts"], "alerts"), strict=True)]


def _unified(signal: Signal, alert: Json) -> Signal:
    """What Alertmanager's reader made of one alert, with what Grafana alone knows."""
    name = first_text(as_object(inside(alert, "labels"), "labels"), "alertname")
    page = web(inside(alert, "panelURL")) or web(inside(alert, "dashboardURL"))
    more = _values(inside(alert, "values"))
    if reason := first_text(as_object(inside(alert, "annotations"), "annotations"), "grafana_state_reason"):
        more["state_reason"] = clean(reason)  # MissingSeries: over only because nobody sends it any more
    signal = replace(
        signal,
        format=NAME,
        subject=_subject(signal, name),
        labels={**more, **signal.labels},
        links=replace(signal.links, source=signal.links.source or page),
    )
    return _blind(signal, name) if name in _BLIND else signal


def _subject(signal: Signal, name: str) -> Safe:
    """Alertmanager's choice, unless that is the rule's own name and a label comes nearer to the data."""
    if signal.subject not in (clean(name), signal.title):
        return signal.subject
    return clean(subject_in(dict(signal.labels))) or signal.subject


def _values(values: Json) -> dict[str, Safe]:
    """The numbers the rule saw, as one label; Grafana sends null where there was no data."""
    if not isinstance(values, dict) or not values:
        return {}
    return {"values": clean(", ".join(f"{name}={number}" for name, number in values.items()))}


def _blind(signal: Signal, name: str) -> Signal:
    """An alert about the query: its subject's state is unknown, which is never SEV1 by itself."""
    rule = rendered(signal.labels.get("rulename", ""), signal.labels.get("__alert_rule_title__", ""), name)
    subject = signal.subject if signal.subject != name else clean(rule)
    hint = max(signal.severity_hint, Severity.SEV2) if signal.severity_hint else None
    return replace(
        signal,
        status=SignalStatus.UNKNOWN if signal.status is SignalStatus.FIRING else signal.status,
        kind=Kind.OTHER,
        title=clean(f"{_BLIND[name]}: {rule}"),
        subject=subject,
        severity_hint=hint,
        labels={"state": Safe("no data" if name == "DatasourceNoData" else "query error"), **signal.labels},
    )


def _legacy(body: dict[str, Json], payload: Payload) -> Signal:
    """A legacy body as one alert of Alertmanager; it names no time, and its rule is its identity."""
    identity = rendered(first_text(body, "ruleId"), first_text(body, "ruleName"))
    if not identity:
        raise rejected("ruleId: missing, and there is no rule name to know it by")
    if org := rendered(first_text(body, "orgId")):
        identity = f"{org}/{identity}"
    word = first_text(body, "state")
    labels = {**_seen_in(body), **as_object(body.get("tags"), "tags"), "alertname": first_text(body, "ruleName")}
    title = _STATE_IN_TITLE.sub("", first_text(body, "title"), count=1)
    alert: dict[str, Json] = {
        "fingerprint": identity,
        "labels": filled(labels),
        "annotations": {"summary": title or first_text(body, "ruleName", "message"), **_runbook(body)},
        "generatorURL": body.get("ruleUrl"),
    }
    (signal,) = alertmanager.FORMAT.read({"alerts": [alert]}, payload)
    told = filled({name: body.get(name) for name in ("message", "imageUrl", "dashboardId", "panelId")})
    more = {name: clean(first_text(told, name)) for name in told if first_text(told, name)}
    status = _LEGACY_STATES.get(word.lower(), SignalStatus.UNKNOWN)
    if word.lower() not in ("alerting", "ok"):
        more["state"] = clean(word or "missing")
    return replace(
        signal,
        format=NAME,
        status=status,
        subject=_subject(signal, first_text(body, "ruleName")),
        labels={**more, **signal.labels},
    )


def _seen_in(body: dict[str, Json]) -> dict[str, Json]:
    """The tags on which all series that crossed the threshold agree; an all-clear has none."""
    matches = as_list(body.get("evalMatches"), "evalMatches")
    tags = [as_object(inside(match, "tags"), f"evalMatches[{n}].tags") for n, match in enumerate(matches)]
    if not tags:
        return {}
    return {name: value for name, value in tags[0].items() if all(other.get(name) == value for other in tags[1:])}


def _runbook(body: dict[str, Json]) -> dict[str, Json]:
    tags = as_object(body.get("tags"), "tags")
    return {name: tags[name] for name in ("runbook_url", "runbook") if name in tags}


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
