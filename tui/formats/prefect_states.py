"""Flow runs of Prefect, their states, and the signal a run gives. A state's type decides; its name is free text."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from tui.formats.base import (
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
    whole,
)
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "prefect"

_TYPES: Final = {
    "COMPLETED": (SignalStatus.SUCCEEDED, "completed"),
    "FAILED": (SignalStatus.FIRING, "failed"),
    "CRASHED": (SignalStatus.FIRING, "crashed"),
    "CANCELLED": (SignalStatus.FIRING, "was cancelled"),
    "RUNNING": (SignalStatus.STARTED, "started"),
}
_SILENT: Final = frozenset({"SCHEDULED", "PENDING", "PAUSED", "CANCELLING"})
_TYPE_OF_NAME: Final = {
    **dict.fromkeys(("SCHEDULED", "LATE", "AWAITINGRETRY", "AWAITINGCONCURRENCYSLOT", "RESUMING"), "SCHEDULED"),
    **dict.fromkeys(("CACHED", "ROLLEDBACK"), "COMPLETED"),
    "RETRYING": "RUNNING",
    "TIMEDOUT": "FAILED",
    "SUSPENDED": "PAUSED",
    "CANCELED": "CANCELLED",
}
"""Types of the names that Prefect itself gives, for where only a name is told."""

_RETRIES = re.compile(r"\bretry [0-9]{1,6} of ([0-9]{1,6})\b", re.IGNORECASE)


KNOWN_BY: Final = ("deployment_id", "flow_id", "deployment_name", "flow_name")
"""What a flow run is known by, best first."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a body says of one run, raw. `identity` and `subject` are those of what runs, never of the run."""

    identity: str
    subject: str
    type: str
    name: str = ""
    message: str = ""
    run: str = ""
    attempt: Json = None
    retries: Json = None
    at: datetime | None = None
    ended: datetime | None = None
    labels: dict[str, Json] = {}
    fields: dict[str, Json] = {}


def type_of(word: str, name: str) -> str:
    """A state's type in capitals: as told, else what its name stands for; empty where neither is told."""
    if word:
        return word.rpartition(".")[2].upper()
    flat = re.sub(r"[ _-]", "", name).upper()
    return _TYPE_OF_NAME.get(flat, flat)


def status_of(kind: str, name: str) -> tuple[SignalStatus, str] | None:
    """What a state of this type and name says, and in words; None for a run that merely waits."""
    flat = re.sub(r"[ _-]", "", name).upper()
    if kind == "SCHEDULED" and flat == "AWAITINGRETRY":
        return SignalStatus.RETRYING, "failed, will be tried again"
    if kind == "SCHEDULED" and flat == "LATE":
        return SignalStatus.FIRING, "is late: it was not started in time"
    if kind in _SILENT:
        return None
    return _TYPES.get(kind, (SignalStatus.UNKNOWN, f"is {name or kind or 'in no known state'}"))


def signal_of(run: Run, source: Safe) -> list[Signal]:
    """The signal of a run in its state; none where it merely waits."""
    if (told := status_of(run.type, run.name)) is None:
        return []
    status, said = told
    late = status is SignalStatus.FIRING and run.type == "SCHEDULED"
    trouble = status in (SignalStatus.FIRING, SignalStatus.RETRYING)
    why = run.message if trouble and not late else ""
    retries = whole(run.retries)
    if retries is None and (named := _RETRIES.search(run.message[:2_000])):
        retries = whole(named[1])
    at = run.ended or run.at if status is not SignalStatus.STARTED else run.at
    return [
        Signal(
            source=source,
            format=NAME,
            key=key_of(source, run.identity),
            status=status,
            kind=Kind.PERFORMANCE if late else Kind.FAILED_JOB,
            title=clean(f"{run.subject} {said}{': ' if why else ''}{why}"),
            subject=clean(run.subject),
            run=clean(run.run) if run.run else None,
            attempt=whole(run.attempt) or None,
            max_attempts=_most(retries),
            severity_hint=(Severity.SEV3 if late else Severity.SEV2) if status is SignalStatus.FIRING else None,
            at=at,
            starts=run.at if status is SignalStatus.STARTED else None,
            ended_at=at if status is SignalStatus.SUCCEEDED else None,
            labels=labels_of(filled({"state": run.name or run.type, **run.labels})),
            links=_links(run.fields),
        )
    ]


def _most(retries: int | None) -> int | None:
    """Attempts in all. Of a run that is not to be tried again nothing is said: 0 is also what is not set."""
    return retries + 1 if retries else None


def _links(fields: Mapping[str, Json]) -> Links:
    names = ("flow_run_url", "ui_url", "url")
    return Links(source=next((address for name in names if (address := web(fields.get(name)))), None))


def run_of(item: dict[str, Json], prefix: str) -> Run | None:
    """A flow run as the API has it, or as a template of a webhook names its fields; None while it merely waits.

    Raises RejectedError where neither its deployment nor its flow is named.
    """
    fields = _flat(item)
    state = part(fields, "state")
    state_name = first_text(state, "name") or first_text(fields, "state_name", "state")
    kind = type_of(first_text(state, "type") or first_text(fields, "state_type"), state_name)
    if not kind or status_of(kind, state_name) is None:
        return None
    known = next((name for name in KNOWN_BY if rendered(first_text(fields, name))), None)
    if known is None:
        raise rejected(f"{prefix}flow_id: neither flow nor deployment is named")
    value, sort = first_text(fields, known), known.partition("_")[0]
    flow = rendered(first_text(fields, "flow_name"))
    deployment = rendered(first_text(fields, "deployment_name"))
    full = f"{flow}/{deployment}" if flow and deployment and "/" not in deployment else deployment
    by_id = f"prefect.{sort}.{value}" if known.endswith("_id") else f"{sort} {full or flow}"
    started = when(fields.get("start_time"))
    return Run(
        identity=full if "/" in full else by_id,
        subject=full or flow or f"{sort} {value}",
        type=kind,
        name=state_name,
        message=first_text(state, "message") or first_text(fields, "state_message", "message"),
        run=first_text(fields, "flow_run_id", "id"),
        attempt=fields.get("run_count"),
        retries=part(fields, "empirical_policy").get("retries"),
        at=(started if kind == "RUNNING" else None) or when(state.get("timestamp")) or when(fields.get("timestamp")),
        ended=when(fields.get("end_time")),
        labels=_run_labels(fields),
        fields=fields,
    )


def _flat(item: dict[str, Json]) -> dict[str, Json]:
    """A template's nested objects brought to the names that a flat one has."""
    run = part(item, "flow_run")
    names = {"flow_name": first_text(part(item, "flow"), "name"), "flow_id": first_text(part(item, "flow"), "id")}
    names |= {f"deployment_{word}": first_text(part(item, "deployment"), word) for word in ("name", "id")}
    named = {name: text for name, text in names.items() if text}
    own = {name: value for name, value in item.items() if name != "flow_run" and value is not None}
    return {**{name: value for name, value in run.items() if value is not None}, **named, **own}


def _run_labels(fields: dict[str, Json]) -> dict[str, Json]:
    names = ("work_pool_name", "work_queue_name", "flow_version", "created_by", "parent_task_run_id")
    told: dict[str, Json] = {name: plain(fields.get(name)) for name in names}
    told["run_name"] = first_text(fields, "flow_run_name") or (
        "" if "flow_run" in fields else first_text(fields, "name")
    )
    told["tags"] = ", ".join(filter(None, map(plain, items(fields.get("tags"))[:20])))
    return filled(told)
