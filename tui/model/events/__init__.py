"""The event log's bodies, one frozen struct for each thing that can happen, tagged with its kind.

A body carries what is needed to project it, never a label or a payload (those lie
beside the log under their digest). `AnyBody` is the registry; adding a kind of event
is adding a struct to a file here, a sentence in `sentence.py` and a projection in the store.
"""

from datetime import datetime
from typing import Final

import msgspec

from tui.model.events.body import Body
from tui.model.events.done import (
    Acknowledged,
    ActionPromised,
    ActionSettled,
    Declared,
    Linked,
    Merged,
    Moved,
    Noted,
    PhaseChanged,
    RcaAnswered,
    RcaCategorised,
    RoleEnded,
    RoleTaken,
    SeverityChanged,
    Snoozed,
    SnoozeEnded,
    TakenBack,
    Unacknowledged,
)
from tui.model.events.heard import (
    CandidateProposed,
    CandidateWithdrawn,
    CatalogForgot,
    CatalogLearned,
    ChangeSeen,
    ImpactWeighed,
    Judged,
    PayloadRejected,
    SeverityProposed,
    SignalRepeated,
    SignalSeen,
    WentQuiet,
)
from tui.model.events.kept import Checkpointed, Erased, Redacted, Restored
from tui.model.text import Safe

__all__ = [
    "UNDOABLE",
    "Acknowledged",
    "ActionPromised",
    "ActionSettled",
    "AnyBody",
    "Body",
    "CandidateProposed",
    "CandidateWithdrawn",
    "CatalogForgot",
    "CatalogLearned",
    "ChangeSeen",
    "Checkpointed",
    "Declared",
    "Erased",
    "Event",
    "ImpactWeighed",
    "Judged",
    "Linked",
    "Merged",
    "Moved",
    "Noted",
    "PayloadRejected",
    "PhaseChanged",
    "RcaAnswered",
    "RcaCategorised",
    "Redacted",
    "Restored",
    "RoleEnded",
    "RoleTaken",
    "SeverityChanged",
    "SeverityProposed",
    "SignalRepeated",
    "SignalSeen",
    "SnoozeEnded",
    "Snoozed",
    "TakenBack",
    "Unacknowledged",
    "WentQuiet",
]

AnyBody = (
    SignalSeen | SignalRepeated | Judged | CandidateProposed | CandidateWithdrawn | WentQuiet | PayloadRejected
    | ChangeSeen | CatalogLearned | CatalogForgot | ImpactWeighed | SeverityProposed
    | Acknowledged | Unacknowledged | Snoozed | SnoozeEnded | Declared | Linked | Moved | Merged | SeverityChanged
    | PhaseChanged | RoleTaken | RoleEnded | Noted | RcaAnswered | RcaCategorised | ActionPromised | ActionSettled
    | TakenBack | Redacted | Restored | Checkpointed
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
