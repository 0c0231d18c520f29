"""Backup and restore: whole or not at all, never over a file, never under somebody's hands."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.collector.lease import Holder, Lease, lease_path
from tui.store import copies, integrity, log
from tui.store.engine import Connection, Store
from tui.store.sqlite import has_wal_reset_bug, sqlite_version


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "monday.db"


def filled(scene: Scene) -> int:
    incident = scene.declare(scene.fire("orders"), title="orders are late")
    scene.note(incident)
    return scene.store.read(log.head)[0]


def test_a_backup_is_one_whole_file_with_the_stores_mode_and_its_head(sev: Hand, scene: Scene, place: Path) -> None:
    events = filled(scene)
    scene.store.path.chmod(0o640)
    (told,) = sev.json("backup", str(place))
    head = scene.store.read(log.head)[1].hex()
    assert told == {"file": str(place), "events": events, "size": place.stat().st_size, "head": head}
    assert os.listdir(place.parent) == [place.name]
    assert stat.S_IMODE(place.stat().st_mode) == 0o640
    with Store(place, read_only=True) as copy:
        found = integrity.verify(copy)
    assert (found.ok, found.events, found.head) == (True, events, head)
    assert f"head  {head}" in sev.done("backup", str(place.with_name("again.db")))


def test_a_backup_never_goes_over_a_file(sev: Hand, scene: Scene, place: Path) -> None:
    filled(scene)
    place.write_text("mine")
    assert "not overwritten" in sev.refused(4, "backup", str(place))
    assert place.read_text() == "mine"
    assert "not overwritten" in sev.refused(4, "backup", str(scene.store.path))
    assert os.listdir(place.parent) == [place.name]


def test_a_backup_that_fails_leaves_nothing(
    sev: Hand, scene: Scene, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(scene)
    assert "cannot write" in sev.refused(1, "backup", str(place.parent / "none" / "x.db"))

    def fail(path: Path) -> None:
        assert os.listdir(path.parent) == [path.name]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "_sync", fail)
    assert "No space left" in sev.refused(1, "backup", str(place))
    assert os.listdir(place.parent) == []


def test_a_store_that_is_broken_makes_no_backup(sev: Hand, scene: Scene, place: Path) -> None:
    filled(scene)

    def spoil(conn: Connection) -> None:
        conn.execute("UPDATE event SET actor = 'mallory' WHERE seq = 2")

    scene.store.tx(spoil)
    assert "the log is broken at event 2" in sev.refused(3, "backup", str(place))
    assert os.listdir(place.parent) == []


def test_there_must_be_a_store(sev: Hand, tmp_path: Path) -> None:
    said = sev.bare("--store", str(tmp_path / "none.db"), "backup", str(tmp_path / "b.db"))
    assert said.code == 3
    assert "no store at" in said.err
    assert not (tmp_path / "b.db").exists()


def kept(store: Path) -> list[Path]:
    return sorted(store.parent.glob(f"{store.name}.before-restore-*Z"))


def test_restoring_brings_back_what_was_and_keeps_what_is(sev: Hand, scene: Scene, place: Path) -> None:
    filled(scene)
    (before,) = sev.json("backup", str(place))
    scene.store.path.chmod(0o640)
    scene.note(1, "written after the backup")
    after = scene.store.read(log.head)
    scene.store.close()
    (told,) = sev.json("restore", str(place))
    (aside,) = kept(scene.store.path)
    assert told == {
        "store": str(scene.store.path), "file": str(place), "events": before["events"], "head": before["head"],
        "kept": str(aside),
    }  # fmt: skip
    with Store(scene.store.path) as restored, Store(aside) as older:
        assert restored.read(log.head)[1].hex() == before["head"]
        assert older.read(log.head) == after
        assert integrity.verify(restored).ok
        assert integrity.verify(older).ok
    assert stat.S_IMODE(scene.store.path.stat().st_mode) == 0o640
    assert place.exists()
    assert not lease_path(scene.store.path).read_bytes()
    assert "kept as" in sev.done("restore", str(aside)), "and the other way round"


def test_restoring_where_there_is_no_store_yet(sev: Hand, scene: Scene, place: Path, tmp_path: Path) -> None:
    filled(scene)
    sev.done("backup", str(place))
    fresh = tmp_path / "new" / "sev.db"
    said = sev.bare("--store", str(fresh), "restore", str(place))
    assert said.code == 0, said
    assert "kept" not in said.out
    with Store(fresh, read_only=True) as store:
        assert store.read(log.head) == scene.store.read(log.head)


@pytest.mark.skipif(
    has_wal_reset_bug(sqlite_version()), reason="an open store is not to be seen there; it refuses to write afterwards"
)
def test_a_store_that_somebody_has_open_is_left_alone(sev: Hand, scene: Scene, place: Path) -> None:
    filled(scene)
    sev.done("backup", str(place))
    assert "somebody has it open" in sev.refused(4, "restore", str(place))
    scene.note(1, "still the same store")
    assert kept(scene.store.path) == []
    scene.store.close()
    sev.done("restore", str(place))


def test_a_collector_keeps_its_store(sev: Hand, scene: Scene, place: Path) -> None:
    filled(scene)
    sev.done("backup", str(place))
    scene.store.close()
    lease = Lease(lease_path(scene.store.path))
    assert lease.try_take(Holder(pid=4711, host="jump1", started_at=datetime.now(UTC)))
    try:
        assert "process 4711 on jump1" in sev.refused(4, "restore", str(place), "--force", "--reason", "now")
    finally:
        lease.release()
    assert kept(scene.store.path) == []
    sev.done("restore", str(place))


def spoiled(place: Path, statement: str) -> None:
    with Store(place) as store:
        store.tx(lambda conn: conn.execute(statement))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE event SET actor = 'mallory' WHERE seq = 2", "its log is broken at event 2"),
        ("UPDATE incident SET title = 'forged'", "incident differ from its log"),
    ],
)
def test_a_backup_with_a_fault_needs_force_and_a_reason_that_is_written_down(
    sev: Hand, scene: Scene, place: Path, statement: str, fault: str
) -> None:
    filled(scene)
    sev.done("backup", str(place))
    spoiled(place, statement)
    scene.store.close()
    assert fault in sev.refused(4, "restore", str(place))
    assert fault in sev.refused(4, "restore", str(place), "--force")
    assert kept(scene.store.path) == []
    sev.done("restore", str(place), "--force", "--reason", "all that is left")
    with Store(scene.store.path, read_only=True) as store:
        rows = store.read(lambda conn: conn.execute("SELECT kind, body FROM event ORDER BY seq DESC").fetchall())
    assert rows[0]["kind"] == "restore"
    assert b"all that is left" in rows[0]["body"]


def test_what_is_no_backup_is_refused(sev: Hand, scene: Scene, place: Path) -> None:
    filled(scene)
    scene.store.close()
    sev.refused(1, "restore", str(place))
    place.write_text("not a database " * 1_000)
    sev.refused(3, "restore", str(place), "--force", "--reason", "x")
    sev.refused(3, "--read-only", "restore", str(place))
    assert kept(scene.store.path) == []
    assert "1 events" not in sev.done("verify")


def test_a_damaged_store_is_kept_with_all_that_lay_beside_it(sev: Hand, scene: Scene, place: Path) -> None:
    filled(scene)
    (before,) = sev.json("backup", str(place))
    scene.store.close()
    path = scene.store.path
    damage = b"\xa5" * 40_000
    path.write_bytes(damage)
    path.with_name(path.name + "-wal").write_bytes(b"rest of a log")
    sev.done("restore", str(place))
    (aside,) = kept(path)
    assert aside.read_bytes() == damage
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"rest of a log"
    with Store(path) as store:
        assert integrity.verify(store).head == before["head"]
