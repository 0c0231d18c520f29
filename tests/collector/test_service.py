"""The running collector: starting, being the only one, keeping time, stopping, being killed."""

import asyncio
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from tests.collector.hand import PATIENCE, TOKEN, Hand, Running, running, until
from tui.collector.lease import FRESH, age, holder, is_held, lease_path
from tui.collector.service import HELD, serve
from tui.config import CollectorSettings, Config, SourceSettings
from tui.errors import ConfigError, StoreError, UsageError
from tui.model.alert import AlertStatus
from tui.store.engine import Store

_SERVE = """
import asyncio, sys
from pathlib import Path
from tui.collector.service import serve
from tui.config import Config
say = lambda line: print(line, flush=True)
child = sys.argv[2] == "child"
sys.exit(asyncio.run(serve(Config(store=Path(sys.argv[1])), announce=say, listen=("127.0.0.1:0",), child=child)))
"""
_PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2], "child"])
sys.stdin.readline()
"""


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@contextmanager
def process(store: Path, mode: str = "alone") -> Iterator["subprocess.Popen[str]"]:
    argv = [sys.executable, "-c", _SERVE, str(store), mode]
    environment = {**os.environ, "SEV_TOKEN": TOKEN}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment) as started:
        try:
            yield started
        finally:
            started.kill()


def parent_of_child(store: Path) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-c", _PARENT, _SERVE, str(store)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def said(started: "subprocess.Popen[str]") -> str:
    assert started.stdout is not None
    return started.stdout.readline().strip()


async def post(url: str, key: str) -> int:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession() as session:
        body = json.dumps({"key": key}).encode()
        async with session.post(f"{url}/v1/jobs", data=body, headers=headers) as answer:
            return answer.status


async def test_it_says_where_it_listens_where_the_token_lies_and_holds_the_lease(collector: Running) -> None:
    place = lease_path(collector.config.store)
    held, silence = holder(place), age(place, datetime.now(UTC))
    assert held is not None
    assert silence is not None
    assert (held.pid, held.listen) == (os.getpid(), (collector.url, f"unix:{collector.socket}"))
    assert silence < FRESH
    assert collector.lines == [
        f"listening on {collector.url}", f"listening on unix:{collector.socket}", "token: SEV_TOKEN", f"lease: {place}",
    ]  # fmt: skip


async def test_after_it_stopped_nothing_of_it_is_left(tmp_path: Path) -> None:
    async with running(tmp_path) as collector:
        await collector.call("/v1/jobs", b'{"key": "a"}')
    assert not is_held(lease_path(collector.config.store))
    assert holder(lease_path(collector.config.store)) is None
    assert not {"sev.sock", "sev.db.token"} & names(tmp_path)


async def test_a_second_one_says_who_is_first_and_goes(collector: Running) -> None:
    lines: list[str] = []
    code = await serve(collector.config, announce=lines.append, environment={"SEV_TOKEN": TOKEN})
    assert code == HELD
    assert lines[0].startswith(f"pid {os.getpid()} on ")
    assert (await collector.call("/v1/jobs", b'{"key": "a"}'))[0] == 202


async def test_the_clocks_run(tmp_path: Path) -> None:
    async with running(tmp_path, quiet_after=timedelta(seconds=0.2)) as collector:
        await collector.call("/v1/jobs", b'{"key": "a"}')
        with collector.look() as hand:
            await until(lambda: hand.alert().status is AlertStatus.QUIET, "the alert goes quiet")


async def test_without_its_lease_it_stops(collector: Running) -> None:
    lease_path(collector.config.store).unlink()
    await until(collector.task.done, "the collector stops")
    assert collector.task.result() == HELD


async def test_stopping_under_load_keeps_everything_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []

    async def keep_posting(collector: Running, name: str) -> None:
        for n in range(10_000):
            try:
                status = await post(collector.url, f"{name}-{n}")
            except aiohttp.ClientError:
                return
            assert status == 202
            acknowledged.append(f"jobs:{name}-{n}")

    async with running(tmp_path) as collector:
        senders = [asyncio.create_task(keep_posting(collector, name)) for name in "abcdef"]
        await until(lambda: len(acknowledged) > 60, "some were acknowledged")
    await asyncio.gather(*senders)
    with Store(collector.config.store) as store:
        hand = Hand(store, datetime.now(UTC))
        assert set(acknowledged) <= {alert.key for alert in hand.alerts()}
        assert hand.is_whole()


async def test_the_default_port_gives_way_a_stated_one_does_not(tmp_path: Path) -> None:
    taken: list[str] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    configs = [Config(store=tmp_path / name / "sev.db") for name in ("one", "two")]
    tasks = [asyncio.create_task(serve(config, announce=taken.append)) for config in configs]
    await until(lambda: sum(line.startswith("listening") for line in taken) == 2, "both listen")
    addresses = {line.split()[-1] for line in taken if line.startswith("listening")}
    assert len(addresses) == 2
    assert (tmp_path / "one" / "sev.db.token").exists()
    stated = addresses.pop().removeprefix("http://")
    with pytest.raises(UsageError, match="in use"):
        await serve(Config(store=tmp_path / "sev.db"), announce=taken.append, listen=(stated,))
    assert not is_held(tmp_path / "sev.db.lease")
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@pytest.mark.parametrize("place", ["[::]:0", "10.1.2.3:80", "example.org:80"])
async def test_beyond_this_machine_it_wants_tls(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError, match="in the clear"):
        await serve(Config(store=tmp_path / "sev.db"), announce=print, listen=("127.0.0.1:0", place))
    assert names(tmp_path) == set()


async def test_mistakes_of_the_settings_are_said_before_anything_starts(tmp_path: Path) -> None:
    wrong = Config(store=tmp_path / "sev.db", sources=(SourceSettings(name="x", format="yaml"),))
    with pytest.raises(ConfigError, match=r"sources\.x\.format"):
        await serve(wrong, announce=print)


async def test_after_a_crash_a_damaged_store_is_noticed(tmp_path: Path) -> None:
    config = Config(store=tmp_path / "sev.db", collector=CollectorSettings(listen=("127.0.0.1:0",)))
    with Store(config.store) as store:
        hand = Hand(store, datetime.now(UTC))
        hand.send([{"key": f"k{n}", "labels": {"x": "y" * 200}} for n in range(200)])
    lease_path(config.store).write_text('{"pid": 1}')
    with config.store.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096 * 10)
    with pytest.raises(StoreError, match="damaged"):
        await serve(config, announce=print, environment={"SEV_TOKEN": TOKEN})
    assert lease_path(config.store).read_text() != "", "the next one looks too"


async def test_with_a_certificate_it_speaks_tls(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    await asyncio.to_thread(
        subprocess.run,
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    settings = CollectorSettings(listen=("localhost:0",), tls_cert=cert, tls_key=key)
    lines: list[str] = []
    config = Config(store=tmp_path / "sev.db", collector=settings)
    task = asyncio.create_task(serve(config, announce=lines.append, environment={"SEV_TOKEN": TOKEN}))
    await until(lambda: bool(lines), "it listens")
    trusted = ssl.create_default_context(cafile=str(cert))
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{lines[0].split()[-1]}/healthz", ssl=trusted) as answer,
    ):
        assert answer.status == 200
    task.cancel()
    await asyncio.wait([task])


@pytest.mark.real
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with process(tmp_path / "sev.db") as started:
        url = said(started).split()[-1]
        assert await post(url, "a") == 202
        started.send_signal(number)
        assert await asyncio.to_thread(started.wait, PATIENCE) == 0
    assert holder(tmp_path / "sev.db.lease") is None


@pytest.mark.real
async def test_killed_it_has_kept_what_it_acknowledged_and_the_next_one_sees_it(tmp_path: Path) -> None:
    with process(tmp_path / "sev.db") as started:
        url = said(started).split()[-1]
        assert await asyncio.gather(*(post(url, f"k{n}") for n in range(30))) == [202] * 30
        started.kill()
        await asyncio.to_thread(started.wait, PATIENCE)
    assert not is_held(tmp_path / "sev.db.lease")
    async with running(tmp_path) as collector:
        assert "ended without giving it back" in collector.lines[-1]
        with collector.look() as hand:
            assert len(hand.alerts()) == 30
            assert hand.is_whole()


@pytest.mark.real
async def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    store = tmp_path / "sev.db"
    with parent_of_child(store) as parent:
        await until(lambda: is_held(lease_path(store)) and holder(lease_path(store)) is not None, "the child holds it")
        held = holder(lease_path(store))
        assert held is not None
        assert (held.child, held.pid != parent.pid) == (True, True)
        parent.kill()
        await asyncio.to_thread(parent.wait, PATIENCE)
        await until(lambda: not is_held(lease_path(store)), "the child ends")
    assert holder(lease_path(store)) is None, "it ended cleanly"
