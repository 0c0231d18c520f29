"""Triage as it goes along: signals in, in the order they come; out what each is and which belong together.

Its state is a cache: the same signals, catalog and times give the same state again. It never looks at a clock.
"""

from collections import Counter, deque
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from typing import Final

import msgspec

from tui.model.alert import Verdict
from tui.model.catalog import Graph
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean
from tui.triage import hearsay
from tui.triage.case import Case
from tui.triage.cases import Cases
from tui.triage.grouping import ALIKE_WITHIN
from tui.triage.habits import Learned, Past, rising, usual_of
from tui.triage.need import Need, commitments, need_of
from tui.triage.places import Places
from tui.triage.planned import Works, works_of
from tui.triage.trouble import SAME_AGAIN, Trouble, begin, take
from tui.triage.verdicts import afterwards, meanwhile

COMMON: Final = 3
"""A word that more keys than this have used ties nothing together."""
STORM: Final = 6
"""Troubles of one case within ten minutes that make a storm."""
_WELL: Final = (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)
_BAD: Final = (SignalStatus.FIRING, SignalStatus.RETRYING, SignalStatus.UNKNOWN)
_RECENT: Final = 2_000  # troubles that are looked at for an earlier beginning


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one signal. `case`: the number of the case it lies in."""

    verdict: Verdict
    reason: Safe
    case: int | None = None


class Triage:
    """Feed it with `observe`, let time pass with `tick`, and `settle` before looking at `troubles` and `cases`.

    `past`: the runs that are known, which the caller keeps up to date; without it those are known that it hears of.
    """

    def __init__(self, graph: Graph, past: Past | None = None) -> None:
        self.places = Places(graph)
        self._learned = Learned()
        self._past: Past = self._learned if past is None else past
        self.troubles: list[Trouble] = []
        self.cases = Cases(self.places)
        self._heard: dict[int, int | None] = {}
        self._of_signal: dict[int, Trouble] = {}
        self._passed: set[int] = set()
        self._serial = 0
        self._under: dict[Safe, Trouble] = {}
        self._runs_at: dict[Safe, Trouble] = {}
        self._works: list[Works] = []
        self._looks: list[tuple[datetime, int]] = []
        self._last_at: dict[Safe, Trouble] = {}
        self._spoken: Counter[str] = Counter()
        self._common: set[str] = set()
        self._uncounted: deque[Trouble] = deque()

    def observe(self, signal: Signal, now: datetime) -> int:
        """Take one signal in; the number under which `outcome` tells later what became of it."""
        self._serial += 1
        if self._past is self._learned:
            self._learned.hear(signal, now)
        trouble = self._trouble(signal, now) if _speaks_of_trouble(signal) else None
        if trouble is None:
            self._hear(signal, now)
            return self._serial
        self._of_signal[self._serial] = trouble
        if not take(trouble, signal, now):
            return self._serial
        trouble.planned = False
        for works in self._works:
            if works.cover(trouble, self.places, now):
                self._plan(trouble, works)
        if trouble.open:
            self._consider(trouble, now)
        else:
            self._recovered(trouble, signal, now)
        return self._serial

    def trouble_of(self, serial: int) -> Trouble | None:
        """The trouble that the signal observed under this number belongs to."""
        return self._of_signal.get(serial)

    def tick(self, now: datetime) -> None:
        """Look again at what was to be looked at by now, and at deadlines that passed."""
        while self._looks and self._looks[0][0] <= now:
            at, number = heappop(self._looks)
            trouble = self.troubles[number]
            if trouble.open and trouble.look_at == at:
                trouble.look_at = None
                trouble.planned = trouble.planned and any(w.cover(trouble, self.places, now) for w in self._works)
                self._consider(trouble, now)
        self.cases.fall_due(now)
        self.settle(now)

    def settle(self, now: datetime) -> None:
        """Bring severity, root and impact of all cases up to date."""
        self.cases.settle(now)

    def next_at(self) -> datetime | None:
        """When time alone will change something next; None while nothing waits for it."""
        moments = (self._looks[0][0] if self._looks else None, self.cases.next_due)
        return min((moment for moment in moments if moment is not None), default=None)

    def outcome(self, serial: int) -> Outcome:
        """What became of the signal that was observed under this number."""
        trouble = self._of_signal.get(serial)
        if trouble is not None:
            return Outcome(verdict=trouble.verdict, reason=trouble.reason, case=trouble.case)
        case = self._heard.get(serial)
        if case is not None and not (standing := self.cases.standing(case)).withdrawn:
            return Outcome(verdict=Verdict.INCIDENT, reason=Safe("speaks of it"), case=standing.number)
        if serial in self._passed:
            return Outcome(verdict=Verdict.RETRY, reason=Safe("ran well after another try"))
        return Outcome(verdict=Verdict.INFO, reason=Safe("says nothing is wrong"))

    def _trouble(self, signal: Signal, now: datetime) -> Trouble | None:
        """The trouble a signal belongs to: the one under its key that goes on or was a moment ago, else a new one."""
        known = self._under.get(signal.key)
        if known is not None:
            case = self.cases.of(known)
            again = known.open or now - known.last <= SAME_AGAIN or (case is not None and case.open)
            next_run = signal.status is SignalStatus.SUCCEEDED and not known.open and case is None
            if again and not next_run:
                return known
        if signal.status in _WELL:
            return None
        made = begin(len(self.troubles), signal, self.places.place_of(signal), now)
        self.troubles.append(made)
        if known is None:
            self._count_words(made, now)
        self._under[signal.key] = made
        if made.node is not None:
            self._last_at[made.node] = made
            if made.a_run:
                self._runs_at[made.node] = made
        return made

    def _count_words(self, made: Trouble, now: datetime) -> None:
        """Count the words of a new key once it is no part of what begins just now: a storm's words are not common."""
        self._uncounted.append(made)
        while self._uncounted and now - self._uncounted[0].seen > ALIKE_WITHIN:
            words = self._uncounted.popleft().words
            self._spoken.update(words)
            self._common.update(word for word in words if self._spoken[word] > COMMON)

    def _consider(self, trouble: Trouble, now: datetime) -> None:
        if (case := self.cases.of(trouble)) is not None:
            trouble.tight = trouble.tight or (trouble.rising and self._need(trouble, now).now)
            self.cases.touch(case)
            self.cases.changed_troubles[trouble.number] = trouble
            return
        trouble.beside_retry = not trouble.a_run and self._retried(trouble)
        need = self._need(trouble, now)
        if not need.now and trouble.retrying and not trouble.apart:
            often = rising(self._past, trouble.key, trouble.run, now)
            trouble.rising = often is not None
            need = need if often is None else Need(why=often, now=True)
        if not trouble.apart and self._join(trouble, need, now):
            return
        if need.now:
            self._open(trouble, need.why, now)
            return
        if not trouble.planned:
            trouble.look_at = need.at
        if need.at is not None:
            heappush(self._looks, (need.at, trouble.number))
        self.cases.say(trouble, meanwhile(trouble), need.why)
        if not trouble.apart:
            self._spread(trouble, now)

    def _need(self, trouble: Trouble, now: datetime) -> Need:
        usual = usual_of(self._past.of(trouble.key), before=now) if trouble.retrying else None
        return need_of(trouble, self.places, usual, now)

    def _retried(self, trouble: Trouble) -> bool:
        """Whether the job it speaks of is being tried again at this moment."""
        there = self._runs_at.get(trouble.node) if trouble.node is not None else None
        return there is not None and there.open and there.retrying

    def _open(self, trouble: Trouble, why: Safe, now: datetime) -> None:
        trouble.opened = True
        case = self.cases.open(trouble, why, now)
        self.cases.look_back(case, self.troubles[-_RECENT:], self._common, now)

    def _join(self, trouble: Trouble, need: Need, now: datetime) -> bool:
        near = self.cases.nearest(trouble, self._common, now)
        if not near:
            return self._echo(trouble)
        tie, case = near[0]
        if (trouble.retrying or trouble.a_run) and tie.strength < 2:
            return False
        if not (trouble.fired or need.now) and tie.sideways:
            return False
        fresh = trouble.node is not None and trouble.node not in case.by_node
        self.cases.add(trouble, case, tie.why)
        for other, more in near[1:]:
            if tie.upstream and other.upstream:
                self.cases.merge(more, case)
        if fresh:
            self.cases.look_back(case, self.troubles[-_RECENT:], self._common, now)
        return True

    def _echo(self, trouble: Trouble) -> bool:
        """What the catalog does not know joins the only open case that storms, or that speaks of the same."""
        stray = len(self.places) > 0 and trouble.node is None and not trouble.a_run
        case = self.cases.only_open() if stray else None
        if case is None:
            return False
        if _storms(case, trouble):
            self.cases.add(trouble, case, Safe("began in the same storm, and nothing else is open"))
            return True
        shared = (trouble.words & case.words) - self._common
        if trouble.hint in (None, Severity.SEV3) or not shared:
            return False
        self.cases.add(trouble, case, clean(f"speaks of {min(shared)} too, and nothing else is open"))
        return True

    def _spread(self, trouble: Trouble, now: datetime) -> None:
        """Two symptoms along one lineage at the same time are no accident."""
        if trouble.node is None or trouble.retrying or not commitments(trouble, self.places):
            return
        for node in (*self.places.down(trouble.node), *self.places.up(trouble.node)):
            other = self._last_at.get(node)
            idle = other is None or not other.open or other.retrying or other.apart or other.case is not None
            if other is not None and not idle:
                self._open(trouble, clean(f"{other.node} and {trouble.node} fail along one lineage"), now)
                return

    def _recovered(self, trouble: Trouble, signal: Signal, now: datetime) -> None:
        trouble.look_at = None
        case = self.cases.of(trouble)
        if case is None:
            self.cases.say(trouble, *afterwards(trouble, now))
            return
        self.cases.touch(case)
        if self.cases.made_it(trouble, case):
            self.cases.let_go(trouble, case, now)
        elif not case.open:
            self.settle(now)
            if case.live and self.cases.was_nothing(case, now):
                self.cases.withdraw(case, now)

    def _hear(self, signal: Signal, now: datetime) -> None:
        """What people and tools say without anything being wrong: it joins the case it speaks of."""
        if (works := works_of(signal, now)) is not None:
            self._works.append(works)
            self._excuse(works, now)
            return
        case = hearsay.spoken_of(signal, self.cases, self.places, self._common, now)
        if case is not None:
            self._heard[self._serial] = case.number
            case.named += hearsay.causes_named(signal, case, self.places)
            if signal.status in _WELL and (place := self.places.place_of(signal)) is not None:
                case.mended.add(place)
            self.cases.touch(case)
        elif (signal.attempt or 1) > 1 and signal.status in _WELL:
            self._passed.add(self._serial)

    def _plan(self, trouble: Trouble, works: Works) -> None:
        """Announced work excuses a trouble until it has been over for a while; then it is looked at like any other."""
        trouble.planned, trouble.look_at = True, works.excuses_until
        heappush(self._looks, (works.excuses_until, trouble.number))

    def _excuse(self, works: Works, now: datetime) -> None:
        for one in self._under.values():
            if works.cover(one, self.places, now):
                self._plan(one, works)
                if one.case is None:
                    self.cases.say(one, meanwhile(one), Safe("announced work"))
        for case in list(self.cases):
            if all(member.planned for member in case.members.values()):
                self.cases.withdraw(case, now)


def _speaks_of_trouble(signal: Signal) -> bool:
    return signal.kind is not Kind.CHANGE and signal.status in (*_BAD, *_WELL)


def _storms(case: Case, trouble: Trouble) -> bool:
    """Whether so much began in this case a moment ago that what begins now is part of it."""
    if trouble.trivial:
        return False
    newest = islice(reversed(case.members.values()), STORM * 3)
    lately = sum(abs(one.seen - trouble.since) <= ALIKE_WITHIN for one in newest if one.fired)
    return lately >= STORM
