"""EventBridge's events: jobs, deploys, databases, rules about data, and Amazon's own incidents."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.formats.base import part
from tui.formats.cloudwatch import FORMAT
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

GLUE, BATCH = sample("cloudwatch-glue.json"), sample("cloudwatch-batch.json")
HEALTH: dict[str, Json] = {
    "eventArn": "arn:aws:health:x::event/RDS/1",
    "service": "RDS",
    "eventTypeCategory": "issue",
    "statusCode": "open",
    "eventDescription": [{"latestDescription": "Connections fail."}],
}
RULES: dict[str, Json] = {
    "context": {"databaseName": "shop", "tableName": "orders", "runId": "dqrun-1"},
    "rulesetNames": ["whole"],
    "state": "FAILED",
    "numRulesSucceeded": 3,
    "numRulesFailed": 2,
}
DETAILS: list[Json] = [dict(RULES), dict(HEALTH), {"SourceIdentifier": "x", "EventCategories": ["failure"]}]
KINDS = ("RDS DB Instance Event", "Data Quality Evaluation Results Available", "AWS Health Event", "Something Failed")


def read(body: Json) -> Signal:
    (signal,) = signals_of(FORMAT, body)
    return signal


def event(kind: str, **detail: Json) -> list[Signal]:
    body: Json = {**part(GLUE), "detail-type": kind, "detail": detail}
    return signals_of(FORMAT, body)


def test_a_failed_glue_job_is_read() -> None:
    signal = read(GLUE)
    assert signal.key == "cloudwatch:123456789012:eu-central-1:Glue job orders_load"
    assert (signal.status, signal.kind, signal.subject) == (SignalStatus.FIRING, Kind.FAILED_JOB, "orders_load")
    assert signal.title == "Glue job orders_load failed: Command failed with exit code 1"
    assert (signal.run, signal.attempt) == ("jr_9f0c1d_attempt_1", 2)
    assert (signal.severity_word, signal.severity_hint) == ("ERROR", Severity.SEV2)
    assert signal.at == datetime(2026, 11, 24, 2, 57, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("SUCCEEDED", SignalStatus.SUCCEEDED),
        ("TIMEOUT", SignalStatus.FIRING),
        ("STOPPED", SignalStatus.FIRING),
        ("RUNNING", SignalStatus.STARTED),
    ],
)
def test_the_states_of_a_glue_job_share_a_key(state: str, status: SignalStatus) -> None:
    (signal,) = event("Glue Job State Change", jobName="orders_load", state=state, severity="INFO")
    assert (signal.key, signal.status) == (read(GLUE).key, status)


def test_a_glue_job_that_runs_too_long_is_late_until_it_succeeds() -> None:
    delay: Json = {"NotifyDelayAfter": 10.0}
    (signal,) = event(
        "Glue Job Run Status", jobName="orders_load", state="RUNNING", severity="INFO", notificationCondition=delay
    )
    assert (signal.status, signal.kind) == (SignalStatus.FIRING, Kind.PERFORMANCE)
    assert (signal.key, signal.severity_hint) == (read(GLUE).key, Severity.SEV3)
    assert signal.title == "Glue job orders_load runs longer than it may"


def test_a_batch_job_put_back_into_its_queue_is_a_retry() -> None:
    signal = read(BATCH)
    assert (signal.status, signal.attempt, signal.max_attempts) == (SignalStatus.RETRYING, 1, 3)
    assert (signal.subject, signal.key) == ("features", "cloudwatch:123456789012:eu-central-1:Batch job features")
    assert signal.labels["queue"] == "night"
    assert "SECRET-VALUE" not in str(signal)


@pytest.mark.parametrize(
    ("state", "attempts", "status", "attempt"),
    [
        ("RUNNABLE", 0, SignalStatus.STARTED, None),
        ("RUNNING", 1, SignalStatus.STARTED, 2),
        ("FAILED", 3, SignalStatus.FIRING, 3),
        ("FAILED", 1, SignalStatus.FIRING, 1),  # Batch gave up early: there is no further try
        ("SUCCEEDED", 2, SignalStatus.SUCCEEDED, 2),
    ],
)
def test_attempts_of_a_batch_job(state: str, attempts: int, status: SignalStatus, attempt: int | None) -> None:
    tries: Json = [{} for _ in range(attempts)]
    (signal,) = event("Batch Job State Change", jobName="x", status=state, attempts=tries)
    assert (signal.status, signal.attempt) == (status, attempt)


@pytest.mark.parametrize(
    ("kind", "detail", "key", "status"),
    [
        (
            "Step Functions Execution Status Change",
            {"stateMachineArn": "arn:aws:states:r:1:stateMachine:nightly", "name": "run-1", "status": "TIMED_OUT"},
            "state machine nightly",
            SignalStatus.FIRING,
        ),
        (
            "SageMaker Training Job State Change",
            {"TrainingJobName": "churn-2026-11-24-03-00-11-123", "TrainingJobStatus": "Failed"},
            "SageMaker training job churn",
            SignalStatus.FIRING,
        ),
        (
            "SageMaker Training Job State Change",
            {"TrainingJobName": "churn-2026-12-01-03-00-11-456", "TrainingJobStatus": "Completed"},
            "SageMaker training job churn",
            SignalStatus.SUCCEEDED,
        ),
        (
            "Glue Crawler State Change",
            {"crawlerName": "landing", "state": "Failed", "errorMessage": "Internal"},
            "Glue crawler landing",
            SignalStatus.FIRING,
        ),
        (
            "Nightly Report Failed",
            {"reportName": "revenue", "message": "no data"},
            "Nightly Report Failed revenue",
            SignalStatus.FIRING,
        ),
    ],
)
def test_jobs_of_other_services(kind: str, detail: dict[str, Json], key: str, status: SignalStatus) -> None:
    (signal,) = event(kind, **detail)
    assert (signal.key, signal.status) == (f"cloudwatch:123456789012:eu-central-1:{key}", status)


def test_a_deploy_is_a_change() -> None:
    detail: dict[str, Json] = {"pipeline": "shop", "execution-id": "e-1", "state": "FAILED"}
    (signal,) = event("CodePipeline Pipeline Execution State Change", **detail)
    assert (signal.status, signal.kind, signal.severity_hint) == (SignalStatus.INFO, Kind.CHANGE, None)
    assert signal.labels["touches"] == "shop"
    assert signal.key == "cloudwatch:123456789012:eu-central-1:change abcdef01-1234-5678-9abc-def012345678"


def rds(message: str, *categories: str) -> Signal:
    (signal,) = event(
        "RDS DB Instance Event",
        SourceIdentifier="orders-prod",
        Message=message,
        EventCategories=list(categories),
        EventID="RDS-EVENT-0026",
    )
    return signal


def test_what_happens_to_a_database_is_a_change_unless_it_fails() -> None:
    patch = rds("Applying offline patches to DB instance", "maintenance")
    assert (patch.status, patch.kind) == (SignalStatus.INFO, Kind.CHANGE)
    assert patch.labels["DBInstanceIdentifier"] == "orders-prod"
    assert rds("Multi-AZ instance failover started", "failover").status is SignalStatus.INFO
    failed = rds("The DB instance has failed", "failure")
    assert (failed.status, failed.severity_hint) == (SignalStatus.FIRING, Severity.SEV2)
    recovered = rds("Recovery of the DB instance is complete", "recovery")
    assert (recovered.key, recovered.status) == (failed.key, SignalStatus.RESOLVED)
    assert rds("Allocated storage is nearly used up", "low storage").key != failed.key


def test_glues_rules_about_a_table_fire_and_pass() -> None:
    def rules(state: str) -> Signal:
        (signal,) = event("Data Quality Evaluation Results Available", **{**RULES, "state": state})
        return signal

    failed, passed = rules("FAILED"), rules("SUCCEEDED")
    assert failed.key == passed.key
    assert (failed.status, failed.kind, failed.run) == (SignalStatus.FIRING, Kind.DATA_QUALITY, "dqrun-1")
    assert failed.title == "shop.orders: whole failed, 2 of 5 rules"
    assert passed.status is SignalStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("category", "code", "status"),
    [
        ("issue", "open", SignalStatus.FIRING),
        ("issue", "closed", SignalStatus.RESOLVED),
        ("scheduledChange", "upcoming", SignalStatus.INFO),
    ],
)
def test_amazons_own_incidents(category: str, code: str, status: SignalStatus) -> None:
    (signal,) = event("AWS Health Event", **{**HEALTH, "eventTypeCategory": category, "statusCode": code})
    assert (signal.status, signal.title) == (status, "AWS RDS: Connections fail.")


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("Object Created", {"bucket": {"name": "landing"}, "object": {"key": "x"}}),
        ("Glue Job State Change", {"jobName": "x", "state": "WAITING_FOR_GODOT"}),
        ("Glue Job State Change", {"state": "FAILED"}),
        ("Scheduled Event", {}),
    ],
)
def test_an_event_that_tells_of_no_state_says_nothing(kind: str, detail: dict[str, Json]) -> None:
    assert event(kind, **detail) == []


@given(st.sampled_from([GLUE, BATCH]).flatmap(mutations))
@settings(max_examples=100)
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    survives(FORMAT, body)


@given(st.sampled_from(KINDS), st.sampled_from(DETAILS).flatmap(mutations))
@settings(max_examples=150)
def test_whatever_the_detail_holds_is_read_or_refused(kind: str, detail: Json) -> None:
    survives(FORMAT, {**part(GLUE), "detail-type": kind, "detail": detail})
