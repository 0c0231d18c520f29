"""Keys as a real terminal sends them: in one read, in pieces, in a paste, and too soon for a confirm."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.scene import Scene
from tests.support.terminal import Terminal
from tui.collector.lease import Holder, Lease, lease_path
from tui.console.keyboard import RUSH
from tui.store.engine import Store
from tui.store.incidents import get_incident

pytestmark = pytest.mark.real

LEAST = 0.3
"""Seconds from the confirm's frame to the first `y` that counts."""

SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


@contextmanager
def console(path: Path, env: dict[str, str] | None = None) -> Iterator[Terminal]:
    """A console with an open incident and a row that waits, and no collector of its own."""
    with Store(path) as store:
        scene = Scene(store, datetime.now(UTC) - timedelta(minutes=5), who="kim")
        scene.declare(candidate=scene.candidate_of("load_orders"))
        scene.candidate_of("card_scoring")
        scene.candidate_of("ledger")
    lease = Lease(lease_path(path))
    assert lease.try_take(Holder(pid=os.getpid(), host="test", started_at=datetime.now(UTC)))
    try:
        argv = [sys.executable, "-m", "tui", "--store", str(path), "--as", "li"]
        with Terminal(argv, cols=120, rows=36, env=env or {}) as terminal:
            terminal.wait_for("enter more")
            yield terminal
    finally:
        lease.release()


def test_keys_in_one_read_do_nothing_but_move_or_fill_a_field(tmp_path: Path) -> None:
    with console(tmp_path / "sev.db") as terminal:
        terminal.send("ad\r")
        terminal.wait_for("2 keys came at once: nothing was done")
        assert "NEW" in terminal.row_with("ledger failed")
        time.sleep(2 * RUSH)  # what follows on their heels still belongs to them
        terminal.send("jj")
        terminal.wait_for("A-1 load_orders   ")
        terminal.send("\x1b[200~n\rhello\r\x1b[201~")
        terminal.wait_for("a paste is for a text field: nothing was done")
        terminal.send("n")
        terminal.wait_for("note INC-1:")
        terminal.send("two ")
        terminal.send("\x1b[200~words\rof \x1b]0;owned\x07text\x1b[201~")
        terminal.wait_for("note INC-1: two words of ␛text")
        terminal.send(" and more\r")
        terminal.wait_for("noted E-")
        terminal.wait_for("two words of ␛text")
        assert not [command for command in terminal.commands if "owned" in command]


@pytest.mark.parametrize(("env", "gap", "moves"), [(SSH, 0.2, True), ({}, 0.3, False), (SSH, 0.8, False)])
def test_an_arrow_in_pieces_is_an_arrow_or_nothing(
    tmp_path: Path, env: dict[str, str], gap: float, moves: bool
) -> None:
    with console(tmp_path / "sev.db", env) as terminal:
        first = terminal.row_with("enter more").split()[1]
        for piece in ("\x1b", "[", "B"):
            terminal.send(piece)
            time.sleep(gap)
        if moves:
            terminal.wait_for(lambda screen: f" {first}   " not in screen.splitlines()[-2])
        terminal.send("T")  # the next key is a key again
        terminal.wait_for("clock times in this")
        assert (terminal.row_with("enter more").split()[1] == first) is not moves


def test_a_confirm_takes_y_only_after_it_could_be_read(tmp_path: Path) -> None:
    with console(tmp_path / "sev.db") as terminal:
        terminal.send("p")
        asked = time.monotonic()
        while b"leave it" not in terminal.raw:  # as it comes, before this test has drawn it
            assert time.monotonic() < asked + 20
            time.sleep(0.001)
        written = datetime.now(UTC)
        while b"RESOLVE" not in terminal.raw:
            assert time.monotonic() < asked + 20
            terminal.send("y")
            time.sleep(0.02)
    with Store(tmp_path / "sev.db", read_only=True) as store:
        taken = store.read(lambda conn: get_incident(conn, 1)).mitigated_at
    assert taken is not None
    assert (taken - written).total_seconds() >= LEAST


def test_bytes_that_nobody_expects_end_nothing(tmp_path: Path) -> None:
    with console(tmp_path / "sev.db") as terminal:
        terminal.send("\x1b[121;1:1u")  # numbers that Textual's parser does not expect
        terminal.send("T")
        terminal.wait_for("clock times in this")
        terminal.send("\xff\xfe")
        terminal.send("\x1b")
        time.sleep(0.3)
        terminal.send("q")
        terminal.wait_for("q again quits")
        terminal.send("q")
        assert terminal.wait_exit() == 0
