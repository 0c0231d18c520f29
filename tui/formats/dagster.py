"""Dagster: what run-status sensors post, answers of its GraphQL, event log entries, and Dagster+ alerts.

A run is known by its job, a step by job and step, an asset's check by asset and check. Times come as
seconds in a run and as milliseconds (text) in a log; both are told apart by their size.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from tui.formats.base import (
    Format,
    Payload,
    as_list,
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
    web,
    when,
    whole,
)
from tui.formats.dagster_events import EVENT_TYPES, NAME, alert, event_signals, is_alert, root_cause
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

_STATUS: Final = {
    "FAILURE": (SignalStatus.FIRING, "failed"),
    "SUCCESS": (SignalStatus.SUCCEEDED, "succeeded"),
    "STARTED": (SignalStatus.STARTED, "started"),
    "CANCELED": (SignalStatus.FIRING, "was canceled"),
}
_WAITING: Final = frozenset({"QUEUED", "NOT_STARTED", "MANAGED", "STARTING", "CANCELING"})
_LOCATIONS: Final = ("repository_location", "code_location", "location", "repositoryLocationName")
_RETRY: Final = "dagster/retry_number"
_RETRIES: Final = "dagster/max_retries"
_WILL_RETRY: Final = "dagster/will_retry"
_PLACED: Final = frozenset(
    {
        *("run_id", "runId", "id", "job_name", "jobName", "pipeline_name", "pipelineName", "status", "message"),
        *("run_url", "url", "end_time", "endTime", "__typename", "severity"),
    }
)
_ERRORS: Final = "Error"
"""How GraphQL names its refusals end: RunNotFoundError, PythonError, InvalidPipelineRunsFilterError …"""


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if isinstance(body, list):
        return "a list of Dagster's log entries" if body and all(map(_is_entry, body)) else None
    if not isinstance(body, dict):
        return None
    if _is_entry(body):
        return "an entry of Dagster's event log"
    if "data" in body and any(_of_dagster(found) for found in _objects(body["data"])):
        return "an answer of Dagster's GraphQL"
    if _is_run(body) and ("runId" in body or "run_id" in body):
        return "a run of a job, as a sensor of Dagster posts it"
    return "an alert of Dagster+" if is_alert(body) else None


def _is_entry(item: Json) -> bool:
    return isinstance(item, dict) and (
        "dagster_event" in item or "event_type_value" in item or item.get("__class__") == "EventLogEntry"
    )


def _is_run(item: dict[str, Json]) -> bool:
    """Whether it is a run: a job's name and a status that Dagster gives to runs."""
    word = plain(item.get("status")).rpartition(".")[2].upper()
    return bool(_job(item)) and (word in _STATUS or word in _WAITING)


def _of_dagster(item: dict[str, Json]) -> bool:
    typename = plain(item.get("__typename"))
    if typename in ("RunNotFoundError", "PythonError", "InvalidPipelineRunsFilterError", "PipelineNotFoundError"):
        return True
    logged = bool(item.keys() & {"eventType", "stepKey"}) and "runId" in item
    checked = "evaluation" in item and "checkName" in part(item, "evaluation")
    run = _is_run(item) and bool(item.keys() & {"runId", "id", "startTime", "endTime"})
    return logged or checked or run or (typename in ("Run", "PipelineRun", "Runs", "EventConnection"))


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    """All objects in an answer, outer ones first: what was asked for decides how deep a run lies in it."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for child in items(value):
        yield from _objects(child)


def _job(fields: Mapping[str, Json]) -> str:
    return first_text(fields, "job_name", "jobName", "pipeline_name", "pipelineName")


def _read(body: Json, payload: Payload) -> list[Signal]:
    source = payload.source or Safe(NAME)
    if isinstance(body, list):
        return [signal for n, entry in enumerate(body) for signal in _entry(entry, f"[{n}]", source)]
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    if _is_entry(body):
        return _entry(body, "body", source)
    if is_alert(body):
        return [alert(body, source)]
    if "data" in body or "errors" in body:
        return _answer(body, source)
    return _run(body, "body", source)


def _entry(item: Json, path: str, source: Safe) -> list[Signal]:
    if not isinstance(item, dict) or not _is_entry(item):
        raise rejected(f"{path}: expected an entry of the event log, found {shape(item)}")
    event = part(item, "dagster_event") or (item if "event_type_value" in item else {})
    named = {
        "at": item.get("timestamp"),
        "run": first_text(item, "run_id") or plain(inside(event, "logging_tags", "run_id")),
    }
    return event_signals(event, _job(item) or _job(event), named, source)


def _answer(body: dict[str, Json], source: Safe) -> list[Signal]:
    """The runs, log events and checks in an answer, wherever they lie; what it refuses where there are none."""
    found = list(_objects(body.get("data")))
    signals: list[Signal] = []
    jobs = {first_text(one, "runId", "id"): _job(one) for one in found if _job(one)}
    for one in found:
        if _is_run(one):
            signals += _run(one, "data", source)
    for one in found:
        if isinstance(logged := one.get("events"), list):
            signals += _log(logged, jobs, source)
        signals += _executions(one, source)
    refusal = next((one for one in found if plain(one.get("__typename")).endswith(_ERRORS) and "message" in one), None)
    refusal = refusal or next((part(one) for one in as_list(body.get("errors"), "errors")), None)
    if refusal is not None and not signals:
        raise rejected(f"an error answer of Dagster's GraphQL, not a run: {plain(refusal.get('message'))}")
    if not found:
        raise rejected(f"data: expected an object, found {shape(body.get('data'))}")
    return signals


def _log(logged: list[Json], jobs: dict[str, str], source: Safe) -> list[Signal]:
    """A run's log names its job in messages only; a failure in it is told once the job is known."""
    signals: list[Signal] = []
    named = _named_in(logged)
    for event in map(part, logged):
        kind = EVENT_TYPES.get(plain(event.get("__typename"))) or plain(event.get("eventType"))
        run = first_text(event, "runId")
        job = jobs.get(run) or _job(event) or named
        given = {**event, "event_type_value": kind, "event_specific_data": event}
        signals += event_signals(given, job, {"at": event.get("timestamp"), "run": run}, source)
    return signals


def _named_in(logged: list[Json]) -> str:
    for event in map(part, logged):
        _, found, rest = plain(event.get("message"))[:2_000].partition('of run for "')
        if found and '"' in rest:
            return rest.partition('"')[0]
    return ""


def _executions(one: dict[str, Json], source: Safe) -> list[Signal]:
    """An execution of an asset's check as GraphQL lists them; one that is an event of a log is told there."""
    evaluation = part(one, "evaluation")
    if not evaluation or "eventType" in one or plain(one.get("__typename")).endswith("Event"):
        return []
    given: dict[str, Json] = {
        "event_type_value": "ASSET_CHECK_EVALUATION",
        "event_specific_data": {"evaluation": evaluation},
    }
    at = first_text(one, "timestamp") or plain(evaluation.get("timestamp"))
    return event_signals(given, "", {"at": at, "run": first_text(one, "runId")}, source)


def _job_of(item: dict[str, Json], path: str) -> str:
    job = _job(item)
    if not job:
        raise rejected(f"{path}.job_name: missing in {shape(item)}")
    if not rendered(job):
        raise rejected(f"{path}.job_name: a template that was not filled in: {job[:80]}")
    return job


def _run(item: dict[str, Json], path: str, source: Safe) -> list[Signal]:
    job = _job_of(item, path)
    word = first_text(item, "status").rpartition(".")[2].upper()
    if not word:
        raise rejected(f"{path}.status: missing in {shape(item)}")
    if word in _WAITING:
        return []
    status, said = _STATUS.get(word, (SignalStatus.UNKNOWN, f"is {word}"))
    tags = _tags(item)
    attempt, most, again = _attempts(tags)
    if again and word == "FAILURE":
        status, said = SignalStatus.RETRYING, "failed, will be tried again"
    end = when(item.get("end_time")) or when(item.get("endTime"))
    start = when(item.get("start_time")) or when(item.get("startTime"))
    over, started = status is SignalStatus.SUCCEEDED, status is SignalStatus.STARTED
    run = first_text(item, "run_id", "runId", "id")
    why = "" if over or started else _why(item)
    return [
        Signal(
            source=source,
            format=NAME,
            key=key_of(source, job),
            status=status,
            kind=Kind.FAILED_JOB,
            title=clean(f"{job} {said}{': ' if why else ''}{why}"),
            subject=clean(job),
            run=clean(run) if run else None,
            attempt=attempt,
            max_attempts=most,
            severity_hint=Severity.SEV2 if status is SignalStatus.FIRING else None,
            at=start if started else end,
            starts=start if started else None,
            ended_at=end if over else None,
            labels=labels_of(_labels(item, tags)),
            links=Links(source=web(item.get("run_url")) or web(item.get("url"))),
        )
    ]


def _tags(item: dict[str, Json]) -> dict[str, Json]:
    """A run's tags: an object in a sensor's body, a list of keys and values in GraphQL."""
    listed = {first_text(tag, "key"): tag.get("value") for tag in map(part, items(item.get("tags")))}
    tags = part(item, "tags") or listed
    return {name: value for name, value in tags.items() if name and not name.startswith(".")}


def _attempts(tags: dict[str, Json]) -> tuple[int | None, int | None, bool]:
    """The attempt, how many there are, and whether another follows. A first run has no retry number."""
    number, most = whole(tags.get(_RETRY)), whole(tags.get(_RETRIES))
    will = plain(tags.get(_WILL_RETRY)).lower()
    attempt = number + 1 if number is not None else 1 if most is not None else None
    left = attempt is not None and most is not None and attempt <= most
    return attempt, None if most is None else most + 1, left if will not in ("true", "false") else will == "true"


def _why(item: dict[str, Json]) -> str:
    """Which step failed and of what; else the sensor's message."""
    steps = [part(step) for step in items(item.get("failed_steps"))]
    named = [(first_text(step, "step_key", "stepKey"), root_cause(step.get("error"))) for step in steps]
    told = [f"{key}: {cause}" if cause else key for key, cause in named if key or cause]
    return "; ".join(told[:5]) or root_cause(item.get("error")) or first_text(item, "message", "error")


def _labels(item: dict[str, Json], tags: dict[str, Json]) -> dict[str, Json]:
    plainly = {
        name: value for name, value in item.items() if name not in _PLACED and isinstance(value, str | int | float)
    }
    steps = ", ".join(first_text(part(step), "step_key", "stepKey") for step in items(item.get("failed_steps"))[:20])
    origin = first_text(part(item, "repositoryOrigin"), *_LOCATIONS)
    return filled({"repository_location": origin, "failed_steps": steps, **plainly, **tags})


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""Dagster's runs, events and alerts."""
