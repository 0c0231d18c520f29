"""Pulls every source of the settings, each in a task of its own: what one of them does never stops another."""

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random, SystemRandom
from time import monotonic
from typing import Final

from tui.collector.intake import Delivery, Prepared, prepare
from tui.collector.metrics import Metrics
from tui.collector.reading import readings_of
from tui.collector.sources import backoff
from tui.collector.sources import http as asking
from tui.collector.sources.haul import Haul, Puller, encode
from tui.collector.sources.kinds import pulled, puller_of, source_of
from tui.collector.sources.taking import Taking, prepared
from tui.collector.triaging import Triager
from tui.config import Config, SourceSettings
from tui.errors import SevError, StoreError
from tui.formats import generic
from tui.model.alert import Alert
from tui.model.entry import MACHINE
from tui.model.moment import rfc3339
from tui.model.text import Safe, clean
from tui.store import sources
from tui.store.aio import AsyncStore
from tui.store.engine import Connection
from tui.store.sources import Cursor

LOST_AFTER: Final = 5
"""Failures in a row after which a source is an alert of its own."""

_REMIND: Final = timedelta(hours=1)
_LONGEST: Final = 180.0  # seconds of one pull, whatever its server does
_MORE: Final = 0.026  # between two hauls where there is more to read: people's writes get in
_STORE_WAIT: Final = 5.0
_AFTER_FAULT: Final = 30.0

logger = logging.getLogger("sev.collector")


class Sources:
    """All sources that are pulled, while the lease is held."""

    def __init__(
        self,
        config: Config,
        store: AsyncStore,
        metrics: Metrics,
        clock: Callable[[], datetime],
        *,
        chance: Random | None = None,
        patience: float = asking.PATIENCE,
        triager: Triager | None = None,
    ) -> None:
        self._settings = pulled(config.sources)
        self._store = store
        self._clock = clock
        taking = Taking(store, metrics, clock, triager)
        remind = min(_REMIND, config.collector.quiet_after / 3)
        drawn = chance or SystemRandom()
        self._each = [_Source(one, store, taking, clock, remind, drawn, patience) for one in self._settings]

    async def run(self) -> None:
        """Pull them all, until cancelled. Without any it only notes that there are none."""
        await self._begin()
        async with asyncio.TaskGroup() as group:
            for one in self._each:
                group.create_task(_supervise(one))

    async def _begin(self) -> None:
        named = [sources.Pulled(name=clean(one.name), kind=one.kind or "", every=one.every) for one in self._settings]
        while True:
            try:
                await self._store.tx(partial(sources.begin, pulled=named, now=self._clock()))
            except StoreError as error:
                logger.warning("the sources wait: %s", error)
                await asyncio.sleep(_STORE_WAIT)
            else:
                return


async def _supervise(source: "_Source") -> None:
    """Keep one source going until cancelled: however it ends, it begins again after a while, and that is shown."""
    crashes = 0
    while True:
        task, began = asyncio.create_task(source.run()), monotonic()
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            await asyncio.wait([task])
        fault = None if task.cancelled() else task.exception()
        logger.error("source %s crashed and begins again", source.name, exc_info=fault)
        crashes = 1 if monotonic() - began > _LONGEST else crashes + 1
        await asyncio.sleep(await source.crashed(crashes))


class _Source:
    """One of them."""

    def __init__(
        self,
        settings: SourceSettings,
        store: AsyncStore,
        taking: Taking,
        clock: Callable[[], datetime],
        remind: timedelta,
        chance: Random,
        patience: float,
    ) -> None:
        self._settings = settings
        self._name = clean(settings.name)
        self._readings = readings_of((settings,))
        self._store = store
        self._taking = taking
        self._clock = clock
        self._remind = remind
        self._chance = chance
        self._patience = patience
        self._puller = self._new_puller()
        self._cursor: Cursor | None = None
        self._failures = 0
        self._well_at: datetime | None = None
        self._told_at: datetime | None = None

    @property
    def name(self) -> Safe:
        return self._name

    def _new_puller(self) -> Puller:
        return puller_of(self._settings, self._open_alerts, self._remind, self._patience)

    async def _open_alerts(self, formats: Sequence[str]) -> list[Alert]:
        return await self._store.read(partial(sources.unresolved_of, source=source_of(self._settings), formats=formats))

    async def run(self) -> None:
        """Pull it until cancelled; whatever goes wrong, it is tried again."""
        try:
            while True:
                wait = await self._turn()
                await asyncio.sleep(wait)
        finally:
            await self._puller.close()

    async def crashed(self, times: int) -> float:
        """Begin with nothing remembered, as after a start; the seconds to wait before that."""
        self._puller, self._cursor = self._new_puller(), None
        least = backoff.wait(times, self._settings.every, self._chance).total_seconds()
        return max(least, await self._fail_quietly())

    async def _turn(self) -> float:
        """One pull and what follows from it; the seconds until the next one."""
        try:
            try:
                haul = await self._pull()
            except StoreError:
                raise
            except SevError as error:
                return await self._fail(clean(error, 300))
            except TimeoutError:
                return await self._fail(Safe("it took too long"))
            return await self._take(haul)
        except StoreError as error:  # ours, not the source's
            self._puller.broke_off()
            logger.warning("source %s waits: %s", self._name, error)
            return _STORE_WAIT
        except Exception:
            self._puller.broke_off()
            logger.exception("pulling source %s failed", self._name)
            return await self._fail_quietly()

    async def _pull(self) -> Haul:
        if (cursor := self._cursor) is None:
            known = await self._store.read(self._known)
            cursor, self._failures = known
            self._cursor = cursor
        async with asyncio.timeout(_LONGEST):
            return await self._puller.pull(cursor, self._clock())

    def _known(self, conn: Connection) -> tuple[Cursor, int]:
        return sources.cursor_of(conn, self._name), sources.get_state(conn, self._name).failures

    async def _take(self, haul: Haul) -> float:
        now = self._clock()
        pause = _MORE if haul.more else self._puller.pause
        batch = await prepared(haul, self._settings, self._readings, now)
        recovered = self._failures >= LOST_AFTER
        if recovered:
            batch.append(_word(self._name, "resolved", f"source {self._name} can be read again", now))
        due = self._failures or self._well_at is None or now - self._well_at >= self._settings.every
        if batch or haul.after or haul.cursor is not None or due:
            last = partial(self._well, haul=haul, now=now, pause=pause)
            await self._taking.take(batch, last, whole=haul.whole)
            self._cursor = self._cursor if haul.cursor is None else haul.cursor
            self._failures, self._well_at, self._told_at = 0, now, None
        if haul.kept is not None:
            haul.kept()
        return pause

    def _well(self, conn: Connection, committed: datetime, *, haul: Haul, now: datetime, pause: float) -> None:
        if haul.after is not None:
            haul.after(conn, committed)
        sources.succeeded(conn, self._name, now, now + timedelta(seconds=pause), haul.cursor)

    async def _fail(self, why: Safe) -> float:
        """Note a failure; from the fifth on it is an alert. Returns the seconds to wait."""
        self._puller.broke_off()
        now = self._clock()
        asked = self._puller.asked_to_wait()
        failures = self._failures + 1
        wait = backoff.wait(failures, self._settings.every, self._chance, timedelta(seconds=asked) if asked else None)
        lost = failures >= LOST_AFTER and (self._told_at is None or now - self._told_at >= self._remind)
        title = f"source {self._name} cannot be read: {why}"
        batch = [_word(self._name, "firing", title, now)] if lost else []
        await self._taking.take(batch, partial(self._ailing, why=why, next_try_at=now + wait), whole=True)
        self._failures = failures
        self._told_at = now if lost else self._told_at
        logger.warning("source %s failed %d times: %s", self._name, failures, why)
        return wait.total_seconds()

    def _ailing(self, conn: Connection, committed: datetime, *, why: Safe, next_try_at: datetime) -> None:
        sources.failed(conn, self._name, why, next_try_at)

    async def _fail_quietly(self) -> float:
        """After a fault of our own, which may lie on this very way."""
        try:
            return await self._fail(Safe("sev itself failed to read it, see its log"))
        except Exception:
            logger.exception("noting that source %s failed", self._name)
            return _AFTER_FAULT


def _word(name: Safe, status: str, title: str, now: datetime) -> Prepared:
    """What sev itself says of a source, on the way that every signal takes."""
    said = {
        "key": f"source:{name}",
        "status": status,
        "title": title,
        "subject": name,
        "kind": "other",
        "severity": "SEV2",
        "at": rfc3339(now),
    }
    body = encode({**said})
    return prepare(Delivery(body=body, received_at=now, uid=os.getuid(), source=MACHINE, format=generic.NAME))
