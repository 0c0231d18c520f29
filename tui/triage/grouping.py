"""What belongs together: how near a trouble is to others, by lineage first, by words where the catalog is silent."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.model.severity import Severity
from tui.model.text import Safe, clean
from tui.triage.case import Case
from tui.triage.places import Places
from tui.triage.trouble import Fault, Trouble

UPSTREAM_STEPS: Final = 3
"""How far above what fails already a new fault may lie to be its cause."""
UPSTREAM_WITHIN: Final = timedelta(hours=3)
"""How long after a case began a fault above it may still turn out to be its cause."""
ALIKE_WITHIN: Final = timedelta(minutes=10)
SIBLINGS_WITHIN: Final = timedelta(minutes=30)
ALIKE: Final = 0.5
ALIKE_WORDS: Final = 2
SAME_AFTER: Final = timedelta(hours=12)
"""A case that is over takes its own keys and nodes back for this long …"""
HEALED_AFTER: Final = timedelta(hours=1)
"""Data wrong below so long after all above it was well again have a cause of their own."""
NEAR_AFTER: Final = timedelta(hours=2)
"""… and what lies below it for this long."""


class Bond(msgspec.Struct, frozen=True, order=True):
    """How near a trouble is to a case, and why. `upstream`: it lies above what fails; `sideways`: above or beside."""

    strength: float
    why: Safe
    upstream: bool = False
    sideways: bool = False


def bond(trouble: Trouble, case: Case, places: Places, now: datetime, common: Set[str] = frozenset()) -> Bond | None:
    """The strongest tie of a trouble to a case that is open or lately over; None where nothing ties them.

    `common`: words that so many troubles share that they say nothing.
    """
    best = _same(trouble, case, now)
    if best is not None:
        return best
    around = _lineage(trouble, trouble.node, case, places, now) if trouble.node is not None else None
    return around or _alike(trouble, case, common)


def _same(trouble: Trouble, case: Case, now: datetime) -> Bond | None:
    known = case.by_key.get(trouble.key)
    if known is not None and _since(known, now) <= SAME_AFTER:
        return Bond(4.0, clean(f"fires again: {trouble.subject}"))
    if trouble.a_run and (whole := _of_one_run(trouble, case, now)) is not None:
        return Bond(3.0, clean(f"part of one run with {whole.subject}"))
    there = case.by_node.get(trouble.node) if trouble.node is not None else None
    if there is not None and _since(there, now) <= NEAR_AFTER:
        return Bond(3.0, clean(f"the same node, {trouble.node}"))
    return None


def _of_one_run(trouble: Trouble, case: Case, now: datetime) -> Trouble | None:
    """The run whose task failed, or the task of a run that failed as a whole."""
    for one in case.members.values():
        first, second = sorted((one.subject, trouble.subject), key=len)
        if one.a_run and second.startswith(f"{first}.") and _since(one, now) <= NEAR_AFTER:
            return one
    return None


def _since(member: Trouble, now: datetime) -> timedelta:
    """How long a trouble has been over; nothing while it goes on."""
    return timedelta(0) if member.open else now - member.last


def _lineage(trouble: Trouble, node: Safe, case: Case, places: Places, now: datetime) -> Bond | None:
    ties = (_step(trouble, node, other, case, places, now) for other in case.by_node)
    return max((tie for tie in ties if tie is not None), key=lambda tie: tie.strength, default=None)


def _step(trouble: Trouble, node: Safe, other: Safe, case: Case, places: Places, now: datetime) -> Bond | None:
    """How `node`, where the trouble is, lies to another node of the case."""
    member = case.by_node[other]
    if _since(member, now) > NEAR_AFTER:
        return None
    if not _anew(trouble, case, now) and (far := places.down(other).get(node)) is not None:
        return Bond(2 + 1 / far, clean(f"made from {other}, {far} step{'s' if far > 1 else ''} below"))
    far = places.up(other).get(node)
    if far is not None and far <= UPSTREAM_STEPS and now - case.proposed_at <= UPSTREAM_WITHIN:
        return Bond(2 + 0.9 / far, clean(f"{other} is made from it"), True, True)
    warns = trouble.hint is Severity.SEV3 and trouble.word is not None
    if not warns and now - member.last <= SIBLINGS_WITHIN and places.near(node, other):
        return Bond(2.0, clean(f"fails together with {other}, made from the same"), False, True)
    return None


def _anew(trouble: Trouble, case: Case, now: datetime) -> bool:
    """Whether data are wrong again long after all above was well: what is late or missing may still be its effect."""
    healed = case.healed_at is not None and now - case.healed_at > HEALED_AFTER
    return healed and trouble.fault is Fault.WRONG


def _alike(trouble: Trouble, case: Case, common: Set[str]) -> Bond | None:
    mine = trouble.words - common
    for member in case.members.values():
        if (trouble.node is not None and member.node is not None) or abs(trouble.last - member.last) > ALIKE_WITHIN:
            continue
        theirs = member.words - common
        shared = mine & theirs
        if len(shared) >= ALIKE_WORDS and len(shared) >= ALIKE * min(len(mine), len(theirs)):
            return Bond(1.0, clean(f"alike in words: {', '.join(sorted(shared)[:3])}"))
    return None
