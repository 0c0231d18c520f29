"""Every webhook arrives five times, out of order among its likes: each thing it says is told once and counted five."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.faults.conftest import Figure
from tui.collector.intake import Delivery, Prepared, prepare, take_in
from tui.collector.triaging import Triager
from tui.formats.decode import documents
from tui.model.text import clean
from tui.store.engine import Store
from tui.store.integrity import verify

SAMPLES = Path(__file__).parents[1] / "formats" / "samples"
TIMES = 5
NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)


def deliveries(name: str, body: bytes, *, named: bool) -> list[Prepared]:
    """A payload as it came, and four times again within a few minutes; `named`: with its sender's delivery id."""
    source = clean(name)
    return [
        prepare(
            Delivery(
                body=body,
                received_at=NOW + timedelta(seconds=20 * n),
                uid=0,
                source=source,
                headers={"webhook-id": f"{name}-1"} if named else {},
            )
        )
        for n in range(TIMES)
    ]


def test_what_comes_again_is_counted_and_told_once(tmp_path: Path, figure: Figure) -> None:
    chance, files, told, alerts = random.Random(11), 0, 0, 0
    for path in sorted(SAMPLES.iterdir()):
        for n, body in enumerate(documents(path.read_bytes()) or [path.read_bytes()]):
            for named in (False, True):
                store = tmp_path / f"{path.stem}-{n}-{named}.db"
                batch = deliveries(path.stem, body, named=named)
                chance.shuffle(batch)
                told_now, alerts_now = _take(store, batch)
                told, alerts = told + told_now, alerts + alerts_now
        files += 1
    assert files > 60
    figure(
        f"every webhook {TIMES} times", f"{files} samples, {alerts} alerts counted {TIMES} each, {told} entries once"
    )


def _take(path: Path, batch: list[Prepared]) -> tuple[int, int]:
    """Take them one transaction each; how many entries that made and how many alerts, each as often as it must."""
    once, again = Store(path.with_suffix(".once.db")), Store(path)
    with once, again:
        _deliver(once, batch[:1])
        _deliver(again, batch)
        assert _entries(again) == _entries(once), f"{path.stem}: what came again was told again"
        counts = _counts(again)
        # A body that says one thing of each alert counts five; one that tells several in a row has told them once.
        assert counts == {key: n + TIMES - 1 for key, n in _counts(once).items()}, path.stem
        assert verify(again).ok
        return sum(_entries(again).values()), len(counts)


def _deliver(store: Store, batch: list[Prepared]) -> None:
    triager = Triager()
    for prepared in batch:
        store.tx(partial(take_in, now=NOW + timedelta(minutes=2), batch=[prepared], triager=triager))


def _entries(store: Store) -> Counter[str]:
    rows = store.read(lambda conn: conn.execute("SELECT kind, alert FROM entry").fetchall())
    return Counter(f"{row['kind']} {row['alert']}" for row in rows)


def _counts(store: Store) -> dict[str, int]:
    rows = store.read(lambda conn: conn.execute("SELECT key, count FROM alert").fetchall())
    return {row["key"]: row["count"] for row in rows}
