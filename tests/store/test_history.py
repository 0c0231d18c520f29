"""Random histories: whatever tools say and people do, log and projections agree and nothing dangles."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support.scene import Scene
from tui.desk import alerts, incidents, learn, notes, people, phases
from tui.desk.act import Outcome, Pen
from tui.desk.redact import redact
from tui.desk.undo import undo
from tui.errors import SevError
from tui.model.alert import Alert, AlertStatus, Verdict
from tui.model.entry import MACHINE, Actor, EntryKind
from tui.model.ids import Ref
from tui.model.incident import Phase
from tui.model.learn import ActionState, ActionType, Category
from tui.model.severity import Severity
from tui.model.text import Safe
from tui.store import integrity, log, retention
from tui.store.engine import Connection, Store

P = ParamSpec("P")
PEOPLE = st.sampled_from(["li", "bo"])
KEYS = st.sampled_from(["orders", "cards", "fraud"])
NUMBERS = st.integers(0, 5)
GROUPS = st.lists(NUMBERS, min_size=1, max_size=3, unique=True).map(tuple)
REASONS = st.sampled_from([Safe(""), Safe("because")])
TARGETS = st.one_of(st.none(), st.builds(Ref, st.sampled_from(["INC", "C"]), NUMBERS))

ALL = {
    "A": "SELECT id FROM alert ORDER BY id",
    "C": "SELECT id FROM candidate ORDER BY id",
    "INC": "SELECT id FROM incident ORDER BY id",
    "E": "SELECT id FROM entry ORDER BY id",
    "ACT": "SELECT id FROM action ORDER BY id",
}
DANGLING = {
    "an alert in an incident that is not there":
        "SELECT id FROM alert WHERE incident IS NOT NULL AND incident NOT IN (SELECT id FROM incident)",
    "an alert in a candidate that is not there":
        "SELECT id FROM alert WHERE candidate IS NOT NULL AND candidate NOT IN (SELECT id FROM candidate)",
    "a candidate of an incident that is not there":
        "SELECT id FROM candidate WHERE incident IS NOT NULL AND incident NOT IN (SELECT id FROM incident)",
    "an incident merged into one that is not there":
        "SELECT id FROM incident WHERE merged_into IS NOT NULL AND merged_into NOT IN (SELECT id FROM incident)",
    "an item or a role of an incident that is not there":
        "SELECT n FROM rca_item WHERE state = 'done' AND incident NOT IN (SELECT id FROM incident)"
        " UNION ALL SELECT id FROM role WHERE incident NOT IN (SELECT id FROM incident)"
        " UNION ALL SELECT id FROM action WHERE incident NOT IN (SELECT id FROM incident)",
    "two people in one role":
        "SELECT incident FROM role WHERE until IS NULL GROUP BY incident, role HAVING count(*) > 1",
    "a time that its phase has not":
        "SELECT id FROM incident WHERE (phase = 'respond' AND mitigated_at IS NOT NULL)"
        " OR (phase IN ('respond', 'resolve') AND resolved_at IS NOT NULL)"
        " OR (phase <> 'closed' AND closed_at IS NOT NULL)",
}  # fmt: skip


class History(RuleBasedStateMachine):
    """Two people and some tools at work on a few objects; refusals are part of it."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="sev-history-")
        self.store = Store(Path(self.folder.name, "sev.db"))
        self.store.detach().execute("PRAGMA synchronous = OFF")  # nothing here outlives the process
        self.scene = Scene(self.store, datetime(2026, 11, 24, 14, tzinfo=UTC))
        self.scene.live_through("payroll")
        self.scene.live_through("ledger")
        free, own, other = (self.scene.fire(key) for key in ("fraud", "orders", "cards"))
        self.scene.propose(free)
        self.scene.declare(own)
        self.scene.who = "bo"
        self.scene.declare(other)

    def act(self, who: str, deed: Callable[Concatenate[Pen, P], Outcome], *args: P.args, **kwargs: P.kwargs) -> None:
        """Do it, or be refused and leave no trace."""
        before = self.store.read(log.head)
        try:
            outcome = self.scene.do_as(who, None, deed, *args, **kwargs)
        except SevError:
            assert self.store.read(log.head) == before, "a refused act wrote something"
        else:
            assert (outcome.seq > before[0]) == (self.store.read(log.head) != before)

    def one(self, prefix: str, n: int) -> int:
        """The number of an object that is there, whichever `n` falls on; 1 when there is none yet."""
        found = self.store.read(lambda conn: conn.execute(ALL[prefix]).fetchall())
        return int(found[n % len(found)]["id"]) if found else 1

    def some(self, prefix: str, ns: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.one(prefix, n) for n in ns))

    def known(self, number: int) -> Alert | None:
        with suppress(SevError):
            return self.scene.alert(number)
        return None

    @rule(key=KEYS, severity=st.sampled_from(Severity))
    def fires(self, key: str, severity: Severity) -> None:
        self.scene.fire(key, severity=severity)

    @rule(key=KEYS)
    def retries(self, key: str) -> None:
        self.scene.retry(key)

    @rule(key=KEYS)
    def clears(self, key: str) -> None:
        self.scene.fire(key, status=AlertStatus.RESOLVED)

    @rule(number=NUMBERS, what=st.sampled_from(["repeat", "quiet", "judge"]))
    def says_more(self, number: int, what: str) -> None:
        number = self.one("A", number)
        if self.known(number) is None:
            return
        if what == "repeat":
            self.scene.repeat(number, 3)
        elif what == "quiet":
            self.scene.quiet(number)
        else:
            self.scene.judge(number, Verdict.NOISE, None)

    @rule(numbers=GROUPS, again=st.booleans())
    def is_proposed(self, numbers: tuple[int, ...], again: bool) -> None:
        there = [alert for number in self.some("A", numbers) if (alert := self.known(number)) is not None]
        if there:
            self.scene.propose(*(alert.id for alert in there), again=there[0].candidate if again else None)

    @rule(who=PEOPLE, prefix=st.sampled_from("AC"), number=NUMBERS, deed=st.sampled_from([0, 1, 2, 3]))
    def looks(self, who: str, prefix: str, number: int, deed: int) -> None:
        refs = (Ref(prefix, self.one(prefix, number)),)
        if deed == 3:
            self.act(who, alerts.snooze, refs, self.scene.now + timedelta(hours=1))
        else:
            self.act(who, (alerts.acknowledge, alerts.unacknowledge, alerts.wake)[deed], refs)

    @rule(who=PEOPLE, numbers=GROUPS, place=TARGETS)
    def moves(self, who: str, numbers: tuple[int, ...], place: Ref | None) -> None:
        target = Ref(place.prefix, self.one(*place)) if place else None
        self.act(who, alerts.move, self.some("A", numbers), target)

    @rule(who=PEOPLE, candidate=st.none() | NUMBERS, numbers=GROUPS | st.just(()))
    def declares(self, who: str, candidate: int | None, numbers: tuple[int, ...]) -> None:
        asked = incidents.Declaration(
            title=Safe("trouble"),
            severity=Severity.SEV2,
            candidate=None if candidate is None else self.one("C", candidate),
            alerts=self.some("A", numbers),
        )
        self.act(who, incidents.declare, asked)

    @rule(who=PEOPLE, incident=NUMBERS, numbers=GROUPS, into=NUMBERS, merge=st.booleans())
    def joins(self, who: str, incident: int, numbers: tuple[int, ...], into: int, merge: bool) -> None:
        if merge:
            self.act(who, incidents.merge, self.one("INC", incident), self.one("INC", into))
        else:
            self.act(who, incidents.link, self.one("INC", incident), self.some("A", numbers))

    @rule(who=PEOPLE, incident=NUMBERS, severity=st.sampled_from(Severity), reason=REASONS)
    def grades(self, who: str, incident: int, severity: Severity, reason: Safe) -> None:
        self.act(who, incidents.change_severity, self.one("INC", incident), severity, reason)

    @rule(who=PEOPLE, incident=NUMBERS, to=st.sampled_from(Phase), reason=REASONS, force=st.booleans())
    def goes_on(self, who: str, incident: int, to: Phase, reason: Safe, force: bool) -> None:
        self.act(who, phases.change_phase, self.one("INC", incident), to, reason=reason, force=force)

    @rule(who=PEOPLE, incident=NUMBERS, give=st.booleans(), reason=REASONS)
    def takes_part(self, who: str, incident: int, give: bool, reason: Safe) -> None:
        if give:
            self.act(who, people.end_role, self.one("INC", incident), Safe("commander"), Safe(who))
        else:
            role, name = Safe("commander"), Safe(who)
            self.act(who, people.take_role, self.one("INC", incident), role, name, force=True, reason=reason)

    @rule(who=PEOPLE, incident=NUMBERS, kind=st.sampled_from(EntryKind), minutes=st.integers(0, 90))
    def writes(self, who: str, incident: int, kind: EntryKind, minutes: int) -> None:
        at = self.scene.now - timedelta(minutes=minutes)
        self.act(who, notes.note, self.one("INC", incident), Safe("seen"), kind=kind, at=at, pinned=minutes > 60)

    @rule(who=PEOPLE, incident=NUMBERS, n=st.integers(0, 10), evidence=st.lists(NUMBERS, max_size=2).map(tuple))
    def learns(self, who: str, incident: int, n: int, evidence: tuple[int, ...]) -> None:
        self.act(who, learn.answer, self.one("INC", incident), n, Safe("so"), self.some("E", evidence))

    @rule(who=PEOPLE, number=NUMBERS, what=st.sampled_from([*ActionState, *Category, *ActionType]), reason=REASONS)
    def promises(self, who: str, number: int, what: ActionState | Category | ActionType, reason: Safe) -> None:
        if isinstance(what, ActionState):
            self.act(who, learn.settle, self.one("ACT", number), what, reason)
        elif isinstance(what, Category):
            self.act(who, learn.categorise, self.one("INC", number), (what,), reason)
        else:
            self.act(who, learn.promise, self.one("INC", number), Safe("change it"), what, Safe(who), date(2026, 12, 1))

    @rule(who=PEOPLE, incident=st.none() | NUMBERS)
    def takes_back(self, who: str, incident: int | None) -> None:
        self.act(who, undo, None if incident is None else self.one("INC", incident))

    @rule(who=PEOPLE, entry=NUMBERS, latest=st.booleans())
    def erases(self, who: str, entry: int, latest: bool) -> None:
        self.act(who, redact, Ref("E", self.one("E", -1 - entry if latest else entry)), Safe("it names somebody"))

    @rule(minutes=st.integers(0, 20))
    def forgets(self, minutes: int) -> None:
        """A checkpoint; people's screens show the same before and after."""
        self.scene.now += timedelta(seconds=30)
        cut = self.scene.now - timedelta(minutes=minutes)
        stamp = log.Stamp(actor=Actor(MACHINE, 1), now=self.scene.now)
        before = self.everything()
        replaced = retention.checkpoint(self.store, cut, stamp, least=1)
        assert self.everything() == before
        if replaced is not None:
            assert self.store.read(lambda conn: log.since(conn, 0, 1))[0].seq == replaced.last + 1

    def everything(self) -> list[object]:
        numbers = self.store.read(lambda conn: [row["id"] for row in conn.execute(ALL["INC"])])
        told = [[(one.id, one.text) for one in self.scene.timeline(number)] for number in numbers]
        return [self.scene.feed(), *(self.scene.incident(number) for number in numbers), *told]

    @invariant()
    def nothing_dangles(self) -> None:
        def look(conn: Connection) -> list[str]:
            return [what for what, query in DANGLING.items() if conn.execute(query).fetchall()]

        if hasattr(self, "store"):
            assert self.store.read(look) == []

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        try:
            found = integrity.verify(self.store)
            assert found.ok, found
            integrity.rebuild(self.store)
            assert integrity.verify(self.store) == found
        finally:
            self.store.close()
            self.folder.cleanup()


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
