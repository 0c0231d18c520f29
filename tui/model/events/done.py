"""Bodies of what people did."""

from datetime import date, datetime

from tui.model.entry import EntryKind
from tui.model.events.body import Body
from tui.model.incident import Phase
from tui.model.learn import ActionState, ActionType, Category, ItemState
from tui.model.severity import Severity
from tui.model.text import Safe


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
