"""Real consoles in real terminals, with the collector that each brings along, for faults to happen to."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

from tests.support.terminal import Terminal
from tui.collector import lease
from tui.collector.files import beside
from tui.store.engine import Store
from tui.store.integrity import verify

PATIENCE: Final = 30.0
MARGIN: Final = 5
"""How much slower than the goal a busy machine may be; the figure says how it was."""

AT_HOME: Final = frozenset({7, 25})
"""The modes of a terminal that belongs to its shell: lines wrap, the cursor shows."""

NOHUP: Final = ("/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh")
"""Starts a console that ignores SIGHUP."""


def own_port(folder: Path) -> Path:
    """A place for a store whose collector takes any free port."""
    (folder / "sev.toml").write_text('[collector]\nlisten = ["127.0.0.1:0"]\n', "utf-8")
    return folder / "sev.db"


def console(
    store: Path,
    *,
    cols: int = 120,
    rows: int = 36,
    env: Mapping[str, str | None] | None = None,
    under: Sequence[str] = (),
) -> Terminal:
    """A console that has drawn its first picture; `under`: what starts it."""
    argv = [sys.executable, "-m", "tui", "--store", str(store), "--as", "li"]
    terminal = Terminal([*under, *argv], cols=cols, rows=rows, env=env)
    terminal.wait_for(lambda screen: "NEXT" in screen and ("no open incident" in screen or "n note" in screen))
    return terminal


def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> float:
    """Wait until `holds()`; the seconds that took."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds:g} s")
        time.sleep(0.005)
    return time.monotonic() - began


def collects(store: Path) -> bool:
    """Whether a collector listens for this store."""
    holder = lease.holder(lease.lease_path(store))
    return lease.is_held(lease.lease_path(store)) and holder is not None and bool(holder.listen)


def post(store: Path, key: str, severity: str = "high") -> int:
    """One alert to the store's collector, as a tool sends it; the status of its answer."""
    holder = lease.holder(lease.lease_path(store))
    assert holder is not None
    url = next(address for address in holder.listen if address.startswith("http"))
    token = beside(store, ".token").read_text("utf-8").strip()
    body = json.dumps({"key": key, "title": f"{key} failed", "status": "firing", "severity": severity}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    with urlopen(Request(f"{url}/v1/cron", body, headers), timeout=PATIENCE) as answer:
        return int(answer.status)


def is_whole(store: Path) -> bool:
    """What `sev verify` finds: chain, projections and file."""
    with Store(store, read_only=True) as reader:
        return verify(reader).ok


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def state(pid: int) -> str:
    """The kernel's letter: R runs, S sleeps, T is stopped, Z has ended; empty: there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2][0]
    except OSError:
        return ""


def has_ended(pid: int) -> bool:
    """Whether a process runs no more; one that nobody reaped yet counts as ended."""
    return state(pid) in ("", "Z")


def children(pid: int) -> list[int]:
    """The processes that a process started and that live."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]
