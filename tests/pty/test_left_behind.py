"""A console that is killed: what was typed comes back, and nobody sees a ghost."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.scene import Scene
from tests.support.servers import Collector, collector
from tests.support.terminal import Terminal
from tui.console.drafts import Drafts, drafts_folder
from tui.model.severity import Severity
from tui.store.engine import Store

pytestmark = pytest.mark.real

KEPT_WITHIN = 1.0
"""Seconds from the last key to the disk."""

GONE_WITHIN = 6.0
"""Seconds until the others no longer see a console that was killed."""


@pytest.fixture
def serving(scene: Scene) -> Iterator[Collector]:
    scene.declare(title="Orders are late", severity=Severity.SEV2)
    with collector(scene.store.path) as running:
        yield running


def console(store: Path, who: str) -> Terminal:
    terminal = Terminal([sys.executable, "-m", "tui", "--store", str(store), "--as", who], cols=140, rows=36)
    terminal.wait_for("INC-1  Orders are late")
    return terminal


def kept_within(folder: Path, text: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        draft = Drafts(folder, "ann").get("note INC-1")
        if draft is not None and draft.texts[""] == text:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP])
def test_what_was_typed_comes_back_and_who_was_killed_is_gone(serving: Collector, how: signal.Signals) -> None:
    store = serving.store
    with console(store, "bo") as bo:
        with console(store, "ann") as ann:
            bo.wait_for("ann here")
            ann.press("n")
            ann.wait_for("note INC-1:")
            ann.type("lag falls on 3 of 12")
            ann.wait_for("lag falls on 3 of 12")
            assert kept_within(drafts_folder(store), "lag falls on 3 of 12", KEPT_WITHIN * 5)
            os.kill(ann.pid, how)
            killed = time.monotonic()
            bo.wait_for(lambda screen: "ann here" not in screen)
            assert time.monotonic() - killed < GONE_WITHIN * 3
        with console(store, "ann") as ann:
            ann.wait_for("a draft waits: note INC-1")
            ann.press("n")
            ann.wait_for("lag falls on 3 of 12")
            ann.press("enter")
            ann.wait_for("noted E-")
        assert Drafts(drafts_folder(store), "ann").waiting() == []
    with Store(store) as opened:
        assert opened.path.with_name("sev.db.here").exists()


def test_a_console_says_at_its_start_that_nothing_collects_without_it(scene: Scene) -> None:
    scene.declare(title="Orders are late", severity=Severity.SEV2)
    with console(scene.store.path, "ann") as ann:
        ann.wait_for("nothing collects once this console closes: `sev setup` makes a service")


def test_it_says_nothing_of_it_while_another_process_collects(serving: Collector) -> None:
    with console(serving.store, "ann") as ann:
        ann.wait_for("data ")
        assert "nothing collects" not in ann.text()
