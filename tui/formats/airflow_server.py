"""What Airflow's API says of the server itself: the health of its parts, DAG files it can't load, and its errors."""

import re
from typing import Final

from tui.errors import RejectedError
from tui.formats.base import as_object, as_text, filled, first_text, key_of, labels_of, part, plain, rejected, when
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

LISTS: Final = ("import_errors", "event_logs", "dags")
"""Lists of the API beside runs and task instances. An event log says `failed` of every try: no trouble yet."""

_NAME: Final = "airflow"
_PARTS: Final = ("metadatabase", "scheduler", "triggerer", "dag_processor")
_ERROR_FIELDS: Final = frozenset({"detail", "status", "title", "type"})
_OF_AIRFLOW = re.compile(r"\b(dags?|dag_?runs?|dag_id|task_?instances?|task_id|airflow)\b", re.IGNORECASE)


def is_health(body: dict[str, Json]) -> bool:
    """Whether it is the answer to the question for the server's health."""
    return "metadatabase" in body and "status" in part(body, "metadatabase")


def read_health(body: dict[str, Json], source: Safe) -> list[Signal]:
    """One signal for each part that runs; a part without a status is not in use."""
    found = []
    for name in _PARTS:
        fields = as_object(body.get(name), name)
        word = plain(fields.get("status")).lower()
        beat = when(fields.get(f"latest_{name}_heartbeat"))
        if word:
            well = word == "healthy"
            shown = name.replace("_", " ")
            found.append(
                Signal(
                    source=source,
                    format=_NAME,
                    key=key_of(source, f"health {name}"),
                    status=SignalStatus.RESOLVED if well else SignalStatus.FIRING,
                    kind=Kind.OTHER,
                    title=clean(f"Airflow's {shown} is {word}"),
                    subject=clean(f"airflow {shown}"),
                    severity_hint=None if well else Severity.SEV2,
                    at=beat,
                    ended_at=beat if well else None,
                )
            )
    return found


def read_import_errors(listed: list[Json], source: Safe) -> list[Signal]:
    """One signal for each DAG file that can't be loaded: none of its DAGs will run."""
    signals = []
    for n, one in enumerate(listed):
        fields = as_object(one, f"import_errors[{n}]")
        file = first_text(fields, "filename")
        if not file:
            raise rejected(f"import_errors[{n}].filename: missing")
        trace = as_text(fields.get("stack_trace")) or as_text(fields.get("stacktrace"))
        why = next((line.strip() for line in reversed(trace[-20_000:].splitlines()) if line.strip()), "")
        signals.append(
            Signal(
                source=source,
                format=_NAME,
                key=key_of(source, f"import {first_text(fields, 'bundle_name')}/{file}"),
                status=SignalStatus.FIRING,
                kind=Kind.FAILED_JOB,
                title=clean(f"{file} can't be loaded{': ' if why else ''}{why}"),
                subject=clean(file),
                severity_hint=Severity.SEV2,
                at=when(fields.get("timestamp")),
                labels=labels_of(filled({"bundle_name": plain(fields.get("bundle_name"))})),
            )
        )
    return signals


def is_error(body: dict[str, Json]) -> bool:
    """Whether it is an error of the API: a detail, and little else, that speaks of DAGs or tasks."""
    if "detail" not in body or not body.keys() <= _ERROR_FIELDS:
        return False
    return _OF_AIRFLOW.search(" ".join(as_text(value)[:2_000] for value in body.values())) is not None


def error_of(body: dict[str, Json]) -> RejectedError:
    """The refusal of such an answer, with what it says."""
    said = plain(body.get("detail")) or first_text(body, "title")
    return rejected(f"an error answer of Airflow's API, not a run{': ' if said else ''}{said}")
