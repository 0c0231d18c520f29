"""When a thing is due: zones, days, the hour that comes twice."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.catalog import Deadline
from tui.triage.deadlines import due_after

TUESDAY = datetime(2026, 11, 24, 6, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe")


def test_today_while_it_lies_ahead_and_at_its_very_moment() -> None:
    nine = Deadline(at=time(9))
    assert due_after(nine, TUESDAY) == TUESDAY.replace(hour=9)
    assert due_after(nine, TUESDAY.replace(hour=9)) == TUESDAY.replace(hour=9)


def test_tomorrow_once_it_has_passed() -> None:
    assert due_after(Deadline(at=time(5)), TUESDAY) == TUESDAY.replace(day=25, hour=5)


def test_only_on_its_days() -> None:
    assert due_after(Deadline(at=time(9), days=(4,)), TUESDAY) == TUESDAY.replace(day=27, hour=9)
    assert due_after(Deadline(at=time(5), days=(1,)), TUESDAY) == datetime(2026, 12, 1, 5, tzinfo=UTC), "next week"


def test_by_the_clock_of_its_zone_summer_and_winter() -> None:
    berlin = Deadline(at=time(9), timezone="Europe/Berlin")
    assert due_after(berlin, TUESDAY) == TUESDAY.replace(hour=8)
    assert due_after(berlin, datetime(2026, 7, 1, 0, tzinfo=UTC)) == datetime(2026, 7, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_zone_nobody_knows_is_utc(zone: str) -> None:
    assert due_after(Deadline(at=time(9), timezone=zone), TUESDAY) == TUESDAY.replace(hour=9)


def test_in_the_hour_that_comes_twice_it_is_never_due_before_it_is_asked() -> None:
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 in Berlin for the second time
    assert due_after(Deadline(at=time(2, 30), timezone="Europe/Berlin"), second) >= second


@given(
    st.builds(
        Deadline,
        at=st.times().map(lambda one: one.replace(second=0, microsecond=0, fold=0)),
        timezone=st.sampled_from(ZONES),
        days=st.lists(st.integers(0, 6), max_size=3, unique=True).map(tuple),
    ),
    st.integers(0, 10 * 365 * 86_400).map(lambda seconds: TUESDAY + timedelta(seconds=seconds)),
)
def test_it_lies_ahead_within_eight_days(deadline: Deadline, moment: datetime) -> None:
    due = due_after(deadline, moment)
    assert moment <= due <= moment + timedelta(days=8, hours=2)
    assert due_after(deadline, due) == due, "at its own moment it is due"
