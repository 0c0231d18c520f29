"""Eight processes write to one store, two more checkpoint it without a pause, others read it as people do."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Size
from tests.faults.serving import keys_in, sev
from tui.store.engine import Store, checkpoint
from tui.store.integrity import verify

pytestmark = pytest.mark.real

WRITERS = 8
ROOT = Path(__file__).parents[2]
_WRITER = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from tests.support.scene import Scene
from tui.store.engine import Store

longest = 0.0
with Store(Path(sys.argv[1])) as store:
    scene = Scene(store, datetime(2026, 11, 24, 14, tzinfo=UTC), who=sys.argv[2])
    for n in range(int(sys.argv[3])):
        began = time.monotonic()
        scene.fire(f"{sys.argv[2]}-{n}")
        longest = max(longest, time.monotonic() - began)
print(json.dumps(longest))
"""
_CHECKPOINTER = """
import sys
from pathlib import Path
from tui.store.engine import Store, checkpoint

with Store(Path(sys.argv[1])) as store:
    while True:
        checkpoint(store.detach())
"""


def _start(program: str, *words: str) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", program, *words]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_many_writers_and_checkpoints_lose_nothing(tmp_path: Path, size: Size, figure: Figure) -> None:
    each, path = size(40, 2_000), tmp_path / "sev.db"
    Store(path).close()
    checkpointers = [_start(_CHECKPOINTER, str(path)) for _ in range(2)]
    try:
        writers = [_start(_WRITER, str(path), f"w{n}", str(each)) for n in range(WRITERS)]
        refused, asked, slowest = 0, 0, 0.0
        while any(writer.poll() is None for writer in writers):
            began = time.monotonic()
            for words in (("note", "INC-1", "looked"), ("ack", "A-1"), ("unack", "A-1")):
                done = sev(path, *words)
                refused += done.returncode == 3
                asked += 1
            slowest = max(slowest, (time.monotonic() - began) / 3)
        assert [checkpointer.poll() for checkpointer in checkpointers] == [None, None], "they went on all the time"
    finally:
        for checkpointer in checkpointers:
            checkpointer.kill()
            checkpointer.communicate()
    told = [writer.communicate() for writer in writers]
    assert [error for _, error in told] == [""] * WRITERS
    with Store(path) as store:
        checkpoint(store.detach())
        found = verify(store)
    assert found.ok
    assert keys_in(path).keys() == {f"am:w{n}-{m}" for n in range(WRITERS) for m in range(each)}
    assert refused == 0, "a person was told that the store is busy"
    longest = max(json.loads(said) for said, _ in told)
    figure(
        f"{WRITERS} writers, 2 checkpointers, verbs beside them",
        f"{WRITERS * each:,} writes, 0 missing, integrity ok; longest wait {longest:.2f} s; 0 of {asked} verbs busy, "
        f"{slowest:.2f} s each at most",
    )
