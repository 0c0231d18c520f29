"""The one door of this room: names the formats, recognises the one a body is in, and reads it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from tui.errors import UsageError
from tui.formats import (
    airflow,
    alertmanager,
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
)
from tui.formats.base import Format, Payload, rejected, shape
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


def read(payload: Payload, format_name: str = AUTO) -> Read:
    """Read one payload in the named format, or in the one its shape shows.

    Raises NotJsonError where it is not JSON, RejectedError where its content is broken
    or unknown, UsageError for a name that is no format.
    """
    if format_name != AUTO and format_name not in FORMATS:
        raise UsageError(f"no format {clean(format_name, 40)!r}", f"the formats are {', '.join((AUTO, *FORMATS))}")
    body = parse_json(payload.body)
    if format_name == AUTO and cloudevents.unwrap(body, payload.headers) is not None:
        parts = cloudevents.read_parts(body, payload, _inside_envelope)
        return Read(format=cloudevents.NAME, reason="an envelope of CloudEvents", signals=tuple(parts))
    format_, reason = (
        sniff(body, payload.headers) if format_name == AUTO else (FORMATS[format_name], "named by the caller")
    )
    return Read(format=format_.name, reason=reason, signals=tuple(format_.read(body, payload)))
