"""The collector that a console brings along, while nobody else's runs."""

import os
import subprocess
import sys
from pathlib import Path
from time import monotonic

from tui.collector import lease
from tui.collector.readiness import unreadable
from tui.config import Config


class Child:
    """A `sev serve` in a process group of its own. It ends with its console."""

    def __init__(self, config: Config, log: Path) -> None:
        self._config = config
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self.trouble = ""
        """Why it may not collect: without all of the team's settings it would do other than the team wants."""

    @property
    def runs(self) -> bool:
        """Whether the collector is this console's own."""
        return self._process is not None and self._process.poll() is None

    @property
    def is_starting(self) -> bool:
        """Whether it was started so lately that no beat of it can be there."""
        return self.runs and monotonic() - self._started_at < 3

    def ensure(self) -> None:
        """Start it, unless one collects for this store already."""
        if self.runs or lease.is_held(lease.lease_path(self._config.store)):
            return
        self.trouble = next(iter(unreadable(self._config)), "")
        if self.trouble:
            return
        self._started_at = monotonic()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        named = ["--config", str(self._config.team_file)] if self._config.team_file else []
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tui", "--store", str(self._config.store), *named, "serve", "--child"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ.copy(),
            )

    def let_go(self) -> None:
        """Ask it to end and wait for nothing: it finishes what it took in, and ends without its console anyway."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """Let it finish what it took in, then wait for its end."""
        self.let_go()
        if self._process is None:
            return
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
