"""Sentry's hooks and its legacy webhook."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import part
from tui.formats.decode import Json
from tui.formats.sentry import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"sentry-{name}.json") for name in ("issue-alert", "metric-alert", "issue", "legacy")]
ISSUE = "sentry:issue 1170820242"


def read(name: str) -> Signal:
    (signal,) = signals_of(FORMAT, sample(f"sentry-{name}.json"))
    return signal


def metric(action: str, **changed: Json) -> Signal:
    data = part(sample("sentry-metric-alert.json"), "data")
    (signal,) = signals_of(
        FORMAT, {"action": action, "data": {"metric_alert": {**part(data, "metric_alert"), **changed}}}
    )
    return signal


def issue(action: str, **changed: Json) -> Signal:
    body = sample("sentry-issue.json")
    known = part(body, "data", "issue")
    (signal,) = signals_of(FORMAT, {**part(body), "action": action, "data": {"issue": {**known, **changed}}})
    return signal


def test_every_field_of_an_issue_alert_is_read() -> None:
    signal = read("issue-alert")
    assert (signal.key, signal.status, signal.kind) == (ISSUE, SignalStatus.FIRING, Kind.FAILED_JOB)
    assert (signal.title, signal.subject) == ("TimeoutError: no answer in 40 s", "orders_nightly.load")
    assert (signal.severity_word, signal.severity_hint) == ("error", Severity.SEV2)
    assert signal.at == datetime(2026, 11, 24, 5, 41, 18, 460949, tzinfo=UTC)
    assert signal.labels["environment"] == "production"
    assert (signal.labels["project"], signal.labels["rule"]) == ("orders", "orders: new issue")
    assert signal.links.source == "https://sentry.io/organizations/shop/issues/1170820242/events/9bc6/"


def test_one_issue_has_one_key_in_every_hook() -> None:
    assert {read(name).key for name in ("issue-alert", "issue", "legacy")} == {ISSUE}


def test_the_issues_number_may_stand_in_its_address_only() -> None:
    event: Json = {"issue_url": "https://sentry.io/api/0/issues/99/", "title": "x"}
    (signal,) = signals_of(FORMAT, {"action": "triggered", "data": {"event": event}})
    assert signal.key == "sentry:issue 99"
    assert signal.severity_word is None
    (graded,) = signals_of(
        FORMAT, {"action": "triggered", "data": {"event": {"issue_id": 9, "tags": [["level", "fatal"]]}}}
    )
    assert (graded.key, graded.severity_hint) == ("sentry:issue 9", Severity.SEV1)


def test_a_metric_alert_is_known_by_its_rule_and_project() -> None:
    critical, again = metric("critical"), metric("warning", id="4800", date_started="2026-11-24T07:00:00Z")
    assert critical.key == again.key == "sentry:rule 88 checkout"
    assert (critical.status, critical.kind) == (SignalStatus.FIRING, Kind.PERFORMANCE)
    assert (critical.severity_hint, again.severity_hint) == (Severity.SEV1, Severity.SEV3)
    assert critical.starts == datetime(2026, 11, 24, 5, tzinfo=UTC)
    assert (critical.title, critical.subject) == ("Checkout slow", "checkout")
    assert metric("critical", alert_rule=None).key == "sentry:metric alert 4711"


def test_a_resolved_metric_alert_may_lack_its_end() -> None:
    over = metric("resolved", status=2)
    assert (over.status, over.ended_at, over.severity_word) == (SignalStatus.RESOLVED, None, None)
    closed = metric("resolved", date_closed="2026-11-24T05:20:00Z")
    assert closed.ended_at == closed.at == datetime(2026, 11, 24, 5, 20, tzinfo=UTC)


@pytest.mark.parametrize(("state", "status"), [(20, "firing"), (1, "firing"), (2, "resolved"), (99, "unknown")])
def test_an_action_nobody_knows_leaves_it_to_the_state(state: int, status: str) -> None:
    assert metric("", status=state).status == status


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("created", SignalStatus.FIRING),
        ("unresolved", SignalStatus.FIRING),
        ("resolved", SignalStatus.RESOLVED),
        ("assigned", SignalStatus.INFO),
        ("archived", SignalStatus.INFO),
        ("triggered", SignalStatus.RESOLVED),  # by the state that the issue is in
    ],
)
def test_what_happens_to_an_issue(action: str, status: SignalStatus) -> None:
    signal = issue(action)
    assert (signal.key, signal.status, signal.labels["by"]) == (ISSUE, status, "Mila Kern")
    assert (signal.title.startswith(f"{action}: ")) == (status is SignalStatus.INFO)
    assert (signal.at is None) == (action != "created")


@pytest.mark.parametrize(
    ("category", "sort", "kind"),
    [
        ("outage", "monitor_check_in_failure", Kind.FAILED_JOB),
        ("performance", "performance_slow_db_query", Kind.PERFORMANCE),
        ("error", "error", Kind.OTHER),
    ],
)
def test_the_kind_of_an_issue(category: str, sort: str, kind: Kind) -> None:
    assert issue("created", issueCategory=category, issueType=sort).kind is kind


def test_the_legacy_webhook_only_ever_fires() -> None:
    signal = read("legacy")
    assert (signal.status, signal.subject) == (SignalStatus.FIRING, "orders")
    assert signal.title == "TimeoutError: no answer in 40 s"
    assert (signal.severity_word, signal.severity_hint) == ("error", Severity.SEV2)
    assert signal.at == datetime(2026, 11, 24, 5, 41, 18, tzinfo=UTC)
    assert signal.labels["server_name"] == "etl-2"


@pytest.mark.parametrize(
    "tags", [[["job", "load"]], [{"key": "job", "value": "load"}], {"job": "load"}, [["job", "load"], 7, ["x"]]]
)
def test_tags_come_in_three_forms(tags: Json) -> None:
    (signal,) = signals_of(FORMAT, {"action": "triggered", "data": {"event": {"issue_id": "1", "tags": tags}}})
    assert (signal.subject, signal.labels["job"]) == ("load", "load")


@pytest.mark.parametrize(
    "data", [{"installation": {"uuid": "x"}}, {"comment": "hello", "issue_id": 1, "project_slug": "orders"}]
)
def test_what_is_about_no_trouble_says_nothing(data: Json) -> None:
    assert signals_of(FORMAT, {"action": "created", "installation": {"uuid": "x"}, "data": data}) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("x", "body: expected an object"),
        ({"data": []}, "data: expected an object, found a list of 0"),
        ({"action": "x", "data": {"other": 1}}, "data: no event, issue or metric alert"),
        ({"data": {"event": {"title": "x"}}}, "data.event.issue_id: missing"),
        ({"data": {"event": {"issue_id": 1, "tags": "x"}}}, "data.event.tags: expected a list"),
        ({"data": {"issue": {"id": ""}}}, "data.issue.id: missing"),
        ({"data": {"metric_alert": {"title": "x"}}}, "data.metric_alert: no id"),
        ({"project": "x", "event": {}}, "id: missing"),
    ],
)
def test_a_wrong_shape_is_rejected_with_its_place(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


def test_each_hook_is_recognised_by_its_header_or_its_body() -> None:
    assert [FORMAT.matches(body, {}) for body in SAMPLES] == [
        "an action and its event, as Sentry's hooks have them",
        "an action and its metric alert, as Sentry's hooks have them",
        "an action and its issue, as Sentry's hooks have them",
        "an event and its project, Sentry's legacy webhook",
    ]
    assert FORMAT.matches({"action": "x"}, {"sentry-hook-resource": "issue"}) == "Sentry's hook issue"
    others: list[Json] = [{"action": "closed", "issue": {"id": 1}}, {"event": {"event_type": "x"}}, [], {"data": {}}]
    assert [FORMAT.matches(body, {}) for body in others] == [None] * 4


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
