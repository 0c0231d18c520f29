"""From the store to the screen: one frozen slice for each pane, read on one snapshot. Panes never query."""

from datetime import datetime, timedelta

import msgspec

from tui.desk.phases import resolve_gate
from tui.errors import NotFoundError
from tui.model.alert import Alert, Candidate
from tui.model.change import Change
from tui.model.entry import Entry
from tui.model.ids import Ref
from tui.model.incident import Incident, Phase
from tui.model.learn import Rca
from tui.model.severity import SeverityRules
from tui.store import alerts, changes, entries, feed, incidents, sources
from tui.store.engine import Connection
from tui.store.feed import FeedCounts, FeedQuery
from tui.store.log import head, head_time
from tui.store.payloads import rejected_since
from tui.store.sources import SourceState
from tui.triage.guide import Situation

FEED_ROWS = 400
"""Rows of the feed kept in memory around its top; more are read when the cursor comes near the end."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What the screen wants to see now. `incident` 0: the one that burns most. `groups`: roots that are unfolded."""

    query: FeedQuery = FeedQuery()
    rows: int = FEED_ROWS
    incident: int = 0
    row: int | None = None
    groups: frozenset[int] = frozenset()


class FeedSlice(msgspec.Struct, frozen=True, kw_only=True):
    """Pane 1: the first rows in the order asked for, and the sums.

    `groups`: how many alerts lie under each root; those of the roots in `unfolded` follow it
    as rows. `more`: there are rows that were not read.
    """

    rows: tuple[Alert, ...] = ()
    groups: dict[int, int] = {}
    unfolded: frozenset[int] = frozenset()
    more: bool = False
    counts: FeedCounts = FeedCounts()
    query: FeedQuery = FeedQuery()


class TimelineSlice(msgspec.Struct, frozen=True, kw_only=True):
    """Pane 2: what happened to the open incident; without one, to the row under the cursor."""

    subject: Ref | None = None
    entries: tuple[Entry, ...] = ()


class BoardSlice(msgspec.Struct, frozen=True, kw_only=True):
    """Pane 3: incidents not closed, and candidates not declared."""

    incidents: tuple[Incident, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    open_incident: int | None = None


class ChecklistSlice(msgspec.Struct, frozen=True, kw_only=True):
    """Pane 4: the open incident's analysis and gate; without one, the row's proposal.

    `changes`: the latest of the last day that touch the row's subject or what it is made from.
    """

    incident: Incident | None = None
    rca: Rca | None = None
    gate: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    alert: Alert | None = None
    candidate: Candidate | None = None
    changes: tuple[Change, ...] = ()


class HeaderSlice(msgspec.Struct, frozen=True, kw_only=True):
    """The three lines on top: which incident, what is next, how old the news is.

    `rejected`: deliveries of the last day that nobody could read. `sources`: those that the collector pulls.
    """

    incident: Incident | None = None
    others: tuple[Incident, ...] = ()
    situation: Situation
    counts: FeedCounts = FeedCounts()
    data_at: datetime | None = None
    rejected: int = 0
    sources: tuple[SourceState, ...] = ()


class Screenful(msgspec.Struct, frozen=True, kw_only=True):
    """All slices of one moment."""

    header: HeaderSlice
    feed: FeedSlice
    timeline: TimelineSlice
    board: BoardSlice
    checklist: ChecklistSlice
    seq: int = 0
    """The newest event in it."""


def load(conn: Connection, ask: Ask, now: datetime, rules: SeverityRules) -> Screenful:
    """Read everything the screen shows, on the caller's snapshot."""
    shown = _feed(conn, ask)
    rows, sums = shown.rows, shown.counts
    living = tuple(incidents.open_incidents(conn))
    proposed = tuple(alerts.open_candidates(conn))
    chosen = _chosen(conn, ask, living)
    row = next((alert for alert in rows if alert.id == ask.row), rows[0] if rows and ask.row is None else None)
    checklist = _checklist(conn, chosen, row, now)
    return Screenful(
        feed=shown,
        timeline=_timeline(conn, chosen, row),
        board=BoardSlice(incidents=living, candidates=proposed, open_incident=chosen.id if chosen else None),
        checklist=checklist,
        seq=head(conn)[0],
        header=HeaderSlice(
            incident=chosen,
            others=tuple(one for one in living if chosen is None or one.id != chosen.id),
            situation=_situation(conn, checklist, proposed, now, rules),
            counts=sums,
            data_at=head_time(conn),
            rejected=rejected_since(conn, now - timedelta(days=1)),
            sources=tuple(sources.states(conn)),
        ),
    )


def _feed(conn: Connection, ask: Ask) -> FeedSlice:
    """The window, and under each root that is unfolded its group."""
    found = feed.window(conn, ask.query, limit=ask.rows)
    groups = feed.groups(conn)
    flat = bool(ask.query.words)
    unfolded = frozenset() if flat else ask.groups & groups.keys()
    rows: list[Alert] = []
    for alert in found:
        rows.append(alert)
        if alert.id in unfolded:
            rows += feed.members(conn, alert.id)
    return FeedSlice(
        rows=tuple(rows),
        groups={} if flat else groups,
        unfolded=unfolded,
        more=len(found) >= ask.rows,
        counts=feed.counts(conn),
        query=ask.query,
    )


def _chosen(conn: Connection, ask: Ask, living: tuple[Incident, ...]) -> Incident | None:
    if ask.incident:
        try:
            return incidents.get_incident(conn, ask.incident)
        except NotFoundError:
            pass  # its declaration was taken back: fall to the one that burns most
    return living[0] if living else None


def _timeline(conn: Connection, incident: Incident | None, row: Alert | None) -> TimelineSlice:
    if incident is not None:
        told = tuple(entries.timeline(conn, incident.id, limit=2_000))
        return TimelineSlice(subject=Ref("INC", incident.id), entries=told)
    if row is not None:
        return TimelineSlice(subject=Ref("A", row.id), entries=tuple(entries.history(conn, row.id)))
    return TimelineSlice()


def _checklist(conn: Connection, incident: Incident | None, row: Alert | None, now: datetime) -> ChecklistSlice:
    if incident is None:
        candidate = alerts.get_candidate(conn, row.candidate) if row is not None and row.candidate else None
        before = tuple(changes.near(conn, row.subject, now)) if row is not None else ()
        return ChecklistSlice(alert=row, candidate=candidate, changes=before)
    rca = incidents.get_rca(conn, incident.id)
    return ChecklistSlice(
        incident=incident,
        rca=rca,
        gate=resolve_gate(conn, incident.id) if incident.is_open else (),
        missing=rca.missing(incident.severity),
    )


def _situation(
    conn: Connection, shown: ChecklistSlice, proposed: tuple[Candidate, ...], now: datetime, rules: SeverityRules
) -> Situation:
    incident = shown.incident
    return Situation(
        now=now,
        rules=rules,
        candidates=proposed,
        incident=incident,
        gate=shown.gate,
        cleared=incident is not None and incident.phase is Phase.RESPOND and bool(incident.alerts) and not shown.gate,
        missing=shown.missing,
        refired=alerts.fires_after_resolve(conn, now - timedelta(days=1)),
    )
