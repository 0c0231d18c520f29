"""Triage beside the store: hears every signal of the intake, and writes what changed of verdicts and candidates.

Only whoever takes signals in has one. Its state is a cache: a new holder of the lease rebuilds it from the log.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.collector.proposals import Proposals
from tui.model import events as ev
from tui.model.alert import Excuse, Verdict
from tui.model.catalog import Graph
from tui.model.entry import MACHINE, Actor
from tui.model.run import Run
from tui.model.severity import Severity
from tui.model.signal import Signal
from tui.model.text import Safe
from tui.store import catalog, log
from tui.store.alerts import get_alert
from tui.store.engine import Connection
from tui.store.hearing import MOST, Heard, heard_in, heard_since, note_judged, untold
from tui.store.log import Stamp
from tui.store.record import record
from tui.store.runs import runs_of
from tui.triage.engine import Triage
from tui.triage.rules import NO_RULES, Rules
from tui.triage.trouble import Trouble
from tui.triage.verdicts import muted_by

REMEMBERED: Final = timedelta(hours=24)
"""How far back a rebuild listens: what is older and still fires has its candidate."""


class Became(msgspec.Struct, frozen=True, kw_only=True):
    """What a signal has come to. `trouble`: which stretch of trouble it is part of; `candidate`: the n of its C-n."""

    verdict: Verdict
    trouble: int | None = None
    candidate: int | None = None


class _Remembered:
    """The runs that the store remembers, as triage asks for them in a transaction."""

    def __init__(self) -> None:
        self.conn: Connection | None = None

    def of(self, key: Safe) -> Sequence[Run]:
        return runs_of(self.conn, key) if self.conn is not None else ()


class Triager:
    """One triage over one store, called inside the transactions of the intake.

    It remembers what it heard for `remembers`: a new catalog has all of that judged again.
    """

    def __init__(self, remembers: timedelta = REMEMBERED, rules: Rules = NO_RULES) -> None:
        self._remembers = remembers
        self._rules = rules
        self._memory: deque[Heard] = deque()
        self._forgotten = 0
        self._built_at: datetime | None = None
        self._before = 0  # signals that the triage of now has not heard, as they were forgotten when it began
        self._last: dict[int, int] = {}
        self._past = _Remembered()
        self._triage = Triage(Graph(), rules, self._past)
        self._graph: Graph | None = None
        self._mark = (0, b"")
        self._noted = -1
        self._whole = True
        self._alerts: dict[int, int] = {}
        self._newest: dict[int, int] = {}
        self._rebuilt = False
        self._proposals = Proposals()
        self.next_at: datetime | None = None

    def begin(self, conn: Connection, now: datetime) -> None:
        """Make sure that the state is that of the store: rebuild it after a lost transaction or a new catalog.

        Once in `remembers` as well, so that what is long over is forgotten.
        """
        self._past.conn = conn
        graph = catalog.read_graph(conn)
        seq, ours = self._mark
        afresh = self._graph is None or not self._whole or log.hash_at(conn, seq) != ours
        self._whole = False
        news = [] if afresh else _told_by_others(conn, seq)
        if afresh:
            self._memory, self._forgotten = deque(heard_since(conn, now - self._remembers)), 0
        self._memory.extend(news)
        old = self._built_at is not None and now - self._built_at > self._remembers
        if afresh or old or graph is not self._graph:
            self._graph, self._built_at = graph, now
            self._rebuild(conn, graph, now)
            return
        for heard in news:
            self._let_pass(heard.received_at)
            trouble = self._triage.trouble_of(self._observe(heard) - self._before)
            if trouble is not None:  # its alert says that nobody has judged it
                self._triage.cases.changed_troubles[trouble.number] = trouble

    def _rebuild(self, conn: Connection, graph: Graph, now: datetime) -> None:
        """Judge all that is remembered anew, time passing as it did; the numbers of signals stay."""
        self._triage, self._rebuilt = Triage(graph, self._rules, self._past), True
        self._alerts, self._newest, self._last, self._before = {}, {}, {}, self._forgotten
        for heard in self._memory:
            self._let_pass(heard.received_at)
            self._observe(heard)
        self._let_pass(now)
        self._proposals = Proposals()
        self._proposals.recognise(conn, self._triage.cases, self._alerts)

    def _let_pass(self, until: datetime) -> None:
        """Let time pass as it did then: what was to be looked at is looked at in its own moment."""
        last: datetime | None = None
        while (at := self._triage.next_at()) is not None and at < until and (last is None or last < at):
            self._triage.tick(at)
            last = at
        self._triage.tick(until)

    def waits_no_longer(self, now: datetime) -> bool:
        """Whether time has changed something: the first tick rebuilds what the one before had left."""
        return self._graph is None or (self.next_at is not None and self.next_at <= now)

    def is_behind(self, conn: Connection) -> bool:
        """Whether others took something in that is not judged yet."""
        return untold(conn, self._mark[0])

    def tick(self, conn: Connection, now: datetime, uid: int) -> None:
        """Write what time alone has changed, in a transaction of its own."""
        self.begin(conn, now)
        self.write(conn, Stamp(actor=Actor(MACHINE, uid), now=now), now)

    def hear(self, signal: Signal, alert: int | None, now: datetime) -> int:
        """Take in one signal; `alert` is the one it is part of. The number by which triage tells of it later.

        The number holds until a transaction is lost.
        """
        self._memory.append(Heard(signal=signal, received_at=now, alert=alert))
        return self._observe(self._memory[-1])

    def _observe(self, heard: Heard) -> int:
        serial = self._triage.observe(heard.signal, heard.received_at)
        trouble, alert = self._triage.trouble_of(serial), heard.alert
        if alert is not None:
            self._last[alert] = serial + self._before
        if trouble is not None and alert is not None and self._alerts.get(trouble.number) != alert:
            self._alerts[trouble.number] = alert
            self._newest[alert] = trouble.number
            self._triage.cases.changed_troubles[trouble.number] = trouble
            if (case := self._triage.cases.of(trouble)) is not None:
                self._triage.cases.touch(case)
        return serial + self._before

    def knows(self, serial: int) -> bool:
        """Whether the signal of this number is part of trouble that triage judges."""
        return self._triage.trouble_of(serial - self._before) is not None

    def last_of(self, alert: int) -> int | None:
        """The number of the signal of an alert that was heard last, as far as is remembered."""
        return self._last.get(alert)

    def became(self, serial: int) -> Became:
        """What became of the signal of this number, as far as is known by now."""
        outcome = self._triage.outcome(serial - self._before)
        trouble = self._triage.trouble_of(serial - self._before)
        return Became(
            verdict=outcome.verdict,
            trouble=trouble.number if trouble is not None else None,
            candidate=self._proposals.candidate_of(outcome.case) if outcome.case is not None else None,
        )

    def write(self, conn: Connection, stamp: Stamp, now: datetime) -> None:
        """Write what changed since the last time: verdicts first, then candidates."""
        self._triage.tick(now)
        cases = self._triage.cases
        troubles, changed = list(cases.changed_troubles.values()), sorted(cases.changed_cases)
        cases.changed_troubles.clear()
        cases.changed_cases.clear()
        for trouble in troubles:
            self._judge(conn, stamp, trouble)
        for number in changed:
            self._proposals.write(conn, stamp, cases.every[number], cases, self._alerts)
        if self._rebuilt:
            self._proposals.excuse(conn, stamp, self._excused())
            self._rebuilt = False
        self._mark, self._whole = log.head(conn), True
        if self._mark[0] != self._noted:
            self._noted = self._mark[0]
            note_judged(conn, self._noted)
        self.next_at = self._triage.next_at()
        while self._memory and (self._memory[0].received_at < now - self._remembers or len(self._memory) > MOST):
            self._memory.popleft()
            self._forgotten += 1

    def _excused(self) -> set[int]:
        """Alerts that go on and for which nobody is needed by the team's settings."""
        newest = ((alert, self._triage.troubles[number]) for alert, number in self._newest.items())
        return {alert for alert, trouble in newest if trouble.open and trouble.excuse}

    def _judge(self, conn: Connection, stamp: Stamp, trouble: Trouble) -> None:
        """Triage's word on the alert of a trouble, unless a person said otherwise.

        What lies in an incident and goes on is not called anything less while it does: a person declared it.
        """
        number = self._alerts.get(trouble.number)
        if number is None or self._newest[number] != trouble.number:
            return
        alert = get_alert(conn, number)
        declared = alert.incident is not None and alert.verdict is Verdict.INCIDENT
        if alert.judged_by is not None or (declared and trouble.open and trouble.case is None):
            return
        severity, excused, reason = self._severity(trouble), _excuse_of(trouble), self._reason(trouble)
        graver = severity is not None and (alert.severity is None or severity < alert.severity)
        graver = graver and alert.incident is None  # in an incident its severity is what people said
        if graver or (alert.verdict, alert.reason, alert.excused) != (trouble.verdict, reason, excused):
            body = ev.Judged(verdict=trouble.verdict, reason=reason, severity=severity, excused=excused)
            record(conn, stamp, body, incident=alert.incident, alert=number)

    def _reason(self, trouble: Trouble) -> Safe:
        """Triage's reason; what is muted names the alert that stands for it."""
        cause = trouble.muted_by
        if cause is None or cause not in self._alerts or trouble.reason != trouble.excuse:
            return trouble.reason or Safe("seen")
        return muted_by(f"A-{self._alerts[cause]} {self._triage.troubles[cause].title}", trouble)

    def _severity(self, trouble: Trouble) -> Severity | None:
        case = self._triage.cases.of(trouble)
        if case is not None:
            return case.severity
        return Severity.SEV3 if trouble.verdict is Verdict.RETRY and trouble.open else None


def _excuse_of(trouble: Trouble) -> Excuse | None:
    """Why nobody is needed for what goes on; what is over needs no excuse."""
    if not trouble.open:
        return None
    return Excuse.MUTED if trouble.muted_by is not None else Excuse.PLANNED if trouble.planned else None


def _told_by_others(conn: Connection, seq: int) -> list[Heard]:
    """What others took in after our last event: `sev ingest` writes beside a running collector."""
    found: list[Heard] = []
    while news := log.since(conn, seq):
        seq = news[-1].seq
        found += [heard for event in news if (heard := heard_in(conn, event)) is not None]
    return found
