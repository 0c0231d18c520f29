"""Prefect: events of runs and deployments, flow runs of its API, bodies of templates."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import part
from tui.formats.decode import Json
from tui.formats.prefect import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"prefect-{name}.json") for name in ("event", "flow-runs", "deployment")]


def state(kind: str, name: str, **fields: Json) -> list[Signal]:
    """What an event says of a run that came into this state."""
    event = part(sample("prefect-event.json"))
    told = {
        "prefect.state-type": kind,
        "prefect.state-name": name,
        "prefect.state-message": "",
        "prefect.run-count": "3",
    }
    given: dict[str, Json] = {
        **event,
        "event": f"prefect.flow-run.{name}",
        "resource": {**part(event, "resource"), **told},
    }
    return signals_of(FORMAT, {**given, **fields})


def test_a_run_that_waits_for_its_next_try_is_retrying() -> None:
    (signal,) = signals_of(FORMAT, sample("prefect-event.json"), "pf")
    assert signal.key == "pf:gate-times/hourly"
    assert signal.status is SignalStatus.RETRYING
    assert signal.subject == "gate-times/hourly"
    assert signal.title.startswith("gate-times/hourly failed, will be tried again: TooManyConnections")
    assert (signal.run, signal.attempt, signal.max_attempts) == ("r-1", 1, 3)
    assert signal.at == datetime(2026, 11, 24, 2, 16, 18, 188250, tzinfo=UTC)
    assert signal.labels["run_name"] == "silver-gecko"
    assert signal.labels["work_pool"] == "k8s"
    assert signal.labels["tag"] == "prod"


@pytest.mark.parametrize(
    ("kind", "name", "status"),
    [
        ("FAILED", "Failed", SignalStatus.FIRING),
        ("FAILED", "Quota used up", SignalStatus.FIRING),
        ("CRASHED", "Crashed", SignalStatus.FIRING),
        ("CANCELLED", "Cancelled", SignalStatus.FIRING),
        ("COMPLETED", "Failed softly", SignalStatus.SUCCEEDED),
        ("RUNNING", "Retrying", SignalStatus.STARTED),
        ("NEW_TYPE", "Dreaming", SignalStatus.UNKNOWN),
    ],
)
def test_the_type_of_a_state_decides_not_its_name(kind: str, name: str, status: SignalStatus) -> None:
    (signal,) = state(kind, name)
    assert (signal.status, signal.attempt) == (status, 3)
    assert signal.key == "prefect:gate-times/hourly"


def test_a_late_run_is_late_not_failed() -> None:
    (signal,) = state("SCHEDULED", "Late")
    assert (signal.status, signal.kind, signal.severity_hint) == (SignalStatus.FIRING, Kind.PERFORMANCE, Severity.SEV3)


@pytest.mark.parametrize(
    ("kind", "name"), [("SCHEDULED", "Scheduled"), ("PENDING", "Pending"), ("PAUSED", "Suspended"), ("CANCELLING", "x")]
)
def test_what_waits_says_nothing(kind: str, name: str) -> None:
    assert state(kind, name) == []


def test_without_a_type_the_known_names_serve() -> None:
    given: Json = {"flow_name": "gate-times", "state_name": "TimedOut"}
    (signal,) = signals_of(FORMAT, given)
    assert (signal.key, signal.status) == ("prefect:flow gate-times", SignalStatus.FIRING)


def test_without_a_deployment_the_flow_is_what_it_is_known_by() -> None:
    related: Json = [
        {"prefect.resource.id": "prefect.flow.f-9", "prefect.resource.name": "adhoc", "prefect.resource.role": "flow"}
    ]
    (signal,) = state("FAILED", "Failed", related=related)
    assert (signal.key, signal.subject) == ("prefect:prefect.flow.f-9", "adhoc")


def test_flow_runs_of_the_api_are_known_by_ids_where_nobody_gave_them_names() -> None:
    (signal,) = signals_of(FORMAT, sample("prefect-flow-runs.json"))
    assert signal.key == "prefect:prefect.deployment.d-1"
    assert (signal.status, signal.run) == (SignalStatus.FIRING, "r-7")
    assert (signal.attempt, signal.max_attempts) == (3, 3)
    assert signal.at == datetime(2026, 11, 24, 2, 20, tzinfo=UTC)
    assert signal.title.endswith("crashed: exit 137")


def test_a_task_is_known_within_its_flow() -> None:
    task: Json = {"task_run": {"task_key": "extract-3f2a1b0c", "flow_run_id": "r"}}
    (inside,) = state("FAILED", "Failed", event="prefect.task-run.Failed", payload=task)
    (alone,) = state("FAILED", "Failed", event="prefect.task-run.Failed", payload=task, related=[])
    assert inside.key == "prefect:gate-times/hourly task extract-3f2a1b0c"
    assert inside.subject == "gate-times/hourly.extract"
    assert (alone.key, alone.subject) == ("prefect:task extract-3f2a1b0c", "extract")


def test_an_altered_deployment_is_a_change() -> None:
    (signal,) = signals_of(FORMAT, sample("prefect-deployment.json"))
    assert (signal.kind, signal.status) == (Kind.CHANGE, SignalStatus.INFO)
    assert signal.title == "deployment gate-times/hourly updated: paused false → true"
    assert (signal.labels["who"], signal.labels["touches"]) == ("li", "gate-times/hourly")


def test_a_pool_without_workers_fires_until_it_is_ready() -> None:
    resource: Json = {"prefect.resource.id": "prefect.work-pool.w-1", "prefect.resource.name": "k8s"}
    down, up = (
        signals_of(FORMAT, {"event": f"prefect.work-pool.{word}", "resource": resource})[0]
        for word in ("not-ready", "ready")
    )
    assert down.key == up.key == "prefect:work-pool prefect.work-pool.w-1"
    assert (down.status, up.status) == (SignalStatus.FIRING, SignalStatus.RESOLVED)


@pytest.mark.parametrize("name", ["prefect.worker.started", "prefect.kubernetes.pod.failed", "model.refreshed"])
def test_other_events_say_nothing(name: str) -> None:
    body: Json = {"event": name, "resource": {"prefect.resource.id": "x"}}
    assert FORMAT.matches(body, {})
    assert signals_of(FORMAT, body) == []


def test_a_template_of_a_webhook_with_objects_inside() -> None:
    body: Json = {
        "flow": {"name": "gate-times"},
        "deployment": {"name": "hourly", "id": "d-1"},
        "flow_run": {
            "id": "r-1",
            "name": "silver-gecko",
            "state": {"type": "FAILED", "name": "Failed", "message": "no"},
        },
    }
    (signal,) = signals_of(FORMAT, body)
    assert (signal.key, signal.subject) == ("prefect:gate-times/hourly", "gate-times/hourly")
    (event,) = signals_of(FORMAT, {"event": sample("prefect-event.json"), "note": "x"})
    assert event.key == "prefect:gate-times/hourly"


def test_a_template_nobody_filled_in_is_shown_but_names_nothing() -> None:
    with pytest.raises(RejectedError, match="flow_id: neither"):
        signals_of(FORMAT, {"flow_name": "{{ flow.name }}", "state": "Failed"})
    (signal,) = signals_of(FORMAT, {"flow_name": "gate-times", "state": "{{ flow_run.state.name }}"})
    assert (signal.status, "{{ flow_run.state.name }}" in signal.title) == (SignalStatus.UNKNOWN, True)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"detail": "Flow run not found"}, "an error answer of Prefect's API, not a run"),
        ({"event": "prefect.flow-run.Failed", "resource": {}}, "resource.prefect.resource.id: missing"),
        ({"event": "prefect.flow-run.Failed", "resource": 3}, "resource: expected an object"),
        ({"name": "x"}, "event: missing"),
        ([1], "[0]: expected an object"),
    ],
)
def test_what_is_rejected(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


def test_a_failure_of_nothing_known_is_rejected() -> None:
    with pytest.raises(RejectedError, match="no deployment and no flow"):
        state("FAILED", "Failed", related=[])


@pytest.mark.parametrize(
    "body",
    [
        {"posture": "Proactive", "expect": ["prefect.flow-run.Completed"], "within": 60},
        {"name": "telegram", "url": "https://x.example", "json_data": {"text": "{{subject}}"}},
        {"event": "deployment", "service": "scorer"},
        {"detail": "Not Found"},
        [],
    ],
)
def test_bodies_of_others_are_left_alone(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
