"""Backups taken while a collector is under a storm, each restored and proved; and one that is killed half-way."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import keys_in, serving, sev
from tests.faults.storm import Storm, keys_of, torn

pytestmark = pytest.mark.real


def told(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


async def test_a_backup_during_a_storm_restores_whole(tmp_path: Path, size: Size, figure: Figure) -> None:
    times = size(4, 60)
    backups: list[tuple[Path, dict[str, object], list[str]]] = []
    with serving(tmp_path / "sev.db") as collector:
        storm = Storm(collector.url)
        async with storm.blowing():
            for n in range(times):
                await storm.until(storm.signals + 60)
                place, before = tmp_path / f"{n}.db", list(storm.acknowledged)
                made = told(await asyncio.to_thread(sev, collector.store, "backup", str(place), "--json"))
                backups.append((place, made, before))
        collector.stop()
    assert 503 not in storm.statuses
    for n, (place, made, before) in enumerate(backups):
        restored = tmp_path / f"restored-{n}" / "sev.db"
        assert told(sev(restored, "restore", str(place), "--json"))["head"] == made["head"]
        proved = told(sev(restored, "verify", "--json"))
        assert (proved["chain_ok"], proved["projections_ok"], proved["integrity_ok"]) == (True, True, True)
        assert (proved["events"], proved["head"]) == (made["events"], made["head"])
        kept = keys_in(restored)
        assert {key for name in before for key in keys_of(name, storm.alerts)} <= kept.keys()
        assert torn(storm, kept) == []
    assert not [name for name in os.listdir(tmp_path) if ".part-" in name]
    sizes = [int(str(made["size"])) for _, made, _ in backups]
    figure(
        "backup during a storm",
        f"{times} backups of up to {max(sizes) / 1e6:.1f} MB beside {storm.signals:,} signals, "
        f"{times} restored whole, no delivery refused",
    )


def killed_after(seconds: float, store: Path, place: Path) -> None:
    argv = [sys.executable, "-m", "tui", "--store", str(store), "backup", str(place)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as backup:
        try:
            backup.wait(seconds)
        except subprocess.TimeoutExpired:
            backup.kill()


async def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(
    tmp_path: Path, size: Size, figure: Figure
) -> None:
    times, whole, dice = size(6, 100), 0, random.Random(7)
    with serving(tmp_path / "sev.db") as collector:
        storm = Storm(collector.url, alerts=20)
        async with storm.blowing():
            await storm.until(400)
        began = time.monotonic()
        assert sev(collector.store, "backup", str(tmp_path / "whole.db")).returncode == 0
        took = time.monotonic() - began
        for n in range(times):
            place = tmp_path / f"{n}.db"
            await asyncio.to_thread(killed_after, took * dice.uniform(0.4, 1.1), collector.store, place)
            if place.exists():
                assert sev(place, "verify").returncode == 0
                whole += 1
        collector.stop()
    assert sev(collector.store, "verify").returncode == 0
    figure("backup killed half-way", f"{times} times, {whole} were done and whole, of the others no file has the name")
