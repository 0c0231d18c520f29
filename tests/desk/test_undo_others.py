"""Whatever two people do in whatever order: taking back one's own act leaves the other's later changes as they are."""

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scene import Scene
from tui.desk import alerts, incidents, learn, notes, people, phases
from tui.desk.act import Outcome, Pen
from tui.errors import SevError
from tui.model.alert import Verdict
from tui.model.entry import EntryKind
from tui.model.ids import Ref
from tui.model.learn import ActionState, ActionType, Category
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe
from tui.store import integrity, log
from tui.store.engine import Connection, Store
from tui.store.projections.undo import images
from tui.store.rows import current

WHY: Final = Safe("because")
NOW: Final = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
Held: TypeAlias = dict[tuple[str, int, str], object]

ACTS: Final[dict[str, Callable[[Pen], Outcome]]] = {
    "ack A-3": lambda pen: alerts.acknowledge(pen, (Ref("A", 3),)),
    "ack C-1": lambda pen: alerts.acknowledge(pen, (Ref("C", 1),)),
    "unack A-3": lambda pen: alerts.unacknowledge(pen, (Ref("A", 3),)),
    "snooze": lambda pen: alerts.snooze(pen, (Ref("A", 3),), pen.now + timedelta(hours=1)),
    "wake": lambda pen: alerts.wake(pen, (Ref("A", 3),)),
    "verdict": lambda pen: alerts.judge(pen, (Ref("A", 3),), Verdict.NOISE, WHY),
    "declare C-1": lambda pen: incidents.declare(pen, incidents.Declaration(candidate=1)),
    "declare A-3": lambda pen: incidents.declare(pen, incidents.Declaration(alerts=(3,))),
    "link": lambda pen: incidents.link(pen, 1, (3,)),
    "move in": lambda pen: alerts.move(pen, (3,), Ref("INC", 2)),
    "move out": lambda pen: alerts.move(pen, (1,), None),
    "split": lambda pen: alerts.split(pen, 1, (4,)),
    "merge": lambda pen: incidents.merge(pen, 1, 2),
    "raise": lambda pen: incidents.change_severity(pen, 1, Severity.SEV1, NOTHING),
    "lower": lambda pen: incidents.change_severity(pen, 1, Severity.SEV3, WHY),
    "mitigate": lambda pen: phases.mitigate(pen, 1),
    "resolve": lambda pen: phases.resolve(pen, 1, WHY, force=True),
    "reopen": lambda pen: phases.reopen(pen, 1, WHY),
    "command": lambda pen: people.take_role(pen, 1, Safe("commander"), pen.actor, force=True, reason=WHY),
    "end command": lambda pen: people.end_role(pen, 1, Safe("commander"), pen.actor),
    "note": lambda pen: notes.note(pen, 1, Safe("hm")),
    "update": lambda pen: notes.note(pen, 1, Safe("all well"), kind=EntryKind.UPDATE),
    "answer": lambda pen: learn.answer(pen, 1, 5, Safe(f"{pen.actor} at {pen.now:%H:%M:%S}"), ()),
    "cause": lambda pen: learn.categorise(pen, 1, (Category.CODE_BUG,), NOTHING),
    "other cause": lambda pen: learn.categorise(pen, 1, (Category.PROCESS_GAP,), NOTHING),
    "promise": lambda pen: learn.promise(pen, 1, Safe("x"), ActionType.PREVENTIVE, Safe("bo"), date(2026, 12, 1)),
    "settle": lambda pen: learn.settle(pen, 1, ActionState.DONE, NOTHING),
}

steps = st.lists(st.tuples(st.sampled_from(["li", "bo"]), st.sampled_from([*ACTS])), min_size=2, max_size=8)


def busy(store: Store) -> Scene:
    """Two incidents, a free alert, a candidate of two."""
    scene = Scene(store, NOW)
    scene.who = "ann"
    scene.declare(scene.fire("one"), severity=Severity.SEV2)
    scene.declare(scene.fire("two"), severity=Severity.SEV2)
    scene.fire("three")
    scene.candidate_of("four", "five")
    return scene


def changed_by_others(conn: Connection, who: str, since: int) -> Held:
    """Every value that other people's acts after `since`, which stand, have set; as it is now."""
    undone = {row["seq"] for row in conn.execute("SELECT seq FROM undone")}
    held: Held = {}
    for event in log.since(conn, since, 10_000):
        if event.actor in (who, "sev") or event.seq in undone:
            continue
        for place, row, _, after in images(conn, event.seq):
            columns = tuple(name for name in after if name != "seq")
            found = current(conn, place, row, columns) if columns else {}
            held |= {(place, row, name): value for name, value in (found or {}).items()}
    return held


def undone_by(conn: Connection) -> set[int]:
    return {row["seq"] for row in conn.execute("SELECT seq FROM undone")}


@given(done=steps, undos=st.integers(1, 3))
@settings(max_examples=60)
def test_taking_back_leaves_others_later_changes_alone(done: list[tuple[str, str]], undos: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "sev.db") as store:
        scene = busy(store)
        for who, name in done:
            scene.who = who
            try:
                scene.do(ACTS[name])
            except SevError:
                continue
        scene.who = "li"
        for _ in range(undos):
            before = store.read(undone_by)
            theirs = {seq: store.read(partial(changed_by_others, who="li", since=seq)) for seq in all_of(store)}
            try:
                scene.undo()
            except SevError:
                break
            first = min(store.read(undone_by) - before)
            assert store.read(partial(changed_by_others, who="li", since=first)) == theirs[first]
        assert integrity.verify(store).ok


def all_of(store: Store) -> list[int]:
    """The sequence numbers of li's events."""
    return [event.seq for event in store.read(lambda conn: log.since(conn, 0, 10_000)) if event.actor == "li"]
