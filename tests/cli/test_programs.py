"""The long-running programs, started for real."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen, run

import pytest

from tests.cli.hand import Hand
from tests.support.scene import Scene


@contextmanager
def collector(store: Path, *words: str) -> Iterator["Popen[str]"]:
    """`sev serve` on a unix socket beside the store; killed when the test is over."""
    command = [sys.executable, "-m", "tui", "--store", str(store), *words]
    with Popen(command, stdout=PIPE, stderr=PIPE, text=True, env={**os.environ, "SEV_TOKEN": "t"}) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.real
def test_serve_says_where_it_listens_collects_and_ends_with_zero(sev: Hand, scene: Scene, tmp_path: Path) -> None:
    words = ("serve", "--listen", f"unix:{tmp_path}/s.sock")
    with collector(scene.store.path, *words) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"listening on unix:{tmp_path}/s.sock\n"
        again = run(
            [sys.executable, "-m", "tui", "--store", str(scene.store.path), *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert again.returncode == 3
        assert str(process.pid) in again.stdout
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.real
def test_serve_with_json_keeps_standard_output_empty(scene: Scene, tmp_path: Path) -> None:
    with collector(scene.store.path, "serve", "--json", "--listen", f"unix:{tmp_path}/s.sock") as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("sev: listening on unix:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_serve_beyond_this_machine_needs_tls_or_a_word(sev: Hand) -> None:
    assert "--insecure" in sev.refused(2, "serve", "--listen", "0.0.0.0:0")
    sev.refused(2, "serve", "--listen", "nonsense")


def test_the_console_asks_for_a_terminal(sev: Hand, scene: Scene) -> None:
    assert "terminal" in sev.refused(2)
