"""Bodies of the event log: one frozen struct for each thing that can happen, tagged with its kind.

A body carries what is needed to project it, never a label or a payload (those lie
beside the log under their digest). `AnyBody` is the registry; adding a kind of event
is adding a struct here, a sentence in `sentence.py` and a projection in the store.
"""

from datetime import date, datetime
from typing import Final

import msgspec

from tui.model.alert import AlertStatus, Consumer, Verdict
from tui.model.catalog import Edge, Node
from tui.model.entry import EntryKind
from tui.model.incident import Phase
from tui.model.learn import ActionState, ActionType, Category, ItemState
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, SignalStatus
from tui.model.text import Safe


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What happened. The event around it says when, by whom, and to which incident and alert."""


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


class CatalogLearned(Body, tag="catalog", frozen=True, kw_only=True):
    """A source said something new of what there is and what is made from what; only the new is in here."""

    source: Safe
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


class Acknowledged(Body, tag="ack", frozen=True, kw_only=True):
    """Somebody looks at it: one alert, or a candidate with all its alerts."""

    alerts: tuple[int, ...]
    candidate: int | None = None


class Unacknowledged(Body, tag="unack", frozen=True, kw_only=True):
    """Nobody looks at it any more."""

    alerts: tuple[int, ...]
    candidate: int | None = None


class Snoozed(Body, tag="snooze", frozen=True, kw_only=True):
    """Hidden until a time; it still fires for the gate."""

    until: datetime


class SnoozeEnded(Body, tag="snooze.end", frozen=True, kw_only=True):
    """The time has come, or a person woke it."""


class Declared(Body, tag="declare", frozen=True, kw_only=True):
    """A human said: this is an incident. The alerts' and the candidate's times come with it."""

    title: Safe
    severity: Severity
    reason: Safe
    candidate: int | None = None
    alerts: tuple[int, ...] = ()
    root: int | None = None
    first_signal_at: datetime | None = None
    detected_at: datetime
    acknowledged_at: datetime
    acknowledged_by: Safe


class Linked(Body, tag="link", frozen=True, kw_only=True):
    """Alerts joined the incident of the event."""

    alerts: tuple[int, ...]


class Moved(Body, tag="move", frozen=True, kw_only=True):
    """Alerts went elsewhere: to an incident, a candidate, or (both None) out on their own.

    The event's own incident is the one they left, so that its timeline tells it too.
    """

    alerts: tuple[int, ...]
    to_incident: int | None = None
    to_candidate: int | None = None


class Merged(Body, tag="merge", frozen=True, kw_only=True):
    """The incident of the event went into another one."""

    into: int
    alerts: tuple[int, ...]


class SeverityChanged(Body, tag="severity", frozen=True, kw_only=True):
    """A person changed the severity of the incident."""

    severity: Severity
    before: Severity
    reason: Safe


class PhaseChanged(Body, tag="phase", frozen=True, kw_only=True):
    """The incident went to another phase; `forced`: the gate was overridden for `reason`."""

    phase: Phase
    before: Phase
    reason: Safe = Safe("")
    forced: bool = False


class RoleTaken(Body, tag="role", frozen=True, kw_only=True):
    """Somebody took a role; `before` is who held it until then."""

    role: Safe
    name: Safe
    before: Safe | None = None


class RoleEnded(Body, tag="role.end", frozen=True, kw_only=True):
    """Somebody gave a role back."""

    role: Safe
    name: Safe


class Noted(Body, tag="note", frozen=True, kw_only=True):
    """What a person wrote into the timeline."""

    text: Safe
    kind_of: EntryKind = EntryKind.NOTE
    pinned: bool = False


class RcaAnswered(Body, tag="rca", frozen=True, kw_only=True):
    """An answer to one of the nine items, by a person (done) or by triage (proposed)."""

    n: int
    text: Safe
    evidence: tuple[int, ...] = ()
    state: ItemState = ItemState.DONE


class RcaCategorised(Body, tag="rca.category", frozen=True, kw_only=True):
    """The kinds of cause, all of them; replaces what was said before."""

    categories: tuple[Category, ...]
    reason: Safe = Safe("")


class ActionPromised(Body, tag="action", frozen=True, kw_only=True):
    """A change that is to prevent, detect or correct."""

    action: int
    text: Safe
    type: ActionType
    owner: Safe | None = None
    due: date | None = None


class ActionSettled(Body, tag="action.state", frozen=True, kw_only=True):
    """An action was done or dropped."""

    action: int
    state: ActionState
    reason: Safe = Safe("")


class TakenBack(Body, tag="undo", frozen=True, kw_only=True):
    """The actor took back their own event `seq`; `what` is its sentence, `entry` its entry."""

    undone: int
    what: Safe
    entry: int | None = None


AnyBody = (
    SignalSeen | SignalRepeated | Judged | CandidateProposed | CandidateWithdrawn | WentQuiet | PayloadRejected
    | ChangeSeen | CatalogLearned
    | Acknowledged | Unacknowledged | Snoozed | SnoozeEnded | Declared | Linked | Moved | Merged | SeverityChanged
    | PhaseChanged | RoleTaken | RoleEnded | Noted | RcaAnswered | RcaCategorised | ActionPromised | ActionSettled
    | TakenBack
)  # fmt: skip
"""Every kind of event there is."""

UNDOABLE: Final = (
    Acknowledged, Unacknowledged, Snoozed, SnoozeEnded, Declared, Linked, Moved, Merged, SeverityChanged,
    PhaseChanged, RoleTaken, RoleEnded, Noted, RcaAnswered, RcaCategorised, ActionPromised, ActionSettled, Judged,
)  # fmt: skip
"""What a person did and may take back."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One record of the log. `at`: when it happened; `recorded_at`: when it was committed.

    `body` is None where it was redacted. `hash` chains it to the event before.
    """

    seq: int
    at: datetime
    recorded_at: datetime
    actor: Safe
    uid: int
    incident: int | None
    alert: int | None
    body: AnyBody | None
    hash: bytes
