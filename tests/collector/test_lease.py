"""The lease: one holder among processes, what its file says, and what is left after a clean end and after a crash."""

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.collector.lease import FRESH, Holder, Lease, age, holder, is_held, lease_path
from tui.errors import StoreError

ME = Holder(pid=os.getpid(), host="here", started_at=datetime(2026, 11, 24, 14, 0, tzinfo=UTC), child=True)
_OTHER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tui.collector.lease import Holder, Lease
lease = Lease(Path(sys.argv[1]))
print(lease.try_take(Holder(pid=4711, host="there", started_at=datetime.now(UTC))), lease.crashed_before, flush=True)
sys.stdin.readline()
lease.release()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return lease_path(tmp_path / "sev.db")


@contextmanager
def other_process(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that took, or could not take, the lease; it gives it back when told anything."""
    argv = [sys.executable, "-c", _OTHER, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_it_lies_beside_the_store(tmp_path: Path) -> None:
    assert lease_path(tmp_path / "sev.db") == tmp_path / "sev.db.lease"


def test_it_says_who_holds_it_and_is_empty_after_a_clean_end(path: Path) -> None:
    lease = Lease(path)
    assert lease.try_take(ME) is True
    assert holder(path) == ME
    lease.tell(Holder(pid=ME.pid, host="here", started_at=ME.started_at, listen=("unix:/s",)))
    kept = holder(path)
    assert kept is not None
    assert (kept.listen, kept.child) == (("unix:/s",), False)
    lease.release()
    assert (holder(path), path.read_bytes(), is_held(path)) == (None, b"", False)
    lease.release()


def test_within_a_process_too_there_is_one_holder(path: Path) -> None:
    first, second = Lease(path), Lease(path)
    assert (first.try_take(ME), second.try_take(ME)) == (True, False)
    first.release()
    assert second.try_take(ME) is True
    second.release()


@pytest.mark.real
def test_of_two_processes_one_holds_it(path: Path) -> None:
    with other_process(path) as other:
        assert said(other) == "True False"
        mine = Lease(path)
        assert mine.try_take(ME) is False
        assert is_held(path)
        held = holder(path)
        assert held is not None
        assert (held.pid, held.host) == (4711, "there")
        other.communicate("\n", timeout=10)
        assert not is_held(path)
        assert mine.try_take(ME) is True
        assert mine.crashed_before is False
        mine.release()


@pytest.mark.real
def test_a_killed_holder_loses_it_at_once_and_its_end_is_seen(path: Path) -> None:
    with other_process(path) as other:
        assert said(other) == "True False"
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        assert not is_held(path)
        assert holder(path) is not None, "the file still says who it was"
        mine = Lease(path)
        assert mine.try_take(ME) is True
        assert mine.crashed_before is True
        mine.release(clean=False)
    assert holder(path) == ME


def test_a_readers_probe_does_not_keep_anybody_from_taking_it(path: Path) -> None:
    over = threading.Event()

    def probe() -> None:
        while not over.is_set():
            is_held(path)

    reader = threading.Thread(target=probe)
    reader.start()
    try:
        for _ in range(300):
            lease = Lease(path)
            assert lease.try_take(ME)
            lease.release()
    finally:
        over.set()
        reader.join()


def test_the_heartbeat_is_the_files_age(path: Path) -> None:
    assert age(path, ME.started_at) is None
    lease = Lease(path)
    lease.try_take(ME)
    os.utime(path, (1, 1))
    now = datetime.now(UTC)
    silence = age(path, now)
    assert silence is not None
    assert silence > timedelta(days=365)
    assert lease.beat() is True
    silence = age(path, datetime.now(UTC))
    assert silence is not None
    assert silence < FRESH
    assert age(path, now - timedelta(hours=1)) == timedelta(0), "a clock that was set back is no negative age"
    lease.release()
    assert lease.beat() is False


def test_a_holder_whose_file_was_taken_away_notices(path: Path) -> None:
    lease = Lease(path)
    lease.try_take(ME)
    path.unlink()
    assert lease.beat() is False
    other = Lease(path)
    assert other.try_take(ME) is True
    assert lease.beat() is False
    other.release()
    lease.release()


@pytest.mark.parametrize(("folder_mode", "wanted"), [(0o700, 0o600), (0o2770, 0o660)])
def test_its_mode_follows_the_folder(tmp_path: Path, folder_mode: int, wanted: int) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    folder.chmod(folder_mode)
    lease = Lease(folder / "sev.db.lease")
    lease.try_take(ME)
    assert stat.S_IMODE(lease.path.stat().st_mode) == wanted
    lease.release()


def test_garbage_in_the_file_names_nobody(path: Path) -> None:
    for garbage in (b"", b"{", b"[]", b'{"pid": "x"}', b"\xff\x00"):
        path.write_bytes(garbage)
        assert holder(path) is None


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot use the lease"):
        Lease(tmp_path / "nowhere" / "sev.db.lease").try_take(ME)
    assert not is_held(tmp_path / "nowhere" / "sev.db.lease")
    with pytest.raises(StoreError, match="not held"):
        Lease(tmp_path / "sev.db.lease").tell(ME)


def test_whether_it_is_held_follows_the_file(path: Path) -> None:
    lease = Lease(path)
    assert lease.holds() is False
    lease.try_take(ME)
    assert lease.holds() is True
    path.unlink()
    assert lease.holds() is False
    lease.release()
    assert lease.holds() is False
