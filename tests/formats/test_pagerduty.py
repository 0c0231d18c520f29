"""PagerDuty's Events API, its webhooks, and the lists of its REST API."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.decode import Json
from tui.formats.pagerduty import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

NAMES = ["trigger", "v3-acknowledged", "v3-note", "messages", "change", "incidents", "log-entries", "answer"]
SAMPLES = [sample(f"pagerduty-{name}.json") for name in NAMES]
FIRING, ACKNOWLEDGED, RESOLVED = SignalStatus.FIRING, SignalStatus.ACKNOWLEDGED, SignalStatus.RESOLVED


def read(name: str) -> list[Signal]:
    return signals_of(FORMAT, sample(f"pagerduty-{name}.json"))


def one(body: Json) -> Signal:
    (signal,) = signals_of(FORMAT, body)
    return signal


def trigger(**payload: Json) -> dict[str, Json]:
    return {"routing_key": "R0", "event_action": "trigger", "payload": {"summary": "s", "source": "etl-2", **payload}}


def test_every_field_of_a_trigger_is_read() -> None:
    (signal,) = read("trigger")
    assert signal.key == "pagerduty:fares/late"
    assert (signal.status, signal.kind) == (FIRING, Kind.DATA_QUALITY)
    assert signal.title == "fares mart not loaded by 05:30"
    assert (signal.subject, signal.run) == ("fares_nightly", "scheduled__2026-11-24")
    assert (signal.severity_word, signal.severity_hint) == ("error", Severity.SEV2)
    assert signal.at == datetime(2026, 11, 24, 5, 31, 2, 125000, tzinfo=UTC)
    assert signal.starts is None
    assert signal.labels["team"] == "rail"
    assert signal.links.runbook == "https://runbooks.example/fares"
    assert signal.links.source == "https://watch.example/fares"


def test_the_routing_key_is_a_secret() -> None:
    for name in ("trigger", "change"):
        assert "R0SECRET" not in json.dumps([repr(signal) for signal in read(name)])
    assert "R0SECRET" not in repr(one({"event_action": "resolve", "routing_key": "R0SECRET", "dedup_key": "k"}))


@pytest.mark.parametrize(("action", "status"), [("acknowledge", ACKNOWLEDGED), ("resolve", RESOLVED)])
def test_acknowledge_and_resolve_need_no_payload(action: str, status: SignalStatus) -> None:
    signal = one({"routing_key": "R0", "event_action": action, "dedup_key": "fares/late"})
    assert (signal.key, signal.status, signal.at) == ("pagerduty:fares/late", status, None)
    assert signal.title == signal.subject


def test_a_trigger_without_a_key_is_known_by_its_place_then_by_its_summary() -> None:
    placed = {one(trigger(component="mart", summary=text)).key for text in ("a", "b")}
    assert placed == {"pagerduty:etl-2 mart"}
    assert {one(trigger(summary=text)).key for text in ("a", "b")} == {"pagerduty:etl-2 a", "pagerduty:etl-2 b"}
    assert one(trigger(dedup_key="inner")).key == "pagerduty:inner"


def test_a_template_left_in_is_shown_and_never_identifies() -> None:
    signal = one({**trigger(summary="{{Incident.title}}"), "dedup_key": "x-{{Incident._id}}"})
    assert (signal.key, signal.title) == ("pagerduty:etl-2", "{{Incident.title}}")
    with pytest.raises(RejectedError, match="dedup_key: missing or a template"):
        signals_of(FORMAT, {"event_action": "resolve", "dedup_key": "x-{{Incident._id}}"})


def test_version_1_shares_the_key_and_has_no_severity() -> None:
    body: dict[str, Json] = {"service_key": "S", "event_type": "trigger", "incident_key": "k", "description": "late"}
    signal = one({**body, "details": {"pipeline": "fares"}, "client": "cron"})
    assert (signal.key, signal.status, signal.title, signal.subject) == ("pagerduty:k", FIRING, "late", "fares")
    assert (signal.severity_word, signal.severity_hint) == (None, None)
    assert one({"service_key": "S", "event_type": "resolve", "incident_key": "k"}).status is RESOLVED


def test_a_change_event_tells_who_what_and_where() -> None:
    (signal,) = read("change")
    assert (signal.kind, signal.status) == (Kind.CHANGE, SignalStatus.INFO)
    assert (signal.labels["who"], signal.labels["touches"]) == ("Ines Roca", "fares-loader")
    assert signal.labels["what"] == signal.title == "fares-loader 4.2 deployed"
    assert (signal.subject, signal.severity_hint) == ("fares-loader", None)
    assert signal.at == datetime(2026, 11, 24, 4, 50, tzinfo=UTC)


def test_an_acknowledgement_tells_who() -> None:
    (signal,) = read("v3-acknowledged")
    assert (signal.key, signal.status, signal.labels["by"]) == ("pagerduty:Q7FARES", ACKNOWLEDGED, "Noor Haddad")
    assert (signal.subject, signal.title) == ("Fare data", "fares mart not loaded by 05:30")
    assert (signal.severity_word, signal.severity_hint) == ("P2", Severity.SEV2)
    assert signal.starts == datetime(2026, 11, 24, 5, 31, 5, tzinfo=UTC)
    assert signal.at == datetime(2026, 11, 24, 5, 33, 40, 500000, tzinfo=UTC)
    assert signal.links.source == "https://rail.pagerduty.com/incidents/Q7FARES"
    assert (signal.labels["assigned_to"], signal.labels["team"]) == ("Noor Haddad", "Rail")


def test_a_note_is_a_remark_on_its_incident() -> None:
    (signal,) = read("v3-note")
    assert (signal.key, signal.status) == ("pagerduty:Q7FARES", SignalStatus.INFO)
    assert signal.title == "annotated: reloading by hand"
    assert (signal.labels["by"], signal.labels["remark"]) == ("Noor Haddad", "reloading by hand")


@pytest.mark.parametrize(
    ("event", "state", "status"),
    [
        ("incident.triggered", "triggered", FIRING),
        ("incident.reopened", "triggered", FIRING),
        ("incident.unacknowledged", "triggered", FIRING),
        ("incident.resolved", "resolved", RESOLVED),
        ("incident.priority_updated", "triggered", FIRING),
        ("incident.reassigned", "acknowledged", SignalStatus.INFO),
        ("incident.priority_updated", "resolved", SignalStatus.INFO),
    ],
)
def test_what_an_event_makes_of_an_incident(event: str, state: str, status: SignalStatus) -> None:
    data: Json = {"id": "Q1", "type": "incident", "status": state, "title": "t", "priority": None, "urgency": "low"}
    signal = one({"event": {"event_type": event, "occurred_at": "2026-11-24T05:00:00Z", "data": data}})
    assert (signal.status, signal.severity_word, signal.severity_hint) == (status, "low", Severity.SEV3)
    assert (signal.ended_at == signal.at) == (status is RESOLVED)


@pytest.mark.parametrize("event", ["service.updated", "pagey.ping"])
def test_what_is_about_no_incident_says_nothing(event: str) -> None:
    assert signals_of(FORMAT, {"event": {"event_type": event, "resource_type": "x", "data": {"message": "hi"}}}) == []


@pytest.mark.parametrize(("word", "grade"), [("P1 - Critical", 1), ("SEV-2", 2), ("Sev3", 3), ("Purple", None)])
def test_priorities_by_a_houses_own_name(word: str, grade: int | None) -> None:
    data: Json = {"id": "Q1", "status": "triggered", "title": "t", "priority": {"summary": word}}
    signal = one({"event": {"event_type": "incident.triggered", "resource_type": "incident", "data": data}})
    assert (signal.severity_word, signal.severity_hint) == (word, grade)


def test_the_old_webhook_has_several_messages_in_two_spellings() -> None:
    acknowledged, resolved = read("messages")
    assert acknowledged.key == resolved.key == "pagerduty:Q7FARES"
    assert (acknowledged.status, acknowledged.labels["by"]) == (ACKNOWLEDGED, "Noor Haddad")
    assert (resolved.status, resolved.labels["by"]) == (RESOLVED, "Ines Roca")
    assert resolved.ended_at == datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
    assert "incident_key" not in acknowledged.labels  # it is a bare %s
    assert (acknowledged.subject, acknowledged.title) == ("Fare data", "fares mart not loaded")


def test_a_list_of_incidents_gives_the_state_each_is_in() -> None:
    open_, held, over = read("incidents")
    assert [signal.status for signal in (open_, held, over)] == [FIRING, ACKNOWLEDGED, RESOLVED]
    assert (held.labels["by"], over.labels["by"]) == ("Noor Haddad", "Ines Roca")
    assert "by" not in open_.labels
    assert open_.key == read("v3-acknowledged")[0].key
    assert open_.labels["assigned_to"] == "Noor Haddad"
    assert over.ended_at == datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
    assert (over.severity_word, over.severity_hint) == ("low", Severity.SEV3)
    assert signals_of(FORMAT, {"incidents": [], "limit": 25, "more": False}) == []


def test_log_entries_tell_of_states_and_notes_and_not_of_calls() -> None:
    signals = read("log-entries")
    assert [signal.status for signal in signals] == [RESOLVED, SignalStatus.INFO, ACKNOWLEDGED, FIRING]
    assert {signal.key for signal in signals} == {"pagerduty:Q7FARES"}
    assert signals[1].title == "annotate: reloading by hand"
    assert (signals[2].labels["by"], signals[3].title) == ("Noor Haddad", "fares mart not loaded by 05:30")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ([], "body: expected an object"),
        ({"event_action": "explode", "dedup_key": "k"}, "event_action: expected trigger, acknowledge, resolve"),
        ({"event_action": "trigger", "payload": "x"}, "payload: expected an object, found text"),
        ({"event_action": "trigger", "payload": {}}, "dedup_key: missing"),
        ({"routing_key": "R", "payload": {"summary": "x", "severity": "error"}}, "event_action: missing"),
        ({"routing_key": "R", "payload": {"source": "x"}}, "payload.summary: missing"),
        ({"service_key": "S"}, "event_type: missing"),
        ({"incidents": [{"type": "incident", "id": ""}]}, "incidents[0].id: missing"),
        ({"event": {"event_type": "incident.triggered", "resource_type": "x", "data": []}}, "event.data: expected"),
        ({"status": "ok", "message": "m", "errors": "none"}, "an answer of PagerDuty's API"),
        ({"status": "success", "message": "Event processed", "dedup_key": "k"}, "an answer of PagerDuty's API"),
        ({"title": "x"}, "no event of PagerDuty"),
    ],
)
def test_a_wrong_shape_is_rejected_with_its_place(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


def test_each_body_is_recognised_and_others_are_not() -> None:
    assert [FORMAT.matches(body, {}) for body in SAMPLES] == [
        "event_action, as its Events API v2 takes it",
        *["an event of its webhook v3"] * 2,
        "messages of its webhooks v1 and v2",
        "a change event: a payload without an action",
        "a list of incidents of its REST API",
        "a list of log entries of its REST API",
        "an answer of PagerDuty's API",
    ]
    others: list[Json] = [
        {"incidents": []},
        {"incidents": [{"id": "1", "impact": "major", "name": "status page"}]},
        {"messages": [{"text": "hi"}]},
        {"event_type": "query_alert_monitor", "description": "x"},
        {"status": "failed", "message": "disk full", "host": "a"},
        {"event": "incident.trigger"},
        sample("monitors-gcp.json"),
        sample("sentry-issue-alert.json"),
    ]
    assert [FORMAT.matches(body, {}) for body in others] == [None] * len(others)


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=200, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
