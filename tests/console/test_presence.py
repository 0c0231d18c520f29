"""Who has the console open: seen by the others, gone when the console is, and nothing of it in the store."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.console.stage import main_screen, screen_text, stage, until
from tests.console.test_conflict import begin
from tui.config import Config
from tui.console.ink import Piece
from tui.console.presence import Here, Presence, presence_folder
from tui.console.render.header import around
from tui.console.render.look import Look
from tui.console.session import Session
from tui.logins import ELSEWHERE
from tui.model.entry import Actor
from tui.model.text import Safe
from tui.store.engine import Store

DIES = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from tui.console.presence import Presence
here = Presence(Path(sys.argv[1]), "kim", lambda: datetime.now(UTC))
here.open()
here.at(7)
print("open", flush=True)
time.sleep(60)
"""


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sev.db"


def test_others_are_told_apart_from_oneself(path: Path, now: datetime) -> None:
    li, kim = Presence(path, "li", lambda: now), Presence(path, "kim", lambda: now)
    assert li.others() == ()
    li.open()
    kim.open()
    kim.at(7)
    assert li.others() == (Here(name=Safe("kim"), since=now, seen=now, incident=7),)
    assert [one.name for one in kim.others()] == ["li"]
    kim.close()
    assert li.others() == ()
    li.close()
    assert list(presence_folder(path).iterdir()) == []


def test_a_console_that_was_killed_is_gone_at_the_next_look(path: Path, now: datetime) -> None:
    li = Presence(path, "li", lambda: now)
    console = subprocess.Popen([sys.executable, "-c", DIES, str(path)], stdout=subprocess.PIPE)
    try:
        assert console.stdout is not None
        assert console.stdout.readline() == b"open\n"
        assert [(one.name, one.incident) for one in li.others()] == [("kim", 7)]
    finally:
        console.kill()
        console.communicate()
    assert li.others() == ()
    assert list(presence_folder(path).iterdir()) == []


def test_an_idle_console_writes_nothing(path: Path, now: datetime) -> None:
    clock = Clock(now)
    li = Presence(path, "li", clock)
    li.open()
    li.at(7)
    (file,) = presence_folder(path).iterdir()
    before = file.stat()
    clock.now += timedelta(minutes=10)
    for _ in range(50):
        li.at(7)
        li.others()
    after = file.stat()
    assert (after.st_mtime_ns, after.st_ctime_ns, after.st_size) == (
        before.st_mtime_ns,
        before.st_ctime_ns,
        before.st_size,
    )
    li.key()
    seen = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    assert seen == clock.now
    li.close()


@pytest.mark.parametrize("umask", [0o077, 0o022, 0])
@pytest.mark.parametrize(("shared", "folder", "file"), [(True, 0o2770, 0o660), (False, 0o700, 0o600)])
def test_it_is_as_open_as_the_store(
    tmp_path: Path, now: datetime, umask: int, shared: bool, folder: int, file: int
) -> None:
    place = tmp_path / "team"
    place.mkdir()
    place.chmod(0o2770 if shared else 0o700)
    before = os.umask(umask)
    try:
        li = Presence(place / "sev.db", "li", lambda: now)
        li.open()
    finally:
        os.umask(before)
    assert stat.S_IMODE((place / "sev.db.here").stat().st_mode) == folder
    (own,) = (place / "sev.db.here").iterdir()
    assert stat.S_IMODE(own.stat().st_mode) == file
    li.close()


def test_what_is_no_console_of_ours_is_nobody_and_hurts_nobody(path: Path, now: datetime) -> None:
    kim = Presence(path, "\x1b]0;owned\x07kim", lambda: now)
    kim.open()
    os.mkfifo(presence_folder(path) / "trap.json")
    (presence_folder(path) / "link.json").symlink_to("/etc/passwd")
    found = Presence(path, "li", lambda: now).others()
    assert [one.name for one in found] == ["␛kim"]
    kim.close()


def test_where_it_cannot_be_written_nobody_is_seen(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "sev.db.here").write_text("a file")
    li = Presence(tmp_path / "sev.db", "li", lambda: now)
    li.open()
    li.at(3)
    li.key()
    assert li.others() == ()
    li.close()


def told(now: datetime, incident: int | None, *others: Here) -> str:
    return "".join(piece.text for piece in around(others, incident, Look(now=now))).strip()


def here(name: str, now: datetime, incident: int | None = None, idle: int = 0) -> Here:
    return Here(name=Safe(name), since=now, seen=now - timedelta(minutes=idle), incident=incident)


def test_the_header_says_it_in_short(now: datetime) -> None:
    assert around((), 42, Look(now=now)) == ()
    assert told(now, 42, here("kim", now, 42), here("li", now, 42)) == "kim, li here"
    assert told(now, 42, here("bo", now, 41), here("kim", now, 42), here("ann", now)) == "kim, ann here  bo INC-41"
    assert told(now, None, here("bo", now, 41)) == "bo INC-41"
    assert told(now, 42, here("ann", now, 42, idle=40)) == "ann idle 40m"
    assert told(now, 42, here("bo", now, 42, idle=50), here("bo", now, 41)) == "bo INC-41"
    assert Piece("   ") in around((here("kim", now),), None, Look(now=now))


async def test_two_consoles_see_each_other_and_the_store_is_not_written(path: Path, now: datetime) -> None:
    moment = begin(path, now)
    kim = Presence(path, "kim", lambda: moment)
    with Store(path) as store:
        async with stage(path, moment) as (app, pilot):
            version = store.data_version()
            kim.open()
            kim.at(1)
            await until(pilot, lambda: "kim here" in screen_text(app))
            assert [(one.name, one.incident) for one in kim.others()] == [("li", 1)]
            assert main_screen(app).others[0].name == "kim"
            kim.close()
            await until(pilot, lambda: "kim here" not in screen_text(app))
            assert store.data_version() == version
        assert kim.others() == ()


async def test_a_console_that_only_looks_is_not_announced(path: Path, now: datetime) -> None:
    begin(path, now)
    session = Session(Config(store=path), Actor(Safe("li"), ELSEWHERE), read_only=True)
    await session.open()
    try:
        assert Presence(path, "kim", lambda: now).others() == ()
    finally:
        await session.close()
