"""Real servers for tests: sev's own collector and Debian's Alertmanager, on loopback, ended with their test."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

PATIENCE: Final = 20.0

README: Final = Path(__file__).parents[2] / "README.md"
_HURRY: Final = """
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 500ms
"""


def _settings(sends_to: "Collector") -> str:
    """Alertmanager's settings as the README gives them, with this collector's address and quicker groups."""
    block = re.search(r"```yaml\n(route:.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert block is not None
    text = block[1].replace("http://127.0.0.1:9911", sends_to.url)
    text = text.replace("/home/you/sev/sev.db.token", str(sends_to.token_file))
    assert sends_to.url in text
    assert str(sends_to.token_file) in text
    return text.replace("  receiver: sev\n", f"  receiver: sev{_HURRY}", 1)


class Collector:
    """A running `sev serve`: its address, its token, and when it goes it goes cleanly."""

    def __init__(self, store: Path, process: "subprocess.Popen[str]", url: str) -> None:
        self.store = store
        self.url = url
        self.token_file = store.with_name(store.name + ".token")
        self.process = process

    @property
    def token(self) -> str:
        return self.token_file.read_text("utf-8").strip()

    def post(self, path: str, body: object) -> tuple[int, dict[str, object]]:
        """POST JSON with the token; the status and the answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        with urlopen(Request(self.url + path, data, headers), timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)


@contextmanager
def collector(store: Path) -> Iterator[Collector]:
    """`sev serve` on a free port of loopback."""
    argv = [sys.executable, "-m", "tui", "--store", str(store), "serve", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"http://\S+", first)
        assert found, f"the collector said: {first}{process.stdout.read() if process.poll() is not None else ''}"
        yield Collector(store, process, found[0])
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


class Alertmanager:
    """Debian's prometheus-alertmanager, sending to a collector."""

    def __init__(self, url: str) -> None:
        self.url = url

    def tell(self, labels: dict[str, str], summary: str, *, resolved: bool = False) -> None:
        """Post one alert to its own API, firing or (as Prometheus does) with its end."""
        alert: dict[str, object] = {"labels": labels, "annotations": {"summary": summary}}
        if resolved:
            alert["endsAt"] = datetime.now(UTC).isoformat()
        request = Request(
            f"{self.url}/api/v2/alerts", json.dumps([alert]).encode(), {"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status == 200


@contextmanager
def alertmanager(folder: Path, sends_to: Collector) -> Iterator[Alertmanager]:
    """A running Alertmanager with a webhook receiver. Where Debian's package is missing: fails in CI, else skips."""
    binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if binary is None:
        told = "prometheus-alertmanager is not installed: apt-get install prometheus-alertmanager"
        if os.environ.get("SEV_REQUIRE_REAL"):
            pytest.fail(told)
        pytest.skip(told)
    config = folder / "alertmanager.yml"
    config.write_text(_settings(sends_to), "utf-8")
    url = f"http://127.0.0.1:{_free_port()}"
    argv = [
        binary, f"--config.file={config}", f"--storage.path={folder / 'data'}", "--cluster.listen-address=",
        f"--web.listen-address={url.removeprefix('http://')}",
    ]  # fmt: skip
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log)
        try:
            _wait_until_ready(f"{url}/-/ready", process)
            yield Alertmanager(url)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.02)
    raise AssertionError(f"{url} did not get ready")
