"""Triage as it goes along: signals in, in the order they come; out what each is and which belong together.

Its state is a cache: the same signals, catalog and times give the same state again. It never looks at a clock.
"""

from datetime import datetime
from heapq import heappop, heappush
from typing import Final

import msgspec

from tui.model.alert import Verdict
from tui.model.catalog import Graph
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean
from tui.triage.cases import Cases
from tui.triage.echo import echo_of
from tui.triage.excuses import Excuses
from tui.triage.habits import Learned, Past, rising, usual_of
from tui.triage.need import Need, commitments, need_of
from tui.triage.places import Places
from tui.triage.planned import Works, works_of
from tui.triage.remarks import Remarks
from tui.triage.rules import NO_RULES, Rules
from tui.triage.trouble import SAME_AGAIN, Trouble, begin, take
from tui.triage.verdicts import afterwards, meanwhile
from tui.triage.vocabulary import Vocabulary

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

    def __init__(self, graph: Graph, rules: Rules = NO_RULES, past: Past | None = None) -> None:
        self.places = Places(graph)
        self._excuses = Excuses(rules, self.places)
        self._learned = Learned()
        self._past: Past = self._learned if past is None else past
        self.troubles: list[Trouble] = []
        self.cases = Cases(self.places)
        self._remarks = Remarks(self.cases, self.places)
        self._of_signal: dict[int, Trouble] = {}
        self._serial = 0
        self._under: dict[Safe, Trouble] = {}
        self._runs_at: dict[Safe, Trouble] = {}
        self._looks: list[tuple[datetime, int]] = []
        self._last_at: dict[Safe, Trouble] = {}
        self._vocabulary = Vocabulary()

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
        self._excuses.hear(trouble, signal)
        self._excuse(trouble, now)
        if trouble.open:
            self._consider(trouble, now)
        else:
            self._recovered(trouble, signal, now)
        self._pass_on(trouble, now)
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
                self._look_again(trouble, now)
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
        case = self._remarks.case_of(serial)
        if case is not None:
            return Outcome(verdict=Verdict.INCIDENT, reason=Safe("speaks of it"), case=case)
        if self._remarks.passed(serial):
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
            self._vocabulary.count(made, now)
        self._under[signal.key] = made
        if made.node is not None:
            self._last_at[made.node] = made
            if made.a_run:
                self._runs_at[made.node] = made
        return made

    def _consider(self, trouble: Trouble, now: datetime) -> None:
        if trouble.muted_by is not None:
            self.cases.mute(trouble, now)
            return
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
        self._wait(trouble, need)
        if not (trouble.apart or trouble.trivial):
            self._spread(trouble, now)

    def _wait(self, trouble: Trouble, need: Need) -> None:
        """Nobody is needed for it yet."""
        if not trouble.planned:
            trouble.look_at = need.at
        if need.at is not None:
            heappush(self._looks, (need.at, trouble.number))
        self.cases.say(trouble, meanwhile(trouble), need.why)

    def _look_again(self, trouble: Trouble, now: datetime) -> None:
        """What no setting excuses any longer is judged as if it began now, and joins nothing while it is held."""
        before = trouble.excuse
        self._excuse(trouble, now)
        if before and not trouble.excuse:
            trouble.since = now
            need = self._need(trouble, now)
            if not need.now:
                self._wait(trouble, need)
                return
        self._consider(trouble, now)

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
        self.cases.look_back(case, self.troubles[-_RECENT:], self._vocabulary.common, now)
        self._remarks.claim(case, self._vocabulary.common, now)

    def _join(self, trouble: Trouble, need: Need, now: datetime) -> bool:
        near = self.cases.nearest(trouble, self._vocabulary.common, now)
        if not near or (trouble.a_run and near[0][0].strength < 2):
            return self._echo(trouble)
        tie, case = near[0]
        if (trouble.retrying and tie.strength < 2) or (trouble.trivial and tie.strength < 3):
            return False
        if not (trouble.fired or need.now) and tie.sideways:
            return False
        fresh = trouble.node is not None and trouble.node not in case.by_node
        self.cases.add(trouble, case, tie.why)
        for other, more in near[1:]:
            if tie.upstream and other.upstream:
                self.cases.merge(more, case)
        if fresh:
            self.cases.look_back(case, self.troubles[-_RECENT:], self._vocabulary.common, now)
            self._remarks.claim(case, self._vocabulary.common, now)
        return True

    def _echo(self, trouble: Trouble) -> bool:
        """What the catalog does not know joins the case that it echoes."""
        alone = trouble.node is None or len(self.places.around(trouble.node)) == 1
        if not len(self.places) or not alone:
            return False
        found = echo_of(trouble, self.cases, self._vocabulary.common)
        if found is not None:
            case, why = found
            self.cases.add(trouble, case, why)
        return found is not None

    def _spread(self, trouble: Trouble, now: datetime) -> None:
        """Two symptoms along one lineage at the same time are no accident."""
        if trouble.node is None or trouble.retrying or not commitments(trouble, self.places):
            return
        for node in (*self.places.down(trouble.node), *self.places.up(trouble.node)):
            other = self._last_at.get(node)
            idle = (
                other is None
                or not other.open
                or other.retrying
                or other.apart
                or other.trivial
                or other.case is not None
            )
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
            self._announced(works, now)
            return
        self._remarks.hear(self._serial, signal, self._vocabulary.common, now)

    def _excuse(self, trouble: Trouble, now: datetime) -> None:
        """Announced work and maintenance excuse a trouble until they are over; then it is looked at like any other."""
        if (until := self._excuses.weigh(trouble, now)) is not None:
            trouble.look_at = until
            heappush(self._looks, (until, trouble.number))

    def _pass_on(self, trouble: Trouble, now: datetime) -> None:
        """What a trouble mutes is muted when it fires, and looked at anew when it is over."""
        for one in self._excuses.hanging_on(trouble):
            self._look_again(one, now)

    def _announced(self, works: Works, now: datetime) -> None:
        self._excuses.announce(works)
        for one in self._under.values():
            if works.cover(one, self.places, now):
                self._excuse(one, now)
                if one.case is None:
                    self.cases.say(one, meanwhile(one), one.excuse or Safe("announced work"))
        for case in list(self.cases):
            if all(member.planned for member in case.members.values()):
                self.cases.withdraw(case, now)


def _speaks_of_trouble(signal: Signal) -> bool:
    return signal.kind is not Kind.CHANGE and signal.status in (*_BAD, *_WELL)
