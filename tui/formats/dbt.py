"""dbt: run_results.json (versions 1 to 6), sources.json, its log as JSON, and the webhook of dbt Cloud.

A node is known by its unique id, which holds its project. Every command overwrites run_results.json,
also those that only compile: what did not run says nothing. A manifest or a catalog says nothing either.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tui.formats import dbt_cloud, dbt_log
from tui.formats.base import (
    Format,
    Payload,
    as_list,
    as_object,
    as_text,
    filled,
    first_text,
    inside,
    items,
    part,
    plain,
    rejected,
    rendered,
    shape,
    when,
)
from tui.formats.dbt_nodes import NAME, Result, models_in, signal_of, sort_of, tested_by
from tui.formats.decode import Json
from tui.model.moment import short_span
from tui.model.signal import Signal
from tui.model.text import Safe

_RAN: Final = frozenset(
    {"run", "build", "test", "seed", "snapshot", "retry", "freshness", "source", "source freshness", "source-freshness"}
)
_FAILED: Final = frozenset({"error", "fail", "runtime error", "partial success"})
_QUIET: Final = {"manifest": "lineage", "catalog": "columns"}


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if isinstance(body, list):
        return "lines of dbt's log" if body and all(map(dbt_log.is_line, body)) else None
    if not isinstance(body, dict):
        return None
    if dbt_cloud.is_webhook(body):
        return "the webhook of dbt Cloud"
    if dbt_log.is_line(body):
        return "a line of dbt's log"
    if file := _file(body):
        return f"dbt's {file}"
    return "one result of dbt's" if _is_result(body) else None


def _file(body: Mapping[str, Json]) -> str:
    """Which of dbt's files it is: run-results, sources, manifest, catalog; empty for another body."""
    about = part(body.get("metadata"))
    schema = first_text(about, "dbt_schema_version")
    if "schemas.getdbt.com/dbt/" in schema:
        return schema.partition("schemas.getdbt.com/dbt/")[2].partition("/")[0][:40]
    results = body.get("results")
    if isinstance(results, list) and ("dbt_version" in about or (results and all(map(_is_result, results)))):
        stale = any(_is_freshness(part(one)) for one in results)
        return "sources" if stale else "run-results"
    return "manifest" if "dbt_version" in about and "nodes" in body else ""


def _is_result(item: Json) -> bool:
    if not isinstance(item, dict) or "status" not in item or "." not in first_text(item, "unique_id"):
        return False
    return _is_freshness(item) or "timing" in item or "execution_time" in item


def _is_freshness(item: dict[str, Json]) -> bool:
    return any(name in item for name in ("criteria", "max_loaded_at", "snapshotted_at")) or (
        first_text(item, "unique_id").startswith("source.") and "error" in item
    )


def _read(body: Json, payload: Payload) -> list[Signal]:
    source = payload.source or Safe(NAME)
    if isinstance(body, list):
        return dbt_log.read(body, source)
    if not isinstance(body, dict):
        raise rejected(f"body: expected an object, found {shape(body)}")
    if dbt_cloud.is_webhook(body):
        return dbt_cloud.read(body, source)
    if dbt_log.is_line(body):
        return dbt_log.read([body], source)
    if _is_result(body):
        return _results({"results": [body]}, source)
    if (file := _file(body)) in _QUIET:
        return []
    if not file and "results" not in body:
        raise rejected(f"results: missing in {shape(body)}")
    if "results" not in body:
        raise rejected(f"results: missing in dbt's {file}")
    return _results(body, source)


def _results(body: dict[str, Json], source: Safe) -> list[Signal]:
    about = as_object(body.get("metadata"), "metadata")
    args = as_object(body.get("args"), "args")
    command = first_text(args, "which", "rpc_method").lower()
    if command and command not in _RAN:
        return []
    listed = [as_object(one, f"results[{n}]") for n, one in enumerate(as_list(body["results"], "results"))]
    names = [first_text(one, "unique_id") for one in listed]
    failed = dict.fromkeys(name for name, one in zip(names, listed, strict=True) if _word(one) in _FAILED)
    models = models_in(names)
    shared = {"target": plain(args.get("target")), "command": command, "profile": plain(args.get("profile"))}
    signals = []
    for n, one in enumerate(listed):
        if not rendered(names[n]):
            raise rejected(f"results[{n}].unique_id: missing in {shape(one)}")
        signals.append(signal_of(_result(one, about, failed, models, filled(dict(shared))), source))
    return [signal for signal in signals if signal is not None]


def _word(result: Mapping[str, Json]) -> str:
    return first_text(result, "status").lower()


def _result(
    one: dict[str, Json],
    about: dict[str, Json],
    failed: dict[str, None],
    models: dict[str, str],
    shared: dict[str, Json],
) -> Result:
    unique_id = first_text(one, "unique_id")
    of_source = sort_of(unique_id) == "source"
    generated = when(about.get("generated_at"))
    return Result(
        unique_id=unique_id,
        status=_word(one),
        message=_staleness(one) if of_source else as_text(one.get("message")),
        run=first_text(about, "invocation_id"),
        at=(when(one.get("snapshotted_at")) if of_source else _finished(one)) or generated,
        tested=tested_by(unique_id, models) if sort_of(unique_id) in ("test", "unit_test") else "",
        upstream=failed if _word(one) == "skipped" else {},
        labels=shared
        | {
            "failures": plain(one.get("failures")),
            "execution_time": plain(one.get("execution_time")),
            "relation": plain(one.get("relation_name")),
            "max_loaded_at": plain(one.get("max_loaded_at")),
        },
    )


def _finished(one: dict[str, Json]) -> datetime | None:
    """When its last step ended; a node that was skipped has no steps."""
    ends = [at for step in items(one.get("timing")) if (at := when(inside(step, "completed_at")))]
    return max(ends, default=None)


def _staleness(one: dict[str, Json]) -> str:
    """How old a source's data is, and how old it may be; or why that could not be found out."""
    if error := as_text(one.get("error")):
        return error
    loaded, seen = when(one.get("max_loaded_at")), when(one.get("snapshotted_at"))
    limit = part(one, "criteria", "warn_after" if _word(one) == "warn" else "error_after")
    told = [f"loaded {short_span(seen - loaded)} ago"] if loaded and seen else []
    if plain(limit.get("count")):
        told.append(f"limit {plain(limit['count'])} {plain(limit.get('period'))}")
    return ", ".join(told)


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""dbt's files, its log and its Cloud."""
