"""Senders that are slow, long-winded, many, or not speaking HTTP at all."""

import asyncio
import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from tests.collector.hand import PATIENCE, TOKEN, Running, running
from tui.collector import connection, queue, receiver

HEAD = f"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
BODY = b'{"key": "orders"}'


async def exchange(collector: Running, *parts: bytes) -> bytes:
    """Everything that comes back until the other end closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def head(length: int, *more: str) -> bytes:
    return (HEAD + "".join(f"{line}\r\n" for line in more) + f"Content-Length: {length}\r\n\r\n").encode()


async def test_a_head_that_never_ends_is_given_up(collector: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.1)
    assert await exchange(collector, HEAD.encode()) == b""
    assert await exchange(collector) == b""


async def test_the_second_head_has_its_time_as_the_first(collector: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    writer.write(head(len(BODY)) + BODY)
    async with asyncio.timeout(PATIENCE):
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 202")
        writer.write(HEAD.encode())
        assert await reader.read() == b""
    writer.close()


async def test_a_body_that_never_ends_is_given_up(collector: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "BODY_SECONDS", 0.1)
    answer = await exchange(collector, head(500) + BODY)
    assert answer.startswith(b"HTTP/1.1 408")
    with collector.look() as hand:
        assert hand.events() == []


async def test_a_body_that_breaks_off_stores_nothing(collector: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    writer.write(head(500) + BODY)
    await writer.drain()
    writer.write_eof()
    async with asyncio.timeout(PATIENCE):
        await reader.read()
    writer.close()
    with collector.look() as hand:
        assert hand.events() == []


@pytest.mark.parametrize("lines", [200, 20])
async def test_a_long_head_is_refused(collector: Running, lines: int) -> None:
    many = "".join(f"X-{n}: {'x' * (40_000 // lines)}\r\n" for n in range(lines))
    answer = await exchange(collector, (HEAD + many).encode(), f"Content-Length: {len(BODY)}\r\n\r\n".encode(), BODY)
    assert b"202" not in answer
    with collector.look() as hand:
        assert hand.events() == []


async def test_a_large_body_right_behind_its_head_is_no_long_head(collector: Running) -> None:
    body = json.dumps({"key": "a", "x": "x" * 200_000}).encode()
    answer = await exchange(collector, head(len(body), "Connection: close") + body)
    assert answer.startswith(b"HTTP/1.1 202")


async def test_a_client_that_asks_before_it_sends_is_told_to_go_on(collector: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    writer.write(head(len(BODY), "Expect: 100-continue", "Connection: close"))
    async with asyncio.timeout(PATIENCE):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
        writer.write(BODY)
        assert (await reader.read()).startswith(b"HTTP/1.1 202")
    writer.close()


async def test_one_that_asks_without_the_token_is_not(collector: Running) -> None:
    asks = head(len(BODY), "Expect: 100-continue").replace(TOKEN.encode(), b"wrong")
    assert (await exchange(collector, asks)).startswith(b"HTTP/1.1 401")


async def test_whoever_owes_a_request_for_longest_makes_way(
    collector: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECTIONS", 3)
    monkeypatch.setattr(connection, "_MOMENT", 0.0)
    begun, idle = [await asyncio.open_connection("127.0.0.1", collector.port) for _ in range(2)]
    begun[1].write(HEAD.encode())
    idle[1].write(head(len(BODY)) + BODY)
    async with asyncio.timeout(PATIENCE):
        assert (await idle[0].readuntil(b"}")).startswith(b"HTTP/1.1 202")
        last = await asyncio.open_connection("127.0.0.1", collector.port)
        assert (await exchange(collector, head(len(BODY), "Connection: close") + BODY)).startswith(b"HTTP/1.1 202")
        assert (await begun[0].read()).startswith(b"HTTP/1.1 503"), "its head was never whole"
        others = [await asyncio.open_connection("127.0.0.1", collector.port) for _ in range(2)]
        assert await idle[0].read() == b"", "an idle one takes every word for an answer"
    for _, writer in (begun, idle, last, *others):
        writer.close()


async def test_where_all_wait_for_us_the_next_one_is_turned_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECTIONS", 2)
    async with running(tmp_path) as collector:
        with sqlite3.connect(collector.config.store) as other:
            other.execute("BEGIN IMMEDIATE")
            monkeypatch.setattr(queue, "TOLD_AFTER", PATIENCE)
            waiting = [asyncio.create_task(collector.call("/v1/jobs", BODY)) for _ in range(2)]
            answer = b""
            async with asyncio.timeout(PATIENCE):
                while b"503" not in answer:
                    answer = await exchange(collector, b"GET /none HTTP/1.1\r\nConnection: close\r\n\r\n")
            assert b"Retry-After: 5" in answer
            other.execute("ROLLBACK")
        assert [status for status, *_ in await asyncio.gather(*waiting)] == [202, 202]


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /v1/secret-token\x00 HTTP/1.1\r\n\r\n",
        b"POST /v1/jobs HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /v1/jobs HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
async def test_what_is_not_http_gets_a_short_answer(
    collector: Running, noise: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await exchange(collector, noise)
    assert answer[9:12] == b"400"
    assert b"Traceback" not in answer
    assert "secret-token" not in caplog.text
    assert (await collector.call("/v1/jobs", BODY))[0] == 202


async def test_a_compressed_body_is_read_and_its_bomb_is_not(collector: Running) -> None:
    for raw, wanted in ((BODY, b"202"), (b'{"key":"' + b"x" * (64 << 20) + b'"}', b"413"), (b"\x1f\x8b", b"400")):
        packed = gzip.compress(raw) if raw[:1] == b"{" else raw
        answer = await exchange(collector, head(len(packed), "Content-Encoding: gzip", "Connection: close") + packed)
        assert answer[9:12] == wanted, answer[:300]
