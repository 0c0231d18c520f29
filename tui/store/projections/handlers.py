"""Which projection takes which event."""

from collections.abc import Callable
from typing import Final

from tui.model import events as ev
from tui.store.engine import Connection
from tui.store.projections import alerts, candidates, catalog, changes, incidents, kept, learn, undo

HANDLERS: Final[dict[type, Callable[[Connection, ev.Event], None]]] = {
    ev.SignalSeen: alerts.signal_seen,
    ev.SignalRepeated: alerts.signal_repeated,
    ev.Judged: alerts.judged,
    ev.CandidateProposed: candidates.candidate_proposed,
    ev.CandidateWithdrawn: candidates.candidate_withdrawn,
    ev.WentQuiet: alerts.went_quiet,
    ev.PayloadRejected: alerts.rejected,
    ev.ImpactWeighed: incidents.impact_weighed,
    ev.SeverityProposed: incidents.severity_proposed,
    ev.ChangeSeen: changes.change_seen,
    ev.CatalogLearned: catalog.learned,
    ev.CatalogForgot: catalog.forgot,
    ev.Acknowledged: alerts.acknowledged,
    ev.Unacknowledged: alerts.unacknowledged,
    ev.Snoozed: alerts.snoozed,
    ev.SnoozeEnded: alerts.snooze_ended,
    ev.Declared: incidents.declared,
    ev.Linked: incidents.linked,
    ev.Moved: incidents.moved,
    ev.Merged: incidents.merged,
    ev.SeverityChanged: incidents.severity_changed,
    ev.PhaseChanged: incidents.phase_changed,
    ev.RoleTaken: incidents.role_taken,
    ev.RoleEnded: incidents.role_ended,
    ev.Noted: incidents.noted,
    ev.RcaAnswered: learn.rca_answered,
    ev.RcaCategorised: learn.rca_categorised,
    ev.ActionPromised: learn.action_promised,
    ev.ActionSettled: learn.action_settled,
    ev.TakenBack: undo.taken_back,
    ev.Redacted: kept.redacted,
    ev.Restored: kept.nothing,
    ev.Checkpointed: kept.nothing,
}
