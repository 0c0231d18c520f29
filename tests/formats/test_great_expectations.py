"""Great Expectations' results: what failed, what broke, and that no row's value gets out."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import part
from tui.formats.decode import Json
from tui.formats.great_expectations import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"great-expectations-{name}.json") for name in ("v1", "v0", "describe")]
V1, V0, DESCRIBED = SAMPLES


def keys(body: Json) -> dict[str, Signal]:
    return {signal.key.removeprefix("great_expectations:"): signal for signal in signals_of(FORMAT, body)}


def one(success: Json = False, suite: str = "s", **more: Json) -> Signal:
    result: Json = {
        "success": success,
        "expectation_config": {"type": "expect_x", "kwargs": {"column": "c"}, **part(more.pop("config", {}))},
        "result": {"element_count": 1},
        **more,
    }
    (signal,) = signals_of(FORMAT, {"success": success, "suite_name": suite, "results": [result]})
    return signal


def test_a_failed_expectation_of_version_1_is_read() -> None:
    signal = keys(V1)["orders_suite shop.orders expect_column_values_to_be_between amount"]
    assert (signal.status, signal.kind) == (SignalStatus.FIRING, Kind.DATA_QUALITY)
    assert signal.title == "shop.orders.amount: expect_column_values_to_be_between failed, 1 of 4000 rows unexpected"
    assert signal.subject == "shop.orders"
    assert (signal.severity_word, signal.severity_hint) == ("warning", Severity.SEV3)
    assert signal.at == datetime(2026, 11, 24, 2, 40, 1, 330057, tzinfo=UTC)
    assert signal.run == "2026-11-24T02:40:00.330057+00:00"
    assert signal.labels["unexpected_percent"] == "0.025"
    assert signal.labels["datasource"] == "warehouse"


def test_a_check_that_broke_is_no_bad_data() -> None:
    signal = keys(V1)["orders_suite shop.orders expect_column_mean_to_be_between nope"]
    assert (signal.status, signal.kind) == (SignalStatus.FIRING, Kind.FAILED_JOB)
    assert (signal.severity_word, signal.severity_hint) == ("critical", Severity.SEV2)
    assert 'could not run, Error: The column "nope" in BatchData does not exist.' in signal.title


@pytest.mark.parametrize(("word", "grade"), [("critical", None), ("warning", Severity.SEV3), ("info", Severity.SEV3)])
def test_the_word_that_nobody_chose_is_told_and_gives_no_hint(word: str, grade: Severity | None) -> None:
    signal = one(config={"severity": word})
    assert (signal.severity_word, signal.severity_hint) == (word, grade)


def test_a_success_is_a_check_that_ran_well() -> None:
    signal = keys(V1)["orders_suite shop.orders expect_column_values_to_be_unique größe"]
    assert (signal.status, signal.ended_at, signal.severity_hint) == (SignalStatus.SUCCEEDED, signal.at, None)
    assert one(success=True).key == one(success=False).key


def test_a_checkpoint_of_version_0_names_suite_and_table_elsewhere() -> None:
    found = keys(V0)
    rows = found["shop.orders shop.orders expect_table_row_count_to_be_between"]
    assert rows.title == "shop.orders: expect_table_row_count_to_be_between failed, observed 30"
    assert rows.at == datetime(2026, 11, 24, 2, 40, 1, 962507, tzinfo=UTC)
    assert (rows.run, rows.severity_word, rows.severity_hint) == ("nightly", None, None)
    pair = found["shop.orders shop.orders expect_column_pair_values_A_to_be_greater_than_B paid,due"]
    assert (pair.kind, pair.severity_hint) == (Kind.FAILED_JOB, Severity.SEV2)
    assert pair.title.endswith("could not run, KeyError: 'due'")


def test_describe_has_no_exceptions_so_missing_figures_tell_what_broke() -> None:
    found = keys(DESCRIBED)
    assert {key: signal.kind for key, signal in found.items()} == {
        "shop.orders expect_column_values_to_be_unique order_id": Kind.DATA_QUALITY,
        "shop.orders expect_column_mean_to_be_between nope": Kind.FAILED_JOB,
        "shop.orders expect_column_to_exist gone": Kind.DATA_QUALITY,  # it never has figures
    }
    assert {signal.links.source for signal in found.values()} == {"https://app.greatexpectations.example/results/1"}


def test_where_no_result_has_figures_none_of_them_proves_a_broken_check() -> None:
    listed: Json = [
        {"expectation_type": "expect_x", "success": False, "kwargs": {"column": c}, "result": {}} for c in "ab"
    ]
    body: Json = {"success": False, "expectations": listed}
    assert {signal.kind for signal in signals_of(FORMAT, body)} == {Kind.DATA_QUALITY}


def test_no_value_out_of_a_row_gets_out() -> None:
    for body in SAMPLES:
        shown = json.dumps(msgspec.to_builtins(signals_of(FORMAT, body)))
        assert "SECRET-CUSTOMER" not in shown
        assert "987654" not in shown  # the largest salary is somebody's


def test_the_identity_is_not_the_id_the_severity_or_the_threshold() -> None:
    configs: list[Json] = [
        {},
        {"id": "other"},
        {"severity": "critical"},
        {"kwargs": {"column": "c", "max_value": 3, "batch_id": "b0"}},
    ]
    assert len({one(config=config).key for config in configs}) == 1


def test_conditions_and_queries_tell_two_of_a_kind_apart() -> None:
    kwargs: list[Json] = [{"row_condition": "a > 1"}, {"row_condition": "a > 2"}, {"unexpected_rows_query": "q"}, {}]
    assert len({one(config={"kwargs": more}).key for more in kwargs}) == 4


def test_of_two_with_one_identity_the_failed_one_counts() -> None:
    listed: Json = [{"expectation_type": "expect_x", "success": passed, "result": {}} for passed in (True, False, True)]
    (signal,) = signals_of(FORMAT, {"success": False, "expectations": listed})
    assert signal.status is SignalStatus.FIRING


def test_what_was_not_evaluated_says_nothing() -> None:
    result: Json = {"success": None, "expectation_config": {"type": "expect_x"}}
    assert signals_of(FORMAT, {"success": True, "results": [result]}) == []


def test_one_expectation_alone_and_an_envelope_are_read() -> None:
    result = part({"r": part(V1)["results"]}).get("r")
    assert isinstance(result, list)
    assert FORMAT.matches(result[0], {}) == "the result of one expectation"
    assert len(signals_of(FORMAT, result[0])) == 1
    assert FORMAT.matches({"validation_result": V1}, {})
    assert len(signals_of(FORMAT, {"validation_result": V1})) == 3


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"success": True}, "results: missing in an object with success"),
        ({"results": 5}, "results: expected a list, found a number"),
        ({"results": [5]}, "results[0]: expected an object, found a number"),
        ({"results": [{"success": False}]}, "results[0]: an expectation without its type"),
        ({"run_results": {"x": {"validation_result": None}}}, "run_results[0]: expected an object, found null"),
        ("text", "body: expected an object, found text"),
    ],
)
def test_a_broken_body_is_refused_with_the_place(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {}, "results": [{"unique_id": "test.x", "status": "pass"}], "success": True},
        {"expectations": [{"expectation_type": "expect_x", "kwargs": {}}], "expectation_suite_name": "s"},
        {"sections": [{"content_blocks": []}]},
        {"success": True, "results": []},
        [],
    ],
)
def test_other_bodies_are_left_to_others(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150)
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    survives(FORMAT, body)
