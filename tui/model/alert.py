"""An alert: the same trouble, deduplicated by key. And a candidate: alerts that belong together."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec

from tui.model.severity import Severity
from tui.model.signal import Kind, Links
from tui.model.text import Safe, clean


class AlertStatus(StrEnum):
    """What its tool says now. `quiet`: it stopped arriving without an all-clear, which is not recovery."""

    FIRING = "firing"
    RESOLVED = "resolved"
    QUIET = "quiet"
    RETRYING = "retrying"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What triage (or a person, who wins) says it means. `received`: nobody has judged it yet."""

    INCIDENT = "incident"
    RETRY = "retry"
    FLAPPING = "flapping"
    NOISE = "noise"
    INFO = "info"
    RECEIVED = "received"


VERDICTS: Final = tuple(verdict for verdict in Verdict if verdict is not Verdict.RECEIVED)
"""What may be said of an alert."""


class Excuse(StrEnum):
    """Why nobody is needed for what goes on: other trouble stands for it, or it was to be expected."""

    MUTED = "muted"
    PLANNED = "planned"


class AlertState(StrEnum):
    """The one short word a person reads in the feed."""

    NEW = "new"
    ACK = "ack"
    LATE = "late"
    TRY = "try"
    FLAP = "flap"
    OK = "ok"
    QUIET = "quiet"
    OFF = "off"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """The same trouble under one key, from its first signal until its incident is over.

    `first_seen` and `last_seen` are receipts; `started_at` is the episode's start by
    the sender's clock; `trouble_at` the moment the feed sorts by: start of the
    episode, or when its severity rose or it fired again. `count` counts deliveries,
    `episode` the times it fired anew. `severity` is proposed until its incident has one. `judged_by`: the person
    whose verdict it is, `placed_by`: who put it where it is; None where triage did. `under`: the root of its
    candidate, where the feed folds it there. `excused`: why nobody is needed while it goes on, where triage says so.
    """

    id: int
    seq: int
    key: Safe
    source: Safe
    format: str
    status: AlertStatus
    state: AlertState
    verdict: Verdict
    reason: Safe
    severity: Severity | None
    kind: Kind
    subject: Safe
    title: Safe
    run: Safe | None
    attempt: int | None
    max_attempts: int | None
    count: int
    episode: int
    first_seen: datetime
    last_seen: datetime
    started_at: datetime
    trouble_at: datetime
    ended_at: datetime | None
    acknowledged_by: Safe | None
    acknowledged_at: datetime | None
    snoozed_until: datetime | None
    candidate: int | None
    incident: int | None
    severity_word: Safe | None
    links: Links
    labels: dict[str, Safe] = {}
    judged_by: Safe | None = None
    placed_by: Safe | None = None
    under: int | None = None
    excused: Excuse | None = None

    @property
    def still_fires(self) -> bool:
        """Whether the resolve gate counts it: everything but a stated all-clear fires."""
        return self.status is not AlertStatus.RESOLVED

    @property
    def headline(self) -> Safe:
        """Subject and title in one line, for where it stands without its columns: a candidate's or incident's title."""
        return self.title if self.subject in self.title else clean(f"{self.subject}: {self.title}")


GONE: Final = 9
"""The place of an alert that the feed no longer shows."""

FOLDED: Final = 8
"""The place of alerts that fold into the feed's last line: recovered retries, routine, noise."""


def state_of(status: AlertStatus, verdict: Verdict, *, acknowledged: bool, snoozed: bool) -> AlertState:
    """The word in the feed. What hides an alert comes first, then what its tool says, then what people did."""
    if snoozed:
        return AlertState.OFF
    if status is AlertStatus.RESOLVED:
        return AlertState.OK
    if status is AlertStatus.QUIET:
        return AlertState.QUIET
    if verdict is Verdict.RETRY:
        return AlertState.TRY
    if verdict is Verdict.FLAPPING:
        return AlertState.FLAP
    return AlertState.ACK if acknowledged else AlertState.NEW


def feed_place(state: AlertState, verdict: Verdict, *, acknowledged: bool, in_open_incident: bool, over: bool) -> int:
    """Where the feed puts it: 0 waits for a person … FOLDED … GONE; a smaller number stands higher.

    `over`: its incident has been resolved. A cleared alert nobody looked at stays until acknowledged.
    """
    if over:
        return GONE
    if verdict in (Verdict.INFO, Verdict.NOISE) or (state is AlertState.OK and verdict is Verdict.RETRY):
        return GONE if acknowledged else FOLDED
    if state is AlertState.OK:
        return GONE if acknowledged and not in_open_incident else 3
    return _PLACES[state]


_PLACES: Final = {
    AlertState.NEW: 0,
    AlertState.LATE: 0,
    AlertState.ACK: 1,
    AlertState.TRY: 2,
    AlertState.FLAP: 2,
    AlertState.QUIET: 3,
    AlertState.OFF: 4,
}


class ConsumerState(StrEnum):
    """How something downstream does; the first three are hit."""

    LATE = "late"
    WRONG = "wrong"
    MISSING = "missing"
    AT_RISK = "at_risk"
    OK = "ok"


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """Something downstream that is hit or will be. `deadline`: when it is or was due."""

    name: Safe
    state: ConsumerState
    tier: int | None = None
    deadline: datetime | None = None

    @property
    def hit(self) -> bool:
        return self.state in (ConsumerState.LATE, ConsumerState.WRONG, ConsumerState.MISSING)


_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_GRAVEST: Final = (ConsumerState.WRONG, ConsumerState.MISSING, ConsumerState.LATE, *ConsumerState)


def worst_first(consumers: Iterable[Consumer]) -> tuple[Consumer, ...]:
    """Those hit before those at risk, then by tier, then wrong before missing before late, then what is due first."""

    def place(one: Consumer) -> tuple[bool, int, int, datetime, str]:
        return not one.hit, one.tier or 9, _GRAVEST.index(one.state), one.deadline or _NEVER, one.name

    return tuple(sorted(consumers, key=place))


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts proposed as one incident, before a person declared it.

    `root` is the alert of the likely root, `root_name` what it is called there; consumers are those hit or at risk.
    """

    id: int
    seq: int
    title: Safe
    severity: Severity
    reasons: tuple[Safe, ...]
    root: int
    alerts: tuple[int, ...]
    first_signal_at: datetime
    detected_at: datetime
    proposed_at: datetime
    acknowledged_by: Safe | None
    acknowledged_at: datetime | None
    incident: int | None
    still_fires: bool
    root_name: Safe = Safe("")
    consumers: tuple[Consumer, ...] = ()
