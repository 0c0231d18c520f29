"""Bodies of tools that have no format here, read by a map of the team: which of sev's own fields lies where.

    [sources.loader]
    map = { key = "$.job.id", title = "$.msg", status = "$.state", kind = "failed_job" }

A field is one of `generic_fields.FIELDS` or `labels.NAME`. A path is a part of JSONPath: `$.a.b[0]`, `$['x y']`,
and `[*]` once for a list of alerts: `$.alerts[*].msg`; what lies outside that list holds for all of them.
`status`, `severity` and `kind` may be a plain word instead. The map only moves values: `generic` reads them.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from tui.errors import ConfigError
from tui.formats import generic, generic_fields, generic_words
from tui.formats.base import Payload, filled, rejected, shape
from tui.formats.decode import Json
from tui.model.severity import WORDS
from tui.model.signal import Kind, Signal
from tui.model.text import clean

Steps = tuple[str | int, ...]

_STEP = re.compile(r"\.([^.\[\]'\"\s*]+)|\[(\d{1,6})\]|\['((?:[^'\\]|\\.)*)'\]|\[\"((?:[^\"\\]|\\.)*)\"\]|(\[\*\])")
_LABEL: Final = "labels."
_NAMING: Final = ("key", "id", "subject", "title")
_CONSTANTS: Final[dict[str, frozenset[str]]] = {
    "status": frozenset(generic_words.STATUS),
    "severity": frozenset(WORDS),
    "kind": frozenset(kind.value for kind in Kind),
}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a field comes from: a word for all bodies, or steps from the body or (`of_row`) from one of its rows."""

    field: str
    word: str = ""
    steps: Steps = ()
    of_row: bool = False


class FieldMap(msgspec.Struct, frozen=True, kw_only=True):
    """A map that was checked. `rows` leads to the list of alerts, None where a body is one alert."""

    places: tuple[Place, ...]
    rows: Steps | None = None


def compile_map(table: Mapping[str, object], where: str = "map") -> FieldMap:
    """The map in a settings table. Raises ConfigError (a UsageError) with every mistake, each naming `where.FIELD`."""
    places: list[Place] = []
    rows: dict[Steps, None] = {}
    mistakes: list[str] = []
    for field, value in table.items():
        try:
            place, of = _place(field, value)
        except ValueError as error:
            mistakes.append(f"{where}.{clean(field, 60)}: {clean(str(error))}")
            continue
        places.append(place)
        rows |= {} if of is None else {of: None}
    if len(rows) > 1:
        mistakes.append(f"{where}: [*] stands for one list: these are {len(rows)} lists: use one")
    if not mistakes and not any(place.field in _NAMING for place in places):
        mistakes.append(f"{where}: nothing to know an alert by: map key, subject or title")
    if mistakes:
        raise ConfigError(mistakes)
    return FieldMap(places=tuple(places), rows=next(iter(rows), None))


def _place(field: str, value: object) -> tuple[Place, Steps | None]:
    """Where a field comes from, and the way to the rows if it lies in one of them. Raises ValueError in words."""
    if field not in generic_fields.FIELDS and not (field.startswith(_LABEL) and field != _LABEL):
        raise ValueError(f"no such field: use {', '.join(generic_fields.FIELDS)} or labels.NAME")
    if not isinstance(value, str):
        raise ValueError("not a text: use a path such as $.a.b")
    if not value.startswith("$"):
        if value.strip().lower() in _CONSTANTS.get(field, ()):
            return Place(field=field, word=value.strip()), None
        words = f", or one of {', '.join(sorted(_CONSTANTS[field]))}" if field in _CONSTANTS else ""
        raise ValueError(f"{value!r} is no path: use one such as $.a.b{words}")
    before, after = _steps(value)
    if after is None:
        return Place(field=field, steps=before), None
    return Place(field=field, steps=after, of_row=True), before


def _steps(path: str) -> tuple[Steps, Steps | None]:
    """The steps of a path before `[*]`, and those after it (None without one)."""
    before: list[str | int] = []
    after: list[str | int] | None = None
    position = 1
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None:
            raise ValueError(f"{path!r} can't be read at {path[position : position + 20]!r}: use $.a.b[0]['x y'][*]")
        position = found.end()
        if found[5]:
            if after is not None:
                raise ValueError(f"{path!r} has [*] twice: a list of alerts may not hold another")
            after = []
        else:
            (before if after is None else after).append(_step(found))
    return tuple(before), None if after is None else tuple(after)


def _step(found: re.Match[str]) -> str | int:
    if found[2]:
        return int(found[2])
    quoted = found[3] if found[3] is not None else found[4]
    return found[1] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)


def read_mapped(body: Json, payload: Payload, mapping: FieldMap) -> list[Signal]:
    """The signals of a body, read as sev's own JSON after the map has put every field in its place.

    Raises RejectedError where the list of alerts is none, or where the map finds nothing to know an alert by.
    """
    if mapping.rows is None:
        return generic.FORMAT.read(_mapped(body, None, mapping, "body"), payload)
    listed = _walk(body, mapping.rows)
    if not isinstance(listed, list):
        raise rejected(f"{_shown(mapping.rows)}: expected a list, found {shape(listed)}")
    rows: list[Json] = [_mapped(body, row, mapping, f"{_shown(mapping.rows)}[{n}]") for n, row in enumerate(listed)]
    return generic.FORMAT.read(rows, payload)


def _mapped(body: Json, row: Json, mapping: FieldMap, where: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    labels: dict[str, Json] = {}
    for place in mapping.places:
        value = place.word or _walk(row if place.of_row else body, place.steps)
        if place.field.startswith(_LABEL):
            labels[place.field.removeprefix(_LABEL)] = value
        else:
            found[place.field] = value
    found = filled(found)
    if labels := filled(labels):
        told = found.get("labels")
        found["labels"] = {**(told if isinstance(told, dict) else {}), **labels}
    if not any(name in found for name in _NAMING):
        raise rejected(f"{where}: the map finds no {', '.join(_NAMING)} in {shape(row if row is not None else body)}")
    return found


def _walk(value: Json, steps: Steps) -> Json:
    """What lies at the end of the steps; None where anything on the way is missing or of another shape."""
    for step in steps:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _shown(steps: Steps) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
