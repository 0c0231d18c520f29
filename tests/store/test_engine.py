"""Opening the store: which files are taken, which are refused and left alone, and how transactions end."""

import os
import sqlite3 as _system  # the name that tui.store.sqlite chose
import stat
from pathlib import Path

import pytest

from tests.support.scene import Scene
from tui.errors import StoreBusyError, StoreError, StoreTooNewError
from tui.store import engine, log
from tui.store.engine import APPLICATION_ID, LATEST, Connection, Store, migrations
from tui.store.health import quick_check
from tui.store.sqlite import has_wal_reset_bug, sqlite3, sqlite_version


def pragma(store: Store, name: str) -> object:
    return store.read(lambda conn: conn.execute(f"PRAGMA {name}").fetchone()[0])


def raw(path: Path, *statements: str) -> None:
    """Write to a file behind the store's back."""
    conn = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        conn.execute(statement)
    conn.close()


def refused(path: Path, *, read_only: bool = False) -> StoreError:
    with pytest.raises(StoreError) as caught:
        Store(path, read_only=read_only).close()
    return caught.value


# Which SQLite.


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ("3.6.23", False),
        ("3.7.0", True),
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.44.9", False),
        ("3.45.0", True),
        ("3.49.1", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.0", True),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.52.0", False),
        ("3.53.4", False),
        ("4.0.0", False),
    ],
)
def test_versions_with_the_wal_reset_bug(version: str, affected: bool) -> None:
    assert has_wal_reset_bug(version) is affected


def test_one_sqlite_serves_the_whole_process() -> None:
    packaged = os.environ.get("SEV_SQLITE") != "system"
    assert _system is sqlite3
    assert _system.sqlite_version == sqlite_version()
    try:
        import pysqlite3
    except ImportError:
        return
    assert (pysqlite3 is sqlite3) is packaged


def test_the_journal_is_a_wal_only_where_that_is_safe(store: Store) -> None:
    assert pragma(store, "journal_mode") == ("truncate" if has_wal_reset_bug(sqlite_version()) else "wal")
    assert pragma(store, "synchronous") == 2


# Which files.


def test_a_new_store_has_the_latest_layout_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "in" / "sev.db"
    with Store(path) as store:
        assert pragma(store, "application_id") == APPLICATION_ID
        assert pragma(store, "user_version") == LATEST
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_store_in_a_shared_folder_is_its_groups(tmp_path: Path) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    folder.chmod(0o2770)
    before = os.umask(0)
    try:
        Store(folder / "sev.db").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "sev.db").stat().st_mode) == 0o660


@pytest.mark.parametrize("name", ["with space.db", "per%20cent.db", "question?.db", "hash#.db", "ünïcode.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    with Store(tmp_path / name) as store:
        assert pragma(store, "user_version") == LATEST
    assert (tmp_path / name).stat().st_size > 0
    assert {path.name.removesuffix("-journal") for path in tmp_path.iterdir()} == {name}


def test_the_migrations_are_numbered_without_a_gap() -> None:
    numbers = [number for number, _ in migrations()]
    assert numbers == list(range(1, LATEST + 1))


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "sev.db"
    path.touch()
    with Store(path) as store:
        assert pragma(store, "user_version") == LATEST


@pytest.mark.parametrize("read_only", [False, True])
def test_a_store_of_a_later_sev_is_refused_and_left_byte_for_byte(
    scene: Scene, tmp_path: Path, read_only: bool
) -> None:
    scene.fire()
    scene.store.close()
    path = tmp_path / "sev.db"
    raw(path, f"PRAGMA user_version = {LATEST + 1}")
    before = path.read_bytes()
    error = refused(path, read_only=read_only)
    assert isinstance(error, StoreTooNewError)
    assert f"layout {LATEST + 1}" in error.what
    assert path.read_bytes() == before


@pytest.mark.parametrize("read_only", [False, True])
def test_another_programs_file_is_refused_and_left_byte_for_byte(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "firefox.sqlite"
    raw(path, "CREATE TABLE bookmark (url TEXT)", "PRAGMA user_version = 7")
    before = path.read_bytes()
    assert "is not sev's" in refused(path, read_only=read_only).what
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all, only text " * 40, b"\x00" * 4096])
def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    error = refused(path)
    assert error.exit_code == 3
    assert path.read_bytes() == content


def test_a_folder_or_a_file_in_the_way_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(tmp_path).exit_code == 3
    assert "cannot make" in refused(tmp_path / "file" / "sev.db").what


def test_reading_needs_a_store_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert "no store at" in refused(path, read_only=True).what
    assert not path.exists()


# Transactions.


def test_read_only_reads_and_never_writes(scene: Scene, tmp_path: Path) -> None:
    scene.fire()
    with Store(tmp_path / "sev.db", read_only=True) as reader:
        assert reader.read(log.head) == scene.store.read(log.head)
        with pytest.raises(StoreError, match="read-only"):
            reader.tx(log.head)
        with pytest.raises(StoreError, match="cannot be used"):
            reader.read(lambda conn: conn.execute("DELETE FROM event"))


def test_a_transaction_that_fails_leaves_nothing(scene: Scene) -> None:
    scene.fire()
    before = scene.store.read(log.head)

    def half(conn: Connection) -> None:
        conn.execute("DELETE FROM alert")
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        scene.store.tx(half)
    assert scene.store.read(log.head) == before
    assert scene.alert(1).id == 1


def test_an_interrupt_rolls_back_too(scene: Scene) -> None:
    scene.fire()

    def interrupted(conn: Connection) -> None:
        conn.execute("DELETE FROM alert")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scene.store.tx(interrupted)
    assert scene.alert(1).id == 1


def test_wrong_sql_is_an_error_of_the_store(store: Store) -> None:
    for run in (store.tx, store.read):
        with pytest.raises(StoreError, match="cannot be used"):
            run(lambda conn: conn.execute("SELECT * FROM nowhere"))


def test_a_store_that_somebody_holds_is_busy(scene: Scene, tmp_path: Path) -> None:
    with Store(tmp_path / "sev.db") as other:
        other.detach().execute("PRAGMA busy_timeout = 30")

        def hold(conn: Connection) -> None:
            with pytest.raises(StoreBusyError, match="another process holds it") as caught:
                other.tx(log.head)
            assert caught.value.exit_code == 3

        scene.store.tx(hold)
        assert other.tx(log.head) == scene.store.read(log.head), "and free again afterwards"


def test_a_reader_sees_one_moment_while_others_write(scene: Scene, tmp_path: Path) -> None:
    if pragma(scene.store, "journal_mode") != "wal":
        pytest.skip("without a WAL a writer waits for readers")
    scene.fire()
    with Store(tmp_path / "sev.db", read_only=True) as reader:

        def look_twice(conn: Connection) -> None:
            before = log.head(conn)
            scene.fire("another")
            assert log.head(conn) == before

        reader.read(look_twice)
        assert reader.read(log.head) == scene.store.read(log.head)


def test_a_full_disk_refuses_writing_and_nothing_else(scene: Scene) -> None:
    scene.fire()
    conn = scene.store.detach()
    pages = conn.execute("PRAGMA page_count").fetchone()[0]
    conn.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="cannot be written: the disk is full: free space and try again"):
        scene.fire("big", labels={f"label-{n}": "x" * 250 for n in range(200)})
    assert [alert.subject for alert in scene.feed()] == ["load_orders"]
    conn.execute(f"PRAGMA max_page_count = {2 * pages + 100}")
    scene.fire("big", labels={f"label-{n}": "x" * 250 for n in range(200)})
    assert len(scene.feed()) == 2


# File systems.


def test_which_file_system_holds_a_path(tmp_path: Path) -> None:
    assert engine.file_system(Path("/proc/self")) == "proc"
    assert engine.file_system(tmp_path) == engine.file_system(tmp_path / "not" / "there.db") != ""


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "fuse.sshfs"])
def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(engine, "file_system", lambda path: kind)
    assert "is on a network file system" in refused(tmp_path / "sev.db").what
    assert not list(tmp_path.iterdir())


def test_a_quick_look_finds_a_torn_file(scene: Scene, tmp_path: Path) -> None:
    assert scene.store.read(quick_check) == ""
    scene.fire()
    query = "SELECT rootpage FROM sqlite_schema WHERE name = 'alert_key'"
    page = scene.store.read(lambda conn: conn.execute(query).fetchone()[0])
    scene.store.close()
    path = tmp_path / "sev.db"
    torn = bytearray(path.read_bytes())
    torn[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(torn)
    with Store(path) as store:
        assert store.read(quick_check) != ""
