"""Events of Dagster: of runs, of steps, of assets and their checks, from its log or as an alert of Dagster+."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tui.formats.base import (
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
    web,
    when,
)
from tui.formats.decode import Json
from tui.model.severity import Severity, hint
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "dagster"

EVENT_TYPES: Final = {
    "RunStartEvent": "RUN_START",
    "RunSuccessEvent": "RUN_SUCCESS",
    "RunFailureEvent": "RUN_FAILURE",
    "RunCanceledEvent": "RUN_CANCELED",
    "ExecutionStepFailureEvent": "STEP_FAILURE",
    "ExecutionStepSuccessEvent": "STEP_SUCCESS",
    "ExecutionStepUpForRetryEvent": "STEP_UP_FOR_RETRY",
    "AssetCheckEvaluationEvent": "ASSET_CHECK_EVALUATION",
    "MaterializationEvent": "ASSET_MATERIALIZATION",
    "FailedToMaterializeEvent": "ASSET_FAILED_TO_MATERIALIZE",
}
"""What GraphQL's types of events are called in the log itself; any other type tells nothing."""

_OF_RUN: Final = {
    "START": (SignalStatus.STARTED, "started"),
    "SUCCESS": (SignalStatus.SUCCEEDED, "succeeded"),
    "FAILURE": (SignalStatus.FIRING, "failed"),
    "CANCELED": (SignalStatus.FIRING, "was canceled"),
}
_OF_STEP: Final = {
    "SUCCESS": (SignalStatus.SUCCEEDED, "succeeded"),
    "FAILURE": (SignalStatus.FIRING, "failed"),
    "UP_FOR_RETRY": (SignalStatus.RETRYING, "failed, will be tried again"),
}
_OF_ASSET: Final = {
    "ASSET_MATERIALIZATION": (SignalStatus.SUCCEEDED, "was materialized"),
    "ASSET_FAILED_TO_MATERIALIZE": (SignalStatus.FIRING, "failed to materialize"),
}

_ALERTS: Final[dict[str, tuple[SignalStatus, Kind, str, Severity | None]]] = {
    "JOB_FAILURE": (SignalStatus.FIRING, Kind.FAILED_JOB, "failed", Severity.SEV2),
    "JOB_SUCCESS": (SignalStatus.SUCCEEDED, Kind.FAILED_JOB, "succeeded", None),
    "JOB_LONG_RUNNING": (SignalStatus.FIRING, Kind.PERFORMANCE, "runs too long", Severity.SEV3),
    "ASSET_MATERIALIZATION_FAILURE": (SignalStatus.FIRING, Kind.FAILED_JOB, "failed to materialize", Severity.SEV2),
    "ASSET_MATERIALIZATION_SUCCESS": (SignalStatus.SUCCEEDED, Kind.FAILED_JOB, "was materialized", None),
    "ASSET_CHECK_PASSED": (SignalStatus.RESOLVED, Kind.DATA_QUALITY, "passed", None),
    "ASSET_CHECK_SEVERITY_WARN": (SignalStatus.FIRING, Kind.DATA_QUALITY, "did not pass", Severity.SEV3),
    "ASSET_CHECK_SEVERITY_ERROR": (SignalStatus.FIRING, Kind.DATA_QUALITY, "did not pass", Severity.SEV2),
    "ASSET_CHECK_EXECUTION_FAILURE": (SignalStatus.FIRING, Kind.FAILED_JOB, "could not run", Severity.SEV2),
    "ASSET_FRESHNESS_PASS": (SignalStatus.RESOLVED, Kind.DATA_QUALITY, "is fresh again", None),
    "ASSET_FRESHNESS_WARN": (SignalStatus.FIRING, Kind.DATA_QUALITY, "is getting stale", Severity.SEV3),
    "ASSET_FRESHNESS_FAIL": (SignalStatus.FIRING, Kind.DATA_QUALITY, "is stale", Severity.SEV2),
    "ASSET_HEALTH_HEALTHY": (SignalStatus.RESOLVED, Kind.DATA_QUALITY, "is healthy", None),
    "ASSET_HEALTH_WARNING": (SignalStatus.FIRING, Kind.DATA_QUALITY, "has warnings", Severity.SEV3),
    "ASSET_HEALTH_DEGRADED": (SignalStatus.FIRING, Kind.DATA_QUALITY, "is degraded", Severity.SEV2),
    "TICK_FAILURE": (SignalStatus.FIRING, Kind.FAILED_JOB, "failed at a tick", Severity.SEV2),
    "TICK_SUCCESS": (SignalStatus.SUCCEEDED, Kind.FAILED_JOB, "ticks again", None),
    "CODE_LOCATION_ERROR": (SignalStatus.FIRING, Kind.FAILED_JOB, "can't be loaded", Severity.SEV2),
    "AGENT_UNAVAILABLE": (SignalStatus.FIRING, Kind.OTHER, "is not available", Severity.SEV2),
}
"""Dagster+'s types of alerts. Their bodies are the users' own templates; the type is what they have in common."""

_ALERT_TYPE: Final = ("event_type", "alert_type", "notification_type", "type")
_ALERT_SUBJECT: Final = (
    *("job_name", "asset_key", "schedule_name", "sensor_name", "instigator_name", "code_location", "location_name"),
    *("agent_name", "deployment", "deployment_name"),
)


def event_signals(event: dict[str, Json], job: str, named: Mapping[str, Json], source: Safe) -> list[Signal]:
    """The signals of one event: of its run, its step, or its asset; none for any other type.

    `named` holds its time (`at`) and run (`run`). Raises RejectedError where something fails in a job without a name.
    """
    kind = plain(event.get("event_type_value")).upper()
    data = part(event, "event_specific_data")
    if kind == "ASSET_CHECK_EVALUATION":
        return [_check(part(data, "evaluation") or data, named, source)]
    if kind in _OF_ASSET:
        return _asset(data, *_OF_ASSET[kind], named, source)
    scope, _, word = kind.partition("_")
    table = {"RUN": _OF_RUN, "PIPELINE": _OF_RUN, "STEP": _OF_STEP}.get(scope, {})
    if word not in table:
        return []
    status, said = table[word]
    step = first_text(event, "step_key", "stepKey") if scope == "STEP" else ""
    if not rendered(job):
        if status in (SignalStatus.FIRING, SignalStatus.RETRYING):
            raise rejected("a failure of a run whose job is not named: ask for its jobName as well")
        return []
    failed = status in (SignalStatus.FIRING, SignalStatus.RETRYING)
    why = _cause(data) if failed else ""
    name = f"{job}.{step}" if step else job
    return [_signal(name, status, Kind.FAILED_JOB, f"{name} {said}{': ' if why else ''}{why}", named, source)]


def _signal(
    name: str,
    status: SignalStatus,
    kind: Kind,
    title: str,
    named: Mapping[str, Json],
    source: Safe,
    *,
    identity: str = "",
    word: str = "",
    labels: dict[str, Json] | None = None,
) -> Signal:
    at, run = when(named.get("at")), plain(named.get("run"))
    over = status in (SignalStatus.SUCCEEDED, SignalStatus.RESOLVED)
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, identity or name),
        status=status,
        kind=kind,
        title=clean(title),
        subject=clean(name),
        run=clean(run) if run else None,
        severity_word=clean(word, 40) if word else None,
        severity_hint=_grade(status, word),
        at=at,
        starts=at if status is SignalStatus.STARTED else None,
        ended_at=at if over else None,
        labels=labels_of(filled(labels or {})),
    )


def _grade(status: SignalStatus, word: str) -> Severity | None:
    if status is not SignalStatus.FIRING:
        return None
    return hint(word) if word else Severity.SEV2


def _check(evaluation: dict[str, Json], named: Mapping[str, Json], source: Safe) -> Signal:
    """One evaluation of an asset's check; its severity is what it would mean if it did not pass."""
    asset = _asset_name(evaluation)
    check = first_text(evaluation, "check_name", "checkName")
    if not asset or not check:
        raise rejected(f"evaluation.{'checkName' if asset else 'assetKey'}: missing")
    passed = evaluation.get("success", evaluation.get("passed"))
    severity = evaluation.get("severity")
    word = (plain(severity) or plain(inside(severity, "__enum__"))).rpartition(".")[2]
    said = {True: "passed", False: "did not pass"}.get(passed is True, "")
    description = "" if passed is True else first_text(evaluation, "description")
    labels = {"check": check, "partition": plain(evaluation.get("partition")), **_metadata(evaluation)}
    return _signal(
        asset,
        SignalStatus.SUCCEEDED if passed is True else SignalStatus.FIRING,
        Kind.DATA_QUALITY,
        f"{asset}: {check} {said}{': ' if description else ''}{description}",
        named,
        source,
        identity=f"{asset} {check}",
        word=word,
        labels=labels,
    )


def _metadata(evaluation: dict[str, Json]) -> dict[str, Json]:
    """The figures a check gave with its verdict."""
    given = part(evaluation, "metadata")
    return {name: inside(value, "value") or inside(value, "text") for name, value in given.items()}


def _asset_name(fields: Mapping[str, Json]) -> str:
    """An asset's key as Dagster writes it: its parts with slashes between; a plain text is taken as it is."""
    key = fields.get("asset_key") or fields.get("assetKey")
    path = [plain(step) for step in items(key if isinstance(key, list) else inside(key, "path"))]
    return "/".join(step for step in path if step) or plain(key)


def _asset(
    data: dict[str, Json], status: SignalStatus, said: str, named: Mapping[str, Json], source: Safe
) -> list[Signal]:
    asset = _asset_name(data) or _asset_name(part(data, "materialization"))
    if not asset:
        return []  # an older log asks for the message only
    why = _cause(data) if status is SignalStatus.FIRING else ""
    title = f"{asset} {said}{': ' if why else ''}{why}"
    return [_signal(asset, status, Kind.FAILED_JOB, title, named, source, identity=f"asset {asset}")]


def _cause(data: dict[str, Json]) -> str:
    """What lies at the bottom: a run's own error is often empty, that of the first step to fail is not."""
    step = part(data, "first_step_failure_event", "event_specific_data")
    return root_cause(data.get("error")) or root_cause(step.get("error"))


def root_cause(error: Json) -> str:
    """The innermost error in words: of `cause` in `cause`, or the last of a chain that begins with a wrapper."""
    found = part(error)
    while inner := part(found, "cause"):
        found = inner
    chain = [part(link, "error") for link in items(found.get("errorChain"))]
    found = next((link for link in reversed(chain) if link), found)
    name, message = first_text(found, "class_name", "className", "cls_name"), first_text(found, "message")
    return message if not name or message.startswith(name) else f"{name}: {message}" if message else name


def is_alert(body: dict[str, Json]) -> bool:
    """Whether a body is an alert of Dagster+: one of its types, and what it is about."""
    kind = first_text(body, *_ALERT_TYPE).upper()
    return kind in _ALERTS and bool(_about(body)[0])


def _about(body: dict[str, Json]) -> tuple[str, str]:
    """Whom an alert speaks of, and the check where it is about one."""
    of_asset = first_text(body, *_ALERT_TYPE).upper().startswith("ASSET")
    named = _asset_name(body) if of_asset else ""
    return rendered(named, *(first_text(body, name) for name in _ALERT_SUBJECT)), first_text(body, "check_name")


def alert(body: dict[str, Json], source: Safe) -> Signal:
    """The signal of an alert of Dagster+. A job's has the key of the job's runs, a check's that of its evaluations."""
    kind = first_text(body, *_ALERT_TYPE).upper()
    status, sort, said, severity = _ALERTS[kind]
    name, check = _about(body)
    topic = kind.split("_")[1].lower()
    if kind.startswith("ASSET_CHECK") and check:
        identity, shown = f"{name} {check}", f"{name}: {check}"
    else:
        identity = {"materialization": f"asset {name}", "failure": name, "success": name}.get(topic, f"{name} {topic}")
        shown = name
    at = _moment(body)
    run = first_text(body, "run_id")
    message = "" if severity is None else first_text(body, "error_message", "error", "message", "description")
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, identity),
        status=status,
        kind=sort,
        title=clean(f"{shown} {said}{': ' if message else ''}{message}"),
        subject=clean(name),
        run=clean(run) if run else None,
        severity_hint=severity,
        at=at,
        ended_at=at if severity is None else None,
        labels=labels_of({key: value for key, value in body.items() if isinstance(value, str | int | float)}),
        links=Links(
            source=next((found for name in ("run_url", "url", "link") if (found := web(body.get(name)))), None)
        ),
    )


def _moment(body: dict[str, Json]) -> datetime | None:
    return next((at for name in ("timestamp", "time", "event_time", "end_time") if (at := when(body.get(name)))), None)
