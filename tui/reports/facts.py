"""What a post-mortem is made of, and the figures that follow from it. Pure: no store, no wording."""

from datetime import datetime, timedelta

import msgspec

from tui.model.alert import Alert
from tui.model.entry import Entry, EntryKind
from tui.model.incident import Incident, Phase
from tui.model.learn import Rca
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A moment at which the incident's severity or phase became what is given here; taken-back ones are left out."""

    at: datetime
    severity: Severity | None = None
    phase: Phase | None = None
    forced: bool = False
    reason: Safe = NOTHING


class PostMortem(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a post-mortem tells. `head` and `events`: hash and number of the log's newest event."""

    incident: Incident
    alerts: tuple[Alert, ...]
    entries: tuple[Entry, ...]
    rca: Rca
    updates: tuple[Entry, ...]
    steps: tuple[Step, ...]
    events: int
    head: str

    @property
    def first_severity(self) -> Severity:
        """What it was declared as."""
        return next((step.severity for step in self.steps if step.severity is not None), self.incident.severity)

    def by_severity(self, now: datetime) -> dict[Severity, timedelta]:
        """How long it burned in each severity: from declaring to resolving, `now` where it still burns.

        Time between a resolve and a reopening is left out.
        """
        spent: dict[Severity, timedelta] = {}
        severity, burning, since = self.first_severity, True, self.incident.declared_at
        for step in self.steps:
            if burning:
                spent[severity] = spent.get(severity, timedelta(0)) + (step.at - since)
            since = step.at
            severity = step.severity or severity
            burning = burning if step.phase is None else step.phase in (Phase.RESPOND, Phase.RESOLVE)
        end = self.incident.closed_at if self.incident.merged_into is not None else now
        if burning and end is not None and end > since:
            spent[severity] = spent.get(severity, timedelta(0)) + (end - since)
        return {grade: length for grade, length in sorted(spent.items()) if length}

    @property
    def people(self) -> tuple[Safe, ...]:
        """Who acted, in the order of their first entry; what was taken back counts too."""
        acted = (entry.who for entry in self.entries if entry.from_person and entry.kind is not EntryKind.SIGNAL)
        return tuple(dict.fromkeys(acted))

    def kind(self, kind: EntryKind) -> tuple[Entry, ...]:
        """The entries of one kind that still stand."""
        return tuple(entry for entry in self.entries if entry.kind is kind and not entry.taken_back)
