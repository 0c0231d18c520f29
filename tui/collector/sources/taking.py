"""From what a source brought to the store: read as the receiver's deliveries are, and committed with the cursor."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final

from msgspec.structs import replace

from tui.collector.intake import Delivery, Prepared, prepare, take_in
from tui.collector.metrics import Metrics
from tui.collector.queue import BATCH
from tui.collector.reading import Readings
from tui.collector.sources.haul import Haul, Tx
from tui.collector.sources.kinds import format_of
from tui.collector.triaging import Triager
from tui.config import SourceSettings
from tui.errors import StoreError
from tui.model.text import Safe, clean
from tui.store.aio import AsyncStore
from tui.store.engine import Connection

_LARGE: Final = 64 << 10  # read in a thread, so that the receiver is not held up
_PAUSE: Final = 0.026  # between two transactions: people's writes get in

logger = logging.getLogger("sev.collector")


async def prepared(haul: Haul, settings: SourceSettings, readings: Readings, now: datetime) -> list[Prepared]:
    """The bodies of a haul, read as the settings say; never raises, as what can't be read is kept for a human."""
    found = []
    for body in haul.bodies:
        delivery = Delivery(
            body=body, received_at=now, uid=os.getuid(), source=clean(settings.name), format=format_of(settings)
        )
        large = len(body) > _LARGE
        one = await asyncio.to_thread(prepare, delivery, readings) if large else prepare(delivery, readings)
        if one.signals or one.refused is not None or not haul.only_telling:
            found.append(one)
    return found


class Taking:
    """The way into the store that all sources share."""

    def __init__(
        self, store: AsyncStore, metrics: Metrics, now: Callable[[], datetime], triager: Triager | None = None
    ) -> None:
        self._store = store
        self._triager = triager or Triager()
        self._metrics = metrics
        self._now = now

    async def take(self, batch: Sequence[Prepared], last: Tx, *, whole: bool) -> None:
        """Commit a batch; `last` goes with its end, or (`whole`) with all of it. Raises StoreError."""
        *firsts, rest = [list(batch)] if whole else list(_parts(batch)) or [[]]
        for part in firsts:
            await self._commit(part, _nothing)
            await asyncio.sleep(_PAUSE)
        await self._commit(rest, last)

    async def _commit(self, batch: Sequence[Prepared], last: Tx) -> None:
        try:
            await self._write(batch, last)
        except StoreError:
            raise
        except Exception:  # a fault of our own in one of them must not stop the source for ever
            logger.exception("a batch of %d bodies failed; taking them one by one", len(batch))
            for one in batch:
                await self._commit_alone(one)
            await self._write((), last)

    async def _commit_alone(self, one: Prepared) -> None:
        unreadable = replace(one, signals=(), refused=Safe("sev itself failed to take it in, see its log"))
        for attempt in (one, unreadable):
            try:
                await self._write([attempt], _nothing)
            except StoreError:
                raise
            except Exception:
                logger.exception("a body of %s failed", one.source)
            else:
                return

    async def _write(self, batch: Sequence[Prepared], last: Tx) -> None:
        began = monotonic()
        await self._store.tx(partial(_take, now=self._now(), batch=batch, last=last, triager=self._triager))
        self._metrics.committed(monotonic() - began)
        self._metrics.signals += sum(len(one.signals) for one in batch)


def _take(conn: Connection, *, now: datetime, batch: Sequence[Prepared], last: Tx, triager: Triager) -> None:
    take_in(conn, now, batch, triager)
    last(conn, now)


def _nothing(conn: Connection, now: datetime) -> None:
    pass


def _parts(batch: Iterable[Prepared]) -> Iterator[list[Prepared]]:
    """As many bodies as one transaction should take, by their signals."""
    part: list[Prepared] = []
    weight = 0
    for one in batch:
        part.append(one)
        weight += max(1, len(one.signals))
        if weight >= BATCH:
            yield part
            part, weight = [], 0
    if part:
        yield part
