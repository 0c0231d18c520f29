"""Other logins of this machine: a process of another uid, for tests that root runs.

It loads everything before it changes its uid: the interpreter may lie where others can't look.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import pytest

ROOT: Final = Path(__file__).parents[2]
NO_ROOT: Final = "only root can act as other logins"
PATIENCE: Final = 60.0

_BECOME: Final = """
import importlib, json, os, pkgutil, sys
told = json.loads(sys.argv[1])
import encodings.idna, grp, importlib.readers, tui, tui.console.presence
for room in ("model", "triage", "formats", "store", "desk", "reports", "collector", "drills", "cli"):
    package = importlib.import_module("tui." + room)
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(found.name)
os.umask(told["umask"])
os.environ.update(told["environment"])
for name in ("SUDO_USER", "LOGNAME", "USER"):
    os.environ.pop(name, None)
os.setgroups(told["groups"])
os.setgid(told["gid"])
os.setuid(told["uid"])
"""
_RUN: Final = (
    _BECOME
    + """
from tui.cli.main import main
code = main(sys.argv[2:])
sys.stdout.flush()
os._exit(code)
"""
)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a verb of another login came to."""

    code: int
    out: str
    err: str


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A uid with a group of its own, a home, and the groups it is in besides."""

    uid: int
    home: Path
    groups: tuple[int, ...] = ()
    umask: int = 0o022

    def sev(self, *words: str) -> Said:
        """Run `sev WORDS` as this login."""
        done = subprocess.run(
            [sys.executable, "-c", _RUN, self._told(), *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Said(code=done.returncode, out=done.stdout, err=done.stderr)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start `sev WORDS` as this login; whoever starts it ends it."""
        argv = [sys.executable, "-c", _RUN, self._told(), *words]
        return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def python(self, code: str, *words: str) -> Said:
        """Run `code` as this login; its own words begin at `sys.argv[2]`."""
        argv = [sys.executable, "-c", _BECOME + code, self._told(), *words]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return Said(code=done.returncode, out=done.stdout, err=done.stderr)

    def _told(self) -> str:
        self.home.mkdir(exist_ok=True)
        os.chown(self.home, self.uid, self.uid)
        names = {"CONFIG": ".config", "DATA": ".local/share", "STATE": ".state", "CACHE": ".cache"}
        environment = {f"XDG_{name}_HOME": str(self.home / folder) for name, folder in names.items()}
        told = {
            "uid": self.uid,
            "gid": self.uid,
            "groups": self.groups,
            "umask": self.umask,
            "environment": {"HOME": str(self.home), **environment},
        }
        return msgspec.json.encode(told).decode()


def need_root() -> None:
    """Skip the test unless root runs it."""
    if os.geteuid() != 0:
        pytest.skip(NO_ROOT)


@contextmanager
def common_ground() -> Iterator[Path]:
    """A folder that every login may pass through, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="sev-logins-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
