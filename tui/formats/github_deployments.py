"""What the modules of GitHub share: words of states, whose repository and who; and deployments with their changes."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tui.formats.base import (
    as_object,
    filled,
    first_text,
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
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "github"

STATUS: Final = {
    "success": (SignalStatus.SUCCEEDED, "succeeded"),
    "failure": (SignalStatus.FIRING, "failed"),
    "error": (SignalStatus.FIRING, "failed"),
    "timed_out": (SignalStatus.FIRING, "timed out"),
    "startup_failure": (SignalStatus.FIRING, "could not start"),
    "cancelled": (SignalStatus.INFO, "was cancelled"),
    "action_required": (SignalStatus.INFO, "waits for somebody"),
    "in_progress": (SignalStatus.STARTED, "started"),
}
"""What a conclusion or a state says; any other word is unknown."""

SILENT: Final = frozenset(
    {
        *("", "neutral", "skipped", "stale", "queued", "requested", "waiting", "pending", "inactive", "completed"),
        "destroyed",
    }
)
"""Words that say nothing of success or failure."""


def repository_of(run: Mapping[str, Json], body: Mapping[str, Json]) -> dict[str, Json]:
    """The repository an event is about."""
    return part(body.get("repository")) or part(run.get("repository"))


def repo_name(repository: Mapping[str, Json], address: Json) -> str:
    """`owner/name`, as told or as it stands in an address of the API."""
    named = re.search(r"/repos/([^/\s]{1,100}/[^/\s]{1,100})/", plain(address)[:500])
    return rendered(first_text(repository, "full_name"), named[1] if named else "")


def who_of(run: Mapping[str, Json], body: Mapping[str, Json]) -> str:
    """The login of who set it off, else of who the event is from."""
    people = (run.get("triggering_actor"), run.get("actor"), run.get("creator"), body.get("sender"))
    return next((login for person in people if (login := first_text(part(person), "login"))), "")


def change_of(
    what: str,
    repo: str,
    environment: str,
    identity: str,
    who: str,
    at: datetime | None,
    fields: dict[str, Json],
    source: Safe,
) -> Signal:
    """A deploy as a change: who did what, and what it touches."""
    sha = first_text(fields, "head_sha", "sha")[:12]
    ref = first_text(fields, "head_branch", "ref")
    about = {"what": what, "who": who, "touches": repo, "repository": repo, "environment": environment}
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"change {repo} {identity}"),
        status=SignalStatus.INFO,
        kind=Kind.CHANGE,
        title=clean(f"{repo}: {what}{f' ({sha[:7]})' if sha else ''}"),
        subject=clean(repo),
        at=at,
        labels=labels_of(filled({**about, "ref": ref, "sha": sha})),
        links=Links(
            source=next((a for n in ("html_url", "target_url", "environment_url") if (a := web(fields.get(n)))), None)
        ),
    )


def deployment_signals(body: dict[str, Json], source: Safe) -> list[Signal]:
    """A deployment that was ordered, or what became of it: the change, and the failure or success of the deploy."""
    deployment = as_object(body.get("deployment"), "deployment")
    told = as_object(body.get("deployment_status"), "deployment_status")
    repository = repository_of(deployment, body)
    repo = repo_name(repository, deployment.get("url"))
    environment = rendered(first_text(told, "environment"), first_text(deployment, "environment")) or "production"
    task = rendered(first_text(deployment, "task")) or "deploy"
    if not repo:
        raise rejected("repository.full_name: missing")
    if not told:
        who, identity = who_of(deployment, body), f"{task} {environment}"
        at = when(deployment.get("created_at"))
        what = first_text(deployment, "description")
        shown = f"{task} to {environment} ordered{': ' if what else ''}{what}"
        return [change_of(shown, repo, environment, identity, who, at, deployment, source)]
    return _told(deployment, told, repo, environment, task, source)


def _told(
    deployment: dict[str, Json], told: dict[str, Json], repo: str, environment: str, task: str, source: Safe
) -> list[Signal]:
    """What became of a deployment: its failure or success, and either way the change it made."""
    word, identity = first_text(told, "state").lower(), f"{task} {environment}"
    who, run_id = who_of(told, {}) or who_of(deployment, {}), first_text(deployment, "id")
    if word in SILENT:
        return []
    status, said = STATUS.get(word, (SignalStatus.UNKNOWN, f"is {word}"))
    at = when(told.get("updated_at")) or when(told.get("created_at"))
    why = first_text(told, "description") if status is SignalStatus.FIRING else ""
    started = status is SignalStatus.STARTED
    signal = Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"{repo} {identity}"),
        status=status,
        kind=Kind.FAILED_JOB,
        title=clean(f"{repo}: {task} to {environment} {said}{': ' if why else ''}{why}"),
        subject=clean(repo),
        run=clean(run_id) if run_id else None,
        severity_hint=Severity.SEV2 if status is SignalStatus.FIRING else None,
        at=at,
        starts=at if started else None,
        ended_at=at if status is SignalStatus.SUCCEEDED else None,
        labels=labels_of(filled({"environment": environment, "task": task, "who": who, "repository": repo})),
        links=Links(source=web(told.get("target_url")), log=web(told.get("log_url"))),
    )
    if status not in (SignalStatus.SUCCEEDED, SignalStatus.FIRING):
        return [signal]
    return [
        signal,
        change_of(f"{task} to {environment} {said}", repo, environment, identity, who, at, deployment, source),
    ]
