"""A scene: signals and people's acts written into a store by a clock that moves one step for each of them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Concatenate, ParamSpec

from tui.desk import incidents, learn, notes, people, phases
from tui.desk.act import Act, Outcome, Pen, perform
from tui.desk.alerts import acknowledge
from tui.desk.undo import undo
from tui.logins import ELSEWHERE
from tui.model import events as ev
from tui.model.alert import Alert, AlertStatus, Candidate, Consumer, Verdict
from tui.model.catalog import Edge, Facts, Node
from tui.model.entry import MACHINE, Actor, Entry, EntryKind
from tui.model.ids import Ref, parse
from tui.model.incident import Incident
from tui.model.learn import ActionType, Category, Rca
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, SignalStatus
from tui.model.text import NOTHING, Safe, clean, lines
from tui.store import alerts as read_alerts
from tui.store import catalog, entries
from tui.store import incidents as read_incidents
from tui.store.changes import incident_touched
from tui.store.engine import Connection, Store
from tui.store.feed import FeedCounts, FeedQuery, counts, window
from tui.store.log import Stamp
from tui.store.payloads import keep_labels
from tui.store.record import record
from tui.store.rows import next_number

P = ParamSpec("P")
STEP = timedelta(seconds=30)
"""How far the clock moves before each signal and each act."""


class Scene:
    """Fills `store`. Every method that writes moves `now` on by `step` first and is one transaction."""

    def __init__(self, store: Store, now: datetime, *, who: str = "li", step: timedelta = STEP) -> None:
        self.store = store
        self.now = now
        self.who = who
        self.step = step

    @property
    def actor(self) -> Actor:
        """Who acts now."""
        return Actor(clean(self.who), ELSEWHERE)

    def wait(self, length: timedelta) -> None:
        """Let time pass."""
        self.now += length

    # What tools say.

    def fire(
        self,
        key: str = "load_orders",
        *,
        title: str = "",
        severity: Severity | None = Severity.SEV2,
        source: str = "am",
        status: AlertStatus = AlertStatus.FIRING,
        verdict: Verdict = Verdict.INCIDENT,
        reason: str = "the tool says error",
        kind: Kind = Kind.FAILED_JOB,
        started: datetime | None = None,
        attempt: int | None = None,
        max_attempts: int | None = None,
        labels: dict[str, str] | None = None,
        links: Links | None = None,
    ) -> int:
        """A signal under `source:key` and triage's word on it; returns the alert's number. `key` is its subject."""
        self.now += self.step
        word = {AlertStatus.RETRYING: SignalStatus.RETRYING, AlertStatus.RESOLVED: SignalStatus.RESOLVED}
        safe_labels = {name: clean(value) for name, value in (labels or {}).items()}

        def write(conn: Connection) -> int:
            known = read_alerts.alert_by_key(conn, f"{source}:{key}", self.now)
            number = known.id if known else next_number(conn, "alert")
            anew = known is None or (not known.still_fires and status is AlertStatus.FIRING)
            starts = started or (self.now if anew or known is None else known.started_at)
            incident = known.incident if known else None
            seen = ev.SignalSeen(
                key=clean(f"{source}:{key}"),
                source=clean(source),
                format="alertmanager",
                status=status,
                word=word.get(status, SignalStatus.FIRING),
                kind_of=kind,
                title=clean(title or f"{key} failed"),
                subject=clean(key),
                attempt=attempt,
                max_attempts=max_attempts,
                received_at=self.now,
                starts=starts,
                ended_at=self.now if status is AlertStatus.RESOLVED else None,
                fired_anew=anew and known is not None,
                links=links or Links(),
                labels=keep_labels(conn, safe_labels),
            )
            happened = self._machine(min(starts, self.now) if anew else self.now)
            record(conn, happened, seen, alert=number, incident=incident)
            judged = ev.Judged(verdict=verdict, reason=clean(reason), severity=severity)
            record(conn, happened, judged, alert=number, incident=incident)
            return number

        return self.store.tx(write)

    def retry(self, key: str = "load_orders", attempt: int = 1, of: int = 3) -> int:
        """An attempt that failed with others left."""
        return self.fire(
            key,
            status=AlertStatus.RETRYING,
            verdict=Verdict.RETRY,
            severity=Severity.SEV3,
            reason=f"try {attempt} of {of} failed",
            attempt=attempt,
            max_attempts=of,
        )

    def clear(self, *alerts: int) -> tuple[int, ...]:
        """The tools' all-clear for these alerts, which it returns."""
        for number in alerts:
            kept = self.alert(number)
            key = kept.key.removeprefix(f"{kept.source}:")
            cleared = self.fire(
                key, source=kept.source, status=AlertStatus.RESOLVED, verdict=kept.verdict, severity=kept.severity
            )
            assert cleared == number, f"A-{number} had its story ended before"
        return alerts

    def repeat(self, alert: int, n: int = 1) -> None:
        """The same statement `n` times again."""
        self._write(ev.SignalRepeated(n=n, first=self.now, last=self.now + self.step), alert=alert)

    def quiet(self, alert: int) -> None:
        """It stopped arriving without an all-clear."""
        self._write(ev.WentQuiet(since=self.now), alert=alert)

    def judge(
        self,
        alert: int,
        verdict: Verdict,
        severity: Severity | None,
        reason: str = "a rule says so",
        by: str | None = None,
    ) -> None:
        """Triage changes its mind, or (`by`) a person overrules it."""
        body = ev.Judged(verdict=verdict, reason=clean(reason), severity=severity)
        self._write(body, alert=alert, by=by)

    def change(
        self, what: str = "v812", *touches: str, by: str = "ci", at: datetime | None = None, key: str = ""
    ) -> int:
        """A deploy that touches these names; returns its number. Without a time it is made now."""
        self.now += self.step
        made = at or self.now
        names = tuple(clean(name) for name in touches)

        def write(conn: Connection) -> int:
            number = next_number(conn, "change")
            body = ev.ChangeSeen(
                change=number,
                key=clean(key or f"ci:{number}"),
                source=Safe("ci"),
                what=clean(what),
                actor=clean(by),
                touches=names,
                dated=at is not None,
            )
            record(conn, self._machine(made), body, incident=incident_touched(conn, names))
            return number

        return self.store.tx(write)

    def know(self, *nodes: Node, edges: Sequence[tuple[str, str]] = (), source: str = "catalog") -> bool:
        """The catalog learns; whether anything of it was new."""
        pairs = tuple(Edge(clean(up), clean(down)) for up, down in edges)
        facts = Facts(source=clean(source), nodes=nodes, edges=pairs)
        return self.store.tx(lambda conn: catalog.learn(conn, self._machine(), facts)) is not None

    def reject(self, reason: str = "unknown shape", source: str = "am") -> int:
        """A delivery that nobody could read; returns its number."""
        number = self.store.read(lambda conn: next_number(conn, "rejected"))
        body = ev.PayloadRejected(
            rejected=number, source=clean(source), reason=clean(reason), size=12, payload="0" * 64
        )
        self._write(body)
        return number

    def propose(
        self,
        *alerts: int,
        severity: Severity = Severity.SEV2,
        title: str = "",
        again: int | None = None,
        reason: str = "they belong together",
        root: str = "",
        consumers: Sequence[Consumer] = (),
        reopened: bool = True,
    ) -> int:
        """A candidate of these alerts, the first its root; `again` proposes a known one anew and opens it."""
        number = again or self.store.read(lambda conn: next_number(conn, "candidate"))
        body = ev.CandidateProposed(
            candidate=number,
            title=clean(title or self.alert(alerts[0]).title),
            severity=severity,
            reasons=(Safe(reason),),
            alerts=alerts,
            reopened=again is not None and reopened,
            root=clean(root),
            consumers=tuple(consumers),
        )
        self._write(body, alert=alerts[0])
        return number

    def candidate_of(self, *keys: str, severity: Severity = Severity.SEV2) -> int:
        """Fire under each key and propose the alerts as one candidate."""
        return self.propose(*(self.fire(key, severity=severity) for key in keys), severity=severity)

    # What people do.

    def do(self, deed: Callable[Concatenate[Pen, P], Outcome], *args: P.args, **kwargs: P.kwargs) -> Outcome:
        """Any act of the desk, by `who`."""
        return self.do_as(self.who, None, deed, *args, **kwargs)

    def do_as(
        self,
        who: str,
        idem: str | None,
        deed: Callable[Concatenate[Pen, P], Outcome],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Outcome:
        """An act by somebody else, or one with a name of its own."""
        self.now += self.step
        act = Act(actor=Actor(clean(who), ELSEWHERE), now=self.now, idem=idem)
        return self.store.tx(lambda conn: perform(conn, act, deed, *args, **kwargs))

    def ack(self, *ids: str) -> Outcome:
        """Acknowledge `A-1`, `C-2` …"""
        return self.do(acknowledge, tuple(parse(name, "A", "C") for name in ids))

    def declare(
        self,
        *alerts: int,
        candidate: int | None = None,
        title: str | None = None,
        severity: Severity | None = None,
    ) -> int:
        """Declare an incident; returns its number."""
        asked = incidents.Declaration(
            title=clean(title) if title else None, severity=severity, candidate=candidate, alerts=alerts
        )
        return self.do(incidents.declare, asked).changed[0].number

    def take(self, incident: int, role: str = "commander", name: str = "") -> Outcome:
        """Give a role to somebody, to `who` without a name."""
        return self.do(people.take_role, incident, clean(role), clean(name or self.who))

    def note(self, incident: int, text: str = "looks bad", kind: EntryKind = EntryKind.NOTE) -> int:
        """Write into the timeline; returns the entry's number."""
        return self.do(notes.note, incident, lines(text), kind=kind).changed[0].number

    def resolve(self, incident: int, reason: str = "") -> Outcome:
        """Resolve; with a reason it is forced."""
        return self.do(phases.resolve, incident, reason=clean(reason), force=bool(reason))

    def live_through(self, key: str) -> int:
        """An incident from its first signal until it is closed, with a note and an undone act; returns its number."""
        incident = self.declare(candidate=self.candidate_of(key), title=f"{key} is late")
        self.note(incident, f"looked at {key}")
        self.take(incident)
        self.undo()
        self.clear(*self.incident(incident).alerts)
        self.resolve(incident, "consumers know")
        self.learn(incident)
        self.do(phases.close, incident, reason=Safe("it is small"), force=True)
        return incident

    def learn(self, incident: int) -> Outcome:
        """Answer everything that closing asks for."""
        evidence = self.note(incident, "this is what happened")
        for n in range(1, 9):
            self.do(learn.answer, incident, n, Safe(f"answer {n}"), (evidence,))
        self.do(learn.categorise, incident, (Category.CODE_BUG,), NOTHING)
        return self.promise(incident)

    def promise(self, incident: int, type_of: ActionType = ActionType.PREVENTIVE) -> Outcome:
        """A change with owner and due date."""
        return self.do(learn.promise, incident, Safe("check it earlier"), type_of, Safe("bo"), date(2026, 12, 1))

    def undo(self, incident: int | None = None) -> Outcome:
        """Take back the latest act."""
        return self.do(undo, incident)

    # What one reads.

    def alert(self, number: int) -> Alert:
        return self.store.read(lambda conn: read_alerts.get_alert(conn, number))

    def candidate(self, number: int) -> Candidate:
        return self.store.read(lambda conn: read_alerts.get_candidate(conn, number))

    def incident(self, number: int) -> Incident:
        return self.store.read(lambda conn: read_incidents.get_incident(conn, number))

    def rca(self, incident: int) -> Rca:
        return self.store.read(lambda conn: read_incidents.get_rca(conn, incident))

    def timeline(self, incident: int) -> list[Entry]:
        return self.store.read(lambda conn: entries.timeline(conn, incident))

    def feed(self, query: FeedQuery | None = None) -> list[Alert]:
        return self.store.read(lambda conn: window(conn, query or FeedQuery()))

    def counts(self) -> FeedCounts:
        return self.store.read(counts)

    def refs(self, alerts: Sequence[int]) -> tuple[Ref, ...]:
        """Numbers of alerts as IDs."""
        return tuple(Ref("A", number) for number in alerts)

    def _machine(self, at: datetime | None = None) -> Stamp:
        return Stamp(actor=Actor(MACHINE, 0), now=self.now, at=at)

    def _write(self, body: ev.AnyBody, *, alert: int | None = None, by: str | None = None) -> None:
        self.now += self.step
        incident = self.alert(alert).incident if alert is not None else None
        stamp = self._machine() if by is None else Stamp(actor=Actor(clean(by), ELSEWHERE), now=self.now)
        self.store.tx(lambda conn: record(conn, stamp, body, alert=alert, incident=incident))
