"""From one layout to the next: a copy before, whole or not at all; and what is refused stays byte for byte."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.scene import Scene
from tui.errors import StoreError, StoreTooNewError
from tui.store import files, layout, log
from tui.store.engine import Connection, Store
from tui.store.sqlite import has_wal_reset_bug, sqlite3, sqlite_version

WAL = not has_wal_reset_bug(sqlite_version())
GOOD = "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;\nINSERT INTO later VALUES (7);\n"
BAD = "\n".join((GOOD, "INSERT INTO nowhere VALUES (1);\n"))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def kept(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.layout-*"))


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes this a program that knows one layout more, reached by this script."""
    first = layout.migrations()

    def know(script: str) -> None:
        monkeypatch.setattr(layout, "LATEST", layout.LATEST + 1)
        monkeypatch.setattr(layout, "migrations", lambda: [*first, (len(first) + 1, script)])

    return know


def test_a_store_with_something_in_it_is_copied_before_it_changes(scene: Scene, upgrade: Callable[[str], None]) -> None:
    scene.fire()
    head, path = scene.store.read(log.head), scene.store.path
    scene.store.close()
    path.chmod(0o640)
    before = layout.LATEST
    upgrade(GOOD)
    with Store(path) as store:
        assert store.read(lambda conn: conn.execute("SELECT id FROM later").fetchone()[0]) == 7
        assert store.read(log.head) == head
    (copy,) = kept(path)
    assert stat.S_IMODE(copy.stat().st_mode) == stat.S_IMODE(path.stat().st_mode) == 0o640
    conn = sqlite3.connect(copy)
    assert conn.execute("PRAGMA user_version").fetchone()[0] == before
    assert conn.execute("SELECT max(seq) FROM event").fetchone()[0] == head[0]
    conn.close()
    Store(path).close()
    assert kept(path) == [copy], "and only once"


def test_an_empty_store_needs_no_copy(tmp_path: Path, upgrade: Callable[[str], None]) -> None:
    Store(tmp_path / "sev.db").close()
    upgrade(GOOD)
    Store(tmp_path / "sev.db").close()
    assert kept(tmp_path / "sev.db") == []


def test_a_migration_that_fails_leaves_the_file_as_it_was(scene: Scene, upgrade: Callable[[str], None]) -> None:
    scene.fire()
    path = scene.store.path
    scene.store.close()
    before = {name: body for name, body in bytes_of(path.parent).items() if body}
    upgrade(BAD)
    with pytest.raises(StoreError, match=r"cannot be brought from layout 1 to 2.*no such table: nowhere.*as it was"):
        Store(path)
    assert {name: body for name, body in bytes_of(path.parent).items() if body} == before


def unfinished(scene: Scene, folder: Path, change: Callable[[Connection], object], *, index: bool) -> Path:
    """A copy of the store as a crash leaves it: the last commits only in the log beside it."""
    conn = scene.store.detach()
    conn.execute("PRAGMA wal_autocheckpoint = 0")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    change(conn)
    folder.mkdir()
    for suffix in ("", "-wal", "-shm"):
        if index or suffix != "-shm":
            shutil.copy(files.side(scene.store.path, suffix), files.side(folder / "sev.db", suffix))
    assert (folder / "sev.db-wal").stat().st_size > 0
    return folder / "sev.db"


@pytest.mark.skipif(not WAL, reason="without a write-ahead log nothing can be unfinished in it")
@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize(
    ("statement", "kind"),
    [(f"PRAGMA user_version = {layout.LATEST + 3}", StoreTooNewError), ("PRAGMA application_id = 5", StoreError)],
)
def test_what_is_refused_stays_as_it_is_with_an_unfinished_log_too(
    scene: Scene, tmp_path: Path, statement: str, kind: type[StoreError], index: bool, read_only: bool
) -> None:
    scene.fire()
    path = unfinished(scene, tmp_path / "copy", lambda conn: conn.execute(statement), index=index)
    before = bytes_of(path.parent)
    with pytest.raises(kind):
        Store(path, read_only=read_only)
    assert bytes_of(path.parent) == before


@pytest.mark.skipif(not WAL, reason="without a write-ahead log nothing can be unfinished in it")
def test_an_unfinished_log_of_our_own_is_taken_up(scene: Scene, tmp_path: Path) -> None:
    path = unfinished(scene, tmp_path / "copy", lambda _: scene.fire(), index=False)
    assert files.identity(path) == (layout.APPLICATION_ID, layout.LATEST, True)
    with Store(path) as store:
        assert store.read(log.head) == scene.store.read(log.head)


@pytest.mark.skipif(not WAL, reason="without a write-ahead log nothing can be unfinished in it")
def test_a_frame_without_its_commit_says_nothing(scene: Scene, tmp_path: Path) -> None:
    change = f"PRAGMA user_version = {layout.LATEST + 3}"
    path = unfinished(scene, tmp_path / "copy", lambda conn: conn.execute(change), index=False)
    wal = files.side(path, "-wal")
    torn = bytearray(wal.read_bytes())
    torn[32 + 4 : 32 + 8] = bytes(4)  # the frame's commit mark
    wal.write_bytes(torn)
    assert files.identity(path) == (layout.APPLICATION_ID, layout.LATEST, True)


def test_what_is_no_database_has_no_identity(tmp_path: Path) -> None:
    assert files.identity(tmp_path / "none") is None
    for content in (b"", b"text", b"SQLite format 3\0"):
        (tmp_path / "file").write_bytes(content)
        assert files.identity(tmp_path / "file") is None


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize(("folder_mode", "wanted"), [(0o2770, 0o660), (0o700, 0o600)])
def test_every_file_of_a_store_has_its_mode_whatever_the_umask(
    tmp_path: Path, umask: int, folder_mode: int, wanted: int
) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    folder.chmod(folder_mode)
    before = os.umask(umask)
    try:
        with Store(folder / "sev.db") as store:
            store.tx(lambda conn: conn.execute("PRAGMA user_version"))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    finally:
        os.umask(before)
    assert len(modes) > 1
    assert set(modes.values()) == {wanted}, modes


def test_reading_still_leaves_no_trace_and_sees_what_others_write(scene: Scene) -> None:
    scene.fire()
    path = scene.store.path
    scene.store.close()
    before = bytes_of(path.parent)
    with Store(path, read_only=True, still=True) as looker:
        first = looker.read(log.head)
        assert bytes_of(path.parent) == before
        with Store(path) as writer:
            other = Scene(writer, scene.now)
            other.fire("another")
            assert looker.read(log.head) == writer.read(log.head) != first
            live = bytes_of(path.parent)
            with Store(path, read_only=True, still=True) as second:
                assert second.read(log.head) == writer.read(log.head)
                assert bytes_of(path.parent) == live
        assert looker.read(log.head)[0] == 4


def test_a_still_look_that_was_torn_is_begun_anew(scene: Scene) -> None:
    scene.fire()
    path = scene.store.path
    scene.store.close()
    seen: list[int] = []

    def look(conn: Connection) -> int:
        seen.append(log.head(conn)[0])
        if len(seen) == 1:
            with Store(path) as writer:
                Scene(writer, scene.now).fire("another")
        return log.head(conn)[0]

    with Store(path, read_only=True, still=True) as looker:
        assert looker.read(look) == 4
    assert seen == [2, 4]
