"""Times and durations, read as wild as senders and people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.moment import (
    due,
    from_micros,
    parse_span,
    parse_time,
    parse_when,
    rfc3339,
    short_span,
    span,
    to_micros,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOMENTS = st.integers(86_400_000_000, 95_000_000_000_000_000).map(from_micros)
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=3000))


@given(MOMENTS)
def test_microseconds_and_back(at: datetime) -> None:
    assert from_micros(to_micros(at)) == at


@given(MOMENTS, st.integers(-14 * 60, 14 * 60), st.sampled_from("T "), st.booleans())
def test_any_offset_reads_as_the_same_moment(at: datetime, minutes: int, joint: str, colon: bool) -> None:
    text = at.astimezone(timezone(timedelta(minutes=minutes))).isoformat(joint)
    if not colon:
        text = text[:-3] + text[-2:]
    assert parse_time(text) == at


@given(st.one_of(st.text(max_size=80), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers())))
def test_nonsense_is_no_time_but_no_error(wild: object) -> None:
    found = parse_time(wild)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24T12:00:00Z", NOON),
        ("2026-11-24t12:00z", NOON),
        ("2026-11-24 12:00:00", NOON),
        ("2026-11-24T13:30:00+01:30", NOON),
        ("2026-11-24T07:00:00-0500", NOON),
        ("2026-11-24T12:00:00.123456789Z", NOON + timedelta(microseconds=123_456)),
        ("2026-11-24T12:00:00,5Z", NOON + timedelta(milliseconds=500)),
        (1795521600, NOON),
        ("1795521600", NOON),
        (1795521600000, NOON),
        (1795521600000000, NOON),
        ("1795521600000000000", NOON),
        (1795521600.25, NOON + timedelta(milliseconds=250)),
        ("0001-01-01T00:00:00Z", None),
        (0, None),
        (-5, None),
        (True, None),
        ("2026-13-01T00:00:00Z", None),
        ("yesterday", None),
        (float("nan"), None),
        (float("inf"), None),
        ("9999-12-31T23:59:59-14:00", None),
        ("", None),
        ({}, None),
    ],
)
def test_senders_times(text: object, at: datetime | None) -> None:
    assert parse_time(text) == at


@pytest.mark.parametrize(
    ("text", "length"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("1h30m", 5400), ("1h 30m", None), ("3D", 259_200), ("1.5h", 5400)],
)
def test_spans_of_people(text: str, length: int | None) -> None:
    if length is None:
        with pytest.raises(ValueError, match="not a length of time"):
            parse_span(text)
    else:
        assert parse_span(text) == timedelta(seconds=length)


@pytest.mark.parametrize("text", ["", "15", "m", "-5m", "0s", "5 min", "9999w", "1h-2m", "1h2", "٣"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a length of time|out of range"):
        parse_span(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", NOON),
        ("20m ago", NOON - timedelta(minutes=20)),
        ("11:05", NOON.replace(hour=11, minute=5)),
        ("11:05:30Z", NOON.replace(hour=11, minute=5, second=30)),
        ("12:04", NOON + timedelta(minutes=4)),
        ("23:00", NOON.replace(hour=23) - timedelta(days=1)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-24T11:00+01:00", NOON - timedelta(hours=2)),
    ],
)
def test_times_of_people(text: str, at: datetime) -> None:
    assert parse_when(text, NOON) == at


@pytest.mark.parametrize("text", ["", "25:00", "12:60", "ago", "x ago", "2026-02-30", "tomorrow", "12"])
def test_what_is_no_time_of_people(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_when(text, NOON)


@pytest.mark.parametrize(
    ("seconds", "long", "short"),
    [
        (-5, "0s", "0s"),
        (0, "0s", "0s"),
        (59.9, "59s", "59s"),
        (60, "1m", "1m"),
        (131, "2m11s", "2m"),
        (3599, "59m59s", "59m"),
        (3600, "1h", "1h00m"),
        (3630, "1h", "1h00m"),
        (11_520, "3h12m", "3h12m"),
        (86_400, "1d", "1d"),
        (187_200, "2d4h", "2d"),
    ],
)
def test_durations_carry_their_units(seconds: float, long: str, short: str) -> None:
    assert span(timedelta(seconds=seconds)) == long
    assert short_span(timedelta(seconds=seconds)) == short


@given(LENGTHS)
def test_what_a_span_says_is_read_back_as_no_more_than_a_unit_less(length: timedelta) -> None:
    said = span(length)
    if said != "0s":
        lost = length - parse_span(said)
        assert timedelta(0) <= lost < timedelta(hours=1)


def test_due_times_say_in_or_late() -> None:
    assert due(NOON + timedelta(minutes=3), NOON) == "in 3m"
    assert due(NOON, NOON) == "in 0s"
    assert due(NOON - timedelta(minutes=4), NOON) == "late 4m"


def test_times_leave_as_utc_to_the_second() -> None:
    paris = datetime(2026, 11, 24, 13, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert rfc3339(paris) == "2026-11-24T12:00:00Z"
    assert rfc3339(None) is None
