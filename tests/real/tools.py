"""People's own tools: installed into a folder of their own, run with a collector to tell, and what `sev` then shows."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.support.servers import PATIENCE, Collector
from tui.formats.decode import Json
from tui.reports.shapes import Shape

INSTALL_SECONDS: Final = 900
RUN_SECONDS: Final = 300


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """How a command ended."""

    code: int
    out: str


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual environment with a tool in it."""

    folder: Path

    def environment(self, serving: Collector, more: Mapping[str, str]) -> dict[str, str]:
        """What its commands run under: the README's two variables, and no settings of the tests' own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEV_", "PIP_", "PYTEST_"))}
        path = f"{self.folder / 'bin'}{os.pathsep}{kept.get('PATH', '')}"
        return {**kept, "PATH": path, "SEV_URL": serving.url, "SEV_TOKEN": serving.token, **more}

    def run(self, argv: Sequence[str], cwd: Path, serving: Collector, **more: str) -> Done:
        """Run one of its commands in a folder; `more` are variables of its environment."""
        done = subprocess.run(
            argv, cwd=cwd, env=self.environment(serving, more), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=RUN_SECONDS, check=False,
        )  # fmt: skip
        return Done(code=done.returncode, out=done.stdout)

    def python(self, code: str, cwd: Path, serving: Collector, **more: str) -> Done:
        """Run a script with its interpreter, which must end well."""
        done = self.run([str(self.folder / "bin" / "python"), "-c", code], cwd, serving, **more)
        assert done.code == 0, done.out
        return done

    def version(self, package: str) -> str:
        """The version of a package in it."""
        code = f"from importlib.metadata import version; print(version({package!r}))"
        argv = [str(self.folder / "bin" / "python"), "-c", code]
        return subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout.strip()


def install(folder: Path, *requirements: str) -> Tool:
    """A tool from the package index in a new environment. Where it can't be had: fails in CI, else skips."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=INSTALL_SECONDS)
    own = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    argv = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *requirements]
    done = subprocess.run(argv, env=own, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode:
        missing(f"{' '.join(requirements)} could not be installed: {done.stderr.strip()[-500:]}")
    return Tool(folder=folder)


def program(*names: str) -> str:
    """The path of the first of these programs that is there. Where none is: fails in CI, else skips."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    return found or missing(f"{names[0]} is not installed: apt-get install {names[0]}")


def missing(told: str) -> str:
    """Give up a test for want of its tool: as a failure in CI, else as a skip that says so."""
    if os.environ.get("SEV_REQUIRE_REAL"):
        pytest.fail(told)
    pytest.skip(told)


def listed(serving: Collector, *words: str) -> list[Shape]:
    """What a verb of `sev` lists as JSON."""
    argv = [sys.executable, "-m", "tui", "--store", str(serving.store), "--json", *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def every(serving: Collector) -> list[Shape]:
    """What `sev alerts --json` shows."""
    return listed(serving, "alerts", "--all")


def alerts(serving: Collector, by: str = "subject") -> dict[str, Shape]:
    """What `sev alerts --json` shows by a field that tells them apart."""
    found = every(serving)
    told_apart = {str(one[by]): one for one in found}
    assert len(told_apart) == len(found), found
    return told_apart


def nothing_was_rejected(serving: Collector) -> bool:
    """Whether `sev` could read all that the tool sent."""
    return listed(serving, "rejected") == []


def wait_for(
    serving: Collector, shown: Callable[[dict[str, Shape]], bool], within: float = PATIENCE
) -> dict[str, Shape]:
    """The alerts, as soon as they are as wanted."""
    deadline = time.monotonic() + within
    while not shown(found := alerts(serving)):
        assert time.monotonic() < deadline, f"after {within:.0f}s sev shows {list(found.values())}"
        time.sleep(0.1)
    return found


def text_of(one: Shape, name: str) -> str:
    """A field of an alert that holds text."""
    value: Json = one[name]
    assert isinstance(value, str)
    return value


def states(found: Mapping[str, Shape]) -> dict[str, str]:
    """The status of every alert by its subject."""
    return {subject: text_of(one, "status") for subject, one in found.items()}
