"""dbt's structured log: one line, or a list of lines. Only lines that begin or end a node tell something."""

from typing import Final

from msgspec.structs import replace

from tui.formats.base import as_object, as_text, first_text, key_of, part, plain, rejected, shape, when
from tui.formats.dbt_nodes import NAME, Result, models_in, signal_of, sort_of, tested_by
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

_STARTED: Final = frozenset({"NodeStart", "LogStartLine"})
_ENDED: Final = frozenset(
    {
        *("NodeFinished", "LogModelResult", "LogTestResult", "LogSnapshotResult", "LogSeedResult"),
        *("LogFreshnessResult", "LogNodeResult", "LogFunctionResult", "LogSkipBecauseError", "SkippingDetails"),
    }
)
_COMMAND: Final = "command"


def is_line(item: Json) -> bool:
    """Whether it is a line of dbt's log: `info` with a code or a name, and `data` beside it."""
    info = part(item, "info")
    return isinstance(item, dict) and "data" in item and "ts" in info and ("code" in info or "invocation_id" in info)


def read(lines: list[Json], source: Safe) -> list[Signal]:
    """The signals of these lines, in their order: one of each node's end, with the error that a later line names."""
    for n, line in enumerate(lines):
        if not is_line(line):
            raise rejected(f"[{n}]: expected a line of dbt's log, found {shape(line)}")
    told = list(filter(None, (_result(line) for line in map(part, lines))))
    models = models_in(one.unique_id for one in told)
    failed = dict.fromkeys(one.unique_id for one in told if one.status in ("error", "fail", "runtime error"))
    results: dict[tuple[str, bool], Result] = {}
    for one in told:
        place = (one.unique_id, one.status == "started")
        known = results.get(place)
        results[place] = one if known is None else replace(known, message=known.message or one.message)
    finished = [_placed(one, models, failed) for one in results.values()]
    signals = [signal for one in finished if (signal := signal_of(one, source))]
    return [*signals, *(signal for line in map(part, lines) for signal in _command(line, source))]


def _placed(one: Result, models: dict[str, str], failed: dict[str, None]) -> Result:
    tested = tested_by(one.unique_id, models) if sort_of(one.unique_id) in ("test", "unit_test") else ""
    return replace(one, tested=tested, upstream=failed if one.status == "skipped" else {})


def _result(line: dict[str, Json]) -> Result | None:
    """What a line says of a node; None for most of them."""
    info, data = part(line, "info"), as_object(line.get("data"), "data")
    node = part(data, "node_info")
    unique_id, name = first_text(node, "unique_id"), first_text(info, "name")
    word, message = _told(name, unique_id, node, data)
    if not unique_id or not word:
        return None
    at = when(node.get("node_finished_at")) if name in _ENDED else None
    return Result(
        unique_id=unique_id,
        status=word,
        message=message,
        run=first_text(info, "invocation_id"),
        at=at or when(info.get("ts")),
        labels={
            "relation": plain(part(node, "node_relation").get("relation_name")),
            "materialized": plain(node.get("materialized")),
            "path": plain(node.get("node_path")),
        },
    )


def _told(name: str, unique_id: str, node: dict[str, Json], data: dict[str, Json]) -> tuple[str, str]:
    """The status in dbt's word and the message. The log names events; levels and texts change between versions."""
    word = first_text(node, "node_status").lower()
    if name in _STARTED:
        return "started", ""
    if name in _ENDED:
        return word, as_text(part(data, "run_result").get("message"))
    if name == "RunResultError" and sort_of(unique_id) not in ("test", "unit_test"):  # of a test it may mean `fail`
        return "error", as_text(data.get("msg"))
    return "", ""


def _command(line: dict[str, Json], source: Safe) -> list[Signal]:
    """A command that broke before it came to any node, and one that ended well. What nodes did, they say themselves."""
    info, data = part(line, "info"), part(line, "data")
    name = first_text(info, "name")
    broke, well = name == "MainEncounteredError", name == "CommandCompleted" and data.get("success") is True
    if not (broke or well):
        return []
    at, run = when(data.get("completed_at")) or when(info.get("ts")), first_text(info, "invocation_id")
    said = f"could not run: {as_text(data.get('exc'))}" if broke else "completed"
    return [
        Signal(
            source=source,
            format=NAME,
            key=key_of(source, _COMMAND),
            status=SignalStatus.FIRING if broke else SignalStatus.SUCCEEDED,
            kind=Kind.FAILED_JOB,
            title=clean(f"{first_text(data, 'command') or NAME} {said}"),
            subject=Safe(NAME),
            run=clean(run) if run else None,
            severity_hint=Severity.SEV2 if broke else None,
            at=at,
            ended_at=None if broke else at,
        )
    ]
