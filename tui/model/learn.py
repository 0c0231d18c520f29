"""What an incident teaches: the nine items of its root-cause analysis and the changes that follow."""

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from tui.model.severity import Severity
from tui.model.text import Safe


class Category(StrEnum):
    """Kinds of cause; several may hold. `unknown` is legal with a reason."""

    CODE_BUG = "code bug"
    INFRASTRUCTURE = "infrastructure failure"
    DATA_QUALITY = "data quality issue"
    PROCESS_GAP = "process gap"
    UNKNOWN = "unknown"


class ItemState(StrEnum):
    """Only `done` counts for closing; `proposed` was filled in by triage."""

    OPEN = "open"
    PROPOSED = "proposed"
    DONE = "done"


QUESTIONS: Final[dict[int, str]] = {
    1: "What failed first?",
    2: "What changed just before?",
    3: "How was it detected, and what would have halved that time?",
    4: "Why, until a guard?",
    5: "Why did no guard stop it?",
    6: "Contributing factors",
    7: "What was ruled out",
    8: "Seen before: did the earlier fix hold?",
    9: "Systemic changes",
}
SHORT_QUESTIONS: Final[dict[int, str]] = {
    1: "What failed first?",
    2: "What changed before?",
    3: "How detected?",
    4: "Why, until a guard?",
    5: "Why no guard?",
    6: "Contributing factors",
    7: "Ruled out",
    8: "Seen before?",
    9: "Systemic change",
}
NEED_EVIDENCE: Final = (1, 2, 4)
"""Items that count as done only with a timeline entry as evidence."""


class RcaItem(msgspec.Struct, frozen=True, kw_only=True):
    """One of the nine answers. `evidence` holds numbers of timeline entries."""

    n: int
    text: Safe = Safe("")
    evidence: tuple[int, ...] = ()
    state: ItemState = ItemState.OPEN


class ActionType(StrEnum):
    """Preventive and detective changes are systemic; a corrective one alone treats a symptom."""

    PREVENTIVE = "preventive"
    DETECTIVE = "detective"
    CORRECTIVE = "corrective"


class ActionState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """A change somebody promised so that this does not happen again."""

    id: int
    seq: int
    incident: int
    text: Safe
    type: ActionType
    owner: Safe | None
    due: date | None
    state: ActionState
    reason: Safe | None = None
    link: Safe | None = None


class Rca(msgspec.Struct, frozen=True, kw_only=True):
    """The analysis of one incident: nine items in order, categories, and the actions promised."""

    incident: int
    items: tuple[RcaItem, ...]
    categories: tuple[Category, ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def done(self) -> int:
        return sum(item.state is ItemState.DONE for item in self.items)

    @property
    def proposed(self) -> int:
        return sum(item.state is ItemState.PROPOSED for item in self.items)

    def with_changes_counted(self) -> "Rca":
        """Item 9 has no answer of its own: it is done when nothing about the promised changes is missing."""
        promised = [action for action in self.actions if action.state is not ActionState.DROPPED]
        told = Safe(", ".join(f"ACT-{action.id} {action.type}" for action in promised))
        state = ItemState.OPEN if self._missing_changes() else ItemState.DONE
        return msgspec.structs.replace(self, items=(*self.items[:8], RcaItem(n=9, text=told, state=state)))

    def missing(self, severity: Severity, recurs: bool = False) -> tuple[str, ...]:
        """What still forbids closing, in the order a person would fill it in.

        A SEV3 needs one line of cause and its category unless it recurs; a graver one
        all nine items, a category, and a systemic change with owner and due date.
        """
        needed = (1,) if severity is Severity.SEV3 and not recurs else range(1, 10)
        gaps: list[str] = []
        for item in self.items:
            if item.n == 9 or item.n not in needed:
                continue
            if item.state is not ItemState.DONE:
                gaps.append(f"item {item.n}: {QUESTIONS[item.n]}")
            elif item.n in NEED_EVIDENCE and not item.evidence:
                gaps.append(f"item {item.n}: evidence from the timeline")
        if not self.categories:
            gaps.append("a category of cause")
        return tuple(gaps + (self._missing_changes() if 9 in needed else self._unowned()))

    def _missing_changes(self) -> list[str]:
        systemic = (ActionType.PREVENTIVE, ActionType.DETECTIVE)
        kept = [action for action in self.actions if action.state is not ActionState.DROPPED]
        gaps = (
            []
            if any(action.type in systemic for action in kept)
            else ["item 9: a preventive or detective change (a symptom fix alone cannot close)"]
        )
        return gaps + self._unowned()

    def _unowned(self) -> list[str]:
        return [
            f"ACT-{action.id}: {word}"
            for action in self.actions
            if action.state is ActionState.OPEN
            for word, value in (("owner", action.owner), ("due date", action.due))
            if value is None
        ]
