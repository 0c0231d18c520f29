"""Bodies inside bodies, by real HTTP: forms, SNS, CloudEvents, and several events in one."""

import asyncio
import json

import pytest

from tests.collector.addresses import (
    raw,
    rejected,
    sample,
)
from tests.collector.hand import Running
from tui.model.alert import AlertStatus

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_json_in_a_form_is_read_and_the_form_is_kept(collector: Running) -> None:
    body = b"token=x&payload=%7B%22key%22%3A+%22orders%22%2C+%22severity%22%3A+%22critical%22%7D"
    assert (await collector.call("/v1/jobs", body, headers=FORM))[:2] == (202, {"status": "success", "signals": 1})
    with collector.look() as hand:
        assert hand.alert().key == "jobs:orders"
        assert hand.kept() == [body]


async def test_a_form_without_json_is_refused_and_kept(collector: Running) -> None:
    assert (await collector.call("/v1/jobs", b"hello", headers=FORM))[0] == 400
    with collector.look() as hand:
        assert hand.kept() == [b"hello"]


TEXT = {"Content-Type": "text/plain; charset=UTF-8"}


async def test_sns_says_text_and_means_json(collector: Running) -> None:
    status, told, _ = await collector.call("/v1/aws", sample("cloudwatch-alarm.json"), headers=TEXT)
    assert (status, told) == (202, {"status": "success", "signals": 1})


async def test_a_subscription_is_kept_and_shown_and_never_confirmed(collector: Running) -> None:
    body = sample("cloudwatch-confirmation.json")
    asked = []

    async def anybody(_: object, writer: object) -> None:
        asked.append(writer)

    server = await asyncio.start_server(anybody, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    body = body.replace(b"https://sns.eu-central-1.amazonaws.com", f"http://127.0.0.1:{port}".encode())
    async with server:
        for _ in range(2):
            assert (await collector.call("/v1/aws", body, headers=TEXT))[0] == 202
    assert asked == []
    with collector.look() as hand:
        assert [alert.key for alert in hand.alerts()] == [
            "aws:subscription arn:aws:sns:eu-central-1:123456789012:data-alarms"
        ]
        assert hand.kept() == [body]
        assert rejected(hand) == []


CLOUD = {"specversion": "1.0", "id": "7", "source": "/etl", "type": "job.state"}
FAILED, MENDED = {"key": "orders", "status": "firing"}, {"key": "orders", "status": "resolved"}
BINARY = {"ce-id": "7", "ce-source": "/etl", "ce-type": "job.state", "ce-specversion": "1.0"}
AGAIN = {**CLOUD, "data": FAILED, "partitionkey": "p"}


@pytest.mark.parametrize(
    ("first", "again", "headers"),
    [
        ({**CLOUD, "data": FAILED}, AGAIN, {}),
        ([{**CLOUD, "data": FAILED}], AGAIN, {}),
        ({**CLOUD, "data": FAILED}, FAILED, BINARY),
        ([{**CLOUD, "data": FAILED}, {**CLOUD, "id": "9", "data": FAILED}], [AGAIN, {**AGAIN, "id": "9"}], {}),
    ],
)
async def test_an_event_that_comes_late_once_more_changes_nothing(
    collector: Running, first: object, again: object, headers: dict[str, str]
) -> None:
    mended = {**CLOUD, "id": "8", "data": MENDED}
    for body, told in ((first, {}), (mended, {}), (again, headers)):
        assert (await collector.call("/v1/jobs", raw(body), headers=told))[0] == 202
    with collector.look() as hand:
        assert (hand.alert().key, hand.alert().status) == ("jobs:orders", AlertStatus.RESOLVED)
    await collector.call("/v1/jobs", raw({**AGAIN, "id": "10"}))
    with collector.look() as hand:
        assert hand.alert().status is AlertStatus.FIRING, "another id is another event"


@pytest.mark.parametrize("in_head", [False, True])
async def test_a_message_of_sns_that_comes_once_more_changes_nothing(collector: Running, in_head: bool) -> None:
    fired = json.loads(sample("cloudwatch-alarm.json"))
    inner = json.loads(fired["Message"])
    later = {**inner, "StateChangeTime": "2026-11-24T23:59:00.000+0000"}
    cleared = {**fired, "MessageId": "another", "Message": json.dumps({**later, "NewStateValue": "OK"})}
    again = {**fired, "Message": json.dumps({**later, "NewStateValue": "ALARM"})}
    headers = {"X-Amz-Sns-Message-Id": fired["MessageId"]} if in_head else {}
    for body, told in ((fired, {}), (cleared, {}), (again, headers)):
        assert (await collector.call("/v1/aws", raw(body), headers={**TEXT, **told}))[0] == 202
    with collector.look() as hand:
        assert hand.alert().status is AlertStatus.RESOLVED


async def test_several_events_of_one_body_keep_their_order(collector: Running) -> None:
    keys = [f"k{n}" for n in range(9)]
    batch = [{"key": key, "severity": "critical"} for key in keys]
    assert (await collector.call("/v1/jobs", raw(batch)))[1]["signals"] == 9
    twice = [{"key": "k0", "status": status} for status in ("resolved", "firing", "resolved")]
    await collector.call("/v1/jobs", raw(twice))
    with collector.look() as hand:
        by_number = sorted(hand.alerts(), key=lambda alert: alert.id)
        assert [alert.key for alert in by_number] == [f"jobs:{key}" for key in keys]
        assert by_number[0].status is AlertStatus.RESOLVED
        assert by_number[0].episode == 2
