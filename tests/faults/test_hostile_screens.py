"""Hostile texts in every field on every screen: the terminal gets no control character but the app's own."""

import os
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.hostile import ACTING, EVERY, filled, spoil
from tests.support.terminal import Terminal
from tests.support.written import stray
from tui.collector.lease import Holder, Lease, lease_path

pytestmark = pytest.mark.real

SIZES: Final = ((160, 42), (100, 30), (40, 10))
SHORT: Final = {"all": EVERY["action"] + "".join(ACTING.values()), "wide": EVERY["wide"]}
CONSOLES: Final = 3

OPENINGS: Final = (
    "enter=b seen",
    "enter=b seen i=b seen",
    "enter=b seen b=e raw",
    "enter=b seen e=b seen",
    "i=b seen",
    ":=type part",
    "?=Keys ",
    "d=Declare an",
    "v=Overrule",
    "m=move A-",
    "w=snooze A-",
    "o=leave it",
    "n=note INC-1:",
    "s=INC-1 is SEV",
    "p=leave it",
    "r=cannot be",
    "/=filter alerts",
    "4=4 enter=ROOT CAUSE",
    "4=4 enter=ROOT CAUSE enter= 1 What",
    "4=4 enter=ROOT CAUSE +=A change so",
    "4=4 enter=ROOT CAUSE c=cause (",
    "4=4 enter=ROOT CAUSE K=leave it",
    "3=3 z=3 Severity",
    "2=2 z=2 Timeline",
)
"""How each screen and dialog is opened from the main screen: `key=words` that it shows at any size, and so on."""

_STEP: Final = re.compile(r"(\S+?)=(.*?)(?= \S+=|$)")


@contextmanager
def collected(path: Path) -> Iterator[None]:
    """A lease that somebody holds: the console starts no collector."""
    lease = Lease(lease_path(path))
    assert lease.try_take(Holder(pid=os.getpid(), host="test", started_at=datetime.now(UTC)))
    try:
        yield
    finally:
        lease.release()


def _walk(terminal: Terminal) -> int:
    """Open every screen and leave it again; how many there were."""
    zone = "utc"
    for opening in OPENINGS:
        for key, words in _STEP.findall(opening):
            terminal.press(key)
            terminal.wait_for(words)
        zone = _leave(terminal, zone)
    return len(OPENINGS)


def _leave(terminal: Terminal, zone: str) -> str:
    """Escape until the key that switches the clock answers: then the main screen is on top. The zone it now shows."""
    other = "in this" if zone == "utc" else "in UTC"
    for _ in range(12):
        terminal.press("esc")
        time.sleep(0.25)  # what comes sooner makes another key of it
        terminal.press("T")
        with suppress(AssertionError):
            terminal.wait_for(f"clock times {other}", 1.5)
            return "local" if zone == "utc" else "utc"
    raise AssertionError(terminal.text())


def _show(folder: Path, text: str, cols: int, rows: int) -> int:
    folder.mkdir(parents=True)
    path = folder / "sev.db"
    filled(path, datetime.now(UTC) - timedelta(minutes=3))
    spoil(path, text)
    word = text.replace("\x00", "").replace("\ud800", "")
    argv = [sys.executable, "-m", "tui", "--store", str(path), "--as", f"x{word}"]
    with collected(path), Terminal(argv, cols=cols, rows=rows, env={"SEV_USER": word}) as terminal:
        terminal.wait_for("NEXT")
        shown = _walk(terminal)
        terminal.press("q")
        terminal.wait_for("q again")
        terminal.press("q")
        assert terminal.wait_exit() == 0, terminal.text()
        assert stray(bytes(terminal.raw)) == ""
        assert not [command for command in terminal.commands if "owned" in command or "b3duZWQ" in command]
    return shown


def test_no_text_acts_on_the_terminal_from_any_screen(tmp_path: Path, size: Size, figure: Figure) -> None:
    texts = EVERY | SHORT if size.full else SHORT
    with ThreadPoolExecutor(CONSOLES) as pool:
        shown = [
            pool.submit(_show, tmp_path / f"{name}-{cols}", text, cols, rows)
            for name, text in texts.items()
            for cols, rows in SIZES
        ]
        screens = sum(one.result() for one in shown)
    assert screens == len(texts) * len(SIZES) * len(OPENINGS)
    figure("hostile texts in every field on every screen", f"{screens} screens, 0 control characters but the app's own")
