"""A change: a deploy, a new schema or setting. It is no alert; it is what people ask for first. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.model.moment import span
from tui.model.signal import Links, Signal
from tui.model.text import Safe, clean

SUSPECT_FOR: Final = timedelta(hours=24)
"""How long before trouble a change is asked whether it made it."""

_TOUCHES_KEPT: Final = 20
_WHO: Final = (
    "who", "by", "author", "sender", "user", "actor", "deployed_by", "triggered_by", "committer", "pusher", "username",
    "login",
)  # fmt: skip
_NAMED: Final = (
    "dataset", "table", "model", "job", "job_name", "dag_id", "dag", "pipeline", "task", "service", "service_name",
    "application", "app", "component", "topic", "dashboard", "repository", "repo",
)  # fmt: skip
_REPOSITORIES: Final = ("repository", "repo")
_SAME_IF_DATED: Final = timedelta(hours=1)
_SAME_IF_UNDATED: Final = timedelta(hours=24)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change as its tool told it. `dated`: the tool said when; else `at` is the receipt.

    `touches` are names of what it changes, as the tool calls them, the likeliest first.
    """

    id: int
    seq: int
    at: datetime
    key: Safe
    source: Safe
    actor: Safe
    what: Safe
    touches: tuple[Safe, ...]
    links: Links
    payload: str
    dated: bool


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """The change that came last before trouble, and its timeline entry.

    `upstream` is the name that it touches where that is not the trouble's own but one step above it.
    """

    change: Change
    entry: int
    upstream: Safe | None = None


def told(what: str, touches: Sequence[str], actor: str) -> Safe:
    """A change in one line: `v812 of card-scoring by ci`; a thing that `what` names already is not named again."""
    whose = f" of {touches[0]}" if touches and touches[0].lower() not in what.lower() else ""
    return clean(f"{what}{whose} by {actor}", 1_000)


def suspected(one: Suspect, failed_at: datetime) -> Safe:
    """The same as an answer to what changed just before: how long before it failed, and whether upstream of it."""
    change = one.change
    touched = change.touches if one.upstream is None else (one.upstream,)
    above = "" if one.upstream is None else ", one step upstream"
    return clean(
        f"{told(change.what, touched, change.actor)}, {span(failed_at - change.at)} before it failed{above}", 1_000
    )


def actor_of(signal: Signal) -> Safe:
    """Who made the change: the label that names somebody, else the source."""
    lowered = {name.lower(): value for name, value in signal.labels.items()}
    return next((lowered[name] for name in _WHO if lowered.get(name)), signal.source)


def touches_of(signal: Signal) -> tuple[Safe, ...]:
    """Names of what it touches: its subject (a title is none) and the labels that name a thing; each once."""
    subject = () if signal.subject == signal.title else (signal.subject,)
    named = dict.fromkeys(name for name in (*subject, *_labelled(signal)) if name)
    return tuple(named)[:_TOUCHES_KEPT]


def _labelled(signal: Signal) -> Iterator[Safe]:
    lowered = {name.lower(): value for name, value in signal.labels.items()}
    for part in re.split(r",\s*", lowered.get("touches", Safe("")).strip("[] ")):
        yield clean(part.strip("\"' "))
    for name in _NAMED:
        if value := lowered.get(name):
            yield value
            if name in _REPOSITORIES:
                yield clean(value.rstrip("/").rpartition("/")[2])


def happened_at(signal: Signal, received_at: datetime) -> datetime:
    """When the change was made, never after its receipt."""
    return min(signal.at or signal.starts or received_at, received_at)


def is_dated(signal: Signal) -> bool:
    """Whether the tool said when the change was made."""
    return signal.at is not None or signal.starts is not None


def known(signal: Signal, received_at: datetime, earlier: Sequence[Change]) -> Change | None:
    """The change that `signal` tells of once more; `earlier` are those of its key, the newest first.

    Told with the same time it is that one. Else it is the newest of its key in the same words,
    unless too much time lies between: some tools give every deploy of a service one key.
    """
    at, dated = happened_at(signal, received_at), is_dated(signal)
    alike = [one for one in earlier if one.what == signal.title]
    if dated and (same := next((one for one in alike if one.dated and one.at == at), None)):
        return same
    if not alike or alike[0] is not earlier[0]:
        return None
    within = _SAME_IF_DATED if dated and alike[0].dated else _SAME_IF_UNDATED
    return alike[0] if abs(at - alike[0].at) < within else None
