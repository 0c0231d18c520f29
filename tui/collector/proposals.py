"""Cases become candidates of the store: proposed, changed, joined to their incident, withdrawn."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Final

from tui.collector.following import follow, standing
from tui.model import events as ev
from tui.model.alert import Alert, Candidate, Consumer, ConsumerState
from tui.model.incident import Incident
from tui.model.text import Safe
from tui.store.alerts import alerts_among, get_candidate, open_candidates, withdrawn_of
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.record import record
from tui.store.rows import next_number
from tui.triage.case import Case
from tui.triage.cases import Cases

_EXCUSED: Final = Safe("all that goes on in it is muted or excused")
_SHOWN: Final = 30  # consumers of a candidate that are kept: nobody reads more at night

Alerts = Mapping[int, int]
"""The alert of each trouble, by the trouble's number."""


class Proposals:
    """Which case is which candidate, and what is written when a case changes."""

    def __init__(self) -> None:
        self._candidates: dict[int, int] = {}

    def recognise(self, conn: Connection, cases: Iterable[Case], alerts: Alerts) -> None:
        """After a rebuild: a case is the candidate that most of its alerts lie in."""
        for case in cases:
            there = Counter(
                alert.candidate
                for alert in _alerts_of(conn, case, alerts)
                if alert.candidate is not None and alert.placed_by is None
            )
            if there:
                self._candidates[case.number] = there.most_common(1)[0][0]

    def candidate_of(self, case: int) -> int | None:
        """The candidate that the case of this number is; None where none was proposed."""
        return self._candidates.get(case)

    def write(self, conn: Connection, stamp: Stamp, case: Case, cases: Cases, alerts: Alerts) -> None:
        """Bring the candidate of a case up to date; nothing is written where nothing changed."""
        known = self._known(conn, case)
        if not case.live:
            self._withdraw(conn, stamp, case, known, cases)
            return
        held = _alerts_of(conn, case, alerts)
        incident = _incident(conn, known, held)
        members = _members(case, known, incident, held, alerts)
        if not members:
            return
        if incident is not None:
            follow(conn, stamp, incident, case, members, _consumers(case), known)
            return
        body = self._proposal(conn, case, known, members)
        if known is None or _differs(body, known):
            self._candidates[case.number] = body.candidate
            record(conn, stamp, body, alert=body.alerts[0])

    def _known(self, conn: Connection, case: Case) -> Candidate | None:
        """Its candidate; None also where that one's incident is over: what fires again is proposed anew."""
        number = self._candidates.get(case.number)
        if number is None:
            return None
        candidate = get_candidate(conn, number)
        return None if candidate.incident is not None and standing(conn, candidate.incident) is None else candidate

    def _withdraw(self, conn: Connection, stamp: Stamp, case: Case, known: Candidate | None, cases: Cases) -> None:
        number = self._candidates.pop(case.number, None)
        if known is None or number is None or known.incident is not None:
            return
        into = None
        if case.merged_into is not None:
            into = self._candidates.setdefault(cases.standing(case.number).number, number)
            if into == number:
                return
        why = Safe("it is part of another one") if into is not None else _why_off(case)
        record(conn, stamp, ev.CandidateWithdrawn(candidate=number, reason=why, into=into), alert=known.root)

    def excuse(self, conn: Connection, stamp: Stamp, excused: Set[int]) -> None:
        """After a rebuild: what was proposed and is excused by now, by settings that changed, needs nobody."""
        for one in open_candidates(conn) if excused else ():
            fires = {alert.id for alert in alerts_among(conn, one.alerts) if alert.still_fires}
            if fires and fires <= excused and one.id not in self._candidates.values():
                record(conn, stamp, ev.CandidateWithdrawn(candidate=one.id, reason=_EXCUSED), alert=one.root)

    def _proposal(
        self, conn: Connection, case: Case, known: Candidate | None, members: list[Alert]
    ) -> ev.CandidateProposed:
        consumers = _consumers(case)
        before = known.id if known is not None else withdrawn_of(conn, members[0].id)
        return ev.CandidateProposed(
            candidate=before if before is not None else next_number(conn, "candidate"),
            title=members[0].headline,
            severity=case.severity,
            reasons=tuple(dict.fromkeys((*case.reasons, members[0].reason)))[:5],
            alerts=tuple(alert.id for alert in members),
            reopened=_is_worse(case, consumers, known, members) if known is not None else before is not None,
            root=case.root,
            consumers=consumers,
        )


def _incident(conn: Connection, known: Candidate | None, held: Sequence[Alert]) -> Incident | None:
    """The open incident that a case is: that of its candidate, else the one that its root or most of it was put in."""
    if known is not None and known.incident is not None:
        return standing(conn, known.incident)
    put = {alert.id: alert.incident for alert in held if alert.incident is not None and alert.placed_by is None}
    most = Counter(put.values()).most_common(1)
    root = put.get(known.root) if known is not None else None
    number = root or (most[0][0] if most and most[0][1] * 2 > len(held) else None)
    return standing(conn, number) if number is not None else None


def _members(
    case: Case, known: Candidate | None, incident: Incident | None, held: Sequence[Alert], alerts: Alerts
) -> list[Alert]:
    """Its alerts but those that a person put elsewhere, or that lie in another incident; the root's first."""
    own = incident.id if incident is not None else None
    found = []
    for alert in held:
        elsewhere = alert.placed_by is not None and (known is None or alert.candidate != known.id)
        if not elsewhere and alert.incident in (None, own):
            found.append(alert)
    at_root = {alerts.get(one.number) for one in case.members.values() if one.node == case.root}
    return sorted(found, key=lambda alert: (alert.id not in at_root, alert.started_at, alert.id))


def _why_off(case: Case) -> Safe:
    """Why a case needs nobody after all."""
    excused = any(one.open and one.apart for one in case.members.values())
    return _EXCUSED if excused else Safe("it was over before it harmed anybody")


def _alerts_of(conn: Connection, case: Case, alerts: Alerts) -> list[Alert]:
    return alerts_among(conn, {alerts[number] for number in case.members if number in alerts})


def _consumers(case: Case) -> tuple[Consumer, ...]:
    """What is hit or at risk, the worst first."""
    hit = [
        Consumer(name=name, state=ConsumerState(state), tier=case.tiers.get(name), deadline=case.dues.get(name))
        for name, state in (case.hits or case.presumed).items()
    ]
    risks = [
        Consumer(name=name, state=ConsumerState.AT_RISK, tier=case.tiers.get(name), deadline=due)
        for name, due in case.risks.items()
        if name not in case.hits
    ]
    ordered = sorted(hit, key=lambda one: one.tier or 9) + sorted(risks, key=lambda one: (one.tier or 9, one.name))
    return tuple(ordered[:_SHOWN])


def _is_worse(case: Case, consumers: tuple[Consumer, ...], known: Candidate, members: list[Alert]) -> bool:
    """Whether what was acknowledged is no longer what is there: graver, a new tier-1 consumer hit, or firing anew."""
    if case.severity < known.severity:
        return True
    before = {one.name for one in known.consumers if one.hit}
    newly = any(one.hit and one.tier == 1 and one.name not in before for one in consumers)
    again = not known.still_fires and any(alert.still_fires for alert in members)
    return newly or again


def _differs(body: ev.CandidateProposed, known: Candidate) -> bool:
    return body.reopened or (body.severity, body.reasons, body.alerts[0], set(body.alerts), body.consumers) != (
        known.severity,
        known.reasons,
        known.root,
        set(known.alerts),
        known.consumers,
    )
