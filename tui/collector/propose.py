"""Candidates, thin: one alert that needs a person is one candidate. Grouping will replace this file."""

from tui.model import events as ev
from tui.model.alert import Alert, Candidate, Verdict
from tui.model.severity import Severity
from tui.store.alerts import get_candidate
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.record import record
from tui.store.rows import next_number

_REASONS = 5  # of a candidate of several alerts; the alerts themselves keep all


def propose(conn: Connection, stamp: Stamp, alert: Alert, *, anew: bool) -> None:
    """Propose an alert that fires and needs a person, unless an incident or an undeclared candidate has it.

    A candidate that is there already waits again when its alert fires anew or its severity rises.
    """
    if alert.verdict is not Verdict.INCIDENT or not alert.still_fires or alert.incident is not None:
        return
    severity = alert.severity or Severity.SEV2
    candidate = get_candidate(conn, alert.candidate) if alert.candidate is not None else None
    if candidate is None or candidate.incident is not None:
        body = ev.CandidateProposed(
            candidate=next_number(conn, "candidate"),
            title=alert.headline,
            severity=severity,
            reasons=(alert.reason,),
            alerts=(alert.id,),
        )
    elif anew or severity < candidate.severity:
        body = _again(candidate, alert, severity)
    else:
        return
    record(conn, stamp, body, alert=alert.id)


def _again(candidate: Candidate, alert: Alert, severity: Severity) -> ev.CandidateProposed:
    """Its members, its root and, where there are several, its title stay."""
    alone = candidate.alerts == (alert.id,)
    others = tuple(reason for reason in candidate.reasons if reason != alert.reason)
    return ev.CandidateProposed(
        candidate=candidate.id,
        title=alert.headline if alone else candidate.title,
        severity=severity if alone else min(severity, candidate.severity),
        reasons=(alert.reason,) if alone else (alert.reason, *others)[:_REASONS],
        alerts=candidate.alerts,
        reopened=True,
    )
