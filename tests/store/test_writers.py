"""Several writers at once, in threads and processes, and how others notice what they wrote."""

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from tests.support.scene import Scene
from tui.store import integrity, log
from tui.store.engine import Store

WRITES = 40
PROGRAM = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from tests.support.scene import Scene
from tui.store.engine import Store

name = sys.argv[2]
with Store(Path(sys.argv[1])) as store:
    scene = Scene(store, datetime(2026, 11, 24, 14, tzinfo=UTC), who=name)
    for n in range({WRITES}):
        scene.fire(f"{{name}}-{{n}}")
"""


def test_two_processes_write_one_unbroken_chain(tmp_path: Path) -> None:
    path, root = tmp_path / "sev.db", Path(__file__).parents[2]
    writers = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(path), name], cwd=root, stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for writer in writers:
        assert (writer.communicate()[1], writer.returncode) == ("", 0)
    with Store(path) as store:
        found = integrity.verify(store)
        keys = {alert.key for alert in Scene(store, datetime(2026, 11, 24, 14, tzinfo=UTC)).feed()}
    assert found.ok
    assert found.events == 2 * 2 * WRITES
    assert keys == {f"am:{name}-{n}" for name in ("one", "two") for n in range(WRITES)}


def test_two_threads_write_one_unbroken_chain(tmp_path: Path) -> None:
    path = tmp_path / "sev.db"
    Store(path).close()
    together = threading.Barrier(2)

    def write(name: str) -> None:
        with Store(path) as store:
            scene = Scene(store, datetime(2026, 11, 24, 14, tzinfo=UTC))
            together.wait()
            for n in range(WRITES):
                scene.fire(f"{name}-{n}")

    threads = [threading.Thread(target=write, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store(path) as store:
        found = integrity.verify(store)
    assert found.ok
    assert found.events == 2 * 2 * WRITES


def test_two_who_open_a_new_store_at_once_agree_on_it(tmp_path: Path) -> None:
    path, together = tmp_path / "sev.db", threading.Barrier(4)
    opened: list[str] = []

    def begin() -> None:
        together.wait()
        with Store(path) as store:
            opened.append(integrity.verify(store).head)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [log.GENESIS.hex()] * 4


def test_data_version_moves_for_others_commits_only(scene: Scene, tmp_path: Path) -> None:
    with Store(tmp_path / "sev.db", read_only=True) as other:
        own, seen = scene.store.data_version(), other.data_version()
        scene.fire()
        assert scene.store.data_version() == own
        assert other.data_version() != seen


def test_waiting_for_a_change_ends_with_it_or_in_time(scene: Scene, tmp_path: Path) -> None:
    with Store(tmp_path / "sev.db", read_only=True) as other:
        seen = other.data_version()
        assert other.wait_for_change(seen, 0.02) is False
        writer = threading.Thread(target=scene.fire)
        writer.start()
        assert other.wait_for_change(seen, 20) is True
        writer.join()
        assert other.read(log.head)[0] == 2
