"""The one door of this room: names the formats, recognises the one a body is in, and reads it."""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from tui.errors import UsageError
from tui.formats import (
    airflow,
    alertmanager,
    argo,
    cloudevents,
    cloudwatch,
    dagster,
    datadog,
    dbt,
    generic,
    github,
    grafana,
    great_expectations,
    icinga,
    journald,
    monitors,
    openlineage,
    opsgenie,
    pagerduty,
    prefect,
    sentry,
    soda,
    statuspage,
)
from tui.formats.base import Format, Payload, inside, rejected, shape, when
from tui.formats.decode import Json, parse_json
from tui.model.signal import Signal
from tui.model.text import clean

AUTO: Final = "auto"
"""In place of a format's name: look at the body."""

_IN_ORDER: Final[tuple[Format, ...]] = (
    grafana.FORMAT,  # before Alertmanager, whose shape it extends
    alertmanager.FORMAT,
    pagerduty.FORMAT,
    opsgenie.FORMAT,
    airflow.FORMAT,
    dagster.FORMAT,
    prefect.FORMAT,
    dbt.FORMAT,
    openlineage.FORMAT,
    great_expectations.FORMAT,
    soda.FORMAT,
    cloudwatch.FORMAT,
    github.FORMAT,
    argo.FORMAT,
    statuspage.FORMAT,
    journald.FORMAT,
    sentry.FORMAT,
    icinga.FORMAT,
    *monitors.FORMATS,
    datadog.FORMAT,  # a template of the user's own: little of it is certain
    cloudevents.FORMAT,
    generic.FORMAT,
)
FORMATS: Final[dict[str, Format]] = {format_.name: format_ for format_ in _IN_ORDER}
"""Every format by its name, in the order in which a body is tried; the most tolerant comes last."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a payload said: the format it is in, why it was taken for that, and its signals in the payload's order."""

    format: str
    reason: str
    signals: tuple[Signal, ...]


def sniff(body: Json, headers: Mapping[str, str]) -> tuple[Format, str]:
    """The format that `body` is in and the reason in words. Raises RejectedError where none knows it."""
    for format_ in FORMATS.values():
        if reason := format_.matches(body, headers):
            return format_, reason
    raise rejected(f"unknown shape: {shape(body)}", "name its format, or send a key, subject or title")


def _inside_envelope(body: Json, headers: Mapping[str, str]) -> Format | None:
    """The format of what a CloudEvent carries; its envelope must not be taken for it again."""
    known = (form for form in FORMATS.values() if form is not cloudevents.FORMAT)
    return next((form for form in known if form.matches(body, headers)), None)


def _carried(body: Json, payload: Payload) -> Read | None:
    """What an SNS message carries for another tool, read as if that tool had sent it; None where no format knows it.

    The envelope's time counts where the tool says none.
    """
    for inner, headers in cloudwatch.unwrap(body, payload.headers) or ():
        if not any(form.matches(inner, headers) for form in FORMATS.values()):
            continue
        told = _recognised(inner, replace(payload, headers=headers))
        sent = when(inside(body, "Timestamp"))
        signals = (replace(one, at=one.at or sent) if _undated(one) else one for one in told.signals)
        return Read(format=told.format, reason=f"inside an SNS message: {told.reason}", signals=tuple(signals))
    return None


def _undated(signal: Signal) -> bool:
    return signal.at is None and signal.starts is None and signal.ended_at is None


def _recognised(body: Json, payload: Payload) -> Read:
    if cloudevents.unwrap(body, payload.headers) is not None:
        parts = cloudevents.read_parts(body, payload, _inside_envelope)
        return Read(format=cloudevents.NAME, reason="an envelope of CloudEvents", signals=tuple(parts))
    if carried := _carried(body, payload):
        return carried
    format_, reason = sniff(body, payload.headers)
    return Read(format=format_.name, reason=reason, signals=tuple(format_.read(body, payload)))


def read(payload: Payload, format_name: str = AUTO) -> Read:
    """Read one payload in the named format, or in the one its shape shows.

    Envelopes (CloudEvents, SNS) are opened: what lies in them is read in its own format. Raises NotJsonError
    where it is not JSON, RejectedError where its content is broken or unknown, UsageError for a name that is
    no format.
    """
    if format_name != AUTO and format_name not in FORMATS:
        raise UsageError(f"no format {clean(format_name, 40)!r}", f"the formats are {', '.join((AUTO, *FORMATS))}")
    body = parse_json(payload.body)
    if format_name == AUTO:
        return _recognised(body, payload)
    format_ = FORMATS[format_name]
    return Read(format=format_.name, reason="named by the caller", signals=tuple(format_.read(body, payload)))
