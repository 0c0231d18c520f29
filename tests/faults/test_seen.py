"""What one person does is on the other one's screen at once, and nothing is left out."""

import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import serving
from tests.support.scene import Scene
from tests.support.terminal import Terminal
from tui.store.engine import Store

pytestmark = pytest.mark.real

MEDIAN = 0.1
P99 = 0.3
MARGIN = 5


def _console(store: Path, who: str) -> Terminal:
    argv = [sys.executable, "-m", "tui", "--store", str(store), "--as", who]
    return Terminal(argv, cols=120, rows=36)


def test_a_commit_is_on_the_others_screen(tmp_path: Path, size: Size, figure: Figure) -> None:
    count = size(40, 10_000)
    chance, delays = random.Random(1), list[float]()
    with serving(tmp_path / "sev.db") as collector, Store(collector.store) as store:
        scene = Scene(store, datetime.now(UTC), who="bo", step=timedelta(milliseconds=1))
        scene.fire("load_orders")
        incident = scene.declare(1, title="orders are late")
        with _console(collector.store, "ann") as ann:
            ann.wait_for("orders are late")
            for n in range(count):
                time.sleep(chance.uniform(0.05, 0.2))  # at any moment between two looks of the other console
                scene.note(incident, f"look <{n}>")
                committed = time.monotonic()
                ann.wait_for(f"look <{n}>")
                delays.append(time.monotonic() - committed)
    delays.sort()
    median, p99 = delays[count // 2], delays[int(count * 0.99)]
    figure(
        "from a commit to the other console's screen",
        f"{count:,} commits, 0 missed, p50 {median * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms",
    )
    assert median < MEDIAN * MARGIN
    assert p99 < P99 * MARGIN
