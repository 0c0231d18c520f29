"""Lines for people: aligned, cut only where a terminal is narrow, coloured only on one."""

from datetime import UTC, datetime, timedelta

import pytest

from tui.cli.look import Graded, Look, cut, look_for, table, width
from tui.model.severity import Severity

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def test_columns_align_by_what_a_terminal_shows() -> None:
    rows = [("A-1", "売上", "x"), ("A-12", "orders", "y")]
    lines = table(Look(now=NOW), ("id", "what", "z"), rows, long=1)
    assert [width(line[: line.rindex(mark)]) for line, mark in zip(lines, "zxy", strict=True)] == [14, 14, 14]


def test_only_the_long_column_gives_way_and_only_on_a_terminal() -> None:
    rows = [("A-1", "t" * 200)]
    assert len(table(Look(now=NOW), ("id", "what"), rows, long=1)[1]) == 205
    narrow = table(Look(now=NOW, columns=60), ("id", "what"), rows, long=1)[1]
    assert (len(narrow), narrow[-1]) == (60, "…")
    tiny = table(Look(now=NOW, columns=5, ascii=True), ("id", "what"), rows, long=1)[1]
    assert (len(tiny), tiny[-1]) == (23, ".")


def test_no_rows_no_heads() -> None:
    assert table(Look(now=NOW), ("id",), [], long=0) == []


def test_colour_is_for_severities_and_takes_no_columns() -> None:
    look = Look(now=NOW, colour=True)
    first, second = table(look, ("sev", "x"), [(look.grade(Severity.SEV1), "y")], long=1)
    assert second == "\x1b[1;31m▲ SEV1\x1b[0m  y"
    assert first == "sev     x"
    assert table(Look(now=NOW), ("s",), [(Graded("▲ SEV1", Severity.SEV1),)], long=0)[1] == "▲ SEV1"


def test_no_severity_is_an_empty_cell() -> None:
    assert Look(now=NOW).grade(None) == ""


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (timedelta(minutes=3), "in 3m"),
        (-timedelta(minutes=4), "late 4m"),
        (timedelta(days=2), "Thu 14:00Z"),
        (timedelta(days=30), "2026-12-24"),
    ],
)
def test_due_times(after: timedelta, told: str) -> None:
    assert Look(now=NOW).due(NOW + after) == told


def test_a_clock_time_has_its_date_unless_it_is_today() -> None:
    assert Look(now=NOW).clock(NOW) == "14:00Z"
    assert Look(now=NOW).clock(NOW - timedelta(days=1)) == "2026-11-23 14:00Z"


def test_cut_never_exceeds_its_columns() -> None:
    assert cut("orders", 6) == "orders"
    assert cut("orders", 5) == "orde…"
    assert width(cut("売上売上売上", 5)) <= 5


def test_no_terminal_no_colour_no_width() -> None:
    look = look_for(NOW, ascii_only=False)
    assert (look.colour, look.columns) == (False, None)
