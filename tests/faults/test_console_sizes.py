"""Windows of every size, changed all the time: no exception, and the right picture at the end."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.console.scenes import write_scene
from tests.faults.conftest import Figure, Size
from tests.faults.consoles import AT_HOME, console, own_port
from tests.support.terminal import Terminal

pytestmark = pytest.mark.real

DRAWN = ((40, 10), (79, 24), (80, 24), (99, 30), (100, 30), (139, 42), (140, 42), (300, 20), (45, 120), (500, 200))
TOO_SMALL = ((20, 5), (39, 10), (40, 9), (12, 30))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    place = own_port(tmp_path)
    write_scene("thick", place)
    return place


def test_back_and_forth(store: Path, size: Size, figure: Figure) -> None:
    times, chance = size(40, 500), random.Random(5)
    with console(store) as terminal:
        for turn in range(times):
            cols, rows = (20, 5) if turn % 2 == 0 else (200, 50)
            terminal.resize(cols, rows)
            if chance.random() < 0.3:
                terminal.press(chance.choice("1234"))
            if chance.random() < 0.3:
                terminal.wait_for("sev needs" if rows == 5 else "INC-2")
        terminal.resize(120, 36)
        for key in ("esc", "1", "g"):
            terminal.press(key)
            time.sleep(0.3)  # keys that come at once may be refused
        with console(store) as fresh:  # not a cell of another size is left
            terminal.wait_for(lambda screen: _panes(screen) == _panes(fresh.text()))
        _ends_well(terminal)
    figure("window between 200×50 and 20×5", f"changed {times} times: 0 exceptions, the right picture at the end")


def test_every_size(store: Path) -> None:
    with console(store) as terminal:
        for cols, rows in DRAWN:
            terminal.resize(cols, rows)
            terminal.wait_for(lambda screen: "INC-2" in screen.splitlines()[0] and "NEXT" in screen)
        for cols, rows in TOO_SMALL:
            terminal.resize(cols, rows)
            terminal.wait_for(lambda screen: "sev needs a" in screen and "INC-2" not in screen)
        terminal.resize(1, 1)
        terminal.resize(120, 36)
        terminal.wait_for(lambda screen: "INC-2" in screen.splitlines()[0])
        _ends_well(terminal)


def _panes(screen: str) -> list[str]:
    """All but the header, where clocks go and people come, and the line that says what was done last."""
    rows = screen.split("\n")
    return [*rows[3:-3], *rows[-2:]]


def _ends_well(terminal: Terminal) -> None:
    """It ends by what ended it, not by an exception that nobody saw."""
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.wait_exit() == 128 + signal.SIGTERM
    assert terminal.modes == AT_HOME
    assert b"Traceback" not in bytes(terminal.raw)
