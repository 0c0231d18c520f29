"""The verb that takes payloads from files or standard input, as the collector takes them from the network."""

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import click

from tui.cli.output import standard_input, warn
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.collector.delivery import FILE_LIMIT, HEAD_KEPT, Delivery, Prepared, prepare, refuse
from tui.collector.reading import Readings, readings_of
from tui.collector.team_catalog import learn_catalog, team_facts
from tui.errors import UsageError
from tui.formats.registry import AUTO, FORMATS
from tui.model.signal import Signal
from tui.model.text import Safe, clean
from tui.reports import shapes
from tui.reports.shapes import Shape
from tui.store.engine import Connection

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
    changed: dict[str, _Changed] = {}
    facts = team_facts(session.config.catalog_file)
    with session.open(write=True, create=True) as store:
        if facts is not None:
            store.tx(partial(learn_catalog, now=session.now, uid=os.getuid(), facts=facts))
        for start in range(0, len(prepared), _BATCH):
            changed |= store.tx(partial(_take_in, now=session.now, batch=prepared[start : start + _BATCH]))
    session.answer((one.shape for one in changed.values()), lambda: (one.line for one in changed.values()))
    return sum(one.refused is not None for one in prepared)


def _take_in(conn: Connection, now: datetime, batch: Sequence[Prepared]) -> dict[str, _Changed]:
    from tui.collector.intake import take_in
    from tui.model.change import told
    from tui.store.alerts import get_alert
    from tui.store.changes import get_change
    from tui.store.payloads import get_rejected

    changed: dict[str, _Changed] = {}
    for receipt in take_in(conn, now, batch):
        for number in receipt.alerts:
            alert = get_alert(conn, number)
            line = f"A-{number} {alert.status} {alert.headline}"
            changed[f"A-{number}"] = _Changed({**shapes.alert(alert), "seq": alert.seq}, line)
        for number in receipt.changes:
            change = get_change(conn, number)
            line = f"CH-{number} {told(change.what, change.touches, change.actor)}"
            changed[f"CH-{number}"] = _Changed({**shapes.change(change), "seq": change.seq}, line)
        if receipt.rejected is not None:
            kept = get_rejected(conn, receipt.rejected)
            line = f"R-{kept.id} rejected: {kept.reason}"
            changed[f"R-{kept.id}"] = _Changed({**shapes.rejected(kept, None), "seq": kept.seq}, line)
    return changed
