"""How long verbs take beside the start of a bare Textual app, interleaved in one run: `python -m tests.bench.start`."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.support.scene import Scene
from tests.support.terminal import Terminal
from tui.model.ids import Ref
from tui.store.engine import Store

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App[None]):
    def compose(self):
        yield Static("bare")
    def on_ready(self):
        self.exit()
Bare().run()
"""


def bare_textual() -> None:
    """A Textual app of one line, from its process's start until it has drawn and left."""
    with Terminal([sys.executable, "-c", BARE], cols=120, rows=40) as terminal:
        terminal.wait_exit()


def verb(store: Path, *words: str) -> Callable[[], None]:
    """A verb as a whole process."""
    argv = [sys.executable, "-m", "tui", "--store", str(store), *words]

    def run() -> None:
        subprocess.run(argv, stdout=subprocess.DEVNULL, check=False)

    return run


def timed(work: Callable[[], None]) -> float:
    """Seconds of one run."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Print medians and ratios."""
    rounds = argparse.ArgumentParser(description=__doc__)
    rounds.add_argument("--rounds", type=int, default=15)
    count = rounds.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sev.db")
        with Store(path) as store:
            scene = Scene(store, datetime.now(UTC))
            alerts = [scene.fire(f"job_{n}") for n in range(200)]
        ids = iter(alerts)
        took: dict[str, list[float]] = {
            name: [] for name in ("bare Textual", "sev ack", "sev alerts", "sev status --line")
        }
        for _ in range(count + 1):
            took["bare Textual"].append(timed(bare_textual))
            took["sev ack"].append(timed(verb(path, "ack", str(Ref("A", next(ids))))))
            took["sev alerts"].append(timed(verb(path, "alerts")))
            took["sev status --line"].append(timed(verb(path, "status", "--line")))
    base = median(took["bare Textual"][1:])  # the first round warms the caches
    for name, seconds in took.items():
        middle = median(seconds[1:])
        print(f"{name:<18} {middle * 1000:6.0f} ms   {middle / base:5.2f} x bare Textual   n {count}")


if __name__ == "__main__":
    main()
