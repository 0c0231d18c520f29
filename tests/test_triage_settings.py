"""The team's rules of triage in sev.toml: what they become, and every mistake in them at once."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from tui.config import load
from tui.errors import ConfigError
from tui.model.text import Safe
from tui.triage.rules import NO_RULES, Match, Mute, Rules, Window


def read(tmp_path: Path, text: str) -> Rules:
    (tmp_path / "sev.toml").write_text(text, "utf-8")
    return load(store=tmp_path / "sev.db").triage


def mistakes(tmp_path: Path, text: str) -> list[str]:
    """The mistakes without the name of the file, which begins each."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    start = f"{tmp_path}/sev.toml:"
    assert all(mistake.startswith(start) and mistake.count(": ") >= 2 for mistake in caught.value.mistakes)
    return [mistake.removeprefix(start) for mistake in caught.value.mistakes]


def test_none_are_set(tmp_path: Path) -> None:
    assert read(tmp_path, "") == read(tmp_path, "[triage]") == NO_RULES


def test_windows_and_mutes(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        [[triage.maintenance]]
        name = "upgrade"
        touches = "warehouse"
        from = 2026-12-01T22:00:00Z
        to = "2026-12-02T02:30:00+01:00"
        [[triage.maintenance]]
        name = "backup"
        touches = ["billing-db", "dbt*"]
        at = "2:05"
        for = "1h30m"
        days = ["Monday", "thu"]
        timezone = "Europe/Berlin"
        [[triage.mute]]
        when = { title = "*host is down*", labels = { alertname = "Node*", "k8s.io/zone" = "a" } }
        mutes = { source = "cron", key = "cron:*" }
        equal = ["host"]
        [[triage.mute]]
        name = "nights"
        when = { subject = "x" }
        mutes = { subject = "y" }
        """,
    )
    upgrade = Window(
        name=Safe("upgrade"),
        touches=(Safe("warehouse"),),
        begins=datetime(2026, 12, 1, 22, tzinfo=UTC),
        ends=datetime(2026, 12, 2, 1, 30, tzinfo=UTC),
    )
    backup = Window(
        name=Safe("backup"),
        touches=(Safe("billing-db"), Safe("dbt*")),
        at=time(2, 5),
        lasting=timedelta(minutes=90),
        days=(0, 3),
        timezone="Europe/Berlin",
    )
    host = Mute(
        when=Match(title=Safe("*host is down*"), labels={"alertname": Safe("Node*"), "k8s.io/zone": Safe("a")}),
        mutes=Match(source=Safe("cron"), key=Safe("cron:*")),
        equal=("host",),
    )
    other = Mute(when=Match(subject=Safe("x")), mutes=Match(subject=Safe("y")), name=Safe("nights"))
    assert found == Rules(maintenance=(upgrade, backup), mute=(host, other))


def test_nothing_need_be_equal_is_another_thing_than_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, '[[triage.mute]]\nwhen = {title = "a"}\nmutes = {title = "b"}\nequal = []')
    assert found.mute[0].equal == ()


def test_every_mistake_at_once(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        """
        [triage]
        hold = "5m"
        [[triage.maintenance]]
        touches = []
        from = 2026-12-01T22:00:00
        to = "tomorrow"
        timezone = "UTC"
        [[triage.maintenance]]
        name = 7
        touches = ["x"]
        [[triage.maintenance]]
        name = "both"
        touches = ["x"]
        at = "02:00"
        to = 2026-12-01T22:00:00Z
        [[triage.maintenance]]
        name = "again"
        touches = ["x"]
        at = "25:00"
        days = ["mon", "someday"]
        timezone = "Mars"
        colour = "red"
        [[triage.maintenance]]
        name = "long"
        touches = ["x"]
        at = "02:00"
        for = "8d"
        [[triage.maintenance]]
        name = "backwards"
        touches = ["x"]
        from = 2026-12-02T22:00:00Z
        to = 2026-12-01T22:00:00Z
        [[triage.mute]]
        when = {}
        mutes = "cron"
        equal = 3
        [[triage.mute]]
        when = { title = 1, labels = { host = 2 }, tilte = "x" }
        """,
    )
    assert told == [
        "triage.hold: is not a setting: one of maintenance, mute",
        'triage.maintenance[0].name: is missing: write name = "warehouse upgrade": it is the reason people read',
        'triage.maintenance[0].touches: names nothing: write ["warehouse", "dbt*"], or ["*"] for everything',
        "triage.maintenance[0].timezone: goes with at and for only: leave it out, or write at and for",
        "triage.maintenance[0].from: '2026-12-01 22:00:00' is no moment: write 2026-12-01T22:00:00Z, with its zone",
        "triage.maintenance[0].to: 'tomorrow' is no moment: write 2026-12-01T22:00:00Z, with its zone",
        'triage.maintenance[1].name: is not text: write it in quotes: "…"',
        'triage.maintenance[1]: says not when, or says it twice: write from and to, or at = "02:00" and for = "30m"',
        'triage.maintenance[2]: says not when, or says it twice: write from and to, or at = "02:00" and for = "30m"',
        "triage.maintenance[3].colour: is not a setting: one of name, touches, from, to, at, for, days, timezone",
        'triage.maintenance[3].for: is missing: write for = "30m"',
        'triage.maintenance[3].at: is no time of day: write at = "02:00"',
        'triage.maintenance[3].days: \'someday\' is no day of the week: write ["mon", "fri"]',
        'triage.maintenance[3].timezone: \'Mars\' is no time zone: write "UTC" or "Europe/Berlin"',
        "triage.maintenance[4].for: is longer than a week: write from and to",
        "triage.maintenance[5].to: is not after from: check both",
        'triage.mute[0].when: names nothing: write when = { title = "*host is down*" }',
        'triage.mute[0].mutes: is no table: write mutes = { title = "*host is down*" }',
        'triage.mute[0].equal: is not a list of texts: write ["…", "…"]',
        "triage.mute[1].when.tilte: is not a setting: one of subject, title, key, source, labels",
        'triage.mute[1].when.labels.host: is not text: write it in quotes: "…"',
        'triage.mute[1].when.title: is not text: write it in quotes: "…"',
        'triage.mute[1].mutes: is missing: write mutes = { title = "*host is down*" }',
    ]


@pytest.mark.parametrize("text", ['maintenance = "x"', "maintenance = [1]", "mute = {when = {}}"])
def test_what_is_no_list_of_tables(tmp_path: Path, text: str) -> None:
    (told,) = mistakes(tmp_path, f"[triage]\n{text}")
    word = text.partition(" ")[0]
    assert told == f"triage.{word}: is no list of tables: write [[triage.{word}]]"
