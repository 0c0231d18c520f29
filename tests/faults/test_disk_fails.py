"""The disk fails under the collector: a sync that fails is no sync, and one that succeeds later proves nothing of it.

Every fsync of the process itself fails, in a library that is preloaded into it: what SQLite then does, and what we
make of that, is real.
"""

import asyncio
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import keys_in, serving, sev
from tests.faults.shim import Shim
from tests.faults.storm import Storm, lost, torn

pytestmark = pytest.mark.real

AT_ONCE = 1.0
"""Seconds within which a sender is told; a busy machine gets `MARGIN` times as long."""

RECOVERED = 5.0
MARGIN = 5


async def test_while_syncs_fail_nobody_is_told_2xx(tmp_path: Path, size: Size, figure: Figure) -> None:
    times, shim = size(1, 50), Shim(tmp_path)
    recoveries: list[float] = []
    with serving(tmp_path / "sev.db", environment=shim.environment) as collector:
        storm = Storm(collector.url)
        async with storm.blowing():
            for _ in range(times):
                await storm.until(storm.signals + 200)
                shim.fail_syncs()
                await storm.until_told(503)
                acknowledged = len(storm.acknowledged)
                for _ in range(3):
                    await storm.until_told(503)
                assert len(storm.acknowledged) == acknowledged, "2xx, and its commit never reached the disk"
                assert (await asyncio.to_thread(sev, collector.store, "alerts", "--limit", "3")).returncode == 0
                assert len(storm.acknowledged) == acknowledged
                shim.heal()
                began = time.monotonic()
                await storm.until(storm.signals + 1)
                recoveries.append(time.monotonic() - began)
        collector.stop()
    kept = keys_in(collector.store)
    assert lost(storm, kept) == []
    assert torn(storm, kept) == []
    assert sev(collector.store, "verify").returncode == 0
    figure(
        "every fsync fails with EIO under storm",
        f"{times} times ({shim.failed} syncs failed), no 2xx meanwhile, 0 of {storm.signals:,} acknowledged lost, "
        f"503 within {max(storm.refused):.2f} s, 2xx again after {max(recoveries):.1f} s",
    )
    assert max(storm.refused) < AT_ONCE * MARGIN
    assert max(recoveries) < RECOVERED * MARGIN


async def test_after_one_sync_failed_the_store_is_opened_anew_and_proved(
    tmp_path: Path, size: Size, figure: Figure, own_home: Path
) -> None:
    """The kernel tells an error once: the next sync would succeed, and what the failed one should have kept is gone."""
    times, shim = size(2, 100), Shim(tmp_path)
    log = own_home / ".state" / "sev" / "sev.log"
    before = log.read_text("utf-8").count("opened anew and is whole") if log.exists() else 0
    with serving(tmp_path / "sev.db", environment=shim.environment) as collector:
        storm = Storm(collector.url)
        async with storm.blowing():
            for _ in range(times):
                await storm.until(storm.signals + 100)
                failed = shim.failed
                shim.fail_one_sync()
                await storm.until(storm.signals + 50)
                while shim.failed == failed:
                    await storm.until(storm.signals + 1)
                await storm.until(storm.signals + 1)
        opened = log.read_text("utf-8").count("opened anew and is whole") - before
        collector.kill()
    kept = keys_in(collector.store)
    assert lost(storm, kept) == []
    assert torn(storm, kept) == []
    assert sev(collector.store, "verify").returncode == 0
    figure(
        "one fsync fails with EIO under storm",
        f"{times} times, opened anew and proved {opened} times (the others were a checkpoint's, which is made again), "
        f"0 of {storm.signals:,} lost, 0 torn",
    )
    assert opened >= times // 2
    assert storm.statuses[503] >= opened // 2
