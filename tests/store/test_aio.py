"""The store for programs with an event loop: whole transactions, whatever happens to the task that asked."""

import asyncio
import inspect
import random
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

import aiosqlite
import pytest

from tests.support.scene import Scene
from tui.errors import StoreError, StoreFaultError, StoreTooNewError
from tui.model.events import SnoozeEnded
from tui.store import integrity, log
from tui.store.aio import AsyncStore
from tui.store.engine import Connection, Store
from tui.store.record import record

CANCELS = 200


@pytest.fixture
def path(scene: Scene, tmp_path: Path) -> Path:
    """A store with one alert in it, also open elsewhere."""
    scene.fire()
    return tmp_path / "sev.db"


async def all_end(threads: set[threading.Thread]) -> None:
    """Wait until these threads have ended; a store that was given back keeps none."""
    async with asyncio.timeout(20):
        await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))


async def test_it_writes_and_reads_the_same_store(path: Path, scene: Scene) -> None:
    async with AsyncStore(path) as store:
        await store.tx(lambda conn: log_one(conn, scene))
        assert await store.read(log.head) == scene.store.read(log.head)
    assert integrity.verify(scene.store).ok


def log_one(conn: Connection, scene: Scene) -> int:
    """One more event; returns its number."""
    stamp = log.Stamp(actor=scene.actor, now=scene.now)
    return record(conn, stamp, SnoozeEnded(), alert=1).seq


async def test_cancelled_tasks_leave_no_open_transaction(path: Path, scene: Scene) -> None:
    begun: list[int] = []
    chance = random.Random(7)

    def work(conn: Connection) -> None:
        begun.append(log_one(conn, scene))

    async with AsyncStore(path) as store:
        for _ in range(CANCELS):
            task = asyncio.create_task(store.tx(work))
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        last = await store.tx(lambda conn: log_one(conn, scene))
    assert last == 2 + len(begun) + 1, "every transaction that began was committed, whole and in order"
    with Store(path) as other:
        other.detach().execute("PRAGMA busy_timeout = 50")
        other.tx(log.head)  # nobody holds the store
        assert other.read(integrity.check_chain)[:2] == (last, None)


async def test_a_failing_transaction_leaves_nothing_and_tells(path: Path, scene: Scene) -> None:
    def fail(conn: Connection) -> None:
        log_one(conn, scene)
        raise StoreError("no")

    async with AsyncStore(path) as store:
        before = await store.read(log.head)
        with pytest.raises(StoreError, match="no"):
            await store.tx(fail)
        with pytest.raises(StoreError, match="cannot be used"):
            await store.tx(lambda conn: conn.execute("SELECT * FROM nowhere"))
        assert await store.read(log.head) == before


async def test_many_tasks_share_it_without_sharing_a_transaction(path: Path, scene: Scene) -> None:
    async with AsyncStore(path) as store:
        written = await asyncio.gather(*(store.tx(lambda conn: log_one(conn, scene)) for _ in range(50)))
        assert sorted(written) == list(range(3, 53))
        read = await asyncio.gather(*(store.read(log.head) for _ in range(20)))
        assert {seq for seq, _ in read} == {52}


async def test_read_only_refuses_to_write(path: Path) -> None:
    async with AsyncStore(path, read_only=True) as store:
        assert (await store.read(log.head))[0] == 2
        with pytest.raises(StoreError, match="read-only"):
            await store.tx(log.head)
        with pytest.raises(StoreError, match="cannot be used"):
            await store.read(lambda conn: conn.execute("DELETE FROM alert"))


async def test_a_closed_store_says_so(path: Path) -> None:
    store = AsyncStore(path)
    for use in (store.read, store.tx):
        with pytest.raises(StoreError):
            await use(log.head)
    await store.open()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.read(log.head)


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_store_that_cannot_be_opened_leaves_no_thread_behind(path: Path, scene: Scene, read_only: bool) -> None:
    scene.store.close()
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA user_version = 99")
    conn.close()
    before = set(threading.enumerate())
    with pytest.raises(StoreTooNewError):
        await AsyncStore(path, read_only=read_only).open()
    await all_end(set(threading.enumerate()) - before)


async def test_closing_ends_both_threads(path: Path) -> None:
    before = set(threading.enumerate())
    async with AsyncStore(path):
        started = set(threading.enumerate()) - before
        assert len(started) == 2
    await all_end(started)


async def test_the_private_line_of_aiosqlite_still_takes_a_whole_callable(path: Path) -> None:
    """`AsyncStore` rests on it. When this fails, look at `_queue` in tui/store/aio.py before anything else."""
    parameters = list(inspect.signature(aiosqlite.Connection._execute).parameters.values())
    assert [parameter.kind for parameter in parameters] == [
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    ]
    async with aiosqlite.connect(path) as connection:
        execute = cast("Callable[[Callable[[], int]], Awaitable[int]]", connection._execute)
        ran_in = await execute(threading.get_ident)
        assert ran_in != threading.get_ident()
        assert isinstance(connection._conn, sqlite3.Connection)


async def test_opening_that_is_cancelled_leaves_no_thread_behind(path: Path) -> None:
    before = set(threading.enumerate())
    for moment in range(40):
        store = AsyncStore(path)
        task = asyncio.create_task(store.open())
        await asyncio.sleep(moment / 10_000)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
            await store.close()
    await all_end(set(threading.enumerate()) - before)


async def test_closing_leaves_one_file_even_where_it_is_cancelled(path: Path, scene: Scene) -> None:
    scene.store.close()
    before = set(threading.enumerate())
    store = AsyncStore(path)
    await store.open()
    queued = asyncio.create_task(store.tx(lambda conn: log_one(conn, scene)))
    await asyncio.sleep(0)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert await queued == 3
    await all_end(set(threading.enumerate()) - before)
    assert {file.name for file in path.parent.iterdir()} <= {"sev.db", "sev.db-journal"}


def fail_as_a_disk(conn: Connection) -> None:
    log.head(conn)
    raise StoreFaultError("the store cannot be used", "disk I/O error", "run `sev doctor`")


async def test_after_a_fault_of_the_disk_a_fresh_connection_goes_on(
    path: Path, scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncStore(path) as store:
        first = await store.tx(lambda conn: log_one(conn, scene))
        with pytest.raises(StoreFaultError):
            await store.tx(fail_as_a_disk)
        assert await store.tx(lambda conn: log_one(conn, scene)) == first + 1
    assert "was opened anew and is whole" in caplog.text
    assert integrity.verify(scene.store).ok


async def test_a_store_that_is_not_what_was_committed_is_not_written(path: Path, scene: Scene) -> None:
    async with AsyncStore(path) as store:
        last = await store.tx(lambda conn: log_one(conn, scene))
        with pytest.raises(StoreFaultError):
            await store.tx(fail_as_a_disk)
        scene.store.tx(lambda conn: conn.execute("UPDATE event SET hash = x'00' WHERE seq = ?", (last,)))
        for _ in range(3):  # also at once, before it is looked at again
            with pytest.raises(StoreFaultError, match=f"event {last} is not what was committed"):
                await store.tx(lambda conn: log_one(conn, scene))
        assert (await store.read(log.head))[0] == last, "reading goes on"


async def test_what_is_queued_behind_a_fault_does_not_run(path: Path, scene: Scene) -> None:
    async with AsyncStore(path) as store:
        tasks = [asyncio.create_task(store.tx(work)) for work in (fail_as_a_disk, lambda conn: log_one(conn, scene))]
        await asyncio.wait(tasks)
        assert [type(task.exception()) for task in tasks] == [StoreFaultError, StoreFaultError]
    assert scene.store.read(log.head)[0] == 2
