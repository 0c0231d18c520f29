"""`kill -9` of consoles in the middle of what people do: an act is done whole or not at all."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.consoles import children, collects, console, has_ended, is_whole, own_port, until
from tests.support.servers import collector
from tui.collector import lease
from tui.model.text import clean
from tui.store.engine import Store
from tui.store.entries import timeline

pytestmark = pytest.mark.real


def test_killed_in_the_middle_of_an_act(tmp_path: Path, size: Size, figure: Figure) -> None:
    store, times, chance = own_port(tmp_path), size(6, 100), random.Random(9)
    raw, notes = 0, 0
    with collector(store):
        _declare(store)
        for turn in range(times):
            with console(store) as terminal:
                terminal.press("n")
                terminal.wait_for("note INC-1:")
                terminal.type(f"look {turn}\r")
                time.sleep(chance.random() * 0.2)  # the moment is what is tried out
                os.kill(terminal.pid, signal.SIGKILL)
                assert terminal.wait_exit() == -signal.SIGKILL
                raw += terminal.tty != terminal.tty_at_first
            assert is_whole(store)
    with Store(store, read_only=True) as reader:
        told = [entry.text for entry in reader.read(lambda conn: timeline(conn, 1, limit=1_000))]
    for turn in range(times):
        found = [text for text in told if text == clean(f"look {turn}")]
        assert len(found) <= 1
        notes += len(found)
    assert not [text for text in told if text.startswith("look") and not text[5:].isdigit()]
    figure(
        "console killed -9 while a note is written",
        f"{times} times: {notes} notes whole, {times - notes} not there, 0 in half; "
        f"the terminal stayed as it was {raw} times (nothing can restore it then: `reset`)",
    )


def test_the_collector_ends_with_a_killed_console_and_the_next_one_takes_over(tmp_path: Path) -> None:
    store = own_port(tmp_path)
    with console(store) as one, console(store) as other:
        until(lambda: collects(store))
        collecting = _collector_of(store)
        first, second = (one, other) if collecting in children(one.pid) else (other, one)
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: _collector_of(store) in children(second.pid) and collects(store))
        assert has_ended(collecting)


def _collector_of(store: Path) -> int:
    """The process that collects now; 0: none."""
    holder = lease.holder(lease.lease_path(store))
    return holder.pid if holder is not None else 0


def _declare(store: Path) -> None:
    argv = [sys.executable, "-m", "tui", "--store", str(store), "declare", "--title", "Orders are late", "--sev", "2"]
    subprocess.run(argv, check=True, capture_output=True, timeout=30)
