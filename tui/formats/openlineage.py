"""OpenLineage: run, job and dataset events, one or several in a body. Its lineage is read by `openlineage_graph`.

A run that failed is known by its job, not by its run. A failed assertion is a trouble of its own,
known by dataset, assertion and column, also where the run that found it ended well.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import msgspec

from tui.formats.base import (
    Format,
    Payload,
    as_object,
    filled,
    first_text,
    inside,
    items,
    key_of,
    labels_of,
    one_a_key,
    part,
    plain,
    web,
    when,
    whole,
)
from tui.formats.decode import Json
from tui.formats.openlineage_graph import DATASET, SIDES, as_event, datasets_of, events_of, name_of, owners_of
from tui.model.severity import Severity, hint
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "openlineage"

_STATUS: Final = {
    "START": (SignalStatus.STARTED, "started"),
    "RUNNING": (SignalStatus.STARTED, "is running"),
    "COMPLETE": (SignalStatus.SUCCEEDED, "completed"),
    "FAIL": (SignalStatus.FIRING, "failed"),
    "ABORT": (SignalStatus.FIRING, "was aborted"),
}
"""Without one of these words an event only adds to what is known of a run, and says nothing of how it goes."""

_FACETS: Final = ("inputFacets", "facets", "outputFacets")  # the schema's place, dbt's place, and one more to be sure
_DATASETS_SHOWN: Final = 5
_ZONE_NAME = re.compile(r"\[[\w/+-]{1,50}\]$")  # Java writes `…+01:00[Europe/Paris]`


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    """What all signals of one event share. `job` is empty in a dataset's event."""

    source: Safe
    path: str
    at: datetime | None
    job: str
    namespace: str
    run: Safe | None
    facets: dict[str, Json]
    labels: dict[str, Json]


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    kinds = [_kind_of_event(event) for _, event in events_of(body)]
    return kinds[0] if kinds and all(kinds) else None


def _kind_of_event(event: Json) -> str | None:
    if not isinstance(event, dict) or not any(name in event for name in ("eventTime", "schemaURL")):
        return None
    if isinstance(event.get("job"), dict):
        if isinstance(event.get("run"), dict):
            return "an OpenLineage run event: it has run and job"
        if "run" not in event and any(name in event for name in ("producer", "schemaURL", *SIDES)):
            return "an OpenLineage job event: it has a job and no run"
    if isinstance(event.get("dataset"), dict) and any(name in event for name in ("producer", "schemaURL")):
        return "an OpenLineage dataset event: it has dataset and eventTime"
    return None


def _read(body: Json, payload: Payload) -> list[Signal]:
    return [signal for path, item in events_of(body) for signal in _signals(item, path, payload)]


def _signals(item: Json, path: str, payload: Payload) -> list[Signal]:
    fields = as_event(item, path)
    event = _event(fields, path, payload)
    checks = _checks(fields, event)
    return [*_run_signal(fields, event, checks), *checks]


def _event(item: dict[str, Json], path: str, payload: Payload) -> _Event:
    run = as_object(item.get("run"), f"{path}run")
    namespace, job = name_of(as_object(item["job"], f"{path}job"), f"{path}job") if "job" in item else ("", "")
    run_id = first_text(run, "runId")
    return _Event(
        source=payload.source or Safe(NAME),
        path=path,
        at=_time(item.get("eventTime")),
        job=job,
        namespace=namespace,
        run=clean(run_id) if run_id else None,
        facets=part(run, "facets"),
        labels=_labels(item, namespace),
    )


def _time(value: Json) -> datetime | None:
    return when(_ZONE_NAME.sub("", value.strip()) if isinstance(value, str) else value)


def _labels(item: dict[str, Json], namespace: str) -> dict[str, Json]:
    parent = part(item, "run", "facets", "parent")
    job_type = part(item, "job", "facets", "jobType")
    nominal = part(item, "run", "facets", "nominalTime")
    return filled(
        {
            "namespace": namespace,
            "integration": plain(job_type.get("integration")),
            "job_type": plain(job_type.get("jobType")),
            "owner": ", ".join(owners_of(part(item, "job"))),
            "parent": first_text(part(parent, "job"), "name"),
            "parent_run": first_text(part(parent, "run"), "runId"),
            "root": first_text(part(parent, "root", "job"), "name"),
            "root_run": first_text(part(parent, "root", "run"), "runId"),
            "nominal_start": plain(nominal.get("nominalStartTime")),
            **{side: ", ".join(_dataset_names(item.get(side))) for side in SIDES},
        }
    )


def _dataset_names(listed: Json) -> list[str]:
    items = listed[:_DATASETS_SHOWN] if isinstance(listed, list) else []
    return [name for item in items if (name := first_text(part(item), "name"))]


def _run_signal(item: dict[str, Json], event: _Event, checks: list[Signal]) -> list[Signal]:
    status, said = _STATUS.get(first_text(item, "eventType").upper(), (None, ""))
    if status is None or not event.job or "run" not in item:  # a job event tells of no run
        return []
    failed = status is SignalStatus.FIRING
    why = first_text(part(event.facets, "errorMessage"), "message") if failed else ""
    attempt, most = _attempts(event.facets)
    if failed and attempt and most and attempt < most:
        status = SignalStatus.RETRYING
    return [
        Signal(
            source=event.source,
            format=NAME,
            key=key_of(event.source, f"{event.namespace}/{event.job}"),
            status=status,
            kind=Kind.FAILED_JOB,
            title=clean(f"{event.job} {said}{': ' if why else ''}{why}"),
            subject=clean(event.job),
            run=event.run,
            attempt=attempt,
            max_attempts=most,
            severity_hint=_run_severity(checks) if failed else None,
            at=event.at,
            starts=event.at if status is SignalStatus.STARTED and said == "started" else None,
            ended_at=event.at if status is SignalStatus.SUCCEEDED else None,
            labels=labels_of(event.labels),
            links=Links(log=web(part(event.facets, "airflow", "taskInstance").get("log_url"))),
        )
    ]


def _attempts(facets: dict[str, Json]) -> tuple[int | None, int | None]:
    """Airflow's try and how many there are; its `retries` are those after the first. Other producers don't say."""
    retries = whole(part(facets, "airflow", "task").get("retries"))
    attempt = whole(part(facets, "airflow", "taskInstance").get("try_number"))
    return attempt, None if retries is None else retries + 1


def _run_severity(checks: list[Signal]) -> Severity:
    """A run that failed only because of checks that may warn is no more than a warning itself."""
    failed = [check.severity_hint for check in checks if check.status is SignalStatus.FIRING]
    return Severity.SEV3 if failed and set(failed) == {Severity.SEV3} else Severity.SEV2


def _checks(item: dict[str, Json], event: _Event) -> list[Signal]:
    """One signal for each check. A test that is also told as an assertion is told once."""
    assertions = list(_assertions(item, event))
    known = {said for signal in assertions for said in _said(signal)}
    return one_a_key((*assertions, *(test for test in _tests(event) if known.isdisjoint(_said(test)))))


def _said(check: Signal) -> set[tuple[str, SignalStatus]]:
    return {(text, check.status) for word in ("assertion", "name") if (text := check.labels.get(word))}


def _assertions(item: dict[str, Json], event: _Event) -> Iterator[Signal]:
    places = [pair for side in (*SIDES, DATASET) for pair in datasets_of(item, side, event.path)]
    listed = (
        (path, dataset, part(dataset, place, "dataQualityAssertions")) for path, dataset in places for place in _FACETS
    )
    for path, dataset, facet in listed:
        for one in map(part, items(facet.get("assertions"))):
            words = filled({word: plain(one.get(word)) for word in ("assertion", "column", "name")})
            passed = _passed(one.get("success"))
            if passed is not None and words:
                namespace, name = name_of(dataset, path)
                labels = {"dataset_namespace": namespace, "job": event.job, **words}
                identity = " ".join((f"{namespace}/{name}", *map(str, words.values())))
                yield _check(event, one, identity, name, labels, passed)


def _tests(event: _Event) -> Iterator[Signal]:
    """The newer facet of a run, which names tests without their dataset: they belong to the job."""
    for test in map(part, items(inside(event.facets, "test", "tests")) if event.job else ()):
        words = filled({"assertion": plain(test.get("type")), "name": plain(test.get("name"))})
        passed = {"pass": True, "fail": False}.get(plain(test.get("status")).lower())
        if passed is not None and words:
            identity = " ".join((f"{event.namespace}/{event.job}", "test", *map(str, words.values())))
            yield _check(event, test, identity, event.job, dict(words), passed)


def _passed(value: Json) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(plain(value).lower())


def _check(
    event: _Event, one: dict[str, Json], identity: str, subject: str, labels: dict[str, Json], passed: bool
) -> Signal:
    word = first_text(one, "severity")
    named = plain(labels.get("name")) or plain(labels.get("assertion")) or "check"
    where = f"{subject}.{labels['column']}" if "column" in labels else subject
    figures = [f"{name} {plain(one.get(name))[:40]}" for name in ("expected", "actual") if plain(one.get(name))]
    status = SignalStatus.SUCCEEDED if passed else SignalStatus.FIRING
    return Signal(
        source=event.source,
        format=NAME,
        key=key_of(event.source, identity),
        status=status,
        kind=Kind.DATA_QUALITY,
        title=clean(", ".join((f"{where}: {named} {'passed' if passed else 'failed'}", *([] if passed else figures)))),
        subject=clean(subject),
        run=event.run,
        severity_word=clean(word, 40) if word else None,
        severity_hint=None if passed else hint(word),
        at=event.at,
        ended_at=event.at if passed else None,
        labels=labels_of({**event.labels, **filled(labels)}),
    )


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""OpenLineage's events."""
