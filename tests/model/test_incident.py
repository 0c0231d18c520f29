"""An incident's three figures and who holds a role."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.incident import Incident, Phase, Role
from tui.model.severity import Severity
from tui.model.text import Safe

START = datetime(2026, 11, 24, 14, tzinfo=UTC)
MOMENTS = st.none() | st.integers(-600, 6000).map(lambda seconds: START + timedelta(seconds=seconds))
INCIDENT = Incident(
    id=1,
    seq=9,
    title=Safe("orders are late"),
    severity=Severity.SEV2,
    phase=Phase.RESPOND,
    first_signal_at=START - timedelta(minutes=3),
    detected_at=START,
    acknowledged_at=START + timedelta(minutes=2),
    acknowledged_by=Safe("li"),
    declared_at=START + timedelta(minutes=4),
    declared_by=Safe("li"),
    mitigated_at=None,
    resolved_at=None,
    closed_at=None,
    updated_at=None,
    root=None,
    reopened=0,
    merged_into=None,
    candidate=None,
    alerts=(),
    roles=(),
    rca_started_at=None,
)


def minutes(length: timedelta | None) -> float | None:
    return None if length is None else length / timedelta(minutes=1)


def test_the_three_figures() -> None:
    told = msgspec.structs.replace(INCIDENT, resolved_at=START + timedelta(minutes=50)).durations
    assert (minutes(told.mttd), minutes(told.mtta), minutes(told.mttr)) == (3, 2, 50)
    assert told.clamped == ()


def test_what_is_missing_is_missing_and_not_zero() -> None:
    told = msgspec.structs.replace(INCIDENT, first_signal_at=None, acknowledged_at=None).durations
    assert (told.mttd, told.mtta, told.mttr) == (None, None, None)


def test_detection_counts_from_the_first_failure_once_it_is_known() -> None:
    told = msgspec.structs.replace(INCIDENT, rca_started_at=START - timedelta(minutes=20)).durations
    assert minutes(told.mttd) == 20


@given(MOMENTS, MOMENTS, MOMENTS)
def test_no_figure_is_below_zero_and_a_clamped_one_is_marked(
    first: datetime | None, acknowledged: datetime | None, resolved: datetime | None
) -> None:
    told = msgspec.structs.replace(
        INCIDENT, first_signal_at=first, acknowledged_at=acknowledged, resolved_at=resolved
    ).durations
    for name, length, real in (
        ("mttd", told.mttd, START - first if first else None),
        ("mtta", told.mtta, acknowledged - START if acknowledged else None),
        ("mttr", told.mttr, resolved - START if resolved else None),
    ):
        assert length == (None if real is None else max(real, timedelta(0)))
        assert (name in told.clamped) == (real is not None and real < timedelta(0))


def test_a_role_is_held_by_the_one_who_did_not_give_it_back() -> None:
    past = Role(incident=1, role=Safe("commander"), name=Safe("li"), since=START, until=START)
    held = msgspec.structs.replace(past, name=Safe("bo"), until=None)
    told = msgspec.structs.replace(INCIDENT, roles=(past, held))
    assert told.commander == "bo"
    assert told.holder("scribe") is None
    assert msgspec.structs.replace(INCIDENT, roles=(past,)).commander is None


@pytest.mark.parametrize(
    ("phase", "is_open"),
    [(Phase.RESPOND, True), (Phase.RESOLVE, True), (Phase.LEARN, False), (Phase.CLOSED, False)],
)
def test_it_is_open_until_it_was_resolved(phase: Phase, is_open: bool) -> None:
    assert msgspec.structs.replace(INCIDENT, phase=phase).is_open is is_open
