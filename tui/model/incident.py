"""An incident: what a human declared. Its phases, its clocks, the people in it."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from tui.model.alert import Consumer
from tui.model.severity import Severity
from tui.model.text import Safe


class Phase(StrEnum):
    """Phases of a declared incident. Detect and assess belong to the candidate before it."""

    RESPOND = "respond"
    RESOLVE = "resolve"
    LEARN = "learn"
    CLOSED = "closed"


ORDER = tuple(Phase)
"""Phases in the order of the practice."""


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """One person holding one role from `since` until `until` (None: holds it now)."""

    incident: int
    role: Safe
    name: Safe
    since: datetime
    until: datetime | None = None


COMMANDER = Safe("commander")


class Durations(msgspec.Struct, frozen=True, kw_only=True):
    """MTTD, MTTA, MTTR of one incident; None where an end is missing, never below zero.

    `clamped` names those that would have been negative (clocks that disagree).
    """

    mttd: timedelta | None
    mtta: timedelta | None
    mttr: timedelta | None
    clamped: tuple[str, ...] = ()


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A declared disruption. Times are None until the moment has come.

    `first_signal_at`: earliest event time of its alerts, never after its receipt (None
    for a human's report); `detected_at`: receipt of the first. `rca_started_at`: the
    earliest evidence of RCA item 1, from which MTTD counts when it is known. `consumers`,
    `root` and `root_name` are those of its candidate, as triage knows them by now; `proposed`: the graver
    severity that triage named since it was declared.
    """

    id: int
    seq: int
    title: Safe
    severity: Severity
    phase: Phase
    first_signal_at: datetime | None
    detected_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: Safe | None
    declared_at: datetime
    declared_by: Safe
    mitigated_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime | None
    root: int | None
    reopened: int
    merged_into: int | None
    candidate: int | None
    alerts: tuple[int, ...]
    roles: tuple[Role, ...]
    rca_started_at: datetime | None
    root_name: Safe = Safe("")
    consumers: tuple[Consumer, ...] = ()
    proposed: Severity | None = None

    @property
    def commander(self) -> Safe | None:
        """Who decides now, if somebody does."""
        return self.holder(COMMANDER)

    def holder(self, role: str) -> Safe | None:
        """Who holds `role` now."""
        return next((held.name for held in self.roles if held.role == role and held.until is None), None)

    @property
    def is_open(self) -> bool:
        """Whether the trouble itself is not over: respond or resolve."""
        return self.phase in (Phase.RESPOND, Phase.RESOLVE)

    @property
    def durations(self) -> Durations:
        """The three figures of this incident, from its own times."""
        began = self.rca_started_at or self.first_signal_at
        pairs = {
            "mttd": (began, self.detected_at),
            "mtta": (self.detected_at, self.acknowledged_at),
            "mttr": (self.detected_at, self.resolved_at),
        }
        lengths = {name: end - start for name, (start, end) in pairs.items() if start and end}
        clamped = tuple(name for name, length in lengths.items() if length < timedelta(0))
        told = {name: max(length, timedelta(0)) for name, length in lengths.items()}
        return Durations(mttd=told.get("mttd"), mtta=told.get("mtta"), mttr=told.get("mttr"), clamped=clamped)
