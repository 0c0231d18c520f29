"""Another process holds the store for longer than a sender should wait."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import keys_in, serving, sev
from tests.faults.storm import Storm, lost, torn
from tui.store.engine import Store

pytestmark = pytest.mark.real

AT_ONCE = 1.0
MARGIN = 5


async def test_while_another_one_holds_the_store_senders_are_told_in_time(
    tmp_path: Path, size: Size, figure: Figure
) -> None:
    times = size(1, 50)
    recoveries: list[float] = []
    with serving(tmp_path / "sev.db") as collector, Store(tmp_path / "sev.db") as other:
        storm = Storm(collector.url)
        async with storm.blowing():
            for _ in range(times):
                await storm.until(storm.signals + 100)
                await asyncio.to_thread(other.detach().execute, "BEGIN IMMEDIATE")
                await storm.until_told(503)
                acknowledged = len(storm.acknowledged)
                for _ in range(4):
                    await storm.until_told(503)
                assert len(storm.acknowledged) == acknowledged
                other.detach().execute("ROLLBACK")
                began = time.monotonic()
                await storm.until(storm.signals + 1)
                recoveries.append(time.monotonic() - began)
        collector.stop()
    kept = keys_in(collector.store)
    assert lost(storm, kept) == []
    assert torn(storm, kept) == []
    assert sev(collector.store, "verify").returncode == 0
    figure(
        "store locked by another process under storm",
        f"{times} times, 0 of {storm.signals:,} acknowledged lost, 503 within {max(storm.refused):.2f} s, "
        f"2xx again after {max(recoveries):.1f} s",
    )
    assert max(storm.refused) < AT_ONCE * MARGIN


async def test_what_was_refused_for_a_lock_is_kept_once_it_is_free(tmp_path: Path) -> None:
    """Not every sender comes again: a script's curl does not."""
    with serving(tmp_path / "sev.db") as collector, Store(tmp_path / "sev.db") as other:
        other.detach().execute("BEGIN IMMEDIATE")
        storm = Storm(collector.url, senders=3)
        async with storm.blowing():
            for _ in range(3):
                await storm.until_told(503)
            assert storm.acknowledged == []
            storm.give_up()
        other.detach().execute("ROLLBACK")
        deadline = time.monotonic() + 20
        while len(keys_in(collector.store)) < len(storm.sent) * storm.alerts:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        collector.stop()
