"""What came for which deadline, and what could have been heard of it."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tui.model.catalog import Deadline
from tui.model.text import clean
from tui.triage.arrivals import arrivals_at
from tui.triage.deadlines import dues_until
from tui.triage.ears import LAG, Ears

SEVEN = Deadline(at=time(7))
DAY = timedelta(days=1)


def at(day: int, clock: str) -> datetime:
    """In November 2026; the 23rd is a Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def days(*numbers: int, clock: str = "06:41") -> list[datetime]:
    return [at(number, clock) for number in numbers]


def test_the_last_deadlines_whatever_their_days() -> None:
    assert dues_until(SEVEN, at(24, "07:00"), 3) == days(22, 23, 24, clock="07:00")
    assert dues_until(SEVEN, at(24, "06:59"), 1) == days(23, clock="07:00")
    weekly = Deadline(at=time(7), days=(0,))
    assert dues_until(weekly, at(29, "12:00"), 3) == days(9, 16, 23, clock="07:00")
    workdays = Deadline(at=time(7), days=(0, 1, 2, 3, 4))
    assert dues_until(workdays, at(23, "08:00"), 3) == days(19, 20, 23, clock="07:00")
    berlin = Deadline(at=time(7), timezone="Europe/Berlin")
    assert dues_until(berlin, at(24, "06:00"), 1) == [at(24, "06:00")]


def test_it_is_there_or_not() -> None:
    there = arrivals_at(days(20, 21, 22, 23, 24), SEVEN, at(24, "07:00"))
    assert there is not None
    assert (there.there, there.before, there.lead) == (True, 4, timedelta(minutes=19))
    missing = arrivals_at(days(20, 21, 22, 23), SEVEN, at(24, "07:00"))
    assert missing is not None
    assert (missing.there, missing.before, missing.expected) == (False, 4, True)


@pytest.mark.parametrize(
    ("came", "expected"),
    [(days(23), False), (days(22, 23), False), (days(21, 22, 23), True), (days(18, 21, 23), False)],
)
def test_three_of_the_last_five_make_a_habit(came: list[datetime], expected: bool) -> None:
    found = arrivals_at(came, SEVEN, at(24, "07:00"))
    assert found is not None
    assert found.expected is expected


def test_what_comes_after_a_missed_deadline_is_late_for_that_one() -> None:
    came = [*days(20, 21, 22), at(23, "09:00")]
    found = arrivals_at(came, SEVEN, at(24, "07:00"))
    assert found is not None
    assert not found.there, "it was the one of the 23rd"
    again = arrivals_at([*came, at(24, "06:00")], SEVEN, at(24, "07:00"))
    assert again is not None
    assert again.there


def test_what_always_comes_after_its_deadline_comes_for_the_next_one() -> None:
    found = arrivals_at(days(19, 20, 21, 22, 23, clock="07:20"), SEVEN, at(24, "07:00"))
    assert found is not None
    assert (found.there, found.before) == (True, 4)


def test_who_is_asked_is_known_until_it_answered_and_who_sends_until_a_moment_ago() -> None:
    now, flow, cron = at(24, "07:00"), clean("flow"), clean("cron")
    ears = Ears(now=now, since=now - DAY, pulled={flow: at(24, "05:00"), clean("new"): None})
    assert (ears.until(flow), ears.until(cron)) == (at(24, "05:00"), now - LAG)
    assert ears.until(clean("new")) < now - 1000 * DAY
    assert ears.is_pulled(flow)
    assert not ears.is_pulled(cron)


def test_what_was_sent_while_nobody_listened_may_be_missing() -> None:
    flow, cron = clean("flow"), clean("cron")
    ears = Ears(now=at(24, "09:00"), since=at(24, "06:00"), before=at(24, "03:00"), pulled={flow: at(24, "09:00")})
    assert ears.missed(cron, at(24, "05:00"), at(24, "07:00"))
    assert not ears.missed(cron, at(24, "06:00"), at(24, "07:00"))
    assert not ears.missed(cron, at(24, "01:00"), at(24, "03:00"))
    assert not ears.missed(flow, at(24, "05:00"), at(24, "07:00")), "it tells later what was"
    short = Ears(now=at(24, "09:00"), since=at(24, "06:00"), before=at(24, "06:00") - timedelta(seconds=30))
    assert not short.missed(cron, at(24, "05:00"), at(24, "07:00"))
    assert Ears(now=at(24, "09:00"), since=at(24, "06:00")).missed(cron, at(24, "01:00"), at(24, "02:00"))
