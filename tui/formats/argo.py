"""Argo Workflows: a Workflow as its API or an exit handler posts it, and the small event of one of its nodes.

A workflow is known by namespace and template: its own name ends in characters that are new for every run.
"""

import re
from collections.abc import Mapping
from typing import Final

from tui.formats.base import (
    Format,
    Payload,
    filled,
    first_text,
    inside,
    key_of,
    labels_of,
    part,
    rejected,
    rendered,
    shape,
    when,
    whole,
)
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "argo"

_STATUS: Final = {
    "pending": (SignalStatus.STARTED, "is pending"),
    "running": (SignalStatus.STARTED, "is running"),
    "succeeded": (SignalStatus.SUCCEEDED, "succeeded"),
    "failed": (SignalStatus.FIRING, "failed"),
    "error": (SignalStatus.FIRING, "failed"),
    "skipped": (SignalStatus.INFO, "was skipped"),
    "omitted": (SignalStatus.INFO, "was skipped"),
}
_RANDOM = re.compile(r"-(?:[a-z0-9]{5}|\d{10})$")
"""What Argo appends to a template's name, or to a cron workflow's (its time), to name one run."""

_TEMPLATES: Final = ("workflows.argoproj.io/cron-workflow", "workflows.argoproj.io/workflow-template")


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if not isinstance(body, dict):
        return None
    if first_text(body, "kind") == "Workflow" and "phase" in part(body, "status"):
        return "a Workflow of Argo's and its phase"
    if "phase" in body and ("workflowTemplate" in body or first_text(body, "kind") == "WorkflowEvent"):
        return "an event of a workflow of Argo's: it has a phase"
    return None


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    about, status, source = part(body, "metadata"), part(body, "status") or body, payload.source or Safe(NAME)
    run = first_text(about, "name") or first_text(body, "workflow", "workflowName", "name")
    template = _template(body, about, run)
    if not template:
        raise rejected("metadata.name: missing, or a template that was not filled in")
    namespace = first_text(about, "namespace") or first_text(body, "namespace")
    word, why = first_text(status, "phase"), first_text(status, "message")
    state, said = _STATUS.get(word.lower(), (SignalStatus.UNKNOWN, f"is {word or 'in no phase'}"))
    attempt, most = _attempts(part(body, "node"))
    failed = state is SignalStatus.FIRING
    if failed and attempt and most and attempt < most:
        state, said = SignalStatus.RETRYING, "failed, will be tried again"
    ended = when(status.get("finishedAt"))
    started = when(status.get("startedAt"))
    over = state is SignalStatus.SUCCEEDED
    return [
        Signal(
            source=source,
            format=NAME,
            key=key_of(source, "/".join(filter(None, (rendered(namespace), template)))),
            status=state,
            kind=Kind.FAILED_JOB,
            title=clean(f"{template} {said}{': ' if why and not over else ''}{'' if over else why}"),
            subject=clean(template),
            run=clean(run) if run else None,
            attempt=attempt,
            max_attempts=most,
            severity_hint=Severity.SEV2 if state is SignalStatus.FIRING else None,
            at=ended or started,
            starts=started if state is SignalStatus.STARTED else None,
            ended_at=ended if over else None,
            labels=labels_of(filled({"namespace": namespace, "phase": word, **part(about, "labels")})),
            links=Links(),
        )
    ]


def _template(body: dict[str, Json], about: dict[str, Json], run: str) -> str:
    """What every run of the workflow shares: its cron workflow or template, else its name without the random end."""
    named = first_text(body, "workflowTemplate") or first_text(part(about, "labels"), *_TEMPLATES)
    referred = first_text({"": inside(body, "spec", "workflowTemplateRef", "name")}, "")
    return rendered(named, referred, first_text(about, "generateName").rstrip("-"), _RANDOM.sub("", run))


def _attempts(node: dict[str, Json]) -> tuple[int | None, int | None]:
    """Argo counts a node's tries from zero, and its limit is of retries."""
    attempt, limit = whole(node.get("attempt")), whole(part(node, "retryStrategy").get("limit"))
    return None if attempt is None else attempt + 1, None if limit is None else limit + 1


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""Workflows and their events."""
