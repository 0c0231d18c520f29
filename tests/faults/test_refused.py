"""Stores that must not be touched: refused at once, with the reason, and byte for byte as they were."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.hand import Hand
from tests.faults.conftest import Figure
from tests.faults.serving import TOKEN, serving, sev
from tests.faults.storm import Storm
from tests.support.scene import Scene
from tui.store import engine
from tui.store.engine import LATEST, Store
from tui.store.files import SIDES, length, side
from tui.store.sqlite import has_wal_reset_bug, sqlite_version

pytestmark = pytest.mark.real

AT_ONCE = 1.0
MARGIN = 5
VERBS = (("alerts",), ("ack", "A-1"), ("serve",), ("verify",), ("doctor",), ("status",), ("--read-only", "alerts"))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def unfinished(folder: Path, settle: Callable[[Store], object]) -> Path:
    """The store of a collector that was killed under a storm, as another sev had left it; with its log, if it has one.

    A store of this program with a log that is not yet in the file is copied as a crash leaves it.
    """
    with serving(folder / "sev.db") as collector:
        storm = Storm(collector.url, senders=2)
        async with storm.blowing():
            await storm.until(50)
        collector.kill()
    left = folder / "left"
    left.mkdir()
    with Store(folder / "sev.db") as store:
        store.detach().execute("PRAGMA wal_autocheckpoint = 0")
        settle(store)
        for suffix in ("", *SIDES):
            if side(store.path, suffix).exists():
                shutil.copy(side(store.path, suffix), side(left / "sev.db", suffix))
    return left / "sev.db"


@pytest.mark.parametrize("with_log", [True, False])
async def test_a_later_layout_is_refused_at_once(tmp_path: Path, with_log: bool, figure: Figure) -> None:
    later = f"PRAGMA user_version = {LATEST + 1}"

    def settle(store: Store) -> None:
        store.tx(lambda conn: conn.execute(later).fetchall())
        if not with_log:
            store.detach().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    path = await unfinished(tmp_path, settle)
    if with_log and not has_wal_reset_bug(sqlite_version()):
        assert length(side(path, "-wal")) > 0
    before, slowest = bytes_of(path.parent), 0.0
    for words in VERBS:
        began = time.monotonic()
        done = await asyncio.to_thread(sev, path, *words)
        slowest = max(slowest, time.monotonic() - began)
        assert done.returncode == (1 if words == ("doctor",) else 3), (words, done)
        said = done.stdout if words == ("doctor",) else done.stderr
        assert f"has layout {LATEST + 1}: this sev knows {LATEST}: upgrade sev; the file was not touched" in said
        assert bytes_of(path.parent) == before, words
    told = "with an unfinished log" if with_log else "at rest"
    figure(f"newer schema, {told}", f"{len(VERBS)} verbs refused it, {slowest:.2f} s at most, byte for byte as it was")
    assert slowest < AT_ONCE * MARGIN


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_file_system_is_refused_at_once(
    scene: Scene, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], figure: Figure
) -> None:
    scene.fire()
    scene.store.close()
    hand = Hand(scene.store, monkeypatch, capsys)
    folder = scene.store.path.parent
    before, slowest = bytes_of(folder), 0.0
    monkeypatch.setattr(engine, "file_system", lambda path: kind)
    monkeypatch.setenv("SEV_TOKEN", TOKEN)
    for words in (("alerts",), ("ack", "A-1"), ("serve",), ("verify",)):
        began = time.monotonic()
        said = hand(*words)
        slowest = max(slowest, time.monotonic() - began)
        assert said.code == 3
        assert "is on a network file system: SQLite's locks are not safe there" in said.err
        assert bytes_of(folder) == before, words
    fresh = folder / "new" / "sev.db"
    assert hand.bare("--store", str(fresh), "serve").code == 3
    assert not fresh.parent.exists()
    figure(f"network file system ({kind})", f"4 verbs refused it, {slowest:.2f} s at most, nothing was touched or made")
    assert slowest < AT_ONCE * MARGIN


async def test_an_affected_sqlite_keeps_a_rollback_journal_and_warns(tmp_path: Path, figure: Figure) -> None:
    system = {"SEV_SQLITE": "system"}
    asked = "import sqlite3; print(sqlite3.sqlite_version)"
    version = (await asyncio.to_thread(_python, asked)).strip()
    if not has_wal_reset_bug(version):
        pytest.skip(f"this machine's own SQLite {version} has the fault mended")
    path = tmp_path / "sev.db"
    with serving(path, environment=system) as collector:
        storm = Storm(collector.url)
        async with storm.blowing():
            await storm.until(200)
            assert not side(path, "-wal").exists()
            assert side(path, "-journal").exists()
            collector.kill()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SEV_SQLITE", "system")
            doctor = sev(path, "doctor")
            proved = sev(path, "verify")
            backed = sev(path, "backup", str(tmp_path / "b.db"))
    warning = f"warn   sqlite     {version} can corrupt a write-ahead log; the slower rollback journal is used instead"
    assert warning in doctor.stdout.splitlines()
    assert (proved.returncode, backed.returncode) == (0, 0), proved.stderr + backed.stderr
    assert path.read_bytes()[18:20] == b"\x01\x01", "the file's header says rollback journal"
    figure("affected SQLite", f"{version}: rollback journal, a warning; killed after {storm.signals} signals, proved")


def _python(code: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "SEV_SQLITE"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout
