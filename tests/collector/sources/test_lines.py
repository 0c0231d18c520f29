"""Files of lines and the system's journal, as sources."""

import asyncio
import json
import stat
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.collector.sources.pull import pulling, source, utc_now
from tests.collector.sources.test_tail import append
from tui.collector.sources.haul import Haul
from tui.collector.sources.lines import File, Journal
from tui.config import SourceKind
from tui.errors import SevError
from tui.store.sources import Cursor

FILE, JOURNALD = SourceKind.FILE, SourceKind.JOURNALD

FAKE = """\
#!/bin/sh
# Stands for journalctl: notes what it was asked, tells the lines of a file and those that come behind them.
echo "$*" >> "{folder}/asked"
exec tail -n +1 -f "{folder}/journal"
"""


def line(cursor: str, message: str = "Out of memory", priority: int = 3) -> bytes:
    told = {
        "__CURSOR": cursor,
        "PRIORITY": str(priority),
        "MESSAGE": message,
        "SYSLOG_IDENTIFIER": "kernel",
        "_BOOT_ID": "b",
        "__REALTIME_TIMESTAMP": "1795344896412000",
    }
    return json.dumps(told).encode() + b"\n"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal whose `journalctl` comes first on the path."""
    program = tmp_path / "bin" / "journalctl"
    program.parent.mkdir()
    program.write_text(FAKE.format(folder=tmp_path))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    (tmp_path / "journal").write_bytes(b"")
    return tmp_path / "journal"


async def pull(puller: File | Journal, cursor: Cursor) -> Haul:
    async with asyncio.timeout(10):
        return await puller.pull(cursor, utc_now())


async def test_lines_of_the_journal(journal: Path) -> None:
    append(journal, line("c1") + line("c2"))
    puller = Journal(source("j", JOURNALD, every=timedelta(seconds=9)))
    haul = await pull(puller, {})
    assert [json.loads(body)["__CURSOR"] for body in haul.bodies] == ["c1", "c2"]
    assert haul.cursor == {"after": "c2"}
    assert haul.only_telling
    append(journal, line("c3"))
    assert (await pull(puller, {"after": "c2"})).cursor == {"after": "c3"}
    await puller.close()
    assert journal.with_name("asked").read_text() == (
        "--output=json --follow --no-pager --priority=warning --lines=0\n"
    ), "one process follows it, from now on"


async def test_a_journal_without_news_is_a_source_that_can_be_read(journal: Path) -> None:
    puller = Journal(source("j", JOURNALD, every=timedelta(milliseconds=50)))
    haul = await pull(puller, {})
    assert (haul.bodies, haul.cursor) == ((), None)
    await puller.close()


async def test_after_a_restart_the_journal_is_read_from_the_last_line(journal: Path) -> None:
    puller = Journal(source("j", JOURNALD, every=timedelta(milliseconds=50)))
    await pull(puller, {"after": "s=1;i=2"})
    await puller.close()
    assert journal.with_name("asked").read_text().endswith("--no-tail --after-cursor=s=1;i=2\n")


async def test_a_journalctl_that_ends_says_why(journal: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "journalctl").write_text("#!/bin/sh\necho 'No journal files' >&2\nexit 1\n")
    puller = Journal(source("j", JOURNALD))
    with pytest.raises(SevError, match="journalctl ended with 1: No journal files"):
        await pull(puller, {})
    (tmp_path / "bin" / "journalctl").write_text(FAKE.format(folder=tmp_path))
    append(journal, line("c1"))
    assert (await pull(puller, {})).cursor == {"after": "c1"}, "the next look starts another one"
    await puller.close()


async def test_without_journalctl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SevError, match="journalctl is not installed"):
        await pull(Journal(source("j", JOURNALD)), {})


async def test_a_line_beyond_all_limits_does_not_stop_the_journal(journal: Path) -> None:
    append(journal, b'{"MESSAGE": "' + b"x" * (5 << 20) + b'"}\n' + line("c9"))
    puller = Journal(source("j", JOURNALD, every=timedelta(seconds=9)))
    for _ in range(20):
        haul = await pull(puller, {})
        if haul.cursor == {"after": "c9"}:
            break
    else:
        raise AssertionError("it never got behind the line")
    await puller.close()


async def test_the_journal_through_the_intake_and_across_a_restart(journal: Path, tmp_path: Path) -> None:
    settings = source("host", JOURNALD, format_name="generic")
    own = [{"__CURSOR": f"c{n}", "key": f"k{n}", "title": "t"} for n in range(2)]
    for n in (0, 1):
        async with pulling(tmp_path, settings) as look:
            await look.polls("host", 1)
            append(journal, json.dumps(own[n]).encode() + b"\n")
            await look.until(partial(look.alert, f"host:k{n}"), "the line")
    first, second = journal.with_name("asked").read_text().splitlines()
    assert first.endswith("--lines=0")
    assert second.endswith("--after-cursor=c0")


async def test_a_file_of_journal_lines(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"")
    puller = File(source("j", JOURNALD, path=path))
    first = await pull(puller, {})
    append(path, line("c1"))
    assert first.cursor is not None
    haul = await pull(puller, first.cursor)
    assert (len(haul.bodies), haul.only_telling) == (1, True)


async def test_a_file_that_comes_later_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "late.jsonl"
    puller = File(source("f", FILE, path=path))
    with pytest.raises(SevError, match=r"late\.jsonl cannot be read: No such file or directory: check the path"):
        await pull(puller, {})
    path.write_bytes(b'{"key": "a"}\n')
    first = await pull(puller, {})
    assert first.more
    assert first.cursor is not None
    assert (await pull(puller, first.cursor)).bodies == (b'{"key": "a"}',)


def test_a_file_is_looked_at_often_however_seldom_it_is_reported() -> None:
    assert File(source("f", FILE, path=Path("x"), every=timedelta(minutes=5))).pause == 1
    assert File(source("f", FILE, path=Path("x"), every=timedelta(seconds=0.2))).pause == 0.2
