"""Several people at one store: two consoles and a script see each other's changes at once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.support.servers import Collector, collector
from tests.support.terminal import Terminal
from tui.logins import own_name

pytestmark = pytest.mark.real

SEEN_WITHIN = 0.3
"""Seconds from a commit to every other screen."""

MARGIN = 5

LOGIN = own_name(os.getuid())


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Collector]:
    with collector(tmp_path / "sev.db") as running:
        yield running


def _console(store: Path, who: str) -> Terminal:
    terminal = Terminal([sys.executable, "-m", "tui", "--store", str(store), "--as", who], cols=120, rows=36)
    terminal.wait_for("nothing waits for you")
    return terminal


def _sev(store: Path, *words: str) -> str:
    argv = [sys.executable, "-m", "tui", "--store", str(store), "--as", "script", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30).stdout


def _seen(terminal: Terminal, words: str, since: float) -> float:
    terminal.wait_for(words)
    return time.monotonic() - since


def test_two_consoles_and_a_script_see_each_other(serving: Collector) -> None:
    with _console(serving.store, "ann") as ann, _console(serving.store, "bo") as bo:
        delays: list[float] = []
        body = {"key": "load_orders", "title": "out of disk", "status": "firing", "severity": "high"}
        serving.post("/v1/cron", body)
        arrived = time.monotonic()
        delays += [_seen(ann, "load_orders", arrived), _seen(bo, "load_orders", arrived)]

        ann.press("a")
        ann.wait_for("acknowledged C-1")
        delays.append(_seen(bo, f"ann (as {LOGIN}) acknowledged", time.monotonic()))

        _sev(serving.store, "declare", "C-1", "--title", "Orders are late", "--sev", "2")
        declared = time.monotonic()
        delays += [_seen(ann, "INC-1  Orders are late", declared), _seen(bo, "INC-1  Orders are late", declared)]

        for n in range(5):
            bo.press("n")
            bo.wait_for("note INC-1:")
            bo.type(f"look number {n}\r")
            bo.wait_for("noted E-")
            delays.append(_seen(ann, f"bo (as {LOGIN}): look number {n}", time.monotonic()))
        assert "look number 4" in _sev(serving.store, "timeline", "INC-1")
    print(f"commit to another screen: median {median(delays):.3f} s, most {max(delays):.3f} s, n {len(delays)}")
    assert max(delays) < SEEN_WITHIN * MARGIN


def test_a_rejected_payload_is_on_the_screen_and_kept(serving: Collector) -> None:
    with _console(serving.store, "ann") as ann:
        status, answer = serving.post("/v1/alertmanager", {"alerts": "none", "version": "4", "groupKey": "x"})
        assert (status, answer["status"]) == (202, "rejected")
        ann.wait_for("1 rejected")
        assert "alerts" in _sev(serving.store, "show", str(answer["id"]))
