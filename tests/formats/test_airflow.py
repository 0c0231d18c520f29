"""Airflow: callbacks in all their shapes, and answers of its API."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.airflow import FORMAT
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"airflow-{name}.json") for name in ("task-retry", "task-instances", "dag-runs-v1", "context")]
RUN = "scheduled__2026-11-24T02:00:00+00:00"


def one(**fields: Json) -> Signal:
    """The signal of a callback's body with these fields."""
    (signal,) = signals_of(FORMAT, {"dag_id": "orders", "task_id": "load", **fields})
    return signal


def test_a_try_that_failed_with_more_to_come_is_retrying() -> None:
    (signal,) = signals_of(FORMAT, sample("airflow-task-retry.json"), "af")
    assert signal.key == "af:orders_nightly.load"
    assert signal.status is SignalStatus.RETRYING
    assert signal.kind is Kind.FAILED_JOB
    assert signal.subject == "orders_nightly.load"
    assert signal.title.startswith("orders_nightly.load failed, will be tried again: psycopg.OperationalError")
    assert (signal.run, signal.attempt, signal.max_attempts) == (RUN, 2, 4)
    assert signal.at == datetime(2026, 11, 24, 2, 4, 11, 500000, tzinfo=UTC)
    assert signal.ended_at is None
    assert signal.severity_hint is None
    assert signal.labels["owner"] == "shop-data"
    assert signal.labels["retry_delay"] == "300"
    assert "map_index" not in signal.labels
    assert signal.links.log == "https://airflow.shop.example/dags/orders_nightly/grid?task_id=load"


def test_a_task_and_its_dag_have_keys_of_their_own() -> None:
    task, dag = one(state="failed"), one(state="failed", task_id=None)
    assert (task.key, dag.key) == ("airflow:orders.load", "airflow:orders")
    assert (task.subject, dag.subject) == ("orders.load", "orders")


def test_the_key_holds_neither_run_nor_try_nor_error() -> None:
    keys = {one(state="failed", run_id=run, try_number=n, exception=run).key for run, n in (("a", 1), ("b", 4))}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("failed", SignalStatus.FIRING),
        ("TaskInstanceState.FAILED", SignalStatus.FIRING),
        ("up_for_retry", SignalStatus.RETRYING),
        ("success", SignalStatus.SUCCEEDED),
        ("running", SignalStatus.STARTED),
        ("skipped", SignalStatus.INFO),
        ("upstream_failed", SignalStatus.INFO),
        ("dreaming", SignalStatus.UNKNOWN),
    ],
)
def test_states(state: str, status: SignalStatus) -> None:
    assert one(state=state).status is status


@pytest.mark.parametrize("state", ["queued", "scheduled", "deferred", "up_for_reschedule", "removed", None])
def test_what_waits_says_nothing(state: str | None) -> None:
    assert signals_of(FORMAT, {"dag_id": "orders", "task_id": "load", "state": state}) == []


def test_failed_is_final_though_tries_are_left() -> None:
    signal = one(state="failed", try_number=1, max_tries=3)
    assert (signal.status, signal.attempt, signal.max_attempts) == (SignalStatus.FIRING, 1, 4)
    assert signal.severity_hint is Severity.SEV2


def test_without_a_state_the_tries_decide() -> None:
    assert one(exception="x", try_number=1, max_tries=1).status is SignalStatus.RETRYING
    assert one(exception="x", try_number=2, max_tries=1).status is SignalStatus.FIRING
    assert one(exception="x").status is SignalStatus.FIRING


def test_only_the_last_line_of_a_traceback_is_told() -> None:
    trace = 'Traceback (most recent call last):\n  File "x.py", line 3\n    f()\nValueError: no rows\n'
    assert one(state="failed", exception=trace).title == "orders.load failed: ValueError: no rows"


def test_a_stop_by_another_is_downstream() -> None:
    assert one(state="failed", reason="upstream_failed").kind is Kind.DOWNSTREAM
    assert one(state="failed", reason="task_failure").kind is Kind.FAILED_JOB


def test_task_instances_of_the_api() -> None:
    extract, load, publish, weekend = signals_of(FORMAT, sample("airflow-task-instances.json"))
    assert extract.status is SignalStatus.SUCCEEDED
    assert extract.ended_at == datetime(2026, 11, 24, 2, 1, tzinfo=UTC)
    assert (load.key, load.status) == ("airflow:orders_nightly.load[3]", SignalStatus.FIRING)
    assert load.subject == "orders_nightly.load"
    assert (publish.status, publish.kind) == (SignalStatus.INFO, Kind.DOWNSTREAM)
    assert publish.title == "orders_nightly.publish did not run: upstream load failed"
    assert publish.attempt is None
    assert weekend.title == "orders_nightly.weekend_only skipped"


def test_dag_runs_of_the_older_api() -> None:
    failed, running = signals_of(FORMAT, sample("airflow-dag-runs-v1.json"))
    assert (failed.key, failed.status, failed.run) == ("airflow:orders_nightly", SignalStatus.FIRING, "manual__1")
    assert (running.key, running.status) == ("airflow:stock_hourly", SignalStatus.STARTED)
    assert running.at == running.starts == datetime(2026, 11, 24, 3, 0, 5, tzinfo=UTC)


def test_a_context_turned_to_text_is_read_out() -> None:
    (signal,) = signals_of(FORMAT, sample("airflow-context.json"))
    assert signal.key == "airflow:orders_nightly.load"
    assert signal.status is SignalStatus.FIRING
    assert (signal.run, signal.attempt, signal.max_attempts) == (RUN, 2, 2)
    assert signal.title == "orders_nightly.load failed: disque plein"
    assert signal.at == datetime(2026, 11, 24, 2, 4, 11, 500000, tzinfo=UTC)
    assert signal.labels["queue"] == "night"
    assert not {"macros", "var", "conn", "ts"} & signal.labels.keys()


def test_an_older_context_is_read_out() -> None:
    dumped: dict[str, Json] = {
        "dag": "<DAG: shop.orders>",
        "ti": "<TaskInstance: shop.orders.load.rows manual__1 map_index=2 [up_for_retry]>",
        "exception": "late",
    }
    (signal,) = signals_of(FORMAT, dumped)
    assert signal.key == "airflow:shop.orders.load.rows[2]"
    assert signal.status is SignalStatus.RETRYING
    assert signal.run == "manual__1"


def test_a_context_with_a_reason_speaks_of_the_dag() -> None:
    body: dict[str, Json] = {
        "dag": "<DAG: orders>",
        "ti": "<TaskInstance: orders.load manual__1 [success]>",
        "dag_run": "<DagRun orders @ 2026-11-24 02:00:00+00:00: manual__1, state:failed, queued_at: None>",
        "reason": "task_failure",
    }
    (signal,) = signals_of(FORMAT, body)
    assert (signal.key, signal.status, signal.run) == ("airflow:orders", SignalStatus.FIRING, "manual__1")


def test_objects_in_a_body_are_read_as_well() -> None:
    body: dict[str, Json] = {
        "dag_run": {"dag_id": "orders", "run_id": "r", "state": "running"},
        "ti": {"dag_id": "orders", "task_id": "load", "state": "failed", "try_number": 1, "max_tries": 0},
    }
    (signal,) = signals_of(FORMAT, body)
    assert (signal.key, signal.status, signal.run) == ("airflow:orders.load", SignalStatus.FIRING, "r")


def test_a_missed_deadline_is_late_not_failed() -> None:
    deadline: dict[str, Json] = {"id": "d", "deadline_time": "2026-11-24T06:00:00Z"}
    (new,) = signals_of(FORMAT, {"dag_run": {"dag_id": "orders", "dag_run_id": "r"}, "deadline": deadline})
    (old,) = signals_of(FORMAT, {"dag_id": "orders", "slas": [{"dag_id": "orders", "task_id": "load"}]})
    assert (new.key, new.kind, new.status) == ("airflow:orders deadline", Kind.PERFORMANCE, SignalStatus.FIRING)
    assert new.at == datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert (old.key, old.title) == ("airflow:orders sla", "orders missed its SLA: load")
    assert one(state="failed", deadline="07:00").key == "airflow:orders.load"


def test_the_health_of_its_parts() -> None:
    body: dict[str, Json] = {
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": "unhealthy", "latest_scheduler_heartbeat": "2026-11-24T02:00:00Z"},
        "triggerer": {"status": None},
    }
    database, scheduler = signals_of(FORMAT, body)
    assert database.status is SignalStatus.RESOLVED
    assert (scheduler.key, scheduler.status) == ("airflow:health scheduler", SignalStatus.FIRING)


def test_a_dag_file_that_cannot_be_loaded_fires() -> None:
    error: Json = {
        "filename": "/dags/x.py",
        "stack_trace": "Traceback\nImportError: no y",
        "timestamp": "2026-11-24T02:00:00Z",
    }
    (signal,) = signals_of(FORMAT, {"import_errors": [error], "total_entries": 1})
    assert (signal.status, signal.title) == (SignalStatus.FIRING, "/dags/x.py can't be loaded: ImportError: no y")


@pytest.mark.parametrize(
    "body",
    [
        {"dag_id": "orders", "is_paused": False, "fileloc": "/dags/x.py"},
        {"event_logs": [{"event": "failed", "dag_id": "orders"}], "total_entries": 1},
        {"import_errors": [], "total_entries": 0},
    ],
)
def test_what_describes_or_logs_says_nothing(body: Json) -> None:
    assert FORMAT.matches(body, {})
    assert signals_of(FORMAT, body) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"detail": "The Dag with ID: `x` was not found"}, "an error answer of Airflow's API, not a run"),
        ({"dag_id": "{{ dag.dag_id }}", "state": "failed"}, "dag_id: a template that was not filled in"),
        ({"dag_runs": [{"state": "failed"}]}, "dag_runs[0].dag_id: missing"),
        ({"task_instances": [3]}, "task_instances[0]: expected an object"),
        ([], "nothing"),
        ("x", "body: expected an object"),
    ],
)
def test_what_is_rejected(body: Json, why: str) -> None:
    if why == "nothing":
        assert signals_of(FORMAT, body) == []
        return
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "Not authenticated"},
        {"key": "x", "dag_id": "orders", "state": "failed"},
        {"dag_id": "orders", "title": "x"},
        [],
        "x",
    ],
)
def test_bodies_of_others_are_left_alone(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
