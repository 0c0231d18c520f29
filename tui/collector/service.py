"""The running collector: takes the lease, opens the doors, keeps time, and stops with all it acknowledged committed."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Final

import msgspec

from tui.collector import clocks
from tui.collector.connection import Door
from tui.collector.files import team_of
from tui.collector.heartbeat import Heartbeat
from tui.collector.lease import Holder, Lease, age, holder, lease_path
from tui.collector.listening import Listening, places_of
from tui.collector.metrics import Metrics, SourceAge, ages_of
from tui.collector.queue import OTHERS_PATIENCE, IntakeQueue
from tui.collector.readiness import need_all_settings
from tui.collector.reading import Readings, readings_of
from tui.collector.receiver import Receiver
from tui.collector.repeats import SAME_BODY_FOR
from tui.collector.sources.kinds import names_pulled
from tui.collector.sources.runner import Sources
from tui.collector.team_catalog import learn_catalog, team_facts
from tui.collector.tokens import Secret, Token, load_or_make, load_secrets
from tui.collector.triaging import Triager
from tui.collector.upkeep import Upkeep
from tui.collector.watching import Watch
from tui.config import CollectorSettings, Config
from tui.errors import StoreError
from tui.model.moment import rfc3339
from tui.store.aio import AsyncStore
from tui.store.health import quick_check
from tui.store.payloads import forget_bodies

HELD: Final = 3
"""Exit code where another process is the collector of this store, or this one can't be any longer."""

_EVERY: Final = 1.0
_SOON: Final = 0.05
_MOMENT: Final = 0.5  # in which a new holder has the lock and has not said so yet
_PASSING: Final = 60.0
_LOOK: Final = 0.5  # seconds between two looks at a lease that is waited for

logger = logging.getLogger("sev.collector")


def utc_now() -> datetime:
    return datetime.now(UTC)


async def serve(
    config: Config,
    *,
    announce: Callable[[str], None],
    listen: tuple[str, ...] | None = None,
    child: bool = False,
    insecure: bool = False,
    wait: bool = False,
    environment: Mapping[str, str] = os.environ,
    clock: Callable[[], datetime] = utc_now,
) -> int:
    """Be the collector of `config.store` until SIGTERM, SIGINT or SIGHUP; a `child` also until its parent is gone.

    `clock` tells when deliveries arrive. Returns 0 when it was stopped, `HELD` when another process has the lease;
    with `wait` it stands by and takes over when that one is gone.
    Raises StoreError, UsageError and ConfigError when it can't start.
    """
    places = places_of(config.collector, listen, insecure=insecure)
    readings, facts = readings_of(config.sources), team_facts(config.catalog_file)
    need_all_settings(config)
    me = Holder(pid=os.getpid(), host=socket.gethostname(), started_at=utc_now(), child=child)
    lease = Lease(lease_path(config.store))
    idle = age(lease.path, utc_now())
    async with AsyncStore(config.store, patience=OTHERS_PATIENCE) as store:
        if not await _take(lease, me):
            announce(_held_by(holder(lease.path)))
            if not wait:
                return HELD
            if not await _stand_by(lease, me, announce):
                return 0
        try:
            await _check_after_crash(store, lease)
            if facts is not None:
                await store.tx(partial(learn_catalog, now=clock(), uid=os.getuid(), facts=facts))
            token = load_or_make(config, environment)
            before = None if idle is None else clock() - idle
            collector = _Collector(config, store, lease, token, readings, _secrets(config), clock, before)
            moves = listen is None and config.collector.listen == CollectorSettings().listen

            def ready(addresses: tuple[str, ...]) -> None:
                lease.tell(msgspec.structs.replace(me, listen=addresses))
                _tell(announce, addresses, token, lease)

            team = team_of(config.store)
            listening = Listening(collector.door, places, config.collector, moves=moves, team=team)
            return await collector.run(listening, ready, os.getppid() if child else None)
        finally:
            lease.release()


async def _take(lease: Lease, me: Holder) -> bool:
    """Take the lease; where a `sev ingest` has it, once that is done. False where another collector has it."""
    began = monotonic()
    while not lease.try_take(me):
        other = holder(lease.path)
        patience = _MOMENT if other is None else _PASSING if other.passing else 0.0
        if monotonic() - began >= patience:
            return False
        await asyncio.sleep(_SOON)
    return True


async def _stand_by(lease: Lease, me: Holder, announce: Callable[[str], None]) -> bool:
    """Whether the lease became ours; False when we were stopped before that."""
    stop = asyncio.Event()
    with _signals(stop):
        announce("standing by: takes over when that one is gone")
        while not lease.try_take(me):
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK)
            if stop.is_set():
                return False
    return True


async def _check_after_crash(store: AsyncStore, lease: Lease) -> None:
    """Whoever takes over from a process that ended uncleanly looks at the file first. Raises StoreError."""
    if lease.crashed_before and (fault := await store.read(quick_check)):
        lease.release(clean=False)  # whoever comes next must look as well
        raise StoreError(f"the store {store.path} is damaged", fault, "run `sev doctor`, or `sev restore` a backup")


def _secrets(config: Config) -> dict[str, Secret]:
    return load_secrets({one.name: one.secret_file for one in config.sources if one.secret_file is not None})


def _held_by(other: Holder | None) -> str:
    if other is None:
        return "another process is the collector of this store"
    return f"pid {other.pid} on {other.host} is the collector of this store since {rfc3339(other.started_at)}"


def _tell(announce: Callable[[str], None], addresses: tuple[str, ...], token: Token, lease: Lease) -> None:
    for address in addresses:
        announce(f"listening on {address}")
    announce(f"token: {token.place}{' (made now)' if token.made else ''}")
    announce(f"lease: {lease.path}{' (its last holder ended without giving it back)' if lease.crashed_before else ''}")


class _Collector:
    """What runs while the lease is held: the queue's writer, the heartbeat, the clocks."""

    def __init__(
        self,
        config: Config,
        store: AsyncStore,
        lease: Lease,
        token: Token,
        readings: Readings,
        secrets: Mapping[str, Secret],
        clock: Callable[[], datetime],
        before: datetime | None,
    ) -> None:
        self._store = store
        self._lease = lease
        self._quiet_after = config.collector.quiet_after
        self._clock = clock
        self._metrics = Metrics(clock())
        self._triager = Triager(rules=config.triage)
        self._watch = Watch(
            self._triager,
            since=clock(),
            before=before,
            pulled=names_pulled(config.sources),
            remind=min(timedelta(hours=1), config.collector.quiet_after / 3),
        )
        self._queue = IntakeQueue(store, self._metrics, clock, self._triager)
        self._sources = Sources(config, store, self._metrics, clock, triager=self._triager)
        self._upkeep = Upkeep(store, config.retention, lease, clock)
        receiver = Receiver(
            submit=self._queue.submit,
            token=token,
            readings=readings,
            metrics=self._metrics,
            now=clock,
            secrets=secrets,
            ages=self._ages,
        )
        self.door = Door(receiver.handle)
        self._metrics.connections = lambda: len(self.door.connections)
        self._metrics.holds_lease = lease.holds
        url = config.collector.heartbeat_url
        self._heartbeat = Heartbeat(url, store, self._metrics, lease.tell_heartbeat) if url else None
        self._stop = asyncio.Event()

    async def run(self, listening: Listening, ready: Callable[[tuple[str, ...]], None], parent: int | None) -> int:
        """Until a signal, the end of `parent`, or the loss of the lease. What came in by then is still committed."""
        writer = asyncio.create_task(self._queue.run())
        try:
            with _signals(self._stop):
                async with listening as addresses:
                    ready(addresses)
                    return await self._until_over(writer, parent)
        finally:
            await _end(writer)

    async def _until_over(self, writer: "asyncio.Task[None]", parent: int | None) -> int:
        stopped, pulling = asyncio.create_task(self._stopped(parent)), asyncio.create_task(self._sources.run())
        beside = [asyncio.create_task(self._upkeep.run())]
        if self._heartbeat:
            beside.append(asyncio.create_task(self._heartbeat.run()))
        guards = [asyncio.create_task(self._beat()), asyncio.create_task(self._keep_time())]
        try:
            await asyncio.wait([stopped, writer, *guards], return_when=asyncio.FIRST_COMPLETED)
        finally:
            over = stopped.done() and not stopped.cancelled()
            for task in (stopped, pulling, *beside, *guards):
                await _end(task)
        for task in (writer, pulling, *beside, *guards):
            if task.done() and not task.cancelled() and (fault := task.exception()):
                logger.error("the collector stops: a part of it failed", exc_info=fault)
        return 0 if over else HELD

    async def _ages(self) -> list[SourceAge]:
        """Of every source; none where the store can't be read: what is counted in memory can be told all the same."""
        try:
            return await self._store.read(partial(ages_of, now=self._clock()))
        except StoreError as error:
            logger.warning("the sources' ages cannot be told: %s", error)
            return []

    async def _stopped(self, parent: int | None) -> None:
        """Returns when a signal came or the parent is gone."""
        while not self._stop.is_set() and (parent is None or os.getppid() == parent):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _EVERY)

    async def _beat(self) -> None:
        """Returns when the lease is lost."""
        while True:
            if not self._lease.beat():
                break
            await asyncio.sleep(_EVERY)
        logger.error("the lease %s was taken away", self._lease.path)

    async def _keep_time(self) -> None:
        forgotten, commits = self._clock() - timedelta(days=1), -1
        while True:
            now = self._clock()
            await self._queue.probe()
            try:
                if await self._store.read(partial(clocks.due, now=now, quiet_after=self._quiet_after)):
                    await self._store.tx(partial(clocks.tick, now=now, quiet_after=self._quiet_after, uid=os.getuid()))
                if self._triager.waits_no_longer(now) or await self._store.read(self._triager.is_behind):
                    await self._store.tx(partial(self._triager.tick, now=now, uid=os.getuid()))
                if await self._store.read(partial(self._watch.due, now=now)):
                    await self._store.tx(partial(self._watch.tick, now=now))
                until = now - SAME_BODY_FOR
                if until - forgotten > SAME_BODY_FOR and commits != self._metrics.commits:
                    await self._store.tx(partial(forget_bodies, since=forgotten, until=until))
                    forgotten, commits = until, self._metrics.commits
            except StoreError as error:
                logger.warning("the clocks wait: %s", error)
            await asyncio.sleep(_EVERY)


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM, SIGINT and SIGHUP stop it while this lasts; outside the main thread they can't be heard."""
    loop = asyncio.get_running_loop()
    heard = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with suppress(RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)
            heard.append(number)
    try:
        yield
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
