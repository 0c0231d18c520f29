"""PagerDuty's Events APIs as a receiver has them: the key an event shows, its name, and what is wrong with its shape.

What an event means is read in `formats.pagerduty`; this is only what its sender is told.
"""

import json
from typing import Final

import msgspec

from tui.collector.bodies import key_in, without_keys
from tui.collector.routes import Dialect
from tui.errors import NotJsonError
from tui.formats.base import part, plain, shape
from tui.formats.decode import Json, parse_json
from tui.formats.pagerduty import ACTIONS
from tui.store.payloads import digest_of

_SEVERITIES: Final = ("critical", "error", "warning", "info")
_LONGEST_NAME: Final = 255
NAMES: Final = {Dialect.EVENTS: "dedup_key", Dialect.EVENTS_V1: "incident_key"}
"""The field that names an event's alert, in it and in its answer."""

_ACTION_FIELDS: Final = {Dialect.EVENTS: "event_action", Dialect.EVENTS_V1: "event_type"}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it was posted. `read`: the JSON to read, `kept`: the bytes to keep, both without the key.

    `key`: the key it showed. `name`: its dedup key, given or invented; empty where it has
    none. `faults`: why PagerDuty itself would refuse it, in words; empty where it would not.
    """

    read: bytes
    kept: bytes
    key: str
    name: str = ""
    faults: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Event(name={self.name!r}, faults={self.faults!r})"


def event_of(body: bytes, inner: bytes, dialect: Dialect) -> Event:
    """The event in a body; `inner` is the JSON in it. Never raises: what is not JSON has no faults, only a key.

    A trigger without a name is given one, the same for the same body.
    """
    kept, key = without_keys(body, inner), key_in(inner)
    try:
        value = parse_json(inner)
    except NotJsonError:
        return Event(read=kept, kept=kept, key=key)
    told = without_keys(inner, inner)
    if not isinstance(value, dict):
        return Event(read=told, kept=kept, key=key, faults=(f"expected an object, found {shape(value)}",))
    faults = tuple(_change_faults(value) if dialect is Dialect.CHANGES else _event_faults(value, dialect))
    field = NAMES.get(dialect)
    name = plain(value.get(field)) if field else ""
    if field and not name and not faults:
        name = digest_of(kept)[:32]
        told = json.dumps({**part(parse_json(told)), field: name}).encode()
    return Event(read=told, kept=kept, key=key, name=name, faults=faults)


def _change_faults(value: dict[str, Json]) -> list[str]:
    faults = ["'event_action' does not belong to a change event"] if "event_action" in value else []
    summary = plain(part(value, "payload").get("summary"))
    return faults if summary else [*faults, "'payload.summary' is missing or blank"]


def _event_faults(value: dict[str, Json], dialect: Dialect) -> list[str]:
    action, name = plain(value.get(_ACTION_FIELDS[dialect])).lower(), value.get(NAMES[dialect])
    faults = []
    if action not in ACTIONS:
        faults.append(f"'{_ACTION_FIELDS[dialect]}' must be one of {', '.join(ACTIONS)}")
    elif action != "trigger" and not plain(name):
        faults.append(f"'{NAMES[dialect]}' is missing or blank")
    elif action == "trigger":
        faults += _trigger_faults(value, dialect)
    if name is not None and not isinstance(name, str | int | float):
        faults.append(f"'{NAMES[dialect]}' must be text")
    if len(plain(name)) > _LONGEST_NAME:
        faults.append(f"'{NAMES[dialect]}' is longer than {_LONGEST_NAME} characters")
    return faults


def _trigger_faults(value: dict[str, Json], dialect: Dialect) -> list[str]:
    if dialect is Dialect.EVENTS_V1:
        return [] if plain(value.get("description")) else ["'description' is missing or blank"]
    payload = value.get("payload")
    if not isinstance(payload, dict):
        return ["'payload' is missing or no object"]
    blank = [field for field in ("summary", "source") if not plain(payload.get(field))]
    faults = [f"'payload.{field}' is missing or blank" for field in blank]
    if plain(payload.get("severity")).lower() not in _SEVERITIES:
        faults.append(f"'payload.severity' must be one of {', '.join(_SEVERITIES)}")
    return faults
