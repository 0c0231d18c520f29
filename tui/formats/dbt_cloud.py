"""The webhook of dbt Cloud. A failed run is told twice, as errored and as completed: only its runStatus decides."""

from typing import Final

from tui.formats.base import as_object, filled, first_text, key_of, labels_of, part, plain, rejected, rendered, when
from tui.formats.dbt_nodes import NAME
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

_STATUS: Final = {
    "success": (SignalStatus.SUCCEEDED, "succeeded"),
    "errored": (SignalStatus.FIRING, "errored"),
    "error": (SignalStatus.FIRING, "errored"),
    "failed": (SignalStatus.FIRING, "failed"),
    "cancelled": (SignalStatus.FIRING, "was cancelled"),
    "canceled": (SignalStatus.FIRING, "was cancelled"),
    "running": (SignalStatus.STARTED, "started"),
}
_BY_EVENT: Final = {"job.run.errored": "errored", "job.run.started": "running"}
"""What an event means that comes without a runStatus; `completed` may be either way."""

_WAITING: Final = frozenset({"queued", "starting"})
_LABELS: Final = {
    "projectName": "project",
    "environmentName": "environment",
    "jobId": "job_id",
    "runReason": "run_reason",
    "dbtVersion": "dbt_version",
}


def is_webhook(body: dict[str, Json]) -> bool:
    """Whether it is an event about the run of a job of dbt Cloud's."""
    return first_text(body, "eventType").startswith("job.run.") and (
        "accountId" in body or "jobId" in part(body, "data")
    )


def read(body: dict[str, Json], source: Safe) -> list[Signal]:
    """The signal of the run; none while it waits. Raises RejectedError where the job has no id."""
    data = as_object(body.get("data"), "data")
    job = rendered(first_text(data, "jobId"))
    if not job:
        raise rejected("data.jobId: missing")
    event = first_text(body, "eventType")
    word = (first_text(data, "runStatus") or _BY_EVENT.get(event, "unknown")).lower()
    if word in _WAITING:
        return []
    status, said = _STATUS.get(word, (SignalStatus.UNKNOWN, f"is {word}"))
    started = status is SignalStatus.STARTED
    name, message = rendered(first_text(data, "jobName")) or f"job {job}", first_text(data, "runStatusMessage")
    why = "" if message in ("", "None") or status is SignalStatus.SUCCEEDED or started else message
    begun, told = when(data.get("runStartedAt")), when(body.get("timestamp"))
    ended = when(data.get("runErroredAt")) or when(data.get("runFinishedAt"))
    at = (begun if started else ended) or told
    run = first_text(data, "runId")
    return [
        Signal(
            source=source,
            format=NAME,
            key=key_of(source, f"job {job}"),
            status=status,
            kind=Kind.FAILED_JOB,
            title=clean(f"{name} {said}{': ' if why else ''}{why}"),
            subject=clean(name),
            run=clean(run) if run else None,
            severity_hint=Severity.SEV2 if status is SignalStatus.FIRING else None,
            at=at,
            starts=at if started else None,
            ended_at=at if status is SignalStatus.SUCCEEDED else None,
            labels=labels_of(filled({shown: plain(data.get(named)) for named, shown in _LABELS.items()})),
        )
    ]
