"""Icinga Notifications, Icinga 2's objects and event stream, and Nagios."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import part
from tui.formats.decode import Json
from tui.formats.icinga import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Signal, SignalStatus

NAMES = ["event", "notification", "services", "state-change", "nrdp", "macros"]
SAMPLES = [sample(f"icinga-{name}.json") for name in NAMES]
KEY = "icinga:etl-2!tariff load"
AT = datetime(2026, 11, 24, 5, 42, 18, 250000, tzinfo=UTC)


def read(name: str) -> list[Signal]:
    return signals_of(FORMAT, sample(f"icinga-{name}.json"))


def one(body: Json) -> Signal:
    (signal,) = signals_of(FORMAT, body)
    return signal


def event(**changed: Json) -> Signal:
    return one({**part(sample("icinga-event.json")), **changed})


def line(**changed: Json) -> list[Signal]:
    body: dict[str, Json] = {"timestamp": 1795498938.25, "host": "etl-2", "service": "tariff load", **changed}
    assert FORMAT.matches(body, {}) == f"a line of Icinga 2's event stream: {changed['type']}"
    return signals_of(FORMAT, body)


def test_one_service_has_one_key_wherever_it_is_told_of() -> None:
    assert {read(name)[0].key for name in NAMES} == {KEY}
    assert {read(name)[0].subject for name in NAMES} == {"etl-2!tariff load"}


def test_an_event_for_notifications_is_read() -> None:
    (signal,) = read("event")
    assert (signal.status, signal.title) == (SignalStatus.FIRING, "CRITICAL - no rows since 03:00")
    assert (signal.severity_word, signal.severity_hint) == ("crit", Severity.SEV1)
    assert (signal.labels["team"], signal.labels["os"], signal.labels["host"]) == ("energy", "linux", "etl-2")
    assert signal.links.source == "https://icinga.example/service?name=tariff%20load"
    assert signal.at is None


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"severity": "ok"}, SignalStatus.RESOLVED),
        ({"severity": "warning", "type": None}, SignalStatus.FIRING),
        ({"type": "acknowledgement-set", "username": "sana"}, SignalStatus.ACKNOWLEDGED),
        ({"type": "acknowledgement-cleared"}, SignalStatus.FIRING),
        ({"type": "downtime-start"}, SignalStatus.INFO),
        ({"type": "flapping-end", "severity": "ok"}, SignalStatus.INFO),
    ],
)
def test_what_an_event_makes_of_its_object(changed: dict[str, Json], status: SignalStatus) -> None:
    signal = event(**changed)
    assert (signal.key, signal.status) == (KEY, status)
    assert signal.labels.get("by") == changed.get("username")
    assert (signal.severity_hint is None) == (status is SignalStatus.RESOLVED or changed.get("severity") == "ok")


def test_tags_beside_host_and_service_are_part_of_the_key() -> None:
    north = event(tags={"host": "a", "service": "b", "environment": "north"})
    south = event(tags={"environment": "south", "service": "b", "host": "a"})
    assert (north.key, south.key) == ("icinga:a!b environment=north", "icinga:a!b environment=south")
    assert north.subject == "a!b"
    assert event(tags={"shop": "7", "lane": "2"}).key == "icinga:lane=2, shop=7"


def test_a_channel_is_told_of_an_incident_that_ended() -> None:
    (signal,) = read("notification")
    assert (signal.status, signal.title) == (SignalStatus.RESOLVED, "OK - 4312 rows")
    assert signal.ended_at == datetime(2026, 11, 24, 6, 47, 30, 445439, tzinfo=UTC)
    assert signal.links.source == "https://icinga.example/incident?id=37"
    assert signals_of(FORMAT, {"jsonrpc": "2.0", "method": "SetConfig", "params": {}}) == []


def test_a_line_of_open_incidents() -> None:
    result: Json = {"is_muted": True, "object_tags": {"host": "etl-2", "service": "tariff load"}, "severity": "err"}
    signal = one({"status": "success", "result": result})
    assert (signal.key, signal.status, signal.labels["muted"]) == (KEY, SignalStatus.FIRING, "yes")
    assert signal.severity_hint is Severity.SEV2
    assert signals_of(FORMAT, {"status": "success", "result": {"object_tags": {"host": "a"}}}) == []


def test_the_apis_objects_tell_the_state_each_is_in() -> None:
    hard, soft, fine, unknown, held, host = read("services")
    assert (hard.status, hard.severity_word, hard.severity_hint) == (SignalStatus.FIRING, "CRITICAL", Severity.SEV1)
    assert (hard.title, hard.attempt, hard.starts) == ("tariff load says so", None, AT)
    assert hard.links.runbook == "https://runbooks.example/etl"
    assert (soft.status, soft.attempt, soft.max_attempts) == (SignalStatus.RETRYING, 2, 3)
    assert (fine.status, fine.severity_word) == (SignalStatus.SUCCEEDED, None)
    assert unknown.status is SignalStatus.UNKNOWN
    assert (held.status, held.labels["downtime"]) == (SignalStatus.ACKNOWLEDGED, "yes")
    assert (host.key, host.status, host.severity_hint) == ("icinga:etl-3", SignalStatus.FIRING, Severity.SEV1)
    assert host.title == "etl-3 is DOWN"


def test_only_a_hard_state_change_is_an_alert() -> None:
    (soft,) = read("state-change")
    assert (soft.status, soft.attempt, soft.at) == (SignalStatus.RETRYING, 2, AT)
    (hard,) = line(type="StateChange", state=2, state_type=1)
    assert (hard.status, hard.attempt, hard.title) == (SignalStatus.FIRING, None, "etl-2!tariff load is CRITICAL")
    (over,) = line(type="StateChange", state=0, state_type=1)
    assert (over.status, over.ended_at) == (SignalStatus.RESOLVED, AT)


def test_a_check_that_went_well_is_routine() -> None:
    good: Json = {"state": 0, "output": "OK", "vars_after": {"state_type": 1, "attempt": 1}}
    assert line(type="CheckResult", check_result=good)[0].status is SignalStatus.SUCCEEDED


@pytest.mark.parametrize(("raw", "status"), [(0, "succeeded"), (1, "succeeded"), (2, "firing"), (3, "firing")])
def test_a_hosts_check_ends_as_a_plugin_does(raw: int, status: str) -> None:
    assert line(type="CheckResult", service=None, check_result={"state": raw})[0].status == status


@pytest.mark.parametrize(
    ("word", "status"),
    [("PROBLEM", "firing"), ("RECOVERY", "resolved"), ("ACKNOWLEDGEMENT", "acknowledged"), ("DOWNTIMESTART", "info")],
)
def test_notifications_of_the_stream(word: str, status: str) -> None:
    said: dict[str, Json] = {
        "notification_type": word,
        "author": "sana",
        "text": "mine",
        "check_result": {"state": 2, "output": "no"},
    }
    (signal,) = line(type="Notification", **said)
    assert (signal.key, signal.status, signal.labels["by"]) == (KEY, status, "sana")


def test_an_acknowledgement_of_the_stream_tells_who() -> None:
    (held,) = line(type="AcknowledgementSet", author="sana", comment="mine", state=2, state_type=1)
    assert (held.status, held.labels["by"], held.labels["remark"]) == (SignalStatus.ACKNOWLEDGED, "sana", "mine")
    assert line(type="AcknowledgementCleared", state=2, state_type=1)[0].status is SignalStatus.FIRING


def test_downtimes_are_remarks_and_comments_say_nothing() -> None:
    downtime: Json = {"host_name": "etl-2", "service_name": "tariff load", "author": "sana", "comment": "disk swap"}
    (signal,) = line(type="DowntimeStarted", downtime=downtime)
    assert (signal.key, signal.status) == (KEY, SignalStatus.INFO)
    assert signal.title == "DowntimeStarted: disk swap"
    assert line(type="CommentAdded", comment={}) == []


def test_results_pushed_to_nagios() -> None:
    down, up = read("nrdp")
    assert (down.status, down.severity_word, down.title) == (SignalStatus.FIRING, "CRITICAL", "no rows|rows=0")
    assert (up.key, up.status) == ("icinga:etl-3", SignalStatus.SUCCEEDED)


def test_nagios_macros_by_any_spelling() -> None:
    (signal,) = read("macros")
    assert (signal.status, signal.title) == (SignalStatus.FIRING, "no rows")
    assert signal.at == datetime(2026, 11, 24, 5, 42, 18, tzinfo=UTC)
    assert "by" not in signal.labels
    recovered = one({"notificationType": "RECOVERY", "host_name": "etl-2", "hostState": "UP"})
    assert (recovered.key, recovered.status) == ("icinga:etl-2", SignalStatus.RESOLVED)
    soft = one({"NOTIFICATIONTYPE": "PROBLEM", "HOSTNAME": "a", "HOSTSTATE": "DOWN", "HOSTSTATETYPE": "SOFT"})
    assert soft.status is SignalStatus.RETRYING


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("x", "body: expected an object"),
        ({"title": "x"}, "neither tags nor a state of a check"),
        ({"tags": {"host": "$HOSTNAME$"}, "severity": "crit"}, "neither a host nor a service is named"),
        ({"NOTIFICATIONTYPE": "PROBLEM", "HOSTNAME": "$HOSTNAME$"}, "neither a host nor a service is named"),
        ({"jsonrpc": "2.0", "error": {"message": "method not found"}}, "an answer over JSON-RPC, not an event: method"),
        ({"status": "error", "result": {"error": "no"}}, "an error answer of Icinga Notifications: no"),
        ({"error": 404, "status": "No objects found."}, "an error answer of Icinga 2's API, not a state: No objects"),
        ({"results": [{"code": 200, "status": "ok"}]}, "an answer of Icinga 2's API"),
        ({"checkresults": [7]}, "checkresults[0]: expected an object"),
        ({"type": "StateChange", "timestamp": 1, "host": "a", "check_result": []}, "check_result: expected an object"),
    ],
)
def test_what_is_no_state_is_rejected(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


def test_its_bodies_are_recognised_and_others_are_not() -> None:
    assert [FORMAT.matches(body, {}) for body in SAMPLES] == [
        "an event for Icinga Notifications: tags and a severity",
        "a call of Icinga Notifications to its channel: SendNotification",
        "hosts or services of Icinga 2's API",
        "a line of Icinga 2's event stream: StateChange",
        "check results as Nagios' NRDP takes them",
        "Nagios' macros, its notification type among them",
    ]
    assert FORMAT.matches({"jsonrpc": "2.0", "error": {"code": 1}}, {}) == "an answer over JSON-RPC"
    status: Json = {"results": [{"status": {"api": {}}, "perfdata": []}]}
    assert FORMAT.matches(status, {}) == "the state of Icinga 2 itself"
    assert signals_of(FORMAT, status) == []
    others: list[Json] = [
        {"results": [{"status": "fail", "unique_id": "test.x"}]},
        {"results": []},
        {"type": "StateChange", "host": "a"},
        {"jsonrpc": "2.0", "method": "Refuel"},
        {"name": "x", "tags": {"team": "a"}, "severity": "crit"},
        {"name": "x", "tags": {"host": "a"}, "severity": "grave"},
        {"tags": {"severity": "warning"}, "ruleId": 1, "state": "ok"},
        {"error": "boom", "status": "failed"},
        [],
    ]
    assert [FORMAT.matches(body, {}) for body in others] == [None] * len(others)


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=200, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
