"""What is said without being an alert: messages, tickets, changes, good runs; and which case they speak of."""

from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from typing import Final

from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe
from tui.triage.case import Case
from tui.triage.grouping import UPSTREAM_STEPS
from tui.triage.places import Places
from tui.triage.trouble import words_of

AFTERWARDS: Final = timedelta(hours=2)
"""How long after a case is over people still speak of it."""
_NAMED: Final = 3.0
_AROUND: Final = 1.5
_ENOUGH: Final = 1.5
_CLEARLY: Final = 1.5
_SPEAKER: Final = ("from", "user", "username", "by", "author", "sender", "reporter", "customer")


def spoken_of(signal: Signal, cases: Iterable[Case], places: Places, common: Set[str], now: datetime) -> Case | None:
    """The case that a signal which is no trouble belongs to; None where it speaks of none."""
    current = [case for case in cases if case.open or now - case.last <= AFTERWARDS]
    if not current or signal.status is SignalStatus.STARTED:
        return None
    place = places.place_of(signal)
    if signal.status in (SignalStatus.SUCCEEDED, SignalStatus.RESOLVED):
        return next((case for case in current if place is not None and _waited_for(place, case)), None)
    text = _text(signal)
    named = {*places.mentioned(text), *((place,) if place is not None else ())}
    ranked = sorted(((_score(case, named, text, places, common), case.number, case) for case in current), reverse=True)
    score, _, best = ranked[0]
    if score >= _ENOUGH:
        return best
    if named or signal.kind is Kind.CHANGE or not any(label in signal.labels for label in _SPEAKER):
        return None
    going = [case for case in current if case.open]
    clear = len(ranked) == 1 or score > ranked[1][0] * _CLEARLY
    return going[0] if len(going) == 1 else best if score > 0 and clear else None


def causes_named(signal: Signal, case: Case, places: Places) -> list[Safe]:
    """Nodes that a message names a few steps above what fails: evidence of people for the root."""
    if signal.status is not SignalStatus.INFO:
        return []
    return [
        name
        for name in places.mentioned(_text(signal))
        if any(places.up(node).get(name, UPSTREAM_STEPS + 1) <= UPSTREAM_STEPS for node in case.by_node)
    ]


def _waited_for(place: Safe, case: Case) -> bool:
    """Whether a good run is the first of something that the case held up and that did not say so itself."""
    if place in case.mended:
        return False
    there = case.by_node.get(place)
    held_up = case.hits.get(place, "wrong") != "wrong" or place == case.root
    return held_up if there is None else there.open


def _text(signal: Signal) -> str:
    return " ".join((signal.subject, signal.title, *signal.labels.values()))


def _score(case: Case, named: Set[Safe], text: str, places: Places, common: Set[str]) -> float:
    mine = {*case.by_node, *case.hits, case.root}
    around = {name for node in case.by_node for name in places.down(node)}
    around |= {name for name, far in places.up(case.root).items() if far <= UPSTREAM_STEPS}
    said = words_of(text) - common
    theirs = frozenset[str]().union(*(member.words for member in case.members.values()))
    alike = len(said & theirs) / (len(said) or 1)
    return _NAMED * len(named & mine) + _AROUND * bool(named & around) + alike
