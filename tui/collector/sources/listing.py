"""What a poll of an Alertmanager means: what to hand over, what is over, what nobody can tell. Pure.

An Alertmanager never says that an alert is over, it lists it no longer. Two complete polls in a row
prove that, by an instance up for longer than its `resolve_timeout`: it would have heard of the alert
again by then. They prove it only for what the same run of polls saw before. What went away while
polls failed, or with a restart, is quiet: nobody saw how it ended.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.collector.sources.haul import encode
from tui.errors import SevError
from tui.formats.decode import Json
from tui.model.alert import Alert, AlertStatus
from tui.model.moment import parse_span, parse_time, rfc3339
from tui.model.text import Safe

RESOLVE_TIMEOUT: Final = timedelta(minutes=5)
"""Alertmanager's own, where its configuration names none."""

_MISSES: Final = 2
_TIMEOUT: Final = re.compile(r"^\s*resolve_timeout:\s*([0-9a-z]+)\s*$", re.MULTILINE)
_SAID: Final = ("labels", "annotations", "startsAt", "status", "generatorURL")
_ENDING: Final = ("labels", "annotations", "startsAt", "generatorURL", "fingerprint")

Item = dict[str, Json]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A complete poll. `at`: when it began; `alerts` by fingerprint; `up_since`: None where it does not say."""

    at: datetime
    alerts: dict[str, Item]
    up_since: datetime | None = None
    resolve_timeout: timedelta = RESOLVE_TIMEOUT


class Missing(msgspec.Struct, frozen=True):
    """An alert that is not listed: in how many polls in a row, and when the first of them was."""

    polls: int
    first: datetime


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """What one unbroken run of polls saw. `run_since` None: no run is under way. `said`: digests of what was listed."""

    run_since: datetime | None = None
    up_since: datetime | None = None
    seen: dict[str, Item] = {}
    missing: dict[str, Missing] = {}
    said: dict[str, str] = {}

    def broken(self) -> "Book":
        """The book after a poll that failed: what was said is known, the run is over."""
        return Book(said=self.said)


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll means. `handed`: alerts as listed; `over`: endings; `quiet` and `still` are numbers of alerts."""

    handed: tuple[Item, ...]
    over: tuple[Item, ...]
    quiet: tuple[int, ...]
    still: tuple[int, ...]
    book: Book


def listing(body: Json, status: Json, at: datetime) -> Listing:
    """A complete poll from the answers for `/alerts` and `/status`. Raises SevError where it is none."""
    if not isinstance(body, list):
        raise SevError("this is no list of alerts", "", "check the url")
    alerts: dict[str, Item] = {}
    for n, item in enumerate(body):
        fingerprint = item.get("fingerprint") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(fingerprint, str) or not isinstance(item.get("labels"), dict):
            raise SevError(f"alert {n} of the list has no labels or no fingerprint", "", "check the url")
        alerts[fingerprint] = item
    told = status if isinstance(status, dict) else {}
    return Listing(
        at=at, alerts=alerts, up_since=parse_time(told.get("uptime")), resolve_timeout=_resolve_timeout(told)
    )


def _resolve_timeout(status: dict[str, Json]) -> timedelta:
    config = status.get("config")
    text = config.get("original") if isinstance(config, dict) else None
    found = _TIMEOUT.search(text) if isinstance(text, str) else None
    try:
        return parse_span(found[1]) if found else RESOLVE_TIMEOUT
    except ValueError:
        return RESOLVE_TIMEOUT


def weigh(book: Book, now: Listing, alerts: Sequence[Alert], source: Safe, remind: timedelta) -> Meaning:
    """What a poll means, given the alerts of `source` that the store holds as not over.

    What is listed is handed over when it says something new or the store has it otherwise; the
    rest `still` stands and is told so after `remind`.
    """
    by_identity = {alert.key.removeprefix(f"{source}:"): alert for alert in alerts}
    run = _run(book, now)
    said = {name: _digest(item) for name, item in now.alerts.items()}
    known = {
        name: alert
        for name in now.alerts
        if (alert := by_identity.get(name))
        and alert.status is not AlertStatus.QUIET
        and book.said.get(name) == said[name]
    }
    missing = {
        name: Missing(before.polls + 1, before.first) if (before := run.missing.get(name)) else Missing(1, now.at)
        for name, alert in by_identity.items()
        if name not in now.alerts and alert.status is not AlertStatus.QUIET and alert.last_seen < now.at
    }
    gone = _gone(run, now, missing)
    away = set(gone)
    over = [name for name in gone if _was_seen(run, name, by_identity[name])]
    return Meaning(
        handed=tuple(item for name, item in now.alerts.items() if name not in known),
        over=tuple(_ending(run.seen.get(name), by_identity[name], name, missing[name].first) for name in over),
        quiet=tuple(by_identity[name].id for name in gone if not _was_seen(run, name, by_identity[name])),
        still=tuple(alert.id for alert in known.values() if now.at - alert.last_seen >= remind),
        book=Book(
            run_since=run.run_since,
            up_since=run.up_since,
            seen={**{name: run.seen[name] for name in missing if name in run.seen}, **now.alerts},
            missing={name: was for name, was in missing.items() if name not in away},
            said=said,
        ),
    )


def _run(book: Book, now: Listing) -> Book:
    """The run that this poll goes on with; another instance begins another one."""
    if book.run_since is not None and book.up_since == now.up_since:
        return book
    return Book(run_since=now.at, up_since=now.up_since)


def _gone(run: Book, now: Listing, missing: dict[str, Missing]) -> list[str]:
    """What is away for good, by an instance that would have heard of it by now."""
    up_since = now.up_since or run.run_since or now.at
    if now.at - up_since <= now.resolve_timeout:
        return []
    return [name for name, was in missing.items() if was.polls >= _MISSES]


def _was_seen(run: Book, name: str, alert: Alert) -> bool:
    """Whether this run saw it, or it was pushed to us meanwhile."""
    return name in run.seen or (run.run_since is not None and alert.last_seen >= run.run_since)


def _ending(item: Item | None, alert: Alert, fingerprint: str, ended: datetime) -> Item:
    """The alert with its end, in the shape of the list: as it was listed, else with the labels that are known."""
    if item is None:
        item = {"labels": dict(alert.labels), "startsAt": rfc3339(alert.started_at), "fingerprint": fingerprint}
    return {**{name: item[name] for name in _ENDING if name in item}, "endsAt": ended.isoformat()}


def _digest(item: Item) -> str:
    """Of what an alert says; its times of update and expiry move without saying anything."""
    said: Item = {name: item[name] for name in _SAID if name in item}
    return hashlib.sha256(encode(said)).hexdigest()
