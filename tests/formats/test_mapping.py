"""A team's own map from a tool's body to sev's fields."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import NOW, mutations
from tui.errors import ConfigError, RejectedError, UsageError
from tui.formats import generic_fields
from tui.formats.base import Payload
from tui.formats.decode import Json
from tui.formats.mapping import compile_map, read_mapped
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

BODY: Json = {
    "tool": "loader",
    "site": {"name of it": "eu"},
    "alerts": [
        {"job": {"id": "orders"}, "msg": "disk is full", "state": "failed", "prio": "P1", "tries": [1, 3], "n": 0},
        {"job": {"id": "stock"}, "msg": "fine again", "state": "ok", "when": "2026-11-24T02:00:00Z"},
    ],
}
TABLE = {
    "key": "$.alerts[*].job.id",
    "title": "$.alerts[*].msg",
    "status": "$.alerts[*].state",
    "severity": "$.alerts[*].prio",
    "attempt": "$.alerts[*].tries[0]",
    "max_attempts": "$.alerts[*].tries[1]",
    "at": "$.alerts[*].when",
    "kind": "failed_job",
    "labels.tool": "$.tool",
    "labels.site": "$.site['name of it']",
    "labels.zero": "$.alerts[*].n",
}


def read(body: Json, table: dict[str, str]) -> list[Signal]:
    return read_mapped(body, Payload(body=json.dumps(body).encode(), received_at=NOW), compile_map(table))


def mistakes(table: dict[str, object]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        compile_map(table, "sources.loader.map")
    assert isinstance(caught.value, UsageError)
    return list(caught.value.mistakes)


def test_every_row_of_a_list_is_an_alert_and_the_rest_holds_for_all() -> None:
    first, second = read(BODY, TABLE)
    assert (first.key, first.status, first.kind) == ("generic:orders", SignalStatus.RETRYING, Kind.FAILED_JOB)
    assert (first.title, first.severity_hint) == ("disk is full", Severity.SEV1)
    assert (first.attempt, first.max_attempts) == (1, 3)
    assert first.labels == {"tool": "loader", "site": "eu", "zero": "0"}
    assert (second.key, second.status) == ("generic:stock", SignalStatus.RESOLVED)
    assert second.at == second.ended_at == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert second.labels == {"tool": "loader", "site": "eu"}


def test_without_a_list_the_body_is_one_alert() -> None:
    (signal,) = read({"a": {"b": [{"c": "x"}]}}, {"subject": "$.a.b[0].c", "status": "failed"})
    assert (signal.key, signal.status) == ("generic:x", SignalStatus.FIRING)


def test_the_body_itself_may_be_the_list_and_rows_may_be_texts() -> None:
    assert [signal.key for signal in read(["a", "b"], {"key": "$[*]"})] == ["generic:a", "generic:b"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("$['x y']", {"x y": "found"}),
        ('$["x.y"]', {"x.y": "found"}),
        (r"$['it\'s']", {"it's": "found"}),
        ("$.@type", {"@type": "found"}),
        ("$.naïve-name", {"naïve-name": "found"}),
        ("$[1][0]", [None, ["found"]]),
        ("$", "found"),
    ],
)
def test_ways_to_write_a_path(path: str, body: Json) -> None:
    assert read(body, {"key": path})[0].key == "generic:found"


def test_all_mistakes_are_told_at_once_each_with_its_field() -> None:
    found = mistakes(
        {
            "key": "$.a[*].b[*]",
            "title": "msg",
            "status": "state",
            "sevrity": "$.x",
            "run": "$.a..b",
            "attempt": 3,
            "log": "$.a[-1]",
            "labels.": "$.x",
        }
    )
    assert [line.partition(":")[0] for line in found] == [
        f"sources.loader.map.{field}"
        for field in ("key", "title", "status", "sevrity", "run", "attempt", "log", "labels.")
    ]
    assert "[*] twice" in found[0]
    assert "'msg' is no path: use one such as $.a.b" in found[1]
    assert "or one of " in found[2]
    assert "no such field: use key, id, title" in found[3]
    assert "can't be read at '..b'" in found[4]
    assert "not a text" in found[5]


def test_two_lists_are_one_too_many() -> None:
    assert mistakes({"key": "$.a[*].x", "title": "$.b[*].y"}) == [
        "sources.loader.map: [*] stands for one list: these are 2 lists: use one"
    ]


@pytest.mark.parametrize("table", [{}, {"status": "$.x"}, {"labels.a": "$.x"}])
def test_a_map_needs_something_to_know_an_alert_by(table: dict[str, object]) -> None:
    assert mistakes(table) == ["sources.loader.map: nothing to know an alert by: map key, subject or title"]


@pytest.mark.parametrize("field", generic_fields.FIELDS)
def test_every_field_of_our_own_can_be_mapped(field: str) -> None:
    assert compile_map({"key": "$.k", field: "$.x"}).rows is None


def test_a_label_is_put_beside_the_labels_that_were_mapped() -> None:
    (signal,) = read(
        {"k": "x", "tags": {"a": "1", "b": "2"}, "c": 3}, {"key": "$.k", "labels": "$.tags", "labels.b": "$.c"}
    )
    assert signal.labels == {"a": "1", "b": "3"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "$.alerts: expected a list, found null"),
        ({"alerts": {"x": 1}}, "$.alerts: expected a list, found an object with x"),
        ({"alerts": [{"x": 1}]}, "$.alerts[0]: the map finds no key, id, subject, title in an object with x"),
        ("text", "$.alerts: expected a list, found null"),
    ],
)
def test_a_body_that_the_map_does_not_fit_is_refused_with_the_place(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        read(body, TABLE)
    assert caught.value.why == why


def test_an_empty_list_says_nothing() -> None:
    assert read({"alerts": []}, TABLE) == []


@given(mutations(BODY), st.sampled_from([TABLE, {"key": "$.tool", "labels": "$.alerts[0]"}]))
@settings(max_examples=150)
def test_whatever_comes_is_read_or_refused(body: Json, table: dict[str, str]) -> None:
    mapping = compile_map(table)
    refused, signals = "it was read", list[Signal]()
    try:
        signals = read_mapped(body, Payload(body=b"", received_at=NOW), mapping)
    except RejectedError as error:
        refused = error.why
    assert refused
    assert all(signal.format == "generic" for signal in signals)


@given(st.text(max_size=30))
@settings(max_examples=200)
def test_no_path_breaks_the_reader_of_paths(path: str) -> None:
    mistakes = ["it was taken"]
    try:
        compile_map({"title": f"${path}"})
    except ConfigError as error:
        mistakes = list(error.mistakes)
    assert all(mistakes)
