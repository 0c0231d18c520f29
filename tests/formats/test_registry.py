"""Which format a body is taken for and why; and that nothing a sender can write gets past the door."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.errors import NotJsonError, RejectedError, UsageError
from tui.formats.base import Payload
from tui.formats.decode import documents
from tui.formats.registry import AUTO, FORMATS, Read, read
from tui.model.text import Safe

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

AM, OWN = "alertmanager", "sev's own JSON: it has "
TAKEN_FOR = {
    "am-all-resolved.json": (AM, "version 4, alerts and groupKey", 1),
    "am-api-list.json": (AM, "a list of alerts as in its API v2", 7),
    "am-contradictions.json": (AM, "version 4, alerts and groupKey", 3),
    "am-hostile.json": (AM, "alerts and receiver", 1),
    "am-one-resolved.json": (AM, "version 4, alerts and groupKey", 2),
    "am-prometheus-push.json": (AM, "a list of alerts as in its API v2", 2),
    "am-same-fingerprint.json": (AM, "alerts and receiver", 3),
    "am-truncated.json": (AM, "version 4, alerts and groupKey", 2),
    "am-two-firing.json": (AM, "version 4, alerts and groupKey", 2),
    "am-unrendered.json": (AM, "alerts and groupKey", 1),
    "am-watchdog.json": (AM, "alerts and receiver", 1),
    "generic-alerts.json": ("generic", OWN + "key", 2),
    "generic-full.json": ("generic", OWN + "key", 1),
    "generic-list.json": ("generic", OWN + "job", 4),
}
REFUSED = {
    "notjson-cut-off.json": "Expecting",
    "notjson-empty.json": "empty",
    "notjson-latin1.json": "not UTF-8",
    "notjson-nan.json": "NaN",
    "notjson-overflow.json": "too large",
    "rejected-alert-labels.json": "alerts[2].labels: expected an object",
    "rejected-templates.json": "templates that were not filled in",
    "rejected-unknown-shape.json": "unknown shape: an object with id, occurred, event, resource",
    "rejected-unnamed.json": "alerts[0]: no fingerprint and no labels",
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
AM_NAMES = "alerts labels annotations status state fingerprint startsAt endsAt generatorURL receiver truncatedAlerts"
LABEL_NAMES = "alertname severity summary description runbook_url pipeline dag_id task_id"
OWN_NAMES = "key id title message subject job kind run attempt at url log level"
NAMES = st.sampled_from(f"{AM_NAMES} {LABEL_NAMES} {OWN_NAMES}".split())
NEARLY = st.recursive(
    VALUES
    | st.sampled_from(["firing", "resolved", "$X", "\x1b]0;x\x07", "\ud800", "2026-11-24T00:00:00Z", "https://x/"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)


def payload(body: bytes, source: str | None = None) -> Payload:
    return Payload(body=body, received_at=NOW, source=Safe(source) if source else None)


def texts(value: object) -> list[str]:
    """Every text inside a value, names of labels included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts(part)]
    return [text for part in value for text in texts(part)] if isinstance(value, list | tuple) else []


def check(result: Read) -> None:
    """What holds for all signals, whoever sent them."""
    for signal in result.signals:
        assert [text for text in texts(msgspec.to_builtins(signal)) if HOSTILE.search(text)] == []
        assert signal.title
        assert signal.subject
        assert signal.key.startswith(f"{signal.source}:")
        assert len(signal.key) <= 300
        assert len(signal.title) <= 300
        assert all(at is None or at.tzinfo is UTC for at in (signal.at, signal.starts, signal.ended_at))
    assert msgspec.json.decode(msgspec.json.encode(result), type=Read) == result


def samples_of(name: str) -> list[Path]:
    """The samples that are named after a format."""
    return sorted(path for path in SAMPLES.iterdir() if path.name.startswith(f"{name.replace('_', '-')}-"))


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {AM, "generic"}))
def test_a_sample_is_taken_for_the_format_it_is_named_after(name: str) -> None:
    """Or it is refused: no other format may claim it."""
    for path in samples_of(name):
        for body in documents(path.read_bytes()):
            try:
                result = read(payload(body))
            except RejectedError:
                continue
            assert result.format == name, path.name
            check(result)


@pytest.mark.parametrize("name", TAKEN_FOR)
def test_a_body_is_taken_for_its_format_and_the_reason_is_told(name: str) -> None:
    result = read(payload((SAMPLES / name).read_bytes()))
    assert (result.format, result.reason, len(result.signals)) == TAKEN_FOR[name]
    assert {signal.format for signal in result.signals} == {result.format}
    check(result)


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_nobody_can_read_is_refused_and_the_reason_is_told(name: str) -> None:
    with pytest.raises(RejectedError) as caught:
        read(payload((SAMPLES / name).read_bytes()))
    assert REFUSED[name] in caught.value.why
    assert isinstance(caught.value, NotJsonError) == name.startswith("notjson")


def test_a_file_of_lines_loses_only_its_broken_line() -> None:
    keys = []
    for body in documents((SAMPLES / "generic-lines.jsonl").read_bytes()):
        try:
            keys += [signal.key for signal in read(payload(body)).signals]
        except NotJsonError:
            keys.append(Safe("broken"))
    assert keys == ["generic:a", "broken", "generic:c", "generic:d"]


def test_a_named_format_is_not_guessed() -> None:
    body = b'{"receiver": "desk", "alerts": [{"key": "k", "labels": {"alertname": "A"}}]}'
    assert read(payload(body)).format == "alertmanager"
    result = read(payload(body), "generic")
    assert (result.format, result.reason, result.signals[0].key) == ("generic", "named by the caller", "generic:k")


def test_an_unknown_format_is_a_mistake_of_the_caller_that_lists_the_names() -> None:
    with pytest.raises(UsageError) as caught:
        read(payload(b"not even json"), "yaml\x1b[2J")
    for name in (AUTO, *FORMATS):
        assert name in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"1", b'"x"', b"null", b"[]", b"{}", b"[[]]", b'{"alerts": {}}', b'[{"key": "a"}, 5]']
)
def test_an_unknown_shape_is_described(body: bytes) -> None:
    with pytest.raises(RejectedError, match="unknown shape: "):
        read(payload(body))


def test_the_source_is_the_given_name_else_the_format() -> None:
    body = b'{"key": "a"}'
    assert [(s.source, s.key) for s in read(payload(body)).signals] == [("generic", "generic:a")]
    assert [(s.source, s.key) for s in read(payload(body, "night jobs")).signals] == [("night jobs", "night jobs:a")]


def test_hostile_text_is_made_visible_and_still_tells_alerts_apart() -> None:
    (signal,) = read(payload((SAMPLES / "am-hostile.json").read_bytes())).signals
    assert signal.title == "␛[red]x[/] ␛"
    assert (signal.links.runbook, signal.links.source) == (None, None)
    assert signal.labels["␀key"] == "‹d800›"
    keys = {
        read(payload(json.dumps({"key": key}).encode())).signals[0].key
        for key in ("\x1b[1m", "\x1b[2m", "␛", "a  b", "a b")
    }
    assert len(keys) == 5


def test_a_message_about_a_body_is_clean_too() -> None:
    with pytest.raises(RejectedError) as caught:
        read(payload(json.dumps({"\x1b[2Jname": 1, "\ud800": "x" * 99_999, "n" * 9_999: 2}).encode()))
    assert not HOSTILE.search(str(caught.value))
    assert len(str(caught.value)) < 500


SNS = {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:1:desk", "Timestamp": "2026-11-24T02:00:00Z"}
TOOLS = [
    "am-two-firing.json",
    "grafana-unified.json",
    "dbt-run-results.json",
    "pagerduty-trigger.json",
    "generic-full.json",
]


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("source", [None, "queue"])
def test_what_an_sns_message_carries_is_read_as_if_its_tool_had_sent_it(name: str, source: str | None) -> None:
    body = (SAMPLES / name).read_bytes()
    bare, carried = (
        read(payload(given, source)) for given in (body, json.dumps({**SNS, "Message": body.decode()}).encode())
    )
    assert carried.format == bare.format
    assert carried.reason == f"inside an SNS message: {bare.reason}"
    assert carried.signals == bare.signals
    check(carried)


def test_the_time_of_an_sns_message_counts_where_its_tool_says_none() -> None:
    (signal,) = read(payload(json.dumps({**SNS, "Message": '{"key": "a"}'}).encode())).signals
    assert (signal.key, signal.at) == ("generic:a", datetime(2026, 11, 24, 2, tzinfo=UTC))


@pytest.mark.parametrize("said", ["disk is full", '{"a": 1}', "[]", '{"alerts": '])
def test_an_sns_message_that_carries_nothing_known_is_a_message(said: str) -> None:
    result = read(payload(json.dumps({**SNS, "Subject": "ALARM: disk", "Message": said}).encode()))
    assert (result.format, result.reason, len(result.signals)) == ("cloudwatch", "an SNS message: Notification", 1)


def test_a_cloud_event_inside_an_sns_message_is_opened_too() -> None:
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "y", "data": {"key": "a", "status": "failed"}}
    (signal,) = read(payload(json.dumps({**SNS, "Message": json.dumps(event)}).encode())).signals
    assert (signal.format, signal.key) == ("generic", "generic:a")


@pytest.mark.parametrize("path", [path for path in sorted(SAMPLES.iterdir()) if not path.name.startswith("notjson")])
def test_the_reason_is_one_short_clause(path: Path) -> None:
    for body in documents(path.read_bytes()):
        try:
            reason = read(payload(body)).reason
        except RejectedError:
            continue
        assert 10 <= len(reason) <= 90, reason
        assert not re.search(r"[.;\n]$|\. |\n", reason), reason
        assert " " in reason


def check_either(body: bytes, name: str) -> Read | None:
    """What was read, checked; or None for a body that was rejected with a clean message."""
    try:
        result = read(payload(body), name)
    except RejectedError as error:
        message = str(error)
    else:
        check(result)
        return result
    assert message
    assert not HOSTILE.search(message)
    return None


@given(VALUES | NEARLY, st.sampled_from([AUTO, *FORMATS]))
@settings(max_examples=400, deadline=None)
def test_any_json_is_read_or_rejected(body: object, name: str) -> None:
    check_either(json.dumps(body).encode(), name)


@given(st.lists(st.dictionaries(NAMES, NEARLY, max_size=8), min_size=1, max_size=3), st.sampled_from([AUTO, *FORMATS]))
@settings(max_examples=300, deadline=None)
def test_a_list_of_nearly_alerts_gives_one_signal_each_or_is_rejected(alerts: list[object], name: str) -> None:
    result = check_either(json.dumps({"receiver": "r", "alerts": alerts}).encode(), name)
    assert result is None or len(result.signals) == len(alerts)


@given(st.binary(max_size=300), st.sampled_from([AUTO, *FORMATS]))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_rejected(body: bytes, name: str) -> None:
    check_either(body, name)
