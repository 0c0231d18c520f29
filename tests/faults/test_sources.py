"""Sources whose servers hang, die, send without end or send rubbish: each is told as failing, the others go on."""

import asyncio
import gzip
import json
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.collector.sources.site import Site, site
from tests.collector.sources.test_listing import item
from tests.faults.conftest import Figure, Size
from tests.faults.serving import PATIENCE, Serving, keys_in, sev

pytestmark = pytest.mark.real

GOES_ON_WITHIN = 5.0
MEGABYTES = 120
MARGIN = 5
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_ZEROS = gzip.compress(b"[" + b" " * (1 << 27), compresslevel=1)

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def _hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3_600)


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(_OK + b"Content-Length: 1000000\r\n\r\n[")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.5)


async def _gigabyte(writer: asyncio.StreamWriter) -> None:
    writer.write(_OK + b"Content-Length: 1073741824\r\n\r\n[")
    for _ in range(1024):
        writer.write(b" " * (1 << 20))
        await writer.drain()


async def _bomb(writer: asyncio.StreamWriter) -> None:
    writer.write(_OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_ZEROS) + _ZEROS)
    await writer.drain()


async def _rubbish(writer: asyncio.StreamWriter) -> None:
    writer.write(_OK + b"Content-Length: 4096\r\n\r\n" + os.urandom(4096))


async def _no_http(writer: asyncio.StreamWriter) -> None:
    writer.write(os.urandom(4096))


async def _deep(writer: asyncio.StreamWriter) -> None:
    writer.write(_OK + b"Content-Length: 1000000\r\n\r\n" + b"[" * 1_000_000)


async def _breaks_off(writer: asyncio.StreamWriter) -> None:
    writer.write(_OK + b"Content-Length: 1000\r\n\r\n[{")


BAD: dict[str, Answer] = {
    "hangs": _hang, "drips": _drip, "gigabyte": _gigabyte, "bomb": _bomb, "rubbish": _rubbish, "no-http": _no_http,
    "deep": _deep, "breaks-off": _breaks_off,
}  # fmt: skip
SLOW = {"hangs", "drips", "pipe"}
"""Those that are known to fail only when their patience is over."""


async def _serve(stack: AsyncExitStack, answer: Answer) -> str:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await answer(writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    stack.callback(server.close)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _lists(served: Site, *fingerprints: str) -> None:
    served.serve("/api/v2/alerts", [{**item(), "fingerprint": one} for one in fingerprints])
    served.serve("/api/v2/status", {"uptime": "2026-01-01T00:00:00Z"})


def _settings(store: Path, urls: dict[str, str], lines: Path, pipe: Path) -> None:
    tables = [f'[sources.{name}]\nkind = "alertmanager"\nurl = "{url}"\nevery = "1s"\n' for name, url in urls.items()]
    tables += [
        f'[sources.{name}]\nkind = "file"\npath = "{path}"\nevery = "1s"\n'
        for name, path in (("lines", lines), ("pipe", pipe))
    ]
    store.with_name("sev.toml").write_text("\n".join(tables), "utf-8")


async def _until(holds: Callable[[], bool], what: str) -> float:
    began = time.monotonic()
    while not await asyncio.to_thread(holds):
        assert time.monotonic() - began < PATIENCE, f"never: {what}"
        await asyncio.sleep(0.05)
    return time.monotonic() - began


def _has(store: Path, keys: set[str]) -> bool:
    return keys <= keys_in(store).keys()


def _states(store: Path) -> dict[str, dict[str, object]]:
    told = [json.loads(line) for line in sev(store, "sources", "--json").stdout.splitlines()]
    return {str(one["name"]): one for one in told}


async def test_what_one_source_does_never_stops_another(tmp_path: Path, size: Size, figure: Figure) -> None:
    lines, pipe, rounds = tmp_path / "lines.jsonl", tmp_path / "pipe", size(3, 60)
    lines.write_text("", "utf-8")
    os.mkfifo(pipe)
    slowest = 0.0
    async with AsyncExitStack() as stack:
        life = await stack.enter_async_context(AsyncExitStack())
        good, dying = await stack.enter_async_context(site()), await life.enter_async_context(site())
        _lists(good)
        _lists(dying, "before")
        urls = {name: await _serve(stack, answer) for name, answer in BAD.items()}
        urls |= {"good": good.url, "dies": dying.url}
        collector = Serving(tmp_path / "sev.db")
        _settings(collector.store, urls, lines, pipe)
        stack.callback(collector.close)
        await asyncio.to_thread(collector.start)
        before, most = collector.rss(), 0
        await _until(lambda: "dies:before" in keys_in(collector.store), "the one that dies was read before")
        await life.aclose()
        for n in range(rounds):
            _lists(good, *(f"listed-{m}" for m in range(n + 1)))
            with lines.open("a") as file:
                file.write(json.dumps({"key": f"line-{n}", "status": "failed"}) + "\n")
            wanted = {f"good:listed-{n}", f"lines:line-{n}"}
            took = await _until(partial(_has, collector.store, wanted), f"news of turn {n}")
            slowest, most = max(slowest, took), max(most, collector.rss())
        failing = {*BAD, "dies", *(("pipe",) if rounds > 10 else ())} - (set() if rounds > 10 else SLOW)
        await _until(lambda: all(_states(collector.store)[name]["failures"] for name in failing), "they are failing")
        states = await asyncio.to_thread(_states, collector.store)
        assert all(states[name]["last_error"] for name in failing)
        assert (states["good"]["state"], states["lines"]["state"]) == ("ok", "ok")
        grown = (most - before) / (1 << 20)
        stopped = await asyncio.to_thread(collector.stop)
    figure(
        f"{len(BAD) + 2} sources that hang, die, flood or send rubbish",
        f"news of the others within {slowest:.1f} s, memory grew by {grown:.0f} MB at most, stopped in {stopped:.1f} s",
    )
    assert slowest < GOES_ON_WITHIN * MARGIN
    assert grown < MEGABYTES
