"""The disk is full under a storm, again and again, on a file system of its own that is really that small."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import keys_in, serving, sev
from tests.faults.storm import Storm, lost, torn

pytestmark = pytest.mark.real

MEGABYTES = 64
AT_ONCE = 1.0
"""Seconds within which a sender is told; a busy machine gets `MARGIN` times as long."""

RECOVERED = 5.0
MARGIN = 5


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a file system of its own, of a few megabytes. Only root can make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.getuid() != 0 or mount is None or umount is None:
        pytest.skip("only root can mount a small file system")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=700", "none", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([umount, "-l", str(folder)], check=True)


def fill(place: Path) -> None:
    """Take all the room that is left, to the last byte."""
    with place.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            while True:
                try:
                    file.write(bytes(size))
                except OSError:
                    break


async def test_on_a_full_disk_nothing_acknowledged_is_lost(small_disk: Path, size: Size, figure: Figure) -> None:
    times, ballast = size(2, 50), small_disk / "ballast"
    recoveries: list[float] = []
    with serving(small_disk / "sev.db") as collector:
        storm = Storm(collector.url)
        async with storm.blowing():
            for _ in range(times):
                await storm.until(storm.signals + 100)
                fill(ballast)
                await storm.until_told(503)
                for words in (("alerts", "--limit", "3"), ("status",), ("show", "A-1")):
                    read = await asyncio.to_thread(sev, collector.store, *words)
                    assert read.returncode < 2, read.stderr
                written = await asyncio.to_thread(sev, collector.store, "ack", "A-1")
                if written.returncode:  # a last page may have been left
                    assert "the disk is full" in written.stderr
                    assert written.returncode == 3
                await storm.until_told(503)
                ballast.unlink()
                began = time.monotonic()
                await storm.until(storm.signals + 1)
                recoveries.append(time.monotonic() - began)
        collector.kill()
    kept = keys_in(collector.store)
    assert lost(storm, kept) == []
    assert torn(storm, kept) == []
    assert sev(collector.store, "verify").returncode == 0
    figure(
        "disk full under storm",
        f"{times} times, 0 of {storm.signals:,} acknowledged signals lost, 0 torn, reads worked, "
        f"503 within {max(storm.refused):.2f} s, 2xx again {max(recoveries):.1f} s after there was room",
    )
    assert max(storm.refused) < AT_ONCE * MARGIN
    assert max(recoveries) < RECOVERED * MARGIN


async def test_killed_and_started_again_on_a_full_disk(small_disk: Path, figure: Figure) -> None:
    ballast = small_disk / "ballast"
    with serving(small_disk / "sev.db") as collector:
        storm = Storm(collector.url, senders=2)
        async with storm.blowing():
            await storm.until(100)
            fill(ballast)
            await storm.until_told(503)
            collector.kill()
            read = await asyncio.to_thread(sev, collector.store, "alerts", "--limit", "3")
            assert read.returncode == 0, read.stderr
            assert "A-" in read.stdout
            await asyncio.to_thread(collector.start)
            await storm.until_told(503)
            ballast.unlink()
            began = time.monotonic()
            await storm.until(storm.signals + 1)
            took = time.monotonic() - began
        collector.stop()
    kept = keys_in(collector.store)
    assert lost(storm, kept) == []
    assert torn(storm, kept) == []
    assert sev(collector.store, "verify").returncode == 0
    figure("killed and started again on a full disk", f"0 of {storm.signals:,} lost, 2xx again after {took:.1f} s")
    assert took < RECOVERED * MARGIN
