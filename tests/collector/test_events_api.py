"""Events for PagerDuty as its API would take or refuse them, the names it invents, and the key that nobody sees."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.collector.bodies import HIDDEN
from tui.collector.events_api import Event, event_of
from tui.collector.routes import Dialect

KEY = "R0UT1NGK3Y"
TRIGGER: dict[str, object] = {
    "routing_key": KEY,
    "event_action": "trigger",
    "payload": {"summary": "orders late", "source": "etl-2", "severity": "critical"},
}
FIRST: dict[str, object] = {"service_key": KEY, "event_type": "trigger", "description": "orders late"}
CHANGE: dict[str, object] = {"routing_key": KEY, "payload": {"summary": "loader 4.2 deployed"}}


def event(body: object, dialect: Dialect = Dialect.EVENTS) -> Event:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return event_of(raw, raw, dialect)


def trigger(**payload: object) -> dict[str, object]:
    return {**TRIGGER, "payload": {"summary": "s", "source": "x", "severity": "info", **payload}}


def test_a_trigger_without_a_name_gets_one_that_is_the_same_for_the_same_body() -> None:
    first, again, other = event(TRIGGER), event(TRIGGER), event(trigger(summary="another"))
    assert first.name == again.name
    assert len(first.name) == 32
    assert first.name != other.name
    assert json.loads(first.read) == {**TRIGGER, "routing_key": HIDDEN, "dedup_key": first.name}
    assert json.loads(first.kept) == {**TRIGGER, "routing_key": HIDDEN}, "what is kept is what was sent"


def test_the_name_does_not_tell_of_the_key() -> None:
    assert event(TRIGGER).name == event({**TRIGGER, "routing_key": "another"}).name


def test_a_name_that_was_given_stays() -> None:
    given = event({**TRIGGER, "dedup_key": "orders/late"})
    assert given.name == "orders/late"
    assert given.read == given.kept
    assert event({**TRIGGER, "dedup_key": 7}).name == "7"
    assert event({**TRIGGER, "dedup_key": " "}).name == event({**TRIGGER, "dedup_key": " "}).name != ""


def test_version_1_is_named_in_its_own_field() -> None:
    told = event(FIRST, Dialect.EVENTS_V1)
    assert json.loads(told.read) == {**FIRST, "service_key": HIDDEN, "incident_key": told.name}
    assert event({**FIRST, "incident_key": "i"}, Dialect.EVENTS_V1).name == "i"


def test_a_change_has_no_name() -> None:
    told = event(CHANGE, Dialect.CHANGES)
    assert (told.name, told.faults, told.key) == ("", (), KEY)


@pytest.mark.parametrize(
    ("body", "dialect", "fault"),
    [
        ([], Dialect.EVENTS, "expected an object"),
        ("trigger", Dialect.CHANGES, "expected an object"),
        ({}, Dialect.EVENTS, "event_action"),
        ({**TRIGGER, "event_action": "open"}, Dialect.EVENTS, "event_action"),
        ({**TRIGGER, "event_action": None}, Dialect.EVENTS, "event_action"),
        ({**TRIGGER, "payload": None}, Dialect.EVENTS, "payload"),
        ({**TRIGGER, "payload": []}, Dialect.EVENTS, "payload"),
        (trigger(summary=""), Dialect.EVENTS, "payload.summary"),
        (trigger(source=None), Dialect.EVENTS, "payload.source"),
        (trigger(severity="high"), Dialect.EVENTS, "payload.severity"),
        (trigger(severity=1), Dialect.EVENTS, "payload.severity"),
        ({"event_action": "resolve"}, Dialect.EVENTS, "dedup_key"),
        ({"event_action": "acknowledge", "dedup_key": " "}, Dialect.EVENTS, "dedup_key"),
        ({**TRIGGER, "dedup_key": "x" * 256}, Dialect.EVENTS, "longer than 255"),
        ({**TRIGGER, "dedup_key": {"a": 1}}, Dialect.EVENTS, "must be text"),
        ({**FIRST, "event_type": "open"}, Dialect.EVENTS_V1, "event_type"),
        ({**FIRST, "description": ""}, Dialect.EVENTS_V1, "description"),
        ({"event_type": "resolve"}, Dialect.EVENTS_V1, "incident_key"),
        ({**CHANGE, "payload": {}}, Dialect.CHANGES, "payload.summary"),
        ({"routing_key": KEY}, Dialect.CHANGES, "payload.summary"),
        (TRIGGER, Dialect.CHANGES, "event_action"),
    ],
)
def test_what_pagerduty_refuses_is_refused(body: object, dialect: Dialect, fault: str) -> None:
    told = event(body, dialect)
    assert any(fault in said for said in told.faults)
    assert told.name != event(TRIGGER).name


@pytest.mark.parametrize(
    ("body", "dialect"),
    [
        (TRIGGER, Dialect.EVENTS),
        (trigger(severity="Warning"), Dialect.EVENTS),
        ({"event_action": "resolve", "dedup_key": "x"}, Dialect.EVENTS),
        ({**TRIGGER, "dedup_key": "x" * 255, "unknown": [1]}, Dialect.EVENTS),
        (FIRST, Dialect.EVENTS_V1),
        ({"event_type": "acknowledge", "incident_key": "x"}, Dialect.EVENTS_V1),
        (CHANGE, Dialect.CHANGES),
    ],
)
def test_what_it_takes_is_taken(body: object, dialect: Dialect) -> None:
    assert event(body, dialect).faults == ()


def test_what_is_not_json_shows_its_key_all_the_same() -> None:
    told = event(b'{"routing_key": "R0UT1NGK3Y", "event_')
    assert (told.key, told.faults, told.name) == (KEY, (), "")
    assert told.kept == told.read == b'{"routing_key": "[redacted]", "event_'


def test_its_key_is_in_no_print() -> None:
    assert KEY not in f"{event(TRIGGER)} {[event(TRIGGER)]}"


FIELDS = st.sampled_from(("routing_key", "event_action", "event_type", "dedup_key", "payload", "description", "x"))
WILD = st.recursive(
    st.none() | st.integers() | st.sampled_from(("trigger", "resolve", "info", "")) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=8,
)


@given(st.binary(max_size=50) | WILD.map(lambda value: json.dumps(value).encode()), st.sampled_from(Dialect))
def test_anything_is_an_event_or_has_faults(body: bytes, dialect: Dialect) -> None:
    if dialect not in (Dialect.EVENTS, Dialect.EVENTS_V1, Dialect.CHANGES):
        return
    told = event(body, dialect)
    if told.name and not told.faults:
        assert json.loads(told.read)
