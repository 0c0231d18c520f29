"""dbt: results of a run, freshness of sources, its log and the webhook of its Cloud."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import part
from tui.formats.dbt import FORMAT
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"dbt-{name}.json") for name in ("run-results", "sources", "log", "cloud")]


def results() -> dict[str, Signal]:
    """The signals of the sample's results by their keys."""
    return {signal.key: signal for signal in signals_of(FORMAT, sample("dbt-run-results.json"))}


def ran(command: str, *found: Json) -> list[Signal]:
    """What a file of results says that this command wrote."""
    schema = "https://schemas.getdbt.com/dbt/run-results/v5.json"
    return signals_of(
        FORMAT, {"metadata": {"dbt_schema_version": schema}, "results": list(found), "args": {"which": command}}
    )


def test_each_node_is_known_by_its_unique_id() -> None:
    found = results()
    assert len(found) == 7  # no-op says nothing
    ok = found["dbt:model.shop.stg_orders"]
    assert (ok.status, ok.kind, ok.subject) == (SignalStatus.SUCCEEDED, Kind.FAILED_JOB, "model.shop.stg_orders")
    assert ok.ended_at == ok.at == datetime(2026, 11, 24, 2, 0, 9, 500000, tzinfo=UTC)
    assert (ok.run, ok.labels["target"], ok.labels["command"]) == ("inv-1", "prod", "build")


def test_a_model_in_error_has_failed() -> None:
    error = results()["dbt:model.shop.orders"]
    assert (error.status, error.kind) == (SignalStatus.FIRING, Kind.FAILED_JOB)
    assert (error.severity_word, error.severity_hint) == ("error", Severity.SEV2)
    assert error.title == "model orders failed: ␛Database Error␛ in model orders syntax error"


def test_a_skipped_model_points_at_what_failed() -> None:
    skipped = results()["dbt:model.shop.revenue"]
    assert (skipped.status, skipped.kind) == (SignalStatus.INFO, Kind.DOWNSTREAM)
    assert "model.shop.orders" in skipped.title
    (_, alone) = ran(
        "run",
        {"unique_id": "model.shop.a", "status": "error"},
        {"unique_id": "model.shop.b", "status": "skipped"},
    )
    assert alone.title == "model b skipped: upstream model.shop.a failed"


def test_fail_is_bad_data_warn_a_smaller_one_and_error_a_check_that_broke() -> None:
    found = results()
    fail = found["dbt:test.shop.not_null_stg_orders_id.ab12cd34ef"]
    warn = found["dbt:test.shop.unique_stg_orders_id.0011223344"]
    broke = found["dbt:test.shop.positive_amounts"]
    passed = found["dbt:test.shop.accepted_values_stg_orders_state.99"]
    assert (fail.status, fail.kind, fail.severity_hint) == (SignalStatus.FIRING, Kind.DATA_QUALITY, Severity.SEV2)
    assert fail.title == "test not_null_stg_orders_id failed: Got 5 results, configured to fail if != 0"
    assert fail.labels["failures"] == "5"
    assert (warn.status, warn.kind) == (SignalStatus.FIRING, Kind.DATA_QUALITY)
    assert (warn.severity_word, warn.severity_hint) == ("warn", Severity.SEV3)
    assert (broke.status, broke.kind) == (SignalStatus.FIRING, Kind.FAILED_JOB)
    assert broke.title.startswith("test positive_amounts could not run")
    assert (passed.status, passed.kind) == (SignalStatus.SUCCEEDED, Kind.DATA_QUALITY)


def test_a_test_s_subject_is_the_model_its_name_holds() -> None:
    found = results()
    assert found["dbt:test.shop.not_null_stg_orders_id.ab12cd34ef"].subject == "model.shop.stg_orders"  # not `orders`
    assert found["dbt:test.shop.positive_amounts"].subject == "test.shop.positive_amounts"


@pytest.mark.parametrize("command", ["generate", "compile", "docs", "list", "parse", "run-operation", "clone"])
def test_what_did_not_run_says_nothing(command: str) -> None:
    assert ran(command, {"unique_id": "model.shop.a", "status": "success"}) == []


@pytest.mark.parametrize("command", ["run", "build", "test", "seed", "snapshot", "freshness", "retry", ""])
def test_what_ran_counts(command: str) -> None:
    assert len(ran(command, {"unique_id": "model.shop.a", "status": "success"})) == 1


@pytest.mark.parametrize(
    ("status", "expected", "kind"),
    [
        ("partial success", SignalStatus.FIRING, Kind.FAILED_JOB),
        ("reused", SignalStatus.SUCCEEDED, Kind.FAILED_JOB),
        ("runtime error", SignalStatus.FIRING, Kind.FAILED_JOB),
        ("dreaming", SignalStatus.UNKNOWN, Kind.FAILED_JOB),
    ],
)
def test_rare_statuses(status: str, expected: SignalStatus, kind: Kind) -> None:
    (signal,) = ran("run", {"unique_id": "model.shop.a", "status": status})
    assert (signal.status, signal.kind) == (expected, kind)


def test_freshness_has_two_forms() -> None:
    stale, fresh, broke = signals_of(FORMAT, sample("dbt-sources.json"))
    assert (stale.key, stale.kind) == ("dbt:source.shop.raw.tickets", Kind.DATA_QUALITY)
    assert (stale.status, stale.severity_word) == (SignalStatus.FIRING, "error")
    assert stale.title == "source raw.tickets is stale: loaded 1d ago, limit 24 hour"
    assert stale.at == datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert fresh.status is SignalStatus.SUCCEEDED
    assert (broke.status, broke.kind) == (SignalStatus.FIRING, Kind.FAILED_JOB)
    assert broke.title == "source raw.gone could not be checked: Database Error: relation is not there"
    assert broke.at == datetime(2026, 11, 24, 6, 0, 30, tzinfo=UTC)


def test_one_result_without_its_file_is_read() -> None:
    body: Json = {
        "unique_id": "source.shop.raw.x",
        "status": "warn",
        "criteria": {"warn_after": {"count": 1, "period": "day"}},
    }
    assert FORMAT.matches(body, {}) == "one result of dbt's"
    (signal,) = signals_of(FORMAT, body)
    assert (signal.status, signal.severity_hint) == (SignalStatus.FIRING, Severity.SEV3)
    assert signal.title == "source raw.x is stale: limit 1 day"


def test_a_log_tells_the_begin_and_the_end_of_each_node_once() -> None:
    started, failed, test = signals_of(FORMAT, sample("dbt-log.json"))
    assert (started.key, started.status) == ("dbt:model.shop.orders", SignalStatus.STARTED)
    assert (failed.key, failed.status) == ("dbt:model.shop.orders", SignalStatus.FIRING)
    assert failed.title == "model orders failed: syntax error"
    assert failed.at == datetime(2026, 11, 24, 2, 0, 5, 250000, tzinfo=UTC)  # no zone in the log: UTC
    assert (test.status, test.kind) == (SignalStatus.FIRING, Kind.DATA_QUALITY)
    assert test.subject == "model.shop.orders"


def test_a_line_alone_is_read_and_most_say_nothing() -> None:
    lines = sample("dbt-log.json")
    assert isinstance(lines, list)
    told = [[signal.status for signal in signals_of(FORMAT, line)] for line in lines]
    assert told == [
        [],
        [SignalStatus.STARTED],
        [],
        [SignalStatus.FIRING],
        [SignalStatus.FIRING],
        [SignalStatus.FIRING],
        [],
        [],
    ]


def test_a_command_that_broke_early_fires_until_one_ends_well() -> None:
    info: Json = {"name": "MainEncounteredError", "code": "Z002", "ts": "2026-11-24T02:00:00Z"}
    (broke,) = signals_of(FORMAT, {"info": info, "data": {"exc": "Compilation Error"}})
    done: Json = {"name": "CommandCompleted", "code": "Q039", "ts": "2026-11-24T03:00:00Z"}
    (well,) = signals_of(FORMAT, {"info": done, "data": {"command": "dbt build", "success": True}})
    assert broke.key == well.key
    assert (broke.status, well.status) == (SignalStatus.FIRING, SignalStatus.SUCCEEDED)


def test_cloud_is_decided_by_the_status_of_the_run() -> None:
    (signal,) = signals_of(FORMAT, sample("dbt-cloud.json"))
    assert (signal.key, signal.status, signal.run) == ("dbt:job 704", SignalStatus.FIRING, "3412")
    assert (signal.title, signal.subject) == ("Nightly build errored", "Nightly build")
    assert signal.at == datetime(2026, 11, 24, 6, 20, 55, tzinfo=UTC)
    assert signal.labels["environment"] == "Production"


@pytest.mark.parametrize(
    ("event", "word", "status"),
    [
        ("job.run.completed", "Success", SignalStatus.SUCCEEDED),
        ("job.run.errored", "Cancelled", SignalStatus.FIRING),
        ("job.run.started", "Running", SignalStatus.STARTED),
        ("job.run.errored", None, SignalStatus.FIRING),
        ("job.run.completed", None, SignalStatus.UNKNOWN),
    ],
)
def test_events_of_cloud(event: str, word: str | None, status: SignalStatus) -> None:
    body = part(sample("dbt-cloud.json"))
    given: dict[str, Json] = {**part(body, "data"), "runStatus": word, "runStatusMessage": "no worker"}
    (signal,) = signals_of(FORMAT, {**body, "eventType": event, "data": given})
    assert signal.status is status
    assert ("no worker" in signal.title) is (status in (SignalStatus.FIRING, SignalStatus.UNKNOWN))


def test_a_manifest_and_a_catalog_say_nothing() -> None:
    for name in ("manifest", "catalog"):
        body: Json = {"metadata": {"dbt_schema_version": f"https://schemas.getdbt.com/dbt/{name}/v1.json"}, "nodes": {}}
        assert FORMAT.matches(body, {}) == f"dbt's {name}"
        assert signals_of(FORMAT, body) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"metadata": {}, "results": [{"status": "pass"}]}, "results[0].unique_id: missing"),
        ({"metadata": {}, "results": [4]}, "results[0]: expected an object"),
        ({"metadata": {}, "results": {}}, "results: expected a list"),
        ({"accountId": 1, "eventType": "job.run.errored", "data": {}}, "data.jobId: missing"),
        ({"x": 1}, "results: missing"),
        ([{}], "[0]: expected a line of dbt's log"),
    ],
)
def test_what_is_rejected(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"metadata": {}, "results": {}}},
        {"results": [{"success": True, "expectation_config": {}}]},
        {"results": []},
        {"unique_id": "x", "status": "error"},
        [],
    ],
)
def test_bodies_of_others_are_left_alone(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
