"""Real pulling in a test's loop: the sources of some settings, a store, and a look into it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from tests.collector.hand import PATIENCE, Hand
from tui.collector.metrics import Metrics
from tui.collector.sources.runner import Sources
from tui.config import CollectorSettings, Config, SourceKind, SourceSettings
from tui.model.alert import Alert
from tui.model.text import Safe
from tui.store.aio import AsyncStore
from tui.store.alerts import alert_by_key
from tui.store.engine import Store
from tui.store.sources import SourceState, states

OFTEN = timedelta(milliseconds=40)


def utc_now() -> datetime:
    return datetime.now(UTC)


def source(
    name: str,
    kind: SourceKind,
    *,
    url: str = "",
    path: Path | None = None,
    every: timedelta = OFTEN,
    same_as: str | None = None,
    format_name: str = "auto",
    map_: dict[str, str] | None = None,
) -> SourceSettings:
    """Settings of a source that is asked far more often than a person's would be."""
    return SourceSettings(
        name=name, kind=kind, url=url, path=path, every=every, same_as=same_as, format=format_name, map=map_ or {}
    )


class Look:
    """What is in the store while the sources run."""

    def __init__(self, store: Store, task: "asyncio.Task[None]") -> None:
        self.hand = Hand(store, utc_now())
        self.task = task

    def state(self, name: str) -> SourceState | None:
        return next((one for one in self.hand.store.read(states) if one.name == name), None)

    def alert(self, key: str) -> Alert | None:
        return self.hand.store.read(lambda conn: alert_by_key(conn, Safe(key), utc_now()))

    async def until(self, true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
        """Wait for a state, with a deadline."""
        deadline = time.monotonic() + patience
        while not true():
            assert not self.task.done(), "pulling ended"
            assert time.monotonic() < deadline, f"never: {what}; {self.hand.store.read(states)}"
            await asyncio.sleep(0.01)

    async def polls(self, name: str, count: int = 2) -> None:
        """Until so many more polls of a source succeeded."""
        for _ in range(count):
            before = self._ok_at(name)
            await self.until(partial(self._polled_since, name, before), f"a poll of {name}")

    def _ok_at(self, name: str) -> datetime | None:
        state = self.state(name)
        return state.ok_at if state else None

    def _polled_since(self, name: str, before: datetime | None) -> bool:
        return self._ok_at(name) not in (None, before)


@asynccontextmanager
async def pulling(
    folder: Path, *settings: SourceSettings, patience: float = 5.0, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Look]:
    """Pull these sources until the end of the block; they are stopped there, and that must not take long."""
    config = Config(store=folder / "sev.db", collector=CollectorSettings(), sources=settings)
    async with AsyncStore(config.store) as store:
        sources = Sources(config, store, Metrics(utc_now()), clock, chance=Random(7), patience=patience)
        task = asyncio.create_task(sources.run())
        try:
            with Store(config.store) as look:
                yield Look(look, task)
        finally:
            task.cancel()
            await asyncio.wait([task], timeout=PATIENCE)
            assert task.cancelled(), "pulling did not stop"
