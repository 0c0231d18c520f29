"""The severity a case proposes, with its reasons: consumers' tier and deadline first, the tool's own word last."""

from datetime import datetime
from typing import Final

from tui.model.moment import due
from tui.model.severity import Severity
from tui.model.text import Safe, clean
from tui.triage.case import Case
from tui.triage.places import Places
from tui.triage.trouble import Fault, Trouble

COMMITTED: Final = 2
"""The lowest tier that somebody was promised something of."""
SEVERAL: Final = 3


def grade(case: Case, places: Places, now: datetime) -> tuple[Severity, tuple[Safe, ...]]:
    """What the case is worth now, and why, the gravest reason first."""
    often = [one.reason for one in case.members.values() if one.rising and not one.fired]
    if often and len(often) == len(case.members) and not (case.hits or case.risks):
        return Severity.SEV3, tuple(dict.fromkeys(often))[:5]
    if not case.by_node:
        return _by_word(case, "no catalog entry")
    found = [*_critical(case, places), *_significant(case, places, now)]
    if not found and not any(places.node(name).tier for name in (case.root, *places.down(case.root))):
        return _by_word(case, "the catalog tells no tier of it")
    if not found:
        tier = places.node(case.root).tier
        why = f"no committed consumer is hit{'' if tier is None else f'; {case.root} is tier {tier}'}"
        return Severity.SEV3, (clean(why),)
    worst = min(severity for severity, _ in found)
    return worst, tuple(dict.fromkeys(why for severity, why in sorted(found, key=lambda one: one[0])))[:5]


def _by_word(case: Case, why: str) -> tuple[Severity, tuple[Safe, ...]]:
    hints = [member.hint for member in case.members.values() if member.hint is not None]
    if hints:
        return min(hints), (clean(f"unmapped: {why}; its tool calls it SEV{min(hints)}"),)
    return Severity.SEV2, (clean(f"unmapped: {why} and no severity word"),)


def _critical(case: Case, places: Places) -> list[tuple[Severity, Safe]]:
    broken = [one for one in case.members.values() if _broken_live(one, places)]
    grave = [one for one in broken if one.hint is not Severity.SEV3]
    found: list[tuple[Severity, Safe]] = [
        (Severity.SEV1, clean(f"{one.node} works in real time and is broken: {one.title}"))
        for one in (broken if grave or len(broken) > 1 else ())
    ]
    still = [name for name in case.hits if _lives(name, places)]
    if len(still) >= SEVERAL:
        found.append((Severity.SEV1, clean(f"{len(still)} tier-1 services live on it: {', '.join(still[:3])}")))
    wrong = [m for m in case.members.values() if m.fault is Fault.WRONG and m.node is not None and not m.planned]
    if wrong and not _blocked(case, wrong[0].node or Safe(""), places):
        for name, state in case.hits.items():
            node = places.node(name)
            if state == "wrong" and node.tier == 1 and node.kind in ("service", "report", "dashboard"):
                found.append((Severity.SEV1, clean(f"{name} (tier 1) was served wrong data")))
    return found


def _lives(name: Safe, places: Places) -> bool:
    """Whether it is a service of the first tier that waits for no deadline."""
    node = places.node(name)
    return node.kind == "service" and node.tier == 1 and node.deadline is None


def _broken_live(member: Trouble, places: Places) -> bool:
    calm = member.symptom or member.planned or member.fault is not Fault.BROKEN
    return not calm and member.node is not None and places.decides(member.node)


def _blocked(case: Case, checked: Safe, places: Places) -> bool:
    """Whether a job below the check failed or waits: then the wrong data went no further."""
    return any(
        member.fault is Fault.FAILED and member.node is not None and member.node in places.down(checked)
        for member in case.members.values()
    )


def _significant(case: Case, places: Places, now: datetime) -> list[tuple[Severity, Safe]]:
    found: list[tuple[Severity, Safe]] = []
    for name, state in case.hits.items():
        node = places.node(name)
        if (node.tier or 9) <= COMMITTED:
            found.append((Severity.SEV2, clean(f"{name} (tier {node.tier}) is {state}")))
    for name, at in case.risks.items():
        node = places.node(name)
        if (node.tier or 9) <= COMMITTED:
            found.append((Severity.SEV2, clean(f"{name} (tier {node.tier}) is {due(at, now)}")))
    if len(case.hits) >= SEVERAL and not found:
        found.append((Severity.SEV2, clean(f"{len(case.hits)} consumers are hit")))
    root = places.node(case.root)
    if not found and root.tier == 1 and any(member.fired for member in case.members.values()):
        found.append((Severity.SEV2, clean(f"{case.root} is tier 1")))
    return found
