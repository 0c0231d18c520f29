"""A scenario folder: what tools said in an outage, with the moment each of it arrived, and the catalog they lived in.

How it is played is in `replay`. The truth that may lie beside it is never looked at.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from tui.errors import ConfigError, UsageError
from tui.formats.catalog_file import read_catalog
from tui.formats.decode import Json
from tui.model.catalog import Facts
from tui.model.text import Safe, clean

SIGNALS: Final = "signals.jsonl"
CATALOG: Final = "catalog.json"
_MEND: Final = 'write {"t": 12.5, "source": "airflow", "payload": {…}}'


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery: its bytes, who sent it, and when it arrived."""

    at: datetime
    source: Safe
    body: bytes


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries in the order they arrived; `start` is the moment of t = 0."""

    start: datetime
    facts: Facts
    lines: tuple[Line, ...]


def load(folder: Path) -> Scenario:
    """Read a scenario. Raises UsageError for a folder that is none, ConfigError with all mistakes of one."""
    catalog = read_catalog(_bytes(folder, CATALOG), str(folder / CATALOG))
    if catalog.start is None:
        raise ConfigError([f'{folder / CATALOG}:start: is missing: write the time of t = 0: "2026-03-01T02:00:00Z"'])
    mistakes: list[str] = []
    lines = tuple(_lines(_bytes(folder, SIGNALS), str(folder / SIGNALS), catalog.start, mistakes))
    if mistakes:
        raise ConfigError(mistakes)
    return Scenario(start=catalog.start, facts=catalog.facts, lines=lines)


def _bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{folder} is no scenario",
            f"{name}: {error.strerror}",
            f"name a folder with {SIGNALS} and {CATALOG}",
        ) from error


def _lines(body: bytes, file: str, start: datetime, mistakes: list[str]) -> Iterator[Line]:
    for n, raw in enumerate(body.split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            told: Json = json.loads(raw)
        except (ValueError, RecursionError) as error:
            mistakes.append(f"{file}:{n}: is not JSON: {clean(error, 80)}")
            continue
        if (line := _line(told, start)) is not None:
            yield line
        else:
            mistakes.append(f"{file}:{n}: is no delivery: {_MEND}")


def _line(told: Json, start: datetime) -> Line | None:
    if not isinstance(told, dict) or "payload" not in told:
        return None
    seconds, source, payload = told.get("t"), told.get("source"), told["payload"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not abs(seconds) < 1e9:
        return None
    if not isinstance(source, str) or not clean(source, 60):
        return None
    # What is no JSON lies there as a text, and was sent as it stands.
    body = payload if isinstance(payload, str) else json.dumps(payload)
    return Line(
        at=start + timedelta(seconds=seconds), source=clean(source, 60), body=body.encode("utf-8", "surrogatepass")
    )
