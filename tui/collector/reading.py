"""How the bodies of each source are read, as the settings say: in which format, by which map, under whose name."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

import msgspec

from tui.config import SourceSettings
from tui.errors import ConfigError
from tui.formats import generic
from tui.formats.base import Payload
from tui.formats.decode import parse_json
from tui.formats.mapping import FieldMap, compile_map, read_mapped
from tui.formats.registry import AUTO, FORMATS, Read, read
from tui.model.text import Safe, clean


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One source of the settings. `source`: the name its signals get; `mapping`: the team's own map of its fields."""

    source: Safe
    format: str = AUTO
    mapping: FieldMap | None = None


Readings: TypeAlias = Mapping[str, Reading]
"""By the name of the source, as an address or a person says it."""

AS_THEY_COME: Final[Readings] = {}
"""Without settings: every body is looked at, and every source keeps its name."""


def readings_of(sources: Iterable[SourceSettings]) -> dict[str, Reading]:
    """How these sources are read. Raises ConfigError with all mistakes in their formats and maps at once."""
    found: dict[str, Reading] = {}
    mistakes: list[str] = []
    for source in sources:
        key, mapping = f"sources.{source.name}", None
        if source.format != AUTO and source.format not in FORMATS:
            known = ", ".join((AUTO, *FORMATS))
            mistakes.append(f"{key}.format: {clean(source.format, 40)!r} is no format: one of {known}")
        if source.map:
            try:
                mapping = compile_map(source.map, f"{key}.map")
            except ConfigError as error:
                mistakes += error.mistakes
        name = clean(source.name)
        found[name] = Reading(source=clean(source.same_as or source.name), format=source.format, mapping=mapping)
    if mistakes:
        raise ConfigError(mistakes)
    return found


def name_in(readings: Readings, source: Safe | None, format_name: str) -> Safe | None:
    """The name that the signals of `source` get; of a body that nobody named, that of its format's settings."""
    way = readings.get(source or format_name)
    return source if way is None else way.source


def read_as(readings: Readings, source: Safe | None, payload: Payload, format_name: str) -> Read:
    """Read a payload of `source` as the settings say; `payload.source` is the name its signals get.

    A `format_name` other than `auto`, and other than that of the settings, wins over them: it is the
    address or the person that names it. Raises as `registry.read` does.
    """
    way = readings.get(source or format_name)
    if way is None or format_name not in (AUTO, way.format):
        return read(payload, format_name)
    if way.mapping is None:
        return read(payload, way.format)
    signals = read_mapped(parse_json(payload.body), payload, way.mapping)
    return Read(format=generic.NAME, reason=f"by the map of source {source or format_name}", signals=tuple(signals))
