"""Verbs that take the store away and bring it back: backup, restore."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.output import say, say_json
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import line
from tui.errors import NotFoundError, RefusedError, SevError
from tui.model.text import Safe

if TYPE_CHECKING:
    from tui.store.integrity import Verdict


@verb("sev backup /backup/sev-monday.db", "sev backup sev.bak --json")
@click.argument("file", metavar="FILE")
def backup(session: Session, file: str) -> int:
    """Copy the store into FILE while others go on writing. The copy is checked before it gets its name.

    Keep the head hash that is printed elsewhere: it proves later that nobody wrote the log anew.
    """
    from tui.store.copies import back_up

    place = Path(file).expanduser()
    with session.open():
        pass  # a store that is not there, or not ours, is told in the words of every verb
    with _disk_of(place):
        copied = back_up(session.store_path, place)
    if session.json:
        say_json([{"file": str(place), "events": copied.events, "size": copied.size, "head": copied.head}])
    else:
        say(f"wrote {place}: {copied.events} events, {copied.size / 1e6:.1f} MB")
        say(f"head  {copied.head}")
    return 0


@verb("sev restore /backup/sev-monday.db", "sev restore half.db --force --reason 'all that is left'")
@click.argument("file", metavar="FILE")
@click.option("--force", is_flag=True, help="Restore a backup whose log or rows have a fault; needs --reason.")
@click.option("--reason", help="Why it is restored all the same.")
def restore(session: Session, file: str, force: bool, reason: str | None) -> int:
    """Put a backup in the store's place. It is proved first, and the store that is there is kept beside it.

    Refused while a collector or a console has the store open.
    """
    from tui.store.copies import put_back

    session.need_writing()
    place, store = Path(file).expanduser(), session.store_path
    why = line(reason)
    found = _proved(place, forced=force and bool(why))
    with _disk_of(store):
        store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _nobody_collects(session):
            kept = put_back(place, store, session.now)
    head = found.head
    if not found.ok:
        head = _note_forced(session, head, why)
    if session.json:
        was = str(kept) if kept else None
        say_json([{"store": str(store), "file": str(place), "events": found.events, "head": head, "kept": was}])
    else:
        say(f"restored {found.events} events from {place}")
        say(f"head  {head}")
        if kept is not None:
            say(f"the store that was there is kept as {kept}")
    return 0


def _proved(place: Path, *, forced: bool) -> "Verdict":
    """What is wrong with a backup, if anything. Raises RefusedError for a fault, unless it is taken all the same."""
    from tui.store import integrity
    from tui.store.engine import Store

    if not place.exists():
        raise NotFoundError(f"there is no {place}", "", "name the FILE that `sev backup` wrote")
    with Store(place, read_only=True, still=True) as store:
        found = integrity.verify(store)
    if found.ok or forced:
        return found
    fault = "SQLite's own check fails" if found.chain_ok else f"its log is broken at event {found.first_bad_seq}"
    if found.chain_ok and found.integrity_ok:
        fault = f"{', '.join(found.differs)} differ from its log"
    raise RefusedError(f"{place} was not restored", fault, "another backup, or --force --reason TEXT", forcible=True)


def _note_forced(session: Session, head: str, why: Safe) -> str:
    """Write into the restored log that it was restored with a fault; returns the new head."""
    from tui.model.events import Restored
    from tui.store import log
    from tui.store.record import record

    stamp = log.Stamp(actor=session.actor, now=session.now)
    with session.open(write=True) as store:
        return store.tx(lambda conn: record(conn, stamp, Restored(head=head, reason=why))).hash.hex()


@contextmanager
def _nobody_collects(session: Session) -> Iterator[None]:
    """The lease is ours while this lasts. Raises RefusedError while a collector has it."""
    from tui.collector.lease import Holder, Lease, holder, lease_path

    lease = Lease(lease_path(session.store_path))
    if not lease.try_take(Holder(pid=os.getpid(), host=socket.gethostname(), started_at=session.now)):
        who = holder(lease.path)
        named = f"process {who.pid} on {who.host} collects for it" if who else "a collector has it open"
        raise RefusedError(f"{session.store_path} was not touched", named, "stop it first")
    try:
        yield
    finally:
        lease.release()


@contextmanager
def _disk_of(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SevError(f"cannot write {place}", error.strerror or str(error), "check the path and the disk") from error
