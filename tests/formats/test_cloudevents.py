"""CloudEvents in all three forms, what is inside them, and what the envelope alone says."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import NOW, mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats import alertmanager, cloudwatch, generic
from tui.formats.base import Format, Payload
from tui.formats.cloudevents import FORMAT, read_parts, unwrap
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

BATCH = sample("cloudevents-batch.json")
BINARY = {
    "ce-specversion": "1.0",
    "ce-type": "com.example.pipeline.run.failed",
    "ce-source": "/loader",
    "ce-id": "1",
    "ce-subject": "orders%20load",
    "ce-time": "2026-11-24T02:31:00Z",
    "content-type": "application/json",
}


def find(body: Json, headers: Mapping[str, str]) -> Format | None:
    formats = (cloudwatch.FORMAT, alertmanager.FORMAT, generic.FORMAT)
    return next((format_ for format_ in formats if format_.matches(body, headers)), None)


def event(data: Json, type_: str = "com.example.someevent", **more: Json) -> Json:
    return {"specversion": "1.0", "type": type_, "source": "/loader", "id": "1", "data": data, **more}


def inside(body: Json, headers: Mapping[str, str] | None = None) -> list[Signal]:
    return read_parts(body, Payload(body=b"", received_at=NOW, headers=dict(headers or {})), find)


def test_an_envelope_that_says_how_something_is_gives_a_modest_signal() -> None:
    failed, succeeded = signals_of(FORMAT, BATCH)
    assert failed.key == succeeded.key == "cloudevents:https://loader.example/eu com.example.pipeline.run orders_load"
    assert (failed.status, succeeded.status) == (SignalStatus.FIRING, SignalStatus.SUCCEEDED)
    assert (failed.kind, failed.subject) == (Kind.FAILED_JOB, "orders_load")
    assert failed.title == "orders_load com.example.pipeline.run.failed: <error>disk is full</error>"
    assert (failed.severity_word, failed.severity_hint) == ("critical", Severity.SEV1)
    assert failed.at == datetime(2026, 11, 24, 2, 31, tzinfo=UTC)
    assert succeeded.ended_at == succeeded.at
    assert (failed.labels["id"], failed.labels["team"]) == ("B234-1", "stock")
    assert failed.links.source == "https://loader.example/eu"


@pytest.mark.parametrize(
    ("type_", "status"),
    [
        ("com.example.alert.created", SignalStatus.FIRING),
        ("com.example.alert.closed", SignalStatus.RESOLVED),
        ("com.example.IncidentResolved", SignalStatus.RESOLVED),
        ("dev.tekton.event.taskrun.failed.v1", SignalStatus.FIRING),
        ("dev.tekton.event.taskrun.started.v1", SignalStatus.STARTED),
    ],
)
def test_a_type_says_how_it_is(type_: str, status: SignalStatus) -> None:
    (signal,) = signals_of(FORMAT, event(None, type_))
    assert signal.status is status


@pytest.mark.parametrize("type_", ["com.example.someevent", "com.github.pull_request.opened", "com.example.created"])
def test_an_envelope_that_says_nothing_gives_nothing(type_: str) -> None:
    assert signals_of(FORMAT, event({"a": 1}, type_)) == []


def test_a_pair_of_types_of_one_trouble_shares_a_key() -> None:
    keys = {signals_of(FORMAT, event(None, f"x.alert.{word}", id=word))[0].key for word in ("created", "closed")}
    assert len(keys) == 1


def test_a_deploy_is_a_change() -> None:
    (signal,) = signals_of(FORMAT, event({}, "dev.cdevents.service.deployed.0.1.1", subject="shop"))
    assert (signal.status, signal.kind) == (SignalStatus.INFO, Kind.CHANGE)
    assert (signal.labels["touches"], signal.key) == ("shop", "cloudevents:change /loader 1")


@pytest.mark.parametrize(
    "type_", ["io.rail.config.changed", "io.rail.release.published", "io.rail.maintenance.planned"]
)
def test_settings_releases_and_maintenance_are_changes_too(type_: str) -> None:
    (signal,) = signals_of(FORMAT, event({}, type_, subject="fares"))
    assert (signal.status, signal.kind) == (SignalStatus.INFO, Kind.CHANGE)


def test_a_business_object_that_changed_says_nothing() -> None:
    assert signals_of(FORMAT, event({}, "io.shop.order.changed", subject="7")) == []


@pytest.mark.parametrize(("code", "status"), [(0, SignalStatus.SUCCEEDED), (1, SignalStatus.FIRING)])
def test_the_exit_code_of_a_finished_job_counts(code: int, status: SignalStatus) -> None:
    (signal,) = signals_of(FORMAT, event({"exit_code": code}, "io.rail.job.finished", subject="fares"))
    assert signal.status is status


def test_the_deploy_tells_who_made_it() -> None:
    (signal,) = signals_of(FORMAT, event({"author": "ines"}, "dev.cdevents.service.deployed.0.1.1", subject="shop"))
    assert (signal.labels["who"], signal.labels["what"]) == ("ines", "dev.cdevents.service.deployed.0.1.1")


@pytest.mark.parametrize(("attempt", "status"), [(1, SignalStatus.RETRYING), (3, SignalStatus.FIRING)])
def test_a_failure_with_attempts_left_is_a_retry(attempt: int, status: SignalStatus) -> None:
    data: Json = {"attempt": attempt, "max_attempts": 3}
    (signal,) = signals_of(FORMAT, event(data, "io.rail.job.failed", subject="fares"))
    assert (signal.status, signal.attempt, signal.max_attempts) == (status, attempt, 3)


def test_the_outcome_of_a_finished_run_counts() -> None:
    data: Json = {"subject": {"content": {"outcome": "failure"}}}
    (signal,) = signals_of(FORMAT, event(data, "dev.cdevents.pipelinerun.finished.0.2.0"))
    assert signal.status is SignalStatus.FIRING


def test_azures_own_envelope_is_opened() -> None:
    azure: dict[str, Json] = {
        "topic": "/subscriptions/1",
        "subject": "/factories/orders",
        "eventType": "Microsoft.Resources.ResourceWriteFailure",
        "eventTime": "2026-11-24T02:54:38.2696833Z",
        "id": "25b3b0d0",
        "data": {"operationName": "write"},
        "dataVersion": "2",
    }
    (failed,) = signals_of(FORMAT, [azure])
    assert (failed.status, failed.subject) == (SignalStatus.FIRING, "/factories/orders")
    assert failed.at == datetime(2026, 11, 24, 2, 54, 38, 269683, tzinfo=UTC)
    (fine,) = signals_of(FORMAT, {**azure, "eventType": "Microsoft.Resources.ResourceWriteSuccess", "id": "2"})
    assert (fine.key, fine.status) == (failed.key, SignalStatus.SUCCEEDED)


def test_severity_alone_is_enough() -> None:
    (bad,), (fine,) = (signals_of(FORMAT, event(None, severity=word)) for word in ("error", "info"))
    assert (bad.status, bad.severity_hint) == (SignalStatus.FIRING, Severity.SEV2)
    assert (fine.status, fine.severity_hint) == (SignalStatus.INFO, None)


def test_a_known_body_inside_is_read_by_its_own_format() -> None:
    alarm = sample("cloudwatch-alarm.json")
    (signal,) = inside(event(alarm))
    assert signal.key == "cloudwatch:123456789012:eu-central-1:orders-replica-lag"


@pytest.mark.parametrize("form", ["text", "base64", "binary", "batch"])
def test_every_form_is_opened(form: str) -> None:
    data: Json = {"key": "k", "status": "failed"}
    encoded = base64.b64encode(json.dumps(data).encode()).decode()
    bodies: dict[str, Json] = {
        "text": event(json.dumps(data)),
        "base64": {"specversion": "1.0", "type": "t", "source": "s", "id": "1", "data_base64": encoded},
        "binary": data,
        "batch": [event(data)],
    }
    headers = BINARY if form == "binary" else {}
    assert FORMAT.matches(bodies[form], headers)
    assert [signal.key for signal in inside(bodies[form], headers)] == ["generic:k"]


def test_attributes_travel_as_headers() -> None:
    ((data, headers),) = unwrap(event({"a": 1}, subject="x", nothing=None), {"host": "h"}) or []
    assert data == {"a": 1}
    assert headers == {
        "host": "h",
        "ce-specversion": "1.0",
        "ce-type": "com.example.someevent",
        "ce-source": "/loader",
        "ce-id": "1",
        "ce-subject": "x",
        "content-type": "application/json",
    }
    ((_, headers),) = unwrap({"b": 2}, BINARY) or []
    assert headers["ce-subject"] == "orders load"


def test_the_time_of_the_envelope_serves_where_the_body_has_none() -> None:
    own, given_ = (
        inside(event({"key": "k", "status": "failed", **more}, time="2026-11-24T01:00:00Z"))[0].at
        for more in ({"at": "2026-11-24T02:00:00Z"}, {})
    )
    assert own == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert given_ == datetime(2026, 11, 24, 1, tzinfo=UTC)


def test_a_body_of_ours_that_states_nothing_does_not_fire() -> None:
    assert inside(event({"message": "hello", "app": "shop"}, "com.example.order.placed")) == []
    (signal,) = inside(event({"message": "disk is full", "app": "shop"}, "com.example.job.failed"))
    assert (signal.format, signal.status, signal.subject) == ("cloudevents", SignalStatus.FIRING, "shop")


@pytest.mark.parametrize("encoded", ["... base64 ...", "e30", "", "/w==", 5, "eyJhIjogTmFOfQ=="])
def test_data_that_cannot_be_decoded_is_no_data(encoded: Json) -> None:
    body: Json = {"specversion": "1.0", "type": "a.failed", "source": "s", "id": "1", "data_base64": encoded}
    assert [data for data, _ in unwrap(body, {}) or []] == [None]
    assert len(signals_of(FORMAT, body)) == 1


def test_no_cloud_event_is_refused() -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, {"id": "1"})
    assert caught.value.why == "specversion and type: missing in an object with id"


@pytest.mark.parametrize(
    "body",
    [
        {"properties": {"specversion": {"type": "string"}}, "type": "object"},
        {"eventType": "x", "eventTime": "2026-11-24T02:00:00Z", "id": "1", "subject": "s"},
        {"specversion": "1.0", "id": "1"},
        [{"specversion": "1.0", "type": "t"}, {}],
        [],
        None,
    ],
)
def test_other_bodies_are_left_to_others(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(
    st.sampled_from([BATCH, event(sample("cloudwatch-alarm.json"))]).flatmap(mutations), st.sampled_from([{}, BINARY])
)
@settings(max_examples=150)
def test_whatever_comes_is_read_or_refused(body: Json, headers: dict[str, str]) -> None:
    survives(FORMAT, body, headers)
    if unwrap(body, headers) is None:
        return
    refused = "it was read"
    try:
        inside(body, headers)
    except RejectedError as error:
        refused = error.why
    assert refused
