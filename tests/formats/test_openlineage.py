"""OpenLineage's events: how a run goes, and what it found wrong in the data."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import part
from tui.formats.decode import Json
from tui.formats.openlineage import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

FAIL = "openlineage-fail.json"
CHECKS = "openlineage-checks.json"
JOB = "openlineage:airflow-shop/orders_nightly.load"


def read(**changed: Json) -> Signal:
    """The signal of the sample's run with other fields."""
    (signal,) = signals_of(FORMAT, {**part(sample(FAIL)), **changed})
    return signal


def run(*, retries: Json = 2, attempt: Json = 1, run_id: str = "r-1") -> dict[str, Json]:
    airflow: Json = {"task": {"retries": retries}, "taskInstance": {"try_number": attempt}}
    return {"runId": run_id, "facets": {"airflow": airflow}}


def checks() -> dict[str, Signal]:
    return {signal.key.removeprefix("openlineage:"): signal for signal in signals_of(FORMAT, sample(CHECKS))}


def one_check(**assertion: Json) -> list[Signal]:
    dataset: Json = {
        "namespace": "n",
        "name": "t",
        "inputFacets": {"dataQualityAssertions": {"assertions": [assertion]}},
    }
    body: Json = {"eventTime": "2026-11-24T02:00:00Z", "run": {}, "job": {"name": "j"}, "inputs": [dataset]}
    return signals_of(FORMAT, body)


def test_every_field_of_a_failed_run_is_read() -> None:
    signal = read()
    assert (signal.key, signal.kind) == (JOB, Kind.FAILED_JOB)
    assert signal.title == 'orders_nightly.load failed: could not connect to "warehouse" after 30 s'
    assert signal.subject == "orders_nightly.load"
    assert signal.run == "0193a1c2-77aa-7b1c-9f00-6d5f2c1e9a10"
    assert signal.at == datetime(2026, 11, 24, 2, 14, 5, 123456, tzinfo=UTC)
    assert signal.ended_at is None
    assert (signal.severity_word, signal.severity_hint) == (None, Severity.SEV2)
    assert signal.links.log == "https://airflow.example/log?task=load"
    assert signal.labels == {
        "namespace": "airflow-shop",
        "integration": "AIRFLOW",
        "job_type": "TASK",
        "owner": "team:stock",
        "parent": "orders_nightly",
        "parent_run": "0193a1c2-0000-7b1c-9f00-000000000001",
        "root": "night",
        "root_run": "0193a1c2-0000-7b1c-9f00-000000000000",
        "nominal_start": "2026-11-24T02:00:00Z",
        "inputs": "orders/2026-11-24.csv",
        "outputs": "shop.public.orders",
    }


@pytest.mark.parametrize(
    ("attempt", "retries", "status", "most"),
    [
        (1, 2, SignalStatus.RETRYING, 3),
        ("2", "2", SignalStatus.RETRYING, 3),
        (3, 2, SignalStatus.FIRING, 3),
        (1, 0, SignalStatus.FIRING, 1),
        (1, None, SignalStatus.FIRING, None),
        (None, 2, SignalStatus.FIRING, 3),
    ],
)
def test_a_failure_with_attempts_left_is_a_retry(
    attempt: Json, retries: Json, status: SignalStatus, most: int | None
) -> None:
    signal = read(run=run(retries=retries, attempt=attempt))
    assert (signal.status, signal.max_attempts) == (status, most)


@pytest.mark.parametrize(
    ("word", "status", "title"),
    [
        ("START", SignalStatus.STARTED, "orders_nightly.load started"),
        ("RUNNING", SignalStatus.STARTED, "orders_nightly.load is running"),
        ("COMPLETE", SignalStatus.SUCCEEDED, "orders_nightly.load completed"),
        ("complete", SignalStatus.SUCCEEDED, "orders_nightly.load completed"),
        (
            "ABORT",
            SignalStatus.RETRYING,
            'orders_nightly.load was aborted: could not connect to "warehouse" after 30 s',
        ),
    ],
)
def test_each_event_type_has_its_status(word: str, status: SignalStatus, title: str) -> None:
    signal = read(eventType=word)
    assert (signal.key, signal.status, signal.title) == (JOB, status, title)
    assert (signal.ended_at == signal.at) == (status is SignalStatus.SUCCEEDED)
    assert (signal.starts == signal.at) == (word == "START")


@pytest.mark.parametrize("word", ["OTHER", None, "", "SOMETHING_NEW"])
def test_an_event_that_only_adds_to_what_is_known_says_nothing(word: Json) -> None:
    assert signals_of(FORMAT, {**part(sample(FAIL)), "eventType": word}) == []


def test_the_job_is_the_identity_and_the_run_is_not() -> None:
    first, second = read(run=run(run_id="a")), read(run=run(run_id="b"), eventTime="2026-11-25T02:00:00Z")
    assert first.key == second.key == JOB
    assert (first.run, second.run) == ("a", "b")


def test_failed_assertions_of_a_completed_run_fire_and_passed_ones_ran_well() -> None:
    found = checks()
    assert found["dbt-shop/shop.orders.test"].status is SignalStatus.SUCCEEDED
    dataset = "snowflake://shop.eu/SHOP.PUBLIC.ORDERS"
    missing = found[f"{dataset} not_null order_id orders_not_null"]
    assert (missing.status, missing.kind, missing.severity_hint) == (
        SignalStatus.FIRING,
        Kind.DATA_QUALITY,
        Severity.SEV2,
    )
    assert missing.title == "SHOP.PUBLIC.ORDERS.order_id: orders_not_null failed, expected 0, actual 7"
    assert missing.subject == "SHOP.PUBLIC.ORDERS"
    assert missing.labels["job"] == "shop.orders.test"
    assert missing.at == datetime(2026, 11, 24, 2, 31, tzinfo=UTC)
    unique = found[f"{dataset} unique order_id"]
    assert (unique.status, unique.ended_at, unique.severity_hint) == (SignalStatus.SUCCEEDED, unique.at, None)


def test_an_assertion_in_the_other_place_is_found_and_a_warning_stays_one() -> None:
    found = checks()["snowflake://shop.eu/SHOP.PUBLIC.ORDERS row_count"]
    assert (found.status, found.severity_word, found.severity_hint) == (SignalStatus.FIRING, "warn", Severity.SEV3)


def test_tests_without_a_dataset_belong_to_the_job_and_are_told_once() -> None:
    found = checks()
    tests = {key: signal for key, signal in found.items() if key.startswith("dbt-shop/shop.orders.test test")}
    (signal,) = tests.values()
    assert signal.key == "openlineage:dbt-shop/shop.orders.test test relationships orders_have_customers"
    assert (signal.subject, signal.severity_hint) == ("shop.orders.test", Severity.SEV3)
    assert len(found) == 5


def test_a_run_that_failed_by_warnings_alone_is_a_warning() -> None:
    body = part(sample(FAIL))
    dataset: Json = {
        "name": "t",
        "facets": {"dataQualityAssertions": {"assertions": [{"assertion": "a", "success": False, "severity": "warn"}]}},
    }
    failed, check = signals_of(FORMAT, {**body, "inputs": [dataset]})
    assert (failed.severity_hint, check.severity_hint) == (Severity.SEV3, Severity.SEV3)


def test_of_two_with_one_identity_the_failed_one_counts() -> None:
    listed: Json = [{"assertion": "a", "success": passed} for passed in (True, False, True)]
    dataset: Json = {"name": "t", "facets": {"dataQualityAssertions": {"assertions": listed}}}
    body: Json = {"eventTime": 1, "dataset": dataset, "producer": "p"}
    (signal,) = signals_of(FORMAT, body)
    assert (signal.key, signal.status) == ("openlineage:/t a", SignalStatus.FIRING)


@pytest.mark.parametrize("success", [None, "maybe", 1, []])
def test_an_assertion_without_a_result_says_nothing(success: Json) -> None:
    assert one_check(assertion="a", success=success) == []


def test_a_lineage_error_is_no_failed_job() -> None:
    assert all("Expected TABLE" not in signal.title for signal in signals_of(FORMAT, sample(CHECKS)))


def test_a_job_event_says_nothing_of_a_run() -> None:
    body: Json = {"eventTime": "2026-11-24T02:00:00Z", "eventType": "COMPLETE", "job": {"name": "j"}, "producer": "p"}
    assert FORMAT.matches(body, {}) == "an OpenLineage job event: it has a job and no run"
    assert signals_of(FORMAT, body) == []


def test_what_a_lineage_server_lists_is_read() -> None:
    body: Json = {"events": [sample(FAIL), sample(FAIL)], "totalCount": 2}
    assert FORMAT.matches(body, {})
    assert [signal.key for signal in signals_of(FORMAT, body)] == [JOB, JOB]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24T03:00:00.001+10:00", datetime(2026, 11, 23, 17, 0, 0, 1000, tzinfo=UTC)),
        ("2026-11-24T03:00:00", datetime(2026, 11, 24, 3, tzinfo=UTC)),
        ("2026-11-24T03:00:00.1234567891Z", datetime(2026, 11, 24, 3, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-24T04:00:00+01:00[Europe/Paris]", datetime(2026, 11, 24, 3, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_of_all_forms_are_read(text: Json, at: datetime | None) -> None:
    assert read(eventTime=text).at == at


def test_a_dollar_inside_a_name_is_no_template() -> None:
    dataset: Json = {
        "name": "SYS.V$SESSION",
        "facets": {"dataQualityAssertions": {"assertions": [{"assertion": "a", "success": False}]}},
    }
    body: Json = {"eventTime": 1, "dataset": dataset, "producer": "p"}
    assert signals_of(FORMAT, body)[0].subject == "SYS.V$SESSION"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"job": {"namespace": "n"}}, "job.name: missing"),
        ({"job": {"name": "{{ job }}"}}, "job.name: a template that was not filled in"),
        ({"job": "x"}, "job: expected an object, found text"),
        ({"run": [1]}, "run: expected an object, found a list of 1"),
        ({"inputs": {"name": "x"}}, "inputs: expected a list, found an object with name"),
        ({"outputs": ["x"]}, "outputs[0]: expected an object, found text"),
    ],
)
def test_a_broken_event_is_refused_with_the_place(changed: dict[str, Json], why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        read(**changed)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        {"eventTime": "2026-11-24T02:00:00Z", "eventType": "Blob.Created", "id": "1", "data": {}, "subject": "s"},
        {"$defs": {"RunEvent": {}}, "title": "schema"},
        {"errorMessage": {"message": "x"}},
        {"run": {"id": 1}, "job": {"id": 2}},
        [],
        None,
    ],
)
def test_other_bodies_are_left_to_others(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from([FAIL, CHECKS]).flatmap(lambda name: mutations(sample(name))))
@settings(max_examples=150)
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    survives(FORMAT, body)
