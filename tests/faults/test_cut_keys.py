"""On a bad link no sequence of the terminal writes or confirms anything, wherever it is cut, however long it waits."""

import os
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.sequences import ENTERS, sequences
from tests.support.scene import Scene
from tests.support.terminal import Terminal
from tui.collector.lease import Holder, Lease, lease_path
from tui.store.engine import Store

pytestmark = pytest.mark.real

SEED: Final = 20_261_124
GAPS: Final = (0.05, 0.2, 0.5, 1.0, 2.0)
"""Seconds between two pieces, about both waits: 0.1 on the machine, 0.4 over SSH."""

CONSOLES: Final = 6
OPENINGS: Final = {"row": ("", "a acknowledge"), "confirm": ("p", "y mitigated"), "note": ("n", "note INC-1:")}
"""What is open when a sequence comes: the key that opens it, and what the screen then says."""

ARMED: Final = 0.5
"""Seconds after which a confirm that is seen takes its key: the test must not be saved by that wait."""


class Cut(NamedTuple):
    """A sequence in pieces, the seconds between them, and where it comes."""

    pieces: tuple[bytes, ...]
    gap: float
    opening: str


def every_cut(sequence: bytes) -> list[tuple[bytes, ...]]:
    """In two at each byte, and into single bytes."""
    ways = [(sequence[:place], sequence[place:]) for place in range(1, len(sequence))]
    return [*ways, tuple(sequence[place : place + 1] for place in range(len(sequence)))]


def cuts(size: Size) -> list[Cut]:
    """Every cut of every sequence, or some of each group; each with a wait and a place drawn for it."""
    drawn = random.Random(SEED)
    found: list[Cut] = []
    for group in sequences().values():
        ways = [(sequence, pieces) for sequence in group for pieces in every_cut(sequence)]
        for sequence, pieces in drawn.sample(ways, min(len(ways), size(10, len(ways)))):
            places = [place for place in OPENINGS if not (place == "note" and sequence in ENTERS)]
            found.append(Cut(pieces, drawn.choice(GAPS), drawn.choice(places)))
    drawn.shuffle(found)
    return found


@contextmanager
def collected(path: Path) -> Iterator[None]:
    """A lease that somebody holds: the console starts no collector, and nobody but it writes."""
    lease = Lease(lease_path(path))
    assert lease.try_take(Holder(pid=os.getpid(), host="test", started_at=datetime.now(UTC)))
    try:
        yield
    finally:
        lease.release()


def filled(path: Path) -> None:
    """An open incident to confirm things about, and a row that waits for an acknowledge."""
    with Store(path) as store:
        scene = Scene(store, datetime.now(UTC) - timedelta(minutes=5), who="kim")
        scene.declare(candidate=scene.candidate_of("load_orders"))
        scene.candidate_of("card_scoring")


def written(path: Path) -> int:
    """Events of the person at the console."""
    with Store(path, read_only=True) as store:
        return int(store.read(lambda conn: conn.execute("SELECT count(*) FROM event WHERE actor = 'li'").fetchone()[0]))


class Hand:
    """Somebody at a console over a link that cuts."""

    def __init__(self, folder: Path, *, ssh: bool) -> None:
        self.store = folder / "sev.db"
        folder.mkdir()
        filled(self.store)
        self._wait = 0.4 if ssh else 0.1
        env = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"} if ssh else {}
        argv = [sys.executable, "-m", "tui", "--store", str(self.store), "--as", "li"]
        self.terminal = Terminal(argv, cols=120, rows=36, env=env)

    def escape(self) -> None:
        """The key Escape, and the wait that makes it one."""
        self.terminal.press("esc")
        time.sleep(self._wait + 0.15)

    def at_rest(self) -> None:
        """Back to the main screen with the cursor on the row that waits."""
        deadline = time.monotonic() + 60
        while True:
            screen = self.terminal.text()
            if "a acknowledge" in screen and "leave it" not in screen and "note INC-1:" not in screen:
                return
            assert time.monotonic() < deadline, screen
            self.escape()
            if "1 Alerts" in self.terminal.text() and "leave it" not in self.terminal.text():
                self.terminal.press("1")
                time.sleep(0.1)
                self.terminal.press("g")
                time.sleep(0.1)

    def meets(self, cut: Cut) -> None:
        """Open what is to be open, send the pieces, and see that nothing was written."""
        self.at_rest()
        self.opens(*OPENINGS[cut.opening])
        time.sleep(ARMED if cut.opening == "confirm" else 0.05)
        for piece in cut.pieces:
            self.terminal.send(piece.decode("latin-1"))
            time.sleep(cut.gap)
        assert written(self.store) == 0, f"{cut} wrote:\n{self.terminal.text()}"

    def opens(self, key: str, seen: str) -> None:
        """Press a key until it is taken: on a busy machine two keys may still come in one read."""
        for _ in range(8):
            if seen in self.terminal.text():
                return
            self.terminal.press(key)
            with suppress(AssertionError):
                self.terminal.wait_for(seen, 3)
        raise AssertionError(self.terminal.text())

    def acts(self) -> None:
        """The console was alive all the time: a key that is meant still acts."""
        self.at_rest()
        self.opens("a", "acknowledged C-2")
        assert written(self.store) == 1


def _play(folder: Path, work: list[Cut], ssh: bool) -> int:
    hand = Hand(folder, ssh=ssh)
    with collected(hand.store), hand.terminal:
        hand.terminal.wait_for("a acknowledge")
        for cut in work:
            hand.meets(cut)
        hand.acts()
    return len(work)


def test_no_sequence_that_is_cut_writes_or_confirms(tmp_path: Path, size: Size, figure: Figure) -> None:
    work = cuts(size)
    with ThreadPoolExecutor(CONSOLES) as pool:
        played = [
            pool.submit(_play, tmp_path / f"{n}", work[n::CONSOLES], n % 2 == 1)  # every other one over SSH
            for n in range(CONSOLES)
        ]
        done = sum(one.result() for one in played)
    assert done == len(work)
    figure("escape sequences cut, 50–2,000 ms between the pieces", f"{done} cuts, 0 written, 0 confirmed")
