"""CloudWatch alarms, EventBridge events and the SNS messages around them."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import first_text, part
from tui.formats.cloudwatch import FORMAT, unwrap
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

NAMES = ("alarm", "alarm-event", "confirmation", "glue", "batch")
SAMPLES = {name: sample(f"cloudwatch-{name}.json") for name in NAMES}
INNER = part(json.loads(first_text(part(SAMPLES["alarm"]), "Message")))
ALARM = "cloudwatch:123456789012:eu-central-1:orders-replica-lag"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:data-alarms"


def read(name: str, **changed: Json) -> Signal:
    (signal,) = signals_of(FORMAT, {**part(SAMPLES[name]), **changed})
    return signal


def alarm(**changed: Json) -> Signal:
    """An alarm as it lies inside a message."""
    return read("alarm", Message=json.dumps({**INNER, **changed}))


def words(message: str, **more: Json) -> Signal:
    (signal,) = signals_of(FORMAT, {"Type": "Notification", "TopicArn": TOPIC, "Message": message, **more})
    return signal


def test_every_field_of_an_alarm_inside_a_message_is_read() -> None:
    signal = read("alarm")
    assert (signal.key, signal.status, signal.kind) == (ALARM, SignalStatus.FIRING, Kind.PERFORMANCE)
    assert signal.title == "orders-replica-lag: Replica behind its primary"
    assert signal.subject == "orders-prod-2"
    assert (signal.severity_word, signal.severity_hint) == ("ALARM", Severity.SEV2)
    assert signal.at == signal.starts == datetime(2026, 11, 24, 2, 53, 45, 93000, tzinfo=UTC)
    assert signal.labels["DBInstanceIdentifier"] == "orders-prod-2"
    assert (signal.labels["metric"], signal.labels["region"]) == ("ReplicaLag", "eu-central-1")
    assert signal.labels["reason"].startswith("Threshold Crossed")


def test_eventbridge_tells_of_the_same_alarm_under_the_same_key() -> None:
    signal = read("alarm-event")
    assert (signal.key, signal.status) == (ALARM, SignalStatus.RESOLVED)
    assert signal.at == signal.ended_at == datetime(2026, 11, 24, 3, 23, 45, 111000, tzinfo=UTC)
    assert (signal.subject, signal.kind, signal.severity_word) == ("orders-prod-2", Kind.PERFORMANCE, None)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("ALARM", SignalStatus.FIRING),
        ("OK", SignalStatus.RESOLVED),
        ("INSUFFICIENT_DATA", SignalStatus.UNKNOWN),
        ("", SignalStatus.UNKNOWN),
    ],
)
def test_the_state_is_the_status(state: str, status: SignalStatus) -> None:
    signal = alarm(NewStateValue=state)
    assert (signal.key, signal.status) == (ALARM, status)


def test_an_alarm_without_its_arn_takes_the_region_from_the_topic() -> None:
    assert alarm(AlarmArn=None).key == ALARM
    assert alarm(AlarmArn=None, AWSAccountId=None).key == ALARM
    assert signals_of(FORMAT, {**INNER, "AlarmArn": None})[0].key.endswith(":EU (Frankfurt):orders-replica-lag")


def test_the_identity_is_not_the_reason_the_state_or_the_time() -> None:
    changes: list[dict[str, Json]] = [{"NewStateReason": "x"}, {"NewStateValue": "OK"}, {"StateChangeTime": None}]
    assert {alarm(**change).key for change in changes} == {ALARM}
    assert alarm(AWSAccountId="2").key != ALARM
    assert alarm(AlarmName="other").key != ALARM


def test_raw_delivery_and_a_functions_records_are_read() -> None:
    assert FORMAT.matches(INNER, {}) == "a CloudWatch alarm"
    headers = {"x-amz-sns-rawdelivery": "true", "x-amz-sns-topic-arn": TOPIC}
    assert signals_of(FORMAT, {**INNER, "AlarmArn": None}, headers=headers)[0].key == ALARM
    records: Json = {"Records": [{"EventSource": "aws:sns", "Sns": SAMPLES["alarm"]}]}
    assert FORMAT.matches(records, {}) == "SNS messages as a function gets them"
    assert [signal.key for signal in signals_of(FORMAT, records)] == [ALARM]


def test_metrics_put_together_by_math_name_the_subject_too() -> None:
    metric: Json = {"MetricName": "NumFailed", "Namespace": "X", "Dimensions": [{"name": "JobName", "value": "load"}]}
    trigger: Json = {"Metrics": [{"Expression": "m1*1", "Id": "e1"}, {"Id": "m1", "MetricStat": {"Metric": metric}}]}
    signal = alarm(Trigger=trigger)
    assert (signal.subject, signal.kind, signal.labels["metric"]) == ("load", Kind.FAILED_JOB, "NumFailed")


@pytest.mark.parametrize(
    ("dimensions", "subject"),
    [
        ([{"name": "Gateway", "value": "gw-2"}], "gw-2"),
        ([{"name": "Stage", "value": "a"}, {"name": "Zone", "value": "b"}], "orders-replica-lag"),
        ([{"name": "StateMachineArn", "value": "arn:aws:states:eu-central-1:1:stateMachine:nightly"}], "nightly"),
        ([], "orders-replica-lag"),
        (None, "orders-replica-lag"),
    ],
)
def test_the_subject_is_what_the_metric_is_about(dimensions: Json, subject: str) -> None:
    assert alarm(Trigger={"MetricName": "M", "Dimensions": dimensions}).subject == subject


def test_a_subscription_waits_for_a_person_who_is_shown_its_address() -> None:
    signal = read("confirmation")
    assert (signal.status, signal.key) == (SignalStatus.INFO, f"cloudwatch:subscription {TOPIC}")
    assert signal.links.source is not None
    assert signal.links.source.startswith("https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription")
    assert signal.title == "SNS topic data-alarms wants to be confirmed: open its address if you asked for it"


@pytest.mark.parametrize(
    "address",
    [
        "https://sns.eu-central-1.amazonaws.com.evil.example/",
        "https://evil.example/?x=https://sns.eu-central-1.amazonaws.com/",
        "http://sns.eu-central-1.amazonaws.com/",
        "https://sns.eu-central-1.amazonaws.com@evil.example/",
        "javascript:alert(1)",
        None,
    ],
)
def test_an_address_that_is_not_amazons_is_not_offered(address: Json) -> None:
    signal = read("confirmation", SubscribeURL=address)
    assert signal.links.source is None
    assert "do not open it" in signal.title


def test_the_end_of_a_subscription_is_told() -> None:
    signal = read("confirmation", Type="UnsubscribeConfirmation")
    assert (signal.status, "will send nothing more" in signal.title) == (SignalStatus.INFO, True)
    assert signal.links.source is not None


def test_the_small_shape_that_rds_sends_to_a_topic_is_read() -> None:
    message = {"Event Source": "db-instance", "Event Time": "2026-11-24 02:31:27.283", "Source ID": "orders-prod"}
    signal = words(json.dumps({**message, "Event Message": "Finished DB Instance backup"}))
    assert (signal.kind, signal.subject) == (Kind.CHANGE, "orders-prod")
    assert signal.at == datetime(2026, 11, 24, 2, 31, 27, 283000, tzinfo=UTC)


def test_words_are_known_by_their_subject_without_what_changes() -> None:
    failed = words("Run 20261124 stopped.\nSee the log", Subject="Load of orders 20261124-0231 FAILED")
    passed = words("Fine again.", Subject="Load of orders 20261125-0231 SUCCEEDED")
    assert failed.key == passed.key
    assert (failed.status, passed.status) == (SignalStatus.FIRING, SignalStatus.RESOLVED)
    assert failed.title == "Load of orders 20261124-0231 FAILED: Run 20261124 stopped."
    assert words("Weekly cost report attached").status is SignalStatus.INFO


def test_json_for_another_tool_is_handed_on() -> None:
    carried: Json = {"Type": "Notification", "TopicArn": TOPIC, "Message": '{"key": "k", "status": "failed"}'}
    assert unwrap(carried, {"x": "y"}) == [
        ({"key": "k", "status": "failed"}, {"x": "y", "content-type": "application/json"})
    ]
    assert unwrap({**part(carried), "Message": "words"}, {}) is None
    assert [unwrap(body, {}) for body in SAMPLES.values()] == [None] * len(SAMPLES)
    (signal,) = signals_of(FORMAT, carried)
    assert signal.title == "message to data-alarms"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"AlarmName": None, "NewStateValue": "OK"}, "AlarmName: missing"),
        ({"AlarmName": "${NAME}", "NewStateValue": "OK"}, "AlarmName: a template that was not filled in"),
        ({"Records": [{"Sns": 5}]}, "Records[0].Sns: expected an object"),
        ({"x": 1}, "body: neither an alarm nor an event: an object with x"),
        ([1], "body: expected an object, found a list of 1"),
    ],
)
def test_a_broken_body_is_refused_with_the_place(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        {"awslogs": {"data": "H4sI"}},
        {"Type": "Notification", "message": "x"},
        {"Records": []},
        {"Records": [{"s3": {}}]},
        {"detail-type": "x", "source": "y"},
        [],
    ],
)
def test_other_bodies_are_left_to_others(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from([*SAMPLES.values(), INNER]).flatmap(mutations))
@settings(max_examples=150)
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    survives(FORMAT, body)
    unwrap(body, {})


@given(mutations(INNER))
@settings(max_examples=100)
def test_whatever_a_message_carries_is_read_or_refused(inner: Json) -> None:
    survives(FORMAT, {**part(SAMPLES["alarm"]), "Message": json.dumps(inner)})
