"""--read-only: what would write refuses with one line, what reads leaves no trace."""

import hashlib
from pathlib import Path

import pytest

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.cli.root import VERBS

WRITING = {
    "ack": "A-1", "unack": "A-1", "snooze": "A-1 --for 2h", "move": "A-1 none", "verdict": "A-1 noise --reason x",
    "split": "C-1 A-1", "ingest": "-", "declare": "--title z --sev 3", "link": "INC-1 A-1", "merge": "INC-1 INC-2",
    "severity": "INC-1 1", "phase": "INC-1 respond", "mitigate": "INC-1", "resolve": "INC-1", "close": "INC-1",
    "reopen": "INC-1 --reason x", "undo": "", "role": "INC-1 commander", "note": "INC-1 x",
    "action": "INC-1 x --type preventive", "redact": "E-1 --reason x", "restore": "b.db", "serve": "",
    "setup": "",
}  # fmt: skip
READING = {
    "status": "", "alerts": "", "candidates": "", "incidents": "", "board": "", "show": "INC-1",
    "timeline": "INC-1", "sources": "", "changes": "", "impact": "INC-1", "similar": "INC-1", "actions": "",
    "rejected": "", "rca": "INC-1", "export": "INC-1", "doctor": "", "verify": "", "config": "",
}  # fmt: skip
ELSEWHERE = {"demo", "replay", "backup"}
"""They write to a store or a file of their own."""


def state_of(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


@pytest.fixture
def folder(scene: Scene) -> Path:
    """The folder of a closed store with something in it."""
    scene.declare(scene.fire())
    scene.note(1, "seen")
    scene.store.close()
    return scene.store.path.parent


def test_every_verb_is_looked_at() -> None:
    assert set(VERBS) - {*WRITING, *READING, *ELSEWHERE} == set()


@pytest.mark.parametrize("verb", WRITING)
def test_what_writes_refuses_in_one_line(sev: Hand, folder: Path, verb: str) -> None:
    before = state_of(folder)
    said = sev("--read-only", verb, *WRITING[verb].split(), stdin=b'{"key": "a"}')
    assert said.code == 3, said
    assert said.err.startswith("sev: nothing was written: "), said
    assert said.err.count("\n") == 1
    assert state_of(folder) == before


@pytest.mark.parametrize("verb", READING)
def test_what_reads_leaves_no_trace(sev: Hand, folder: Path, verb: str) -> None:
    before = state_of(folder)
    said = sev("--read-only", verb, *READING[verb].split())
    assert said.code in (0, 1), said
    assert said.out
    assert state_of(folder) == before
