"""Senders that hold connections and send nothing, or drop by drop, beside those that send."""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import AUTHORITY, TOKEN, Serving, serving

pytestmark = pytest.mark.real

CLOSED_WITHIN = 15.0
P99 = 0.2
MARGIN = 5
_HEAD = f"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
_STRANGER = "POST /v1/jobs HTTP/1.1\r\nHost: x\r\n"
_BODY = '{"key": "orders", "title": "'
_WHOLE = '{"key": "idle"}'
KINDS = {
    "no byte": ("", ""),
    "a head, drop by drop": (_HEAD, "X-A: b\r\n"),
    "a body, drop by drop": (f"{_HEAD}Content-Length: 900000\r\n\r\n{_BODY}", "x"),
    "a stranger's body": (f"{_STRANGER}Content-Length: 900000\r\n\r\n{_BODY}", "x"),
    "chunks, drop by drop": (f"{_HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n", "1\r\n \r\n"),
    "idle after an answer": (f"{_HEAD}Content-Length: {len(_WHOLE)}\r\n\r\n{_WHOLE}", ""),
}


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "sev.db") as running:
        yield running


async def _hold(port: int, first: str, drop: str) -> float:
    """Seconds until the other end closed the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    dripping = asyncio.create_task(_drip(writer, first, drop))
    try:
        async with asyncio.timeout(CLOSED_WITHIN * MARGIN):
            while await reader.read(1 << 16):
                pass
    except ConnectionError:
        pass
    finally:
        dripping.cancel()
        writer.close()
    return time.monotonic() - began


async def _drip(writer: asyncio.StreamWriter, first: str, drop: str) -> None:
    with suppress(ConnectionError):
        writer.write(first.encode())
        while True:
            await writer.drain()
            await asyncio.sleep(0.5)
            writer.write(drop.encode())


async def _post_until(over: asyncio.Event, url: str) -> tuple[list[float], list[int]]:
    """Valid deliveries meanwhile, each on a connection of its own; what each took, and its answer."""
    took, statuses, n = [], [], 0
    while not over.is_set():
        began = time.monotonic()
        body = json.dumps({"key": f"valid-{n}", "status": "succeeded"}).encode()
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{url}/v1/jobs", data=body, headers=AUTHORITY) as answer,
        ):
            statuses.append(answer.status)
        took.append(time.monotonic() - began)
        n += 1
        await asyncio.sleep(0.02)
    return took, statuses


async def test_slow_senders_are_closed_and_keep_nobody_out(collector: Serving, size: Size, figure: Figure) -> None:
    count, chance = size(60, 500), random.Random(5)
    chosen = [list(KINDS.values())[n % len(KINDS)] for n in range(count)]
    chance.shuffle(chosen)
    over = asyncio.Event()
    posting = asyncio.create_task(_post_until(over, collector.url))
    held = await asyncio.gather(*(_hold(collector.port, *kind) for kind in chosen))
    over.set()
    took, statuses = await posting
    assert set(statuses) == {202}
    p99 = sorted(took)[int(len(took) * 0.99)]
    figure(
        f"{count} slow connections at once",
        f"all closed within {max(held):.1f} s; {len(took)} valid POSTs meanwhile: p99 {p99 * 1000:.0f} ms",
    )
    assert max(held) < CLOSED_WITHIN * MARGIN
    assert p99 < P99 * MARGIN
