"""The heartbeat: called after a commit, never without one, and its failure is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from tests.collector.hand import TOKEN
from tui.collector.heartbeat import Heartbeat
from tui.collector.lease import holder, lease_path
from tui.collector.metrics import Metrics
from tui.collector.service import serve
from tui.config import CollectorSettings, Config, load
from tui.errors import ConfigError, StoreError
from tui.store.aio import AsyncStore
from tui.store.engine import Connection, Store
from tui.store.health import commit_nothing
from tui.store.integrity import verify


class Listener:
    """A real server that counts who calls, and answers as it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.status = 200
        self.url = ""
        self.hold = asyncio.Event()
        self.hold.set()

    async def answer(self, request: web.BaseRequest) -> web.Response:
        self.calls.append((request.method, request.path))
        await self.hold.wait()
        return web.Response(status=self.status)


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    runner = web.ServerRunner(web.Server(listener.answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    listener.url = f"http://{host}:{port}/ping/abc"
    try:
        yield listener
    finally:
        listener.hold.set()
        await runner.cleanup()


@asynccontextmanager
async def beating(
    url: str, path: Path, *, patience: float = 10, read_only: bool = False
) -> AsyncIterator[tuple[Metrics, list[str]]]:
    """A heartbeat that beats as fast as it can, with what it tells."""
    told: list[str] = []
    Store(path).close()
    async with AsyncStore(path, read_only=read_only) as store:
        metrics = Metrics(datetime.now(UTC))
        heart = Heartbeat(url, store, metrics, told.append, every=0.02, patience=patience)
        task = asyncio.create_task(heart.run())
        try:
            yield metrics, told
        finally:
            task.cancel()
            await asyncio.wait([task])


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came about")


def test_an_empty_commit_reaches_the_file_and_leaves_the_store_whole(tmp_path: Path) -> None:
    with Store(tmp_path / "sev.db") as one, Store(tmp_path / "sev.db", read_only=True) as other:
        before = other.data_version()
        one.tx(commit_nothing)
        assert other.data_version() != before
        assert verify(one).ok


async def test_it_calls_after_a_commit_of_its_own(tmp_path: Path) -> None:
    async with listening() as listener, beating(listener.url, tmp_path / "sev.db") as (metrics, told):
        with Store(tmp_path / "sev.db", read_only=True) as watch:
            before = watch.data_version()
            seen = len(listener.calls)
            await until(lambda: len(listener.calls) > seen + 1)
            assert watch.data_version() != before
        assert set(listener.calls) == {("GET", "/ping/abc")}
        assert told == []
        assert metrics.heartbeat_ok
        assert "sev_heartbeat_ok 1" in metrics.exposition()


async def test_without_a_commit_it_does_not_call(tmp_path: Path) -> None:
    async with (
        listening() as listener,
        beating(listener.url, tmp_path / "sev.db", read_only=True) as (metrics, told),
    ):
        await until(lambda: bool(told))
        assert told[0].startswith("held back: nothing was written")
        assert listener.calls == []
        assert "sev_heartbeat_ok 0" in metrics.exposition()


async def test_a_commit_that_fails_holds_it_back_until_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = True

    def touch(conn: Connection) -> None:
        if full:
            raise StoreError("the store cannot be written", "the disk is full", "free space")
        commit_nothing(conn)

    monkeypatch.setattr("tui.collector.heartbeat.commit_nothing", touch)
    async with listening() as listener, beating(listener.url, tmp_path / "sev.db") as (_, told):
        await until(lambda: bool(told))
        assert listener.calls == []
        full = False
        await until(lambda: told[-1] == "")
        assert listener.calls


async def test_a_refusal_and_its_end_are_told_once_each(tmp_path: Path) -> None:
    async with listening() as listener, beating(listener.url, tmp_path / "sev.db") as (_, told):
        listener.status = 503
        await until(lambda: bool(told))
        calls = len(listener.calls)
        await until(lambda: len(listener.calls) > calls + 3)
        assert told == ["127.0.0.1 answers 503"]
        listener.status = 204
        await until(lambda: told[-1] == "")
        assert len(told) == 2


async def test_one_that_does_not_answer_or_is_not_there(tmp_path: Path) -> None:
    async with listening() as listener:
        listener.hold.clear()
        async with beating(listener.url, tmp_path / "sev.db", patience=0.2) as (_, told):
            await until(lambda: bool(told))
            assert told == ["no answer from 127.0.0.1 in 0.2s"]
        listener.hold.set()
    async with beating(listener.url, tmp_path / "sev.db") as (_, told):
        await until(lambda: bool(told))
        assert told[0].startswith("cannot reach 127.0.0.1: ")
        assert "abc" not in told[0]


async def test_the_collector_calls_it_and_tells_everybody_when_it_fails(tmp_path: Path) -> None:
    async with listening() as listener:
        listener.status = 404
        settings = CollectorSettings(listen=("127.0.0.1:0",), heartbeat_url=listener.url)
        config = Config(store=tmp_path / "sev.db", collector=settings)
        task = asyncio.create_task(serve(config, announce=lambda _: None, environment={"SEV_TOKEN": TOKEN}))
        try:

            def fault() -> str:
                held = holder(lease_path(config.store))
                return held.heartbeat if held else ""

            await until(lambda: fault() == "127.0.0.1 answers 404")
        finally:
            task.cancel()
            await asyncio.wait([task])


@pytest.mark.parametrize("url", ["ftp://x/y", "https://", "hc.example/1", "https://li:pw@hc.example/1", "https://a b/"])
def test_what_is_no_address_is_a_mistake(tmp_path: Path, url: str) -> None:
    (tmp_path / "sev.toml").write_text(f'[collector]\nheartbeat_url = "{url}"\n')
    with pytest.raises(ConfigError, match=r"collector\.heartbeat_url: "):
        load(store=tmp_path / "sev.db")


def test_an_address_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "sev.toml").write_text('[collector]\nheartbeat_url = "https://hc.example/ping/1?rid=2"\n')
    assert load(store=tmp_path / "sev.db").collector.heartbeat_url == "https://hc.example/ping/1?rid=2"
