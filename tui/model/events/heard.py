"""Bodies of what tools told and of what triage made of it."""

from datetime import datetime

from tui.model.alert import AlertStatus, Consumer, Excuse, Verdict
from tui.model.catalog import Edge, Node
from tui.model.events.body import Body
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, SignalStatus
from tui.model.text import Safe


class SignalSeen(Body, tag="signal", frozen=True, kw_only=True):
    """A signal that opened an alert or changed what its tool says of it."""

    key: Safe
    source: Safe
    format: str
    status: AlertStatus
    word: SignalStatus
    kind_of: Kind
    title: Safe
    subject: Safe
    run: Safe | None = None
    attempt: int | None = None
    max_attempts: int | None = None
    severity_word: Safe | None = None
    severity_hint: Severity | None = None
    received_at: datetime
    starts: datetime
    ended_at: datetime | None = None
    fired_anew: bool = False
    omitted: int = 0
    links: Links = Links()
    labels: str = ""
    payload: str = ""


class SignalRepeated(Body, tag="repeat", frozen=True, kw_only=True):
    """The same statement again, `n` times since the last event: it counts, and makes no entry."""

    n: int
    first: datetime
    last: datetime


class Judged(Body, tag="verdict", frozen=True, kw_only=True):
    """Triage's word on an alert, or a person's.

    `severity` None: none is proposed now; trouble that cleared keeps the one it had.
    `before`: the verdict that a person overruled; None in triage's own words, which make no entry.
    """

    verdict: Verdict
    reason: Safe
    severity: Severity | None
    before: Verdict | None = None
    excused: Excuse | None = None


class CandidateProposed(Body, tag="candidate", frozen=True, kw_only=True):
    """Alerts that belong together were proposed as one incident, or what is proposed has changed.

    `alerts`: all of them, that of the likely root first. `reopened`: it is worse than what was acknowledged.
    """

    candidate: int
    title: Safe
    severity: Severity
    reasons: tuple[Safe, ...]
    alerts: tuple[int, ...]
    reopened: bool = False
    root: Safe = Safe("")
    consumers: tuple[Consumer, ...] = ()


class CandidateWithdrawn(Body, tag="candidate.off", frozen=True, kw_only=True):
    """It was over before it harmed anybody, or (`into`) it is part of another candidate."""

    candidate: int
    reason: Safe
    into: int | None = None


class ImpactWeighed(Body, tag="impact", frozen=True, kw_only=True):
    """Whom an incident hits by now and what its likely root is (`at`: its alert), by triage, after it was declared.

    `newly`: consumers of tier 1 that are hit since the last time; only these make an entry.
    """

    root: Safe
    at: int | None
    consumers: tuple[Consumer, ...]
    newly: tuple[Safe, ...] = ()


class SeverityProposed(Body, tag="severity.proposed", frozen=True, kw_only=True):
    """Triage would call a declared incident graver by now. It stays what people called it."""

    severity: Severity
    reason: Safe


class WentQuiet(Body, tag="quiet", frozen=True, kw_only=True):
    """An alert stopped arriving without an all-clear."""

    since: datetime


class PayloadRejected(Body, tag="rejected", frozen=True, kw_only=True):
    """A delivery that could not be read; its bytes are kept for a human."""

    rejected: int
    source: Safe
    reason: Safe
    size: int
    payload: str


class ChangeSeen(Body, tag="change", frozen=True, kw_only=True):
    """A tool told of a deploy, a new schema or setting. `dated`: it said when; else the event's time is the receipt."""

    change: int
    key: Safe
    source: Safe
    what: Safe
    actor: Safe
    touches: tuple[Safe, ...] = ()
    links: Links = Links()
    payload: str = ""
    dated: bool = False


class CatalogForgot(Body, tag="catalog.off", frozen=True, kw_only=True):
    """A source no longer says this; what it still says of one of these nodes it told anew right afterwards."""

    source: Safe
    nodes: tuple[Safe, ...] = ()
    edges: tuple[Edge, ...] = ()


class CatalogLearned(Body, tag="catalog", frozen=True, kw_only=True):
    """A source said something new of what there is and what is made from what; only the new is in here."""

    source: Safe
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
