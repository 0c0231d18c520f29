"""Taking in without being the collector: with the lease for the while, else leaving it to its holder to judge."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tui.collector.intake import Prepared, Receipt, take_in
from tui.collector.lease import Holder, Lease, lease_path
from tui.collector.triaging import Triager
from tui.model import events as ev
from tui.model.alert import AlertStatus, Verdict
from tui.model.signal import Signal
from tui.model.text import Safe
from tui.store import log
from tui.store.alerts import get_alert
from tui.store.engine import Connection, Store
from tui.store.hearing import judged_up_to
from tui.store.log import Stamp
from tui.store.record import record
from tui.triage.judge import STATUSES
from tui.triage.rules import Rules

PATIENCE: Final = 5.0
"""Seconds that the lease's holder has to judge what was left to it."""
NOT_JUDGED: Final = Safe("not judged yet")

_LOOK_AGAIN: Final = 0.1
_OVER: Final = AlertStatus.RESOLVED


class Left:
    """In the place of a triager: stores signals as received. `waits`: the alerts to be judged, and by which event."""

    def __init__(self) -> None:
        self.waits: dict[int, int] = {}
        self.seq = 0
        """The last event that triage has to hear."""
        self._began = 0
        self._trouble: list[bool] = []

    def begin(self, conn: Connection, now: datetime) -> None:
        """Nothing is rebuilt: who judges has the state."""
        self._began = log.head(conn)[0]

    def hear(self, signal: Signal, alert: int | None, now: datetime) -> int:
        """Only whether it tells of trouble is noted; its holder hears it from the log."""
        self._trouble.append(STATUSES.get(signal.status, _OVER) is not _OVER)
        return len(self._trouble) - 1

    def knows(self, serial: int) -> bool:
        """Whether triage will judge the signal of this number."""
        return self._trouble[serial]

    def last_of(self, alert: int) -> int | None:
        """Nothing is remembered of what was said before."""
        return None

    def write(self, conn: Connection, stamp: Stamp, now: datetime) -> None:
        """Mark each alert of which something worse is told by now: a verdict of before must not stand for it."""
        news = log.since(conn, self._began, 1 << 30)
        for event in news:
            if isinstance(event.body, ev.SignalSeen) and event.alert is not None:
                self.waits[event.alert] = self.seq = event.seq
            elif isinstance(event.body, ev.ChangeSeen):
                self.seq = event.seq
        anew = {event.alert for event in news if isinstance(event.body, ev.SignalSeen) and event.body.fired_anew}
        for number in {event.alert for event in news if isinstance(event.body, ev.SignalSeen)}:
            if number is not None:
                _mark(conn, stamp, number, anew=number in anew)


def _mark(conn: Connection, stamp: Stamp, number: int, *, anew: bool) -> None:
    alert = get_alert(conn, number)
    if alert.judged_by is not None or alert.status is _OVER or (alert.verdict is Verdict.INCIDENT and not anew):
        return
    body = ev.Judged(verdict=Verdict.RECEIVED, reason=NOT_JUDGED, severity=None)
    record(conn, stamp, body, incident=alert.incident, alert=number)


class Passing:
    """One run of `sev ingest` on a store, as a context: nothing of it is left behind.

    Whoever holds the lease judges. Where that is somebody else, signals are stored for them, and `settle` waits.
    """

    def __init__(self, store: Store, rules: Rules, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._lease = Lease(lease_path(store.path))
        self._triager: Triager | None = None
        self.left = Left()

    def __enter__(self) -> "Passing":
        if self._take_lease():
            self._triager = Triager(rules=self._rules)
        return self

    def __exit__(self, *_: object) -> None:
        # Who comes after a collector that crashed is to look at the store first: that is not for us to forget.
        self._lease.release(clean=not self._lease.crashed_before)

    def _take_lease(self) -> bool:
        me = Holder(pid=os.getpid(), host=socket.gethostname(), started_at=self._clock(), passing=True)
        return self._lease.try_take(me)

    def take(self, batch: Sequence[Prepared]) -> list[Receipt]:
        """Take a batch in, in one transaction. Raises StoreError."""
        self._lease.beat()
        judge = self._triager or self.left
        return self._store.tx(partial(take_in, now=self._clock(), batch=batch, triager=judge))

    def settle(self) -> None:
        """Wait until all that was taken in is judged, or the patience is over.

        Should the holder go meanwhile, this run takes its place.
        """
        deadline = time.monotonic() + PATIENCE
        while self._triager is None and self._store.read(judged_up_to) < self.left.seq:
            seen = self._store.data_version()
            if self._take_lease():
                self._triager = Triager(rules=self._rules)
                self._store.tx(partial(self._triager.tick, now=self._clock(), uid=os.getuid()))
            elif time.monotonic() >= deadline:
                return
            else:
                self._store.wait_for_change(seen, _LOOK_AGAIN)

    def unjudged(self, conn: Connection) -> set[int]:
        """The alerts of this run that still wait to be judged."""
        known = judged_up_to(conn)
        return {alert for alert, seq in self.left.waits.items() if seq > known}
