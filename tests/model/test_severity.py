"""Severity: senders' words, shapes, and the clocks that follow from a grade."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.severity import WORDS, BusinessHours, Severity, SeverityRules, hint

FRIDAY = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
RULES = SeverityRules()
SEV1, SEV2, SEV3 = Severity


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("critical", SEV1),
        ("PAGE", SEV1),
        (" Disaster ", SEV1),
        ("P1", SEV1),
        ("error", SEV2),
        ("High", SEV2),
        ("warning", SEV3),
        ("info", SEV3),
        ("none", None),
        ("", None),
        (None, None),
        ("critical!", None),
    ],
)
def test_words_of_senders(word: str | None, severity: Severity | None) -> None:
    assert hint(word) is severity


@given(st.text(max_size=20))
def test_an_unknown_word_gives_no_hint(word: str) -> None:
    assert (hint(word) is None) == (word.strip().lower() not in WORDS)


def test_a_grade_is_told_apart_without_colour() -> None:
    assert [(grade.shape, grade.ascii_shape, grade.word, grade.meaning) for grade in Severity] == [
        ("▲", "!", "SEV1", "respond now"),
        ("■", "=", "SEV2", "within hours"),
        ("●", "-", "SEV3", "next business day"),
    ]
    assert SEV1 < SEV2 < SEV3


def test_acknowledge_clocks() -> None:
    assert RULES.acknowledge_by(SEV1, FRIDAY) == FRIDAY + timedelta(minutes=5)
    assert RULES.acknowledge_by(SEV2, FRIDAY) == FRIDAY + timedelta(minutes=30)
    assert RULES.acknowledge_by(SEV3, FRIDAY) == datetime(2026, 11, 30, 17, tzinfo=UTC), "the end of Monday"


def test_update_clocks() -> None:
    later = FRIDAY + timedelta(hours=1)
    assert RULES.update_by(SEV1, FRIDAY, None) == FRIDAY + timedelta(minutes=5)
    assert RULES.update_by(SEV1, FRIDAY, later) == later + timedelta(minutes=20)
    assert RULES.update_by(SEV2, FRIDAY, later) == later + timedelta(minutes=60)
    assert RULES.update_by(SEV3, FRIDAY, None) is None
    assert RULES.update_by(SEV3, FRIDAY, later) is None


def test_analysis_clocks() -> None:
    assert RULES.rca_by(SEV1, FRIDAY) == FRIDAY + timedelta(days=3)
    assert RULES.rca_by(SEV2, FRIDAY) == datetime(2026, 12, 4, 17, tzinfo=UTC), "five business days later"


def test_business_days_know_holidays_and_the_local_date() -> None:
    hours = BusinessHours(timezone="America/New_York", holidays=("2026-11-30",))
    assert hours.next_day(FRIDAY) == datetime(2026, 12, 1, 22, tzinfo=UTC), "Monday is a holiday; 17:00 there"
    late = datetime(2026, 12, 2, 3, tzinfo=UTC)  # still Tuesday evening in New York
    assert hours.next_day(late) == datetime(2026, 12, 2, 22, tzinfo=UTC)


def test_settings_name_the_grades() -> None:
    assert RULES.targets_of("sev1") is RULES.sev1
    assert RULES.targets_of("sev3") is RULES.targets(SEV3)
