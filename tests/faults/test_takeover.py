"""The lease's holder is killed: whoever waits has it within seconds, and goes on where the dead one stopped."""

import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import AUTHORITY, PATIENCE, TOKEN, Serving, serving
from tests.support.terminal import Terminal
from tui.collector.lease import Holder, holder, is_held, lease_path
from tui.drills.scenario import Line, load
from tui.store.alerts import get_alert, open_candidates
from tui.store.engine import Connection, Store

pytestmark = pytest.mark.real

TAKEN_WITHIN = 5.0
MARGIN = 5
SCENARIO: Final = Path(__file__).parents[1] / "scenarios" / "smartgrid-feeder-freeze"


def _settled(store: Path) -> Path:
    """Beside a store the settings that name the scenario's catalog."""
    store.parent.mkdir()
    store.with_name("sev.toml").write_text(f'[catalog]\nfile = "{SCENARIO / "catalog.json"}"\n', "utf-8")
    return store


def _post(url: str, line: Line) -> None:
    request = urllib.request.Request(f"{url}/v1/{line.source}", line.body, AUTHORITY)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert answer.status == 202


def _new_holder(store: Path, before: int) -> Holder:
    """Who has the lease after `before`, once it listens."""
    place, deadline = lease_path(store), time.monotonic() + PATIENCE
    while True:
        found = holder(place)
        if found is not None and found.pid != before and found.listen and is_held(place):
            return found
        assert time.monotonic() < deadline, f"nobody took over from {before}: {found}"
        time.sleep(0.01)


def _candidates(store: Path) -> list[tuple[object, ...]]:
    """What triage proposes, by the keys of the alerts: numbers and times may differ."""

    def read(conn: Connection) -> list[tuple[object, ...]]:
        return [
            (
                one.title,
                one.severity,
                one.reasons,
                get_alert(conn, one.root).key,
                tuple(sorted(get_alert(conn, number).key for number in one.alerts)),
                tuple(sorted((consumer.name, consumer.state) for consumer in one.consumers)),
            )
            for one in open_candidates(conn)
        ]

    with Store(store, read_only=True) as opened:
        return sorted(opened.read(read), key=repr)


def _play(tmp_path: Path, kill_after: int, stand_by: Callable[[Path], object]) -> float:
    """The scenario at a collector that is killed in its middle and at one that is not; seconds of the takeover."""
    lines = load(SCENARIO).lines
    with ExitStack() as stack:
        calm = stack.enter_context(serving(_settled(tmp_path / "calm" / "sev.db")))
        struck = stack.enter_context(serving(_settled(tmp_path / "struck" / "sev.db")))
        first = struck.process.pid
        waiting = stand_by(struck.store)
        if isinstance(waiting, Serving):
            stack.callback(waiting.close)
        elif isinstance(waiting, Terminal):
            stack.enter_context(waiting)
        url = struck.url
        took = 0.0
        for n, line in enumerate(lines):
            if n == kill_after:
                struck.kill()
                began = time.monotonic()
                next_one = _new_holder(struck.store, first)
                took = time.monotonic() - began
                url = next_one.listen[0]
            _post(calm.url, line)
            _post(url, line)
        expected = _candidates(calm.store)
        assert expected, "the scenario has something to propose"
        deadline = time.monotonic() + PATIENCE
        while (found := _candidates(struck.store)) != (expected := _candidates(calm.store)):
            assert time.monotonic() < deadline, f"{found} instead of {expected}"
            time.sleep(0.1)
    return took


def _waiting_collector(store: Path) -> Serving:
    waiting = Serving(store)
    waiting.launch("--wait")
    waiting.heard("standing by")
    return waiting


def _console(store: Path) -> Terminal:
    argv = [sys.executable, "-m", "tui", "--store", str(store), "--as", "ann"]
    terminal = Terminal(argv, cols=120, rows=36, env={"SEV_TOKEN": TOKEN})
    terminal.wait_for("nothing waits for you")
    return terminal


@pytest.mark.parametrize("who", [_waiting_collector, _console])
def test_after_kill_9_another_one_collects(
    tmp_path: Path, size: Size, figure: Figure, who: Callable[[Path], object]
) -> None:
    times, count = size(1, 20), len(load(SCENARIO).lines)
    took = []
    for n in range(times):
        place = tmp_path / str(n)
        place.mkdir()
        took.append(_play(place, count * (n + 1) // (times + 1), who))
    name = "waiting collector" if who is _waiting_collector else "console's own collector"
    figure(
        f"holder killed with -9, {name} takes over",
        f"{times} times, lease held and listening within {max(took):.1f} s, same candidates as without",
    )
    assert max(took) < TAKEN_WITHIN * MARGIN


def test_one_that_stands_by_can_be_stopped(tmp_path: Path) -> None:
    with serving(tmp_path / "sev.db") as collector:
        waiting = _waiting_collector(collector.store)
        waiting.stop()
        found = holder(lease_path(collector.store))
        assert found is not None
        assert found.pid == collector.process.pid
