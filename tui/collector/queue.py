"""Group commit: what waits is written in one transaction as soon as the last one has ended.

Nobody is answered before the commit. There is no linger: one lonely delivery is committed at once.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final, TypeAlias

from msgspec.structs import replace

from tui.collector.intake import Prepared, Receipt, take_in
from tui.collector.metrics import Metrics
from tui.collector.triaging import Triager
from tui.errors import StoreBusyError, StoreError
from tui.model.text import Safe
from tui.store.aio import AsyncStore

BATCH: Final = 100
"""Signals (or deliveries without any) of one commit: people's own writes wait behind it."""

WAITING_DELIVERIES: Final = 2_000
WAITING_BYTES: Final = 64 << 20
"""More than this does not wait: the sender is asked to come again."""

_HELD: Final = 0.050
_PAUSE: Final = 0.026
# SQLite's waiters look again every 25 ms or sooner in their first 128 ms. So a pause of that length after
# 50 ms of writing lets a person's command in within 130 ms, where a shorter one can be missed for seconds.

logger = logging.getLogger("sev.collector")
_Waiting: TypeAlias = tuple[Prepared, "asyncio.Future[Receipt]"]


class IntakeQueue:
    """Between the connections and the one writer."""

    def __init__(
        self, store: AsyncStore, metrics: Metrics, now: Callable[[], datetime], triager: Triager | None = None
    ) -> None:
        self._store = store
        self._triager = triager or Triager()
        self._metrics = metrics
        self._now = now
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(WAITING_DELIVERIES)
        self._bytes = 0

    async def submit(self, prepared: Prepared) -> Receipt:
        """The receipt of a delivery once it is committed. Raises StoreError; StoreBusyError when too much waits."""
        if self._waiting.full() or self._bytes + len(prepared.kept) > WAITING_BYTES:
            raise StoreBusyError("the collector is overloaded", "too much waits to be written", "send it again")
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((prepared, done))
        self._bytes += len(prepared.kept)
        self._metrics.waiting = self._waiting.qsize()
        return await done

    async def run(self) -> None:
        """Commit what waits, for ever."""
        held = 0.0
        while True:
            waited = monotonic()
            batch = [await self._waiting.get()]
            began = monotonic()
            if began - waited > _PAUSE:
                held = 0.0
            weight = _weight(batch[0])
            while weight < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
                weight += _weight(batch[-1])
            self._bytes -= sum(len(prepared.kept) for prepared, _ in batch)
            self._metrics.waiting = self._waiting.qsize()
            await self._commit(batch)
            held += monotonic() - began
            if held >= _HELD:
                await asyncio.sleep(_PAUSE)
                held = 0.0

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            receipts = await self._write([prepared for prepared, _ in batch])
        except StoreError as error:
            self._metrics.failing = True
            _fail(batch, error)
        except Exception:  # a fault of our own in one of them must not take the others with it
            logger.exception("a batch of %d deliveries failed; taking them one by one", len(batch))
            for waiting in batch:
                await self._commit_alone(waiting)
        else:
            for (_, done), receipt in zip(batch, receipts, strict=True):
                if not done.done():
                    done.set_result(receipt)

    async def _commit_alone(self, waiting: _Waiting) -> None:
        """A delivery that can't be taken in is kept for a human, so that its sender does not send it for ever."""
        prepared, done = waiting
        unreadable = replace(prepared, signals=(), refused=Safe("sev itself failed to take it in, see its log"))
        for attempt in (prepared, unreadable):
            try:
                (receipt,) = await self._write([attempt])
            except StoreError as error:
                _fail([waiting], error)
                return
            except Exception:
                logger.exception("a delivery of %s failed", prepared.source)
                continue
            if not done.done():
                done.set_result(receipt)
            return
        _fail([waiting], StoreError("the delivery cannot be stored", "sev itself failed", "see its log"))

    async def _write(self, batch: Sequence[Prepared]) -> list[Receipt]:
        began = monotonic()
        receipts = await self._store.tx(partial(take_in, now=self._now(), batch=batch, triager=self._triager))
        self._metrics.commit_seconds += monotonic() - began
        self._metrics.commits += 1
        self._metrics.failing = False
        for receipt in receipts:
            self._metrics.signals += receipt.signals
            self._metrics.deliveries[_became(receipt)] += 1
        return receipts


def _weight(waiting: _Waiting) -> int:
    return max(1, len(waiting[0].signals))


def _fail(batch: list[_Waiting], error: StoreError) -> None:
    for _, done in batch:
        if not done.done():
            done.set_exception(error)


def _became(receipt: Receipt) -> str:
    if receipt.rejected is not None:
        return "rejected"
    return "repeated" if receipt.repeat else "accepted"
