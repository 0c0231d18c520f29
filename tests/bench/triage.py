"""What triage costs per signal, on a catalog of 200 nodes, without a store: `python -m tests.bench.triage`.

`--profile` prints where the time of each part goes.
"""

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Final

from tests.triage.platform import START, S, fails, fires, platform, resolves, retries, signal
from tui.model.catalog import Graph
from tui.model.signal import Kind, Signal
from tui.triage.engine import Triage

WIDE: Final = 18
"""Pipelines below the one warehouse."""
DEEP: Final = 9
"""Tables of one pipeline, between its job and its dashboard."""
STORM: Final = 2_000


def catalog() -> Graph:
    """200 nodes: a warehouse, below it pipelines of a job, tables and a dashboard due at nine, and one digest."""
    lines = ["board_0 > digest(report, tier 2, due 10:00)"]
    for pipe in range(WIDE):
        tables = " > ".join(f"mart{pipe}.table_{step}(dataset)" for step in range(DEEP))
        lines.append(f"warehouse(service) > load_{pipe}(job, usual 20) > {tables} > board_{pipe}(tier 1, due 09:00)")
    return platform("\n".join(lines))


def table(count: int) -> str:
    """Tables one after another, all over the catalog."""
    return f"mart{count % WIDE}.table_{count % DEEP}"


def micros(triage: Triage, signals: Iterable[Signal], every: timedelta = timedelta(seconds=1)) -> list[float]:
    """Microseconds of `observe` and `settle` of each signal."""
    took = []
    for count, one in enumerate(signals):
        now = START + count * every
        began = time.perf_counter()
        triage.observe(one, now)
        triage.settle(now)
        took.append((time.perf_counter() - began) * 1e6)
    return took


def known(count: int) -> tuple[str, list[float]]:
    """One alert of an open case, repeated."""
    triage = Triage(catalog())
    micros(triage, [fails("load_3"), fires("mart3.table_4")])
    return "known key", micros(triage, [fires("mart3.table_4")] * count)


def changing(count: int) -> tuple[str, list[float]]:
    """One alert of an open case whose title changes each time."""
    triage = Triage(catalog())
    micros(triage, [fails("load_3"), fires("mart3.table_4")])
    return "known key, new title", micros(triage, (fires("mart3.table_4", f"waits {n} s") for n in range(count)))


def fresh(count: int) -> tuple[str, list[float]]:
    """Keys never seen, all over the catalog; each is over before the next comes, as on a quiet night."""

    def night() -> Iterator[Signal]:
        for n in range(count):
            yield retries(f"{table(n)}.part_{n}")

    return "new key, quiet night", micros(Triage(catalog()), night(), timedelta(minutes=1))


def busy(count: int) -> tuple[str, list[float]]:
    """Keys never seen while 15 cases are open."""
    triage = Triage(catalog())
    micros(triage, [fails(f"load_{pipe}") for pipe in range(15)], timedelta(hours=4))
    said = (fires(f"{table(n)}.check_{n}", "has errors") for n in range(count))
    return f"new key, {len(list(triage.cases))} cases open", micros(triage, said)


def flapping(count: int) -> tuple[str, list[float]]:
    """Fifty alerts that come and go."""

    def night() -> Iterator[Signal]:
        for n in range(count // 2):
            yield fires(table(n), "answers slowly", "warning")
            yield resolves(table(n))

    return "comes and goes", micros(Triage(catalog()), night(), timedelta(minutes=1))


def storm(batch: int) -> tuple[str, float, int]:
    """Seconds until 2,000 signals of one cause are one settled candidate; how many there are."""
    triage = Triage(catalog())
    said = [signal("monitor", "warehouse", S.FIRING, "refuses connections", Kind.OTHER, "critical")]
    said += [fails(f"load_{n}") for n in range(WIDE)]
    said += [fires(f"{table(n)}.shard_{n}", f"fails with code {n}") for n in range(STORM - len(said))]
    began = time.perf_counter()
    for count, one in enumerate(said, start=1):
        now = START + timedelta(milliseconds=100 * count)
        triage.observe(one, now)
        if count % batch == 0:
            triage.tick(now)
    triage.tick(START + timedelta(minutes=30))
    return f"storm, settled every {batch}", time.perf_counter() - began, len(list(triage.cases))


PARTS: Final[tuple[Callable[[int], tuple[str, list[float]]], ...]] = (known, changing, fresh, busy, flapping)


@contextmanager
def profiled(wanted: bool) -> Iterator[None]:
    """Prints the dozen dearest functions of what runs within."""
    profile = cProfile.Profile()
    if wanted:
        profile.enable()
    yield
    if wanted:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(12)


def main() -> None:
    """Print medians of each part and the time of a storm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--profile", action="store_true")
    words = parser.parse_args()
    print(f"{len(catalog().nodes)} nodes, {sum(map(len, catalog().downs))} edges")
    for part in PARTS:
        with profiled(words.profile):
            name, took = part(words.count)
        p99 = sorted(took)[int(len(took) * 0.99)]
        print(f"{name:<28} median {median(took):8.1f} µs   p99 {p99:9.1f} µs   n {len(took)}")
    for batch in (STORM, 100, 1):
        with profiled(words.profile):
            name, seconds, cases = storm(batch)
        print(f"{name:<28} {seconds:6.2f} s   candidates {cases}   n {STORM}")


if __name__ == "__main__":
    main()
