"""Who is hit: consumers below what fails, by their own signals and their deadlines, and the likely root."""

from datetime import datetime, timedelta
from typing import Final

from tui.model.text import Safe
from tui.triage.case import Case
from tui.triage.deadlines import due_after
from tui.triage.places import Places
from tui.triage.trouble import Fault, Trouble

JUST_PASSED: Final = timedelta(minutes=30)
"""A deadline that lay this far before the trouble began was missed by it."""
_LIVE: Final = ("service", "dashboard")
_SILENT_STEPS: Final = 2
_TELLING: Final = 4  # troubles of one node that are looked at one by one
AHEAD: Final = timedelta(hours=12)
"""Deadlines further ahead than this are no risk yet."""


def root_of(case: Case, places: Places) -> Safe:
    """The most upstream node with evidence; symptoms that run upstream are none. Without nodes: the first subject.

    Of several that have nothing failing above them the one with most failing below it, then the one that began first.
    """
    placed = [one for one in case.members.values() if one.node is not None]
    causes = [one for one in placed if not one.symptom and (one.fired or one.opened)] or placed
    if not causes:
        return min(case.members.values(), key=lambda one: one.began).subject
    nodes = list(dict.fromkeys(one.node for one in causes if one.node is not None))
    first_ill = [one for one in causes if not any(up in places.up(one.node or one.subject) for up in nodes)]
    if all(one.fault is Fault.WRONG or places.node(one.node or one.subject).kind == "dataset" for one in first_ill):
        nodes = list(dict.fromkeys((*nodes, *case.named)))
    first = {node: min((one.began for one in causes if one.node == node), default=case.began) for node in nodes}
    tops = _tops(nodes, places)
    if len(tops) > 1 and (parent := _common(tops, places)) is not None:
        return parent
    top = min(tops or nodes, key=lambda node: (-sum(other in places.down(node) for other in nodes), first[node]))
    return _maker(top, causes, places) or top


def _healed_at(case: Case, places: Places) -> datetime | None:
    """When the last of the most upstream troubles ended; None while one of them goes on."""
    placed = [one for one in case.members.values() if one.node is not None and one.fired]
    tops = set(_tops(list({one.node: None for one in placed if one.node is not None}), places))
    ends = [one.ended for one in placed if one.node in tops]
    over = [end for end in ends if end is not None]
    return max(over) if over and len(over) == len(ends) else None


def _maker(top: Safe, causes: list[Trouble], places: Places) -> Safe | None:
    """Of data that a check found wrong: the one thing it is made from, which went wrong first."""
    there = [one for one in causes if one.node == top]
    if not any(one.fault is Fault.WRONG for one in there):
        return None
    above = [name for name, far in places.up(top).items() if far == 1]
    return above[0] if len(above) == 1 else None


def _common(tops: list[Safe], places: Places) -> Safe | None:
    """What all of them are made from, at most two steps up, nearest first: it fails without saying so."""
    shared: dict[Safe, int] = {}
    for name in places.up(tops[0]):
        fars = [places.up(top).get(name, 99) for top in tops]
        if max(fars) <= _SILENT_STEPS:
            shared[name] = max(fars)
    return min(shared, key=lambda name: shared[name]) if shared else None


def _tops(nodes: list[Safe], places: Places) -> list[Safe]:
    return [node for node in nodes if not any(other in places.up(node) for other in nodes if other != node)]


def _still_open_at(member: Trouble, moment: datetime) -> bool:
    return member.ended is None or member.ended > moment


def weigh(case: Case, places: Places, now: datetime) -> None:
    """Bring what is hit and what is at risk up to date."""
    case.root = root_of(case, places)
    case.healed_at = _healed_at(case, places)
    wrong = {one.node for one in case.members.values() if one.fault is Fault.WRONG and one.node and not one.planned}
    spoiled = frozenset[Safe]().union(*(places.down(node) for node in wrong))
    for member in case.members.values():
        if member.node is None or member.node == case.root or member.planned:
            continue
        if len(places.down(case.root)) and member.node not in places.down(case.root):
            continue
        if member.fired or not member.retrying:
            case.hits.setdefault(
                member.node, "wrong" if member.node in spoiled and not member.a_run else _state(member)
            )
    case.risks = {}
    spells = _spells(case)
    for name in _below(case, places):
        _deadline(case, name, places, spells, now)
    below = places.down(case.root)
    case.hits = {name: state for name, state in case.hits.items() if name in below}
    for name in tuple(case.hits):
        for between in places.between(case.root, name):
            case.hits.setdefault(between, case.hits[name])
    _carry_on(case, places)
    case.risks = {name: at for name, at in case.risks.items() if name not in case.hits}
    case.presumed = _presumed(case, places) if not case.hits else {}
    for name in (*case.hits, *case.risks, *case.presumed):
        if (tier := places.node(name).tier) is not None:
            case.tiers[name] = tier


def _carry_on(case: Case, places: Places) -> None:
    """What lives on what is hit is hit with it: it has no deadline to wait for. A job that failed made nothing."""
    failed = {one.node for one in case.members.values() if one.fault is Fault.FAILED and one.fired}
    ill = [
        *((case.root,) if any(one.node == case.root and one.fired for one in case.members.values()) else ()),
        *case.hits,
    ]
    for name in ill:
        for child, far in places.down(name).items():
            if far > 1:
                break
            node = places.node(child)
            lives = node.kind in _LIVE and node.deadline is None
            if (lives or (name in failed and node.kind == "dataset")) and child not in case.hits:
                case.hits[child] = "missing" if not lives else case.hits.get(name, "late")
                ill.append(child)


def _presumed(case: Case, places: Places) -> dict[Safe, str]:
    """What a job that failed for good did not make, and what is made from that at once."""
    at_root = (one for one in case.members.values() if one.node == case.root)
    if not any(one.fault is Fault.FAILED and one.fired for one in at_root):
        return {}
    return {name: "missing" for name, far in places.down(case.root).items() if far <= _SILENT_STEPS}


def _state(member: Trouble) -> str:
    return {Fault.WRONG: "wrong", Fault.FAILED: "missing"}.get(member.fault, "late")


def _below(case: Case, places: Places) -> list[Safe]:
    found: dict[Safe, None] = {}
    for node in case.by_node:
        if places.node(node).deadline is not None:
            found[node] = None
        found.update(dict.fromkeys(places.down(node)))
    return list(found)


def _spells(case: Case) -> dict[Safe, list[Trouble]]:
    """Of each node the troubles that count for deadlines: the first, the first that goes on, the last that ended."""
    found: dict[Safe, list[Trouble]] = {}
    for one in case.members.values():
        if one.node is not None and not one.planned and not one.symptom:
            found.setdefault(one.node, []).append(one)
    return {node: _telling(troubles) for node, troubles in found.items()}


def _telling(troubles: list[Trouble]) -> list[Trouble]:
    if len(troubles) <= _TELLING:
        return troubles
    kept = {one.number: one for one in (min(troubles, key=lambda one: one.began),)}
    going = [one for one in troubles if one.ended is None]
    wrong = [one for one in troubles if one.fault is Fault.WRONG]
    for some in (going, wrong):
        kept.update({one.number: one for one in sorted(some, key=lambda one: one.began)[:1]})
    over = [one for one in troubles if one.ended is not None]
    kept.update({one.number: one for one in sorted(over, key=lambda one: one.ended or one.last)[-1:]})
    return list(kept.values())


def _deadline(case: Case, name: Safe, places: Places, spells: dict[Safe, list[Trouble]], now: datetime) -> None:
    """A consumer whose deadline passed while what it is made from was not well is hit; one ahead is at risk."""
    deadline = places.node(name).deadline
    if deadline is None:
        return
    above = [m for node, some in spells.items() if node == name or name in places.down(node) for m in some]
    if not above:
        return
    due = due_after(deadline, min(m.began for m in above) - JUST_PASSED)
    blocking = [m for m in above if m.began <= due + JUST_PASSED and _still_open_at(m, due)]
    if not blocking:
        return
    case.dues[name] = due
    if now >= due:
        if name != case.root:
            wrong = any(m.fault is Fault.WRONG for m in blocking)
            case.hits.setdefault(name, "wrong" if wrong else "late")
        else:
            case.risks[name] = due
    elif due - now <= AHEAD and any(m.open and (m.tight or not m.rising) for m in blocking):
        case.risks[name] = due
