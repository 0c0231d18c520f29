"""The verb that tells where alerts come from and how that goes, and tries one source out."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import click
import msgspec

from tui.cli.output import say, warn
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.config import SourceSettings
from tui.errors import NotFoundError, UsageError
from tui.formats.decode import Json
from tui.model.moment import rfc3339, short_span
from tui.model.text import Safe, clean
from tui.reports import shapes
from tui.reports.shapes import Shape
from tui.store.engine import Connection
from tui.store.placing import Unknown, coverage, told
from tui.store.sources import SourceState

_NAMED: Final = 8  # subjects that are named for people; JSON has all
PUSHED: Final = "pushed"
"""The kind of a source that sends instead of being asked."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One source: what the settings say of it, how pulling it goes (None: it is not pulled), when it was heard.

    `unknown`: subjects of its alerts of the last 7 days that the catalog does not know; None without a catalog.
    """

    name: Safe
    kind: str
    state: SourceState | None = None
    heard_at: datetime | None = None
    unknown: tuple[Unknown, ...] | None = None


@verb("sev sources", "sev sources --json", "sev sources test am-eu")
@click.argument("words", nargs=-1, metavar="[test NAME]")
def sources(session: Session, words: tuple[str, ...]) -> int:
    """Where alerts come from: when each source was heard, how pulling goes, and what of it the catalog does not know.

    `test NAME` asks one of them once, shows what would be made of it, and stores nothing.
    """
    if words:
        if len(words) != 2 or words[0] != "test":
            raise UsageError("that is no question about sources", "", "say `sev sources` or `sev sources test NAME`")
        return _test(session, words[1])
    found = session.read(lambda conn: _all(conn, session.config.sources, session.now))
    return session.answer(
        (_shape(one, session.now) for one in found),
        lambda: _lines(found, session.now) if found else ["no source is set up, and none was heard"],
    )


def _all(conn: Connection, settings: Iterable[SourceSettings], now: datetime) -> list[Told]:
    """Those of the settings, those that are pulled, and everybody who was heard, by name."""
    from tui.store.payloads import sources_heard
    from tui.store.sources import states

    heard, pulled = sources_heard(conn), {one.name: one for one in states(conn)}
    kinds = {clean(one.name): str(one.kind or PUSHED) for one in settings}
    kinds = {**dict.fromkeys(heard, PUSHED), **{name: one.kind for name, one in pulled.items()}, **kinds}
    found = coverage(conn, now)
    return [
        Told(
            name=name,
            kind=kinds[name],
            state=pulled.get(name),
            heard_at=heard.get(name),
            unknown=tuple(one for one in found.unknown if one.source == name) if found.nodes else None,
        )
        for name in sorted(kinds)
    ]


def _word(one: Told, now: datetime) -> str:
    if one.kind == PUSHED:
        return PUSHED
    if one.state is None or (one.state.ok_at is None and not one.state.failures):
        return "new"
    if one.state.failures:
        return "failing"
    return "silent" if one.state.ails(now) else "ok"


def _shape(one: Told, now: datetime) -> Shape:
    state = one.state
    return {
        "name": one.name,
        "kind": one.kind,
        "state": _word(one, now),
        "failures": state.failures if state else 0,
        "every_s": state.every.total_seconds() if state else None,
        "ok_at": rfc3339(state.ok_at) if state else None,
        "next_try_at": rfc3339(state.next_try_at) if state else None,
        "last_error": (state.last_error or None) if state else None,
        "heard_at": rfc3339(one.heard_at),
        "unknown": _missing(one),
    }


def _missing(one: Told) -> list[Json] | None:
    if one.unknown is None:
        return None
    return [{"subject": it.subject, "alerts": it.alerts, "last_seen": rfc3339(it.last_seen)} for it in one.unknown]


def _lines(found: Iterable[Told], now: datetime) -> Iterator[str]:
    for one in found:
        heard = f"heard {short_span(now - one.heard_at)} ago" if one.heard_at else "never heard"
        yield f"{one.name}: {_told(one, now)}{f', {heard}' if one.kind == PUSHED else ''}"
        if one.unknown:
            yield f"  not in the catalog: {told(one.unknown, _NAMED)}"


def _told(one: Told, now: datetime) -> str:
    state, word = one.state, _word(one, now)
    if state is None or word == "new":
        return PUSHED if word == PUSHED else f"{one.kind}, not asked yet"
    if word == "failing":
        count = "1 failure" if state.failures == 1 else f"{state.failures} failures"
        return f"{count}, next try {_countdown(state.next_try_at, now)}: {state.last_error}"
    ago = short_span(now - state.silent_since)
    if word == "silent":
        return f"silent {ago}"
    return f"ok {ago} ago, {one.kind} every {short_span(state.every)}"


def _countdown(at: datetime | None, now: datetime) -> str:
    """Minutes and seconds until then, `00:40`."""
    left = max(timedelta(0), at - now if at else timedelta(0))
    minutes, seconds = divmod(int(left.total_seconds()), 60)
    return f"{minutes:02d}:{seconds:02d}"


def _test(session: Session, name: str) -> int:
    """Ask a source once and show what would be made of its answer."""
    settings = next((one for one in session.config.sources if one.name == name), None)
    if settings is None:
        raise NotFoundError(f"no source {clean(name, 60)} in the settings", "", "see `sev sources`")
    if settings.kind is None:
        raise UsageError(
            f"source {clean(name, 60)} is pushed to us", "there is nothing to ask", "try `sev ingest --dry-run`"
        )
    import asyncio

    from tui.collector.sources.trial import trial

    read = asyncio.run(trial(session.config, settings, session.now))
    signals = [signal for one in read for signal in one.signals]
    session.answer(
        (shapes.signal(one) for one in signals),
        lambda: (f"{one.status} {one.subject}: {one.title} ({one.key})" for one in signals),
    )
    refused = [one.refused for one in read if one.refused is not None]
    for why in refused:
        warn(f"payload rejected: {why}")
    if not signals and not refused and not session.json:
        say(f"{clean(name, 60)} can be read and has nothing to say")
    return int(bool(refused))
