"""Watches what is expected, and says through the intake what is late. What that is, is decided in triage."""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.collector.delivery import Delivery, Prepared, prepare
from tui.collector.intake import take_in
from tui.collector.sources.haul import encode
from tui.collector.triaging import Triager
from tui.formats import generic
from tui.formats.base import key_of
from tui.formats.decode import Json
from tui.model.alert import Alert, AlertStatus
from tui.model.catalog import Graph
from tui.model.entry import MACHINE
from tui.model.moment import rfc3339
from tui.model.run import EXPECTS
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe
from tui.store import catalog, sources
from tui.store.alerts import was_closed
from tui.store.engine import Connection
from tui.store.payloads import sources_heard
from tui.store.runs import REMEMBERED, changed_jobs, forget_runs, heartbeats, newest_change
from tui.triage.ears import Ears
from tui.triage.expectations import Expectations, Late, Sort
from tui.triage.habits import Habit, habit_of
from tui.triage.places import Places

_LOOK: Final = timedelta(minutes=1)
_LOOK_OFTEN: Final = timedelta(seconds=5)  # while a source is silent
_DAY: Final = timedelta(days=1)


class _News(msgspec.Struct, frozen=True):
    """What is to be said: what is late, and the alerts of what no longer is."""

    late: tuple[Late, ...] = ()
    over: tuple[Alert, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.late or self.over)


class Watch:
    """One watch over one store. It has no event loop and no clock: `now` is passed in.

    `pulled`: the names in the settings of what is asked, by the source its signals name. `before`: until when
    another one listened; `remind`: how often to say again what is still late, so that it does not go quiet.
    """

    def __init__(
        self,
        triager: Triager,
        *,
        since: datetime,
        before: datetime | None = None,
        pulled: Mapping[Safe, tuple[Safe, ...]] | None = None,
        remind: timedelta = timedelta(hours=1),
    ) -> None:
        self._triager = triager
        self._since = since
        self._before = before
        self._pulled = pulled or {}
        self._remind = remind
        self._habits: dict[Safe, Habit] = {}
        self._graph: Graph | None = None
        self._places = Places(Graph())
        self._mark = 0
        self._silent: set[Safe] = set()
        self._back: dict[Safe, datetime] = {}
        self._forgot_at = since
        self.next_at: datetime | None = None

    def due(self, conn: Connection, now: datetime) -> bool:
        """Whether `tick` would write anything."""
        if now - self._forgot_at >= _DAY:
            return True
        idle = self.next_at is not None and now < self.next_at
        if idle and newest_change(conn) == self._mark and catalog.read_graph(conn) is self._graph:
            return False
        return bool(self._look(conn, now))

    def tick(self, conn: Connection, now: datetime, uid: int | None = None) -> int:
        """Say what is late and what no longer is, as alerts of sev's own; how many things were said."""
        if now - self._forgot_at >= _DAY:
            forget_runs(conn, now - REMEMBERED)
            self._mark, self._habits, self._forgot_at = 0, {}, now
        news = self._look(conn, now)
        own = os.getuid() if uid is None else uid
        batch = [_firing(one, now, own) for one in news.late] + [_cleared(one, now, own) for one in news.over]
        if batch:
            take_in(conn, now, batch, self._triager)
        return len(batch)

    def _look(self, conn: Connection, now: datetime) -> _News:
        self._refresh(conn)
        alerts = {alert.key: alert for alert in _own(conn)}
        opened = {str(alert.labels[EXPECTS]): alert.started_at for alert in alerts.values()}
        look = Expectations(self._habits.values(), self._places, self._ears(conn, now), opened, now)
        late = {key_of(MACHINE, one.identity): one for one in look.late(heartbeats(conn))}
        silent = {one.name for one in late.values() if one.sort is Sort.UNHEARD}
        self._back |= dict.fromkeys(self._silent - silent, now)
        self._silent = silent
        listens = any(one.sort in (Sort.SILENT, Sort.UNHEARD) for one in late.values())
        soon = now + (_LOOK_OFTEN if listens else _LOOK)
        self.next_at = soon if look.wake_at is None else min(soon, look.wake_at)
        return _News(
            late=tuple(one for key, one in late.items() if self._is_news(conn, key, one, alerts.get(key), now)),
            over=tuple(alert for key, alert in alerts.items() if key not in late),
        )

    def _is_news(self, conn: Connection, key: Safe, one: Late, alert: Alert | None, now: datetime) -> bool:
        """Whether to say it: for the first time, or once more. Not where people were done with it."""
        if alert is None:
            return not was_closed(conn, key, one.since)
        return alert.status is not AlertStatus.FIRING or now - alert.last_seen >= self._remind

    def _refresh(self, conn: Connection) -> None:
        """Bring what is usual up to date with the runs and the catalog of the store."""
        graph = catalog.read_graph(conn)
        if graph is not self._graph:
            self._graph, self._places, self._mark = graph, Places(graph), 0
        newest = newest_change(conn)
        if newest == self._mark:
            return
        for job in changed_jobs(conn, self._mark):
            node = self._place(job.node, job.key, job.source, job.subject)
            if (habit := habit_of(msgspec.structs.replace(job, node=node))) is not None:
                self._habits[job.key] = habit
        self._mark = newest

    def _place(self, node: Safe | None, key: Safe, source: Safe, subject: Safe) -> Safe | None:
        """Where a job stands in the catalog of now; it may not have been there when its run was heard."""
        if node is not None and (known := self._places.graph.find(node)) is not None:
            return known.name
        run = Signal(
            source=source,
            format="",
            key=key,
            status=SignalStatus.SUCCEEDED,
            kind=Kind.FAILED_JOB,
            title=subject,
            subject=subject,
        )
        return self._places.place_of(run)

    def _ears(self, conn: Connection, now: datetime) -> Ears:
        read = {state.name: state.ok_at for state in sources.states(conn)}
        return Ears(
            now=now,
            since=self._since,
            before=self._before,
            pulled={source: _oldest([read.get(name) for name in names]) for source, names in self._pulled.items()},
            heard=sources_heard(conn),
            back=self._back,
        )


def _oldest(moments: list[datetime | None]) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return min(known) if len(known) == len(moments) else None


def _own(conn: Connection) -> list[Alert]:
    """What was said of late things and not taken back."""
    return [alert for alert in sources.unresolved_of(conn, MACHINE, (generic.NAME,)) if EXPECTS in alert.labels]


def _firing(one: Late, now: datetime, uid: int) -> Prepared:
    said: dict[str, Json] = {
        "key": one.identity,
        "status": "firing",
        "title": one.title,
        "subject": one.subject,
        "severity": f"SEV{one.severity}",
        "at": rfc3339(now),
        "started_at": one.since.isoformat(),
        "labels": {EXPECTS: one.identity},
    }
    return _said(said, now, uid)


def _cleared(alert: Alert, now: datetime, uid: int) -> Prepared:
    identity = alert.labels[EXPECTS]
    spoken = identity.partition(":")[0] in (Sort.SILENT, Sort.UNHEARD)
    said: dict[str, Json] = {
        "key": identity,
        "status": "resolved",
        "title": f"{alert.subject} is heard again" if spoken else f"{alert.subject} is late no more",
        "subject": alert.subject,
        "at": rfc3339(now),
        "ended_at": now.isoformat(),
    }
    return _said(said, now, uid)


def _said(said: dict[str, Json], now: datetime, uid: int) -> Prepared:
    """What sev itself says, on the way that every signal takes."""
    body = encode({**said, "kind": Kind.PERFORMANCE.value})
    return prepare(Delivery(body=body, received_at=now, uid=uid, source=MACHINE, format=generic.NAME))
