"""GitHub: runs, checks, deployments and statuses of commits."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import part
from tui.formats.decode import Json
from tui.formats.github import EVENT_HEADER, FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"github-{name}.json") for name in ("workflow-run", "check-run", "deployment-status", "deployment")]
REPOSITORY: Json = {"full_name": "shop/etl", "default_branch": "main"}


def run(**fields: Json) -> list[Signal]:
    """What a finished run of an ordinary workflow says."""
    given: dict[str, Json] = {
        "id": 3,
        "name": "Nightly",
        "path": ".github/workflows/nightly.yml",
        "head_branch": "main",
    }
    body: Json = {"action": "completed", "workflow_run": {**given, **fields}, "repository": REPOSITORY}
    return signals_of(FORMAT, body)


def test_a_failed_run_that_deploys_fires_and_is_a_change() -> None:
    failed, change = signals_of(FORMAT, sample("github-workflow-run.json"), "gh")
    assert failed.key == "gh:shop/etl .github/workflows/deploy.yml main"
    assert (failed.status, failed.kind, failed.severity_hint) == (SignalStatus.FIRING, Kind.FAILED_JOB, Severity.SEV2)
    assert failed.title == "shop/etl: Deploy failed on main"
    assert (failed.subject, failed.run, failed.attempt) == ("Deploy", "991", 2)
    assert failed.at == datetime(2026, 11, 24, 2, 9, tzinfo=UTC)
    assert failed.labels["commit"] == "orders: cast ids"
    assert failed.links.source == "https://github.com/shop/etl/actions/runs/991"
    assert (change.kind, change.status) == (Kind.CHANGE, SignalStatus.INFO)
    assert (change.labels["who"], change.labels["touches"]) == ("ada", "shop/etl")
    assert change.title == "shop/etl: Deploy failed (ec26c3e)"


@pytest.mark.parametrize(
    ("status", "conclusion", "expected"),
    [
        ("completed", "success", SignalStatus.SUCCEEDED),
        ("completed", "failure", SignalStatus.FIRING),
        ("completed", "timed_out", SignalStatus.FIRING),
        ("completed", "startup_failure", SignalStatus.FIRING),
        ("completed", "cancelled", SignalStatus.INFO),
        ("completed", "odd", SignalStatus.UNKNOWN),
        ("in_progress", None, SignalStatus.STARTED),
    ],
)
def test_conclusions(status: str, conclusion: str | None, expected: SignalStatus) -> None:
    (signal,) = run(status=status, conclusion=conclusion)
    assert (signal.status, signal.key) == (expected, "github:shop/etl .github/workflows/nightly.yml main")


@pytest.mark.parametrize("conclusion", ["skipped", "neutral", "stale"])
def test_what_did_nothing_says_nothing(conclusion: str) -> None:
    assert run(status="completed", conclusion=conclusion) == []
    assert run(status="queued", conclusion=None) == []


def test_another_branch_is_another_thing_and_hurts_less() -> None:
    (main,), (branch,) = run(conclusion="failure"), run(conclusion="failure", head_branch="fix")
    assert main.key != branch.key
    assert (main.severity_hint, branch.severity_hint) == (Severity.SEV2, Severity.SEV3)


def test_a_pull_request_deploys_nothing() -> None:
    assert len(run(name="Deploy", event="push", conclusion="success")) == 2
    assert len(run(name="Deploy", event="pull_request", conclusion="success")) == 1
    assert len(run(name="Employees", event="push", conclusion="success")) == 1


def test_a_check_run_is_known_by_its_app_and_name() -> None:
    (signal,) = signals_of(FORMAT, sample("github-check-run.json"))
    assert signal.key == "github:shop/etl shop-ci/dbt build fix-ids"
    assert (signal.status, signal.severity_hint) == (SignalStatus.FIRING, Severity.SEV3)
    assert signal.title == "shop/etl: dbt build timed out on fix-ids"
    assert (signal.labels["output"], signal.links.log) == ("3 models failed", "https://ci.example/5")


def test_a_job_of_a_workflow() -> None:
    job: Json = {"id": 8, "workflow_name": "Nightly", "name": "load", "head_branch": "main", "conclusion": "failure"}
    (signal,) = signals_of(FORMAT, {"action": "completed", "workflow_job": job, "repository": REPOSITORY})
    assert (signal.key, signal.subject) == ("github:shop/etl Nightly.load main", "Nightly.load")


def test_a_deployment_is_a_change() -> None:
    (ordered,) = signals_of(FORMAT, sample("github-deployment.json"))
    assert (ordered.kind, ordered.status) == (Kind.CHANGE, SignalStatus.INFO)
    assert ordered.title == "shop/etl: deploy to production ordered: release 12 (abcdef0)"
    assert (ordered.labels["who"], ordered.labels["touches"]) == ("ada", "shop/etl")
    assert ordered.labels["environment"] == "production"
    done, change = signals_of(FORMAT, sample("github-deployment-status.json"))
    assert (done.key, done.status) == ("github:shop/etl deploy production", SignalStatus.SUCCEEDED)
    assert (change.kind, change.title) == (Kind.CHANGE, "shop/etl: deploy to production succeeded (abcdef0)")


def test_a_deployment_that_failed_fires() -> None:
    body = part(sample("github-deployment-status.json"))
    told: dict[str, Json] = {**part(body, "deployment_status"), "state": "error", "description": "no space"}
    failed, change = signals_of(FORMAT, {**body, "deployment_status": told})
    assert (failed.status, failed.severity_hint) == (SignalStatus.FIRING, Severity.SEV2)
    assert failed.title == "shop/etl: deploy to production failed: no space"
    assert change.kind is Kind.CHANGE
    waiting: dict[str, Json] = {**told, "state": "inactive"}
    assert signals_of(FORMAT, {**body, "deployment_status": waiting}) == []


def test_a_status_of_a_commit() -> None:
    body: dict[str, Json] = {
        "id": 4,
        "sha": "abc",
        "context": "ci/lint",
        "state": "failure",
        "branches": [{"name": "main"}],
        "repository": REPOSITORY,
        "sender": {"login": "li"},
    }
    assert FORMAT.matches(body, {})
    (signal,) = signals_of(FORMAT, body)
    assert (signal.key, signal.status) == ("github:shop/etl ci/lint main", SignalStatus.FIRING)


def test_a_list_of_the_api() -> None:
    one: Json = {"id": 1, "name": "Nightly", "head_branch": "main", "conclusion": "success", "repository": REPOSITORY}
    body: Json = {"total_count": 1, "workflow_runs": [one]}
    assert FORMAT.matches(body, {}) == "a list of GitHub's API: workflow runs"
    assert [signal.status for signal in signals_of(FORMAT, body)] == [SignalStatus.SUCCEEDED]


def test_other_events_of_a_repository_say_nothing() -> None:
    ping: Json = {"zen": "x", "hook_id": 3, "repository": REPOSITORY}
    assert FORMAT.matches(ping, {})
    assert signals_of(FORMAT, ping) == []
    assert FORMAT.matches({}, {EVENT_HEADER: "push"}) == "GitHub's event push"
    assert signals_of(FORMAT, {"ref": "x"}, headers={EVENT_HEADER: "push"}) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"workflow_run": {"name": "x", "conclusion": "failure"}}, "repository.full_name: missing"),
        ({"check_run": {"conclusion": "failure"}, "repository": REPOSITORY}, "check_run.name: missing"),
        ({"deployment": 3}, "deployment: expected an object"),
        ({"x": 1}, "workflow_run, check_run, deployment: missing"),
        ([], "body: expected an object"),
    ],
)
def test_what_is_rejected(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        {"event": "deployment", "service": "scorer"},
        {"deployment": "hourly", "action": "x"},
        {"repository": {"name": "x"}, "sender": {}},
        {"jobs": []},
        [],
    ],
)
def test_bodies_of_others_are_left_alone(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
