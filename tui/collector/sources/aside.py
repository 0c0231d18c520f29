"""Work that may hang for good (a pipe nobody writes to, a file server that is gone), in a thread of its own.

The threads of the event loop's own pool are few and shared with the receiver, and the process waits for them at
its end. So each source has one thread, which nobody waits for.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from tui.collector.sources.haul import unreadable
from tui.errors import SevError

PATIENCE: Final = 60.0
"""Seconds that one look may take: a large folder on a slow disk needs some."""

T = TypeVar("T")
logger = logging.getLogger("sev.collector")


class Aside:
    """Runs one piece of work at a time. `place`: what it looks at, as people know it."""

    def __init__(self, place: object, patience: float = PATIENCE) -> None:
        self._place = place
        self._patience = patience
        self._thread: threading.Thread | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """`work()`. Raises SevError when it takes longer than the patience, or an earlier one still hangs."""
        if self._thread is not None and self._thread.is_alive():
            raise unreadable(f"{self._place} does not answer", "an earlier look at it still hangs", "check what it is")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._thread = threading.Thread(target=_run, args=(loop, done, work), name=f"sev {self._place}", daemon=True)
        self._thread.start()
        try:
            async with asyncio.timeout(self._patience):
                return await done
        except TimeoutError:
            raise unreadable(f"{self._place} does not answer", f"waited {self._patience:g}s") from None
        finally:
            if not done.cancelled():
                self._thread = None  # it may not have ended yet, but its work has


def _run(loop: asyncio.AbstractEventLoop, done: "asyncio.Future[T]", work: Callable[[], T]) -> None:
    try:
        settle = partial(_succeed, done, work())
    except (SevError, OSError) as error:
        settle = partial(_fail, done, error)
    except Exception as error:
        logger.exception("a look at a source failed")
        settle = partial(_fail, done, error)
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any longer
        loop.call_soon_threadsafe(settle)


def _succeed(done: "asyncio.Future[T]", result: T) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: "asyncio.Future[T]", error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
