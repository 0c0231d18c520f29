"""Home-made bodies that are no alerts: what a person wrote in a chat, a mail or a ticket, and what somebody changed.

`generic` asks `is_message` and `is_change` after it has found the body's status.
"""

import re
from datetime import datetime
from typing import Final

import msgspec

from tui.formats.base import as_text, digest, filled, first_text, items, key_of, labels_of, part, rendered
from tui.formats.decode import Json
from tui.formats.generic_fields import link_of
from tui.formats.generic_state import event_of
from tui.formats.generic_words import is_bad
from tui.formats.generic_words import is_change as says_change
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

_SAID: Final = ("text", "msg", "body", "stripped-text", "body-plain", "message", "txt", "content", "description")
_TALKERS: Final = ("from", "reporter", "sender", "requester", "ticket")
_CHATS: Final = ("channel_name", "channel", "username", "user")
_PLACES: Final = ("channel_name", "channel", "ticket", "from", "reporter", "sender", "requester", "username", "user")
WHO: Final = (
    "who",
    "by",
    "deployed_by",
    "deployer",
    "released_by",
    "changed_by",
    "triggered_by",
    "announced_by",
    "author",
    "actor",
    "user",
    "operator",
    "committer",
    "organizer",
)
"""Fields that name who did something."""

_DEPLOYED: Final = ("deployed_by", "deployed_at", "released_by", "released_at")
_DOING: Final = ("change", "action")
_VERSION: Final = ("version", "release", "revision", "tag", "sha", "commit")
_TOUCHED: Final = ("touches", "host", "cluster", "project", "repository", "repo", "target", "environment")
_CALM: Final = (SignalStatus.STARTED, SignalStatus.SUCCEEDED, SignalStatus.INFO, SignalStatus.RESOLVED)
_WORD = re.compile(r"[^\W\d_]+")
_WORDED = re.compile(r"[^\W\d_]{2}")
"""Words, which a change of a figure (`-50 %`) has none of."""

_GREENS: Final = frozenset({"good", "#2eb886", "#36a64f", "#2eb67d", "green"})
_REDS: Final = frozenset({"danger", "warning", "red"})


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What `generic` has read of a body so far. `stated`: it tells of trouble or of a state in so many words."""

    source: Safe
    format: str
    title: str
    subject: str
    identity: str
    stated: bool
    status: SignalStatus
    at: datetime | None
    starts: datetime | None
    labels: dict[str, Json]


def is_message(item: dict[str, Json]) -> bool:
    """Whether somebody speaks in words: a mail, a ticket, or a chat, whose words are a `text`.

    A `message` beside a `channel` or a `user` is none: so a script says where its alert should go.
    """
    if not first_text(item, *_SAID):
        return False
    chat = bool(first_text(item, "text") and (first_text(item, *_CHATS) or _only_said(item)))
    return chat or bool(first_text(item, *_TALKERS)) or event_of(item).lower() in ("message", "app_mention")


def _only_said(item: dict[str, Json]) -> bool:
    """Whether it has a `text` and nothing that states how something is; words of trouble state it."""
    states = ("status", "state", "severity", "level", "event", "type", "title", "summary", "message", "error")
    words = _WORD.findall(first_text(item, "text").lower())
    return not any(first_text(item, name) for name in states) and not any(map(is_bad, words))


def tells_change(item: dict[str, Json]) -> bool:
    """Whether the body plainly says deploy or change: by its event's name, or by who deployed it and when."""
    return says_change(event_of(item)) or bool(first_text(item, *_DEPLOYED))


def is_change(item: dict[str, Json], told: Told) -> bool:
    """Whether somebody did something: the body says deploy or change, or there is an action and who did it."""
    if told.stated and told.status not in _CALM:
        return False
    if tells_change(item):
        return True
    who, does = first_text(item, *WHO), first_text(item, *_DOING)
    if told.stated:
        return bool(who and first_text(item, "step") and told.title)
    return bool(_WORDED.search(first_text(item, "change")) or (who and does))


def message(item: dict[str, Json], told: Told) -> Signal:
    """What was said, as it was said. It states no condition: a person reads it and judges."""
    said = first_text(item, *_SAID)
    head = told.title if told.title != said else ""
    title = clean(": ".join(filter(None, (head, said))))
    same = first_text(item, "ticket") or digest(as_text(item))[:16]
    return Signal(
        source=told.source,
        format=told.format,
        key=key_of(told.source, f"message {rendered(same) or digest(as_text(item))[:16]}"),
        status=SignalStatus.INFO,
        title=title,
        subject=clean(first_text(item, *_PLACES)) or title,
        at=told.at,
        labels=labels_of(told.labels),
    )


def change(item: dict[str, Json], told: Told) -> Signal:
    """A deploy or another change: who did what, and what it touches. The same one told again has the same key."""
    version, did = first_text(item, *_VERSION), first_text(item, *_DOING)
    about = told.subject or first_text(item, *_TOUCHED)
    event = event_of(item) or next((name for name in _DOING if name in item), "deploy")
    head = " ".join(filter(None, (about, event, version))) if not told.title else told.title
    why = did or first_text(item, "note", "description", "reason")
    title = clean(f"{head}: {why}" if why and why not in head else head)
    who = first_text(item, *WHO) or first_text(item, "source")
    touches = ", ".join(map(as_text, items(item.get("affects")))) or about
    named = rendered(version, told.at.isoformat() if told.at else "", why)
    named = named or ("" if about else digest(as_text(item))[:16])
    identity = rendered(told.identity) or " ".join(filter(None, (rendered(about, told.title), named)))
    return Signal(
        source=told.source,
        format=told.format,
        key=key_of(told.source, f"change {identity}"),
        status=SignalStatus.INFO,
        kind=Kind.CHANGE,
        title=title,
        subject=clean(about) or title,
        at=told.at or told.starts,
        starts=told.starts,
        labels=labels_of(filled({"who": who, "what": title, "touches": touches, **told.labels})),
        links=Links(source=link_of(item, "url")),
    )


def from_chat(item: dict[str, Json]) -> dict[str, Json]:
    """What a tool posts to a chat, as plain fields: those of its attachments, and a status for their colour.

    Red and green are what every tool's chat message says first; a person's message has no colour.
    """
    shown = [part(one) for one in items(item.get("attachments")) if part(one).get("color")]
    if not shown or "status" in item:
        return item
    named = [part(field) for one in shown for field in items(one.get("fields"))]
    fields = {first_text(one, "title").lower(): one.get("value") for one in named if first_text(one, "title")}
    colour = _colour(first_text(shown[0], "color").lower())
    text = first_text(item, "text") or first_text(shown[0], "title", "text", "fallback")
    if colour is None or not text:
        return item
    plain = {name: value for name, value in item.items() if name not in ("attachments", "text")}
    return {**plain, **fields, "title": text, "status": colour}


def _colour(color: str) -> str | None:
    if color in _GREENS or color in _REDS:
        return "resolved" if color in _GREENS else "firing"
    digits = color.removeprefix("#")
    if len(digits) != 6 or not all(one in "0123456789abcdef" for one in digits):
        return None
    red, green, blue = (int(digits[n : n + 2], 16) for n in (0, 2, 4))
    if red > 160 and red > blue + 60:  # red and orange, which no tool uses for good news
        return "firing"
    return "resolved" if green > 100 and green > red + 40 and green > blue else None
