"""What real senders do and nobody expects, one test each: where a reader that trusts the obvious goes wrong."""

import json
from datetime import UTC, datetime

import pytest

from tui.formats.base import Payload
from tui.formats.decode import Json
from tui.formats.registry import read
from tui.model.signal import Kind, Signal, SignalStatus

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRING, RESOLVED, SUCCEEDED = SignalStatus.FIRING, SignalStatus.RESOLVED, SignalStatus.SUCCEEDED
ZERO = "0001-01-01T00:00:00Z"


def signals(body: Json, format_: str = "auto") -> tuple[Signal, ...]:
    return read(Payload(body=json.dumps(body).encode(), received_at=NOW), format_).signals


def alert(name: str, **more: Json) -> Json:
    return {
        "status": "firing",
        "labels": {"alertname": name, "pipeline": name.lower()},
        "annotations": {"summary": f"{name} is late"},
        "startsAt": "2026-11-24T11:00:00Z",
        "endsAt": ZERO,
        **more,
    }


def group(*alerts: Json, **more: Json) -> Json:
    return {"version": "4", "status": "firing", "receiver": "desk", "groupKey": "{}:{}", "alerts": list(alerts), **more}


def test_the_status_of_a_group_is_not_the_status_of_its_alerts() -> None:
    late, fine = signals(group(alert("Fares"), alert("Seats", status="resolved", endsAt="2026-11-24T11:30:00Z")))
    assert (late.status, fine.status) == (FIRING, RESOLVED)
    assert (late.ended_at, fine.ended_at) == (None, datetime(2026, 11, 24, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize("notes", [{}, None])
def test_a_resolved_copy_without_annotations_still_has_a_title_and_its_key(notes: Json) -> None:
    bare = alert("Fares", status="resolved", endsAt="2026-11-24T11:30:00Z", annotations=notes, generatorURL="")
    (told,) = signals(group(alert("Fares")))
    (over,) = signals(group(bare, status="resolved"))
    assert over.key == told.key
    assert over.status is RESOLVED
    assert (over.title, over.subject) == ("Fares pipeline=fares", "fares")


def test_alerts_that_were_cut_off_are_counted_and_not_resolved() -> None:
    first, second = signals(group(alert("Fares"), alert("Seats"), truncatedAlerts=3))
    assert first.omitted + second.omitted == 3
    assert {first.status, second.status} == {FIRING}


def test_an_end_in_the_future_means_that_it_fires() -> None:
    fetched = alert("Fares", status={"state": "active", "silencedBy": []}, endsAt="2026-11-24T12:04:00Z")
    pushed = alert("Seats", status=None, endsAt="2026-11-24T12:04:00Z")
    for body in ([fetched], [pushed]):
        (signal,) = signals(body)
        assert (signal.status, signal.ended_at) == (FIRING, None)


def test_one_group_key_for_all_of_grafana_is_no_identity() -> None:
    shared: dict[str, Json] = {
        "version": "1",
        "orgId": 1,
        "title": "[FIRING:2]",
        "state": "alerting",
        "groupLabels": {},
    }
    first, second = signals(group(alert("Fares", silenceURL="https://g/1"), alert("Seats"), **shared))
    assert first.format == "grafana"
    assert first.key != second.key


def test_what_dbt_generates_docs_for_was_not_run() -> None:
    result: Json = {"unique_id": "model.rail.fares", "status": "success", "timing": [], "execution_time": 0.1}
    body: dict[str, Json] = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
            "dbt_version": "1.11.0",
        },
        "results": [result],
    }
    assert signals({**body, "args": {"which": "generate"}}) == ()
    assert [signal.status for signal in signals({**body, "args": {"which": "build"}})] == [SUCCEEDED]


def test_assertions_fail_inside_a_run_that_completed() -> None:
    facet: Json = {"assertions": [{"assertion": "not_null", "column": "fare", "success": False}]}
    run, check = signals(
        {
            "eventType": "COMPLETE",
            "eventTime": "2026-11-24T03:00:00Z",
            "producer": "https://example.com/rail",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": "0190a8a8-0000-7000-8000-000000000001"},
            "job": {"namespace": "rail", "name": "fares.test"},
            "inputs": [{"namespace": "pg://db", "name": "fares", "inputFacets": {"dataQualityAssertions": facet}}],
        }
    )
    assert (run.status, run.kind, run.subject) == (SUCCEEDED, Kind.FAILED_JOB, "fares.test")
    assert (check.status, check.kind, check.subject) == (FIRING, Kind.DATA_QUALITY, "fares")


def test_dagster_counts_milliseconds_in_one_place_and_seconds_in_the_other() -> None:
    log = {"runId": "r", "timestamp": "1795485600250", "stepKey": None, "eventType": "RUN_FAILURE"}
    event: Json = {"__typename": "RunFailureEvent", "message": 'Execution of run for "fares" failed.', **log}
    run: Json = {"__typename": "Run", "runId": "r", "jobName": "fares", "status": "FAILURE", "endTime": 1795485600.25}
    runs: Json = {"data": {"runsOrError": {"__typename": "Runs", "results": [run]}}}
    logs: Json = {"data": {"logsForRun": {"__typename": "EventConnection", "events": [event]}}}
    assert {signal.at for body in (runs, logs) for signal in signals(body)} == {
        datetime(2026, 11, 24, 2, 0, 0, 250000, tzinfo=UTC)
    }


def test_an_alarm_is_json_inside_a_json_string() -> None:
    alarm = {
        "AlarmName": "fares-lag",
        "NewStateValue": "ALARM",
        "StateChangeTime": "2026-11-24T02:53:45.093+0000",
        "Region": "EU (Ireland)",
        "AWSAccountId": "1",
    }
    topic = {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:1:desk"}
    (signal,) = signals({**topic, "Message": json.dumps(alarm)})
    assert (signal.format, signal.status) == ("cloudwatch", FIRING)
    assert signal.at == datetime(2026, 11, 24, 2, 53, 45, 93000, tzinfo=UTC)


def test_pagerduty_resolves_without_a_payload() -> None:
    event: dict[str, Json] = {"routing_key": "R", "dedup_key": "fares"}
    payload: Json = {"summary": "fares are late", "severity": "critical", "source": "loader"}
    (opened,) = signals({**event, "event_action": "trigger", "payload": payload})
    (over,) = signals({**event, "event_action": "resolve"})
    assert (opened.status, over.status) == (FIRING, RESOLVED)
    assert over.key == opened.key
