"""Values as the JSON that leaves: every key always there, unknown is null, IDs are strings, times RFC 3339 UTC.

Pure. What is printed or written, and where, is for the callers.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from tui.formats.decode import Json
from tui.model.alert import Alert, Candidate, Consumer
from tui.model.change import Change
from tui.model.entry import Entry, EntryKind
from tui.model.incident import Incident
from tui.model.learn import Action, Rca
from tui.model.moment import rfc3339
from tui.model.severity import Severity, SeverityRules
from tui.model.signal import Links, Signal

if TYPE_CHECKING:  # a verb that prints an alert has no use for what these load
    from tui.store.integrity import Verdict
    from tui.store.payloads import Rejected
    from tui.store.similar import SeenBefore

Shape: TypeAlias = dict[str, Json]
"""One JSON object."""


def name(prefix: str, number: int | None) -> str | None:
    """An ID as text, `A-12`; None where there is none."""
    return None if number is None else f"{prefix}-{number}"


def names(prefix: str, numbers: Iterable[int]) -> list[Json]:
    """Several IDs as text."""
    return [f"{prefix}-{number}" for number in numbers]


def _grade(severity: Severity | None) -> int | None:
    return None if severity is None else int(severity)


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _links(links: Links) -> Shape:
    return {"runbook": links.runbook, "source": links.source, "log": links.log}


def signal(one: Signal) -> Shape:
    """A signal as its tool's payload said it."""
    return {
        "source": one.source,
        "format": one.format,
        "key": one.key,
        "status": one.status,
        "kind": one.kind,
        "title": one.title,
        "subject": one.subject,
        "run": one.run,
        "attempt": one.attempt,
        "max_attempts": one.max_attempts,
        "severity_word": one.severity_word,
        "severity_hint": _grade(one.severity_hint),
        "at": rfc3339(one.at),
        "ended_at": rfc3339(one.ended_at),
        "labels": dict(one.labels),
        "links": _links(one.links),
        "omitted": one.omitted,
    }


def alert(one: Alert) -> Shape:
    """An alert; its labels are those it was read with."""
    return {
        "id": name("A", one.id),
        "key": one.key,
        "source": one.source,
        "format": one.format,
        "status": one.status,
        "state": one.state,
        "verdict": one.verdict,
        "reason": one.reason,
        "severity": _grade(one.severity),
        "kind": one.kind,
        "subject": one.subject,
        "title": one.title,
        "count": one.count,
        "first_seen": rfc3339(one.first_seen),
        "last_seen": rfc3339(one.last_seen),
        "trouble_at": rfc3339(one.trouble_at),
        "acknowledged_by": one.acknowledged_by,
        "acknowledged_at": rfc3339(one.acknowledged_at),
        "snoozed_until": rfc3339(one.snoozed_until),
        "candidate": name("C", one.candidate),
        "incident": name("INC", one.incident),
        "labels": dict(one.labels),
        "links": _links(one.links),
    }


def consumer(one: Consumer) -> Shape:
    """Something downstream that is hit or at risk."""
    return {
        "name": one.name,
        "tier": one.tier,
        "deadline": rfc3339(one.deadline),
        "state": one.state,
        "told_at": None,
    }


def earlier(one: "SeenBefore") -> Shape:
    """An earlier incident alike: how much (0 to 1) and by what, why it happened, what was promised and done."""
    return {
        "id": name("INC", one.incident.id),
        "title": one.incident.title,
        "severity": int(one.incident.severity),
        "resolved_at": rfc3339(one.incident.resolved_at),
        "alike": round(one.score, 2),
        "why": list(one.why),
        "cause": one.cause or None,
        "categories": list(one.rca.categories),
        "actions": [action(promised) for promised in one.rca.actions],
    }


def candidate(one: Candidate, similar: "Iterable[SeenBefore]" = ()) -> Shape:
    """A candidate; `root` is what its likely root is called, `similar` what was found of earlier incidents."""
    return {
        "id": name("C", one.id),
        "title": one.title,
        "severity": int(one.severity),
        "reasons": list(one.reasons),
        "root": one.root_name,
        "alerts": names("A", one.alerts),
        "consumers": [consumer(held) for held in one.consumers],
        "proposed_at": rfc3339(one.proposed_at),
        "acknowledged_by": one.acknowledged_by,
        "incident": name("INC", one.incident),
        "similar": [earlier(found) for found in similar],
    }


def update_due(one: Incident, rules: SeverityRules) -> datetime | None:
    """When the next status update of an incident must go out; None when none must."""
    return rules.update_by(one.severity, one.declared_at, one.updated_at) if one.is_open else None


def incident(one: Incident, rules: SeverityRules) -> Shape:
    """An incident with its three figures in seconds; `rules` say when its next update is due."""
    figures = one.durations
    return {
        "id": name("INC", one.id),
        "title": one.title,
        "severity": int(one.severity),
        "phase": one.phase,
        "first_signal_at": rfc3339(one.first_signal_at),
        "detected_at": rfc3339(one.detected_at),
        "acknowledged_at": rfc3339(one.acknowledged_at),
        "declared_at": rfc3339(one.declared_at),
        "mitigated_at": rfc3339(one.mitigated_at),
        "resolved_at": rfc3339(one.resolved_at),
        "closed_at": rfc3339(one.closed_at),
        "commander": one.commander,
        "alerts": names("A", one.alerts),
        "root": name("A", one.root),
        "consumers": [consumer(held) for held in one.consumers],
        "mttd_s": _seconds(figures.mttd),
        "mtta_s": _seconds(figures.mtta),
        "mttr_s": _seconds(figures.mttr),
        "next_update_due": rfc3339(update_due(one, rules)),
        "reopened": one.reopened,
    }


def entry(one: Entry) -> Shape:
    """A timeline entry; `corrects` names the entry that it takes back or puts right."""
    return {
        "id": name("E", one.id),
        "seq": one.seq,
        "at": rfc3339(one.at),
        "recorded_at": rfc3339(one.recorded_at),
        "actor": one.actor,
        "uid": one.uid,
        "kind": one.kind,
        "text": one.text,
        "incident": name("INC", one.incident),
        "alert": name("A", one.alert),
        "backdated": one.backdated,
        "corrects": name("E", one.corrects),
    }


def rca(one: Rca, severity: Severity) -> Shape:
    """A root-cause analysis; `missing` is what still forbids closing an incident of this severity."""
    items: list[Json] = [
        {"n": item.n, "text": item.text, "evidence": names("E", item.evidence), "state": item.state}
        for item in one.items
    ]
    return {"categories": list(one.categories), "items": items, "missing": list(one.missing(severity))}


def action(one: Action) -> Shape:
    """A change that somebody promised."""
    return {
        "id": name("ACT", one.id),
        "incident": name("INC", one.incident),
        "text": one.text,
        "type": one.type,
        "owner": one.owner,
        "due": None if one.due is None else one.due.isoformat(),
        "state": one.state,
        "link": one.link,
    }


def change(one: Change) -> Shape:
    """A deploy, a new schema or setting."""
    return {
        "id": name("CH", one.id),
        "at": rfc3339(one.at),
        "actor": one.actor,
        "what": one.what,
        "touches": list(one.touches),
    }


def updates_of(entries: Iterable[Entry]) -> list[Entry]:
    """The status updates in a timeline that still stand, in order."""
    return [one for one in entries if one.kind is EntryKind.UPDATE and not one.taken_back]


def update(one: Entry, n: int) -> Shape:
    """The `n`-th status update of an incident, known by its entry."""
    return {
        "id": name("E", one.id),
        "incident": name("INC", one.incident),
        "n": n,
        "at": rfc3339(one.at),
        "by": one.who,
        "text": one.text,
        "channels": [],
    }


def rejected(one: "Rejected", head: str | None) -> Shape:
    """A delivery that could not be read; `head` is the clean beginning of what came, where it was looked up."""
    return {
        "id": name("R", one.id),
        "received_at": rfc3339(one.received_at),
        "source": one.source,
        "reason": one.reason,
        "size": one.size,
        "payload": one.payload,
        "head": head,
    }


def verdict(one: "Verdict") -> Shape:
    """What a check of the whole store found, and the hash it ends with."""
    return {
        "chain_ok": one.chain_ok,
        "projections_ok": one.projections_ok,
        "integrity_ok": one.integrity_ok,
        "events": one.events,
        "first_bad_seq": one.first_bad_seq,
        "head": one.head,
    }
