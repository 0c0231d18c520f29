"""A vendor's status page."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, signals_of, survives
from tui.formats.base import part
from tui.formats.decode import Json
from tui.formats.statuspage import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

PAGE: Json = {"id": "p1", "status_indicator": "major", "status_description": "Partial outage"}
INCIDENT: dict[str, Json] = {
    "id": "i9",
    "name": "EU: queries fail",
    "status": "investigating",
    "impact": "major",
    "created_at": "2026-11-24T02:00:00Z",
    "resolved_at": None,
    "shortlink": "https://stspg.example/i9",
    "components": [{"id": "c1", "name": "Warehouse EU"}],
    "incident_updates": [{"body": "We look into it.", "created_at": "2026-11-24T02:05:00Z"}],
}
BODY: Json = {"meta": {"unsubscribe": "https://x.example"}, "page": PAGE, "incident": INCIDENT}
COMPONENT: Json = {
    "meta": {},
    "page": PAGE,
    "component_update": {
        "old_status": "operational",
        "new_status": "major_outage",
        "created_at": "2026-11-24T02:00:00Z",
    },
    "component": {"id": "c1", "name": "Warehouse EU", "status": "major_outage"},
}


def incident(**changed: Json) -> Signal:
    (signal,) = signals_of(FORMAT, {**part(BODY), "incident": {**INCIDENT, **changed}})
    return signal


def test_an_incident_of_the_vendor() -> None:
    signal = incident()
    assert (signal.key, signal.status, signal.kind) == ("statuspage:p1 incident i9", SignalStatus.FIRING, Kind.OTHER)
    assert (signal.title, signal.subject) == ("EU: queries fail: investigating", "Warehouse EU")
    assert (signal.severity_word, signal.severity_hint) == ("major", Severity.SEV2)
    assert signal.starts == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert signal.at == datetime(2026, 11, 24, 2, 5, tzinfo=UTC)
    assert signal.labels["update"] == "We look into it."
    assert signal.links.source == "https://stspg.example/i9"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("identified", SignalStatus.FIRING),
        ("monitoring", SignalStatus.FIRING),
        ("resolved", SignalStatus.RESOLVED),
        ("postmortem", SignalStatus.RESOLVED),
        ("dreaming", SignalStatus.UNKNOWN),
    ],
)
def test_the_vendor_calls_it_over(word: str, status: SignalStatus) -> None:
    signal = incident(status=word)
    assert (signal.status, signal.ended_at is not None) == (status, status is SignalStatus.RESOLVED)
    assert signal.key == incident().key


def test_planned_maintenance_is_a_change() -> None:
    signal = incident(status="scheduled", impact="maintenance", scheduled_for="2026-11-25T02:00:00Z")
    assert (signal.kind, signal.status, signal.labels["touches"]) == (Kind.CHANGE, SignalStatus.INFO, "Warehouse EU")
    assert signal.at == datetime(2026, 11, 25, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "status", "grade"),
    [
        ("major_outage", SignalStatus.FIRING, Severity.SEV1),
        ("degraded_performance", SignalStatus.FIRING, Severity.SEV3),
        ("operational", SignalStatus.RESOLVED, None),
        ("under_maintenance", SignalStatus.INFO, None),
    ],
)
def test_a_component(word: str, status: SignalStatus, grade: Severity | None) -> None:
    (signal,) = signals_of(FORMAT, {**part(COMPONENT), "component_update": {"new_status": word}})
    assert (signal.key, signal.subject) == ("statuspage:p1 component c1", "Warehouse EU")
    assert (signal.status, signal.severity_hint) == (status, grade)


@pytest.mark.parametrize("body", [{"incident": INCIDENT}, {"page": 2, "incident": {}}, {"page": {}}, [], None])
def test_other_bodies_are_left_to_others(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from([BODY, COMPONENT]).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    survives(FORMAT, body)
