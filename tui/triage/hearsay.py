"""What is said without being an alert: messages, tickets, changes, good runs; and which case they speak of."""

import re
from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from typing import Final

from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe
from tui.triage.case import Case
from tui.triage.echo import gravest
from tui.triage.grouping import UPSTREAM_STEPS
from tui.triage.places import Places
from tui.triage.trouble import speaker_of, traits_of, words_of

AFTERWARDS: Final = timedelta(hours=2)
"""How long after a case is over people still speak of it."""
BEFORE: Final = timedelta(hours=2)
"""How long before a case is there people may already speak of it."""
_NAMED: Final = 3.0
_AROUND: Final = 1.5
_SHARED: Final = 1.5
_ENOUGH: Final = 1.5
_CLEARLY: Final = 1.5

_BY_HAND: Final = re.compile(r"manual|backfill|rerun|adhoc|ad-hoc", re.IGNORECASE)
"""How schedulers name runs that a person started."""


def spoken_of(signal: Signal, cases: Iterable[Case], places: Places, common: Set[str], now: datetime) -> Case | None:
    """The case that a signal which is no trouble belongs to; None where it speaks of none."""
    current = [case for case in cases if case.open or now - case.last <= AFTERWARDS]
    if not current or signal.status is SignalStatus.STARTED:
        return None
    place = places.place_of(signal)
    if signal.status in (SignalStatus.SUCCEEDED, SignalStatus.RESOLVED):
        by_hand = bool(_BY_HAND.match(signal.run or ""))
        return next((case for case in current if place is not None and _waited_for(place, case, by_hand)), None)
    named = _named(signal, places)
    ranked = sorted(
        ((_nearness(signal, named, case, places, common), case.number, case) for case in current), reverse=True
    )
    score, _, best = ranked[0]
    if score >= _ENOUGH:
        return best
    if named or not (signal.kind is Kind.CHANGE or speaker_of(signal)):
        return None
    going = [case for case in current if case.open]
    clear = len(ranked) == 1 or score > ranked[1][0] * _CLEARLY
    if len(going) == 1:
        return going[0]
    return best if clear and (score > 0 or len(ranked) == 1) else gravest(going)


def names(signal: Signal, case: Case, places: Places, common: Set[str]) -> bool:
    """Whether something said names what the case is about, or what lies next to it."""
    return _nearness(signal, _named(signal, places), case, places, common) >= _ENOUGH


def causes_named(signal: Signal, case: Case, places: Places) -> list[Safe]:
    """Nodes that a message names a few steps above what fails: evidence of people for the root."""
    if signal.status is not SignalStatus.INFO:
        return []
    return [
        name
        for name in places.mentioned(_text(signal))
        if any(places.up(node).get(name, UPSTREAM_STEPS + 1) <= UPSTREAM_STEPS for node in case.by_node)
    ]


def _waited_for(place: Safe, case: Case, by_hand: bool) -> bool:
    """Whether a good run mends what the case held up, or was started for it: by a person, or after a change.

    What said by itself that it was unwell tells by itself that it is well again.
    """
    if place in case.mended:
        return False
    held_up = case.hits.get(place)
    if by_hand or case.changed:
        return held_up is not None or place == case.root or place in case.by_node
    there = case.by_node.get(place)
    return there.open if there is not None else held_up not in (None, "wrong")


def _text(signal: Signal) -> str:
    return " ".join((signal.subject, signal.title, *signal.labels.values()))


def _named(signal: Signal, places: Places) -> set[Safe]:
    place = places.place_of(signal)
    return {*places.mentioned(_text(signal)), *((place,) if place is not None else ())}


def _nearness(signal: Signal, named: Set[Safe], case: Case, places: Places, common: Set[str]) -> float:
    """How much a signal speaks of a case: of its nodes, of what lies around them, in its names, in its words."""
    mine = {*case.by_node, *case.hits, case.root}
    around = {name for node in case.by_node for name in places.down(node)}
    around |= {name for name, far in places.up(case.root).items() if far <= UPSTREAM_STEPS}
    said = words_of(_text(signal)) - common
    theirs = frozenset[str]().union(*(member.words for member in case.members.values()))
    shares = bool((traits_of(signal) - common) & case.traits)
    alike = len(said & theirs) / (len(said) or 1)
    return _NAMED * len(named & mine) + _AROUND * bool(named & around) + _SHARED * shares + alike
