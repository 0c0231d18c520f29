"""`sev ingest` beside a real collector, beside a console's own, and beside its like: who judges, and what is said."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.servers import PATIENCE, Collector, collector
from tests.support.terminal import Terminal
from tui.collector.lease import Holder, Lease, holder, is_held, lease_path
from tui.collector.passing import PATIENCE as WAITS
from tui.model.alert import Alert, Verdict
from tui.store.alerts import get_alert
from tui.store.engine import Store

pytestmark = pytest.mark.real


def start(store: Path, key: str, *words: str) -> "subprocess.Popen[str]":
    """`sev ingest` of a failed job."""
    argv = [sys.executable, "-m", "tui", "--store", str(store), "ingest", "--source", "cron", *words]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(json.dumps({"key": key, "title": "out of disk", "status": "failed", "severity": "high"}))
    process.stdin.close()
    process.stdin = None
    return process


def end(process: "subprocess.Popen[str]") -> str:
    """What it said; it must end well and without a word of complaint."""
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    return out


def ingest(store: Path, key: str, *words: str) -> str:
    return end(start(store, key, *words))


def alert(store: Path, number: int = 1) -> Alert:
    with Store(store, read_only=True) as opened:
        return opened.read(lambda conn: get_alert(conn, number))


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


def test_the_collector_judges_what_was_ingested_beside_it(tmp_path: Path) -> None:
    with collector(tmp_path / "sev.db") as serving:
        assert ingest(serving.store, "load") == "A-1 firing load: out of disk\n"
        (told,) = [json.loads(line) for line in ingest(serving.store, "mart", "--json").splitlines()]
        assert (told["id"], told["verdict"], told["received"]) == ("A-2", "incident", False)
        assert told["candidate"] is not None
        found = holder(lease_path(serving.store))
        assert found is not None
        assert (found.pid, found.passing) == (serving.process.pid, False)


def freeze(serving: Collector, how: signal.Signals) -> None:
    os.kill(serving.process.pid, how)


def test_a_collector_that_hangs_judges_later_and_nothing_is_lost(tmp_path: Path) -> None:
    with collector(tmp_path / "sev.db") as serving:
        freeze(serving, signal.SIGSTOP)
        try:
            began = time.monotonic()
            (told,) = [json.loads(line) for line in ingest(serving.store, "load", "--json").splitlines()]
            assert time.monotonic() - began >= WAITS
            assert (told["id"], told["verdict"], told["state"], told["received"]) == ("A-1", "received", "new", True)
            assert ingest(serving.store, "mart") == "A-2 received mart: out of disk\n"
        finally:
            freeze(serving, signal.SIGCONT)
        until(lambda: alert(serving.store, 2).verdict is Verdict.INCIDENT, "judged by the collector")
        assert alert(serving.store).verdict is Verdict.INCIDENT


def test_what_a_killed_collector_left_is_judged_by_the_next(tmp_path: Path) -> None:
    with collector(tmp_path / "sev.db") as serving:
        freeze(serving, signal.SIGSTOP)
        assert "received" in ingest(serving.store, "load")
        serving.process.kill()
        serving.process.wait(PATIENCE)
    with collector(tmp_path / "sev.db"):
        until(lambda: alert(tmp_path / "sev.db").verdict is Verdict.INCIDENT, "judged by the next collector")


def test_many_at_once_without_a_collector_judge_all_of_it_and_leave_no_lease(tmp_path: Path) -> None:
    store = tmp_path / "sev.db"
    ingest(store, "first")
    said = [end(process) for process in [start(store, f"job {n}") for n in range(6)]]
    assert all(" firing job " in one for one in said), said
    assert {alert(store, number).verdict for number in range(1, 8)} == {Verdict.INCIDENT}
    assert not is_held(lease_path(store))
    assert lease_path(store).read_bytes() == b""


def test_a_collector_that_starts_meanwhile_waits_for_its_turn(tmp_path: Path) -> None:
    store = tmp_path / "sev.db"
    ingest(store, "load")
    lease = Lease(lease_path(store))
    assert lease.try_take(Holder(pid=os.getpid(), host="h", started_at=datetime.now(UTC), passing=True))
    argv = [sys.executable, "-m", "tui", "--store", str(store), "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(2)
            lease.release()
            assert process.stdout is not None
            assert process.stdout.readline().startswith("listening on ")
        finally:
            process.terminate()
            process.wait(PATIENCE)


def test_beside_a_console_its_own_collector_judges(tmp_path: Path) -> None:
    store = tmp_path / "sev.db"
    argv = [sys.executable, "-m", "tui", "--store", str(store), "--as", "ann"]
    with Terminal(argv, cols=120, rows=36) as ann:
        ann.wait_for("nothing waits for you")
        until(lambda: (found := holder(lease_path(store))) is not None and found.child, "its child collects")
        assert ingest(store, "load") == "A-1 firing load: out of disk\n"
        ann.wait_for("out of disk")
        ann.wait_for("C-1")
        ann.press("q")
        ann.wait_for("q again quits")
        ann.press("q")
        ann.wait_exit()
