"""Signals: whatever ends the console, the terminal is as it was, in time, and nothing is left running."""

import os
import signal
import time
from pathlib import Path
from statistics import median

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.consoles import (
    AT_HOME,
    MARGIN,
    children,
    collects,
    console,
    has_ended,
    is_whole,
    own_port,
    state,
    until,
)
from tui.store.engine import Store
from tui.store.log import head

pytestmark = pytest.mark.real

GONE_WITHIN = 1.0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM], ids=lambda number: number.name)
def test_again_and_again(number: signal.Signals, tmp_path: Path, size: Size, figure: Figure) -> None:
    store, took, times = own_port(tmp_path), list[float](), size(4, 100)
    for _ in range(times):
        with console(store) as terminal:
            began = time.monotonic()
            os.kill(terminal.pid, number)
            assert terminal.wait_exit() == 128 + number
            took.append(time.monotonic() - began)
            assert terminal.modes == AT_HOME
            assert terminal.tty == terminal.tty_at_first
    figure(
        f"console ended by {number.name}",
        f"{times} times: terminal restored {times}; median {median(took):.2f} s, most {max(took):.2f} s",
    )
    assert median(took) < GONE_WITHIN
    assert max(took) < GONE_WITHIN * MARGIN


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGINT])
def test_a_note_half_typed_is_not_written_and_the_collector_ends(number: signal.Signals, tmp_path: Path) -> None:
    store = own_port(tmp_path)
    with console(store) as terminal:
        until(lambda: collects(store))
        collector = children(terminal.pid)
        assert len(collector) == 1
        terminal.press("d")
        terminal.wait_for("Declare an incident")
        terminal.type("rows are missi")
        terminal.wait_for("rows are missi")
        assert terminal.tty != terminal.tty_at_first
        events = _events(store)
        os.kill(terminal.pid, number)
        assert terminal.wait_exit() == 128 + number
        assert terminal.modes == AT_HOME
        assert terminal.tty == terminal.tty_at_first
        until(lambda: has_ended(collector[0]))
    assert _events(store) == events
    assert is_whole(store)


def test_what_was_typed_ahead_is_not_for_the_shell(tmp_path: Path) -> None:
    """Keys that come while the console ends must not be run as a command by the shell that gets the terminal."""
    shell = ("/bin/sh", "-c", '"$@"; IFS= read -r line; echo "[$line]"', "sh")
    with console(own_port(tmp_path), under=shell) as terminal:
        pid = children(terminal.pid)[0]
        os.kill(pid, signal.SIGSTOP)
        until(lambda: state(pid) == "T")
        terminal.type("rm -rf here\r")
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)
        until(lambda: has_ended(pid))
        terminal.type("mine\r")
        terminal.wait_for("[mine]")


def _events(store: Path) -> int:
    with Store(store, read_only=True) as reader:
        return reader.read(head)[0]
