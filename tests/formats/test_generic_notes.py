"""Home-made bodies that are no alerts: changes, and what people write; and alerts that look like either."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, survives
from tui.formats.base import Payload
from tui.formats.decode import Json
from tui.formats.generic import FORMAT
from tui.formats.registry import read
from tui.model.signal import Kind, Signal, SignalStatus

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEPLOY: dict[str, Json] = {
    "event": "deployment",
    "service": "fares-loader",
    "version": "4.2.0",
    "by": "ines",
    "change": "batch size 500 -> 50",
    "at": "2026-11-24T02:00:00Z",
    "url": "https://ci.example/42",
}
CHAT: dict[str, Json] = {"type": "message", "channel_name": "#rail-data", "user": "U1", "text": "the board is empty"}
MAIL: dict[str, Json] = {
    "from": "station@rail.example",
    "subject": "Board empty?",
    "body": "It shows yesterday.",
    "date": "2026-11-24T05:00:00Z",
}


def one(body: Json) -> Signal:
    (signal,) = read(Payload(body=json.dumps(body).encode(), received_at=NOW)).signals
    assert signal.format == "generic"
    return signal


def test_a_deploy_is_a_change_and_tells_who_what_and_what_it_touches() -> None:
    signal = one(DEPLOY)
    assert (signal.kind, signal.status, signal.subject) == (Kind.CHANGE, SignalStatus.INFO, "fares-loader")
    assert signal.title == signal.labels["what"] == "fares-loader deployment 4.2.0: batch size 500 -> 50"
    assert (signal.labels["who"], signal.labels["touches"]) == ("ines", "fares-loader")
    assert (signal.at, signal.links.source) == (datetime(2026, 11, 24, 2, tzinfo=UTC), "https://ci.example/42")


@pytest.mark.parametrize(
    "event", ["deploy", "Deployment", "release", "change", "rollout", "migration", "config.change", "deploy:finished"]
)
@pytest.mark.parametrize("field", ["event", "type"])
def test_words_for_a_change(field: str, event: str) -> None:
    assert one({field: event, "service": "loader"}).kind is Kind.CHANGE


@pytest.mark.parametrize("status", ["started", "success", "completed", None])
def test_how_a_deploy_went_does_not_make_another_change_of_it(status: str | None) -> None:
    assert one({**DEPLOY, "status": status}).key == "generic:change fares-loader 4.2.0"


@pytest.mark.parametrize(
    "body",
    [
        {"event": "deployment", "service": "loader", "status": "failed"},
        {"event": "deploy.failed", "service": "loader"},
        {"event": "row_count_change", "dataset": "shop.orders"},
        {"type": "alert", "service": "loader", "action": "page somebody", "status": "firing", "by": "rules"},
        {"title": "disk is full", "by": "watcher"},
        {"dataset": "shop.orders", "message": "half the rows", "change": "-50 %"},
        {"title": "load failed", "step": "extract", "operator": "PythonOperator"},
    ],
)
def test_what_went_wrong_is_no_change(body: Json) -> None:
    signal = one(body)
    assert (signal.status, signal.kind is Kind.CHANGE) == (SignalStatus.FIRING, False)


@pytest.mark.parametrize(
    ("body", "who", "touches"),
    [
        ({"event": "host.action", "host": "db-2", "action": "interface restarted", "by": "dba"}, "dba", "db-2"),
        ({"source": "terraform", "action": "apply", "change": "volumes 4 -> 8"}, "terraform", None),
        (
            {"runbook": "drill", "step": "3", "title": "stop brokers", "operator": "bot", "status": "started"},
            "bot",
            None,
        ),
        ({"type": "maintenance.window", "title": "firmware", "affects": ["vpn-1", "vpn-2"]}, None, "vpn-1, vpn-2"),
        ({"repository": "shop/etl", "version": "4", "deployed_by": "ann"}, "ann", "shop/etl"),
        ({"kind": "change", "title": "new column vat", "table": "shop.orders"}, None, "shop.orders"),
    ],
)
def test_what_somebody_did_is_a_change(body: Json, who: str | None, touches: str | None) -> None:
    signal = one(body)
    assert (signal.kind, signal.status) == (Kind.CHANGE, SignalStatus.INFO)
    assert (signal.labels.get("who"), signal.labels.get("touches")) == (who, touches)


def test_what_is_said_in_a_chat_is_kept_for_information() -> None:
    signal = one(CHAT)
    assert (signal.status, signal.kind) == (SignalStatus.INFO, Kind.OTHER)
    assert (signal.title, signal.subject) == ("the board is empty", "#rail-data")
    assert one({**CHAT, "text": "the board is fine"}).key != signal.key == one(CHAT).key


def test_a_mail_is_read_with_its_subject() -> None:
    signal = one(MAIL)
    assert (signal.status, signal.title) == (SignalStatus.INFO, "Board empty?: It shows yesterday.")
    assert (signal.subject, signal.at) == ("station@rail.example", datetime(2026, 11, 24, 5, tzinfo=UTC))


def test_a_mail_as_a_gateway_hands_it_on_is_read_too() -> None:
    signal = one({"sender": "a@rail.example", "subject": "Board empty?", "body-plain": "It shows yesterday."})
    assert (signal.status, signal.title) == (SignalStatus.INFO, "Board empty?: It shows yesterday.")


def test_all_about_one_ticket_has_one_key() -> None:
    ticket: dict[str, Json] = {"ticket": "OPS-7", "from": "depot", "msg": "scanners are late"}
    assert one(ticket).key == one({**ticket, "msg": "still"}).key == "generic:message OPS-7"


@pytest.mark.parametrize(
    "body",
    [
        {**CHAT, "status": "failed"},
        {**MAIL, "severity": "critical"},
        {"message": "disk is full", "channel": "#ops"},
        {"message": "load failed", "user": "etl"},
        {"text": "load failed", "channel": "#ops", "job": "orders"},
    ],
)
def test_what_states_a_condition_is_an_alert_wherever_it_was_posted(body: Json) -> None:
    assert one(body).status is SignalStatus.FIRING


@pytest.mark.parametrize(
    ("colour", "status"),
    [
        ("danger", SignalStatus.FIRING),
        ("#d9534f", SignalStatus.FIRING),
        ("good", SignalStatus.RESOLVED),
        ("#36a64f", SignalStatus.RESOLVED),
        ("#439fe0", SignalStatus.INFO),
        ("blueish", SignalStatus.INFO),
    ],
)
def test_the_colour_of_a_tools_chat_message_says_how_it_is(colour: str, status: SignalStatus) -> None:
    shown: Json = [{"color": colour, "fields": [{"title": "Job", "value": "churn_training"}]}]
    signal = one({"text": "churn_training", "channel": "#ml", "attachments": shown})
    assert signal.status is status
    assert status is SignalStatus.INFO or (signal.subject, signal.kind) == ("churn_training", Kind.FAILED_JOB)


@given(st.sampled_from([DEPLOY, CHAT, MAIL]).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    survives(FORMAT, body)
