"""Plays a scenario by its own clock through the real intake into a store, and tells what triage made of it."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import msgspec

from tui.collector.delivery import Delivery, Receipt, prepare
from tui.collector.intake import take_in
from tui.collector.reading import AS_THEY_COME, Readings
from tui.collector.team_catalog import learn_catalog
from tui.collector.triaging import Became, Triager
from tui.drills.scenario import Line, Scenario
from tui.model.alert import Candidate, Verdict
from tui.model.events import CandidateProposed, CandidateWithdrawn, Event
from tui.model.ids import Ref
from tui.store import log
from tui.store.alerts import get_candidate
from tui.store.engine import Connection, Store
from tui.triage.rules import NO_RULES, Rules

WORST_FIRST: Final = (Verdict.INCIDENT, Verdict.FLAPPING, Verdict.RETRY, Verdict.NOISE, Verdict.INFO)
"""Which verdict a line of several alerts has: the first of these that one of them has."""

_SECOND: Final = timedelta(seconds=1)
_FOR_EVER: Final = timedelta(days=100_000)
_EVENTS: Final = 5_000


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of one trouble or candidate, by their index from 0, and the verdict they ended with."""

    signals: list[int]
    verdict: Verdict
    group: str | None


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate that stands at the end; `consumers` are those hit, `proposed_at` seconds since the start."""

    group: str
    severity: int
    root: str
    consumers: list[str]
    proposed_at: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What triage made of a scenario. Every line is in exactly one of `alerts`."""

    alerts: list[Judged]
    candidates: list[Proposed]


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that was played to its end. `candidates` are those of the report, `alerts` how many there were."""

    report: Report
    candidates: tuple[Candidate, ...]
    alerts: int
    rejected: int


def play(
    scenario: Scenario,
    store: Store,
    *,
    readings: Readings = AS_THEY_COME,
    pause: Callable[[timedelta], None] | None = None,
    rules: Rules = NO_RULES,
) -> Played:
    """Play a scenario into `store`; `pause` waits for a span of the scenario's time, None: it takes no time."""
    player = Player(scenario, store, readings=readings, pause=pause, rules=rules)
    for line in scenario.lines:
        player.take(line)
    return player.end()


class Player:
    """Plays line by line. Its clock stands where the last line or the last look of triage was; it never goes back."""

    def __init__(
        self,
        scenario: Scenario,
        store: Store,
        *,
        readings: Readings = AS_THEY_COME,
        pause: Callable[[timedelta], None] | None = None,
        began: int | None = None,
        rules: Rules = NO_RULES,
    ) -> None:
        """`began`: where in the log the play began, for whoever takes it over from another player."""
        self._store = store
        self._start = self._now = scenario.start
        self._readings = readings
        self._pause = pause
        self._triager = Triager(remembers=_FOR_EVER, rules=rules)
        self._receipts: list[Receipt] = []
        self._uid = os.getuid()
        self.began = store.read(log.head)[0] if began is None else began
        store.tx(partial(learn_catalog, now=self._start, uid=self._uid, facts=scenario.facts))

    def take(self, line: Line) -> None:
        """Let time pass until a line arrives, and take it in."""
        self._until(line.at)
        prepared = prepare(
            Delivery(body=line.body, received_at=self._now, uid=self._uid, source=line.source), self._readings
        )
        self._receipts += self._store.tx(partial(take_in, now=self._now, batch=[prepared], triager=self._triager))

    def _until(self, moment: datetime) -> None:
        """The clock of triage runs as the collector's does: at most once a second, when it has something to do."""
        while (at := self._triager.next_at) is not None and (at := max(at, self._now + _SECOND)) < moment:
            self._go(at)
            self._store.tx(partial(self._triager.tick, now=at, uid=self._uid))
        self._go(moment)

    def _go(self, moment: datetime) -> None:
        if moment > self._now:
            if self._pause is not None:
                self._pause(moment - self._now)
            self._now = moment

    def end(self) -> Played:
        """What became of all lines taken so far."""
        numbers = {number for receipt in self._receipts for number in receipt.alerts}
        rejected = sum(receipt.rejected is not None for receipt in self._receipts)
        proposed = self._store.read(self._standing)
        candidates = tuple(candidate for candidate, _ in proposed)
        report = Report(alerts=self._judged(), candidates=[self._proposed(*one) for one in proposed])
        return Played(report=report, candidates=candidates, alerts=len(numbers), rejected=rejected)

    def _judged(self) -> list[Judged]:
        found: dict[tuple[str, Verdict], Judged] = {}
        for index, receipt in enumerate(self._receipts):
            worst = _worst(tuple(self._triager.became(serial) for serial in receipt.heard))
            group = f"{Ref('C', worst.candidate)}" if worst.candidate is not None else None
            key = (group or _belongs(worst, receipt, index), worst.verdict)
            found.setdefault(key, Judged(signals=[], verdict=worst.verdict, group=group)).signals.append(index)
        return list(found.values())

    def _standing(self, conn: Connection) -> list[tuple[Candidate, datetime]]:
        """The candidates of the play that stand at its end, each with the time of its first proposal."""
        first: dict[int, datetime] = {}
        for event in _events(conn, self.began):
            if isinstance(event.body, CandidateProposed):
                first.setdefault(event.body.candidate, event.at)
            elif isinstance(event.body, CandidateWithdrawn):
                before = first.pop(event.body.candidate, event.at)  # proposed again later it is a new proposal
                if (into := event.body.into) is not None:
                    first[into] = min(first.get(into, before), before)
        standing = [(get_candidate(conn, number), at) for number, at in sorted(first.items())]
        return [(candidate, at) for candidate, at in standing if candidate.alerts]

    def _proposed(self, candidate: Candidate, first: datetime) -> Proposed:
        return Proposed(
            group=f"{Ref('C', candidate.id)}",
            severity=int(candidate.severity),
            root=candidate.root_name,
            consumers=[one.name for one in candidate.consumers if one.hit and one.name != candidate.root_name],
            proposed_at=(first - self._start).total_seconds(),
        )


def _worst(became: Sequence[Became]) -> Became:
    """The gravest of what the signals of a line became; of incidents one that has a candidate."""
    return min(
        became,
        key=lambda one: (WORST_FIRST.index(one.verdict), one.candidate is None),
        default=Became(verdict=Verdict.INFO),
    )


def _belongs(became: Became, receipt: Receipt, index: int) -> str:
    """What holds lines without a candidate together: their trouble, else their alert."""
    if became.trouble is not None:
        return f"trouble {became.trouble}"
    return f"A-{receipt.alerts[0]}" if receipt.alerts else f"line {index}"


def _events(conn: Connection, seq: int) -> Iterator[Event]:
    """Every event after `seq`."""
    while events := log.since(conn, seq, _EVENTS):
        yield from events
        seq = events[-1].seq
