"""A real collector as a process that can be broken: killed, stopped, started again on the same port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tui.store.engine import Store

TOKEN: Final = "a-token-for-tests"
PATIENCE: Final = 30.0
AUTHORITY: Final = {"Authorization": f"Bearer {TOKEN}"}


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Serving:
    """`sev serve` for one store on one port, as often as it is started."""

    def __init__(self, store: Path, *, port: int | None = None, environment: Mapping[str, str] | None = None) -> None:
        self.store = store
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = dict(environment or {})
        self._process: subprocess.Popen[str] | None = None

    @property
    def process(self) -> "subprocess.Popen[str]":
        assert self._process is not None, "it was not started"
        return self._process

    def launch(self, *words: str) -> "subprocess.Popen[str]":
        """Start it and don't wait for it."""
        argv = [sys.executable, "-m", "tui", "--store", str(self.store), "serve", "--listen", f"127.0.0.1:{self.port}"]
        environment = {**os.environ, "SEV_TOKEN": TOKEN, **self.environment}
        self._process = subprocess.Popen(
            [*argv, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        return self._process

    def start(self) -> "Serving":
        """Start it; it listens when this returns."""
        self.launch()
        self.heard("lease:")
        return self

    def heard(self, word: str) -> str:
        """Read what it says until a line begins with `word`."""
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith(word):
                return line
        raise AssertionError(f"it ended with {self.process.wait()} and said: {''.join(said)}")

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.kill()
        self._reap()

    def stop(self) -> float:
        """As systemd stops it; the seconds that took. It must end well."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        took = time.monotonic() - began
        assert code == 0, f"it ended with {code}"
        self._reap()
        return took

    def rss(self) -> int:
        """Bytes of memory that it holds now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _reap(self) -> None:
        self.process.communicate(timeout=PATIENCE)
        self._process = None

    def close(self) -> None:
        """End it however it is."""
        if self._process is not None:
            self.kill()


@contextmanager
def serving(store: Path, *, environment: Mapping[str, str] | None = None) -> Iterator[Serving]:
    """A collector that listens, ended with the test."""
    one = Serving(store, environment=environment)
    try:
        yield one.start()
    finally:
        one.close()


def sev(store: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """A verb as a person runs it."""
    argv = [sys.executable, "-m", "tui", "--store", str(store), "--as", "ann", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=600)


def keys_in(store: Path) -> dict[str, int]:
    """Every alert's key, and how often it was told."""
    with Store(store, read_only=True) as opened:
        rows = opened.read(lambda conn: conn.execute("SELECT key, count FROM alert").fetchall())
    return {row["key"]: row["count"] for row in rows}
