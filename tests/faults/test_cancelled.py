"""Tasks that are cancelled while they wait for the store: their transactions are whole all the same."""

import asyncio
import random

from tests.faults.conftest import Figure, Size
from tests.support.scene import Scene
from tui.errors import StoreBusyError
from tui.model.events import SnoozeEnded
from tui.store import log
from tui.store.aio import AsyncStore
from tui.store.engine import Connection, Store, run_tx
from tui.store.integrity import verify
from tui.store.record import record

_AT_ONCE = 50


def _write_both(conn: Connection, scene: Scene) -> None:
    """Two events that belong together."""
    stamp = log.Stamp(actor=scene.actor, now=scene.now)
    for _ in range(2):
        record(conn, stamp, SnoozeEnded(), alert=1)


async def test_cancelled_tasks_leave_no_transaction_open(scene: Scene, size: Size, figure: Figure) -> None:
    count, chance = size(500, 10_000), random.Random(3)
    scene.fire()
    before = scene.store.read(log.head)[0]
    still_open = 0
    with Store(scene.store.path) as other:
        async with AsyncStore(scene.store.path) as store:
            for _ in range(count // _AT_ONCE):
                asked = [store.tx(lambda conn: _write_both(conn, scene)) for _ in range(_AT_ONCE)]
                tasks = [asyncio.create_task(one) for one in (*asked, *(store.read(_look) for _ in range(5)))]
                chance.shuffle(tasks)
                for task in tasks:
                    await asyncio.sleep(chance.choice((0, 0, 0.0003)))
                    task.cancel()
                await asyncio.wait(tasks)
                await store.tx(log.head)  # whatever was queued before it has ended
                still_open += _is_held(other)
        committed = other.read(log.head)[0] - before
        assert verify(other).ok
    assert committed % 2 == 0, "half of a transaction"
    assert still_open == 0
    assert 0 < committed // 2 <= count
    figure("cancelled tasks", f"{count:,} cancelled, {committed // 2:,} committed all the same, 0 open transactions")


def _is_held(store: Store) -> bool:
    """Whether somebody else is inside a transaction that writes."""
    try:
        run_tx(store.detach(), log.head, 0.05)
    except StoreBusyError:
        return True
    return False


def _look(conn: Connection) -> None:
    """A reading that takes a moment."""
    conn.execute("SELECT count(*) FROM event").fetchone()
