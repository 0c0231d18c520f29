"""HTTP as senders meet it: every answer, every way to show the token, and what is in the store afterwards."""

import asyncio
import base64
import json
import os
import time
from pathlib import Path

import pytest

from tests.collector.hand import TOKEN, Running, running
from tui.collector.delivery import BODY_LIMIT, HEAD_KEPT
from tui.collector.routes import Target, target_of
from tui.collector.tokens import Token, sign
from tui.config import SourceSettings
from tui.model.alert import AlertStatus
from tui.model.text import Safe
from tui.store import payloads
from tui.store.engine import Store

FIRING = b'{"key": "orders", "severity": "critical"}'
ALERTS = {
    "version": "4", "groupKey": "g", "receiver": "sev", "status": "firing",
    "alerts": [
        {"status": "firing", "labels": {"alertname": f"Late{n}"}, "startsAt": "2026-11-24T10:00:00Z"} for n in (1, 2)
    ],
}  # fmt: skip


async def test_a_payload_is_answered_when_it_is_stored(collector: Running) -> None:
    status, body, headers = await collector.call("/v1/jobs", FIRING)
    assert (status, body) == (202, {"status": "success", "signals": 1})
    assert headers["Server"] == "sev"
    with collector.look() as hand:
        assert (hand.alert().key, hand.alert().status) == ("jobs:orders", AlertStatus.FIRING)
        assert hand.is_whole()


async def test_a_repeat_is_success_too(collector: Running) -> None:
    answers = [await collector.call("/v1/jobs", FIRING) for _ in range(3)]
    assert [(status, body["signals"]) for status, body, _ in answers] == [(202, 1)] * 3
    with collector.look() as hand:
        assert (hand.alert().count, len(hand.entries())) == (3, 1)


async def test_a_delivery_id_in_a_header_dedupes_across_a_resolve(collector: Running) -> None:
    for body, name in ((FIRING, "1"), (b'{"key": "orders", "status": "ok"}', "2"), (FIRING, "1")):
        status, _, _ = await collector.call("/v1/jobs", body, headers={"Webhook-Id": name})
        assert status == 202
    with collector.look() as hand:
        assert hand.alert().status is AlertStatus.RESOLVED


async def test_json_that_nobody_knows_is_a_success_that_names_its_keeper(collector: Running) -> None:
    status, body, _ = await collector.call("/v1/jobs", b'{"z": 1}')
    assert (status, body) == (202, {"status": "rejected", "id": "R-1"})


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"key": "a"', b'{"key": NaN}', b'{"key": Infinity}', b"\xff\xfe", b"[" * 65 + b"]" * 65, b"hello"],
)
async def test_what_is_not_json_is_refused_and_kept(collector: Running, body: bytes) -> None:
    status, told, _ = await collector.call("/v1/jobs", body)
    assert (status, told["status"], told["id"]) == (400, "rejected", "R-1")
    with collector.look() as hand:
        (kept,) = hand.store.read(payloads.rejected)
        assert hand.store.read(lambda conn: payloads.payload(conn, kept.payload)) == body


async def test_of_long_garbage_the_head_is_kept(collector: Running) -> None:
    body = b"x" * (HEAD_KEPT * 3)
    status, _, _ = await collector.call("/v1/jobs", body)
    with collector.look() as hand:
        (kept,) = hand.store.read(payloads.rejected)
        head = hand.store.read(lambda conn: payloads.payload(conn, kept.payload))
    assert (status, kept.size, head) == (400, len(body), body[:HEAD_KEPT])


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_413_and_its_head_is_kept(collector: Running, chunked: bool) -> None:
    body = b'{"key": "' + b"x" * (2 << 20) + b'"}'
    status, told, _ = await collector.call("/v1/jobs", body, chunked=chunked)
    assert (status, told["status"], told["id"]) == (413, "rejected", "R-1")
    with collector.look() as hand:
        (kept,) = hand.store.read(payloads.rejected)
        head = hand.store.read(lambda conn: payloads.payload(conn, kept.payload))
    assert (kept.size, head) == (len(body), body[:HEAD_KEPT])


async def test_a_body_of_exactly_the_limit_is_read(collector: Running) -> None:
    start, end = b'{"key": "a", "x": "', b'"}'
    body = start + b"x" * (BODY_LIMIT - len(start) - len(end)) + end
    status, told, _ = await collector.call("/v1/jobs", body)
    assert (status, told) == (202, {"status": "success", "signals": 1})


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": f"GenieKey {TOKEN}"},
        {"Authorization": "Basic " + base64.b64encode(f"prometheus:{TOKEN}".encode()).decode()},
    ],
)
async def test_the_token_is_taken_from_a_header(collector: Running, headers: dict[str, str]) -> None:
    assert (await collector.call("/v1/jobs", FIRING, headers=headers, token=None))[0] == 202


async def test_the_token_is_taken_from_the_address(collector: Running) -> None:
    assert (await collector.call(f"/v1/jobs/{TOKEN}", FIRING, token=None))[0] == 202


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/jobs", {}),
        ("/v1/jobs/", {}),
        ("/v1/jobs/wrong", {}),
        ("/v1/jobs", {"Authorization": "Bearer wrong"}),
        ("/v1/jobs", {"X-Sev-Signature": "sha256=00", "X-Sev-Timestamp": "1"}),
        ("/api/v2/alerts", {}),
        (f"/api/v2/alerts/{TOKEN}x", {}),
    ],
)
async def test_without_the_token_nothing_is_stored(collector: Running, path: str, headers: dict[str, str]) -> None:
    status, body, _ = await collector.call(path, FIRING, headers=headers, token=None)
    assert status == (404 if path.startswith("/api/v2/alerts/") else 401)
    assert body["status"] == "error"
    with collector.look() as hand:
        assert hand.events() == []


async def test_a_large_body_without_the_token_gets_its_answer(collector: Running) -> None:
    status, _, _ = await collector.call("/v1/jobs", b"x" * (3 << 20), token=None)
    assert status == 401
    with collector.look() as hand:
        assert hand.events() == []


@pytest.mark.parametrize(("age", "wanted"), [(0, 202), (290, 202), (310, 401)])
async def test_our_own_signature_stands_for_the_token(collector: Running, age: int, wanted: int) -> None:
    at = str(int(time.time()) - age)
    signature = sign(Token(value=TOKEN, place=""), at, FIRING)
    headers = {"X-Sev-Timestamp": at, "X-Sev-Signature": signature}
    assert (await collector.call("/v1/jobs", FIRING, headers=headers, token=None))[0] == wanted
    assert (await collector.call("/v1/jobs", FIRING + b" ", headers=headers, token=None))[0] == 401


async def test_the_unix_socket_needs_no_token_and_records_the_peer(collector: Running) -> None:
    status, _, _ = await collector.call("/v1/jobs", FIRING, unix=True, token=None)
    assert status == 202
    with collector.look() as hand:
        assert {event.uid for event in hand.events()} == {os.getuid()}


async def test_prometheus_is_answered_as_an_alertmanager_would(collector: Running) -> None:
    pushed = [{"labels": {"alertname": "Late"}, "startsAt": "2026-11-24T10:00:00Z"}]
    status, body, _ = await collector.call("/api/v2/alerts", json.dumps(pushed).encode())
    assert (status, body) == (200, {"status": "success", "signals": 1})
    assert (await collector.call("/api/v2/alerts", b'[{"labels": []}]'))[1]["status"] == "rejected"
    with collector.look() as hand:
        assert (hand.alert().source, hand.alert().format) == ("alertmanager", "alertmanager")


async def test_without_a_name_the_source_is_the_format_that_was_found(collector: Running) -> None:
    await collector.call("/v1/auto", json.dumps(ALERTS).encode())
    await collector.call("/v1/auto", FIRING)
    with collector.look() as hand:
        assert {alert.source for alert in hand.alerts()} == {"alertmanager", "generic"}


async def test_the_settings_say_how_a_source_is_read(tmp_path: Path) -> None:
    async with running(tmp_path, sources=(SourceSettings(name="strict", format="alertmanager"),)) as collector:
        _, strict, _ = await collector.call("/v1/strict", FIRING)
        _, sniffed, _ = await collector.call("/v1/other", FIRING)
    assert (strict["status"], sniffed["status"]) == ("rejected", "success")


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/", 404),
        ("POST", "/v1/", 404),
        ("POST", "/v1/a%20b", 404),
        ("POST", "/v1/" + "x" * 65, 404),
        ("POST", "/v1/%00", 404),
        ("POST", "/v2/enqueue/x/y", 404),
        ("GET", "/v1/jobs", 405),
        ("DELETE", "/v1/jobs", 405),
        ("POST", "/healthz", 405),
        ("POST", "/metrics", 405),
    ],
)
async def test_other_addresses_and_methods_are_none_of_ours(
    collector: Running, method: str, path: str, wanted: int
) -> None:
    status, body, headers = await collector.call(path, FIRING, method=method)
    assert (status, body["status"]) == (wanted, "error")
    assert ("Allow" in headers) == (wanted == 405)


async def test_health_is_free_and_metrics_are_not(collector: Running) -> None:
    await collector.call("/v1/jobs", FIRING)
    assert (await collector.call("/healthz", None, method="GET", token=None))[:2] == (200, {"status": "ok"})
    assert (await collector.call("/metrics", None, method="GET", token=None))[0] == 401
    status, _, headers = await collector.call("/metrics", None, method="GET")
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")


async def test_when_it_cannot_persist_the_sender_is_asked_to_come_again(collector: Running) -> None:
    with Store(collector.config.store) as store:
        store.tx(lambda conn: conn.execute("ALTER TABLE event RENAME TO away"))
        status, body, headers = await collector.call("/v1/jobs", FIRING)
        assert (status, body["status"], headers["Retry-After"]) == (503, "error", "5")
        assert (await collector.call("/healthz", None, method="GET", token=None))[0] == 503
        store.tx(lambda conn: conn.execute("ALTER TABLE away RENAME TO event"))
    assert (await collector.call("/v1/jobs", FIRING))[0] == 202
    assert (await collector.call("/healthz", None, method="GET", token=None))[0] == 200


async def test_hostile_text_is_stored_harmless(collector: Running) -> None:
    evil = "a\x00b\x1b]0;owned\x07\x1b[31mred\u202egnp.exe\x9b1m"
    body = json.dumps({"key": evil, "title": evil, "labels": {evil: evil}}).encode()
    assert (await collector.call("/v1/jobs", body))[0] == 202
    with collector.look() as hand:
        alert = hand.alert()
        texts = (alert.key, alert.title, *alert.labels, *alert.labels.values(), hand.entries()[0].text)
    assert all(text.isprintable() for text in texts)
    assert "owned" not in alert.title


async def test_many_senders_at_once_lose_nothing(collector: Running) -> None:
    bodies = [json.dumps({"key": f"k{n % 10}", "n": n}).encode() for n in range(120)]
    answers = await asyncio.gather(*(collector.call("/v1/jobs", body) for body in bodies))
    assert {status for status, _, _ in answers} == {202}
    with collector.look() as hand:
        assert [alert.count for alert in hand.alerts()] == [12] * 10
        assert hand.is_whole()


def test_addresses_stand_for_sources() -> None:
    formats = {"am": "alertmanager"}
    assert target_of("/v1/am", formats) == Target(source=Safe("am"), format="alertmanager")
    assert target_of("/v1/x.y-z_1/tok/en", formats) == Target(source=Safe("x.y-z_1"), token="tok/en")
    assert target_of("/v1/auto/t", formats) == Target(token="t")
    assert target_of("/api/v2/alerts", formats) == Target(format="alertmanager", ok=200)
    assert target_of("/v1/am\n", formats) is None
