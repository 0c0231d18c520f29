"""What the collector counts about itself, and its text for Prometheus."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts since the start. `failing`: the newest commit did not succeed; `heartbeat_ok` None: none is called."""

    def __init__(self, started_at: datetime) -> None:
        self.started_at = started_at
        self.answers: Counter[int] = Counter()
        self.deliveries: Counter[str] = Counter()
        self.signals = 0
        self.commits = 0
        self.commit_seconds = 0.0
        self.waiting = 0
        self.failing = False
        self.heartbeat_ok: bool | None = None
        self.connections: Callable[[], int] = lambda: 0

    def exposition(self) -> str:
        """All of it in Prometheus' text format."""
        lines = [
            *_family("sev_http_answers_total", "counter", "Answers by HTTP status.", "code", self.answers),
            *_family("sev_deliveries_total", "counter", "Deliveries by what became of them.", "was", self.deliveries),
            *_single("sev_signals_total", "counter", "Signals taken in.", self.signals),
            *_single("sev_commits_total", "counter", "Commits of intake.", self.commits),
            *_single("sev_commit_seconds_total", "counter", "Time spent in them.", round(self.commit_seconds, 6)),
            *_single("sev_waiting", "gauge", "Deliveries waiting for their commit.", self.waiting),
            *_single("sev_connections", "gauge", "Open connections.", self.connections()),
            *_single("sev_store_ok", "gauge", "1 while commits succeed.", int(not self.failing)),
            *_single("sev_start_time_seconds", "gauge", "Start, in epoch seconds.", self.started_at.timestamp()),
        ]
        if self.heartbeat_ok is not None:
            lines += _single("sev_heartbeat_ok", "gauge", "1 while the heartbeat is heard.", int(self.heartbeat_ok))
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str, meaning: str) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]


def _single(name: str, kind: str, meaning: str, value: float) -> list[str]:
    return [*_head(name, kind, meaning), f"{name} {value}"]


def _family(name: str, kind: str, meaning: str, label: str, counts: Counter[int] | Counter[str]) -> list[str]:
    """One line for each of our own few words: no label ever holds text from outside."""
    return [*_head(name, kind, meaning), *(f'{name}{{{label}="{word}"}} {n}' for word, n in sorted(counts.items()))]
