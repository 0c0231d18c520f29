"""sev's own small JSON, for tools and scripts that have no format of their own, and what they send by themselves.

A body is one object, a list of objects, or `{"alerts": [...]}`; `EXAMPLE` shows all fields of one,
`FIELDS` the names they may have. Needed is a `key`, a subject or a title. Its identity is the `key`
(or `id`), else the subject and stated kind, else the title.

How it is, the first of these that the body says: a `status`; `will_retry`, `success` or an exit code; the
name of its `event` (`job.attempt_failed`, `batch.sent`); a severity that needs no one (`info`). Without any
of them it fires. A failed attempt with attempts left is retrying.

An `event` or `type` that plainly says deploy (`deploy`, `deployment`, `release`, `change`, `rollout`,
`migration`, also as a part: `config.change`), a field `change`, or an `action` and who did it, make it a
change and no alert: `who` did it, `what`, and what it `touches`. What people write in a chat, a mail or a
ticket states nothing: it is kept as a message, for information. `generic_notes` reads both.
"""

from collections.abc import Mapping
from typing import Final

from tui.formats import generic_notes
from tui.formats.base import Format, Payload, as_object, first_text, key_of, labels_of, rejected, shape, unrendered
from tui.formats.decode import Json
from tui.formats.generic_fields import FIELDS, RUNS, attempts_of, link_of, text_of, time_of
from tui.formats.generic_notes import Told
from tui.formats.generic_state import event_of, state_of
from tui.formats.generic_words import STATUS, joined, status_of_event
from tui.model.severity import hint
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "generic"

_PLACED: Final = frozenset(name for names in FIELDS.values() for name in names)
_SURE: Final = ("title", "summary", "message", "error")
_NAMING: Final = (*FIELDS["key"], *FIELDS["subject"], *_SURE)
_ENVELOPES: Final = ("check", "alert", "incident", "monitor", "job", "notification")
_LIKELY: Final = ("name", "object", "item", "flow", "rule", "target", "host", "node", "resource", "entity", "asset")
"""What home-made bodies call the thing they speak of, where they have none of the names of a subject."""
_GRADED: Final = frozenset({"critical", "crit", "warning", "warn"})
_KINDS: Final = {kind.value: kind for kind in Kind}
_KIND_OF_SUBJECT: Final = {
    **dict.fromkeys((*RUNS, "check"), Kind.FAILED_JOB),
    "dataset": Kind.DATA_QUALITY,
    "table": Kind.DATA_QUALITY,
}


def _items(body: Json) -> list[tuple[str, Json]]:
    """The alerts of a body, each with its path for messages."""
    if isinstance(body, list):
        return [(f"[{n}]", _opened(item)) for n, item in enumerate(body)]
    if isinstance(body, dict):
        alerts = body.get("alerts")
        if isinstance(alerts, list) and (alerts or not _known_by(body)):
            return [(f"alerts[{n}]", _opened(item)) for n, item in enumerate(alerts)]
    return [("body", _opened(body))]


def _opened(item: Json) -> Json:
    """The one object that a body without a name of its own wraps: `{"check": {"name": …, "status": …}}`."""
    if not isinstance(item, dict):
        return item
    item = generic_notes.from_chat(item)
    if _known_by(item):
        return item
    for name in _ENVELOPES:
        inner = item.get(name)
        if isinstance(inner, dict) and (text_of(inner, "status") or text_of(inner, "severity")):
            outer = {field: value for field, value in item.items() if field != name and not isinstance(value, dict)}
            subject = name if name in FIELDS["subject"] else "subject"
            return {**outer, **inner} if text_of(inner, "subject") else {**outer, **inner, subject: inner.get("name")}
    states = text_of(item, "status") or text_of(item, "severity") or status_of_event(event_of(item))
    name = first_text(item, *_LIKELY) if states else ""
    return {**item, "subject": name} if name else item


def _known_by(item: Json) -> str | None:
    """The name of the field to know it by.

    An `id` alone is everywhere and names no trouble; with a status it does. So do words under a name such as
    `text` or `msg`, with a status, a severity, an event or somebody who speaks them.
    """
    if not isinstance(item, dict):
        return None
    for name in _NAMING:
        if first_text(item, name):
            return name
    if generic_notes.tells_change(item):
        return "a change"
    words = next((name for name in FIELDS["title"] if first_text(item, name)), None)
    says_how = text_of(item, "status") or text_of(item, "severity") or event_of(item)
    if words and (says_how or generic_notes.is_message(item)):
        return words
    if first_text(item, "action") and first_text(item, "change", *generic_notes.WHO):
        return "action"
    return "id" if text_of(item, "id") and text_of(item, "status") else None


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    names = [_known_by(item) for _, item in _items(body)]
    return f"sev's own JSON: it has {names[0]}" if names and all(names) else None


def _read(body: Json, payload: Payload) -> list[Signal]:
    return [_signal(item, path, payload) for path, item in _items(body)]


def _signal(item: Json, path: str, payload: Payload) -> Signal:
    if not isinstance(item, dict):
        raise rejected(f"{path}: expected an object, found {shape(item)}")
    if _known_by(item) is None:
        raise rejected(f"{path}: no key, subject or title")
    told, kind = _told(item, path, payload), _stated_kind(item)
    if kind in (None, Kind.CHANGE) and (generic_notes.is_change(item, told) or (kind and not told.stated)):
        return generic_notes.change(item, told)
    quiet = not told.stated and told.status in (SignalStatus.FIRING, SignalStatus.INFO)
    return generic_notes.message(item, told) if kind is None and quiet and _spoken(item) else _alert(item, path, told)


def _spoken(item: dict[str, Json]) -> bool:
    """A mail's `subject` is its title; any other subject or a key is what a tool speaks of."""
    named = first_text(item, *FIELDS["key"], *FIELDS["subject"][1:], "error")
    return not named and generic_notes.is_message(item)


def _told(item: dict[str, Json], path: str, payload: Payload) -> Told:
    title, subject = text_of(item, "title"), text_of(item, "subject")
    spoken = _spoken(item)
    if spoken:
        title = first_text(item, "title", "summary", "subject") or title
    status, stated = state_of(item)
    return Told(
        source=payload.source or Safe(NAME),
        format=NAME,
        title=title,
        subject="" if spoken else subject,
        identity=text_of(item, "key") or text_of(item, "id"),
        stated=stated or bool(text_of(item, "severity")),
        status=status,
        at=time_of(item, "at") or time_of(item, "ended_at"),
        starts=time_of(item, "started_at"),
        labels=_labels(item, path),
    )


def _alert(item: dict[str, Json], path: str, told: Told) -> Signal:
    word, severity, run = text_of(item, "status"), text_of(item, "severity"), text_of(item, "run")
    if not severity and joined(word) in _GRADED:
        severity = word
    subject = told.subject or text_of(item, "key") or told.title or text_of(item, "id")
    over = told.status in (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)
    attempt, most = attempts_of(item)
    return Signal(
        source=told.source,
        format=NAME,
        key=key_of(told.source, _identity(item, path)),
        status=told.status,
        kind=_kind(item),
        title=clean(told.title or _untitled(item, subject, told.status)),
        subject=clean(subject),
        run=clean(run) if run else None,
        attempt=attempt,
        max_attempts=most,
        severity_word=clean(severity, 40) if severity else None,
        severity_hint=hint(severity),
        at=told.at,
        starts=told.starts,
        ended_at=(time_of(item, "ended_at") or told.at) if over else None,
        labels=labels_of(told.labels),
        links=Links(runbook=link_of(item, "runbook"), source=link_of(item, "url"), log=link_of(item, "log")),
    )


def _untitled(item: dict[str, Json], subject: str, status: SignalStatus) -> str:
    """A title from what is left: of a check that waits for a sign of life it says when the last one came."""
    named = event_of(item) if status in (SignalStatus.FIRING, SignalStatus.INFO) else ""
    last = first_text(item, "last_ping", "last_seen", "last_success")
    return f"{subject}: {text_of(item, 'status') or named or status}{', last heard of ' if last else ''}{last}"


def _identity(item: dict[str, Json], path: str) -> str:
    """What stays the same while it is the same trouble; a template nobody filled in is the same for all of them."""
    subject, stated = text_of(item, "subject"), _stated_kind(item)
    named = f"{subject} {stated}" if subject and stated else subject
    for text in (text_of(item, "key"), text_of(item, "id"), named, text_of(item, "title")):
        if text and not unrendered(text):
            return text
    raise rejected(f"{path}: its key, subject and title are templates that were not filled in")


def _stated_kind(item: dict[str, Json]) -> Kind | None:
    return _KINDS.get(text_of(item, "kind").lower())


def _kind(item: dict[str, Json]) -> Kind:
    name = next((name for name in FIELDS["subject"] if first_text(item, name)), "")
    return _stated_kind(item) or _KIND_OF_SUBJECT.get(name, Kind.OTHER)


def _labels(item: dict[str, Json], path: str) -> dict[str, Json]:
    """The stated labels, then every plain field we have no other place for, then a status word we don't know."""
    labels = dict(as_object(item.get("labels"), f"{path}.labels"))
    for name, value in item.items():
        if name not in _PLACED and isinstance(value, str | int | float):
            labels.setdefault(name, value)
    word = text_of(item, "status")
    if word and joined(word) not in STATUS:
        labels.setdefault("status", word)
    return labels


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
