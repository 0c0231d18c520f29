"""Alertmanager's webhook and the list of its API, read from bodies that a real one sent and from bent ones."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, survives
from tui.errors import RejectedError
from tui.formats.alertmanager import FORMAT
from tui.formats.base import Payload
from tui.formats.decode import Json
from tui.formats.registry import read
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRING, RESOLVED = SignalStatus.FIRING, SignalStatus.RESOLVED


def sample(name: str, source: str | None = None) -> tuple[Signal, ...]:
    body = (SAMPLES / name).read_bytes()
    return read(Payload(body=body, received_at=NOW, source=Safe(source) if source else None)).signals


def one(**alert: object) -> Signal:
    """The signal of a body with this one alert."""
    body = json.dumps({"receiver": "desk", "status": "firing", "alerts": [alert]}).encode()
    return read(Payload(body=body, received_at=NOW)).signals[0]


def test_every_field_of_a_real_alert_is_read() -> None:
    _, signal = sample("am-two-firing.json", "prod-am")
    assert signal.source == "prod-am"
    assert signal.format == "alertmanager"
    assert signal.key == "prod-am:24ec997da342a830"
    assert signal.status is FIRING
    assert signal.kind is Kind.DATA_QUALITY
    assert signal.title == "shop.orders ist 3 h alt 🐢"
    assert signal.subject == "orders_nightly"
    assert (signal.severity_word, signal.severity_hint) == ("critical", Severity.SEV1)
    assert signal.starts == signal.at == datetime(2026, 11, 24, 13, 12, 6, 258303, tzinfo=UTC)
    assert signal.ended_at is None
    assert signal.labels["region"] == "Zürich"
    assert signal.links.runbook == "https://runbooks.example/orders"
    assert signal.links.source == "http://prometheus.example/graph?g0.expr=age"
    assert signal.omitted == 0


def test_each_alert_has_its_own_status_whatever_the_group_says() -> None:
    assert [s.status for s in sample("am-one-resolved.json")] == [FIRING, RESOLVED]
    resolved = sample("am-one-resolved.json")[1]
    assert resolved.at == resolved.ended_at == datetime(2026, 11, 24, 13, 12, 10, 262616, tzinfo=UTC)


def test_the_resolved_copy_keeps_the_key_though_its_annotations_are_gone() -> None:
    (resolved,) = sample("am-all-resolved.json")
    assert resolved.key == sample("am-two-firing.json")[0].key
    assert resolved.title == "LoadFailed pipeline=orders_nightly"
    assert resolved.links.source is None


def test_the_alerts_left_out_are_told_once() -> None:
    assert [s.omitted for s in sample("am-truncated.json")] == [2, 0]


def test_what_the_api_lists_fires_however_old_the_list_is() -> None:
    body = (SAMPLES / "am-api-list.json").read_bytes()
    signals = read(Payload(body=body, received_at=NOW + timedelta(days=9))).signals
    assert len(signals) == 7
    assert {s.status for s in signals} == {FIRING}
    assert {s.ended_at for s in signals} == {None}
    states: dict[str, str | None] = {s.labels["alertname"]: s.labels.get("state") for s in signals}
    assert states["StockGap4"] == "suppressed"
    assert states["StockGap1"] is None


def test_what_is_sent_without_a_status_has_ended_when_its_end_has_passed() -> None:
    lag, down = sample("am-prometheus-push.json")
    assert (lag.status, lag.ended_at, lag.kind) == (FIRING, None, Kind.PERFORMANCE)
    assert (down.status, down.ended_at) == (RESOLVED, datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert (lag.subject, down.subject) == ("clickstream", "worker-7:9100")
    assert lag.links.source == "http://prometheus.example/graph?g0.expr=lag"
    assert down.links.source is None


def test_labels_without_a_fingerprint_get_the_one_alertmanager_would_give() -> None:
    for name in ("am-two-firing.json", "am-truncated.json", "am-api-list.json"):
        body = json.loads((SAMPLES / name).read_bytes())
        for alert in body if isinstance(body, list) else body["alerts"]:
            assert one(labels=alert["labels"]).key == f"alertmanager:{alert['fingerprint']}"
    shuffled = dict(reversed(alert["labels"].items()))
    assert one(labels=shuffled).key == one(labels=alert["labels"]).key


def test_contradictions_are_read_as_far_as_they_go() -> None:
    first, second, third = sample("am-contradictions.json")
    assert (first.status, first.ended_at, first.at) == (RESOLVED, None, None)
    assert first.starts == datetime(2026, 11, 24, 10, 1, 46, 54454, tzinfo=UTC)
    assert (first.severity_word, first.severity_hint) == ("Critical", Severity.SEV1)
    assert first.subject == "export_mart"
    assert second.status is FIRING
    assert second.starts is None
    assert second.labels["shard"] == "2"
    assert "none" not in second.labels
    assert first.key != second.key
    assert (third.status, third.labels["state"]) == (SignalStatus.UNKNOWN, "muted")
    assert (third.subject, third.title, third.links.runbook) == ("billing.load", "line one line two", None)
    assert first.omitted == 0


def test_copies_of_one_alert_stay_in_their_order() -> None:
    signals = sample("am-same-fingerprint.json")
    assert [(s.title, s.status) for s in signals] == [("first", FIRING), ("second", RESOLVED), ("third", FIRING)]
    assert len({s.key for s in signals}) == 1


def test_unrendered_templates_are_shown_and_never_identify() -> None:
    (signal,) = sample("am-unrendered.json")
    assert signal.title == "value is {{ $value }}"
    assert signal.labels["alertname"] == "$ALERT_NAME"
    assert signal.key == one(labels={"cluster": "north"}).key
    assert signal.starts is None
    assert "$" not in signal.subject or signal.subject == signal.title
    assert signal.severity_hint is None


def test_a_watchdog_is_read_like_any_alert() -> None:
    (signal,) = sample("am-watchdog.json")
    assert (signal.status, signal.kind, signal.subject) == (FIRING, Kind.OTHER, "Watchdog")
    assert (signal.severity_word, signal.severity_hint) == ("none", None)


@pytest.mark.parametrize(
    ("labels", "subject"),
    [
        ({"job": "node", "instance": "i-1", "alertname": "A"}, "i-1"),
        ({"job": "node", "alertname": "A"}, "node"),
        ({"dag_id": "d", "task": "t", "dataset": "s"}, "d.t"),
        ({"dag_id": "d", "dataset": "s"}, "d"),
        ({"task_id": "t", "dataset": "s"}, "t"),
        ({"flink_job": "f", "service": "s"}, "f"),
        ({"pipeline": " ", "table": "t"}, "t"),
        ({"pipeline": "{{ $labels.p }}", "table": "t"}, "t"),
        ({"team": "x"}, "alert without a name team=x"),
    ],
)
def test_the_subject_is_the_label_nearest_to_the_data(labels: dict[str, str], subject: str) -> None:
    assert one(labels=labels).subject == subject


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ({"alertname": "JobFailed"}, Kind.FAILED_JOB),
        ({"alertname": "instance_down"}, Kind.FAILED_JOB),
        ({"alertname": "SlowQueries"}, Kind.PERFORMANCE),
        ({"alertname": "RowCountDrop"}, Kind.DATA_QUALITY),
        ({"alertname": "JobFailed", "table": "t"}, Kind.DATA_QUALITY),
        ({"alertname": "DownloadQueue"}, Kind.OTHER),
        ({"alertname": "Flagged"}, Kind.OTHER),
    ],
)
def test_the_kind_follows_structure_and_a_few_words(labels: dict[str, str], kind: Kind) -> None:
    assert one(labels=labels).kind is kind


def test_labels_are_bounded_and_long_values_are_cut() -> None:
    signal = one(labels={f"l{n}": "v" * 10_000 for n in range(500)}, fingerprint="f" * 5000)
    assert len(signal.labels) == 64
    assert max(map(len, signal.labels.values())) == 300
    assert len(signal.key) <= 300
    assert signal.key != one(labels={}, fingerprint="f" * 5001).key


@pytest.mark.parametrize(
    ("alerts", "why"),
    [
        ("none", "alerts: expected a list, found text"),
        ([3], "alerts[0]: expected an object, found a number"),
        ([{"labels": {"a": "b"}}, {"labels": ["a"]}], "alerts[1].labels: expected an object, found a list of 1"),
        ([{"labels": {"a": "b"}, "annotations": "x"}], "alerts[0].annotations: expected an object, found text"),
        ([{"labels": {}}], "alerts[0]: no fingerprint and no labels to know it by"),
        ([{"labels": {"alertname": "${NAME}"}, "fingerprint": "%s"}], "alerts[0]: no fingerprint and no labels"),
    ],
)
def test_a_wrong_shape_is_rejected_with_its_place(alerts: object, why: str) -> None:
    body = json.dumps({"receiver": "desk", "alerts": alerts}).encode()
    with pytest.raises(RejectedError) as caught:
        read(Payload(body=body, received_at=NOW), "alertmanager")
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize("body", [b"{}", b"null", b'{"title": "x"}'])
def test_a_body_without_alerts_is_rejected(body: bytes) -> None:
    with pytest.raises(RejectedError, match="alerts: missing"):
        read(Payload(body=body, received_at=NOW), "alertmanager")


@pytest.mark.parametrize("body", [b"[]", b'{"alerts": []}', b'{"alerts": null}'])
def test_no_alerts_are_valid_and_say_nothing(body: bytes) -> None:
    assert read(Payload(body=body, received_at=NOW), "alertmanager").signals == ()


GROUPED = {"annotations": {}, "startsAt": "2026-11-24T11:00:00Z", "endsAt": "2026-11-24T12:03:00Z", "fingerprint": "f1"}


def test_groups_of_the_api_are_read_as_their_alerts_each_once() -> None:
    first = {**GROUPED, "labels": {"alertname": "Late", "pipeline": "fares"}, "status": {"state": "active"}}
    second = {**first, "fingerprint": "f2", "status": {"state": "suppressed"}}
    groups = [
        {"labels": {}, "receiver": {"name": "desk"}, "alerts": [first, second]},
        {"labels": {"alertname": "Late"}, "receiver": {"name": "chat"}, "alerts": [first]},
        {"labels": {}, "receiver": {"name": "none"}, "alerts": []},
    ]
    result = read(Payload(body=json.dumps(groups).encode(), received_at=NOW))
    assert (result.format, result.reason) == ("alertmanager", "groups of alerts as in its API v2")
    assert [signal.key for signal in result.signals] == ["alertmanager:f1", "alertmanager:f2"]
    assert {signal.status for signal in result.signals} == {FIRING}


def test_a_broken_alert_in_a_group_is_refused_with_its_place() -> None:
    groups = [{"labels": {}, "receiver": {"name": "desk"}, "alerts": [{"labels": "x"}]}]
    with pytest.raises(RejectedError, match=r"\[0\]\.alerts\[0\]\.labels: expected an object"):
        read(Payload(body=json.dumps(groups).encode(), received_at=NOW))


def test_the_names_of_gos_own_structure_are_understood() -> None:
    labels = {"alertname": "Late", "pipeline": "fares"}
    body = {"GroupLabels": {}, "Alerts": [{"status": "resolved", "labels": labels, "annotations": {"summary": "late"}}]}
    (signal,) = read(Payload(body=json.dumps(body).encode(), received_at=NOW)).signals
    assert (signal.format, signal.status, signal.subject) == ("alertmanager", RESOLVED, "fares")


@pytest.mark.parametrize(
    ("labels", "subject"),
    [
        ({"deployment": "ticket-topics", "pod": "ticket-topics-49ad"}, "ticket-topics"),
        ({"consumergroup": "loader", "topic": "bookings"}, "loader"),
        ({"svc": "tos-db", "site": "west"}, "tos-db"),
        ({"dashboard": "cockpit", "instance": "10.0.0.1:9100"}, "cockpit"),
        ({"node": "n-12", "job": "node-exporter"}, "n-12"),
        ({"cluster": "eu"}, "X"),
    ],
)
def test_labels_of_exporters_name_what_is_in_trouble(labels: dict[str, str], subject: str) -> None:
    assert one(labels={"alertname": "X", **labels}).subject == subject


BODIES = [json.loads((SAMPLES / name).read_bytes()) for name in ("am-two-firing.json", "am-truncated.json")]


@given(st.sampled_from(BODIES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
