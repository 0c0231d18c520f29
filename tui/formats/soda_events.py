"""Soda Cloud's webhooks that tell of no check: its own incidents, and agreements or contracts that were changed."""

import re
from typing import Final

from tui.formats.base import (
    as_text,
    digest,
    filled,
    first_text,
    items,
    key_of,
    labels_of,
    part,
    plain,
    rejected,
    rendered,
    web,
    when,
)
from tui.formats.decode import Json
from tui.model.severity import hint
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "soda"

_INCIDENT: Final = {
    "reported": SignalStatus.FIRING,
    "opened": SignalStatus.FIRING,
    "open": SignalStatus.FIRING,
    "investigating": SignalStatus.ACKNOWLEDGED,
    "fixing": SignalStatus.ACKNOWLEDGED,
    "resolved": SignalStatus.RESOLVED,
    "closed": SignalStatus.RESOLVED,
}
_WORD = re.compile(r"[A-Z]?[a-z]+")
_SHOWN: Final = 5


def incident(body: dict[str, Json], source: Safe) -> Signal:
    """An incident of Soda's own. The checks in it are those it was opened for, as they were then: no news.

    Raises RejectedError where it has no id.
    """
    identity = rendered(first_text(body, "id", "number"))
    if not identity:
        raise rejected("incident.id: missing")
    checks = [part(one) for one in items(body.get("checkResults"))]
    names = [first_text(part(one), "name", "label") for check in checks for one in items(check.get("datasets"))]
    word, severity = plain(body.get("status")).lower(), first_text(body, "severity")
    status = _INCIDENT.get(word, SignalStatus.UNKNOWN)
    started, updated = when(body.get("createdTimestamp")), when(body.get("lastUpdatedTimestamp"))
    ended = when(body.get("resolutionTimestamp")) or updated if status is SignalStatus.RESOLVED else None
    title = clean(first_text(body, "title", "description") or f"incident {identity}")
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"incident {identity}"),
        status=status,
        kind=Kind.DATA_QUALITY,
        title=title,
        subject=clean(next(filter(None, names), "")) or title,
        severity_word=clean(severity, 40) if severity else None,
        severity_hint=hint(severity),
        at=ended or updated or started,
        starts=started,
        ended_at=ended,
        labels=labels_of(_labels(body, checks, names)),
        links=Links(source=web(body.get("sodaCloudUrl"))),
    )


def _labels(body: dict[str, Json], checks: list[dict[str, Json]], names: list[str]) -> dict[str, Json]:
    return filled(
        {
            "incident": plain(body.get("number")),
            "status": plain(body.get("status")).lower(),
            "lead": first_text(part(body, "lead"), "email"),
            "reporter": first_text(part(body, "reporter"), "email"),
            "resolution": plain(body.get("resolutionNotes")),
            "datasets": ", ".join(dict.fromkeys(filter(None, names[:_SHOWN]))),
            "checks": ", ".join(filter(None, (first_text(check, "name") for check in checks[:_SHOWN]))),
        }
    )


def contract(body: dict[str, Json], event: str, source: Safe) -> Signal:
    """A contract (version 4) or an agreement (version 3) about a dataset was made or changed: a change to know of."""
    what, *did = _WORD.findall(event)
    about = part(body, what) or part(body, "contract") or part(body, "dataContract") or body
    datasets = [part(about, "dataset"), *map(part, items(about.get("datasets"))), part(body, "dataset")]
    dataset = next(filter(None, (first_text(one, "name", "label", "qualifiedName") for one in datasets)), "")
    dataset = dataset or first_text(about, "dataset", "datasetName", "datasetQualifiedName")
    name = rendered(first_text(about, "label", "name"), dataset, first_text(about, "id")) or what
    people = [part(about, word) for word in ("publishedBy", "updatedBy", "createdBy", "removedBy", "deletedBy")]
    who = next(filter(None, (first_text(one, "email", "name", "fullName") for one in people)), "")
    times = ("publishedTimestamp", "updatedTimestamp", "lastUpdatedTimestamp", "createdTimestamp", "publishedAt")
    at = next((at for word in times if (at := when(about.get(word)))), None) or when(body.get("sentAt"))
    one = digest(as_text(body) if at is None else at.isoformat())[:16]  # each change is its own
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"change {what} {rendered(first_text(about, 'id')) or name} {one}"),
        status=SignalStatus.INFO,
        kind=Kind.CHANGE,
        title=clean(f"{what} {name}: {' '.join(did).lower() or 'changed'}{' by ' if who else ''}{who}"),
        subject=clean(dataset or name),
        at=at,
        labels=labels_of(filled({"who": who, "what": event, "touches": dataset or name})),
        links=Links(source=web(about.get("sodaCloudUrl"))),
    )
