"""What an address stands for: whose payloads come to it, and in whose words they are answered."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

import msgspec

from tui.formats import alertmanager, openlineage, opsgenie, pagerduty
from tui.formats.registry import AUTO
from tui.model.text import Safe, clean


class Dialect(StrEnum):
    """Whose answers a sender expects."""

    SEV = "sev"
    LINEAGE = "openlineage"
    OPSGENIE = "opsgenie"
    EVENTS = "pagerduty events v2"
    EVENTS_V1 = "pagerduty events v1"
    CHANGES = "pagerduty changes"


PAGERDUTY: Final = (Dialect.EVENTS, Dialect.EVENTS_V1, Dialect.CHANGES)
"""The dialects whose senders show the token in the body."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What an address stands for. `source` None: named after its format. `ok`: the status of success.

    `alias` and `action`: what an address of Opsgenie's says beside the body; `by` is what it calls the alias.
    """

    source: Safe | None = None
    format: str = AUTO
    token: str = ""
    ok: int = 202
    dialect: Dialect = Dialect.SEV
    alias: str = ""
    action: str = ""
    by: str = ""

    @property
    def name(self) -> str:
        """The source whose settings count here."""
        return self.source or self.format


_OWN: Final = re.compile(r"/v1/([A-Za-z0-9_.-]{1,64})(?:/(.{0,512}))?")
_ALERT: Final = re.compile(r"/v2/alerts/([^/]{1,2000})/(close|acknowledge|unacknowledge)")
_REQUEST: Final = re.compile(r"/v2/alerts/requests/([^/]{1,100})")
_DROP_IN: Final = {
    "/api/v2/alerts": Target(format=alertmanager.FORMAT.name, ok=200),
    "/api/v1/lineage": Target(format=openlineage.FORMAT.name, ok=201, dialect=Dialect.LINEAGE),
    "/v2/enqueue": Target(format=pagerduty.FORMAT.name, dialect=Dialect.EVENTS),
    "/v2/change/enqueue": Target(format=pagerduty.FORMAT.name, dialect=Dialect.CHANGES),
    "/generic/2010-04-15/create_event.json": Target(format=pagerduty.FORMAT.name, ok=200, dialect=Dialect.EVENTS_V1),
    "/v2/alerts": Target(format=opsgenie.FORMAT.name, dialect=Dialect.OPSGENIE, action="create"),
}


def target_of(path: str, formats: Mapping[str, str], query: Mapping[str, str] | None = None) -> Target | None:
    """What a path (still percent-encoded) and its query stand for, None for none of ours.

    `formats`: the format each source is set to.
    """
    if fixed := _DROP_IN.get(path):
        return fixed
    if alert := _ALERT.fullmatch(path):
        by = (query or {}).get("identifierType", "id").lower()
        alias = unquote(alert[1])
        return Target(format=opsgenie.FORMAT.name, dialect=Dialect.OPSGENIE, alias=alias, action=alert[2], by=by)
    found = _OWN.fullmatch(unquote(path))
    if found is None:
        return None
    name, token = found[1], found[2] or ""
    if name == AUTO:
        return Target(token=token)
    return Target(source=clean(name), format=formats.get(name, AUTO), token=token)


def request_of(path: str) -> str | None:
    """The name of a request of Opsgenie's whose fate is asked for; None for any other address."""
    found = _REQUEST.fullmatch(path)
    return found[1] if found else None
