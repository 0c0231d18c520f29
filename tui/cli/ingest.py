"""The verb that takes payloads from files or standard input, as the collector takes them from the network."""

import os
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from tui.cli import clock
from tui.cli.output import standard_input, warn
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.collector.delivery import FILE_LIMIT, HEAD_KEPT, Delivery, Prepared, prepare, refuse
from tui.collector.reading import Readings, readings_of
from tui.collector.team_catalog import learn_catalog, team_facts
from tui.errors import UsageError
from tui.formats.registry import AUTO, FORMATS
from tui.model.ids import Ref
from tui.model.signal import Signal
from tui.model.text import Safe, clean
from tui.reports import shapes
from tui.reports.shapes import Shape
from tui.store.engine import Connection

if TYPE_CHECKING:
    from tui.collector.intake import Receipt

_BATCH: Final = 500
"""Payloads of one transaction."""


@verb(
    "sev ingest alert.json",
    "sev ingest --format alertmanager --source am-eu - < webhook.json",
    "sev ingest *.json --dry-run --json",
    "sev ingest -v --dry-run target/manifest.json",
)
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option(
    "--format", "format_name", default=AUTO, show_default=True, help="How payloads are read; auto looks at each."
)
@click.option("--source", help="Which source they come from; else the format's name.")
@click.option("--dry-run", is_flag=True, help="Print the signals, store nothing.")
def ingest(session: Session, files: tuple[str, ...], format_name: str, source: str | None, dry_run: bool) -> int:
    """Take payloads in from files, or from standard input. JSON Lines and documents in a row are several payloads.

    What can be read is stored even when another payload is rejected; then the exit code is 1. With -v it says
    what each payload was taken for, and why.

    While a collector runs it is the one who judges: this waits for it, at most 5 seconds, and says
    `received` of what is stored but not judged by then.
    """
    if format_name not in (AUTO, *FORMATS):
        raise UsageError(f"no format {clean(format_name, 40)!r}", "", f"one of {', '.join((AUTO, *FORMATS))}")
    bodies, unread = _read(files)
    named = clean(source, 60) if source else None
    readings = readings_of(session.config.sources)
    prepared = [_prepared(session, body, format_name, named, readings) for body in bodies]
    if session.given.verbose:
        _explain(prepared)
    refused = _dry_run(session, prepared) if dry_run else _store(session, prepared)
    if refused:
        kept = "nothing was stored" if dry_run else "they are kept for you: see `sev rejected`"
        warn(f"{refused} of {len(prepared)} payloads could not be read: {kept}")
    return int(bool(refused or unread))


def _read(files: Sequence[str]) -> tuple[list[bytes], int]:
    """The payloads of all files, and how many files could not be read."""
    from tui.formats.decode import documents

    if not files and sys.stdin.isatty():
        raise UsageError("nothing to read", "no file was named and standard input is a terminal", "name a FILE")
    bodies: list[bytes] = []
    unread = 0
    for name in files or ("-",):
        try:
            whole = standard_input() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            warn(f"{clean(name)} cannot be read: {error.strerror}: check the path")
            unread += 1
        else:
            # An empty file is one payload that says nothing, and is rejected as such.
            bodies += documents(whole) or [whole]
    return bodies, unread


def _prepared(session: Session, body: bytes, format_name: str, source: Safe | None, readings: Readings) -> Prepared:
    size = len(body)
    too_long = size > FILE_LIMIT
    delivery = Delivery(
        body=body[:HEAD_KEPT] if too_long else body,
        received_at=session.now,
        uid=os.getuid(),
        source=source,
        format=format_name,
        size=size if too_long else None,
    )
    return refuse(delivery, clean(f"{size} bytes, {FILE_LIMIT} at most")) if too_long else prepare(delivery, readings)


def _explain(prepared: Sequence[Prepared]) -> None:
    """On stderr, what each payload was taken for and why."""
    for n, one in enumerate(prepared, 1):
        warn(f"payload {n}: {one.why}")


def _dry_run(session: Session, prepared: Sequence[Prepared]) -> int:
    refused = [one.refused for one in prepared if one.refused is not None]
    signals = [signal for one in prepared for signal in one.signals]
    session.answer((shapes.signal(one) for one in signals), lambda: (_told(one) for one in signals))
    for why in refused:
        warn(f"payload rejected: {why}")
    return len(refused)


def _told(one: Signal) -> str:
    return f"{one.status} {one.subject}: {one.title} ({one.key})"


class _Changed(NamedTuple):
    """An object that a payload made or changed: its JSON for programs, its line for people."""

    shape: Shape
    line: str


def _store(session: Session, prepared: Sequence[Prepared]) -> int:
    """Take all of them in; returns how many were rejected."""
    session.need_writing()
    from tui.collector.passing import Passing

    session.need_writing()
    changed: dict[Ref, None] = {}
    facts = team_facts(session.config.catalog_file)
    with session.open(write=True, create=True) as store, Passing(store, session.config.triage, clock.now) as passing:
        if facts is not None:
            store.tx(partial(learn_catalog, now=session.now, uid=os.getuid(), facts=facts))
        for start in range(0, len(prepared), _BATCH):
            for receipt in passing.take(prepared[start : start + _BATCH]):
                changed |= dict.fromkeys(_refs(receipt))
        passing.settle()
        told = store.read(lambda conn: _told_of(conn, changed, passing.unjudged(conn)))
    session.answer((one.shape for one in told), lambda: (one.line for one in told))
    return sum(one.refused is not None for one in prepared)


def _refs(receipt: "Receipt") -> Iterator[Ref]:
    """What a payload made or changed."""
    yield from (Ref("A", number) for number in receipt.alerts)
    yield from (Ref("CH", number) for number in receipt.changes)
    if receipt.rejected is not None:
        yield Ref("R", receipt.rejected)


def _told_of(conn: Connection, changed: Iterable[Ref], unjudged: Container[int]) -> list[_Changed]:
    from tui.model.change import told
    from tui.store.alerts import get_alert
    from tui.store.changes import get_change
    from tui.store.payloads import get_rejected

    found = []
    for ref in changed:
        if ref.prefix == "A":
            alert, waits = get_alert(conn, ref.number), ref.number in unjudged
            line = f"{ref} {'received' if waits else alert.status} {alert.headline}"
            found.append(_Changed({**shapes.alert(alert), "seq": alert.seq, "received": waits}, line))
        elif ref.prefix == "CH":
            change = get_change(conn, ref.number)
            line = f"{ref} {told(change.what, change.touches, change.actor)}"
            found.append(_Changed({**shapes.change(change), "seq": change.seq}, line))
        else:
            kept = get_rejected(conn, ref.number)
            found.append(_Changed({**shapes.rejected(kept, None), "seq": kept.seq}, f"{ref} rejected: {kept.reason}"))
    return found
