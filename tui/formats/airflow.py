"""Airflow: what callbacks of tasks and DAGs post, and answers of its REST API (versions 1 and 2).

A task is known by its DAG, its own name and its map index, a whole DAG by its name alone, so the
failure of a task and that of its DAG are two things. Only Airflow's state decides: it says `failed`
after the last try and `up_for_retry` before.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from tui.formats.airflow_context import OBJECTS, fields_of, labels_in, links_in, word_of
from tui.formats.airflow_server import LISTS, error_of, is_error, is_health, read_health, read_import_errors
from tui.formats.base import (
    Format,
    Payload,
    as_list,
    as_text,
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
    whole,
)
from tui.formats.decode import Json
from tui.formats.generic_words import is_change
from tui.model.severity import Severity, hint
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "airflow"

_RUN_LISTS: Final = ("dag_runs", "task_instances")
_MARKS: Final = (
    *("task_id", "run_id", "dag_run_id", "state", "try_number", "exception", "logical_date", "execution_date"),
    *("slas", "task_list", "deadline"),
)
_OF_DAG: Final = ("is_paused", "fileloc", "event_log_id")
"""Names in what describes a DAG, or logs an event: nothing is told of a run there."""

_STATUS: Final = {
    "failed": SignalStatus.FIRING,
    "failure": SignalStatus.FIRING,
    "error": SignalStatus.FIRING,
    "shutdown": SignalStatus.FIRING,
    "up_for_retry": SignalStatus.RETRYING,
    "retry": SignalStatus.RETRYING,
    "success": SignalStatus.SUCCEEDED,
    "succeeded": SignalStatus.SUCCEEDED,
    "running": SignalStatus.STARTED,
    "skipped": SignalStatus.INFO,
    "upstream_failed": SignalStatus.INFO,
}
_WAITING: Final = frozenset(
    {"", "none", "no_status", "null", "queued", "scheduled", "deferred", "removed", "restarting", "up_for_reschedule"}
)
_LATE: Final = frozenset({"sla_miss", "sla_missed", "deadline", "deadline_miss", "deadline_missed"})
_SAID: Final = {
    SignalStatus.FIRING: "failed",
    SignalStatus.RETRYING: "failed, will be tried again",
    SignalStatus.SUCCEEDED: "succeeded",
    SignalStatus.STARTED: "started",
}
_TASKS_SHOWN: Final = 5


class _Victims(msgspec.Struct, frozen=True):
    """The failed tasks of each run in a list, by DAG and run: what the others wait for in vain."""

    failed: dict[tuple[str, str], list[str]]

    def upstream(self, fields: Mapping[str, Json]) -> list[str]:
        return self.failed.get(_run_of(fields), [])


def _run_of(fields: Mapping[str, Json]) -> tuple[str, str]:
    return first_text(fields, "dag_id"), first_text(fields, "run_id", "dag_run_id")


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if isinstance(body, list):
        return "a list of what Airflow's callbacks post" if body and all(map(_of_airflow, body)) else None
    if not isinstance(body, dict):
        return None
    for name in (*_RUN_LISTS, *LISTS):
        listed = body.get(name)
        if isinstance(listed, list) and ("total_entries" in body or (listed and name in _RUN_LISTS)):
            return f"a list of Airflow's API: {name.replace('_', ' ')}"
    if is_health(body):
        return "the health of Airflow's parts"
    if is_error(body):
        return "an error answer of Airflow's API"
    return _of_airflow(body)


def _of_airflow(body: Json) -> str | None:
    if not isinstance(body, dict) or "key" in body or is_change(first_text(body, "event")):
        return None  # who deploys a DAG tells of the deploy, and of no run
    if first_text(body, "dag_id") and any(name in body for name in (*_MARKS, *_OF_DAG)):
        return "a DAG and what became of its run"
    if any(first_text(part(body, name), "dag_id") for name in OBJECTS) or plain(body.get("dag")).startswith("<DAG: "):
        return "the context of an Airflow callback"
    return None


def _read(body: Json, payload: Payload) -> list[Signal]:
    source = payload.source or Safe(NAME)
    if isinstance(body, list):
        return [signal for n, one in enumerate(body) for signal in _of_one(one, f"[{n}]", source, _Victims({}))]
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    if is_error(body):
        raise error_of(body)
    if is_health(body):
        return read_health(body, source)
    if name := next((name for name in (*_RUN_LISTS, *LISTS) if name in body), None):
        listed = as_list(body[name], name)
        if name in LISTS:
            return read_import_errors(listed, source) if name == "import_errors" else []
        victims = _victims(listed)
        return [signal for n, one in enumerate(listed) for signal in _of_one(one, f"{name}[{n}]", source, victims)]
    return _of_one(body, "body", source, _Victims({}))


def _victims(listed: list[Json]) -> _Victims:
    failed: dict[tuple[str, str], list[str]] = {}
    for one in map(part, listed):
        if word_of(one) == "failed" and first_text(one, "task_id"):
            failed.setdefault(_run_of(one), []).append(first_text(one, "task_id"))
    return _Victims(failed)


def _of_one(item: Json, path: str, source: Safe, victims: _Victims) -> list[Signal]:
    """The signal of one run, task instance or callback: none where its state says nothing yet."""
    if not isinstance(item, dict):
        raise rejected(f"{path}: expected an object, found {shape(item)}")
    fields = fields_of(item)
    prefix = "" if path == "body" else f"{path}."
    if not first_text(fields, "dag_id"):
        raise rejected(f"{prefix}dag_id: missing in {shape(item)}")
    if any(name in item for name in _OF_DAG) and "state" not in item:
        return []
    if not rendered(first_text(fields, "dag_id")):
        raise rejected(f"{prefix}dag_id: a template that was not filled in: {first_text(fields, 'dag_id')[:80]}")
    if _is_late(item):
        return [_late(item, fields, source)]
    status = _status(item, fields)
    return [] if status is None else [_signal(item, fields, status, source, victims)]


def _is_late(item: dict[str, Json]) -> bool:
    word = word_of(item)  # a call for a failed task may name a deadline beside it
    told = bool(part(item, "deadline")) or "slas" in item or "task_list" in item
    return word in _LATE or (told and word not in _STATUS)


def _status(item: dict[str, Json], fields: Mapping[str, Json]) -> SignalStatus | None:
    word = word_of(fields)
    failing = bool(as_text(fields.get("exception")).strip())
    told = bool(word) or "state" in item or "status" in item
    if (failing and (word in _WAITING or word == "running")) or not told:
        attempt, most = _attempts(fields)  # a callback without a state is called because something failed
        return SignalStatus.RETRYING if attempt and most and attempt < most else SignalStatus.FIRING
    return None if word in _WAITING else _STATUS.get(word, SignalStatus.UNKNOWN)


def _attempts(fields: Mapping[str, Json]) -> tuple[int | None, int | None]:
    """The try and how many there are: `max_tries` counts those after the first. A try 0 never ran."""
    most = whole(fields.get("max_tries"))
    return whole(fields.get("try_number")) or None, None if most is None else most + 1


def _signal(
    item: dict[str, Json], fields: dict[str, Json], status: SignalStatus, source: Safe, victims: _Victims
) -> Signal:
    dag, task = first_text(fields, "dag_id"), rendered(first_text(fields, "task_id"))
    name = f"{dag}.{task}" if task else dag
    index = plain(fields.get("map_index"))
    mapped = f"[{index}]" if task and index not in ("", "-1") else ""
    start, end = when(fields.get("start_date")), when(fields.get("end_date"))
    over = status is SignalStatus.SUCCEEDED
    started = status is SignalStatus.STARTED
    attempt, most = _attempts(fields)
    word, run = first_text(fields, "severity"), first_text(fields, "run_id", "dag_run_id")
    stopped = status is SignalStatus.INFO or first_text(fields, "reason").lower() == "upstream_failed"
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"{name}{mapped}"),
        status=status,
        kind=Kind.DOWNSTREAM if stopped and not over and word_of(fields) != "skipped" else Kind.FAILED_JOB,
        title=clean(f"{name}{mapped} {_said(fields, status, victims)}"),
        subject=clean(name),
        run=clean(run) if run else None,
        attempt=attempt,
        max_attempts=most,
        severity_word=clean(word, 40) if word else None,
        severity_hint=hint(word) if word else Severity.SEV2 if status is SignalStatus.FIRING else None,
        at=start if started else end,
        starts=start if started else None,
        ended_at=end if over else None,
        labels=labels_of(labels_in(item, fields, unknown=status is SignalStatus.UNKNOWN)),
        links=links_in(fields),
    )


def _said(fields: Mapping[str, Json], status: SignalStatus, victims: _Victims) -> str:
    """What became of it, in words; the reason where it failed, the culprit where another did."""
    if status is SignalStatus.INFO:
        if word_of(fields) == "skipped":
            return "skipped"
        culprits = victims.upstream(fields)[:_TASKS_SHOWN]
        return f"did not run: upstream {', '.join(culprits) or 'task'} failed"
    if status is SignalStatus.UNKNOWN:
        return f"is {word_of(fields)}"
    why = _reason(as_text(fields.get("exception"))) or (
        "" if status in (SignalStatus.SUCCEEDED, SignalStatus.STARTED) else first_text(fields, "reason")
    )
    return f"{_SAID[status]}{': ' if why else ''}{why}"


def _reason(text: str) -> str:
    """The last line of a traceback, which names the error; any other text as it is."""
    if "Traceback (most recent call last)" not in text[:2_000]:
        return text.strip()
    return next((line.strip() for line in reversed(text[-20_000:].splitlines()) if line.strip()), "")


def _late(item: dict[str, Json], fields: dict[str, Json], source: Safe) -> Signal:
    """A deadline of Airflow 3 or an SLA of Airflow 2 that was missed: the run is late, it has not failed."""
    dag = first_text(fields, "dag_id")
    named = [plain(inside(sla, "task_id")) for sla in items(item.get("slas"))]
    listed = plain(item.get("task_list")).split("\n")
    tasks = list(dict.fromkeys(re.sub(r" on .*", "", name).strip() for name in (*named, *listed) if name.strip()))
    of_sla = "slas" in item or "task_list" in item or word_of(fields).startswith("sla")
    due = first_text(part(item, "deadline"), "deadline_time", "time") or plain(item.get("deadline"))
    run = first_text(fields, "run_id", "dag_run_id")
    said = "missed its SLA" if of_sla else "missed its deadline"
    told = ", ".join(tasks[:_TASKS_SHOWN]) if of_sla else due
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"{dag} {'sla' if of_sla else 'deadline'}"),
        status=SignalStatus.FIRING,
        kind=Kind.PERFORMANCE,
        title=clean(f"{dag} {said}{': ' if told else ''}{told}"),
        subject=clean(dag),
        run=clean(run) if run else None,
        severity_hint=hint(first_text(fields, "severity")) or Severity.SEV2,
        at=when(due),
        labels=labels_of(labels_in(item, fields, unknown=False)),
        links=links_in(fields),
    )


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""Airflow's callbacks and the answers of its API."""
