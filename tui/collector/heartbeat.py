"""A call to the outside once a minute, so that somebody learns when sev itself is dead. Only made after a commit."""

import logging
from asyncio import sleep
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from tui.collector.metrics import Metrics
from tui.errors import StoreError
from tui.model.text import Safe, clean
from tui.store.aio import AsyncStore
from tui.store.health import commit_nothing

EVERY: Final = 60.0
PATIENCE: Final = 10.0
"""Seconds between two calls, and that one may take."""

logger = logging.getLogger("sev.collector")


class Heartbeat:
    """Calls `url` for as long as it runs. `tell` hears what is wrong with it, and an empty text when nothing is."""

    def __init__(
        self,
        url: str,
        store: AsyncStore,
        metrics: Metrics,
        tell: Callable[[Safe], None],
        *,
        every: float = EVERY,
        patience: float = PATIENCE,
    ) -> None:
        self._url, self._store, self._metrics, self._tell = url, store, metrics, tell
        self._every, self._patience = every, patience
        self._commits = -1
        self._fault = Safe("")

    async def run(self) -> None:
        """For ever; a failure waits for the next minute, as whoever listens waits for longer than one."""
        timeout = aiohttp.ClientTimeout(total=self._patience)
        async with aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": "sev"}, trust_env=True) as session:
            while True:
                self._note(await self._beat(session))
                await sleep(self._every)

    async def _beat(self, session: aiohttp.ClientSession) -> Safe:
        """One call; what is wrong. The address may be a secret of its own: only its host is ever told."""
        host = urlsplit(self._url).hostname or "?"
        try:
            await self._prove()
            async with session.get(self._url) as answer:
                if answer.status < HTTPStatus.BAD_REQUEST:
                    return Safe("")
                return clean(f"{host} answers {answer.status}")
        except StoreError as error:
            return clean(f"held back: {error}")
        except TimeoutError:
            return clean(f"no answer from {host} in {self._patience:g}s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            return clean(f"cannot reach {host}: {reason}")

    async def _prove(self) -> None:
        """That the store can be written: by intake since the last call, else by an empty commit. Raises StoreError."""
        if self._metrics.failing or self._metrics.commits == self._commits or self._commits < 0:
            await self._store.tx(commit_nothing)
        self._commits = self._metrics.commits

    def _note(self, fault: Safe) -> None:
        self._metrics.heartbeat_ok = not fault
        if fault != self._fault:
            self._fault = fault
            logger.log(logging.WARNING if fault else logging.INFO, "the heartbeat: %s", fault or "heard again")
            try:
                self._tell(fault)
            except StoreError as error:
                logger.warning("the heartbeat's state cannot be told: %s", error)
