"""Any path, headers and body: always an answer, never a fault of ours, and nobody speaks in the receiver's name."""

import asyncio
import json
import logging
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collector.addresses import ALERTS, CHANGES, CREATE, ENQUEUE, FIRST, LINEAGE, SAMPLES, TOLD, TRIGGER, raw
from tests.collector.hand import PATIENCE, TOKEN, Running, answering
from tests.collector.test_signatures import ALL
from tui.collector.tokens import Secret, load_secrets
from tui.model.alert import AlertStatus

KNOWN = (
    "/v1/jobs", f"/v1/jobs/{TOKEN}", "/v1/auto", "/v1/pagerduty", "/api/v2/alerts", ENQUEUE, CHANGES, FIRST, LINEAGE,
    ALERTS, f"{ALERTS}/a%2Fb/close?identifierType=alias", f"{ALERTS}/%00%ff/acknowledge", f"{ALERTS}/requests/x",
    "/healthz", "/metrics",
)  # fmt: skip
HEADERS = st.dictionaries(
    st.sampled_from(
        (
            "Content-Type", "X-Sev-Action", "X-Sev-Alias", "X-Sev-Signature", "X-Sev-Timestamp", "ce-id", "ce-type",
            "ce-specversion", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "X-Hub-Signature-256",
            "X-PagerDuty-Signature", "X-Grafana-Alerting-Signature", "X-Grafana-Alerting-Timestamp",
            "Sentry-Hook-Signature", "Sentry-Hook-Resource", "X-Amz-Sns-Message-Type", "Authorization",
        )
    ),
    st.sampled_from(
        (
            "application/x-www-form-urlencoded", "close", "1", "v1,AAAA", "sha256=" + "0" * 64, "0" * 64,
            f"GenieKey {TOKEN}", "Basic eDp5", "event_alert", "1.0", "1795528800",
        )
    )
    | st.text(st.characters(min_codepoint=32, max_codepoint=255, blacklist_characters="\x7f"), max_size=20),
    max_size=5,
)  # fmt: skip
BODIES = (
    st.binary(max_size=60)
    | st.sampled_from([file.read_bytes() for file in sorted(SAMPLES.iterdir())])
    | st.sampled_from([raw(TRIGGER), raw(TOLD), raw(CREATE), b"payload=%7B%22key%22%3A1%7D", b"%ff=%ff&a", b"[[[["])
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(("key", "payload", "routing_key", "event_action", "specversion", "id", "message")),
                inner,
            )
        ),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode())
)
REQUESTS = st.tuples(
    st.sampled_from(("POST", "POST", "POST", "GET", "PUT", "HEAD", "OPTIONS")),
    st.sampled_from(KNOWN) | st.text(max_size=20).map(lambda text: "/" + quote(text, safe="/?&=%.")),
    HEADERS,
    BODIES,
    st.booleans(),
)
Request = tuple[str, str, dict[str, str], bytes, bool]


async def exchange(collector: Running, request: Request) -> bytes:
    """What comes back for a request that is written by hand, with or without the token."""
    method, path, headers, body, trusted = request
    shown = {**headers, **({"Authorization": f"Bearer {TOKEN}"} if trusted else {})}
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in shown.items()]
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    try:
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    finally:
        writer.close()


def secrets_in(folder: str) -> dict[str, Secret]:
    place = Path(folder, "secret")
    place.write_text("a secret")
    return load_secrets({"jobs": place, "pagerduty": place})


async def play(requests: list[Request]) -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        async with answering(Path(folder), secrets_in(folder)) as collector:
            answers = [await exchange(collector, request) for request in requests]
            with collector.look() as hand:
                assert hand.is_whole()
                assert not [kept for kept in hand.kept() if b'"routing_key": "' + TOKEN.encode() in kept]
            return answers


class Faults(logging.Handler):
    """Keeps what is logged as a fault."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))


@settings(max_examples=60)
@given(st.lists(REQUESTS, min_size=4, max_size=12))
def test_whatever_is_sent_gets_an_answer_that_is_no_fault(requests: list[Request]) -> None:
    faults, logger = Faults(), logging.getLogger("sev.collector")
    logger.addHandler(faults)
    try:
        answers = asyncio.run(play(requests))
    finally:
        logger.removeHandler(faults)
    for request, answer in zip(requests, answers, strict=True):
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
        assert status, (request, answer)
        assert int(status[1]) in (200, 201, 202, 400, 401, 404, 405), (request, answer)
        assert b"Traceback" not in answer
        assert TOKEN.encode() not in answer
    assert faults.found == []


@pytest.mark.parametrize("name", ALL)
def test_a_signature_of_nothing_is_no_signature(name: str) -> None:
    headers = dict.fromkeys(ALL[name]("a secret", b"", datetime.now(UTC)), "")
    (answer,) = asyncio.run(play([("POST", "/v1/jobs", headers, b"{}", False)]))
    assert answer.startswith(b"HTTP/1.1 401 ")


@settings(max_examples=25)
@given(
    st.sampled_from([path for path in KNOWN if path.startswith(("/v", "/api"))]),
    st.sampled_from(("close", "acknowledge", "create", "Close", "delete")),
    st.sampled_from(("X-Sev-Action", "x-sev-action", "X-SEV-ACTION")),
    st.sampled_from([b"{}", b"null", b"", b'{"user": "mallory"}', raw(TRIGGER)]),
)
def test_a_forged_action_touches_no_alert(path: str, action: str, name: str, body: bytes) -> None:
    async def forge() -> AlertStatus:
        with tempfile.TemporaryDirectory() as folder:
            async with answering(Path(folder), {}) as collector:
                await collector.call(ALERTS, raw({**CREATE, "alias": "mine"}))
                await exchange(collector, ("POST", path, {name: action, "X-Sev-Alias": "mine"}, body, True))
                with collector.look() as hand:
                    return next(alert.status for alert in hand.alerts() if alert.key == "opsgenie:mine")

    assert asyncio.run(forge()) is AlertStatus.FIRING
