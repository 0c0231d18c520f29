"""Events of EventBridge that are no job's: what RDS, Glue's data quality and AWS Health tell, each in its own way."""

import re
from typing import Final

from tui.formats.aws_event import Event
from tui.formats.base import first_text, inside, items, part, plain, whole
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

_TROUBLE: Final = frozenset({"failure", "low storage"})
_FAILED = re.compile(r"\bfail(?:ed|ure)?\b|\bstorage[ -]full\b", re.IGNORECASE)
_OVER = re.compile(r"\b(?:complete|completed|finished)\b", re.IGNORECASE)


def database(event: Event) -> list[Signal]:
    """What RDS tells of an instance or a cluster.

    Failures and full disks fire. The rest (patches, failovers, restarts, other settings) is what
    somebody asks for who looks for a cause: changes.
    """
    name, said = first_text(event.detail, "SourceIdentifier"), first_text(event.detail, "Message")
    if not name:
        return []
    categories = [plain(word).lower() for word in items(event.detail.get("EventCategories"))]
    labels: dict[str, Json] = {
        "event_id": plain(event.detail.get("EventID")),
        "categories": ", ".join(categories),
        "DBInstanceIdentifier" if "CLUSTER" not in first_text(event.detail, "SourceType") else "cluster": name,
    }
    title = f"{name}: {said or ', '.join(categories) or event.kind}"
    if _TROUBLE.intersection(categories) or (not categories and _FAILED.search(said)):
        what = "low storage" if "low storage" in categories else "failure"
        return [
            event.signal(
                f"rds {name} {what}",
                SignalStatus.FIRING,
                title,
                name,
                kind=Kind.OTHER,
                severity=Severity.SEV2,
                labels=labels,
            )
        ]
    if "recovery" in categories and _OVER.search(said):
        return [event.signal(f"rds {name} failure", SignalStatus.RESOLVED, title, name, kind=Kind.OTHER, labels=labels)]
    labels = {**labels, "what": ", ".join(categories), "touches": name}
    return [event.signal(event.change, SignalStatus.INFO, title, name, kind=Kind.CHANGE, labels=labels)]


def quality(event: Event) -> list[Signal]:
    """The result of Glue's own rules about a table, or about what a job handed on."""
    context = part(event.detail, "context")
    table = [first_text(context, "databaseName"), first_text(context, "tableName")]
    subject = ".".join(filter(None, table)) or first_text(context, "jobName")
    rules = ", ".join(filter(None, map(plain, items(event.detail.get("rulesetNames")))))
    state = first_text(event.detail, "state").upper()
    if state not in ("FAILED", "SUCCEEDED") or not (subject or rules):
        return []
    failed, passed = _count(event.detail, "Failed"), _count(event.detail, "Succeeded")
    figures = f", {failed} of {failed + passed} rules" if failed is not None and passed is not None else ""
    bad = state == "FAILED"
    return [
        event.signal(
            f"glue rules {rules} {subject}",
            SignalStatus.FIRING if bad else SignalStatus.SUCCEEDED,
            f"{subject or rules}: {rules or 'rules'} {'failed' + figures if bad else 'passed'}",
            subject or rules,
            kind=Kind.DATA_QUALITY,
            run=first_text(context, "runId", "jobId"),
            labels={"rulesets": rules, "score": plain(event.detail.get("score")), "job": plain(context.get("jobName"))},
        )
    ]


def _count(detail: dict[str, Json], what: str) -> int | None:
    return next((n for name in (f"numRules{what}", f"rules{what}") if (n := whole(detail.get(name))) is not None), None)


def health(event: Event) -> list[Signal]:
    """What Amazon says of its own services: an issue fires until it is closed, everything else is a change."""
    arn, service = first_text(event.detail, "eventArn"), first_text(event.detail, "service") or "AWS"
    if not arn:
        return []
    code = first_text(event.detail, "eventTypeCode") or "event"
    texts = (first_text(part(one), "latestDescription") for one in items(event.detail.get("eventDescription")))
    title = f"AWS {service}: {next(filter(None, texts), code)}"
    touched = (first_text(part(one), "entityValue") for one in items(inside(event.detail, "affectedEntities")))
    labels: dict[str, Json] = {"code": code, "service": service, "touches": ", ".join(filter(None, touched))}
    identity, subject = f"health {arn}", f"AWS {service}"
    if first_text(event.detail, "eventTypeCategory") != "issue":
        return [event.signal(identity, SignalStatus.INFO, title, subject, kind=Kind.CHANGE, labels=labels)]
    closed = first_text(event.detail, "statusCode").lower() == "closed"
    status = SignalStatus.RESOLVED if closed else SignalStatus.FIRING
    return [event.signal(identity, status, title, subject, kind=Kind.OTHER, labels=labels)]
