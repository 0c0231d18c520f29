"""The same transactions for programs with an event loop: the console and the collector."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, cast

import aiosqlite

from tui.errors import StoreError, StoreFaultError, StoreFullError
from tui.store import log
from tui.store.engine import BUSY_SECONDS, Connection, Store, be_patient, run_read, run_tx
from tui.store.health import prove
from tui.store.sqlite import sqlite3

T = TypeVar("T")
logger = logging.getLogger("sev.store")

_AGAIN_AFTER: Final = 1.0  # seconds between two attempts to go on after the disk failed


class _Writer:
    """Runs transactions in the writing connection's thread, and none after the disk failed.

    `head` is the newest event that one of them saw, with its hash.
    """

    def __init__(self, head: tuple[int, bytes]) -> None:
        self.head = head
        self.fault: StoreFaultError | None = None

    def run(self, conn: Connection, work: Callable[[Connection], T], patience: float) -> T:
        if self.fault is not None:
            raise _same(self.fault)
        try:
            result, self.head = run_tx(conn, lambda inside: (work(inside), log.head(inside)), patience)
        except StoreFaultError as error:
            self.fault = error
            raise
        return result


class AsyncStore:
    """A writing and a reading connection, each in a thread of its own.

    `tx` and `read` queue a whole callable, so nothing awaits inside a transaction and a
    cancelled task can't leave one open. After the disk failed nothing is written until a
    fresh connection has proved the store: a later sync that succeeds proves nothing of an
    earlier one. `patience`: seconds that a transaction waits for another process' lock.
    """

    def __init__(self, path: Path, *, read_only: bool = False, patience: float = BUSY_SECONDS) -> None:
        self.path = path
        self.read_only = read_only
        self.full = False
        """While this is set nothing is written: what room there is on the disk is left to others."""
        self._patience = patience
        self._connection: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None
        self._writer = _Writer((0, log.GENESIS))
        self._mending = asyncio.Lock()
        self._tried_at = 0.0
        self._is_open = False

    async def open(self) -> None:
        """Open both connections, or none: a forgotten one would keep the process alive. Raises StoreError."""
        try:
            if not self.read_only:
                self._connection = await _open(self.path, read_only=False, patience=self._patience)
            self._reader = await _open(self.path, read_only=True, patience=self._patience)
            self._is_open = True
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close both, even where the caller is cancelled; what was queued before is done first."""
        await asyncio.shield(self._close())

    async def _close(self) -> None:
        """The writer goes last: whoever closes last tidies the WAL away and must be able to write."""
        async with self._mending:
            self._is_open = False
            writer, reader, self._connection, self._reader = self._connection, self._reader, None, None
            for connection in (reader, writer):
                if connection is not None:
                    await connection.close()

    async def tx(self, work: Callable[[Connection], T], *, patience: float | None = None) -> T:
        """`work(conn)` as one transaction. A caller that is cancelled does not stop it: it commits or fails whole.

        `patience` where it differs from the store's.
        """
        if self.read_only:
            raise StoreError("nothing was written", "the store is open read-only", "leave out --read-only")
        if self.full:
            raise StoreFullError("nothing was written", "the disk is full", "free space and try again")
        if self._writer.fault is not None:
            await asyncio.shield(self._mend())
        if self._connection is None:
            raise StoreError("the store is closed")
        waits = self._patience if patience is None else patience
        return await asyncio.shield(_queue(self._connection, partial(self._writer.run, work=work, patience=waits)))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """`work(conn)` on one snapshot."""
        if self._reader is None:
            raise StoreError("the store is closed")
        return await _queue(self._reader, partial(run_read, work=work))

    async def _mend(self) -> None:
        """Go on with a fresh connection that proved the store. Raises StoreError while that can't be."""
        async with self._mending:
            broken = self._writer
            if broken.fault is None or not self._is_open:
                return
            if time.monotonic() - self._tried_at < _AGAIN_AFTER:
                raise _same(broken.fault)
            try:
                await self._begin_anew(broken)
            except StoreError as error:
                self._tried_at = time.monotonic()
                if isinstance(error, StoreFaultError):
                    broken.fault = error
                raise

    async def _begin_anew(self, broken: _Writer) -> None:
        """The old connection goes first: it may still hold the lock of what failed."""
        old, self._connection = self._connection, None
        if old is not None:
            await old.close()
        fresh = await _open(self.path, read_only=False, patience=self._patience)
        try:
            await _queue(fresh, partial(prove, seq=broken.head[0], expected=broken.head[1]))
        except StoreError:
            await fresh.close()
            raise
        self._connection, self._writer = fresh, _Writer(broken.head)
        logger.warning("the store %s was opened anew and is whole", self.path)

    async def __aenter__(self) -> "AsyncStore":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def _open(path: Path, *, read_only: bool, patience: float) -> aiosqlite.Connection:
    """A connection in a thread of its own. Raises StoreError, and then that thread has ended.

    aiosqlite leaves the thread of a failed opening to end by itself, which may be after its loop: so it never sees
    one fail, and closes an empty database in order.
    """
    failed: list[StoreError] = []

    def connector() -> Connection:
        try:
            connection = Store(path, read_only=read_only).detach()
        except StoreError as error:
            failed.append(error)
            return sqlite3.connect(":memory:", check_same_thread=False)
        be_patient(connection, patience)
        return connection

    connection = await aiosqlite.Connection(connector, iter_chunk_size=64)
    if failed:
        await connection.close()
        raise failed[0]
    return connection


async def _queue(connection: aiosqlite.Connection, work: Callable[[Connection], T]) -> T:
    """The one use of a private line of aiosqlite: run a whole callable in the connection's thread."""
    run = cast("Callable[[Callable[[], T]], Awaitable[T]]", connection._execute)
    return await run(lambda: work(connection._conn))


def _same(fault: StoreFaultError) -> StoreFaultError:
    """The fault to be raised once more, without the traces of the times before."""
    return StoreFaultError(fault.what, fault.why, fault.mend)
