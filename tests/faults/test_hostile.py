"""Bodies made to hurt: each gets its answer within a second, and the collector does not grow."""

import asyncio
import gzip
import io
import json
import time
from pathlib import Path

import aiohttp
import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import AUTHORITY, serving, sev

pytestmark = pytest.mark.real

SECONDS = 1.0
MEGABYTES = 50
MARGIN = 5
_MEGABYTE = 1 << 20


CONTROLS = "\x1b]0;owned\x07\x00\u202e\x9b31m"


def deep(opening: str, closing: str, levels: int) -> bytes:
    return (opening * levels + closing * levels).encode()


HOSTILE: dict[str, tuple[bytes, int]] = {
    "65 levels": (deep("[", "]", 65), 400),
    "half a million levels of lists": (deep("[", "]", 500_000), 400),
    "a hundred thousand levels of objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "never closed": (b"[" * 900_000, 400),
    "NaN": (b'{"key": "a", "value": NaN}', 400),
    "Infinity": (b'{"key": "a", "value": -Infinity}', 400),
    "beyond all floats": (b'{"key": "a", "value": 1e999999}', 400),
    "no JSON": (b"\x00\xff" * 1000, 400),
    "nothing": (b"", 400),
    "over 1 MB": (b'{"key": "a", "x": "' + b"x" * _MEGABYTE + b'"}', 413),
    "10 MB": (b'{"key": "a", "x": "' + b"x" * (10 * _MEGABYTE) + b'"}', 413),
    "lone surrogates": (b'{"key": "s\\ud800", "title": "\\udfff\\ud800", "labels": {"\\ud8ff": "\\udc00"}}', 202),
    "huge numbers": (b'{"key": "n", "attempt": %b, "value": 1e300, "x": -%b}' % (b"9" * 5_000, b"8" * 400), 202),
    "duplicate keys": (b'{"key": "d", "key": "e", ' + b'"title": "x", ' * 1_000 + b'"title": "y"}', 202),
    "control characters": (json.dumps({"key": "c", "title": CONTROLS * 1_000}).encode(), 202),
    "a label of 900 KB": (json.dumps({"key": "l", "labels": {"x": "\u0336" * 150_000}}).encode(), 202),
    "60,000 fields": (json.dumps({"key": "f", **{f"k{n}": n for n in range(60_000)}}).encode(), 202),
    "a list of 500": (json.dumps([{"key": f"k{n}"} for n in range(500)]).encode(), 202),
    "a list of 70,000": (json.dumps([{"key": "k"}] * 70_000).encode(), 202),
    "a title of spaces": (json.dumps({"key": "t", "title": " " * 900_000}).encode(), 202),
}  # fmt: skip


async def test_hostile_bodies_are_answered_at_once_and_cost_little(tmp_path: Path, size: Size, figure: Figure) -> None:
    rounds = size(2, 30)
    slowest, slow = 0.0, ""
    with serving(tmp_path / "sev.db") as collector:
        async with aiohttp.ClientSession() as session:

            async def post(body: bytes, **headers: str) -> int:
                url = f"{collector.url}/v1/jobs"
                async with session.post(url, data=io.BytesIO(body), headers={**AUTHORITY, **headers}) as answer:
                    await answer.read()
                    return answer.status

            for n in range(5):  # what every body needs, and the first ones load
                await post(json.dumps({"key": f"warm-{n}", "x": "x" * 200_000}).encode())
            before = collector.rss()
            for _ in range(rounds):
                for name, (body, wanted) in HOSTILE.items():
                    began = time.monotonic()
                    assert await post(body) == wanted, name
                    took = time.monotonic() - began
                    slowest, slow = max((slowest, slow), (took, name))
            bomb = gzip.compress(b'{"key": "' + b"x" * (256 << 20) + b'"}')
            assert await post(bomb, **{"Content-Encoding": "gzip"}) == 413
            grown = (collector.rss() - before) / _MEGABYTE
            assert await post(b'{"key": "well"}') == 202
        collector.stop()
    assert (await asyncio.to_thread(sev, collector.store, "verify")).returncode == 0
    figure(
        f"{len(HOSTILE)} hostile bodies",
        f"{rounds} times each as they should be; slowest {slowest:.2f} s ({slow}), memory grew by {grown:.0f} MB",
    )
    assert slowest < SECONDS * MARGIN
    assert grown < MEGABYTES
