"""Nobody overwrites what somebody else changed meanwhile without having seen it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.scene import Scene
from tui.desk import alerts, incidents, learn, phases
from tui.desk.act import Act, Outcome, Pen, perform
from tui.errors import ChangedError
from tui.logins import ELSEWHERE
from tui.model.alert import Verdict
from tui.model.entry import Actor
from tui.model.ids import Ref
from tui.model.incident import Phase
from tui.model.learn import Category
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe, clean
from tui.store import log

WHY = Safe("because")


@pytest.fixture
def busy(scene: Scene) -> Scene:
    """Two incidents, a free alert, a candidate."""
    scene.declare(scene.fire("one"), severity=Severity.SEV2)
    scene.declare(scene.fire("two"), severity=Severity.SEV2)
    scene.fire("free")
    scene.learn(1)
    return scene


def decide(scene: Scene, who: str, seen: int | None, deed: Callable[[Pen], Outcome]) -> Outcome:
    scene.now += scene.step
    act = Act(actor=Actor(clean(who), ELSEWHERE), now=scene.now, seen=seen)
    return scene.store.tx(lambda conn: perform(conn, act, deed))


def head(scene: Scene) -> int:
    return scene.store.read(log.head)[0]


CLASHES: dict[str, tuple[Callable[[Pen], Outcome], Callable[[Pen], Outcome], str]] = {
    "severity": (
        lambda pen: incidents.change_severity(pen, 1, Severity.SEV1, NOTHING),
        lambda pen: incidents.change_severity(pen, 1, Severity.SEV3, WHY),
        "SEV1, was SEV2",
    ),
    "phase": (
        lambda pen: phases.mitigate(pen, 1),
        lambda pen: phases.resolve(pen, 1, WHY, force=True),
        "mitigated: the bleeding has stopped",
    ),
    "answer": (
        lambda pen: learn.answer(pen, 1, 5, Safe("a muted alarm"), ()),
        lambda pen: learn.answer(pen, 1, 5, Safe("no alarm"), ()),
        "a muted alarm",
    ),
    "cause": (
        lambda pen: learn.categorise(pen, 1, (Category.DATA_QUALITY,), NOTHING),
        lambda pen: learn.categorise(pen, 1, (Category.PROCESS_GAP,), NOTHING),
        "cause: data quality issue",
    ),
    "snooze": (
        lambda pen: alerts.snooze(pen, (Ref("A", 3),), pen.now + timedelta(hours=1)),
        lambda pen: alerts.snooze(pen, (Ref("A", 3),), pen.now + timedelta(hours=9)),
        "snoozed until",
    ),
    "place": (
        lambda pen: alerts.move(pen, (3,), Ref("INC", 1)),
        lambda pen: alerts.move(pen, (3,), Ref("INC", 2)),
        "moved A-3 to INC-1",
    ),
    "verdict": (
        lambda pen: alerts.judge(pen, (Ref("A", 3),), Verdict.NOISE, WHY),
        lambda pen: alerts.judge(pen, (Ref("A", 3),), Verdict.INCIDENT, WHY),
        "verdict noise",
    ),
}


@pytest.mark.parametrize("name", CLASHES)
def test_a_later_change_is_named_and_not_overwritten_until_it_was_seen(busy: Scene, name: str) -> None:
    first, second, theirs = CLASHES[name]
    seen = head(busy)
    decide(busy, "bo", seen, first)
    after = head(busy)
    with pytest.raises(
        ChangedError, match=r"was not written: changed by bo 30s ago: theirs is .*; yours was "
    ) as caught:
        decide(busy, "li", seen, second)
    assert theirs in caught.value.theirs
    assert caught.value.yours
    assert head(busy) == after
    assert decide(busy, "li", caught.value.seq, second).seq > after


@pytest.mark.parametrize("name", CLASHES)
def test_without_having_looked_at_anything_what_is_said_counts(busy: Scene, name: str) -> None:
    first, second, _ = CLASHES[name]
    decide(busy, "bo", None, first)
    assert decide(busy, "li", None, second).seq


def test_ones_own_change_and_another_thing_are_no_clash(busy: Scene) -> None:
    seen = head(busy)
    decide(busy, "li", seen, lambda pen: incidents.change_severity(pen, 1, Severity.SEV1, NOTHING))
    decide(busy, "bo", seen, lambda pen: incidents.change_severity(pen, 2, Severity.SEV1, NOTHING))
    decide(busy, "bo", seen, lambda pen: learn.answer(pen, 1, 6, Safe("one owner"), ()))
    assert decide(busy, "li", seen, lambda pen: incidents.change_severity(pen, 1, Severity.SEV3, WHY)).seq
    assert decide(busy, "li", seen, lambda pen: learn.answer(pen, 1, 5, Safe("no alarm"), ())).seq


def test_what_was_taken_back_is_no_clash(busy: Scene) -> None:
    seen = head(busy)
    busy.do_as("bo", None, incidents.change_severity, 1, Severity.SEV1, NOTHING)
    busy.who = "bo"
    busy.undo()
    assert decide(busy, "li", seen, lambda pen: incidents.change_severity(pen, 1, Severity.SEV3, WHY)).seq


def test_evidence_joins_an_answer_that_somebody_else_wrote_anew(busy: Scene) -> None:
    seen, evidence = head(busy), busy.note(1, "the log")
    decide(busy, "bo", None, lambda pen: learn.answer(pen, 1, 5, Safe("a muted alarm"), ()))
    decide(busy, "li", seen, lambda pen: learn.answer(pen, 1, 5, None, (evidence,)))
    item = busy.rca(1).items[4]
    assert item.text == "a muted alarm"
    assert evidence in item.evidence


def test_the_same_wish_is_no_clash(busy: Scene) -> None:
    seen = head(busy)
    decide(busy, "bo", seen, lambda pen: phases.mitigate(pen, 1))
    assert "already" in decide(busy, "li", seen, lambda pen: phases.mitigate(pen, 1)).said
    assert busy.incident(1).phase is Phase.RESOLVE
