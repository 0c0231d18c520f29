"""GitHub: runs of workflows, jobs and checks, deployments, and statuses of commits, from webhooks and its API.

A run is known by its repository, its name and its branch: a success elsewhere does not mend it.
What deploys is told as a change too, whether it went well or not.
"""

import re
from collections.abc import Mapping
from typing import Final

from tui.formats.base import (
    Format,
    Payload,
    as_list,
    as_object,
    filled,
    first_text,
    items,
    key_of,
    labels_of,
    part,
    plain,
    rejected,
    rendered,
    shape,
    web,
    when,
    whole,
)
from tui.formats.decode import Json
from tui.formats.github_deployments import (
    NAME,
    SILENT,
    STATUS,
    change_of,
    deployment_signals,
    repo_name,
    repository_of,
    who_of,
)
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

EVENT_HEADER: Final = "x-github-event"

_RUNS: Final = ("workflow_run", "workflow_job", "check_run")
_LISTS: Final = {f"{name}s": name for name in _RUNS} | {"jobs": "workflow_job"}
_EVENTS: Final = (*_RUNS, "deployment_status", "deployment", "check_suite")
_DEPLOYS: Final = re.compile(r"(?<![a-z])(deploy\w*|rollout|rollback|release|publish)(?![a-z])", re.IGNORECASE)


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if event := headers.get(EVENT_HEADER, ""):
        return f"GitHub's event {event[:40]}"
    if not isinstance(body, dict):
        return None
    name = next((name for name in _EVENTS if isinstance(body.get(name), dict)), None)
    if name and ("action" in body or "repository" in body):
        return f"GitHub's event {name}"
    for name in _LISTS:
        listed = body.get(name)
        if isinstance(listed, list) and "total_count" in body:
            return f"a list of GitHub's API: {name.replace('_', ' ')}"
    if first_text(part(body, "repository"), "full_name") and ("login" in part(body, "sender") or "hook_id" in body):
        return "a webhook of a GitHub repository"
    return None


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    source = payload.source or Safe(NAME)
    for name in _RUNS:
        if name in body:
            return _run(as_object(body[name], name), name, body, source)
    if "deployment" in body or "deployment_status" in body:
        return deployment_signals(body, source)
    if "context" in body and "sha" in body and "state" in body:
        return _commit_status(body, source)
    for name, sort in _LISTS.items():
        if name in body:
            runs = [as_object(one, f"{name}[{n}]") for n, one in enumerate(as_list(body[name], name))]
            return [signal for one in runs for signal in _run(one, sort, body, source)]
    if not (payload.headers.get(EVENT_HEADER) or "repository" in body or "check_suite" in body):
        raise rejected(f"workflow_run, check_run, deployment: missing in {shape(body)}")
    return []


def _run(run: dict[str, Json], sort: str, body: dict[str, Json], source: Safe) -> list[Signal]:
    """The signal of a run, job or check, and the change where it deploys."""
    word = (first_text(run, "conclusion") or first_text(run, "status")).lower()
    if word in SILENT:
        return []
    status, said = STATUS.get(word, (SignalStatus.UNKNOWN, f"is {word}"))
    repository = repository_of(run, body)
    repo = repo_name(repository, run.get("url"))
    name, identity = _name_of(run, sort, body)
    if not repo or not name:
        raise rejected(f"{'repository.full_name' if not repo else f'{sort}.name'}: missing")
    branch = first_text(run, "head_branch") or first_text(part(run, "check_suite"), "head_branch")
    started = status is SignalStatus.STARTED
    begun = when(run.get("run_started_at")) or when(run.get("started_at")) or when(run.get("created_at"))
    ended = when(run.get("completed_at")) or when(run.get("updated_at"))
    at = begun if started else ended
    deploys = sort == "workflow_run" and _deploys(run, name)
    run_id = first_text(run, "id")
    signal = Signal(
        source=source,
        format=NAME,
        key=key_of(source, " ".join(filter(None, (repo, identity, branch)))),
        status=status,
        kind=Kind.FAILED_JOB,
        title=clean(f"{repo}: {name} {said}{' on ' if branch else ''}{branch}"),
        subject=clean(name),
        run=clean(run_id) if run_id else None,
        attempt=whole(run.get("run_attempt")) or None,
        severity_hint=_grade(branch, repository, deploys) if status is SignalStatus.FIRING else None,
        at=at,
        starts=at if started else None,
        ended_at=at if status is SignalStatus.SUCCEEDED else None,
        labels=labels_of(_labels(run, repo, branch, body)),
        links=Links(source=web(run.get("html_url")), log=web(run.get("details_url"))),
    )
    if not deploys or status not in (SignalStatus.SUCCEEDED, SignalStatus.FIRING):
        return [signal]
    return [signal, change_of(f"{name} {said}", repo, "", identity, who_of(run, body), at, run, source)]


def _name_of(run: dict[str, Json], sort: str, body: dict[str, Json]) -> tuple[str, str]:
    """Shown name and identity within the repository. A workflow keeps its file where people rename it."""
    name = rendered(first_text(run, "name"), first_text(part(body, "workflow"), "name"))
    if sort == "workflow_run":
        file = rendered(first_text(run, "path"), first_text(part(body, "workflow"), "path")).partition("@")[0]
        return name or file, file or name
    if sort == "workflow_job":
        flow = rendered(first_text(run, "workflow_name"))
        full = f"{flow}.{name}" if flow and name else name
        return full, full
    app = first_text(part(run, "app"), "slug")
    return name, f"{app}/{name}" if app and name else name


def _deploys(run: dict[str, Json], name: str) -> bool:
    """Whether a workflow puts something into production; one that merely checks a pull request does not."""
    event = first_text(run, "event")
    if event.startswith("pull_request"):
        return False
    return event in ("deployment", "release") or bool(_DEPLOYS.search(f"{name} {first_text(run, 'path')}"[:500]))


def _grade(branch: str, repository: Mapping[str, Json], deploys: bool) -> Severity:
    """A failure beside the main branch hurts nobody yet."""
    main = first_text(repository, "default_branch")
    return Severity.SEV3 if main and branch and branch != main and not deploys else Severity.SEV2


def _labels(run: dict[str, Json], repo: str, branch: str, body: dict[str, Json]) -> dict[str, Json]:
    commit = first_text(part(run, "head_commit"), "message").partition("\n")[0]
    names = {"event": "event", "path": "path", "runner_name": "runner", "display_title": "display_title"}
    told: dict[str, Json] = {shown: plain(run.get(name)) for name, shown in names.items()}
    output = first_text(part(run, "output"), "title")
    sha, who = first_text(run, "head_sha")[:12], who_of(run, body)
    return filled(
        {"repository": repo, "branch": branch, "sha": sha, "who": who, "commit": commit, "output": output, **told}
    )


def _commit_status(body: dict[str, Json], source: Safe) -> list[Signal]:
    """A status that a service outside set on a commit: its context is the check's name."""
    branch = next((text for one in items(body.get("branches")) if (text := first_text(part(one), "name"))), "")
    run: dict[str, Json] = {
        "name": body.get("context"),
        "status": body.get("state"),
        "head_branch": branch,
        "head_sha": body.get("sha"),
        "updated_at": body.get("updated_at"),
        "html_url": body.get("target_url"),
        "id": body.get("id"),
    }
    return _run(run, "status", body, source)


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""GitHub's webhooks about what runs and what is deployed."""
