"""Group commit: what waits is written in one transaction as soon as the last one has ended.

Nobody is answered before the commit. There is no linger: one lonely delivery is committed at once.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final

from msgspec.structs import replace

from tui.collector.intake import Prepared, Receipt, take_in
from tui.collector.metrics import Metrics
from tui.collector.triaging import Triager
from tui.errors import StoreBusyError, StoreError
from tui.model.text import Safe
from tui.store.aio import AsyncStore
from tui.store.health import try_writing

BATCH: Final = 100
"""Signals (or deliveries without any) of one commit: people's own writes wait behind it."""

WAITING_DELIVERIES: Final = 2_000
WAITING_BYTES: Final = 64 << 20
"""More than this does not wait: the sender is asked to come again."""

PATIENCE: Final = 0.7
"""Seconds that the intake waits for another one's lock."""

OTHERS_PATIENCE: Final = 0.2
"""Seconds that what the collector writes beside it waits for one: the intake waits behind that."""

TOLD_AFTER: Final = 0.1
"""Seconds after which a sender is told that the store is locked: with both waits under one second in all."""

HANGS_AFTER: Final = 5.0
"""Seconds without any commit after which a sender is told that the store does not answer."""

TROUBLED_AFTER: Final = 0.7
"""The same while commits are known to fail: what is tried then may take its time, the answer must not."""

_LOOK: Final = 0.2

_HELD: Final = 0.050
_PAUSE: Final = 0.026
_SHARE: Final = 0.2  # of a long time of writing: on a busy machine a moment is over before anybody is awake
# Whoever waits for the store's lock looks again every 10 ms or sooner. So a pause of that length after
# 50 ms of writing lets a person's command in, where a shorter one can be missed for seconds.

logger = logging.getLogger("sev.collector")


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A delivery that waits since then (of the monotonic clock), and where its receipt goes."""

    prepared: Prepared
    done: "asyncio.Future[Receipt]"
    since: float

    @property
    def weight(self) -> int:
        return max(1, len(self.prepared.signals))

    def fail(self, error: StoreError) -> None:
        if not self.done.done():
            self.done.set_exception(error)

    def settle(self, receipt: Receipt) -> None:
        if not self.done.done():
            self.done.set_result(receipt)


class IntakeQueue:
    """Between the connections and the one writer.

    Where the disk fails or is full, all that waits is refused at once. Where another process holds the store,
    or it hangs, senders are told so in time; what they sent stays in line, for not all of them come again.
    """

    def __init__(
        self, store: AsyncStore, metrics: Metrics, now: Callable[[], datetime], triager: Triager | None = None
    ) -> None:
        self._store = store
        self._triager = triager or Triager()
        self._metrics = metrics
        self._now = now
        self._line: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._bytes = 0
        self._writing: Sequence[_Waiting] = ()
        self._committed_at = 0.0
        metrics.waiting = lambda: len(self._line) + len(self._writing)
        metrics.oldest = self._oldest

    def _oldest(self) -> float:
        """Seconds that the oldest of all has waited, also the one being written."""
        first = self._writing[0] if self._writing else self._line[0] if self._line else None
        return monotonic() - first.since if first else 0.0

    async def submit(self, prepared: Prepared) -> Receipt:
        """The receipt of a delivery once it is committed. Raises StoreError; StoreBusyError when too much waits."""
        if len(self._line) >= WAITING_DELIVERIES or self._bytes + len(prepared.kept) > WAITING_BYTES:
            raise StoreBusyError("the collector is overloaded", "too much waits to be written", "send it again")
        waiting = _Waiting(prepared, asyncio.get_running_loop().create_future(), monotonic())
        self._line.append(waiting)
        self._bytes += len(prepared.kept)
        self._arrived.set()
        return await self._receipt(waiting)

    async def _receipt(self, waiting: _Waiting) -> Receipt:
        """Patient while others are committed. Whoever goes away, or is told to come again, stays in line."""
        done = waiting.done
        try:
            while not (await asyncio.wait([done], timeout=_LOOK))[0]:
                patience = TROUBLED_AFTER if self._metrics.failing else HANGS_AFTER
                if monotonic() - max(waiting.since, self._committed_at) >= patience:
                    self._metrics.failing = True
                    why = f"nothing was committed for {patience:g}s"
                    raise StoreBusyError("the store does not answer", why, "send it again")
            return done.result()
        finally:
            done.cancel()

    async def run(self) -> None:
        """Commit what waits, for ever."""
        held = 0.0
        while True:
            waited = monotonic()
            batch = await self._next()
            began = monotonic()
            if began - waited > _PAUSE:
                held = 0.0
            self._writing = batch
            await self._commit(batch)
            self._writing = ()
            held += monotonic() - began
            if held >= _HELD:
                await asyncio.sleep(max(_PAUSE, held * _SHARE))
                held = 0.0

    async def probe(self) -> None:
        """While commits fail: try one of nothing, so that nobody has to send something to learn that it is over."""
        if not self._metrics.failing or self._line or self._writing:
            return
        try:
            await self._store.tx(try_writing)
        except StoreError as error:
            logger.warning("the store still cannot be written: %s", error)
        else:
            self._metrics.failing = False

    async def _next(self) -> list[_Waiting]:
        while not self._line:
            self._arrived.clear()
            await self._arrived.wait()
        batch = [self._line.popleft()]
        weight = batch[0].weight
        while weight < BATCH and self._line:
            batch.append(self._line.popleft())
            weight += batch[-1].weight
        self._bytes -= _bytes(batch)
        return batch

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            if self._metrics.failing:  # a lost batch costs triage its state: lose none where nothing can be written
                await self._store.tx(try_writing, patience=PATIENCE)
            receipts = await self._write([waiting.prepared for waiting in batch])
        except StoreError as error:
            self._refuse(batch, error)
        except Exception:  # a fault of our own in one of them must not take the others with it
            logger.exception("a batch of %d deliveries failed; taking them one by one", len(batch))
            for waiting in batch:
                await self._commit_alone(waiting)
        else:
            for waiting, receipt in zip(batch, receipts, strict=True):
                waiting.settle(receipt)

    def _refuse(self, batch: Sequence[_Waiting], error: StoreError) -> None:
        """Tell those who have to be told; what the line behind them would meet as well is not tried for each."""
        if not self._metrics.failing:
            logger.warning("nothing can be committed: %s", error)
        self._metrics.failing = True
        if isinstance(error, StoreBusyError):
            self._line.extendleft(reversed(batch))
            self._bytes += _bytes(batch)
            told = [waiting for waiting in self._line if monotonic() - waiting.since >= TOLD_AFTER]
        else:
            told = [*batch, *self._line]
            self._line.clear()
            self._bytes = 0
        for waiting in told:
            waiting.fail(error)

    async def _commit_alone(self, waiting: _Waiting) -> None:
        """A delivery that can't be taken in is kept for a human, so that its sender does not send it for ever."""
        prepared = waiting.prepared
        unreadable = replace(prepared, signals=(), refused=Safe("sev itself failed to take it in, see its log"))
        for attempt in (prepared, unreadable):
            try:
                (receipt,) = await self._write([attempt])
            except StoreError as error:
                self._refuse([waiting], error)
                return
            except Exception:
                logger.exception("a delivery of %s failed", prepared.source)
                continue
            waiting.settle(receipt)
            return
        waiting.fail(StoreError("the delivery cannot be stored", "sev itself failed", "see its log"))

    async def _write(self, batch: Sequence[Prepared]) -> list[Receipt]:
        began = monotonic()
        work = partial(take_in, now=self._now(), batch=batch, triager=self._triager)
        receipts = await self._store.tx(work, patience=PATIENCE)
        self._committed_at = monotonic()
        self._metrics.committed(self._committed_at - began)
        for receipt in receipts:
            self._metrics.signals += receipt.signals
            self._metrics.deliveries[_became(receipt)] += 1
        return receipts


def _bytes(batch: Iterable[_Waiting]) -> int:
    return sum(len(waiting.prepared.kept) for waiting in batch)


def _became(receipt: Receipt) -> str:
    if receipt.rejected is not None:
        return "rejected"
    return "repeated" if receipt.repeat else "accepted"
