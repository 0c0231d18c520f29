"""The words of a post-mortem, as Markdown. Only what the events give: no blanks for somebody to fill in."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

from tui import __version__
from tui.model.entry import Entry, EntryKind
from tui.model.incident import Incident, Phase
from tui.model.learn import QUESTIONS, ItemState, RcaItem
from tui.model.moment import span
from tui.model.severity import Severity
from tui.model.text import Safe
from tui.reports.facts import PostMortem
from tui.reports.markdown import block, bullets, cell, inline, quote, table

_MARK = re.compile(r"\\\[(redacted: [a-z ]+)\\\]")
"""Where a secret was: it reads as it was written, and links to nothing."""

_ENDS = {Phase.RESOLVE: "mitigated", Phase.LEARN: "resolved", Phase.CLOSED: "closed", Phase.RESPOND: "reopened"}


def to_markdown(value: PostMortem, now: datetime) -> str:
    """The whole document; `now` ends what still runs and dates the document."""
    parts = [
        f"# Post-mortem INC-{value.incident.id}: {inline(value.incident.title)}",
        _header(value),
        "## Summary",
        _summary(value),
        "## Impact",
        *_impact(value, now),
        "## Detection, response, recovery",
        _figures(value.incident),
        "## Timeline",
        *_timeline(value),
        "## Root cause",
        *_root_cause(value),
        "## Actions",
        _actions(value),
        "## Status updates sent",
        *_updates(value),
        "## How it went",
        _how_it_went(value),
        "---",
        _footer(value, now),
    ]
    return _MARK.sub(r"[\1]", "\n\n".join(part for part in parts if part)) + "\n"


def moment(at: datetime) -> str:
    """A time with its date: `2026-11-24 14:03:12 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _when(at: datetime | None, missing: str) -> str:
    return missing if at is None else moment(at)


def _graded(severity: Severity) -> str:
    return f"{severity.shape} {severity.word}"


def _count(number: int, word: str, several: str = "") -> str:
    return f"{number} {word}" if number == 1 else f"{number} {several or f'{word}s'}"


def _header(value: PostMortem) -> str:
    incident = value.incident
    began = "unknown: a person reported it" if not incident.alerts else "missing"
    who = incident.acknowledged_by
    changed = "" if value.first_severity is incident.severity else f", declared {value.first_severity.word}"
    rows = [
        ("Severity", f"{_graded(incident.severity)}{changed}"),
        ("Phase", incident.phase + (f", merged into INC-{incident.merged_into}" if incident.merged_into else "")),
        ("First signal", _when(incident.first_signal_at, began)),
        ("Detected", moment(incident.detected_at)),
        ("Acknowledged", _when(incident.acknowledged_at, "missing") + (f" by {cell(who)}" if who else "")),
        ("Declared", f"{moment(incident.declared_at)} by {cell(incident.declared_by)}"),
        ("Mitigated", _when(incident.mitigated_at, "not yet")),
        ("Resolved", _when(incident.resolved_at, "not yet")),
        ("Closed", _when(incident.closed_at, "not yet")),
        ("Commander", cell(incident.commander) if incident.commander else "nobody"),
    ]
    return table((f"INC-{incident.id}", ""), rows)


def _summary(value: PostMortem) -> str:
    incident, categories = value.incident, ", ".join(value.rca.categories)
    source = ", on a person's report" if incident.root is None else ""
    who, at = inline(incident.declared_by), moment(incident.declared_at)
    told = [f"{value.first_severity.word} was declared by {who} on {at}{source}"]
    if value.first_severity is not incident.severity:
        told.append(f"its severity is {incident.severity.word} now")
    if value.alerts:
        told.append(f"{_count(len(value.alerts), 'alert belongs', 'alerts belong')} to it")
    root = next((alert for alert in value.alerts if alert.id == incident.root), None)
    if root is not None:
        told.append(f"the likely root is A-{root.id}, {inline(root.subject)}: {inline(root.title)}")
    told.append(_ended(incident))
    first = value.rca.items[0]
    if first.state is ItemState.DONE:
        told.append(f"what failed first: {inline(first.text)}")
    if categories:
        told.append(f"cause: {categories}")
    return " ".join(_sentence(text) for text in told)


def _ended(incident: Incident) -> str:
    lasted = incident.durations.mttr
    if incident.merged_into is not None:
        return f"it went on as part of INC-{incident.merged_into}"
    return "it is not resolved" if lasted is None else f"it was resolved {span(lasted)} after it was detected"


def _sentence(text: str) -> str:
    start = text[0].upper() + text[1:]
    return start if start.endswith((".", "!", "?", "…")) else f"{start}."


def _impact(value: PostMortem, now: datetime) -> Iterator[str]:
    incident = value.incident
    spent = value.by_severity(now)
    so_far = " (it still burns)" if incident.is_open else ""
    yield table(
        ("Severity", f"Time in it{so_far}"), [(_graded(grade), span(length)) for grade, length in spent.items()]
    )
    noted = value.kind(EntryKind.IMPACT)
    if noted:
        yield bullets(f"{moment(entry.at)}, {inline(entry.who)}: {inline(entry.text)}" for entry in noted)
    if not value.alerts:
        yield "No alert belongs to it."
        return
    heads = ("Alert", "Severity", "What", "It said", "First seen", "Last seen", "Deliveries", "Now")
    yield table(
        heads,
        [
            (
                f"A-{alert.id}",
                _graded(alert.severity) if alert.severity else "none",
                cell(alert.subject),
                cell(alert.title),
                moment(alert.first_seen),
                moment(alert.last_seen),
                str(alert.count),
                alert.status,
            )
            for alert in value.alerts
        ],
    )


def _figures(incident: Incident) -> str:
    figures = incident.durations
    began = incident.rca_started_at or incident.first_signal_at
    start = "what failed first (item 1)" if incident.rca_started_at else "first signal"

    def took(name: str, length: timedelta | None) -> str:
        if length is None:
            return "missing"
        return f"{span(length)} (clamped: the clocks disagree)" if name in figures.clamped else span(length)

    rows = [
        ("MTTD", f"{start} to detected", _when(began, "missing"), moment(incident.detected_at)),
        ("MTTA", "detected to acknowledged", moment(incident.detected_at), _when(incident.acknowledged_at, "missing")),
        ("MTTR", "detected to resolved", moment(incident.detected_at), _when(incident.resolved_at, "missing")),
    ]
    lengths = (took("mttd", figures.mttd), took("mtta", figures.mtta), took("mttr", figures.mttr))
    return table(("Figure", "Measured", "From", "To", "Took"), [(*r, t) for r, t in zip(rows, lengths, strict=True)])


def _timeline(value: PostMortem) -> Iterator[str]:
    if not value.entries:
        yield "It is empty."
    for day, entries in groupby(value.entries, key=lambda entry: entry.at.astimezone(UTC).date()):
        yield f"### {day.isoformat()} (UTC)"
        rows = [
            (f"{entry.at.astimezone(UTC):%H:%M:%S}", f"E-{entry.id}", entry.kind, cell(entry.who), _told(entry))
            for entry in entries
        ]
        yield table(("Time", "Entry", "Kind", "Who", "What"), rows)


def _told(entry: Entry) -> str:
    marks = [
        *(["taken back"] if entry.taken_back else []),
        *([f"written {moment(entry.recorded_at)}"] if entry.backdated else []),
        *([f"about E-{entry.corrects}"] if entry.corrects else []),
    ]
    text = f"~~{cell(entry.text)}~~" if entry.taken_back else cell(entry.text)
    return f"{text} *({', '.join(marks)})*" if marks else text


def _root_cause(value: PostMortem) -> Iterator[str]:
    categories = ", ".join(value.rca.categories)
    yield f"Cause: {categories}." if categories else "No category of cause is named."
    known = {entry.id: entry for entry in value.entries}
    for item in value.rca.items:
        yield f"### {item.n}. {QUESTIONS[item.n]}"
        yield _answer(item)
        tied = [_evidence(number, known.get(number)) for number in item.evidence]
        if tied:
            yield "Evidence:\n\n" + bullets(tied)
    missing = value.rca.missing(value.incident.severity)
    if missing and value.incident.phase is not Phase.CLOSED:
        yield "Missing before it can be closed:\n\n" + bullets(inline(gap) for gap in missing)


def _answer(item: RcaItem) -> str:
    if item.state is ItemState.OPEN and not item.text:
        return "*Not answered.*"
    mark = {ItemState.PROPOSED: "\n\n*Proposed, confirmed by nobody.*", ItemState.OPEN: "\n\n*Not complete.*"}
    return block(item.text) + mark.get(item.state, "")


def _evidence(number: int, entry: Entry | None) -> str:
    if entry is None:
        return f"E-{number}"
    return f"E-{number}, {moment(entry.at)}, {inline(entry.who)}: {inline(entry.text)}"


def _actions(value: PostMortem) -> str:
    if not value.rca.actions:
        return "None was promised."
    rows = [
        (
            f"ACT-{action.id}",
            action.type,
            cell(action.text),
            cell(action.owner) if action.owner else "missing",
            action.due.isoformat() if action.due else "missing",
            action.state + (f": {cell(action.reason)}" if action.reason else ""),
        )
        for action in value.rca.actions
    ]
    return table(("Action", "Type", "What will change", "Owner", "Due", "State"), rows)


def _updates(value: PostMortem) -> Iterator[str]:
    if not value.updates:
        yield "None was sent."
    for n, entry in enumerate(value.updates, 1):
        yield f"**Update {n}**, {moment(entry.at)}, {inline(entry.who)}:"
        yield quote(entry.text)


def _how_it_went(value: PostMortem) -> str:
    incident = value.incident
    told = (
        [f"{_count(len(value.people), 'person', 'people')} worked on it: {_names(value.people)}"]
        if value.people
        else []
    )
    for role in incident.roles:
        until = moment(role.until) if role.until else "now"
        told.append(f"{inline(role.role)}: {inline(role.name)}, {moment(role.since)} to {until}")
    told += [
        f"{_ENDS[step.phase]} against the gate on {moment(step.at)}: {inline(step.reason)}"
        for step in value.steps
        if step.phase is not None and step.forced
    ]
    told += [
        f"reopened on {moment(step.at)}: {inline(step.reason)}" for step in value.steps if step.phase is Phase.RESPOND
    ]
    sent = value.updates
    if sent:
        told.append(f"the first status update went out {span(sent[0].at - incident.declared_at)} after declaring")
    told += _counted(value)
    return bullets(told) if told else "Nobody has acted on it."


def _counted(value: PostMortem) -> Iterator[str]:
    deliveries = sum(alert.count for alert in value.alerts)
    if deliveries:
        yield f"{_count(len(value.alerts), 'alert')} in {_count(deliveries, 'delivery', 'deliveries')}"
    back = sum(entry.taken_back for entry in value.entries)
    if back:
        yield f"{_count(back, 'entry', 'entries')} taken back"
    late = sum(entry.backdated for entry in value.entries)
    if late:
        yield f"{_count(late, 'entry', 'entries')} written after the fact"


def _names(people: tuple[Safe, ...]) -> str:
    return ", ".join(inline(name) for name in people)


def _footer(value: PostMortem, now: datetime) -> str:
    return (
        f"Written by sev {__version__} on {moment(now)} from the log up to event {value.events}, whose hash is"
        f" `{value.head}`."
    )
