"""The fields of a home-made body: what each may be called, and how its text, time, count and address are found."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tui.formats.base import first_text, web, when, whole
from tui.formats.decode import Json
from tui.model.text import Safe

_OF = re.compile(r"([0-9]{1,5}) ?(?:/|of) ?([0-9]{1,5})")

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
    "title": (
        "title",
        "summary",
        "message",
        "error",
        "msg",
        "text",
        "txt",
        "detail",
        "details",
        "reason",
        "exception",
        "stderr_tail",
        "stderr",
    ),
    "subject": (
        "subject",
        "job",
        "job_name",
        "pipeline",
        "dag_id",
        "task",
        "task_name",
        "workflow",
        "dataset",
        "table",
        "model",
        "service",
        "app",
        "application",
        "component",
        "check",
        "monitor",
        "topic",
        "queue",
        "dashboard",
        "report",
        "src",
        "cron",
        "cronjob",
        "heartbeat",
        "deadman",
        "script",
        "command",
    ),
    "status": ("status", "state", "result", "phase", "outcome"),
    "severity": ("severity", "level", "lvl", "priority"),
    "kind": ("kind",),
    "run": ("run", "run_id"),
    "attempt": ("attempt", "try", "try_number", "attempt_number"),
    "max_attempts": ("max_attempts", "attempts_allowed", "of", "max", "tries", "attempts"),
    "at": (
        "at",
        "timestamp",
        "time",
        "ts",
        "@timestamp",
        "t",
        "datetime",
        "date",
        "occurred_at",
        "created_at",
        "created",
        "sent_at",
        "received",
        "run_at",
    ),
    "started_at": ("started_at", "starts_at", "start", "started"),
    "ended_at": ("ended_at", "finished_at", "finished", "completed_at", "finishedAt", "deployed_at"),
    "runbook": ("runbook", "runbook_url"),
    "url": ("url", "link"),
    "log": ("log", "log_url"),
    "labels": ("labels",),
}
"""What each field may be called, best name first."""

RUNS: Final = (
    "job",
    "job_name",
    "pipeline",
    "dag_id",
    "task",
    "task_name",
    "workflow",
    "cron",
    "cronjob",
    "script",
    "command",
)
"""Names of a subject that runs and ends; of these `ok` means that a run went well."""


def text_of(item: Mapping[str, Json], field: str) -> str:
    """The raw text of a field, under the best of its names; empty where none says anything."""
    return first_text(item, *FIELDS[field])


def time_of(item: Mapping[str, Json], field: str) -> datetime | None:
    """The first time under the names of a field that can be read, in UTC."""
    return next((at for name in FIELDS[field] if (at := when(item.get(name)))), None)


def link_of(item: Mapping[str, Json], field: str) -> Safe | None:
    """The first web address under the names of a field."""
    return next((address for name in FIELDS[field] if (address := web(item.get(name)))), None)


def attempts_of(item: Mapping[str, Json]) -> tuple[int | None, int | None]:
    """Attempt and how many there are, also as `2/3`. None where it isn't told.

    A `retry` and `retries` are those after the first attempt, so are `max_retries`.
    """
    if told := _OF.fullmatch(first_text(item, *FIELDS["attempt"])):
        return int(told[1]), int(told[2])
    attempt, most = (_count(item, FIELDS[field]) for field in ("attempt", "max_attempts"))
    again, retries = _count(item, ("retry",)), _count(item, ("max_retries", "retries"))
    if attempt is None and again is not None:
        attempt = again + 1
    return attempt, retries + 1 if most is None and retries is not None and attempt is not None else most


def _count(item: Mapping[str, Json], names: tuple[str, ...]) -> int | None:
    return next((n for name in names if (n := whole(item.get(name))) is not None), None)
