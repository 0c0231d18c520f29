"""Grafana's unified alerts, its alerts about queries, and its legacy bodies."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats import alertmanager
from tui.formats.base import inside, part
from tui.formats.decode import Json
from tui.formats.grafana import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"grafana-{name}.json") for name in ("unified", "blind", "legacy", "legacy-ok")]


def read(name: str, **changed: Json) -> list[Signal]:
    body = sample(f"grafana-{name}.json")
    assert isinstance(body, dict)
    return signals_of(FORMAT, {**body, **changed})


def test_a_unified_alert_is_read_as_alertmanagers_with_what_grafana_adds() -> None:
    firing, resolved = read("unified")
    assert (firing.source, firing.format, firing.key) == ("grafana", "grafana", "grafana:1f0a")
    assert (firing.status, resolved.status) == (SignalStatus.FIRING, SignalStatus.RESOLVED)
    assert firing.starts == firing.at == datetime(2026, 11, 24, 9, 1, tzinfo=UTC)
    assert resolved.ended_at == datetime(2026, 11, 24, 8, 44, 30, tzinfo=UTC)
    assert (firing.severity_word, firing.severity_hint) == ("warning", Severity.SEV3)
    assert firing.links.runbook == "https://runbooks.example/behind"
    assert firing.links.source == "https://grafana.example/alerting/grafana/ab12/view?orgId=3"
    assert firing.labels["values"] == "B=81000, C=1"
    assert (firing.omitted, resolved.omitted) == (4, 0)


def test_the_subject_is_nearer_to_the_data_than_the_rules_name() -> None:
    assert [signal.subject for signal in read("unified")] == ["toll-writer", "toll-archive"]


def test_without_a_generator_the_panel_is_the_link() -> None:
    body = sample("grafana-unified.json")
    first = inside(body, "alerts")
    assert isinstance(first, list)
    bare: Json = {name: value for name, value in part(first[0]).items() if name != "generatorURL"}
    assert (
        signals_of(FORMAT, {"orgId": 3, "alerts": [bare]})[0].links.source
        == "https://grafana.example/d/lag?orgId=3&viewPanel=2"
    )


def test_a_query_without_data_or_in_error_says_nothing_of_its_subject() -> None:
    no_data, error, over = read("blind")
    assert (no_data.status, error.status) == (SignalStatus.UNKNOWN, SignalStatus.UNKNOWN)
    assert (no_data.kind, error.kind) == (Kind.OTHER, Kind.OTHER)
    assert (no_data.title, error.title) == ("no data: Fares load age", "query failed: Fares row count")
    assert (no_data.subject, over.subject) == ("Fares load age", "mart.fares")
    assert (no_data.severity_word, no_data.severity_hint) == ("critical", Severity.SEV2)
    assert (no_data.labels["state"], error.labels["state"]) == ("no data", "query error")
    assert (over.status, over.labels["state_reason"]) == (SignalStatus.RESOLVED, "MissingSeries")


def test_a_legacy_rule_is_its_own_identity_and_ok_resolves_it() -> None:
    (firing,), (resolved,) = read("legacy"), read("legacy-ok")
    assert firing.key == resolved.key == "grafana:2/31"
    assert (firing.status, resolved.status) == (SignalStatus.FIRING, SignalStatus.RESOLVED)
    assert firing.title == resolved.title == "Fares load age"
    assert (firing.at, firing.starts, resolved.ended_at) == (None, None, None)
    assert (firing.severity_word, firing.severity_hint) == ("critical", Severity.SEV1)
    assert firing.links.source == "https://grafana.example/d/fares?fullscreen&panelId=4"
    assert firing.labels["message"] == "older than two hours"


def test_only_what_all_series_agree_on_is_a_label() -> None:
    (firing,) = read("legacy")
    assert firing.subject == firing.labels["table"] == "mart.fares"
    assert "host" not in firing.labels


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("no_data", SignalStatus.UNKNOWN),
        ("paused", SignalStatus.INFO),
        ("pending", SignalStatus.INFO),
        ("Alerting", SignalStatus.FIRING),
        ("odd", SignalStatus.UNKNOWN),
        (None, SignalStatus.UNKNOWN),
    ],
)
def test_legacy_states(state: str | None, status: SignalStatus) -> None:
    assert read("legacy", state=state)[0].status is status


def test_a_legacy_rule_without_a_number_is_known_by_its_name() -> None:
    assert read("legacy", ruleId=None, orgId=None)[0].key == "grafana:Fares load age"
    with pytest.raises(RejectedError, match="ruleId: missing"):
        read("legacy", ruleId=None, ruleName="${RULE}")


def test_it_is_told_from_alertmanager() -> None:
    assert [FORMAT.matches(body, {}) for body in SAMPLES] == [
        *["alerts and orgId, as Grafana sends them"] * 2,
        *["a rule and its state, as Grafana sent them up to version 8"] * 2,
    ]
    body = sample("am-two-firing.json")
    assert FORMAT.matches(body, {}) is None
    assert alertmanager.FORMAT.matches(body, {})
    assert FORMAT.matches({"alerts": [{"panelURL": "", "labels": {}}]}, {}) == "alerts with Grafana's panelURL"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"title": "x"}, "alerts: missing"),
        ({"orgId": 1, "alerts": {}}, "alerts: expected a list"),
        ({"orgId": 1, "alerts": [{"labels": []}]}, "alerts[0].labels: expected an object"),
        ({"ruleId": 1, "state": "ok", "tags": [1]}, "tags: expected an object"),
        ({"ruleId": 1, "state": "ok", "evalMatches": [{"tags": "x"}]}, "evalMatches[0].tags: expected an object"),
    ],
)
def test_a_wrong_shape_is_rejected_with_its_place(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
