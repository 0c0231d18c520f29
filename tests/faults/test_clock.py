"""The machine's clock is set a day ahead and back while everything runs: nothing changes places, nothing lasts less
than no time.

The clock is shifted in the libc of the running collector and of every verb; lease and deadlines go on by the
monotonic clock, as on a machine whose clock was set.
"""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.conftest import Figure
from tests.faults.serving import AUTHORITY, Serving, serving
from tests.faults.shim import Shim
from tui.formats.decode import Json
from tui.model.events import SignalSeen
from tui.store import log
from tui.store.engine import Store

pytestmark = pytest.mark.real

DAY = timedelta(days=1)
SHIFTS = (timedelta(0), DAY, -DAY, timedelta(0))


class Shifted:
    """A collector and verbs that share a clock which can be set."""

    def __init__(self, collector: Serving, shim: Shim) -> None:
        self.collector = collector
        self.shim = shim

    def post(self, path: str, body: Json) -> None:
        request = urllib.request.Request(self.collector.url + path, json.dumps(body).encode(), AUTHORITY)
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 202

    def get(self, path: str) -> str:
        request = urllib.request.Request(self.collector.url + path, headers=AUTHORITY)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(answer.read().decode())

    def sev(self, *words: str) -> str:
        argv = [sys.executable, "-m", "tui", "--store", str(self.collector.store), "--as", "ann", *words]
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **self.shim.environment}
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    def json(self, *words: str) -> list[dict[str, Json]]:
        return [json.loads(line) for line in self.sev(*words, "--json").splitlines()]


@pytest.fixture
def shifted(tmp_path: Path) -> Iterator[Shifted]:
    shim = Shim(tmp_path)
    with serving(tmp_path / "sev.db", environment=shim.environment) as collector:
        yield Shifted(collector, shim)
        collector.stop()


def durations(one: dict[str, Json]) -> list[float]:
    """The spans in seconds of an object, those that it has."""
    return [value for name, value in one.items() if name.endswith("_s") and isinstance(value, (int, float))]


def test_a_clock_that_is_set_reorders_nothing(shifted: Shifted, figure: Figure) -> None:
    told: list[str] = []

    def fire(key: str, status: str = "firing") -> None:
        shifted.post("/v1/jobs", {"key": key, "status": status, "title": f"{key} {status}", "severity": "critical"})
        told.append(f"jobs:{key} {status}")

    for n, shift in enumerate(SHIFTS):
        shifted.shim.shift_clock(shift)
        fire(f"job-{n}")
        for before in range(n):
            fire(f"job-{before}", "resolved" if n % 2 else "firing")
        if n == 0:
            shifted.sev("declare", "--alert", "A-1", "--title", "orders are late", "--sev", "2")
        shifted.sev("note", "INC-1", f"look number {n}")
        shifted.sev("ack", f"A-{n + 1}")
    shifted.sev("mitigate", "INC-1")
    shifted.sev("resolve", "INC-1")
    with Store(shifted.collector.store) as store:
        events = store.read(lambda conn: log.since(conn, 0, 10_000))
    bodies = [event.body for event in events]
    seen = [f"{body.key} {body.word}" for body in bodies if isinstance(body, SignalSeen)]
    assert _in_order(seen, told)
    assert len(seen) >= len(SHIFTS)
    with Store(shifted.collector.store) as store:
        spans = store.read(
            lambda conn: conn.execute(
                "SELECT last_seen - first_seen AS heard, ifnull(ended_at - started_at, 0) AS lasted FROM alert"
            ).fetchall()
        )
    assert len(spans) == len(SHIFTS)
    assert min(min(row["heard"], row["lasted"]) for row in spans) >= 0
    (incident,) = shifted.json("incidents")
    assert all(length >= 0 for length in durations(incident)), incident
    notes = [str(entry["text"]) for entry in shifted.json("timeline", "INC-1") if "look number" in str(entry["text"])]
    assert notes == [f"look number {n}" for n in range(len(SHIFTS))]
    assert shifted.get("/healthz")
    ages = [line for line in shifted.get("/metrics").splitlines() if "age_seconds{" in line]
    assert ages
    assert all(float(line.split()[-1]) >= 0 for line in ages)
    for words in (("status",), ("board",), ("alerts",), ("timeline", "INC-1"), ("export", "INC-1"), ("sources",)):
        assert not _negative(shifted.sev(*words)), words
    assert "true" in shifted.sev("verify", "--json").lower()
    figure("clock set by a day, ahead and back", f"{len(events)} events in order, no negative span")


def _in_order(part: list[str], whole: list[str]) -> bool:
    """Whether `part` comes in `whole` in the same order."""
    rest = iter(whole)
    return all(one in rest for one in part)


def _negative(text: str) -> list[str]:
    return re.findall(r"(?<![\w-])-\d+ ?(?:s|m|h|d|min)\b", text)
