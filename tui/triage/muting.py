"""Which trouble mutes which, by the team's settings, as long as both go on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from tui.model.catalog import normal
from tui.model.signal import Signal
from tui.triage.rules import Mute
from tui.triage.trouble import Trouble

_Meeting: TypeAlias = tuple[int, str, tuple[str, ...]]
"""Where two troubles meet: a rule by its place, and what both have in common."""
_NONE: Final[dict[int, Trouble]] = {}


class Mutes:
    """What fires and what that mutes, as far as a rule names it."""

    def __init__(self, rules: Sequence[Mute]) -> None:
        self._rules = rules
        self._causes: dict[_Meeting, dict[int, Trouble]] = defaultdict(dict)
        self._muted: dict[_Meeting, dict[int, Trouble]] = defaultdict(dict)
        self._causes_at: dict[int, list[_Meeting]] = {}
        self._muted_at: dict[int, list[_Meeting]] = {}

    def hear(self, trouble: Trouble, signal: Signal) -> None:
        """Note what a trouble is by the newest signal that says something is wrong."""
        if not self._rules:
            return
        self.forget(trouble)
        told = {"subject": signal.subject, "title": signal.title, "key": signal.key, "source": signal.source}
        for place, rule in enumerate(self._rules):
            meetings = list(_meetings(place, rule, trouble, signal))
            if rule.when.fits(**told, labels=signal.labels):
                _enter(trouble, meetings, self._causes, self._causes_at)
            if rule.mutes.fits(**told, labels=signal.labels):
                _enter(trouble, meetings, self._muted, self._muted_at)

    def forget(self, trouble: Trouble) -> None:
        """It is over, or is to be noted anew."""
        for meeting in self._causes_at.pop(trouble.number, ()):
            self._causes[meeting].pop(trouble.number, None)
        for meeting in self._muted_at.pop(trouble.number, ()):
            self._muted[meeting].pop(trouble.number, None)

    def by(self, trouble: Trouble) -> Trouble | None:
        """What mutes a trouble now: of several the one that began first; None where it may speak.

        What is both of a rule's sides is not muted by its like: else two alerts would mute each other.
        """
        mine = {meeting[0] for meeting in self._causes_at.get(trouble.number, ())}
        found = (
            cause
            for meeting in self._muted_at.get(trouble.number, ())
            for cause in self._causes.get(meeting, _NONE).values()
            if cause.open and not cause.retrying and not (meeting[0] in mine and self._is_muted_by(cause, meeting[0]))
        )
        return min(found, key=lambda cause: cause.number, default=None)

    def _is_muted_by(self, trouble: Trouble, rule: int) -> bool:
        return any(meeting[0] == rule for meeting in self._muted_at.get(trouble.number, ()))

    def below(self, trouble: Trouble) -> list[Trouble]:
        """What goes on and is named by a rule as muted by this one, the oldest first."""
        found = {
            number: one
            for meeting in self._causes_at.get(trouble.number, ())
            for number, one in self._muted.get(meeting, _NONE).items()
            if one.open and one is not trouble
        }
        return [found[number] for number in sorted(found)]


def _meetings(place: int, rule: Mute, trouble: Trouble, signal: Signal) -> Iterator[_Meeting]:
    """Where a trouble can meet others under a rule; nowhere where it lacks a label that must be equal."""
    if rule.equal is None:
        if trouble.node is not None:
            yield place, "node", (trouble.node,)
        yield place, "subject", (normal(trouble.subject),)
        return
    values = tuple(signal.labels.get(label, "") for label in rule.equal)
    if all(values):
        yield place, "labels", values


def _enter(
    trouble: Trouble,
    meetings: Iterable[_Meeting],
    table: dict[_Meeting, dict[int, Trouble]],
    places: dict[int, list[_Meeting]],
) -> None:
    for meeting in meetings:
        table[meeting][trouble.number] = trouble
        places.setdefault(trouble.number, []).append(meeting)
