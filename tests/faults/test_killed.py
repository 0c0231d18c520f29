"""The collector is killed as hard as can be, again and again, in the middle of a storm."""

import asyncio
import random
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import keys_in, serving, sev
from tests.faults.storm import Storm, lost, torn

pytestmark = pytest.mark.real

EACH = 500
"""Signals acknowledged between two kills."""


async def test_killed_again_and_again_it_has_kept_all_it_acknowledged(
    tmp_path: Path, size: Size, figure: Figure
) -> None:
    times, chance = size(4, 200), random.Random(7)
    with serving(tmp_path / "sev.db") as collector:
        storm = Storm(collector.url)
        starts: list[float] = []
        async with storm.blowing():
            for _ in range(times):
                await storm.until(storm.signals + EACH)
                await asyncio.sleep(chance.random() * 0.05)
                collector.kill()
                began = time.monotonic()
                await asyncio.to_thread(collector.start)
                await storm.until(storm.signals + 1)
                starts.append(time.monotonic() - began)
        collector.stop()
    kept = keys_in(collector.store)
    assert lost(storm, kept) == []
    assert torn(storm, kept) == []
    assert sev(collector.store, "verify").returncode == 0
    figure(
        "collector killed with -9 under storm",
        f"{times} times, 0 of {storm.signals:,} acknowledged signals lost, 0 torn; 2xx again after {max(starts):.1f} s",
    )
    assert storm.signals >= size(2_000, 100_000)
