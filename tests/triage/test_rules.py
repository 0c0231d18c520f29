"""The team's rules as values: when a window is open, what a pattern fits."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.triage.platform import minute
from tui.model.text import Safe, clean
from tui.triage.rules import Match, Rules, Span, Window, fits, until


def window(at: str = "02:00", lasting: float = 30, zone: str = "UTC", days: tuple[int, ...] = ()) -> Window:
    return Window(
        name=Safe("backup"),
        touches=(Safe("*"),),
        at=time.fromisoformat(at),
        lasting=timedelta(minutes=lasting),
        timezone=zone,
        days=days,
    )


def opened(rule: Window, moment: str) -> str | None:
    """From when until when the window is open that holds this moment."""
    span = rule.open_at(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    return None if span is None else f"{span.begins:%dT%H:%M} {span.ends:%dT%H:%M}"


def test_once_its_beginning_counts_and_its_end_does_not() -> None:
    once = Window(name=Safe("move"), touches=(Safe("*"),), begins=minute(10), ends=minute(40))
    assert [once.open_at(minute(at)) is not None for at in (9, 10, 39, 40)] == [False, True, True, False]
    assert once.open_at(minute(20)) == Span(minute(10), minute(40))


def test_again_and_again_and_past_midnight() -> None:
    assert opened(window(), "2026-11-24T02:00") == "24T02:00 24T02:30"
    assert opened(window(), "2026-11-24T02:30") is None
    late = window("23:30", 90)
    assert opened(late, "2026-11-25T00:59") == "24T23:30 25T01:00"
    assert opened(late, "2026-11-25T01:00") is None


def test_on_its_days_by_the_day_it_begins() -> None:
    monday_night = window("23:30", 90, days=(0,))
    assert opened(monday_night, "2026-11-24T00:15") == "23T23:30 24T01:00", "Tuesday, but it began on Monday"
    assert opened(monday_night, "2026-11-25T00:15") is None


def test_a_window_of_several_days_and_one_that_meets_itself() -> None:
    weekend = window("20:00", 60 * 58, days=(4,))
    assert opened(weekend, "2026-11-29T23:59") == "27T20:00 30T06:00"
    assert opened(window("02:00", 60 * 30), "2026-11-24T03:00") == "24T02:00 25T08:00", "the longer one counts"


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-03-28T01:10", "28T01:00 28T01:30"),  # 02:00 in Berlin
        ("2026-03-29T01:10", "29T01:00 29T01:30"),  # 02:00 is skipped this night: the clock says 03:10
        ("2026-03-30T00:10", "30T00:00 30T00:30"),
        ("2026-10-25T00:10", "25T00:00 25T00:30"),  # the first 02:00 of two
        ("2026-10-25T01:10", None),
    ],
)
def test_local_time_keeps_its_place_when_clocks_change(moment: str, found: str | None) -> None:
    assert opened(window(zone="Europe/Berlin"), moment) == found


def test_which_windows_are_open() -> None:
    rules = Rules(maintenance=(window("02:00"), window("06:00")))
    (found,) = rules.open_at(minute(5))
    assert found[0].at == time(6)
    assert rules.open_at(minute(60)) == []


def test_the_end_is_told_with_its_date_where_it_is_far() -> None:
    assert until(minute(30), minute(0)) == "06:30Z"
    assert until(minute(60 * 30), minute(0)) == "2026-11-25 12:00Z"


@pytest.mark.parametrize(
    ("glob", "text", "like"),
    [
        ("*", "", True),
        ("dbt*", "DBT-prod", True),
        ("dbt", "dbt-prod", False),
        ("*host*down*", "the host db1\nis down now", True),
        ("a[b]?", "a[b]?", True),
        ("a[b]?", "ab", False),
        ("", "x", False),
    ],
)
def test_only_a_star_stands_for_something_else(glob: str, text: str, like: bool) -> None:
    assert fits(glob, text) is like


def test_all_that_a_match_names_must_fit() -> None:
    match = Match(title=Safe("*down*"), source=Safe("am*"), labels={"env": Safe("p*")})

    def meant(title: str = "is down", source: str = "am-eu", **labels: str) -> bool:
        told = {name: clean(value) for name, value in labels.items()}
        return match.fits(subject="x", title=title, key="k", source=source, labels=told)

    assert meant(env="prod")
    assert not meant(env="dev")
    assert not meant()
    assert not meant(title="is up", env="prod")
    assert not meant(source="cron", env="prod")
