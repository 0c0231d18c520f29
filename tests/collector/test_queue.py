"""Group commit: many deliveries are few commits, nobody is answered before, and one bad apple spoils nobody."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic

import pytest
from msgspec.structs import replace

from tests.collector.hand import Hand
from tui.collector.metrics import Metrics
from tui.collector.queue import WAITING_BYTES, WAITING_DELIVERIES, IntakeQueue
from tui.errors import StoreBusyError, StoreError
from tui.model.text import Safe
from tui.store.aio import AsyncStore
from tui.store.engine import Store


@asynccontextmanager
async def started(store: Path, now: datetime) -> AsyncIterator[tuple[IntakeQueue, Metrics]]:
    metrics = Metrics(now)
    async with AsyncStore(store) as opened:
        queue = IntakeQueue(opened, metrics, lambda: now)
        writer = asyncio.create_task(queue.run())
        try:
            yield queue, metrics
        finally:
            writer.cancel()
            await asyncio.wait([writer])


async def test_what_waits_together_is_one_commit_in_order(hand: Hand, now: datetime) -> None:
    bodies = [{"key": "a", "n": n} for n in range(40)]
    async with started(hand.store.path, now) as (queue, metrics):
        receipts = await asyncio.gather(*(queue.submit(hand.prepared(body)) for body in bodies))
    assert [receipt.alerts for receipt in receipts] == [(1,)] * 40
    assert metrics.commits < 5
    assert (metrics.signals, metrics.deliveries["accepted"], metrics.waiting()) == (40, 40, 0)
    assert hand.alert().count == 40


async def test_an_answer_comes_after_the_commit(hand: Hand, now: datetime) -> None:
    async with started(hand.store.path, now) as (queue, _):
        for n in range(5):
            await queue.submit(hand.prepared({"key": f"k{n}"}))
            assert hand.alert(n + 1).key == f"jobs:k{n}", "another connection sees it"


async def test_a_sender_that_went_away_changes_nothing_for_the_others(hand: Hand, now: datetime) -> None:
    async with started(hand.store.path, now) as (queue, _):
        gone = asyncio.create_task(queue.submit(hand.prepared({"key": "gone"})))
        stays = asyncio.create_task(queue.submit(hand.prepared({"key": "stays"})))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await stays).signals == 1
    assert {alert.key for alert in hand.alerts()} == {"jobs:gone", "jobs:stays"}


async def test_one_delivery_that_cannot_be_taken_in_is_kept_and_the_others_are_stored(
    hand: Hand, now: datetime
) -> None:
    """A fault of our own, made by a text that never passed the cleaner."""
    good = [hand.prepared({"key": key}) for key in ("a", "b")]
    bad = hand.prepared({"key": "bad"})
    broken = replace(bad, signals=tuple(replace(signal, title=Safe("\ud800")) for signal in bad.signals))
    async with started(hand.store.path, now) as (queue, metrics):
        receipts = await asyncio.gather(*(queue.submit(one) for one in (good[0], broken, good[1])))
    assert [receipt.rejected for receipt in receipts] == [None, 1, None]
    assert [receipt.alerts for receipt in receipts] == [(1,), (), (2,)]
    assert (metrics.failing, metrics.deliveries["rejected"]) == (False, 1)
    assert hand.is_whole()


async def test_a_store_that_cannot_be_written_is_said_to_all_that_wait(hand: Hand, now: datetime) -> None:
    async with started(hand.store.path, now) as (queue, metrics):
        hand.store.tx(lambda conn: conn.execute("ALTER TABLE event RENAME TO away"))
        asked = [queue.submit(hand.prepared({"key": key})) for key in ("a", "b")]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(one) for one in answers] == [StoreError, StoreError]
        assert metrics.failing is True
        hand.store.tx(lambda conn: conn.execute("ALTER TABLE away RENAME TO event"))
        assert (await queue.submit(hand.prepared({"key": "a"}))).alerts == (1,)
        assert metrics.failing is False


async def test_too_many_are_asked_to_come_again(hand: Hand, now: datetime) -> None:
    async with AsyncStore(hand.store.path) as store:
        queue = IntakeQueue(store, Metrics(now), lambda: now)  # nobody writes
        body = hand.prepared({"key": "a"})
        waiting = [asyncio.create_task(queue.submit(body)) for _ in range(WAITING_DELIVERIES)]
        await asyncio.sleep(0)
        with pytest.raises(StoreBusyError, match="overloaded"):
            await queue.submit(body)
        for task in waiting:
            task.cancel()


async def test_too_much_is_asked_to_come_again(hand: Hand, now: datetime) -> None:
    async with AsyncStore(hand.store.path) as store:
        queue = IntakeQueue(store, Metrics(now), lambda: now)
        large = hand.prepared(b'{"key": "a", "x": "' + b"x" * (1 << 20) + b'"}')
        waiting = [asyncio.create_task(queue.submit(large)) for _ in range(WAITING_BYTES >> 20)]
        await asyncio.sleep(0)
        with pytest.raises(StoreBusyError, match="overloaded"):
            await queue.submit(large)
        for task in waiting:
            task.cancel()


async def test_a_persons_write_gets_in_between_under_load(hand: Hand, now: datetime) -> None:
    """Under a storm of new alerts other people's transactions wait for a moment each, not for the end of the storm.

    They pause for a moment too: whoever wrote without any pause would hold the store.
    """
    named = str.maketrans("0123456789", "abcdefghij")  # words of their own: triage compares what shares one
    storm = [
        hand.prepared([{"key": f"{n:03}{m:03}".translate(named), "title": "-"} for m in range(50)]) for n in range(80)
    ]
    written = 0
    async with started(hand.store.path, now) as (queue, metrics):
        tasks = [asyncio.create_task(queue.submit(one)) for one in storm]
        with Store(hand.store.path) as person:
            while not all(task.done() for task in tasks):
                await asyncio.to_thread(person.tx, lambda conn: conn.execute("DELETE FROM counter WHERE name = 'no'"))
                written += 1
                await asyncio.sleep(0.02)
        await asyncio.gather(*tasks)
    assert metrics.signals == 4_000
    assert written >= metrics.commits / 4, "it got in again and again"


async def test_what_was_refused_for_a_lock_stays_in_line(hand: Hand, now: datetime) -> None:
    other = hand.store.detach()
    async with started(hand.store.path, now) as (queue, metrics):
        other.execute("BEGIN IMMEDIATE")
        began = monotonic()
        with pytest.raises(StoreBusyError):
            await queue.submit(hand.prepared({"key": "a"}))
        assert monotonic() - began < 5
        assert (metrics.failing, metrics.waiting()) == (True, 1)
        assert metrics.oldest() > 0
        other.execute("ROLLBACK")
        assert (await queue.submit(hand.prepared({"key": "b"}))).alerts == (2,)
        assert (metrics.failing, metrics.waiting()) == (False, 0)
    assert [alert.key for alert in hand.alerts()] == ["jobs:b", "jobs:a"]


async def test_a_store_that_hangs_is_said(hand: Hand, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.collector.queue.HANGS_AFTER", 0.1)
    monkeypatch.setattr("tui.collector.queue._LOOK", 0.05)
    go_on = threading.Event()
    async with AsyncStore(hand.store.path) as store:
        metrics = Metrics(now)
        queue = IntakeQueue(store, metrics, lambda: now)
        stuck = asyncio.create_task(store.tx(lambda conn: go_on.wait(20)))
        writer = asyncio.create_task(queue.run())
        with pytest.raises(StoreBusyError, match="does not answer"):
            await queue.submit(hand.prepared({"key": "a"}))
        assert (metrics.failing, metrics.commits) == (True, 0)
        go_on.set()
        await stuck
        assert (await queue.submit(hand.prepared({"key": "b"}))).alerts == (2,)
        assert (metrics.failing, metrics.commits) == (False, 2)
        writer.cancel()
        await asyncio.wait([writer])
    assert len(hand.alerts()) == 2, "what was under way is kept"


async def test_a_probe_finds_out_that_it_is_over(hand: Hand, now: datetime) -> None:
    other = hand.store.detach()
    async with AsyncStore(hand.store.path, patience=0.05) as store:
        metrics = Metrics(now)
        queue = IntakeQueue(store, metrics, lambda: now)
        metrics.failing = True
        other.execute("BEGIN IMMEDIATE")
        await queue.probe()
        told = [metrics.failing]
        other.execute("ROLLBACK")
        await queue.probe()
        assert [*told, metrics.failing] == [True, False]
    assert hand.is_whole()
