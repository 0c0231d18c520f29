"""A full disk that holds a ballast: people go on, nothing is taken in, and all is as before once there is room."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import Figure
from tests.faults.serving import keys_in, serving, sev
from tests.faults.storm import Storm, lost, torn
from tests.faults.test_disk_full import fill, small_disk
from tui.collector.lease import holder, lease_path
from tui.store import ballast

__all__ = ["small_disk"]
pytestmark = pytest.mark.real

PATIENCE = 60.0
DECLARE = "declare --alert A-40 --title disk --sev 2"


async def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"not in time: {what}"
        await asyncio.sleep(0.02)


def trouble(store: Path) -> str:
    found = holder(lease_path(store))
    return found.trouble if found else "no collector"


async def test_people_go_on_in_the_room_that_the_ballast_held(small_disk: Path, tmp_path: Path, figure: Figure) -> None:
    store, filler, state = small_disk / "sev.db", small_disk / "filler", tmp_path / "state"
    with serving(store, environment={"XDG_STATE_HOME": str(state)}) as collector:
        storm = Storm(collector.url, senders=3)
        async with storm.blowing():
            await storm.until(50)
            await until(lambda: ballast.is_whole(store), "the ballast is made")
            fill(filler)
            await until(lambda: trouble(store) == "the disk is full", "the collector says so")
            await storm.until_told(503)
            taken, acts = storm.signals, 0
            assert not ballast.place(store).exists()
            for n in range(6):
                for words in (f"ack A-{n + 1}", DECLARE if n == 0 else f"note INC-1 line-{n}", f"unack A-{n + 1}"):
                    done = await asyncio.to_thread(sev, store, *words.split())
                    assert done.returncode == 0, done.stderr
                    acts += 1
            doctor = await asyncio.to_thread(sev, store, "doctor")
            assert "takes nothing in: the disk is full" in doctor.stdout
            await storm.until_told(503)
            assert storm.signals == taken, "the room is people's"
            os.unlink(filler)
            began = time.monotonic()
            await storm.until(taken + 1)
            took = time.monotonic() - began
            await until(lambda: trouble(store) == "", "the collector says that it is over")
            assert ballast.is_whole(store)
        collector.stop()
    log = (state / "sev" / "sev.log").read_text()
    assert log.count("is full: nothing is taken in until") == 1
    assert log.count("there is room on the disk of") == 1
    kept = keys_in(store)
    assert lost(storm, kept) == []
    assert torn(storm, kept) == []
    assert sev(store, "verify").returncode == 0
    figure(
        "ballast on a full disk",
        f"{acts} acts of people written meanwhile, 2xx again {took:.1f} s after there was room",
    )
