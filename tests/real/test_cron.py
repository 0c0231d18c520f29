"""What cron runs: a command that fails, and its next run."""

import subprocess
from pathlib import Path

import pytest

from tests.real.blocks import block
from tests.real.tools import alerts, nothing_was_rejected, program, states
from tests.support.servers import PATIENCE, Collector

pytestmark = pytest.mark.real


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The block as a program, as the README says to save it."""
    program("curl")
    file = tmp_path / "sev-cron"
    file.write_text(block("cron"), "utf-8")
    file.chmod(0o755)
    return file


def run(script: Path, serving: Collector, name: str, *command: str, token: str = "") -> int:
    """Run it with no more of an environment than cron gives."""
    environment = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "HOME": str(script.parent)}
    told = {"SEV_URL": serving.url, "SEV_TOKEN": token or serving.token}
    argv = [str(script), name, *command]
    return subprocess.run(argv, env=environment | told, timeout=PATIENCE, check=False).returncode


def test_it_fails_and_is_well_again(script: Path, serving: Collector) -> None:
    assert run(script, serving, "load_orders", "/bin/sh", "-c", "exit 3") == 3
    failed = alerts(serving)["load_orders"]
    assert (failed["status"], failed["title"], failed["source"]) == ("firing", "load_orders: exit 3", "cron")
    assert (failed["kind"], failed["severity"], failed["format"]) == ("failed_job", 2, "generic")

    assert run(script, serving, "load_orders", "true") == 0
    assert states(alerts(serving)) == {"load_orders": "resolved"}

    assert run(script, serving, "load_orders", "/bin/sh", "-c", "exit 3") == 3
    assert states(alerts(serving)) == {"load_orders": "firing"}
    assert nothing_was_rejected(serving)


def test_what_goes_well_is_no_alert(script: Path, serving: Collector) -> None:
    assert run(script, serving, "load_orders", "true") == 0
    assert alerts(serving) == {}


def test_the_command_ends_as_it_ended_also_where_sev_was_not_told(script: Path, serving: Collector) -> None:
    assert run(script, serving, "load_orders", "/bin/sh", "-c", "exit 7", token="wrong") == 7
    assert alerts(serving) == {}
