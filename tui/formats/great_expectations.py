"""Great Expectations: results of a validation and of a checkpoint, versions 0 and 1, in full or as `describe()`.

Every expectation is one signal, known by suite, asset, expectation and column. Values of the data
itself (`partial_unexpected_list` and its like) are never read: they may be personal.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from tui.formats.base import (
    Format,
    Payload,
    as_list,
    as_object,
    as_text,
    digest,
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
from tui.model.severity import Severity, hint
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "great_expectations"

_ID = "ValidationResultIdentifier::"
_COMPACT_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)")
_PARTITION = re.compile(r"(?:-(?:year|month|day|hour)_\d+)+$")
_HASH = re.compile(r"[0-9a-f]{32}")
_UNGRADED: Final = "critical"
_COUNTS: Final = ("element_count", "unexpected_count", "unexpected_percent", "missing_count")
_WITHOUT_FIGURES: Final = ("expect_column_to_exist",)
_OBSERVED = re.compile(r"row_count|column_count|unique_value_count|proportion|mean|median|stdev|divergence")
"""Expectations whose observed value is a figure about the data; that of any other may be a value out of a row."""


class _Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What the expectations of one validation share. `sparse`: results carry no figures, so none proves nothing."""

    source: Safe
    path: str
    suite: str
    asset: str
    subject: str
    run: Safe | None
    at: datetime | None
    url: Safe | None
    labels: dict[str, Json]
    sparse: bool


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if isinstance(body, list):
        return "a list of validation results" if body and all(map(_is_validation, body)) else None
    if not isinstance(body, dict):
        return None
    if _is_validation(body):
        return "a validation result: its results have expectation_config or expectation_type"
    inner = [*part(body, "run_results").values(), *items(body.get("validation_results"))]
    if inner and all(_is_validation(_unwrapped(one)) for one in inner):
        return "a checkpoint result: several validation results"
    if _is_validation(body.get("validation_result")):
        return "a validation result in an envelope"
    if isinstance(body.get("expectation_config"), dict) and "success" in body:
        return "the result of one expectation"
    return None


def _is_validation(value: Json) -> bool:
    if not isinstance(value, dict) or "success" not in value:
        return False
    for name, needed in (("results", "expectation_config"), ("expectations", "expectation_type")):
        listed = value.get(name)
        if isinstance(listed, list):
            if listed:
                return all(isinstance(one, dict) and needed in one for one in listed)
            return "evaluated_expectations" in part(value, "statistics")
    return False


def _unwrapped(value: Json) -> Json:
    return value["validation_result"] if isinstance(value, dict) and "validation_result" in value else value


def _read(body: Json, payload: Payload) -> list[Signal]:
    return one_a_key(
        signal for path, name, one in _validations(body) for signal in _validation(one, path, name, payload)
    )


def _validations(body: Json) -> list[tuple[str, str, Json]]:
    """The validations of a body: the path of each, the name a checkpoint gives it, and the result."""
    if isinstance(body, list):
        return [(f"[{n}]", "", _unwrapped(one)) for n, one in enumerate(body)]
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    if "run_results" in body:
        runs = as_object(body["run_results"], "run_results")
        return [(f"run_results[{n}]", name, _unwrapped(one)) for n, (name, one) in enumerate(runs.items())]
    if "validation_results" in body:
        listed = as_list(body["validation_results"], "validation_results")
        return [(f"validation_results[{n}]", "", _unwrapped(one)) for n, one in enumerate(listed)]
    return [("", "", _unwrapped(body))]


def _validation(value: Json, path: str, name: str, payload: Payload) -> list[Signal]:
    prefix = f"{path}." if path else ""
    if not isinstance(value, dict):
        raise rejected(f"{path or 'body'}: expected an object, found {shape(value)}")
    if "expectation_config" in value:
        listed: list[Json] = [value]
    elif "results" in value or "expectations" in value:
        place = "results" if "results" in value else "expectations"
        listed, prefix = as_list(value[place], f"{prefix}{place}"), f"{prefix}{place}"
    else:
        raise rejected(f"{prefix}results: missing in {shape(value)}")
    results = [as_object(one, f"{prefix}[{n}]") for n, one in enumerate(listed)]
    scope = _scope(value, name, results, prefix, payload)
    return [signal for n, one in enumerate(results) if (signal := _expectation(one, n, scope))]


def _scope(value: dict[str, Json], name: str, results: list[dict[str, Json]], path: str, payload: Payload) -> _Scope:
    meta = part(value, "meta")
    batch = part(meta, "active_batch_definition")
    parts = name.removeprefix(_ID).split("/") if name.startswith(_ID) else []
    suite = first_text(value, "suite_name") or first_text(meta, "expectation_suite_name") or ".".join(parts[:-3])
    asset = _asset(meta, results)
    run = part(meta, "run_id")
    run_name = first_text(run, "run_name", "run_time") or first_text(meta, "run_id")
    at = next((at for raw in (meta.get("validation_time"), run.get("run_time")) if (at := _time(raw))), None)
    labels = {
        "suite": suite,
        "asset": asset,
        "datasource": first_text(batch, "datasource_name") or first_text(part(meta, "batch_kwargs"), "datasource"),
        "checkpoint": first_text(meta, "checkpoint_name"),
    }
    return _Scope(
        source=payload.source or Safe(NAME),
        path=path,
        suite=suite,
        asset=asset,
        subject=asset.rpartition("/")[2] or _file(meta) or suite or "data",  # version 0: datasource/generator/asset
        run=clean(run_name) if run_name else None,
        at=at,
        url=web(value.get("result_url")) or web(meta.get("result_url")),
        labels=filled(labels),
        sparse=not any(part(one, "result") for one in results),
    )


def _asset(meta: dict[str, Json], results: list[dict[str, Json]]) -> str:
    """The asset's own name, wherever this version keeps it; a file's path is none, as it may name the day."""
    spec, kwargs = part(meta, "batch_spec"), part(meta, "batch_kwargs")
    for place in (part(meta, "active_batch_definition"), meta, spec, kwargs):
        if name := rendered(first_text(place, "data_asset_name")):
            return name
    for place in (spec, kwargs):
        if table := rendered(first_text(place, "table_name", "table")):
            schema = first_text(place, "schema_name", "schema")
            return f"{schema}.{table}" if schema else table
    batches = (first_text(_kwargs(one), "batch_id") for one in results)
    batch = next((batch for batch in batches if batch and not _HASH.fullmatch(batch)), "")
    return _PARTITION.sub("", batch).partition("-")[2]


def _file(meta: dict[str, Json]) -> str:
    path = first_text(part(meta, "batch_spec"), "path") or first_text(part(meta, "batch_kwargs"), "path")
    return path.rpartition("/")[2]


def _time(value: Json) -> datetime | None:
    """Also the compact form `20200727T171932.959193Z`."""
    return when(_COMPACT_TIME.sub(r"\1-\2-\3T\4:\5:\6", value) if isinstance(value, str) else value)


def _kwargs(result: dict[str, Json]) -> dict[str, Json]:
    return part(result, "expectation_config", "kwargs") or part(result, "kwargs")


def _expectation(result: dict[str, Json], n: int, scope: _Scope) -> Signal | None:
    config = part(result, "expectation_config") or result
    kind = first_text(config, "expectation_type", "type")
    if not kind:
        raise rejected(f"{scope.path}[{n}]: an expectation without its type")
    if not isinstance(result.get("success"), bool):
        return None  # not evaluated
    column, broken = _column(_kwargs(result)), _broken(result, scope)
    passed = result["success"] is True and broken is None
    word = first_text(config, "severity")
    where = f"{scope.subject}.{column}" if column else scope.subject
    said = f"{kind} {'passed' if passed else 'failed' if broken is None else 'could not run'}"
    more = [] if passed else _figures(kind, part(result, "result")) if broken is None else [broken] if broken else []
    return Signal(
        source=scope.source,
        format=NAME,
        key=key_of(scope.source, _identity(kind, column, _kwargs(result), scope)),
        status=SignalStatus.SUCCEEDED if passed else SignalStatus.FIRING,
        kind=Kind.DATA_QUALITY if broken is None else Kind.FAILED_JOB,
        title=clean(": ".join((where, ", ".join((said, *more))))),
        subject=clean(scope.subject),
        run=scope.run,
        severity_word=clean(word, 40) if word else None,
        severity_hint=None if passed else _severity(word, broken),
        at=scope.at,
        ended_at=scope.at if passed else None,
        labels=labels_of({**scope.labels, **_labels(kind, column, part(result, "result"))}),
        links=Links(source=scope.url),
    )


def _identity(kind: str, column: str, kwargs: dict[str, Json], scope: _Scope) -> str:
    """Suite, asset, expectation and column; and what tells apart two of a kind: a condition on rows, a query."""
    narrowed = filled({name: kwargs.get(name) for name in ("row_condition", "unexpected_rows_query", "query")})
    telling = digest("\n".join(map(as_text, narrowed.values())))[:8] if narrowed else ""
    return " ".join(word for word in (rendered(scope.suite), scope.asset, kind, column, telling) if word)


def _column(kwargs: dict[str, Json]) -> str:
    """The column or columns that an expectation is about."""
    pair = [name for name in ("column_A", "column_B") if name in kwargs]
    if pair:
        return ",".join(plain(kwargs[name]) for name in pair)
    listed = kwargs.get("column_list", kwargs.get("column_set"))
    return first_text(kwargs, "column") or ",".join(map(plain, items(listed)))


def _broken(result: dict[str, Json], scope: _Scope) -> str | None:
    """Why the check itself broke; None where it ran. Version 1 keeps one exception for each metric."""
    info = result.get("exception_info")
    if isinstance(info, dict):
        raised = [one for one in (info, *map(part, info.values())) if one.get("raised_exception") is True]
        return first_text(raised[0], "exception_message") if raised else None
    # describe() leaves exceptions out: of one that failed while others have figures, no figures are the only sign
    silent = not result["success"] and not part(result, "result") and not scope.sparse
    return "" if silent and first_text(result, "expectation_type") not in _WITHOUT_FIGURES else None


def _severity(word: str, broken: str | None) -> Severity | None:
    """The word tells how bad wrong data would be; where the check broke, nobody knows that it is wrong.

    Version 1 writes `critical` for every expectation that nobody graded. So that word says nothing: it stays
    as it was told, and gives no hint.
    """
    told = None if word.lower() == _UNGRADED else hint(word)
    return told if broken is None or told is Severity.SEV3 else Severity.SEV2


def _figures(kind: str, result: dict[str, Json]) -> list[str]:
    count, of = result.get("unexpected_count"), result.get("element_count")
    if isinstance(count, int) and isinstance(of, int):
        return [f"{count} of {of} rows unexpected"]
    observed = result.get("observed_value")
    return [f"observed {observed:g}"] if isinstance(observed, int | float) and _OBSERVED.search(kind) else []


def _labels(kind: str, column: str, result: dict[str, Json]) -> dict[str, Json]:
    counts = {name: f"{count:.10g}" for name in _COUNTS if isinstance(count := result.get(name), int | float)}
    return {"expectation": kind, **({"column": column} if column else {}), **counts}


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""Results of validations."""
