"""Datadog's webhook. Its body is the user's own template, so fields are known by many names; `TEMPLATE` is ours."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from tui.formats.base import (
    SUBJECTS,
    Format,
    Payload,
    filled,
    inside,
    key_of,
    kind_in,
    labels_of,
    plain,
    rejected,
    rendered,
    shape,
    unrendered,
    web,
    when,
)
from tui.formats.decode import Json
from tui.model.severity import hint
from tui.model.signal import Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "datadog"

TEMPLATE: Final = """\
{
  "monitor_id": "$ALERT_ID",
  "scopes": "$ALERT_SCOPE",
  "aggreg_key": "$AGGREG_KEY",
  "alert_cycle_key": "$ALERT_CYCLE_KEY",
  "alert_transition": "$ALERT_TRANSITION",
  "alert_type": "$ALERT_TYPE",
  "alert_priority": "$ALERT_PRIORITY",
  "title": "$EVENT_TITLE",
  "body": "$TEXT_ONLY_MSG",
  "date": "$DATE",
  "hostname": "$HOSTNAME",
  "tags": "$TAGS",
  "url": "$LINK",
  "org": "$ORG_NAME"
}
"""
"""The body to set in Datadog's webhook, with all that is read here."""

_FIELDS: Final = {
    "monitor": ("monitorid", "alertid"),
    "scope": ("alertscope", "scopes", "scope"),
    "aggregate": ("aggregkey", "aggregationkey"),
    "cycle": ("alertcyclekey", "cyclekey"),
    "incident": ("incidentpublicid", "incidentpubid"),
    "transition": ("alerttransition", "transition"),
    "type": ("alerttype",),
    "status": ("alertstatus", "status"),
    "title": ("title", "eventtitle", "alerttitle", "incidenttitle", "name"),
    "text": ("body", "eventmsg", "eventmessage", "textonlymsg", "message", "msg", "text"),
    "priority": ("alertpriority", "priority", "severity", "alertseverity"),
    "at": ("date", "lastupdated", "dateposix", "timestamp"),
    "host": ("hostname", "host"),
    "link": ("url", "link", "alerturl", "incidenturl"),
    "tags": ("tags",),
    "id": ("id",),
}
"""Names of fields in templates seen, in lower case without `_` and the like; best first."""

_PLACED: Final = frozenset(name for field in ("text", "tags", "title", "at", "link") for name in _FIELDS[field])
_STATUS: Final = {
    **dict.fromkeys(("triggered", "re-triggered", "warn", "re-warn", "renotify", "alert"), SignalStatus.FIRING),
    "muted": SignalStatus.FIRING,  # silenced: the trouble is still there
    **dict.fromkeys(("no data", "re-no data"), SignalStatus.UNKNOWN),
    **dict.fromkeys(("recovered", "ok", "resolved"), SignalStatus.RESOLVED),
}
_TYPES: Final = {
    "error": SignalStatus.FIRING,
    "warning": SignalStatus.FIRING,
    "success": SignalStatus.RESOLVED,
    "info": SignalStatus.INFO,
}
_TELLING: Final = frozenset({"alerttransition", "alertcyclekey", "aggregkey"})
_DEFAULT: Final = frozenset({"eventtype", "lastupdated", "title", "org"})  # the body Datadog sends without a template
_TITLE = re.compile(
    r"(?P<test>\[TEST\]\s*)?(?:\[P[1-5]\]\s*)?"
    r"\[(?P<word>(?:re-)?triggered|(?:re-)?warn|(?:re-)?no data|renotify|recovered)"
    r"(?:\s+on\s+\{(?P<scope>[^}]*)\})?\]\s*",
    re.IGNORECASE,
)
_PRIORITY = re.compile(r"\[(P[1-5])\]", re.IGNORECASE)
_MONITOR_PAGE = re.compile(r"/monitors/(\d{1,12})\b(?:\?(?:[^\s)\]]{1,300}&)?group=([^&\s)\]]{1,500}))?")
_EVENT_ID_FROM: Final = 13  # digits: an event's own id is that long, a monitor's is shorter


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if not isinstance(body, dict):
        return None
    names = {_plain_name(name) for name in body}
    if telling := sorted(names & _TELLING):
        return f"a template of Datadog's: it has {telling[0]}"
    if names >= {"transition", "alerttype"}:
        return "a template of Datadog's: a transition and an alert type"
    if names >= _DEFAULT:
        return "the body Datadog sends without a template"
    found = _TITLE.match(plain(body.get("title")) or plain(body.get("event_title")))
    if found is None or "key" in body or (found["word"].lower().endswith("warn") and not found["scope"]):
        return None
    return f"a title as Datadog writes it: {found['word']}"


def _plain_name(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    told = _Told(body)
    name = told.name or told.host
    identity = told.identity or rendered(name)
    if not identity:
        raise rejected("no monitor, key or title of Datadog's, or templates that were not filled in")
    source, status, at = payload.source or Safe(NAME), told.status, when(told.raw("at"))
    groups = told.groups
    subject = next((groups[one] for one in SUBJECTS if groups.get(one)), "") or told.host
    word = told.severity
    title = name or identity
    return [
        Signal(
            source=source,
            format=NAME,
            key=key_of(source, identity),
            status=status,
            kind=kind_in(title, dict(groups)),
            title=clean(title),
            subject=clean(subject or title),
            severity_word=clean(word, 40) if word else None,
            severity_hint=hint(word),
            at=at,
            ended_at=at if status is SignalStatus.RESOLVED else None,
            labels=labels_of(filled({**groups, **told.rest})),
            links=Links(source=web(told.raw("link"))),
        )
    ]


class _Told:
    """The fields of one body by what they mean. A template's variable that nobody filled in counts as absent."""

    def __init__(self, body: dict[str, Json]) -> None:
        self._fields: dict[str, Json] = {}
        self.rest: dict[str, Json] = {}
        for name, value in body.items():
            self._fields.setdefault(_plain_name(name), value)
            if _plain_name(name) not in _PLACED:
                self.rest[name] = inside(value, "name") if isinstance(value, dict) else value
        pages = (_MONITOR_PAGE.search(plain(self.raw(field))[:20_000]) for field in ("link", "text"))
        self._page = next(filter(None, pages), None)
        self._title = _TITLE.match(plain(self.raw("title")))

    def raw(self, field: str) -> Json:
        return next((self._fields[name] for name in _FIELDS[field] if self._fields.get(name) not in (None, "")), None)

    def text(self, field: str) -> str:
        return rendered(*(plain(self._fields.get(name)) for name in _FIELDS[field]))

    @property
    def host(self) -> str:
        return self.text("host")

    @property
    def name(self) -> str:
        """The title without what Datadog puts in front, so that trouble and all-clear are called the same."""
        title = _TITLE.sub("", plain(self.raw("title")), count=1)
        return re.sub(r"^\[P[1-5]\]\s*", "", title).strip()

    @property
    def identity(self) -> str:
        """The monitor and its group, which stay the same from outage to outage; else what Datadog groups events by.

        An id alone may be the event's own: only a short one is a monitor's. A monitor of many
        groups is no identity where the body tells the group nowhere but in the cycle's key.
        """
        alone = self.text("id")
        monitor = self.text("monitor") or (self._page[1] if self._page else "")
        if not monitor and alone.isdigit() and len(alone) < _EVENT_ID_FROM:
            monitor = alone
        if monitor and self.scope:
            return f"{monitor} {self.scope}"
        grouped = self.text("aggregate") or (self.text("cycle") if not self._tells_scope else "")
        return grouped or monitor or self.text("cycle") or self.text("incident")

    @property
    def _tells_scope(self) -> bool:
        """Whether the body has the group's field at all; it is empty for a monitor without groups."""
        said = [plain(self._fields[name]) for name in _FIELDS["scope"] if name in self._fields]
        return bool(said) and not any(map(unrendered, said))

    @property
    def scope(self) -> str:
        in_title = self._title["scope"] if self._title and self._title["scope"] else ""
        in_page = unquote(self._page[2]) if self._page and self._page[2] else ""
        return ",".join(sorted(_parts(self.text("scope") or in_title or in_page)))

    @property
    def groups(self) -> dict[str, str]:
        """The group's and the tags' `name:value` pairs; the group's come first."""
        pairs = (part.partition(":") for part in [*_parts(self.scope), *_parts(self._tags())])
        found: dict[str, str] = {}
        for name, colon, value in pairs:
            if colon and name and value:
                found.setdefault(name, value)
        return found

    def _tags(self) -> str:
        tags = self._fields.get("tags")
        return ",".join(map(plain, tags)) if isinstance(tags, list) else self.text("tags")

    @property
    def status(self) -> SignalStatus:
        if self._title and self._title["test"]:
            return SignalStatus.INFO  # somebody tries the webhook out; no all-clear will follow
        words = (self.text("transition"), self._title["word"] if self._title else "", self.text("status"))
        for word in words:
            if found := _STATUS.get(word.lower()):
                return found
        return _TYPES.get(self.text("type").lower(), SignalStatus.FIRING)

    @property
    def severity(self) -> str:
        """A priority, else the alert's type. An event's priority `normal` is none, and an all-clear grades nothing."""
        in_title = _PRIORITY.search(plain(self.raw("title"))[:40])
        given = (plain(self._fields.get(name)) for name in _FIELDS["priority"])
        word = next((one for one in given if hint(one)), in_title[1] if in_title else "")
        kind = self.text("type").lower()
        return word or (kind if kind in ("error", "warning") else "")


def _parts(text: str) -> list[str]:
    return [part for one in text.split(",") if (part := one.strip())]


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
