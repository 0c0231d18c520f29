"""Amazon CloudWatch: alarms and EventBridge events, as they are or inside an SNS message (JSON inside a JSON string).

A message that asks to confirm a subscription is shown to a person with its address. sev never opens it.
"""

import re
from collections.abc import Mapping
from typing import Final

from tui.errors import NotJsonError
from tui.formats import aws_jobs, aws_services
from tui.formats.aws_alarm import alarm_signal, changed, place, posted
from tui.formats.aws_event import NAME, event_of, is_event, last_part
from tui.formats.base import (
    Format,
    Payload,
    as_list,
    as_object,
    filled,
    first_text,
    inside,
    items,
    key_of,
    kind_in,
    labels_of,
    rejected,
    rendered,
    shape,
    web,
    when,
)
from tui.formats.decode import Json, parse_json
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

_CONFIRMATIONS: Final = {
    "SubscriptionConfirmation": "wants to be confirmed: open its address if you asked for it",
    "UnsubscribeConfirmation": "will send nothing more: its address subscribes again",
}
_AMAZON = re.compile(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/")
_ALARMED = re.compile(r"\b(?:alarm|fail(?:ed|ure|s)?|errors?|critical|down|timed out)\b", re.IGNORECASE)
_RECOVERED = re.compile(r"\b(?:ok|resolved|recovered|succeeded|success|completed)\b", re.IGNORECASE)
_CHANGING = re.compile(r"\S*\d{4,}\S*")


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if not isinstance(body, dict):
        return None
    if first_text(body, "Type") in ("Notification", *_CONFIRMATIONS) and "TopicArn" in body:
        return f"an SNS message: {body['Type']}"
    records = items(body.get("Records"))
    if records and all(isinstance(inside(one, "Sns"), dict) for one in records):
        return "SNS messages as a function gets them"
    if "AlarmName" in body and "NewStateValue" in body:
        return "a CloudWatch alarm"
    if is_event(body):
        return "an EventBridge event: it has detail-type, source and detail"
    return None


def unwrap(body: Json, headers: Mapping[str, str]) -> list[tuple[Json, dict[str, str]]] | None:
    """What an SNS message carries for another tool: JSON that is neither an alarm nor an event.

    None where there is no such thing, and `FORMAT` reads the body. The registry asks before it looks for
    a format; what no format knows, `FORMAT` reads as a message in words.
    """
    if not isinstance(body, dict) or first_text(body, "Type") != "Notification" or "TopicArn" not in body:
        return None
    inner = _inner(body)
    if inner is None or _known(inner):
        return None
    return [(inner, {**headers, "content-type": "application/json"})]


def _known(inner: Json) -> bool:
    return isinstance(inner, dict) and ("AlarmName" in inner or is_event(inner) or "Event Message" in inner)


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    source = payload.source or Safe(NAME)
    if "Records" in body:
        records = as_list(body["Records"], "Records")
        envelopes = [as_object(inside(one, "Sns"), f"Records[{n}].Sns") for n, one in enumerate(records)]
        return [signal for envelope in envelopes for signal in _message(envelope, source)]
    if "Type" in body and "TopicArn" in body:
        return _message(body, source)
    topic = payload.headers.get("x-amz-sns-topic-arn", "")  # raw delivery: the envelope is in the headers
    return _content(body, {"TopicArn": topic} if topic else {}, source)


def _message(envelope: dict[str, Json], source: Safe) -> list[Signal]:
    if first_text(envelope, "Type") in _CONFIRMATIONS:
        return [_confirmation(envelope, source)]
    inner = _inner(envelope)
    if isinstance(inner, dict) and _known(inner):
        return _content(inner, envelope, source)
    return [_words(envelope, source)]


def _inner(envelope: dict[str, Json]) -> Json:
    """The JSON in a message's text; None where the text is none, or JSON that is no object and no list."""
    text = envelope.get("Message")
    if not isinstance(text, str) or text.strip()[:1] not in ("{", "["):
        return None
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except NotJsonError:
        return None


def _content(body: dict[str, Json], envelope: dict[str, Json], source: Safe) -> list[Signal]:
    if "AlarmName" in body:
        return [alarm_signal(posted(body, envelope), source)]
    if "Event Message" in body:  # RDS sends its own small shape to a topic
        names = {"SourceIdentifier": "Source ID", "Message": "Event Message", "EventID": "Event ID"}
        detail: dict[str, Json] = {ours: body.get(theirs) for ours, theirs in names.items()}
        region, account = place(first_text(envelope, "TopicArn"))
        told: dict[str, Json] = {"detail": detail, "time": body.get("Event Time"), "id": envelope.get("MessageId")}
        return aws_services.database(event_of({**told, "region": region, "account": account}, source))
    if not is_event(body):
        raise rejected(f"body: neither an alarm nor an event: {shape(body)}")
    event = event_of(body, source)
    if event.kind == "CloudWatch Alarm State Change":
        return [alarm_signal(changed(body), source)]
    if event.kind.startswith("RDS "):
        return aws_services.database(event)
    if event.kind.endswith("Data Quality Evaluation Results Available"):
        return aws_services.quality(event)
    return aws_services.health(event) if event.kind == "AWS Health Event" else aws_jobs.read_job(event)


def _confirmation(envelope: dict[str, Json], source: Safe) -> Signal:
    """What a person has to do by hand, once; the address is Amazon's or it is not offered."""
    kind, topic = first_text(envelope, "Type"), first_text(envelope, "TopicArn")
    name, address = last_part(topic) or "unnamed", web(envelope.get("SubscribeURL"))
    trusted = address is not None and _AMAZON.match(address) is not None
    said = _CONFIRMATIONS[kind] if trusted else f"sent a {kind} whose address is not Amazon's: do not open it"
    region, account = place(topic)
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"subscription {rendered(topic)}"),
        status=SignalStatus.INFO,
        title=clean(f"SNS topic {name} {said}"),
        subject=clean(name),
        at=when(envelope.get("Timestamp")),
        labels=labels_of(filled({"topic": topic, "account": account, "region": region})),
        links=Links(source=address if trusted else None),
    )


def _words(envelope: dict[str, Json], source: Safe) -> Signal:
    """A message in words, or in JSON that is not ours to read: as modest as a title allows.

    It is known by topic and subject, without the words that change with the state, numbers and ids.
    """
    topic, subject = first_text(envelope, "TopicArn"), first_text(envelope, "Subject")
    lines = first_text(envelope, "Message").strip().splitlines()
    first = lines[0] if lines and lines[0][:1] not in ("{", "[") else ""
    said = ": ".join(filter(None, (subject, first))) or f"message to {last_part(topic) or 'a topic'}"
    status = SignalStatus.INFO
    if _ALARMED.search(subject or first):
        status = SignalStatus.FIRING
    elif _RECOVERED.search(subject or first):
        status = SignalStatus.RESOLVED
    same = _CHANGING.sub("", _RECOVERED.sub("", _ALARMED.sub("", rendered(subject))))
    at = when(envelope.get("Timestamp"))
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, " ".join(("message", rendered(topic), *same.split()))),
        status=status,
        kind=kind_in(subject or first, {}) if status is SignalStatus.FIRING else Kind.OTHER,
        title=clean(said),
        subject=clean(last_part(topic) or said),
        at=at,
        ended_at=at if status is SignalStatus.RESOLVED else None,
        labels=labels_of(filled({"topic": topic})),
    )


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""Alarms, events and SNS."""
