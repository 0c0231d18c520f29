"""What the collector counts about itself, and its text for Prometheus."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

import msgspec

from tui.store.engine import Connection
from tui.store.payloads import sources_heard
from tui.store.sources import states

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds: the upper bounds by which commits are counted."""

_SHOWN: Final = 200  # sources, the ones heard last: anybody with the token can make up names


class SourceAge(msgspec.Struct, frozen=True, kw_only=True):
    """A source: how long ago it said something; of one that is pulled also when it could be read, and its failures."""

    name: str
    heard: timedelta | None = None
    read: timedelta | None = None
    failures: int | None = None


def ages_of(conn: Connection, now: datetime) -> list[SourceAge]:
    """Every source that is pulled, and those heard last, by name. A clock that was set back makes no negative age."""
    heard, pulled = sources_heard(conn), {state.name: state for state in states(conn)}
    lately = sorted(heard, key=lambda name: heard[name], reverse=True)[:_SHOWN]
    found = []
    for name in sorted({*lately, *pulled}):
        at, state = heard.get(name), pulled.get(name)
        found.append(
            SourceAge(
                name=name,
                heard=max(now - at, timedelta(0)) if at else None,
                read=max(now - state.silent_since, timedelta(0)) if state else None,
                failures=state.failures if state else None,
            )
        )
    return found


class Metrics:
    """Counts since the start. The callables are asked when it is read.

    `failing`: the newest commit did not succeed; `heartbeat_ok` None: none is called.
    """

    def __init__(self, started_at: datetime) -> None:
        self.started_at = started_at
        self.answers: Counter[int] = Counter()
        self.deliveries: Counter[str] = Counter({"accepted": 0, "repeated": 0, "rejected": 0})
        self.signals = 0
        self.commits = 0
        self.failing = False
        self.waiting: Callable[[], int] = lambda: 0
        self.oldest: Callable[[], float] = lambda: 0.0
        self.heartbeat_ok: bool | None = None
        self.connections: Callable[[], int] = lambda: 0
        self.holds_lease: Callable[[], bool] = lambda: False
        self._seconds = 0.0
        self._counts = [0] * (len(BOUNDS) + 1)

    def committed(self, seconds: float) -> None:
        """Note a commit that took so long; the store can be written."""
        self.commits += 1
        self.failing = False
        self._seconds += seconds
        self._counts[bisect_left(BOUNDS, seconds)] += 1

    def exposition(self, sources: Sequence[SourceAge] = ()) -> str:
        """All of it in Prometheus' text format."""
        lines = [
            *_family("sev_http_answers_total", "counter", "Answers by HTTP status.", "code", self.answers.items()),
            *_family(
                "sev_deliveries_total", "counter", "Deliveries by what became of them.", "was", self.deliveries.items()
            ),
            *_single("sev_signals_total", "counter", "Signals taken in.", self.signals),
            *self._commits(),
            *_single("sev_waiting", "gauge", "Deliveries waiting for their commit.", self.waiting()),
            *_single("sev_oldest_waiting_seconds", "gauge", "How long the oldest of them waits.", self.oldest()),
            *_single("sev_connections", "gauge", "Open connections.", self.connections()),
            *_single("sev_store_ok", "gauge", "1 while commits succeed.", int(not self.failing)),
            *_single("sev_lease_held", "gauge", "1 while this process holds the lease.", int(self.holds_lease())),
            *_single("sev_start_time_seconds", "gauge", "Start, in epoch seconds.", self.started_at.timestamp()),
            *_of_sources(sources),
        ]
        if self.heartbeat_ok is not None:
            lines += _single("sev_heartbeat_ok", "gauge", "1 while the heartbeat is heard.", int(self.heartbeat_ok))
        return "\n".join(lines) + "\n"

    def _commits(self) -> list[str]:
        name = "sev_commit_duration_seconds"
        bounds = [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]
        counts = accumulate(self._counts)
        return [
            *_head(name, "histogram", "How long commits of intake took."),
            *(f'{name}_bucket{{le="{bound}"}} {n}' for bound, n in zip(bounds, counts, strict=True)),
            f"{name}_sum {self._seconds:.6f}",
            f"{name}_count {self.commits}",
        ]


def _of_sources(sources: Sequence[SourceAge]) -> list[str]:
    heard = [(one.name, one.heard.total_seconds()) for one in sources if one.heard is not None]
    read = [(one.name, one.read.total_seconds()) for one in sources if one.read is not None]
    failures = [(one.name, one.failures) for one in sources if one.failures is not None]
    return [
        *_family("sev_source_heard_age_seconds", "gauge", "Since a source said something.", "source", heard),
        *_family("sev_source_read_age_seconds", "gauge", "Since a pulled source could be read.", "source", read),
        *_family("sev_source_failures", "gauge", "Failures in a row of a pulled source.", "source", failures),
    ]


def _head(name: str, kind: str, meaning: str) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]


def _single(name: str, kind: str, meaning: str, value: float) -> list[str]:
    return [*_head(name, kind, meaning), f"{name} {_number(value)}"]


def _family(name: str, kind: str, meaning: str, label: str, values: Iterable[tuple[int | str, float]]) -> list[str]:
    return [
        *_head(name, kind, meaning),
        *(f'{name}{{{label}="{_quoted(word)}"}} {_number(value)}' for word, value in sorted(values)),
    ]


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6f}"


def _quoted(word: int | str) -> str:
    return str(word).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
