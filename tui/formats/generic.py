"""sev's own small JSON, for tools and scripts that have no format of their own.

A body is one object, a list of objects, or `{"alerts": [...]}`; `EXAMPLE` shows all fields of one,
`FIELDS` the names they may have. Needed is a `key`, a subject or a title. Without a `status` it fires.
Its identity is the `key` (or `id`), else the subject and stated kind, else the title.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tui.formats.base import (
    Format,
    Payload,
    as_object,
    first_text,
    key_of,
    labels_of,
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

NAME: Final = "generic"

EXAMPLE: Final = """\
{
  "key": "nightly-orders-load",
  "status": "retrying",
  "title": "orders load failed: connection reset",
  "subject": "orders_load",
  "severity": "critical",
  "kind": "failed_job",
  "run": "2026-11-24T02:00",
  "attempt": 1,
  "max_attempts": 3,
  "at": "2026-11-24T02:14:05Z",
  "started_at": "2026-11-24T02:00:00Z",
  "ended_at": null,
  "labels": {"team": "finance"},
  "runbook": "https://runbooks.example/orders",
  "url": "https://jobs.example/orders_load",
  "log": "https://jobs.example/orders_load/log"
}
"""
"""A body with every field. `key` is whatever stays the same while it is the same trouble."""

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "key": ("key",),
    "id": ("id",),
    "title": ("title", "summary", "message", "error"),
    "subject": ("subject", "job", "job_name", "pipeline", "dataset", "table", "service", "app"),
    "status": ("status", "state", "result"),
    "severity": ("severity", "level"),
    "kind": ("kind",),
    "run": ("run", "run_id"),
    "attempt": ("attempt",),
    "max_attempts": ("max_attempts", "attempts_allowed"),
    "at": ("at", "timestamp", "time", "ts", "@timestamp"),
    "started_at": ("started_at",),
    "ended_at": ("ended_at",),
    "runbook": ("runbook", "runbook_url"),
    "url": ("url", "link"),
    "log": ("log", "log_url"),
    "labels": ("labels",),
}
"""What each field may be called, best name first."""

_PLACED: Final = frozenset(name for names in FIELDS.values() for name in names)
_NAMING: Final = (*FIELDS["key"], *FIELDS["subject"], *FIELDS["title"])

STATUS: Final[dict[str, SignalStatus]] = {
    word: status
    for status, words in (
        (SignalStatus.FIRING, "firing failed failure fail error open opened triggered alerting alert alarm down"),
        (SignalStatus.RESOLVED, "resolved ok closed recovered cleared up"),
        (SignalStatus.RETRYING, "retrying retry up_for_retry"),
        (SignalStatus.STARTED, "started running"),
        (SignalStatus.SUCCEEDED, "succeeded success completed"),
        (SignalStatus.ACKNOWLEDGED, "acknowledged acked ack"),
        (SignalStatus.UNKNOWN, "unknown no_data"),
        (SignalStatus.INFO, "info notice"),
    )
    for word in words.split()
}
"""Senders' words for a status, in lower case. Any other word means unknown and stays in the label `status`."""

_KINDS: Final = {kind.value: kind for kind in Kind}
_KIND_OF_SUBJECT: Final = {
    "job": Kind.FAILED_JOB,
    "job_name": Kind.FAILED_JOB,
    "pipeline": Kind.FAILED_JOB,
    "dataset": Kind.DATA_QUALITY,
    "table": Kind.DATA_QUALITY,
}


def _items(body: Json) -> list[tuple[str, Json]]:
    """The alerts of a body, each with its path for messages."""
    if isinstance(body, list):
        return [(f"[{n}]", item) for n, item in enumerate(body)]
    if isinstance(body, dict):
        alerts = body.get("alerts")
        if isinstance(alerts, list) and (alerts or not _known_by(body)):
            return [(f"alerts[{n}]", item) for n, item in enumerate(alerts)]
    return [("body", body)]


def _known_by(item: Json) -> str | None:
    """The name of the field to know it by. An `id` alone is everywhere and names no trouble; with a status it does."""
    if not isinstance(item, dict):
        return None
    for name in _NAMING:
        if first_text(item, name):
            return name
    return "id" if _field(item, "id") and _field(item, "status") else None


def _field(item: Mapping[str, Json], field: str) -> str:
    return first_text(item, *FIELDS[field])


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    names = [_known_by(item) for _, item in _items(body)]
    return f"sev's own JSON: it has {names[0]}" if names and all(names) else None


def _read(body: Json, payload: Payload) -> list[Signal]:
    return [_signal(item, path, payload) for path, item in _items(body)]


def _signal(item: Json, path: str, payload: Payload) -> Signal:
    if not isinstance(item, dict):
        raise rejected(f"{path}: expected an object, found {shape(item)}")
    if _known_by(item) is None:
        raise rejected(f"{path}: no key, subject or title")
    source = payload.source or Safe(NAME)
    word = _field(item, "status")
    status = STATUS.get(word.lower(), SignalStatus.UNKNOWN) if word else SignalStatus.FIRING
    severity, run = _field(item, "severity"), _field(item, "run")
    subject = _field(item, "subject") or _field(item, "key") or _field(item, "title") or _field(item, "id")
    at, ended = _time(item, "at"), _time(item, "ended_at")
    over = status in (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, _identity(item, path)),
        status=status,
        kind=_kind(item),
        title=clean(_field(item, "title") or f"{subject}: {word or status}"),
        subject=clean(subject),
        run=clean(run) if run else None,
        attempt=_count(item, "attempt"),
        max_attempts=_count(item, "max_attempts"),
        severity_word=clean(severity, 40) if severity else None,
        severity_hint=hint(severity),
        at=at,
        starts=_time(item, "started_at"),
        ended_at=ended or (at if over else None),
        labels=labels_of(_labels(item, path)),
        links=Links(runbook=_link(item, "runbook"), source=_link(item, "url"), log=_link(item, "log")),
    )


def _identity(item: dict[str, Json], path: str) -> str:
    """What stays the same while it is the same trouble; a template nobody filled in is the same for all of them."""
    subject, stated = _field(item, "subject"), _stated_kind(item)
    named = f"{subject} {stated}" if subject and stated else subject
    for text in (_field(item, "key"), _field(item, "id"), named, _field(item, "title")):
        if text and not unrendered(text):
            return text
    raise rejected(f"{path}: its key, subject and title are templates that were not filled in")


def _stated_kind(item: dict[str, Json]) -> Kind | None:
    return _KINDS.get(_field(item, "kind").lower())


def _kind(item: dict[str, Json]) -> Kind:
    name = next((name for name in FIELDS["subject"] if first_text(item, name)), "")
    return _stated_kind(item) or _KIND_OF_SUBJECT.get(name, Kind.OTHER)


def _labels(item: dict[str, Json], path: str) -> dict[str, Json]:
    """The stated labels, then every plain field we have no other place for, then a status word we don't know."""
    labels = dict(as_object(item.get("labels"), f"{path}.labels"))
    for name, value in item.items():
        if name not in _PLACED and isinstance(value, str | int | float):
            labels.setdefault(name, value)
    word = _field(item, "status")
    if word and word.lower() not in STATUS:
        labels.setdefault("status", word)
    return labels


def _time(item: dict[str, Json], field: str) -> datetime | None:
    return next((at for name in FIELDS[field] if (at := when(item.get(name)))), None)


def _count(item: dict[str, Json], field: str) -> int | None:
    return next((n for name in FIELDS[field] if (n := whole(item.get(name))) is not None), None)


def _link(item: dict[str, Json], field: str) -> Safe | None:
    return next((address for name in FIELDS[field] if (address := web(item.get(name)))), None)


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
