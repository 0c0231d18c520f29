"""A console where nothing happens costs next to nothing."""

import time
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.consoles import children, collects, console, cpu_seconds, own_port, until

pytestmark = pytest.mark.real

SHARE = 0.01
MARGIN = 2


def test_nothing_happens(tmp_path: Path, size: Size, figure: Figure) -> None:
    store, seconds = own_port(tmp_path), size(10, 55)
    with console(store) as terminal:
        until(lambda: collects(store))
        terminal.wait_for("data ok")
        time.sleep(1)  # the last picture is out
        _begin_of_a_minute(seconds)
        collector = children(terminal.pid)[0]
        written, before = len(terminal.raw), (cpu_seconds(terminal.pid), cpu_seconds(collector))
        time.sleep(seconds)
        console_share = (cpu_seconds(terminal.pid) - before[0]) / seconds
        collector_share = (cpu_seconds(collector) - before[1]) / seconds
        written = len(terminal.raw) - written
    figure(
        f"nothing happens for {seconds} s",
        f"console {console_share:.2%} of a core, {written} bytes written; its collector {collector_share:.2%}",
    )
    assert written == 0
    assert console_share < SHARE * MARGIN


def _begin_of_a_minute(seconds: int) -> None:
    """The clock steps by the minute: measure between two steps."""
    left = 60 - time.time() % 60
    if left < seconds + 2:
        time.sleep(left + 1)
