"""Soda: results of a scan as Soda Core writes them, and the webhooks of Soda Cloud, versions 3 and 4.

A check is known by its dataset and its own text, so that a scan and a webhook speak of the same
alert; the ids that Soda Cloud gives are not in a scan's results.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
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
    one_a_key,
    part,
    plain,
    rejected,
    rendered,
    shape,
    web,
    when,
)
from tui.formats.decode import Json
from tui.formats.soda_events import NAME, contract, incident
from tui.model.moment import span
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

_OF_SCAN: Final = ("hasErrors", "hasFailures", "scanStartTimestamp", "definitionName", "automatedMonitoringChecks")
_PARTITION = re.compile(r"checks for [^\[\n]{1,200}(\[[^\]\n]{1,100}\])")
_SHOWN: Final = 5


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if not isinstance(body, dict):
        return None
    if isinstance(body.get("checks"), list) and any(name in body for name in _OF_SCAN):
        return "the results of a Soda scan: its checks and hasErrors"
    event = first_text(body, "event")
    if isinstance(body.get("checkResults"), list) and event == "checkEvaluation":
        return "Soda Cloud's event checkEvaluation"
    if re.fullmatch(r"(?:incident|agreement|contract)[A-Z][A-Za-z]{1,40}", event):
        return f"Soda Cloud's event {event}"
    if event == "validate" and "sentAt" in body:
        return "Soda Cloud tries the address"
    return None


def _read(body: Json, payload: Payload) -> list[Signal]:
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    source, event = payload.source or Safe(NAME), first_text(body, "event")
    if "checks" in body:
        return _scan(body, source)
    if event.startswith("incident"):
        return [incident(as_object(body.get("incident"), "incident"), source)]
    if event.startswith(("agreement", "contract")):
        return [contract(body, event, source)]
    if event == "validate":
        return []
    if "checkResults" not in body:
        raise rejected(f"checkResults: missing in {shape(body)}")
    listed = as_list(body["checkResults"], "checkResults")
    checks = [as_object(one, f"checkResults[{n}]") for n, one in enumerate(listed)]
    return one_a_key([_cloud_check(one, f"checkResults[{n}]", source) for n, one in enumerate(checks)])


def _scan(body: dict[str, Json], source: Safe) -> list[Signal]:
    listed = as_list(body["checks"], "checks")
    checks = [as_object(one, f"checks[{n}]") for n, one in enumerate(listed)]
    complaints = [log for log in map(part, items(body.get("logs"))) if _level(log)]
    errors = body.get("hasErrors") is True
    signals = [_scan_check(one, f"checks[{n}]", body, complaints, source) for n, one in enumerate(checks)]
    name = rendered(first_text(body, "definitionName"))
    if not name:
        return one_a_key(signals)
    why = next((first_text(log, "message") for log in complaints if _level(log) is Severity.SEV2), "")
    said = (f"has errors: {why}" if why else "has errors") if errors else "ran"
    at = when(body.get("scanEndTimestamp")) or when(body.get("dataTimestamp"))
    scan = Signal(
        source=source,
        format=NAME,
        key=key_of(source, f"scan {name}"),
        status=SignalStatus.FIRING if errors else SignalStatus.SUCCEEDED,
        kind=Kind.FAILED_JOB,
        title=clean(f"scan {name} {said}"),
        subject=clean(name),
        run=_run(body),
        severity_hint=Severity.SEV2 if errors else None,
        at=at,
        ended_at=None if errors else at,
        labels=labels_of(filled({"data_source": plain(body.get("defaultDataSource"))})),
    )
    return [scan, *one_a_key(signals)]


def _run(body: dict[str, Json]) -> Safe | None:
    text = first_text(body, "scanId", "scan_id", "scanStartTimestamp")
    return clean(text) if text else None


def _level(log: dict[str, Json]) -> Severity | None:
    return {"error": Severity.SEV2, "warning": Severity.SEV3}.get(plain(log.get("level")).lower())


def _scan_check(
    check: dict[str, Json], path: str, body: dict[str, Json], complaints: list[dict[str, Json]], source: Safe
) -> Signal:
    table = rendered(first_text(check, "table"))
    dataset = {
        "dataset": table,
        "data_source": plain(check.get("dataSource")) or plain(body.get("defaultDataSource")),
        "partition": plain(check.get("filter")),
    }
    word = plain(check.get("outcome")).lower()
    broken = _complaint(check, complaints) if word in ("", "pass") else None
    if broken is None and not word and body.get("hasErrors") is True:
        broken = ("could not be evaluated", Severity.SEV2)
    return _check(
        check,
        path,
        source,
        dataset,
        word=word,
        broken=broken,
        at=body.get("scanEndTimestamp") or body.get("dataTimestamp"),
        run=_run(body),
    )


def _complaint(check: dict[str, Json], complaints: list[dict[str, Json]]) -> tuple[str, Severity] | None:
    """What the log says of this check, by its place in the file: a check that makes no sense still reports `pass`."""
    place = part(check, "location")
    where = f"line={plain(place.get('line'))},col={plain(place.get('col'))} in {plain(place.get('filePath'))}"
    for log in complaints if plain(place.get("line")) else ():
        severity, message = _level(log), first_text(log, "message")
        if (
            severity
            and "deprecat" not in message
            and (where in message or (part(log, "location") and part(log, "location") == place))
        ):
            return f"could not run: {message}", severity
    return None


def _cloud_check(check: dict[str, Json], path: str, source: Safe) -> Signal:
    datasets = [part(one) for one in items(check.get("datasets"))] or [part(check, "dataset")]
    first = datasets[0]
    owners = [first_text(part(one, "owner"), "email", "name") for one in datasets]
    tags = [plain(part(one).get("value")) for one in items(first.get("attributes"))]
    dataset: dict[str, Json] = {
        "dataset": ", ".join(name for one in datasets[:_SHOWN] if (name := rendered(first_text(one, "name", "label")))),
        "data_source": first_text(part(first, "datasource"), "name", "label"),
        "owner": ", ".join(dict.fromkeys(owner for owner in owners if owner)),
        "attributes": ", ".join(tag for tag in tags if tag),
    }
    old, new = plain(check.get("outcome")).lower(), plain(check.get("evaluationStatus")).lower()
    word = old if old == "warn" or not new else new
    return _check(check, path, source, dataset, word=word, broken=None, at=check.get("dataTimestamp"), run=None)


def _check(
    check: dict[str, Json],
    path: str,
    source: Safe,
    dataset: Mapping[str, Json],
    *,
    word: str,
    broken: tuple[str, Severity] | None,
    at: Json,
    run: Safe | None,
) -> Signal:
    text = _text(check, path)
    status, said, severity = _outcome(word, broken)
    name, column = plain(dataset["dataset"]), plain(check.get("column"))
    where = f"{name}.{column}" if name and column else name
    value = _value(check) if status is SignalStatus.FIRING else ""
    cut = plain(dataset.get("partition")) or _partition(check)
    identity = " ".join(filter(None, ("check", plain(dataset["data_source"]), name, cut, column, text)))
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, identity),
        status=status,
        kind=Kind.FAILED_JOB if broken or word == "error" else Kind.DATA_QUALITY,
        title=clean(f"{where + ': ' if where else ''}{text} {said}{', ' + value if value and not broken else ''}"),
        subject=clean(name or text),
        run=run,
        severity_word=clean(word) if word in ("warn", "warning") else None,
        severity_hint=severity,
        at=when(at),
        ended_at=when(at) if status is SignalStatus.SUCCEEDED else None,
        labels=labels_of(filled({**dataset, "column": column, "check": text, "outcome": word})),
        links=Links(source=web(check.get("sodaCloudUrl"))),
    )


def _text(check: dict[str, Json], path: str) -> str:
    """The check's name, which is its text where nobody gave it one."""
    lines = first_text(check, "definition").splitlines()
    last = next((line.strip(" -:") for line in lines if line.strip() and not line.startswith("checks for ")), "")
    text = rendered(first_text(check, "name"), last, first_text(check, "identity", "id"))
    if not text:
        raise rejected(f"{path}: a check without name, definition and id")
    return text


def _partition(check: dict[str, Json]) -> str:
    found = _PARTITION.match(first_text(check, "definition"))
    return found[1] if found else ""


def _outcome(word: str, broken: tuple[str, Severity] | None) -> tuple[SignalStatus, str, Severity | None]:
    if broken is not None:
        return SignalStatus.FIRING, broken[0], broken[1]
    if word in ("fail", "failed"):
        return SignalStatus.FIRING, "failed", None
    if word in ("warn", "warning"):
        return SignalStatus.FIRING, "warns", Severity.SEV3
    if word in ("pass", "passed"):
        return SignalStatus.SUCCEEDED, "passed", None
    if word == "error":
        return SignalStatus.FIRING, "could not run", Severity.SEV2
    return SignalStatus.INFO, "was not evaluated", None


def _value(check: dict[str, Json]) -> str:
    value = check.get("value", part(check, "diagnostics").get("value"))
    if not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    fresh = "freshness" in f"{first_text(check, 'name')} {first_text(check, 'definition')}"
    if fresh and 0 <= value < 1e13:  # milliseconds
        return f"{span(timedelta(milliseconds=value))} old"
    return f"value {value:g}"


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""Soda Core's scans and Soda Cloud's webhooks."""
