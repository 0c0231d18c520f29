"""The collector is stopped as systemd stops it, in the middle of a storm."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import PATIENCE, keys_in, serving, sev
from tests.faults.storm import Storm, lost, torn
from tui.collector.lease import holder, lease_path

pytestmark = pytest.mark.real


async def test_stopped_under_load_all_that_was_acknowledged_is_there(
    tmp_path: Path, size: Size, figure: Figure
) -> None:
    times = size(2, 100)
    took: list[float] = []
    with serving(tmp_path / "sev.db") as collector:
        storm = Storm(collector.url, senders=16)
        async with storm.blowing():
            for n in range(times):
                await storm.until(storm.signals + 200)
                took.append(await asyncio.to_thread(collector.stop))
                assert holder(lease_path(collector.store)) is None, "it ended without giving the lease back"
                assert lost(storm, keys_in(collector.store)) == []
                if n + 1 < times:
                    await asyncio.to_thread(collector.start)
            storm.give_up()
    assert torn(storm, keys_in(collector.store)) == []
    found = await asyncio.to_thread(sev, collector.store, "verify", "--json")
    assert found.returncode == 0, found.stdout
    assert json.loads(found.stdout)["chain_ok"] is True
    figure(
        "SIGTERM under storm",
        f"{times} times, 0 of {storm.signals:,} acknowledged signals lost, ended within {max(took):.1f} s",
    )
    assert max(took) < PATIENCE
