"""A terminal that is gone, or that nobody reads: the console ends by itself or waits, and costs nothing meanwhile."""

import os
import signal
import time
from functools import partial
from pathlib import Path
from statistics import median

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.consoles import (
    AT_HOME,
    MARGIN,
    NOHUP,
    children,
    collects,
    console,
    cpu_seconds,
    has_ended,
    is_whole,
    own_port,
    post,
    until,
)
from tests.support.terminal import Terminal
from tui.store.engine import Store
from tui.store.feed import counts

pytestmark = pytest.mark.real

GONE_WITHIN = 2.0
STOPPED_WITHIN = 3.0
SPUN = 1.5
"""Seconds of processor time; a console that reads from a terminal that is gone burns them in as many seconds."""


@pytest.mark.parametrize("under", [(), NOHUP], ids=["hears SIGHUP", "ignores SIGHUP"])
def test_the_terminal_is_taken_away(under: tuple[str, ...], tmp_path: Path, size: Size, figure: Figure) -> None:
    store, took, used, times = own_port(tmp_path), list[float](), list[float](), size(3, 50)
    for _ in range(times):
        with console(store, under=under) as terminal:
            until(lambda: collects(store))
            collector = children(terminal.pid)[0]
            seconds, processor = _taken_away(terminal)
            took.append(seconds)
            used.append(processor)
            until(partial(has_ended, collector))
    what = "terminal gone, SIGHUP ignored" if under else "terminal gone"
    figure(
        what, f"{times} times: console gone after median {median(took):.2f} s, most {max(took):.2f} s; "
        f"{max(used):.2f} s of processor at most; its collector gone"
    )  # fmt: skip
    assert median(took) < GONE_WITHIN
    assert max(took) < GONE_WITHIN * MARGIN
    assert median(used) < SPUN
    assert is_whole(store)


def _taken_away(terminal: Terminal) -> tuple[float, float]:
    """Seconds until the console was gone, and the processor time it used for that."""
    before = spent = cpu_seconds(terminal.pid)

    def is_gone() -> bool:
        nonlocal spent
        if has_ended(terminal.pid):
            return True
        spent = cpu_seconds(terminal.pid)
        return False

    terminal.hang_up()
    took = until(is_gone)
    assert terminal.wait_exit() == 128 + signal.SIGHUP
    return took, spent - before


def test_nobody_reads_the_terminal(tmp_path: Path, size: Size, figure: Figure) -> None:
    store, seconds = own_port(tmp_path), size(10, 120)
    with console(store) as terminal:
        until(lambda: collects(store))
        terminal.stop_reading()
        answers, ends = list[float](), time.monotonic() + seconds
        before, began = cpu_seconds(terminal.pid), time.monotonic()
        while time.monotonic() < ends:
            asked = time.monotonic()
            assert post(store, f"job_{len(answers)}") == 202
            answers.append(time.monotonic() - asked)
            terminal.resize(120 + len(answers) % 2, 36)  # a whole new picture each time
            time.sleep(0.05)
        share = (cpu_seconds(terminal.pid) - before) / (time.monotonic() - began)
        with Store(store, read_only=True) as reader:
            assert reader.read(counts).waiting == len(answers)
        terminal.read_on()
        terminal.wait_for(f"{len(answers)} wait")  # the present, not what piled up
        terminal.stop_reading()
        for turn in range(40):
            terminal.resize(120 + turn % 2, 36)
            time.sleep(0.02)
        began = time.monotonic()
        os.kill(terminal.pid, signal.SIGTERM)
        until(lambda: has_ended(terminal.pid))
        took = time.monotonic() - began
        assert terminal.tty == terminal.tty_at_first
        terminal.read_on()
        assert terminal.wait_exit() == 128 + signal.SIGTERM
        assert terminal.modes == AT_HOME
    figure(
        f"terminal unread for {seconds} s",
        f"{len(answers)} of {len(answers)} alerts answered and stored, median {median(answers) * 1000:.0f} ms; "
        f"console uses {share:.0%} of a core under this storm; SIGTERM ends it in {took:.2f} s, terminal restored",
    )
    assert took < STOPPED_WITHIN
    assert is_whole(store)
