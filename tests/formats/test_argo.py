"""Workflows of Argo and the events of their nodes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, signals_of, survives
from tui.formats.argo import FORMAT
from tui.formats.base import part
from tui.formats.decode import Json
from tui.model.signal import Kind, Signal, SignalStatus

EVENT: Json = {
    "kind": "WorkflowEvent",
    "namespace": "etl",
    "workflowTemplate": "tolls-load",
    "workflow": "tolls-load-x7k2p",
    "phase": "Error",
    "node": {"type": "Retry", "attempt": 0, "retryStrategy": {"limit": "2"}},
    "message": "pod deleted",
    "finishedAt": "2026-11-24T02:00:00Z",
}
WORKFLOW: Json = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {
        "name": "tolls-cron-1795485600",
        "namespace": "etl",
        "labels": {"workflows.argoproj.io/cron-workflow": "tolls-cron", "team": "roads"},
    },
    "status": {
        "phase": "Failed",
        "startedAt": "2026-11-24T02:00:00Z",
        "finishedAt": "2026-11-24T02:10:00Z",
        "message": "child 'load' failed",
    },
}


def event(**changed: Json) -> Signal:
    (signal,) = signals_of(FORMAT, {**part(EVENT), **changed})
    return signal


def test_argo_counts_tries_from_zero_and_limits_retries() -> None:
    first = event()
    assert (first.status, first.attempt, first.max_attempts) == (SignalStatus.RETRYING, 1, 3)
    assert first.title == "tolls-load failed, will be tried again: pod deleted"
    last = event(node={"attempt": 2, "retryStrategy": {"limit": 2}})
    assert (last.status, last.attempt, last.key) == (SignalStatus.FIRING, 3, first.key)


def test_a_workflow_is_known_by_what_its_runs_share() -> None:
    (signal,) = signals_of(FORMAT, WORKFLOW)
    assert (signal.key, signal.subject, signal.run) == ("argo:etl/tolls-cron", "tolls-cron", "tolls-cron-1795485600")
    assert (signal.status, signal.kind) == (SignalStatus.FIRING, Kind.FAILED_JOB)
    assert signal.title == "tolls-cron failed: child 'load' failed"
    assert (signal.at, signal.ended_at) == (datetime(2026, 11, 24, 2, 10, tzinfo=UTC), None)
    assert signal.labels["team"] == "roads"
    bare = event(workflowTemplate=None)
    assert (bare.subject, bare.key) == ("tolls-load", event().key)


@pytest.mark.parametrize(
    ("phase", "status"),
    [
        ("Succeeded", SignalStatus.SUCCEEDED),
        ("Running", SignalStatus.STARTED),
        ("Skipped", SignalStatus.INFO),
        ("Dreaming", SignalStatus.UNKNOWN),
    ],
)
def test_phases(phase: str, status: SignalStatus) -> None:
    signal = event(phase=phase)
    assert (signal.status, signal.ended_at is not None) == (status, status is SignalStatus.SUCCEEDED)


@pytest.mark.parametrize(
    "body", [{"phase": "Failed", "job": "x"}, {"kind": "Workflow"}, {"kind": "Pod", "status": {}}, []]
)
def test_other_bodies_are_left_to_others(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from([EVENT, WORKFLOW]).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    survives(FORMAT, body)
