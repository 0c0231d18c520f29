"""The cases that triage holds: opening, growing, merging, weighing and withdrawing them."""

from collections import defaultdict
from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import islice
from typing import Final

from tui.model.alert import Verdict
from tui.model.text import Safe
from tui.triage.case import Case
from tui.triage.grade import grade
from tui.triage.grouping import NEAR_AFTER, UPSTREAM_STEPS, UPSTREAM_WITHIN, Bond, bond
from tui.triage.impact import weigh
from tui.triage.need import BLIP
from tui.triage.places import Places
from tui.triage.trouble import Fault, Trouble
from tui.triage.verdicts import afterwards, meanwhile

LOOK_BACK: Final = timedelta(hours=8)
"""How old a flap or warning may be that turns out to have been the beginning."""

_OVER: Final = 2.5
"""What is tied to a case that is over belongs rather to one that goes on."""


class Cases:
    """All cases by their numbers. `changed` collects troubles and cases that a caller has not seen yet as they are."""

    def __init__(self, places: Places) -> None:
        self.every: list[Case] = []
        self.changed_cases: set[int] = set()
        self.changed_troubles: dict[int, Trouble] = {}
        self._places = places
        self._live: dict[int, Case] = {}
        self._of_key: dict[Safe, set[int]] = defaultdict(set)
        self._at_node: dict[Safe, set[int]] = defaultdict(set)
        self._in_words: dict[str, set[int]] = defaultdict(set)
        self._dues: list[tuple[datetime, int]] = []
        self._touched: set[int] = set()

    def __iter__(self) -> Iterator[Case]:
        """The cases that stand, the oldest first."""
        return iter(self._live.values())

    def of(self, trouble: Trouble) -> Case | None:
        """The case that a trouble lies in."""
        return self.every[trouble.case] if trouble.case is not None else None

    def standing(self, number: int) -> Case:
        """The case of this number, or the one that it became part of."""
        case = self.every[number]
        while case.merged_into is not None:
            case = self.every[case.merged_into]
        return case

    def only_open(self) -> Case | None:
        """The case that goes on, where there is one alone."""
        found = list(islice((case for case in self if case.open), 2))
        return found[0] if len(found) == 1 else None

    def open(self, trouble: Trouble, why: Safe, now: datetime) -> Case:
        """A new case that begins with this trouble."""
        case = Case(number=len(self.every), began=trouble.began, proposed_at=now)
        self.every.append(case)
        self._live[case.number] = case
        self.add(trouble, case, why)
        return case

    def add(self, trouble: Trouble, case: Case, why: Safe) -> None:
        """Put a trouble into a case: from now on it needs a person, for this reason."""
        trouble.case, trouble.look_at = case.number, None
        self.say(trouble, Verdict.INCIDENT, why)
        case.add(trouble)
        self.touch(case)
        self._of_key[trouble.key].add(case.number)
        if trouble.node is not None:
            self._at_node[trouble.node].add(case.number)
        for word in trouble.words:
            self._in_words[word].add(case.number)

    def touch(self, case: Case) -> None:
        """Have a case weighed again at the next `settle`."""
        self._touched.add(case.number)

    def say(self, trouble: Trouble, verdict: Verdict, reason: Safe) -> None:
        """Give a trouble its verdict and reason."""
        if (trouble.verdict, trouble.reason) != (verdict, reason) or trouble.case is not None:
            self.changed_troubles[trouble.number] = trouble
        trouble.verdict, trouble.reason = verdict, reason

    def let_go(self, trouble: Trouble, case: Case, now: datetime) -> None:
        """A trouble that turns out not to belong."""
        case.drop(trouble)
        self.touch(case)
        trouble.case = None
        self.say(trouble, *afterwards(trouble, now))
        self.changed_troubles[trouble.number] = trouble

    def mute(self, trouble: Trouble, now: datetime) -> None:
        """Other trouble stands for this one: its case does without it, and is over where it was the heart of it."""
        trouble.look_at = None
        case = self.of(trouble)
        if case is not None and any(one.open or one.fired for one in case.members.values() if one is not trouble):
            self.let_go(trouble, case, now)
        elif case is not None:
            self.withdraw(case, now)
        self.say(trouble, meanwhile(trouble), trouble.excuse)

    def look_back(self, case: Case, troubles: list[Trouble], common: Set[str], now: datetime) -> None:
        """Earlier flaps and warnings of the same lineage were its beginning."""
        around = frozenset[Safe]().union(*(self._places.around(node) for node in case.by_node))
        words = case.words - common
        for one in reversed(troubles):
            if one.case is not None or one.apart or now - one.last > LOOK_BACK:
                continue
            if one.node not in around and one.key not in case.by_key and words.isdisjoint(one.words):
                continue
            tie = bond(one, case, self._places, now, common)
            by_words = tie is not None and tie.strength < 2
            if tie is not None and tie.upstream and not one.open and case.began - one.last > NEAR_AFTER:
                continue
            if tie is None or (by_words and (one.a_run or not one.open)) or _only_a_retry(one, tie.strength):
                continue
            self.add(one, case, tie.why)

    def nearest(self, trouble: Trouble, common: Set[str], now: datetime) -> list[tuple[Bond, Case]]:
        """The cases a trouble is tied to, the strongest tie first, the newest case before an older one."""
        found = []
        for case in self._around(trouble, common):
            tie = bond(trouble, case, self._places, now, common)
            if tie is not None:
                found.append((tie, case))
        return sorted(found, key=lambda pair: (-pair[0].strength + _OVER * (not pair[1].open), -pair[1].number))

    def _around(self, trouble: Trouble, common: Set[str]) -> list[Case]:
        """The standing cases that a tie could lead to: of its key, along its lineage, beside it, or of its words."""
        numbers = set(self._of_key.get(trouble.key, ()))
        for word in trouble.words - common:
            numbers |= self._in_words.get(word, set())
        return self._standing(numbers | self._along(trouble.node))

    def _along(self, node: Safe | None) -> set[int]:
        """The numbers of cases that have had a trouble along the lineage of a node, or beside it."""
        around = self._places.around(node) if node is not None else ()
        return set[int]().union(*(self._at_node[name] for name in around if name in self._at_node))

    def _standing(self, numbers: set[int]) -> list[Case]:
        standing = {self.standing(number).number for number in numbers}
        return [self._live[number] for number in sorted(standing) if number in self._live]

    def merge(self, case: Case, into: Case) -> None:
        """Make one case part of another."""
        if case is into or not case.live:
            return
        for one in case.members.values():
            one.case = into.number
            self.changed_troubles[one.number] = one
        into.absorb(case)
        self.touch(into)
        del self._live[case.number]
        self.changed_cases |= {case.number, into.number}

    def settle(self, now: datetime) -> None:
        """Weigh the cases whose members changed; those that turn out to be one become one."""
        while self._touched:
            numbers, self._touched = sorted(self._touched), set()
            touched = [self.every[number] for number in numbers if number in self._live]
            for case in touched:
                self._weigh(case, now)
            for case in touched:
                self._coalesce(case)

    def _weigh(self, case: Case, now: datetime) -> None:
        weigh(case, self._places, now)
        severity, reasons = grade(case, self._places, now)
        if not case.reasons or severity <= case.severity:
            case.severity, case.reasons = severity, reasons
        self.changed_cases.add(case.number)
        for due in case.risks.values():
            if due > now:  # one that has passed changes nothing any more
                heappush(self._dues, (due, case.number))

    def fall_due(self, now: datetime) -> None:
        """Look again at the cases below which a deadline has passed by now."""
        while self._dues and self._dues[0][0] <= now:
            _, number = heappop(self._dues)
            self.touch(self.standing(number))

    @property
    def next_due(self) -> datetime | None:
        """The next deadline that a standing case may miss."""
        return self._dues[0][0] if self._dues else None

    def _coalesce(self, case: Case) -> None:
        """Two cases that turn out to have one root, or one the root of the other, are one."""
        if not case.live or not case.open:
            return
        for other in self._standing(self._along(case.root) if case.by_node else set()):
            if other is case or not other.open:
                continue
            together = abs(other.began - case.began) <= UPSTREAM_WITHIN
            if (together and case.root == other.root) or self._leads(case, other) or self._leads(other, case):
                older, newer = sorted((case, other), key=lambda one: one.number)
                self.merge(newer, older)
                return

    def _leads(self, case: Case, other: Case) -> bool:
        """Whether the root of `case` goes wrong above the root of the other, a few steps away."""
        far = self._places.down(case.root).get(other.root)
        there = case.by_node.get(case.root)
        if far is None or far > UPSTREAM_STEPS or there is None or not there.open or not there.fired:
            return False
        return abs(other.began - there.since) <= UPSTREAM_WITHIN

    def made_it(self, trouble: Trouble, case: Case) -> bool:
        """Whether a retry succeeded while the root of the case is still unwell: it had a reason of its own."""
        if trouble.fired or trouble.opened or trouble.node in (None, case.root) or trouble.node in case.hits:
            return False
        root = case.by_node.get(case.root)
        return root is not None and root.open

    def was_nothing(self, case: Case, now: datetime) -> bool:
        """Whether it was over before anybody was hit: retries that made it, or a blip."""
        members = list(case.members.values())
        if all(not member.fired for member in members):
            return not case.hits and not any(member.rising for member in members)
        serious = case.hits or any(one.fault in (Fault.WRONG, Fault.FAILED) and one.fired for one in members)
        if not len(self._places):  # nothing is known to hang on it, so each bout stands for itself
            return not serious and all(one.ended is not None and one.ended - one.since <= BLIP for one in members)
        return not serious and len(members) == 1 and now - case.began <= BLIP

    def withdraw(self, case: Case, now: datetime) -> None:
        """It needs nobody after all; its troubles are what they would have been without it."""
        case.withdrawn = True
        del self._live[case.number]
        self.changed_cases.add(case.number)
        for one in case.members.values():
            one.case = None
            self.say(one, *afterwards(one, now))
            self.changed_troubles[one.number] = one


def _only_a_retry(trouble: Trouble, strength: float) -> bool:
    """A retry that made it some time ago is not part of what fails below or above it later."""
    return not trouble.fired and not trouble.open
