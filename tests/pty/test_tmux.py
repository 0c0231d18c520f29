"""The tmux status line of the README: a real tmux takes the settings, and its command says what waits."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console.scenes import write_scene

pytestmark = pytest.mark.real

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def tmux() -> str:
    """Where tmux is. Missing, it fails the run in CI and skips elsewhere."""
    found = shutil.which("tmux")
    if found is None and os.environ.get("SEV_REQUIRE_REAL"):
        pytest.fail("tmux is not installed: apt-get install tmux")
    if found is None:
        pytest.skip("tmux is not installed: apt-get install tmux")
    return found


@pytest.fixture
def settings() -> str:
    """The README's block."""
    block = re.search(r"```tmux\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert block is not None
    return block[1]


def test_tmux_takes_the_settings_as_written(tmux: str, settings: str, tmp_path: Path) -> None:
    file, socket = tmp_path / "tmux.conf", str(tmp_path / "tmux.sock")
    file.write_text(settings, "utf-8")
    try:
        subprocess.run([tmux, "-S", socket, "-f", str(file), "new-session", "-d", "cat"], check=True, timeout=20)
        shown = subprocess.run(
            [tmux, "-S", socket, "show", "-g"], capture_output=True, text=True, check=True, timeout=20
        )
    finally:
        subprocess.run([tmux, "-S", socket, "kill-server"], capture_output=True, check=False, timeout=20)
    assert "status --line" in next(line for line in shown.stdout.splitlines() if line.startswith("status-right "))
    assert "status-interval 5" in shown.stdout


def test_its_command_tells_what_waits(settings: str, tmp_path: Path) -> None:
    command = re.search(r"#\((.*?)\)'", settings)
    assert command is not None
    sev = tmp_path / "sev" / ".venv" / "bin" / "sev"
    sev.parent.mkdir(parents=True)
    sev.symlink_to(Path(sys.executable).with_name("sev"))
    write_scene("minute-0", tmp_path / "sev" / "sev.db")
    environment = {**os.environ, "HOME": str(tmp_path)}
    ran = subprocess.run(
        ["/bin/sh", "-c", command[1]], capture_output=True, text=True, env=environment, timeout=20, check=False
    )
    assert ran.returncode == 1
    assert ran.stdout.startswith("▲1 ■1")
