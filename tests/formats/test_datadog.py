"""Datadog's webhook in many templates."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.datadog import FORMAT, TEMPLATE
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"datadog-{name}.json") for name in ("triggered", "without-template", "unrendered")]
GROUP = "datadog:7712 site:north,table:lab.results"


def triggered(**changed: Json) -> Signal:
    body = sample("datadog-triggered.json")
    assert isinstance(body, dict)
    (signal,) = signals_of(FORMAT, {name: value for name, value in {**body, **changed}.items() if value != "-"})
    return signal


def test_every_field_is_read() -> None:
    signal = triggered()
    assert (signal.key, signal.status, signal.kind) == (GROUP, SignalStatus.FIRING, Kind.DATA_QUALITY)
    assert (signal.title, signal.subject) == ("Results are stale", "lab.results")
    assert (signal.severity_word, signal.severity_hint) == ("P2", Severity.SEV2)
    assert signal.at == datetime(2026, 11, 24, 5, 50, 0, 104000, tzinfo=UTC)
    assert (signal.labels["team"], signal.labels["site"], signal.labels["org"]) == ("lab", "north", "Lab")
    assert signal.links.source == "https://app.datadoghq.eu/event/event?id=79"


@pytest.mark.parametrize(
    ("transition", "status"),
    [
        ("Re-Triggered", SignalStatus.FIRING),
        ("Warn", SignalStatus.FIRING),
        ("Renotify", SignalStatus.FIRING),
        ("No Data", SignalStatus.UNKNOWN),
        ("Recovered", SignalStatus.RESOLVED),
    ],
)
def test_a_transition_decides_and_the_key_stays(transition: str, status: SignalStatus) -> None:
    title = f"[P2] [{transition} on {{table:lab.results,site:north}}] Results are stale"
    signal = triggered(alert_transition=transition, title=title, id="1", alert_cycle_key="2", date="1795500000000")
    assert (signal.key, signal.status, signal.title) == (GROUP, status, "Results are stale")
    assert (signal.ended_at == signal.at) == (status is SignalStatus.RESOLVED)


@pytest.mark.parametrize(("word", "kind"), [("Null", "success"), ("", "success"), ("$ALERT_TRANSITION", "success")])
def test_without_a_transition_the_title_and_then_the_type_decide(word: str, kind: str) -> None:
    assert triggered(alert_transition=word, alert_type=kind, title="plain").status is SignalStatus.RESOLVED
    recovered = triggered(alert_transition=word, alert_type="error", title="[Recovered on {a:b}] x")
    assert recovered.status is SignalStatus.RESOLVED


def test_the_body_without_a_template_is_read_from_its_title_and_its_monitors_page() -> None:
    (signal,) = signals_of(FORMAT, sample("datadog-without-template.json"))
    assert (signal.key, signal.status) == ("datadog:7712 table:lab.results", SignalStatus.RESOLVED)
    assert (signal.title, signal.subject) == ("Results are stale", "lab.results")
    assert signal.ended_at == datetime(2026, 11, 24, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "identity"),
    [
        ({"alert_scope": ""}, "7712 site:north,table:lab.results"),  # the title names the group
        ({"alert_scope": "", "title": "x"}, "a1b2"),
        ({"alert_scope": "", "title": "x", "aggreg_key": ""}, "7712"),  # a monitor without groups
        ({"alert_scope": "-", "title": "x", "aggreg_key": "-"}, "900017"),  # the group is told nowhere else
        ({"alert_scope": "$ALERT_SCOPE", "title": "x", "aggreg_key": "$AGGREG_KEY"}, "900017"),
        ({"monitor_id": "", "id": "4455"}, "4455 site:north,table:lab.results"),  # some templates call it so
        ({"monitor_id": "", "aggreg_key": ""}, "900017"),  # a long id is the event's own
    ],
)
def test_what_a_body_is_known_by(changed: dict[str, Json], identity: str) -> None:
    if "monitor_id" in changed and "id" not in changed:
        changed = {**changed, "alert_scope": "-", "title": "x"}
    assert triggered(**changed).key == f"datadog:{identity}"


def test_the_order_of_a_scope_does_not_matter() -> None:
    assert triggered(alert_scope="site:north,table:lab.results").key == GROUP


def test_a_template_that_nobody_filled_in_is_rejected() -> None:
    with pytest.raises(RejectedError, match="templates that were not filled in"):
        signals_of(FORMAT, sample("datadog-unrendered.json"))


@pytest.mark.parametrize(
    ("changed", "word", "grade"),
    [
        ({"alert_priority": ""}, "P2", 2),  # from the title
        ({"alert_priority": "normal", "title": "x"}, "error", 2),
        ({"alert_priority": "$ALERT_PRIORITY", "title": "x", "alert_type": "warning"}, "warning", 3),
        ({"alert_priority": "", "title": "x", "alert_type": "success"}, None, None),
        ({"alert_priority": "P1"}, "P1", 1),
    ],
)
def test_severity(changed: dict[str, Json], word: str | None, grade: int | None) -> None:
    signal = triggered(**changed)
    assert (signal.severity_word, signal.severity_hint) == (word, grade)


def test_trying_the_webhook_out_is_no_trouble() -> None:
    assert triggered(title="[TEST] [P2] [Triggered on {a:b}] Results are stale").status is SignalStatus.INFO


def test_percent_signs_in_addresses_are_no_templates() -> None:
    body = "[Status](https://app.datadoghq.eu/monitors/88?group=job%3A%d0%bb) costs $USD"
    signal = triggered(monitor_id="", alert_scope="", title="[Triggered] x", aggreg_key="", id="", body=body)
    assert signal.key == "datadog:88 job:л"


def test_our_own_template_is_recognised_and_has_every_field() -> None:
    assert FORMAT.matches(json.loads(TEMPLATE), {})
    names = (
        "monitor_id scopes aggreg_key alert_cycle_key alert_transition alert_type alert_priority title body date tags"
    )
    assert set(names.split()) <= json.loads(TEMPLATE).keys()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (SAMPLES[0], "a template of Datadog's: it has aggregkey"),
        (SAMPLES[1], "the body Datadog sends without a template"),
        ({"transition": "x", "alert-type": "y"}, "a template of Datadog's: a transition and an alert type"),
        ({"title": "[Warn on {host:a}] x"}, "a title as Datadog writes it: Warn"),
        ({"event_title": "[P3] [Recovered] x"}, "a title as Datadog writes it: Recovered"),
        ({"title": "[Warn] x"}, None),
        ({"title": "[Triggered] x", "key": "k"}, None),
        ({"title": "Recovered"}, None),
        ([], None),
    ],
)
def test_what_is_taken_for_datadogs(body: Json, reason: str | None) -> None:
    assert FORMAT.matches(body, {}) == reason


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
