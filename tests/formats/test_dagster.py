"""Dagster: bodies of sensors, answers of its GraphQL, entries of its log, alerts of Dagster+."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.dagster import FORMAT
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"dagster-{name}.json") for name in ("run-failure", "runs", "log", "entry-check", "entry-failure")]
START = datetime(2026, 11, 24, 2, tzinfo=UTC)


def one(**fields: Json) -> Signal:
    """The signal of a sensor's body with these fields."""
    (signal,) = signals_of(FORMAT, {"run_id": "r", "job_name": "tickets", "status": "FAILURE", **fields})
    return signal


def test_a_run_that_will_be_tried_again_is_retrying() -> None:
    (signal,) = signals_of(FORMAT, sample("dagster-run-failure.json"), "dg")
    assert signal.key == "dg:tickets_hourly"
    assert signal.status is SignalStatus.RETRYING
    assert signal.kind is Kind.FAILED_JOB
    assert signal.title == "tickets_hourly failed, will be tried again: load: OSError: no space left"
    assert (signal.attempt, signal.max_attempts) == (2, 3)
    assert signal.at == START + timedelta(minutes=10, seconds=0.75)
    assert signal.labels["dagster/partition"] == "2026-11-24-01:00"
    assert signal.labels["repository_location"] == "analytics"
    assert signal.labels["failed_steps"] == "load"
    assert ".dagster/hidden" not in signal.labels
    assert signal.links.source == "https://dagster.shop.example/runs/5f0c9d8a"


@pytest.mark.parametrize(
    ("tags", "status", "tries"),
    [
        ({}, SignalStatus.FIRING, (None, None)),
        ({"dagster/max_retries": "2"}, SignalStatus.RETRYING, (1, 3)),
        ({"dagster/max_retries": "2", "dagster/retry_number": "1"}, SignalStatus.RETRYING, (2, 3)),
        ({"dagster/max_retries": "2", "dagster/retry_number": "2"}, SignalStatus.FIRING, (3, 3)),
        ({"dagster/max_retries": "0"}, SignalStatus.FIRING, (1, 1)),
        ({"dagster/will_retry": "true"}, SignalStatus.RETRYING, (None, None)),
        ({"dagster/will_retry": "false", "dagster/max_retries": "2"}, SignalStatus.FIRING, (1, 3)),
    ],
)
def test_the_tags_tell_whether_another_try_follows(
    tags: dict[str, Json], status: SignalStatus, tries: tuple[int | None, int | None]
) -> None:
    signal = one(tags=tags)
    assert (signal.status, (signal.attempt, signal.max_attempts)) == (status, tries)
    assert signal.severity_hint is (Severity.SEV2 if status is SignalStatus.FIRING else None)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("SUCCESS", SignalStatus.SUCCEEDED),
        ("DagsterRunStatus.SUCCESS", SignalStatus.SUCCEEDED),
        ("STARTED", SignalStatus.STARTED),
        ("CANCELED", SignalStatus.FIRING),
        ("ODD", SignalStatus.UNKNOWN),
    ],
)
def test_statuses(word: str, status: SignalStatus) -> None:
    assert one(status=word).status is status


def test_what_waits_says_nothing() -> None:
    assert signals_of(FORMAT, {"run_id": "r", "job_name": "x", "status": "QUEUED"}) == []


def test_seconds_and_milliseconds_are_told_apart() -> None:
    seconds, millis = one(end_time=1795485600.5), one(end_time="1795485600500")
    assert seconds.at == millis.at == START + timedelta(seconds=0.5)


def test_runs_of_graphql() -> None:
    failed, done, running = signals_of(FORMAT, sample("dagster-runs.json"))
    assert (failed.key, failed.status) == ("dagster:tickets_hourly", SignalStatus.FIRING)
    assert (failed.run, failed.attempt, failed.max_attempts) == ("r-1", 3, 3)
    assert (done.status, done.ended_at) == (SignalStatus.SUCCEEDED, START + timedelta(minutes=10, seconds=0.5))
    assert (running.status, running.starts) == (SignalStatus.STARTED, START + timedelta(seconds=0.5))


def test_a_log_names_its_job_and_the_root_cause_comes_last() -> None:
    started, check, again, step, run = signals_of(FORMAT, sample("dagster-log.json"))
    assert (started.key, started.status) == ("dagster:tickets_hourly", SignalStatus.STARTED)
    assert started.at == START + timedelta(seconds=0.25)
    assert (check.key, check.kind) == ("dagster:shop/tickets not_empty", Kind.DATA_QUALITY)
    assert (check.severity_word, check.severity_hint) == ("ERROR", Severity.SEV2)
    assert (again.key, again.status) == ("dagster:tickets_hourly.load", SignalStatus.RETRYING)
    assert step.title == "tickets_hourly.load failed: TimeoutError: été"
    assert (run.key, run.status, run.run) == ("dagster:tickets_hourly", SignalStatus.FIRING, "r-9")


def test_an_entry_of_the_log_has_the_same_key_as_graphql() -> None:
    (check,) = signals_of(FORMAT, sample("dagster-entry-check.json"))
    assert check.key == signals_of(FORMAT, sample("dagster-log.json"))[1].key
    assert (check.status, check.severity_word, check.severity_hint) == (SignalStatus.FIRING, "WARN", Severity.SEV3)
    assert (check.subject, check.labels["rows"]) == ("shop/tickets", "3")


def test_an_older_name_of_a_failure_and_the_first_step_s_error() -> None:
    (signal,) = signals_of(FORMAT, sample("dagster-entry-failure.json"))
    assert (signal.key, signal.status) == ("dagster:tickets_hourly", SignalStatus.FIRING)
    assert signal.title == "tickets_hourly failed: OSError: disk full"


def test_a_check_that_passes_ran_well() -> None:
    evaluation: Json = {"checkName": "not_empty", "success": True, "severity": "ERROR", "assetKey": {"path": ["a"]}}
    body: Json = {
        "data": {"x": {"results": [{"status": "SUCCEEDED", "timestamp": 1795485600.0, "evaluation": evaluation}]}}
    }
    (signal,) = signals_of(FORMAT, body)
    assert (signal.key, signal.status, signal.ended_at) == ("dagster:a not_empty", SignalStatus.SUCCEEDED, START)
    assert signal.severity_hint is None


@pytest.mark.parametrize(
    ("kind", "status", "key", "severity"),
    [
        ("JOB_FAILURE", SignalStatus.FIRING, "dagster:tickets", Severity.SEV2),
        ("JOB_SUCCESS", SignalStatus.SUCCEEDED, "dagster:tickets", None),
        ("JOB_LONG_RUNNING", SignalStatus.FIRING, "dagster:tickets long", Severity.SEV3),
        ("ASSET_CHECK_SEVERITY_WARN", SignalStatus.FIRING, "dagster:shop/tickets rows", Severity.SEV3),
        ("ASSET_CHECK_PASSED", SignalStatus.RESOLVED, "dagster:shop/tickets rows", None),
        ("ASSET_FRESHNESS_FAIL", SignalStatus.FIRING, "dagster:shop/tickets freshness", Severity.SEV2),
    ],
)
def test_alerts_of_dagster_plus(kind: str, status: SignalStatus, key: str, severity: Severity | None) -> None:
    body: Json = {"event_type": kind, "job_name": "tickets", "asset_key": "shop/tickets", "check_name": "rows"}
    (signal,) = signals_of(FORMAT, body)
    assert (signal.status, signal.key, signal.severity_hint) == (status, key, severity)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            {"data": {"runOrError": {"__typename": "RunNotFoundError", "message": "no run x"}}},
            "an error answer of Dagster's GraphQL, not a run: no run x",
        ),
        ({"errors": [{"message": "bad query"}], "data": None}, "an error answer of Dagster's GraphQL, not a run"),
        ({"run_id": "r", "job_name": "{{ job }}", "status": "FAILURE"}, "body.job_name: a template"),
        ({"run_id": "r", "status": "FAILURE"}, "body.job_name: missing"),
        (
            {"data": {"e": {"events": [{"__typename": "RunFailureEvent", "runId": "r", "timestamp": "1"}]}}},
            "a failure of a run whose job is not named",
        ),
        (["x"], "[0]: expected an entry"),
    ],
)
def test_what_is_rejected(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        {"job_name": "x", "status": "FAILURE"},
        {"run_id": "r", "job_name": "x", "status": "failed"},
        {"data": {"repository": {"id": 3}}},
        {"event_type": "job.run.errored", "job_name": "x"},
        [],
    ],
)
def test_bodies_of_others_are_left_alone(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
