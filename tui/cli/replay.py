"""The verb that plays a recorded outage and tells what triage made of it."""

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import click
import msgspec

from tui.cli.look import Cell, Look, look_for, table
from tui.cli.output import say
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.collector.lease import Holder, Lease, lease_path
from tui.errors import RefusedError, SevError, UsageError
from tui.model.moment import short_span
from tui.model.text import clean
from tui.store import log
from tui.store.engine import Store

if TYPE_CHECKING:
    from tui.drills.replay import Played

MAX: Final = "max"
_BEAT: Final = 1.0


def _speed(word: str) -> float | None:
    """How many seconds of the scenario pass in one; None for as fast as it goes. Raises UsageError."""
    if word == MAX:
        return None
    try:
        speed = float(word)
    except ValueError:
        speed = 0.0
    if not 0.01 <= speed <= 1e6:
        raise UsageError(f"{clean(word, 40)!r} is no speed", "", "say 1, 10, 0.5 … or max")
    return speed


@verb(
    "sev replay drills/inc-7 --speed max",
    "sev replay drills/inc-7 --speed max --report found.json",
    "sev --store /tmp/drill.db replay drills/inc-7 --speed 10",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--speed", type=_speed, default=MAX, show_default=True, metavar="N|max", help="How much faster than it was."
)
@click.option("--report", metavar="FILE", help="Write what became of each line there, as JSON.")
def replay(session: Session, folder: Path, speed: float | None, report: str | None) -> int:
    """Play a recorded outage by its own clock, as if the tools said it all again, and tell what triage made of it.

    It plays into a store that is thrown away, or with --store into a new one, which you can look at
    while it plays. SEV_STORE does not count here: what is played is not real. The team's settings count,
    those of --config if it is given: so you see what other maintenance windows and mutes would have made of it.
    """
    from tui.collector.reading import readings_of
    from tui.drills.replay import play
    from tui.drills.scenario import load

    scenario = load(folder)
    readings = readings_of(session.config.sources)
    with _stage(session) as (store, lease):
        pause = None if speed is None else _waiting(speed, lease)
        played = play(scenario, store, readings=readings, pause=pause, rules=session.config.triage)
    encoded = msgspec.json.encode(played.report)
    if report is not None:
        _write(report, encoded)
    if session.json:
        say(encoded.decode())
        return 0
    for line in _lines(played, look_for(session.now, ascii_only=session.ascii)):
        say(line)
    return 0


def _waiting(speed: float, lease: Lease) -> Callable[[timedelta], None]:
    def wait(span: timedelta) -> None:
        until = time.monotonic() + span.total_seconds() / speed
        while (left := until - time.monotonic()) > 0:
            lease.beat()
            time.sleep(min(left, _BEAT))

    return wait


@contextmanager
def _stage(session: Session) -> Iterator[tuple[Store, Lease]]:
    """The store to play into, and its lease: whoever looks on must not bring a collector of today's clock.

    Raises RefusedError for a store that holds something, or has a collector.
    """
    with _store(session) as store:
        lease = Lease(lease_path(store.path))
        if not lease.try_take(Holder(pid=os.getpid(), host=socket.gethostname(), started_at=session.now)):
            raise RefusedError(f"{store.path} has a collector already", "", "name a new file with --store")
        try:
            yield store, lease
        finally:
            lease.release()


@contextmanager
def _store(session: Session) -> Iterator[Store]:
    named = session.given.store
    if named is None or named == os.environ.get("SEV_STORE"):
        with TemporaryDirectory(prefix="sev-replay-") as folder, Store(Path(folder) / "sev.db") as store:
            yield store
        return
    with session.open(write=True, create=True) as store:
        if store.read(log.head)[0]:
            raise RefusedError(
                f"{store.path} holds something already",
                "what is played would mix with it",
                "name a new file with --store, or leave it out",
            )
        yield store


def _write(report: str, encoded: bytes) -> None:
    try:
        Path(report).expanduser().write_bytes(msgspec.json.format(encoded) + b"\n")
    except OSError as error:
        raise SevError(f"cannot write {report}", error.strerror or str(error), "give another --report FILE") from error


def _lines(played: "Played", look: Look) -> Iterator[str]:
    """What triage made of it, for people: how many lines of which verdict, and each candidate."""
    judged = played.report.alerts
    counted = Counter(str(one.verdict) for one in judged for _ in one.signals)
    each = ", ".join(f"{count} {verdict}" for verdict, count in counted.most_common())
    yield f"{sum(counted.values())} lines ({each or 'nothing'}), {played.alerts} alerts, {played.rejected} rejected"
    if not played.candidates:
        yield "nothing is proposed: nobody would have been asked to look"
        return
    heads = ("id", "sev", "proposed", "alerts", "root", "hit", "because")
    cells: list[tuple[Cell, ...]] = [
        (
            proposed.group,
            look.grade(candidate.severity),
            look.sign(f"after {short_span(timedelta(seconds=proposed.proposed_at))}"),
            str(len(candidate.alerts)),
            proposed.root,
            str(len(proposed.consumers)),
            "; ".join(candidate.reasons),
        )
        for candidate, proposed in zip(played.candidates, played.report.candidates, strict=True)
    ]
    yield from table(look, heads, cells, long=6)
