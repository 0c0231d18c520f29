"""What retention gives back: sizes before and after, and that everything people read is still there."""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.collector.hand import Hand
from tests.faults.conftest import Figure, Size
from tests.faults.storm import webhook
from tests.support.scene import Scene
from tui.desk import phases
from tui.model.entry import MACHINE, Actor
from tui.model.text import Safe
from tui.store import integrity, retention
from tui.store.engine import Store
from tui.store.log import Stamp

MONTH = timedelta(days=30)


def year(store: Store, incidents: int) -> Scene:
    """Incidents of twenty alerts each, with payloads and repeats, all closed but the last."""
    scene, dice = Scene(store, datetime(2026, 1, 1, tzinfo=UTC)), random.Random(7)
    for n in range(incidents):
        hand = Hand(store, scene.now)
        body = webhook(f"job-{n}-{dice.random()}", 20)
        for _ in range(6):
            hand.later(minutes=11)
            hand.send(body, source="am")
        scene.now = hand.now
        members = [alert.id for alert in hand.alerts() if alert.incident is None][:20]
        number = scene.declare(*members, title=f"outage {n}")
        for line in range(8):
            scene.note(number, f"looked at {line} of {n}: {dice.random()}")
        hand.now = scene.now
        hand.send(body.replace(b'"firing"', b'"resolved"'), source="am")
        scene.now = hand.now
        if n < incidents - 1:
            scene.resolve(number, "told")
            scene.learn(number)
            scene.do(phases.close, number, reason=Safe("small"), force=True)
        scene.wait(timedelta(days=1))
    return scene


def test_a_year_of_closed_history_shrinks(tmp_path: Path, size: Size, figure: Figure) -> None:
    incidents = size(12, 300)
    with Store(tmp_path / "sev.db") as store:
        scene = year(store, incidents)
        assert store.compact()
        before, shown = store.path.stat().st_size, [scene.timeline(n) for n in range(1, incidents + 1)]
        began = time.monotonic()
        events = integrity.verify(store).events
        proving = time.monotonic() - began
        scene.wait(MONTH + timedelta(days=1))
        dropped = 0
        while went := store.tx(lambda conn: retention.drop_payloads(conn, scene.now - MONTH, MONTH)):
            dropped += went
        store.compact()
        without = store.path.stat().st_size
        stamp = Stamp(actor=Actor(MACHINE, 0), now=scene.now)
        began = time.monotonic()
        replaced = retention.checkpoint(store, scene.now - MONTH, stamp, least=1)
        took = time.monotonic() - began
        assert replaced is not None
        store.compact()
        after = store.path.stat().st_size
        began = time.monotonic()
        verdict = integrity.verify(store)
        assert verdict.ok
        assert verdict.events == events + 1
        again = time.monotonic() - began
        assert [scene.timeline(n) for n in range(1, incidents + 1)] == shown
    assert dropped > 0
    assert after < without < before
    assert replaced.events > events * 0.8
    sizes = " → ".join(f"{one / 1e6:.2f} MB" for one in (before, without, after))
    told = f"without {dropped} old payloads, then with {replaced.events:,} of {events:,} events in a checkpoint"
    figure("retention", f"{sizes}: {told} made in {took:.1f} s; verify {proving:.1f} s before, {again:.1f} s after")
