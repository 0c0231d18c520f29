"""Opsgenie: alerts sent to it, actions by address, its own webhook, and what its API answers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.decode import Json
from tui.formats.opsgenie import ACTION_HEADER, ALIAS_HEADER, FORMAT
from tui.model.severity import Severity
from tui.model.signal import Signal, SignalStatus

SAMPLES = [sample(f"opsgenie-{name}.json") for name in ("create", "webhook", "list", "answer")]
KEY = "opsgenie:tariff-load-late"


def read(name: str) -> list[Signal]:
    return signals_of(FORMAT, sample(f"opsgenie-{name}.json"))


def by_address(action: str, body: Json, alias: str = "tariff-load-late") -> Signal:
    headers = {ACTION_HEADER: action, ALIAS_HEADER: alias}
    assert FORMAT.matches(body, headers) == "sent to an address of Opsgenie's Alert API"
    (signal,) = signals_of(FORMAT, body, headers=headers)
    return signal


def test_every_field_of_a_new_alert_is_read() -> None:
    (signal,) = read("create")
    assert (signal.key, signal.status) == (KEY, SignalStatus.FIRING)
    assert (signal.title, signal.subject) == ("tariff load is two hours late", "tariff_load")
    assert (signal.severity_word, signal.severity_hint) == ("P2", Severity.SEV2)
    assert (signal.labels["responders"], signal.labels["tags"]) == ("Energy data, sana@grid.example", "etl, night")
    assert signal.links.runbook == "https://runbooks.example/tariff"
    assert signal.links.source == "https://alerts.example/am"


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("close", SignalStatus.RESOLVED),
        ("acknowledge", SignalStatus.ACKNOWLEDGED),
        ("unacknowledge", SignalStatus.FIRING),
        ("delete", SignalStatus.RESOLVED),
        ("snooze", SignalStatus.INFO),
    ],
)
def test_an_action_comes_by_its_address(action: str, status: SignalStatus) -> None:
    signal = by_address(action, {"user": "sana@grid.example", "note": "reloaded"})
    assert (signal.key, signal.status) == (KEY, status)
    assert (signal.labels["by"], signal.labels["remark"]) == ("sana@grid.example", "reloaded")
    assert (signal.title == signal.subject) == (status is not SignalStatus.INFO)


@pytest.mark.parametrize("body", [{}, None])
def test_an_action_needs_no_body(body: Json) -> None:
    assert by_address("close", body).status is SignalStatus.RESOLVED
    assert by_address("snooze", body).title == "snooze: tariff-load-late"


def test_the_alias_in_the_address_must_be_there_and_rendered() -> None:
    with pytest.raises(RejectedError, match="the address: no alias"):
        by_address("close", {}, "{{ alias }}")


def test_what_comes_to_the_collection_is_a_new_alert() -> None:
    headers = {ACTION_HEADER: "create"}
    (signal,) = signals_of(FORMAT, {"message": "late"}, headers=headers)
    assert (signal.key, signal.status) == ("opsgenie:late", SignalStatus.FIRING)
    with pytest.raises(RejectedError, match="message: missing"):
        signals_of(FORMAT, {"alias": "x"}, headers=headers)


def test_its_webhook_tells_who_did_what() -> None:
    (signal,) = read("webhook")
    assert (signal.key, signal.status, signal.labels["by"]) == (KEY, SignalStatus.ACKNOWLEDGED, "sana@grid.example")
    assert signal.starts == datetime(2026, 11, 24, 5, 50, 0, 104000, tzinfo=UTC)
    assert signal.at is not None
    assert signal.at.replace(microsecond=0) == datetime(2026, 11, 24, 5, 53, 40, tzinfo=UTC)
    assert signal.subject == "tariff_load"


@pytest.mark.parametrize(
    ("action", "status", "title"),
    [
        ("Create", SignalStatus.FIRING, "late"),
        ("UnAcknowledge", SignalStatus.FIRING, "late"),
        ("Close", SignalStatus.RESOLVED, "late"),
        ("AddNote", SignalStatus.INFO, "AddNote: reloading"),
        ("Restart loader", SignalStatus.INFO, "Restart loader: reloading"),
    ],
)
def test_actions_of_the_webhook(action: str, status: SignalStatus, title: str) -> None:
    body: Json = {"action": action, "alert": {"alertId": "7", "message": "late", "note": "reloading"}}
    (signal,) = signals_of(FORMAT, body)
    assert (signal.key, signal.status, signal.title) == ("opsgenie:7", status, title)


def test_the_apis_list_gives_the_state_each_is_in() -> None:
    open_, held, closed = read("list")
    assert open_.key == KEY
    states = (SignalStatus.FIRING, SignalStatus.ACKNOWLEDGED, SignalStatus.RESOLVED)
    assert (open_.status, held.status, closed.status) == states
    assert (held.labels["by"], closed.labels["by"]) == ("sana@grid.example", "eli@grid.example")
    assert closed.ended_at == datetime(2026, 11, 24, 5, 53, 40, 166000, tzinfo=UTC)
    assert (open_.at, open_.starts) == (closed.at, datetime(2026, 11, 24, 5, 50, 0, 104000, tzinfo=UTC))
    assert "details" not in open_.labels
    assert signals_of(FORMAT, {"data": [], "took": 0.1, "requestId": "x"}) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (sample("opsgenie-answer.json"), "an answer of Opsgenie's API, not an alert: Alert does not exist"),
        ({"result": "Request will be processed", "took": 1, "requestId": "x"}, "an answer of Opsgenie's API"),
        ({"message": "{{Incident.title}}", "alias": "x-{{Incident._id}}"}, "alert: no alias"),
        ({"message": "", "alias": ""}, "alert: no alias"),
        ({"message": "m", "alias": "a", "details": [1]}, "alert.details: expected an object"),
        ({"message": "m", "alias": "a", "responders": "x"}, "responders: expected a list"),
        ({"alias": "a"}, "message: missing"),
        ("x", "body: expected an object"),
    ],
)
def test_what_is_no_alert_is_rejected(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        {"message": "x"},
        {"message": "x", "title": "y", "priority": "P1"},
        {"message": "x", "priority": "normal"},
        {"action": "opened", "alert": {"number": 3}},
        {"alias": "x"},
        sample("sentry-legacy.json"),
    ],
)
def test_bodies_of_others_are_left_alone(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


def test_its_own_are_recognised() -> None:
    assert [FORMAT.matches(body, {}) for body in SAMPLES] == [
        "a message with a priority, as its Alert API takes it",
        "an action and its alert, Opsgenie's webhook",
        *["an answer of Opsgenie's API"] * 2,
    ]


@given(
    st.sampled_from(SAMPLES).flatmap(mutations), st.sampled_from(["", "close", "create", "\x1b"]), st.text(max_size=9)
)
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json, action: str, alias: str) -> None:
    survives(FORMAT, body, {ACTION_HEADER: action, ALIAS_HEADER: alias})
