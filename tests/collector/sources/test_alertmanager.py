"""The real Alertmanager, polled by the real collector's sources: it fires, expires, is killed, and comes back."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.collector.hand import PATIENCE
from tests.collector.sources.pull import Look, pulling, source
from tests.support.servers import _free_port, _wait_until_ready
from tui.config import SourceKind
from tui.model.alert import AlertStatus
from tui.model.severity import Severity

pytestmark = pytest.mark.real

CONFIG = """
global:
  resolve_timeout: 1s
route:
  receiver: nobody
receivers:
  - name: nobody
"""


class Polled:
    """A running Alertmanager that sends to nobody: whoever wants to know asks."""

    def __init__(self, folder: Path, port: int) -> None:
        binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
        if binary is None:
            told = "prometheus-alertmanager is not installed: apt-get install prometheus-alertmanager"
            if os.environ.get("SEV_REQUIRE_REAL"):
                pytest.fail(told)
            pytest.skip(told)
        self.url = f"http://127.0.0.1:{port}"
        config = folder / "alertmanager.yml"
        config.write_text(CONFIG, "utf-8")
        argv = [
            binary, f"--config.file={config}", f"--storage.path={folder / 'data'}", "--cluster.listen-address=",
            f"--web.listen-address=127.0.0.1:{port}",
        ]  # fmt: skip
        with (folder / "alertmanager.log").open("ab") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log)
        _wait_until_ready(f"{self.url}/-/ready", self.process)

    def tell(self, name: str, *, lasts: timedelta) -> None:
        """Post an alert that is over by itself after a while, unless it is told again."""
        alert = {
            "labels": {"alertname": name, "severity": "critical", "pipeline": "orders"},
            "annotations": {"summary": f"{name} on orders"},
            "endsAt": (datetime.now(UTC) + lasts).isoformat(),
        }
        self.post("/api/v2/alerts", [alert])

    def post(self, path: str, body: object) -> None:
        """POST JSON to its API."""
        told = Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urlopen(told, timeout=PATIENCE) as answer:
            assert answer.status == 200

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)


@contextmanager
def polled(folder: Path) -> Iterator[Polled]:
    served = Polled(folder, _free_port())
    try:
        yield served
    finally:
        served.process.kill()
        served.process.wait(PATIENCE)


def status(look: Look, title: str) -> AlertStatus | None:
    return next((alert.status for alert in look.hand.alerts() if alert.title == title), None)


async def test_it_fires_and_is_resolved_only_when_two_polls_prove_it(tmp_path: Path) -> None:
    with polled(tmp_path) as served:
        served.tell("LoadFailed", lasts=timedelta(seconds=3))
        served.tell("Stays", lasts=timedelta(minutes=5))
        settings = source("am", SourceKind.ALERTMANAGER, url=served.url, every=timedelta(milliseconds=200))
        async with pulling(tmp_path, settings) as look:
            await look.until(lambda: status(look, "LoadFailed on orders"), "the alert")
            alert = next(one for one in look.hand.alerts() if one.title == "LoadFailed on orders")
            assert (alert.status, alert.severity, alert.subject) == (AlertStatus.FIRING, Severity.SEV1, "orders")
            await look.until(lambda: status(look, "LoadFailed on orders") is AlertStatus.RESOLVED, "its end")
            over = look.hand.alert(alert.id)
            assert over.ended_at is not None
            assert over.last_seen - over.ended_at >= timedelta(milliseconds=150), (
                "the first poll without it, and another"
            )
            assert status(look, "Stays on orders") is AlertStatus.FIRING
            served.tell("LoadFailed", lasts=timedelta(minutes=5))
            await look.until(lambda: status(look, "LoadFailed on orders") is AlertStatus.FIRING, "it fires anew")
            assert look.hand.alert(alert.id).episode == 2
            assert look.hand.is_whole()


async def test_one_that_is_killed_is_an_alert_and_resolves_nothing(tmp_path: Path) -> None:
    with polled(tmp_path) as served:
        served.tell("LoadFailed", lasts=timedelta(minutes=5))
        served.tell("ToldAgain", lasts=timedelta(minutes=5))
        settings = source("am", SourceKind.ALERTMANAGER, url=served.url, every=timedelta(milliseconds=100))
        async with pulling(tmp_path, settings) as look:
            await look.until(lambda: status(look, "ToldAgain on orders"), "the alerts")
            served.kill()
            await look.until(lambda: look.alert("sev:source:am"), "the alert of the source itself")
            lost = look.alert("sev:source:am")
            assert lost is not None
            assert lost.title.startswith(f"source am cannot be read: cannot reach {served.url}/api/v2/alerts")
            assert status(look, "LoadFailed on orders") is AlertStatus.FIRING, "a silent tool is no all-clear"
            with_it = Polled(tmp_path, int(served.url.rpartition(":")[2]))
            try:
                with_it.tell("ToldAgain", lasts=timedelta(minutes=5))
                await look.until(
                    lambda: (alert := look.alert("sev:source:am")) and alert.status is AlertStatus.RESOLVED,
                    "it is back",
                )
                await look.until(lambda: status(look, "LoadFailed on orders") is AlertStatus.QUIET, "nobody can tell")
                assert status(look, "ToldAgain on orders") is AlertStatus.FIRING
                await look.polls("am", 5)
                assert status(look, "LoadFailed on orders") is AlertStatus.QUIET
            finally:
                with_it.kill()


async def test_a_silenced_alert_is_listed_and_fires_on(tmp_path: Path) -> None:
    with polled(tmp_path) as served:
        served.tell("LoadFailed", lasts=timedelta(minutes=5))
        now = datetime.now(UTC)
        silence = {
            "matchers": [{"name": "alertname", "value": "LoadFailed", "isRegex": False}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "createdBy": "li",
            "comment": "known",
        }
        settings = source("am", SourceKind.ALERTMANAGER, url=served.url, every=timedelta(milliseconds=100))
        async with pulling(tmp_path, settings) as look:
            await look.until(lambda: status(look, "LoadFailed on orders"), "the alert")
            served.post("/api/v2/silences", silence)
            await look.until(lambda: look.hand.alerts()[0].count == 2, "the change of its state")
            await look.polls("am", 4)
            assert status(look, "LoadFailed on orders") is AlertStatus.FIRING
