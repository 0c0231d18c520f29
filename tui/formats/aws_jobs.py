"""Events of Amazon EventBridge about jobs: Glue, Step Functions, Batch, SageMaker, EMR, DMS, and about deploys.

An event in whose words nothing starts, ends or fails says nothing here: rules often pass on more than trouble.
"""

import re
from typing import Final

import msgspec

from tui.formats.aws_event import Event, last_part
from tui.formats.base import first_text, inside, items, plain, rendered, web, whole
from tui.formats.decode import Json
from tui.model.severity import Severity, hint
from tui.model.signal import Kind, Links, Signal, SignalStatus


class _Job(msgspec.Struct, frozen=True):
    """Where one service's events keep what we ask of them. `per_run`: every run has a name of its own."""

    what: str
    name: tuple[str, ...]
    state: tuple[str, ...]
    run: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    per_run: bool = False
    change: bool = False


_GLUE: Final = _Job("Glue job", ("jobName",), ("state",), ("jobRunId",), ("message",))
_JOBS: Final = {
    "Glue Job State Change": _GLUE,
    "Glue Job Run Status": _GLUE,
    "Glue Crawler State Change": _Job("Glue crawler", ("crawlerName",), ("state",), (), ("errorMessage", "message")),
    "DataBrew Job State Change": _Job("DataBrew job", ("jobName",), ("state",), ("jobRunId",), ("message",)),
    "Step Functions Execution Status Change": _Job(
        "state machine", ("stateMachineArn",), ("status",), ("name",), ("cause", "error")
    ),
    "Batch Job State Change": _Job("Batch job", ("jobName",), ("status",), ("jobId",), ("statusReason",), per_run=True),
    "EMR Step Status Change": _Job("EMR step", ("name",), ("state",), ("stepId",), ("message",)),
    "EMR Cluster State Change": _Job("EMR cluster", ("name", "clusterId"), ("state",), ("clusterId",), ("message",)),
    "EMR Serverless Job Run State Change": _Job(
        "EMR Serverless job",
        ("jobRunName", "applicationId"),
        ("state",),
        ("jobRunId",),
        ("stateDetails",),
        per_run=True,
    ),
    "SageMaker Model Building Pipeline Execution Status Change": _Job(
        "SageMaker pipeline", ("pipelineArn",), ("currentPipelineExecutionStatus",), ("pipelineExecutionArn",)
    ),
    "SageMaker Endpoint State Change": _Job(
        "SageMaker endpoint", ("EndpointName",), ("EndpointStatus",), (), ("FailureReason",)
    ),
    **{
        f"SageMaker {words} State Change": _Job(
            f"SageMaker {words.lower()}",
            (f"{name}JobName",),
            (f"{name}JobStatus",),
            (f"{name}JobName",),
            ("FailureReason", "ExitMessage"),
            per_run=True,
        )
        for words, name in (
            ("Training Job", "Training"),
            ("Transform Job", "Transform"),
            ("Processing Job", "Processing"),
            ("HyperParameter Tuning Job", "HyperParameterTuning"),
        )
    },
    "DMS Replication Task State Change": _Job("DMS task", (), ("eventType",), (), ("detailMessage",)),
    "CodeBuild Build State Change": _Job("build", ("project-name",), ("build-status",), ("build-id",), change=True),
    "CodeDeploy Deployment State-change Notification": _Job(
        "deployment", ("application",), ("state",), ("deploymentId",), change=True
    ),
    **{
        f"CodePipeline {unit} Execution State Change": _Job(
            f"deploy {unit.lower()}", ("pipeline",), ("state",), ("execution-id",), change=True
        )
        for unit in ("Pipeline", "Stage", "Action")
    },
}

_STATES: Final = {
    word: status
    for status, words in (
        (SignalStatus.FIRING, "failed failure fault timeout timedout error errored terminatedwitherrors outofservice"),
        (SignalStatus.FIRING, "stopped aborted cancelled canceled killed"),
        (SignalStatus.SUCCEEDED, "succeeded success completed complete inservice"),
        (SignalStatus.STARTED, "started running inprogress executing starting submitted pending runnable resumed"),
    )
    for word in words.split()
}
"""States in lower case without marks. A run that somebody stopped has failed its readers as well."""

_STEM = re.compile(r"[-_.](?:\d{4}-?\d{2}-?\d{2}|\d{8,}|[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{16,}).*$")


def read_job(event: Event) -> list[Signal]:
    """The signal of an event that tells how a job is doing; none where no word of it does."""
    job = _JOBS.get(event.kind) or _any_job(event)
    status, word = _state(job, event)
    full = last_part(rendered(first_text(event.detail, *job.name), *map(plain, items(event.body.get("resources")))))
    if status is None or not full:
        return []
    name = _STEM.sub("", full) or full if job.per_run else full
    attempts = _attempts(event.detail)
    late = "notificationCondition" in event.detail  # Glue tells of a run that takes longer than it may
    if late:
        status, word = SignalStatus.FIRING, "runs longer than it may"
    elif _waits_again(event.detail, attempts[0]):
        status, word = SignalStatus.RETRYING, "failed, waits to be tried again"
    failed = status is SignalStatus.FIRING
    why = first_text(event.detail, *job.why) if failed and not late else ""
    severity = first_text(event.detail, "severity") if failed and not job.change else ""
    return [
        event.signal(
            event.change if job.change else f"{job.what} {name}",
            SignalStatus.INFO if job.change else status,
            f"{job.what} {name} {word.lower().replace('_', ' ')}{': ' if why else ''}{why}",
            name,
            kind=Kind.CHANGE if job.change else Kind.PERFORMANCE if late else Kind.FAILED_JOB,
            word=severity,
            severity=_severity(severity, late) if failed and not job.change else None,
            run=last_part(first_text(event.detail, *job.run)),
            attempts=attempts,
            labels={
                "state": first_text(event.detail, *job.state),
                "stage": plain(event.detail.get("stage")),
                "queue": last_part(first_text(event.detail, "jobQueue")),
                **({"what": job.what, "touches": name} if job.change else {}),
            },
            links=Links(log=web(event.detail.get("cloudWatchLogLink"))),
        )
    ]


def _any_job(event: Event) -> _Job:
    """For events we have no table of: a field that ends in `name`, and one that is a state."""
    names = [name for name in event.detail if name.lower().endswith("name") and first_text(event.detail, name)]
    why = ("message", "errorMessage", "reason")
    return _Job(event.kind, tuple(names[:1]), ("state", "status", "State", "Status"), (), why)


def _state(job: _Job, event: Event) -> tuple[SignalStatus | None, str]:
    word = first_text(event.detail, *job.state)
    if not word and event.kind not in _JOBS:
        word = next((word for word in reversed(event.kind.split()) if _bare(word) in _STATES), "")
    word = word.rpartition("TASK_")[2]  # DMS: REPLICATION_TASK_STOPPED
    return _STATES.get(_bare(word)), word


def _bare(word: str) -> str:
    return re.sub(r"[^a-z]", "", word[:100].lower())


def _severity(word: str, late: bool) -> Severity:
    """Glue calls a failed run an ERROR and a late one INFO; the others have no word, and a failed run is SEV2."""
    told = hint(word)
    if late:
        return Severity.SEV3
    return told if told is Severity.SEV1 else Severity.SEV2


def _attempts(detail: dict[str, Json]) -> tuple[int | None, int | None]:
    """Batch lists the tries that have ended; Glue writes the number of a further try into the run's id."""
    if "attempts" in detail:
        ended = len(items(detail["attempts"]))
        running = first_text(detail, "status") in ("STARTING", "RUNNING")
        return (ended + 1 if running else ended) or None, whole(inside(detail, "retryStrategy", "attempts"))
    again = re.search(r"_attempt_(\d{1,3})$", first_text(detail, "jobRunId"))
    return (int(again[1]) + 1 if again else None), None


def _waits_again(detail: dict[str, Json], attempt: int | None) -> bool:
    """Whether Batch put a job whose try failed back into its queue."""
    return attempt is not None and first_text(detail, "status") in ("SUBMITTED", "PENDING", "RUNNABLE")
