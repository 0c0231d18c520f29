"""Addresses of other tools, by real HTTP: each sender gets the answer it knows, and its alerts are in the store."""

import pytest

from tests.collector.addresses import (
    ALERTS,
    CHANGE,
    CHANGES,
    CREATE,
    ENQUEUE,
    FIRST,
    LINEAGE,
    TOLD,
    TRIGGER,
    raw,
    sample,
)
from tests.collector.hand import TOKEN, Running
from tui.collector.routes import target_of
from tui.model.alert import AlertStatus
from tui.model.text import Safe
from tui.store.engine import Store


async def test_lineage_is_answered_with_nothing_but_its_status(collector: Running) -> None:
    status, body, headers = await collector.call(LINEAGE, sample("openlineage-fail.json"))
    assert (status, body, headers["Content-Length"]) == (201, {}, "0")
    with collector.look() as hand:
        assert {(alert.source, alert.format) for alert in hand.alerts()} == {("openlineage", "openlineage")}


async def test_lineage_that_nobody_knows_is_kept_and_not_sent_again(collector: Running) -> None:
    status, body, _ = await collector.call(LINEAGE, b'{"z": ')
    assert (status, body["id"]) == (400, "R-1")
    status, body, _ = await collector.call(LINEAGE, b'{"z": 1}')
    assert (status, body) == (201, {"status": "rejected", "id": "R-2"})


async def test_an_alert_of_opsgenie_lives_by_its_addresses(collector: Running) -> None:
    genie = {"Authorization": f"GenieKey {TOKEN}"}
    status, body, _ = await collector.call(ALERTS, raw(CREATE), headers=genie, token=None)
    assert (status, body["result"]) == (202, "Request will be processed")
    assert isinstance(body["took"], float)
    request = body["requestId"]
    seen = [AlertStatus.FIRING]
    with collector.look() as hand:
        assert (hand.alert().key, hand.alert().status) == ("opsgenie:tariff/late", AlertStatus.FIRING)
        for action, query, sent in (
            ("acknowledge", "?identifierType=alias", b'{"user": "sana"}'),
            ("close", "?identifierType=alias", b""),
        ):
            path = f"{ALERTS}/tariff%2Flate/{action}{query}"
            status, body, _ = await collector.call(path, sent, headers=genie, token=None)
            assert (status, body["result"]) == (202, "Request will be processed")
            seen.append(hand.alert().status)
        assert seen[0] is AlertStatus.FIRING
        assert seen[-1] is AlertStatus.RESOLVED
        assert (hand.alert().acknowledged_by, hand.alert().count) == ("sana", 3)
        assert hand.alerts() == [], "somebody saw it and it is over"
        assert hand.is_whole()
    status, body, _ = await collector.call(
        f"{ALERTS}/requests/{request}", None, method="GET", headers=genie, token=None
    )
    assert (status, body["requestId"]) == (200, request)
    data = body["data"]
    assert isinstance(data, dict)
    assert data["success"] is True


async def test_the_same_words_about_two_alerts_are_two_actions(collector: Running) -> None:
    for alias in ("a", "b"):
        await collector.call(ALERTS, raw({**CREATE, "alias": alias}))
    for alias in ("a", "b"):
        await collector.call(f"{ALERTS}/{alias}/close?identifierType=alias", b'{"source": "am"}')
    with collector.look() as hand:
        assert {alert.status for alert in hand.alerts()} == {AlertStatus.RESOLVED}
        assert b'POST /v2/alerts/b/close?identifierType=alias\n\n{"source": "am"}' in hand.kept()


@pytest.mark.parametrize("query", ["", "?identifierType=id", "?identifierType=ALIAS"])
def test_an_id_is_as_good_as_an_alias(query: str) -> None:
    wanted = {"": "id", "?identifierType=id": "id", "?identifierType=ALIAS": "alias"}[query]
    named = dict([query[1:].split("=")]) if query else {}
    target = target_of("/v2/alerts/70413a06%20x/close", {}, named)
    assert target is not None
    assert (target.alias, target.action, target.by) == ("70413a06 x", "close", wanted)


async def test_what_opsgenie_is_told_of_bad_bodies(collector: Running) -> None:
    status, body, _ = await collector.call(ALERTS, b"{")
    assert (status, body["id"]) == (400, "R-1")
    status, body, _ = await collector.call(ALERTS, b'{"z": 1}')
    assert (status, body["status"], body["id"], body["result"]) == (202, "rejected", "R-2", "Request will be processed")
    _, fate, _ = await collector.call(f"{ALERTS}/requests/{body['requestId']}", None, method="GET")
    data = fate["data"]
    assert isinstance(data, dict)
    assert (data["success"], data["status"]) == (False, "Rejected and kept as R-2")
    status, body, _ = await collector.call(f"{ALERTS}/1/close?identifierType=tiny", b"{}")
    assert (status, list(body)) == (400, ["message", "took", "requestId"])
    assert (await collector.call(f"{ALERTS}/x/close?identifierType=alias", b"{"))[0] == 400


@pytest.mark.parametrize(
    ("path", "method", "wanted"),
    [
        (f"{ALERTS}/requests/nonsense", "GET", 404),
        (f"{ALERTS}/requests/nonsense", "POST", 404),
        (f"{ALERTS}/x/close", "GET", 405),
        (f"{ALERTS}/x/explode", "POST", 404),
        (f"{ALERTS}/x/y/close", "POST", 404),
        (ALERTS, "GET", 405),
        (ENQUEUE, "GET", 405),
        (CHANGES, "PUT", 405),
        (FIRST, "GET", 405),
        (LINEAGE, "GET", 405),
        (f"{LINEAGE}/", "POST", 404),
        (f"{ENQUEUE}/{TOKEN}", "POST", 404),
    ],
)
async def test_near_misses(collector: Running, path: str, method: str, wanted: int) -> None:
    assert (await collector.call(path, b"{}", method=method))[0] == wanted


@pytest.mark.parametrize(
    ("path", "method"),
    [(ALERTS, "POST"), (f"{ALERTS}/x/close", "POST"), (LINEAGE, "POST"), (f"{ALERTS}/requests/{'0' * 8}", "GET")],
)
async def test_the_others_need_the_token_in_the_head(collector: Running, path: str, method: str) -> None:
    for shown in ({}, {"Authorization": "GenieKey wrong"}, {"Authorization": "Bearer wrong"}):
        body = None if method == "GET" else raw({**CREATE, "routing_key": TOKEN})
        assert (await collector.call(path, body, method=method, headers=shown, token=None))[0] == 401
    with collector.look() as hand:
        assert hand.events() == []


@pytest.mark.parametrize(
    ("path", "body", "wanted"),
    [
        (ENQUEUE, raw(TRIGGER), 202),
        (CHANGES, raw(CHANGE), 202),
        (FIRST, raw(TOLD), 200),
        (LINEAGE, sample("openlineage-fail.json"), 201),
        (ALERTS, raw(CREATE), 202),
        (f"{ALERTS}/x/close?identifierType=alias", b"{}", 202),
    ],
)
async def test_nobody_is_answered_before_the_commit(collector: Running, path: str, body: bytes, wanted: int) -> None:
    with Store(collector.config.store) as store:
        store.tx(lambda conn: conn.execute("ALTER TABLE event RENAME TO away"))
        status, told, headers = await collector.call(path, body)
        assert (status, told["status"], headers["Retry-After"]) == (503, "error", "5")
        store.tx(lambda conn: conn.execute("ALTER TABLE away RENAME TO event"))
    assert (await collector.call(path, body))[0] == wanted


FORGED = {"X-Sev-Action": "close", "X-Sev-Alias": "tariff/late"}


async def test_what_only_the_receiver_may_say_is_dropped_from_outside(collector: Running) -> None:
    await collector.call(ALERTS, raw(CREATE))
    for path in ("/v1/opsgenie", "/v1/auto", ALERTS, LINEAGE, f"{ALERTS}/another/close?identifierType=alias"):
        await collector.call(path, b"{}", headers=FORGED)
    await collector.call(ENQUEUE, raw(TRIGGER), headers=FORGED)
    with collector.look() as hand:
        alerts = {alert.key: alert.status for alert in hand.alerts()}
        assert alerts[Safe("opsgenie:tariff/late")] is AlertStatus.FIRING
