"""What the collector does for the store beside taking in: keeps room on its disk, lets go what is old enough."""

import asyncio
import logging
import os
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final

from tui.collector.lease import Lease
from tui.config import RetentionSettings
from tui.errors import StoreError
from tui.model.entry import MACHINE, Actor
from tui.store import ballast
from tui.store.aio import AsyncStore
from tui.store.engine import Store
from tui.store.log import Stamp
from tui.store.retention import AT_ONCE, Replaced, checkpoint, drop_payloads

LOW: Final = 2 << 20
"""Bytes free on the disk below which it counts as full: the ballast is given up before a commit fails."""

DISK_FULL: Final = "the disk is full"

_LOOK: Final = 1.0
_SETTLES: Final = 2.0  # seconds after its start in which a collector has better to do
_PAYLOADS_EVERY: Final = 3_600.0
_EVENTS_EVERY: Final = 86_400.0
_PAUSE: Final = 0.05  # between two small transactions

logger = logging.getLogger("sev.collector")


class Upkeep:
    """Runs beside the intake, and never stops it: what fails here is told in the log and tried again."""

    def __init__(
        self, store: AsyncStore, settings: RetentionSettings, lease: Lease, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._settings = settings
        self._lease = lease
        self._clock = clock
        self._holds = False
        self._due = {"payloads": 0.0, "events": 0.0}

    async def run(self) -> None:
        """For ever, once a second."""
        await asyncio.sleep(_SETTLES)
        while True:
            try:
                await self.look_at_the_disk()
                if not self._store.full:
                    await self._let_go()
            except (StoreError, OSError) as error:
                logger.warning("the upkeep waits: %s", error)
            await asyncio.sleep(_LOOK)

    async def look_at_the_disk(self) -> None:
        """Give the ballast up when the disk is full, or take note that another one did; make it when there is room.

        While the disk is full nothing is taken in: the room that is left is for what people do.
        """
        path = self._store.path
        free, there = ballast.free_bytes(path.parent), ballast.is_whole(path)
        if self._store.full:
            if free >= ballast.SIZE + ballast.MARGIN and await asyncio.to_thread(ballast.make, path):
                self._holds, self._store.full = True, False
                self._tell("")
                logger.warning(
                    "there is room on the disk of %s again: deliveries are taken in, the ballast is back", path
                )
        elif free < LOW or (self._holds and not there):
            ballast.free(path)
            self._holds, self._store.full = False, True
            self._tell(DISK_FULL)
            logger.error("the disk of %s is full: nothing is taken in until %d MB are free", path, _needed() >> 20)
        elif not there:
            self._holds = await asyncio.to_thread(ballast.make, path)
        else:
            self._holds = True

    def _tell(self, trouble: str) -> None:
        try:
            self._lease.say(trouble)
        except StoreError as error:
            logger.warning("the lease cannot tell it: %s", error)

    async def _let_go(self) -> None:
        """Old payloads once an hour, in small transactions; old events once a day, beside the intake."""
        keep, now = self._settings, self._clock()
        if keep.payloads is not None and self._is_due("payloads", _PAYLOADS_EVERY):
            gone, all_of_them = 0, partial(drop_payloads, before=now - keep.payloads, kept_for=keep.payloads)
            while went := await self._store.tx(all_of_them):
                gone += went
                if went < AT_ONCE:
                    break
                await asyncio.sleep(_PAUSE)
            if gone:
                logger.info("%d raw payloads were older than %s and are dropped", gone, keep.payloads)
        if keep.events is not None and self._is_due("events", _EVENTS_EVERY):
            replaced = await asyncio.to_thread(_replace, self._store.path, now - keep.events, now)
            if replaced is not None:
                logger.info("%d events are replaced by a checkpoint of %d bytes", replaced.events, replaced.size)

    def _is_due(self, what: str, every: float) -> bool:
        if monotonic() < self._due[what]:
            return False
        self._due[what] = monotonic() + every
        return True


def _needed() -> int:
    return ballast.SIZE + ballast.MARGIN


def _replace(path: Path, cut: datetime, now: datetime) -> Replaced | None:
    """On a connection of its own: working out the snapshot must not hold up who reads or writes."""
    with Store(path) as store:
        return checkpoint(store, cut, Stamp(actor=Actor(MACHINE, os.getuid()), now=now))
