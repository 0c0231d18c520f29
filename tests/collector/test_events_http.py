"""Events for PagerDuty by real HTTP: the answers its senders know, and the key that must not stay anywhere."""

from collections.abc import Mapping

import pytest

from tests.collector.addresses import CHANGE, CHANGES, ENQUEUE, FIRST, TOLD, TRIGGER, raw, rejected, sample
from tests.collector.hand import TOKEN, Running
from tui.collector.delivery import BODY_LIMIT
from tui.model.alert import AlertStatus


async def test_a_trigger_is_named_in_its_answer_and_known_by_that_name(collector: Running) -> None:
    status, first, _ = await collector.call(ENQUEUE, raw(TRIGGER), token=None)
    assert (status, first["status"], first["message"]) == (202, "success", "Event processed")
    name = first["dedup_key"]
    assert (await collector.call(ENQUEUE, raw(TRIGGER), token=None))[1]["dedup_key"] == name
    resolve = {"routing_key": TOKEN, "event_action": "resolve", "dedup_key": name}
    status, last, _ = await collector.call(ENQUEUE, raw(resolve), token=None)
    assert (status, last["dedup_key"]) == (202, name)
    with collector.look() as hand:
        assert (hand.alert().key, hand.alert().status) == (f"pagerduty:{name}", AlertStatus.RESOLVED)
        assert len(hand.alerts()) == 1
        assert hand.is_whole()


async def test_a_name_that_was_given_is_given_back(collector: Running) -> None:
    body = raw({**TRIGGER, "dedup_key": "orders/late"})
    assert (await collector.call(ENQUEUE, body, token=None))[1]["dedup_key"] == "orders/late"
    acknowledge = raw({"routing_key": TOKEN, "event_action": "acknowledge", "dedup_key": "orders/late"})
    assert (await collector.call(ENQUEUE, acknowledge, token=None))[0] == 202
    with collector.look() as hand:
        assert [alert.key for alert in hand.alerts()] == ["pagerduty:orders/late"]


async def test_version_1_is_answered_as_version_1(collector: Running) -> None:
    status, body, _ = await collector.call(FIRST, raw(TOLD), token=None)
    assert (status, body["status"], body["message"]) == (200, "success", "Event processed")
    resolve = {"service_key": TOKEN, "event_type": "resolve", "incident_key": body["incident_key"]}
    assert (await collector.call(FIRST, raw(resolve), token=None))[0] == 200
    with collector.look() as hand:
        assert hand.alert().status is AlertStatus.RESOLVED


async def test_a_change_is_a_change_and_no_alert(collector: Running) -> None:
    status, body, _ = await collector.call(CHANGES, raw(CHANGE), token=None)
    assert (status, body) == (202, {"status": "success", "message": "Change event processed"})
    with collector.look() as hand:
        assert hand.alerts() == []
        assert len(hand.events()) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ENQUEUE, {**TRIGGER, "payload": {"summary": "x"}}),
        (ENQUEUE, {"routing_key": TOKEN, "event_action": "resolve"}),
        (CHANGES, {**CHANGE, "payload": {}}),
        (FIRST, {**TOLD, "event_type": "open"}),
    ],
)
async def test_what_pagerduty_would_refuse_is_refused_in_its_words_and_kept(
    collector: Running, path: str, body: Mapping[str, object]
) -> None:
    status, told, _ = await collector.call(path, raw(body), token=None)
    assert (status, told["status"], told["message"]) == (400, "invalid event", "Event object is invalid")
    assert isinstance(told["errors"], list)
    assert told["errors"]
    assert told["id"] == "R-1"
    with collector.look() as hand:
        assert len(rejected(hand)) == 1
        assert hand.alerts() == []


@pytest.mark.parametrize("path", [ENQUEUE, CHANGES, FIRST])
async def test_an_event_that_is_not_json_is_invalid_and_kept(collector: Running, path: str) -> None:
    status, told, _ = await collector.call(path, b'{"routing_key": "' + TOKEN.encode() + b'", "eve', token=None)
    assert (status, told["status"], told["id"]) == (400, "invalid event", "R-1")
    assert (await collector.call(path, b"{"))[0] == 400
    with collector.look() as hand:
        assert not [body for body in hand.kept() if TOKEN.encode() in body]


async def test_an_event_that_only_we_cannot_read_is_kept_and_not_sent_again(collector: Running) -> None:
    body = {"routing_key": TOKEN, "event_action": "resolve", "dedup_key": "${UNFILLED}"}
    status, told, _ = await collector.call(ENQUEUE, raw(body), token=None)
    assert (status, told["status"], told["id"], told["dedup_key"]) == (202, "rejected", "R-1", "${UNFILLED}")


@pytest.mark.parametrize("path", [ENQUEUE, CHANGES, FIRST])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"routing_key": null}',
        raw({**TRIGGER, "routing_key": "wrong"}),
        b'{"routing_key": "',
        b"\xff",
    ],
)
async def test_without_the_token_as_its_key_no_event_is_taken(collector: Running, path: str, body: bytes) -> None:
    status, told, headers = await collector.call(path, body, token=None)
    assert (status, told["status"]) == (401, "error")
    assert "WWW-Authenticate" in headers
    with collector.look() as hand:
        assert hand.events() == []


async def test_the_key_is_neither_kept_nor_logged(collector: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    events = [TRIGGER, {**TRIGGER, "event_action": "odd"}, {**TRIGGER, "dedup_key": "a"}]
    for body in [*map(raw, events), raw(TRIGGER).replace(b"routing_key", rb"routing\u005fkey")]:
        await collector.call(ENQUEUE, body, token=None)
    await collector.call(FIRST, raw(TOLD), token=None)
    await collector.call("/v1/pd", raw(TRIGGER))
    await collector.call("/v1/jobs", raw({"key": "k", "routing_key": TOKEN}))
    await collector.call("/v1/auto", raw({**TRIGGER, "event_action": "odd"}))
    with collector.look() as hand:
        assert hand.kept()
        assert not [body for body in hand.kept() if TOKEN.encode() in body]
        assert all(TOKEN not in repr(event) for event in hand.events())
    assert TOKEN not in caplog.text
    for file in collector.config.store.parent.glob("sev.db*"):
        assert TOKEN.encode() not in file.read_bytes()


async def test_another_way_to_show_the_token_will_do_and_its_key_is_hidden_too(collector: Running) -> None:
    body = sample("pagerduty-trigger.json")
    assert b"R0SECRET" in body
    assert (await collector.call(ENQUEUE, body))[0] == 202
    assert (await collector.call(ENQUEUE, body, unix=True, token=None))[0] == 202
    with collector.look() as hand:
        (kept,) = hand.kept()
        assert kept == body.replace(b"R0SECRET", b"[redacted]")
        assert hand.alert().count == 2


async def test_an_event_that_is_too_long_is_told_so(collector: Running) -> None:
    body = raw({**TRIGGER, "client": "x" * BODY_LIMIT})
    status, told, _ = await collector.call(ENQUEUE, body, token=None)
    assert (status, told["id"]) == (413, "R-1")
    with collector.look() as hand:
        assert not [kept for kept in hand.kept() if TOKEN.encode() in kept]


async def test_a_large_event_is_read(collector: Running) -> None:
    body = raw({**TRIGGER, "client": "x" * 200_000})
    assert (await collector.call(ENQUEUE, body, token=None))[0] == 202
