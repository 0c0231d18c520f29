"""The same transactions for programs with an event loop: the console and the collector."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import aiosqlite

from tui.errors import StoreError
from tui.store.engine import Connection, Store, run_read, run_tx

T = TypeVar("T")


class AsyncStore:
    """A writing and a reading connection, each in a thread of its own.

    `tx` and `read` queue a whole callable, so nothing awaits inside a transaction and a
    cancelled task can't leave one open.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None

    async def open(self) -> None:
        """Open both connections, or none: a forgotten one would keep the process alive. Raises StoreError."""
        try:
            if not self.read_only:
                self._writer = await _open(self.path, read_only=False)
            self._reader = await _open(self.path, read_only=True)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close both, even where the caller is cancelled; what was queued before is done first."""
        await asyncio.shield(self._close())

    async def _close(self) -> None:
        """The writer goes last: whoever closes last tidies the WAL away and must be able to write."""
        writer, reader, self._writer, self._reader = self._writer, self._reader, None, None
        for connection in (reader, writer):
            if connection is not None:
                await connection.close()

    async def tx(self, work: Callable[[Connection], T]) -> T:
        """`work(conn)` as one transaction. A caller that is cancelled does not stop it: it commits or fails whole."""
        if self._writer is None:
            raise StoreError("nothing was written", "the store is open read-only", "leave out --read-only")
        return await asyncio.shield(_queue(self._writer, partial(run_tx, work=work)))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """`work(conn)` on one snapshot."""
        if self._reader is None:
            raise StoreError("the store is closed")
        return await _queue(self._reader, partial(run_read, work=work))

    async def __aenter__(self) -> "AsyncStore":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def _open(path: Path, *, read_only: bool) -> aiosqlite.Connection:
    def connector() -> Connection:
        return Store(path, read_only=read_only).detach()

    connection = aiosqlite.Connection(connector, iter_chunk_size=64)
    try:
        return await connection
    except StoreError:
        connection.stop()
        raise


async def _queue(connection: aiosqlite.Connection, work: Callable[[Connection], T]) -> T:
    """The one use of a private line of aiosqlite: run a whole callable in the connection's thread."""
    run = cast("Callable[[Callable[[], T]], Awaitable[T]]", connection._execute)
    return await run(lambda: work(connection._conn))
