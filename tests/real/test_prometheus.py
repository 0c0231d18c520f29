"""Prometheus straight to sev: the README's block, a rule that fires, and its end when the rule changes."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.blocks import settings
from tests.real.tools import nothing_was_rejected, program, states, wait_for
from tests.support.servers import PATIENCE, Collector

pytestmark = pytest.mark.real

RULE = """
groups:
  - name: stream
    rules:
      - alert: StreamJobDown
        expr: {expression}
        labels: {{flink_job: card-scoring, severity: warning}}
        annotations: {{summary: no committed offsets, runbook_url: "https://runbooks.example/flink"}}
"""


@contextmanager
def prometheus(folder: Path, sends_to: Collector) -> Iterator["subprocess.Popen[bytes]"]:
    """Debian's prometheus with the README's block, evaluating a rule every fifth of a second."""
    binary = program("prometheus")
    hurry = f"global: {{evaluation_interval: 200ms}}\nrule_files: [{folder / 'rules.yml'}]\n"
    config = folder / "prometheus.yml"
    config.write_text(hurry + settings("prometheus", sends_to), "utf-8")
    argv = [
        binary, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
        "--web.listen-address=127.0.0.1:0", "--rules.alert.resend-delay=200ms",
    ]  # fmt: skip
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def rule(folder: Path, expression: str) -> None:
    (folder / "rules.yml").write_text(RULE.format(expression=expression), "utf-8")


def test_a_rule_fires_and_ends(tmp_path: Path, serving: Collector) -> None:
    rule(tmp_path, "vector(1)")
    with prometheus(tmp_path, serving) as running:
        fires = wait_for(serving, lambda found: states(found) == {"card-scoring": "firing"})["card-scoring"]
        assert fires["title"] == "no committed offsets"
        assert (fires["source"], fires["format"], fires["severity"]) == ("alertmanager", "alertmanager", 3)
        assert fires["reason"] == "unmapped: the tool says warning"
        assert fires["labels"] == {
            "alertname": "StreamJobDown", "flink_job": "card-scoring", "severity": "warning"
        }  # fmt: skip
        assert isinstance(fires["links"], dict)
        assert fires["links"]["runbook"] == "https://runbooks.example/flink"
        assert str(fires["links"]["source"]).endswith("&g0.tab=1")  # Prometheus links to its own graph of the rule

        again = wait_for(serving, lambda found: int(str(found["card-scoring"]["count"])) >= 3)["card-scoring"]
        assert (again["id"], again["status"], again["trouble_at"]) == ("A-1", "firing", fires["trouble_at"])

        rule(tmp_path, "vector(1) > 2")
        running.send_signal(signal.SIGHUP)
        over = wait_for(serving, lambda found: states(found) == {"card-scoring": "resolved"})["card-scoring"]
        assert over["state"] == "ok"
        assert over["title"] == "no committed offsets"

        heard = str(over["last_seen"])  # it sends the end again for a while, lest it was missed: nothing new
        later = wait_for(serving, lambda found: str(found["card-scoring"]["last_seen"]) > heard)["card-scoring"]
        assert (later["id"], later["status"], later["state"]) == ("A-1", "resolved", "ok")
    assert nothing_was_rejected(serving)
