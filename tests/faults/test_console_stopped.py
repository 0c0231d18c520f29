"""A console that is stopped in the middle: others write on, the log beside the store stays small, it wakes to now."""

import os
import signal
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.consoles import console, is_whole, own_port, post, state, until
from tests.support.servers import collector
from tui.store.engine import Store
from tui.store.feed import counts

pytestmark = pytest.mark.real

WAL_LIMIT = 24 << 20
"""Bytes: three times what a checkpoint is made at."""


def test_stopped_while_others_write(tmp_path: Path, size: Size, figure: Figure) -> None:
    store, number = own_port(tmp_path), size(300, 5_000)
    with collector(store), console(store) as terminal:
        os.kill(terminal.pid, signal.SIGSTOP)
        until(lambda: state(terminal.pid) == "T")
        largest = 0
        for n in range(number):
            assert post(store, f"job_{n % 2_000}", "critical" if n % 2 else "low") == 202
            largest = max(largest, _wal(store))
        with Store(store, read_only=True) as reader:
            waiting = reader.read(counts).waiting
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for(f"{waiting} wait")
        assert {1049, 2004} <= terminal.modes
    figure(
        "console stopped by SIGSTOP",
        f"{number} alerts of others stored meanwhile, write-ahead log at most {largest / 1e6:.1f} MB; "
        "after SIGCONT it shows the present",
    )
    assert largest < WAL_LIMIT
    assert is_whole(store)


def _wal(store: Path) -> int:
    place = store.with_name(store.name + "-wal")
    return place.stat().st_size if place.exists() else 0
