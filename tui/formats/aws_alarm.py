"""A CloudWatch alarm, posted to an SNS topic or told by EventBridge: the same alarm has the same key either way."""

import re
from typing import Final

import msgspec

from tui.formats.aws_event import NAME, last_part
from tui.formats.base import (
    filled,
    first_text,
    inside,
    items,
    key_of,
    kind_in,
    labels_of,
    part,
    rejected,
    rendered,
    subject_in,
    unrendered,
    when,
)
from tui.formats.decode import Json
from tui.model.severity import hint
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

_STATUS: Final = {
    "ALARM": SignalStatus.FIRING,
    "OK": SignalStatus.RESOLVED,
    "INSUFFICIENT_DATA": SignalStatus.UNKNOWN,
}
_DIMENSIONS: Final = (
    "JobName",
    "StateMachineArn",
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "ClusterIdentifier",
    "QueueName",
    "StreamName",
    "DeliveryStreamName",
    "TableName",
    "FunctionName",
    "ServiceName",
    "BucketName",
)
"""Dimensions that name what is in trouble, nearest to the data first."""

_SLOW = frozenset({"age", "behind", "utilization", "depth", "delay", "throttled", "latency", "lag", "duration"})
_BROKEN = frozenset({"failed", "failures", "errors", "aborted", "timed"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm, whichever way it came."""

    name: str
    account: str
    region: str
    state: str
    before: str
    description: str
    reason: str
    at: Json
    metrics: tuple[str, ...]
    namespace: str
    dimensions: dict[str, Json]
    topic: str = ""


def place(arn: str) -> tuple[str, str]:
    """Region and account of an ARN, empty where it names none."""
    parts = arn.split(":", 5)
    return (parts[3], parts[4]) if len(parts) > 5 else ("", "")


def posted(body: dict[str, Json], envelope: dict[str, Json]) -> Alarm:
    """The alarm that CloudWatch posts to a topic; `envelope` is the SNS message around it, or empty."""
    trigger, topic = part(body, "Trigger"), first_text(envelope, "TopicArn")
    (own_region, own_account), (region, account) = place(first_text(body, "AlarmArn")), place(topic)
    stats = [trigger, *(part(one, "MetricStat", "Metric") for one in items(trigger.get("Metrics")))]
    return Alarm(
        name=first_text(body, "AlarmName"),
        account=first_text(body, "AWSAccountId") or own_account or account,
        region=own_region or region or first_text(body, "Region"),  # `Region` itself is in words: EU (Ireland)
        state=first_text(body, "NewStateValue"),
        before=first_text(body, "OldStateValue"),
        description=first_text(body, "AlarmDescription"),
        reason=first_text(body, "NewStateReason"),
        at=body.get("StateChangeTime") or envelope.get("Timestamp"),
        metrics=tuple(filter(None, (first_text(one, "MetricName") for one in stats))),
        namespace=next(filter(None, (first_text(one, "Namespace") for one in stats)), ""),
        dimensions=_dimensions([one for stat in stats for one in items(stat.get("Dimensions"))]),
        topic=last_part(topic),
    )


def _dimensions(listed: list[Json]) -> dict[str, Json]:
    named = ((first_text(part(one), "name", "Name"), first_text(part(one), "value", "Value")) for one in listed)
    found: dict[str, Json] = {}
    for name, value in named:
        if name and value:
            found.setdefault(name, value)
    return found


def changed(body: dict[str, Json]) -> Alarm:
    """The alarm in an event `CloudWatch Alarm State Change`."""
    detail = part(body, "detail")
    stats = [part(one, "metricStat", "metric") for one in items(inside(detail, "configuration", "metrics"))]
    return Alarm(
        name=first_text(detail, "alarmName"),
        account=first_text(body, "account"),
        region=first_text(body, "region"),
        state=first_text(part(detail, "state"), "value"),
        before=first_text(part(detail, "previousState"), "value"),
        description=first_text(part(detail, "configuration"), "description"),
        reason=first_text(part(detail, "state"), "reason"),
        at=inside(detail, "state", "timestamp") or body.get("time"),
        metrics=tuple(filter(None, (first_text(one, "name") for one in stats))),
        namespace=next(filter(None, (first_text(one, "namespace") for one in stats)), ""),
        dimensions={name: value for one in stats for name, value in part(one, "dimensions").items()},
    )


def alarm_signal(alarm: Alarm, source: Safe) -> Signal:
    """The signal of an alarm, known by account, region and name. Raises RejectedError where it has no name."""
    if not alarm.name:
        raise rejected("AlarmName: missing")
    if unrendered(alarm.name):
        raise rejected(f"AlarmName: a template that was not filled in: {alarm.name[:80]}")
    status, at = _STATUS.get(alarm.state.upper(), SignalStatus.UNKNOWN), when(alarm.at)
    firing = status is SignalStatus.FIRING
    said = alarm.description or alarm.reason
    state = "" if status is not SignalStatus.UNKNOWN else f"{alarm.state.lower().replace('_', ' ') or 'no state'}: "
    labels: dict[str, Json] = {
        "alarm": alarm.name,
        "account": alarm.account,
        "region": alarm.region,
        "metric": ", ".join(alarm.metrics),
        "namespace": alarm.namespace,
        "reason": alarm.reason,
        "before": alarm.before,
        "topic": alarm.topic,
        **alarm.dimensions,
    }
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"{alarm.account}:{alarm.region}:{alarm.name}"),
        status=status,
        kind=_kind(alarm),
        title=clean(f"{alarm.name}{': ' if said or state else ''}{state}{said}"),
        subject=clean(_subject(alarm)),
        severity_word=clean(alarm.state, 40) if firing else None,
        severity_hint=hint(alarm.state) if firing else None,
        at=at,
        starts=at if firing else None,
        ended_at=at if status is SignalStatus.RESOLVED else None,
        labels=labels_of(filled(labels)),
    )


def _subject(alarm: Alarm) -> str:
    named = rendered(*(first_text(alarm.dimensions, name) for name in _DIMENSIONS))
    lower = {name.lower(): value for name, value in alarm.dimensions.items()}
    only = first_text(alarm.dimensions, *alarm.dimensions) if len(alarm.dimensions) == 1 else ""
    return last_part(named or subject_in(lower) or rendered(only) or alarm.name)


def _kind(alarm: Alarm) -> Kind:
    words = {word.lower() for metric in alarm.metrics for word in _WORD.findall(metric[:200])}
    if words & _BROKEN:
        return Kind.FAILED_JOB
    return Kind.PERFORMANCE if words & _SLOW else kind_in(alarm.name, {})
