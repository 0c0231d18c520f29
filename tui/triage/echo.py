"""What the catalog does not know may echo a case all the same: it began in its storm, or it speaks of the same."""

from collections.abc import Iterable, Set
from datetime import timedelta
from typing import Final

from tui.model.severity import Severity
from tui.model.text import Safe, clean
from tui.triage.case import Case
from tui.triage.grouping import ALIKE_WITHIN
from tui.triage.trouble import Trouble

STORM: Final = 6
"""Troubles of one case within ten minutes that make a storm."""

CHECKERS: Final = frozenset({"dbt", "soda"})
"""Tools that a scheduler's job runs, and that tell by themselves what they found wrong."""
WRAPPED_WITHIN: Final = timedelta(minutes=15)


def echo_of(trouble: Trouble, cases: Iterable[Case], common: Set[str]) -> tuple[Case, Safe] | None:
    """The one case that a trouble without a node echoes, and why; None where there is none, or more than one."""
    going = [case for case in cases if case.open]
    wrapped = [(case, tool) for case in going if (tool := _wrapped(trouble, case)) is not None]
    if len(wrapped) == 1:
        return wrapped[0][0], clean(f"runs {wrapped[0][1]}, which told of the same a moment ago")
    if trouble.retrying or trouble.trivial:
        return None
    storming = [case for case in going if _storms(case, trouble)]
    if len(storming) == 1:
        return storming[0], Safe("began in the same storm, and no other storms")
    if trouble.node is not None:
        return None
    if trouble.reported and (worst := gravest(going)) is not None:
        return worst, Safe("somebody reports it, and nothing graver is open")
    if len(going) != 1 or trouble.a_run or trouble.hint in (None, Severity.SEV3):
        return None
    shared = (trouble.words & going[0].words) - common
    return (going[0], clean(f"speaks of {min(shared)} too, and nothing else is open")) if shared else None


def gravest(cases: list[Case]) -> Case | None:
    """The one that is graver than all others."""
    worst = min((case.severity for case in cases), default=None)
    found = [case for case in cases if case.severity is worst]
    return found[0] if len(found) == 1 else None


def _wrapped(trouble: Trouble, case: Case) -> str | None:
    """The tool that a failed run names in its words and whose checks failed in the case a moment before."""
    if not trouble.a_run:
        return None
    for one in reversed(case.members.values()):
        told = abs(trouble.last - one.last) <= WRAPPED_WITHIN and one.key != trouble.key
        if told and one.open and one.tool in CHECKERS and trouble.tool != one.tool and one.tool in trouble.words:
            return one.tool
    return None


def _storms(case: Case, trouble: Trouble) -> bool:
    """Whether so much began in this case around then that what began with it is part of it."""
    return case.began_within(trouble.since, ALIKE_WITHIN) >= STORM
