"""What a status of dbt means for a model, a test or a source, and the signal it gives; whichever file told it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Final

import msgspec

from tui.formats.base import filled, key_of, labels_of
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "dbt"

_TESTS: Final = frozenset({"test", "unit_test"})
_WELL: Final = frozenset({"success", "pass", "reused"})
_SILENT: Final = frozenset({"", "none", "no-op", "noop"})
_BROKEN: Final = frozenset({"error", "runtime error"})
_GRADES: Final = {"warn": Severity.SEV3}
_SHOWN: Final = 3
_WORDS_READ: Final = 40
_WORDS_OF_MODEL: Final = 15


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One node's result, raw. `tested` is the model a test is about, `upstream` what failed where it was skipped."""

    unique_id: str
    status: str
    message: str = ""
    run: str = ""
    at: datetime | None = None
    tested: str = ""
    upstream: dict[str, None] = {}
    labels: dict[str, Json] = {}


def sort_of(unique_id: str) -> str:
    """Model, test, source, seed, snapshot, operation …: the first part of a unique id."""
    return unique_id.partition(".")[0]


def short_name(unique_id: str) -> str:
    """A node's name without project, and a test's without its hash: `orders`, `raw.users`, `not_null_orders_id`."""
    parts = unique_id.split(".")
    if len(parts) < 3:
        return unique_id
    return parts[2] if parts[0] in _TESTS else ".".join(parts[2:])


def tested_by(test: str, models: Mapping[str, str]) -> str:
    """The unique id of the model that the name of a generic test holds, the first and longest of `models`; else empty.

    `not_null_stg_orders_id` is about `stg_orders`, though there may be a model `orders` as well.
    """
    words = short_name(test).split("_")[:_WORDS_READ] if models else []
    for start in range(len(words)):
        for end in range(min(len(words), start + _WORDS_OF_MODEL), start, -1):
            if found := models.get("_".join(words[start:end])):
                return found
    return ""


def models_in(unique_ids: Iterable[str]) -> dict[str, str]:
    """The unique ids of what can be tested, by the names it has in a test's."""
    return {short_name(one): one for one in unique_ids if sort_of(one) in ("model", "seed", "snapshot")}


def signal_of(result: Result, source: Safe) -> Signal | None:
    """The signal of a result; None where nothing was done and nothing is told."""
    word = result.status.strip().lower()
    if word in _SILENT:
        return None
    sort = sort_of(result.unique_id)
    status, kind, said = _meaning(sort, word)
    firing = status is SignalStatus.FIRING
    over = status is SignalStatus.SUCCEEDED
    why = _why(result, status)
    name = f"{sort.replace('_', ' ')} {short_name(result.unique_id)}"
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, result.unique_id),
        status=status,
        kind=kind,
        title=clean(f"{name} {said}{': ' if why else ''}{why}"),
        subject=clean(result.tested or result.unique_id),
        run=clean(result.run) if result.run else None,
        severity_word=clean(word, 40) if firing else None,
        severity_hint=_GRADES.get(word, Severity.SEV2) if firing else None,
        at=result.at,
        starts=result.at if status is SignalStatus.STARTED else None,
        ended_at=result.at if over else None,
        labels=labels_of(filled({"unique_id": result.unique_id, **result.labels})),
    )


def _meaning(sort: str, word: str) -> tuple[SignalStatus, Kind, str]:
    """Status, kind and words. An `error` of a test says that it could not run, `fail` that the data is bad."""
    if word == "skipped":
        return SignalStatus.INFO, Kind.DOWNSTREAM, "skipped"
    if word == "started":
        return SignalStatus.STARTED, Kind.FAILED_JOB, "started"
    checks = sort in _TESTS or sort == "source"
    if word in _WELL:
        if not checks:
            return SignalStatus.SUCCEEDED, Kind.FAILED_JOB, "succeeded"
        return SignalStatus.SUCCEEDED, Kind.DATA_QUALITY, "is fresh" if sort == "source" else "passed"
    if sort == "source" and word in ("warn", "error"):
        return SignalStatus.FIRING, Kind.DATA_QUALITY, "is stale"
    if checks and word in ("fail", "warn"):
        return SignalStatus.FIRING, Kind.DATA_QUALITY, "failed" if word == "fail" else "warns"
    if word in _BROKEN or word == "fail":
        said = "could not be checked" if sort == "source" else "could not run" if checks else "failed"
        return SignalStatus.FIRING, Kind.FAILED_JOB, said
    if word == "partial success":
        return SignalStatus.FIRING, Kind.FAILED_JOB, "succeeded in part"
    return SignalStatus.UNKNOWN, Kind.FAILED_JOB, f"is {word}"


def _why(result: Result, status: SignalStatus) -> str:
    if status is SignalStatus.INFO:
        return result.message or _culprits(result)
    return result.message if status in (SignalStatus.FIRING, SignalStatus.UNKNOWN) else ""


def _culprits(result: Result) -> str:
    """What it waited for in vain. A file of results has no lineage: of several failures it may be any."""
    if result.tested in result.upstream:
        return f"upstream {result.tested} failed"
    shown, more = ", ".join(islice(result.upstream, _SHOWN)), len(result.upstream) - _SHOWN
    if len(result.upstream) < 2:
        return f"upstream {shown} failed" if shown else "something upstream failed"
    return f"upstream failed, one of {shown}{f' and {more} more' if more > 0 else ''}"
