"""Sources that fail, hang, refuse and come back, beside others that do not."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tests.collector.hand import PATIENCE, running
from tests.collector.sources.pull import pulling, source, utc_now
from tests.collector.sources.site import Site, hang, refusal, site
from tests.collector.sources.test_listing import item
from tests.collector.sources.test_tail import append
from tui.collector.intake import Prepared, Receipt, take_in
from tui.collector.sources import runner, taking
from tui.collector.sources.haul import Haul
from tui.collector.sources.lines import File
from tui.collector.sources.runner import LOST_AFTER
from tui.collector.triaging import Triager
from tui.config import SourceKind
from tui.errors import StoreError
from tui.formats.decode import Json
from tui.model.alert import AlertStatus, Verdict
from tui.model.severity import Severity
from tui.model.signal import Kind
from tui.store.engine import Connection
from tui.store.payloads import rejected
from tui.store.sources import FAILING, Cursor

AM, FILE = SourceKind.ALERTMANAGER, SourceKind.FILE
ALERTS, STATUS = "/api/v2/alerts", "/api/v2/status"


def up(served: Site, *items: Json, uptime: str = "2026-01-01T00:00:00Z") -> None:
    """Serve an Alertmanager that lists these."""
    served.serve(ALERTS, list(items))
    served.serve(STATUS, {"uptime": uptime, "config": {"original": "global:\n  resolve_timeout: 1s\n"}})


async def test_an_alert_fires_and_is_resolved_through_the_intake(tmp_path: Path) -> None:
    async with site() as served:
        up(served, {**item()})
        async with pulling(tmp_path, source("am", AM, url=served.url)) as look:
            await look.until(lambda: look.alert("am:f1"), "the alert")
            await look.polls("am")
            found = look.alert("am:f1")
            assert found is not None
            assert (found.status, found.count, found.severity) == (AlertStatus.FIRING, 1, Severity.SEV1)
            up(served)
            await look.until(lambda: (alert := look.alert("am:f1")) and alert.status is AlertStatus.RESOLVED, "its end")
            assert look.hand.is_whole()


async def test_same_as_gives_the_signals_the_name_of_the_pushed_source(tmp_path: Path) -> None:
    async with site() as served:
        up(served, {**item()})
        async with pulling(tmp_path, source("am-poll", AM, url=served.url, same_as="am-eu")) as look:
            await look.until(lambda: look.alert("am-eu:f1"), "the alert under the other name")
            up(served)
            await look.until(
                lambda: (alert := look.alert("am-eu:f1")) and alert.status is AlertStatus.RESOLVED, "its end"
            )
            assert look.state("am-poll") is not None
            assert look.state("am-eu") is None


async def test_a_source_that_is_lost_is_an_alert_until_it_is_back(tmp_path: Path) -> None:
    async with site() as served:
        served.serve(ALERTS, refusal(500))
        async with pulling(tmp_path, source("am", AM, url=served.url)) as look:
            await look.until(lambda: (s := look.state("am")) and s.failures >= FAILING, "failures")
            state = look.state("am")
            assert state is not None
            assert state.ails(utc_now())
            assert state.ok_at is None
            assert state.next_try_at is not None
            assert state.last_error == f"{served.url}{ALERTS} answers 500: go away"
            await look.until(lambda: look.alert("sev:source:am"), "the alert of the source itself")
            lost = look.alert("sev:source:am")
            state = look.state("am")
            assert lost is not None
            assert state is not None
            assert state.failures >= LOST_AFTER
            assert (lost.status, lost.source, lost.subject, lost.kind) == (AlertStatus.FIRING, "sev", "am", Kind.OTHER)
            assert (lost.severity, lost.verdict) == (Severity.SEV2, Verdict.INCIDENT)
            assert lost.title.startswith("source am cannot be read: ")
            assert [one.title for one in look.hand.candidates()] == [lost.title]
            up(served)
            await look.until(
                lambda: (alert := look.alert("sev:source:am")) and alert.status is AlertStatus.RESOLVED, "its end"
            )
            state = look.state("am")
            assert state is not None
            assert (state.failures, state.last_error, state.ails(utc_now())) == (0, "", False)
            assert look.hand.is_whole()


async def test_fewer_failures_are_no_alert(tmp_path: Path) -> None:
    async with site() as served:
        served.serve(ALERTS, refusal(503))
        async with pulling(tmp_path, source("am", AM, url=served.url)) as look:
            await look.until(lambda: (s := look.state("am")) and s.failures >= LOST_AFTER - 2, "failures")
            up(served)
            await look.polls("am", 1)
            assert look.alert("sev:source:am") is None


async def test_one_that_hangs_and_one_that_fails_stop_no_other(tmp_path: Path) -> None:
    async with site() as served, site() as slow:
        up(served, {**item()})
        slow.serve(ALERTS, hang)
        settings = (
            source("a-hangs", AM, url=slow.url),
            source("b-missing", FILE, path=tmp_path / "not-there.jsonl"),
            source("c-am", AM, url=served.url),
        )
        async with pulling(tmp_path, *settings, patience=0.2) as look:
            await look.until(lambda: look.alert("c-am:f1"), "the alert of the one that works")
            await look.until(lambda: (s := look.state("a-hangs")) and s.failures >= 2, "time-outs")
            await look.until(lambda: (s := look.state("b-missing")) and s.failures >= 2, "failures")
            await look.polls("c-am", 3)
            state = look.state("a-hangs")
            assert state is not None
            assert "no answer from" in state.last_error


async def test_it_stops_at_once_while_a_server_hangs(tmp_path: Path) -> None:
    async with site() as served:
        served.serve(ALERTS, hang)
        async with asyncio.timeout(5), pulling(tmp_path, source("am", AM, url=served.url), patience=60) as look:
            await look.until(lambda: served.asked, "a question")


async def test_a_server_that_asks_for_patience_gets_it(tmp_path: Path) -> None:
    async with site() as served:
        served.serve(ALERTS, refusal(429, Retry_After="1800"))
        async with pulling(tmp_path, source("am", AM, url=served.url)) as look:
            await look.until(lambda: (s := look.state("am")) and s.failures, "a failure")
            state = look.state("am")
            assert state is not None
            assert state.next_try_at is not None
            assert timedelta(minutes=29) < state.next_try_at - utc_now() <= timedelta(minutes=30)
            assert len(served.asked) == 1


async def test_an_unchanged_list_is_a_complete_poll(tmp_path: Path) -> None:
    async def unchanged(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("If-None-Match"):
            return web.Response(status=304)
        return web.json_response([item()], headers={"ETag": "x"})

    async with site() as served:
        up(served)
        served.serve(ALERTS, unchanged)
        async with pulling(tmp_path, source("am", AM, url=served.url)) as look:
            await look.polls("am", 4)
            found = look.alert("am:f1")
            assert found is not None
            assert (found.status, found.count) == (AlertStatus.FIRING, 1)


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(b'{"key": "history", "title": "t"}\n')
    settings = source("jobs", FILE, path=path)
    keys = [f"k{n}" for n in range(230)]

    def write(names: list[str], end: str = "\n") -> None:
        with path.open("a") as file:
            file.write("\n".join(json.dumps({"key": name, "title": name}) for name in names) + end)

    async with pulling(tmp_path, settings) as look:
        await look.polls("jobs", 1)
        write(keys[:120])
        await look.until(lambda: look.alert(f"jobs:{keys[119]}"), "the first lines")
    write(keys[120:150], end="\n{")
    path.rename(path.with_name("jobs.jsonl.1"))
    append(path.with_name("jobs.jsonl.1"), b'"key": "torn", "title": "t"}\n')
    write(keys[150:])
    async with pulling(tmp_path, settings) as look:
        await look.until(lambda: look.alert(f"jobs:{keys[-1]}"), "the last line")
        await look.polls("jobs", 1)
        found = {alert.key.removeprefix("jobs:"): alert.count for alert in look.hand.alerts()}
        assert found == dict.fromkeys([*keys, "torn"], 1), "every line once; what was there at first is history"
        assert look.hand.is_whole()


async def test_failures_are_remembered_across_a_restart(tmp_path: Path) -> None:
    async with site() as served:
        served.serve(ALERTS, refusal(500))
        settings = source("am", AM, url=served.url)
        async with pulling(tmp_path, settings) as look:
            await look.until(lambda: look.alert("sev:source:am"), "the alert of the source itself")
        up(served)
        async with pulling(tmp_path, settings) as look:
            await look.until(
                lambda: (alert := look.alert("sev:source:am")) and alert.status is AlertStatus.RESOLVED, "its end"
            )


async def test_a_source_that_left_the_settings_is_no_longer_told_of(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(b"")
    async with pulling(tmp_path, source("jobs", FILE, path=path), source("gone", FILE, path=path)) as look:
        await look.polls("gone", 1)
    async with pulling(tmp_path, source("jobs", FILE, path=path)) as look:
        await look.polls("jobs", 1)
        assert look.state("gone") is None


async def test_a_line_that_cannot_be_read_is_kept_for_a_human(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(b"")
    async with pulling(tmp_path, source("jobs", FILE, path=path)) as look:
        await look.polls("jobs", 1)
        path.write_bytes(b'not json\n{"key": "k", "title": "t"}\n')
        await look.until(lambda: look.alert("jobs:k"), "the line behind it")
        (kept,) = look.hand.store.read(rejected)
        assert (kept.source, kept.size) == ("jobs", 8)


async def test_a_fault_of_our_own_costs_one_body_and_not_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(b"")

    def faulty(conn: Connection, now: datetime, batch: Sequence[Prepared], triager: Triager) -> list[Receipt]:
        if any(b"poison" in one.kept and one.refused is None for one in batch):
            raise ZeroDivisionError
        return take_in(conn, now, batch, triager)

    monkeypatch.setattr(taking, "take_in", faulty)
    async with pulling(tmp_path, source("jobs", FILE, path=path)) as look:
        await look.polls("jobs", 1)
        path.write_bytes(b'{"key": "a"}\n{"key": "poison"}\n{"key": "b"}\n')
        await look.until(lambda: look.alert("jobs:b"), "the line behind it")
        await look.until(lambda: look.hand.store.read(rejected), "the poisoned one, kept for a human")
        append(path, b'{"key": "c"}\n')
        await look.until(lambda: look.alert("jobs:c"), "what came later")
        assert look.alert("jobs:poison") is None
        a = look.alert("jobs:a")
        assert a is not None
        assert a.count == 1


async def test_a_store_that_cannot_be_written_is_no_failure_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(b"")
    monkeypatch.setattr(runner, "_STORE_WAIT", 0.05)
    tried: list[int] = []

    def full(conn: Connection, now: datetime, batch: Sequence[Prepared], triager: Triager) -> list[Receipt]:
        if batch and len(tried) < 3:
            tried.append(len(batch))
            raise StoreError("the store cannot be written", "the disk is full")
        return take_in(conn, now, batch, triager)

    monkeypatch.setattr(taking, "take_in", full)
    async with pulling(tmp_path, source("jobs", FILE, path=path)) as look:
        await look.polls("jobs", 1)
        path.write_bytes(b'{"key": "a", "title": "t"}\n')
        await look.until(lambda: look.alert("jobs:a"), "the line, once there is room")
        state, alert = look.state("jobs"), look.alert("jobs:a")
        assert state is not None
        assert alert is not None
        assert (state.failures, alert.count, tried) == (0, 1, [1, 1, 1])


async def test_the_collector_pulls_and_stops_cleanly(tmp_path: Path) -> None:
    async with site() as served:
        up(served, {**item()})
        settings = (source("am", AM, url=served.url), source("lost", AM, url="http://127.0.0.1:1"))
        async with running(tmp_path, sources=settings) as collector:
            status, _, _ = await collector.call("/v1/jobs", b'{"key": "pushed", "title": "t"}')
            assert status == 202
            with collector.look() as hand:
                deadline = time.monotonic() + PATIENCE
                while "am:f1" not in {alert.key for alert in hand.alerts()}:
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.02)
            code, body, _ = await collector.call("/healthz", method="GET", body=None)
            assert (code, body) == (200, {"status": "ok"})
        assert collector.task.done()


@pytest.mark.parametrize("fault", [asyncio.CancelledError, RecursionError])
async def test_a_source_that_crashes_begins_again_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    """Whatever comes out of one of them, also where it looks as if its task had been cancelled."""
    (tmp_path / "one").write_text("")
    (tmp_path / "two").write_text("")
    whole, broken = File.pull, True

    async def pull(self: File, cursor: Cursor, now: datetime) -> Haul:
        if broken and self._path.name == "one":
            raise fault
        return await whole(self, cursor, now)

    monkeypatch.setattr(File, "pull", pull)
    one, two = (source(name, FILE, path=tmp_path / name) for name in ("one", "two"))
    async with pulling(tmp_path, one, two) as look:
        await look.polls("two")
        await look.until(lambda: (s := look.state("one")) and s.failures >= FAILING, "failures", 20)
        state = look.state("one")
        assert state is not None
        assert "failed to read it" in state.last_error
        broken = False
        await look.polls("one")
        await look.polls("two")


async def test_a_pipe_that_nobody_writes_to_holds_up_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("")
    pipe, file = (source(name, FILE, path=tmp_path / name) for name in ("pipe", "file"))
    async with pulling(tmp_path, pipe, file, patience=0.2) as look:
        await look.until(lambda: (s := look.state("pipe")) and s.failures >= FAILING, "failures")
        state = look.state("pipe")
        assert state is not None
        assert "does not answer" in state.last_error
        await look.polls("file")
        assert threading.active_count() < 12, "no thread more for each try"
        (tmp_path / "pipe").rename(tmp_path / "away")
        (tmp_path / "pipe").write_text("")
        with (tmp_path / "away").open("w"):
            await look.polls("pipe")
