"""What an analysis lacks before its incident may be closed."""

from datetime import date

import msgspec
import pytest

from tui.model.learn import (
    NEED_EVIDENCE,
    Action,
    ActionState,
    ActionType,
    Category,
    ItemState,
    Rca,
    RcaItem,
)
from tui.model.severity import Severity
from tui.model.text import Safe

SEV2, SEV3 = Severity.SEV2, Severity.SEV3
PREVENTIVE = Action(
    id=1,
    seq=1,
    incident=1,
    text=Safe("check the schema"),
    type=ActionType.PREVENTIVE,
    owner=Safe("bo"),
    due=date(2026, 12, 1),
    state=ActionState.OPEN,
)
DONE = tuple(RcaItem(n=n, text=Safe("so"), evidence=(4,), state=ItemState.DONE) for n in range(1, 9))
WHOLE = Rca(incident=1, items=(*DONE, RcaItem(n=9)), categories=(Category.CODE_BUG,), actions=(PREVENTIVE,))


def changed(*actions: Action) -> Rca:
    return msgspec.structs.replace(WHOLE, actions=actions)


def action(
    type_of: ActionType = ActionType.PREVENTIVE,
    state: ActionState = ActionState.OPEN,
    owner: Safe | None = PREVENTIVE.owner,
    due: date | None = PREVENTIVE.due,
) -> Action:
    return msgspec.structs.replace(PREVENTIVE, type=type_of, state=state, owner=owner, due=due)


def with_item(n: int, *, state: ItemState = ItemState.DONE, evidence: tuple[int, ...] = (4,)) -> Rca:
    items = tuple(RcaItem(n=n, state=state, evidence=evidence) if item.n == n else item for item in WHOLE.items)
    return msgspec.structs.replace(WHOLE, items=items)


def test_a_whole_analysis_lacks_nothing() -> None:
    assert WHOLE.missing(SEV2) == ()
    assert WHOLE.with_changes_counted().done == 9


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("state", [ItemState.OPEN, ItemState.PROPOSED])
def test_only_a_done_answer_counts(n: int, state: ItemState) -> None:
    (gap,) = with_item(n, state=state).missing(SEV2)
    assert gap.startswith(f"item {n}: ")


@pytest.mark.parametrize("n", range(1, 9))
def test_some_answers_need_evidence(n: int) -> None:
    wanted = (f"item {n}: evidence from the timeline",) if n in NEED_EVIDENCE else ()
    assert with_item(n, evidence=()).missing(SEV2) == wanted


def test_a_category_is_needed_even_for_the_smallest() -> None:
    bare = msgspec.structs.replace(WHOLE, categories=())
    assert bare.missing(SEV2) == bare.missing(SEV3) == ("a category of cause",)


def test_the_smallest_needs_one_line_of_cause_unless_it_recurs() -> None:
    items = (DONE[0], *(RcaItem(n=n) for n in range(2, 10)))
    small = msgspec.structs.replace(WHOLE, items=items, actions=())
    assert small.missing(SEV3) == ()
    assert len(small.missing(SEV3, recurs=True)) == 8
    assert len(small.missing(SEV2)) == 8


@pytest.mark.parametrize(
    ("actions", "gaps"),
    [
        ((), 1),
        ((action(ActionType.CORRECTIVE),), 1),
        ((action(ActionType.DETECTIVE),), 0),
        ((action(ActionType.CORRECTIVE), action()), 0),
        ((action(state=ActionState.DROPPED),), 1),
        ((action(state=ActionState.DONE, owner=None),), 0),
        ((action(owner=None, due=None),), 2),
        ((action(ActionType.CORRECTIVE, owner=None),), 2),
        ((action(state=ActionState.DROPPED, owner=None), action()), 0),
    ],
)
def test_a_symptom_fix_alone_cannot_close(actions: tuple[Action, ...], gaps: int) -> None:
    rca = changed(*actions)
    assert len(rca.missing(SEV2)) == gaps
    assert (rca.with_changes_counted().items[8].state is ItemState.DONE) == (gaps == 0)


def test_item_nine_tells_the_changes_that_were_not_dropped() -> None:
    dropped = msgspec.structs.replace(PREVENTIVE, id=2, state=ActionState.DROPPED)
    assert changed(PREVENTIVE, dropped).with_changes_counted().items[8].text == "ACT-1 preventive"


def test_an_unowned_change_blocks_even_the_smallest() -> None:
    assert changed(action(owner=None)).missing(SEV3) == ("ACT-1: owner",)
