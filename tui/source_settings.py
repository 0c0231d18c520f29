"""Settings of the sources: `[sources.NAME]` of the team's file. How the files are found is in `config`."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from tui.errors import ConfigError
from tui.toml import Reader, Toml

SOURCE_SETTINGS: Final = (
    "kind", "url", "path", "every", "token_file", "secret_file", "ca_file", "same_as", "same-as", "format", "map",
)  # fmt: skip
PAGERDUTY_URL: Final = "https://api.pagerduty.com"
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_WEB: Final = re.compile(r"https?://[^/\s]+")


class SourceKind(StrEnum):
    """What a pulled source is, and so how it is asked."""

    ALERTMANAGER = "alertmanager"
    PAGERDUTY = "pagerduty"
    GRAFANA = "grafana"
    AIRFLOW = "airflow"
    DAGSTER = "dagster"
    PREFECT = "prefect"
    DBT_ARTIFACTS = "dbt-artifacts"
    GREAT_EXPECTATIONS = "great-expectations"
    JOURNALD = "journald"
    FILE = "file"


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[sources.NAME]`. `format`: how its payloads are read; `auto` sniffs. `kind` None: it is pushed to us.

    `every`: time between two polls. `token_file`: what we show when we ask; `secret_file`: what
    those who push sign with. `same_as`: the source whose name its signals get, so that both share
    keys. `map`: sev's field → where it lies in the payload.
    """

    name: str
    format: str = "auto"
    kind: SourceKind | None = None
    url: str = ""
    path: Path | None = None
    every: timedelta = timedelta(seconds=60)
    token_file: Path | None = None
    secret_file: Path | None = None
    ca_file: Path | None = None
    same_as: str | None = None
    map: dict[str, str] = {}


_NEED_PATH: Final = (SourceKind.DBT_ARTIFACTS, SourceKind.GREAT_EXPECTATIONS, SourceKind.FILE)
_NEED_URL: Final = (
    SourceKind.ALERTMANAGER, SourceKind.GRAFANA, SourceKind.AIRFLOW, SourceKind.DAGSTER, SourceKind.PREFECT,
)  # fmt: skip


def sources_of(reader: Reader, team: Mapping[str, Toml]) -> tuple[SourceSettings, ...]:
    """The sources among the team's tables; mistakes go to `reader`."""
    section = reader.section(team, "sources", None)
    return tuple(_source(reader, name, reader.section(section, name, SOURCE_SETTINGS, "sources.")) for name in section)


def _source(reader: Reader, name: str, table: Mapping[str, Toml]) -> SourceSettings:
    key = f"sources.{name}"
    kind = _kind(reader, table, f"{key}.kind")
    default = timedelta(seconds=30 if kind is SourceKind.ALERTMANAGER else 60)
    every = reader.span(table, f"{key}.every", default) or default
    if every < timedelta(seconds=1):
        reader.wrong(f"{key}.every", "is too short", 'write "1s" or more')
    same_as = reader.text(table, f"{key}.same_as") or reader.text(table, f"{key}.same-as")
    if same_as and not _NAME.fullmatch(same_as):
        reader.wrong(f"{key}.same_as", "is no name of a source", "letters, digits and _ . - only")
    found = SourceSettings(
        name=name,
        format=reader.text(table, f"{key}.format") or "auto",
        kind=kind,
        url=_url(reader, table, key, kind),
        path=reader.path(table, f"{key}.path"),
        every=every,
        token_file=reader.secret(table, f"{key}.token_file"),
        secret_file=reader.secret(table, f"{key}.secret_file"),
        ca_file=reader.path(table, f"{key}.ca_file"),
        same_as=same_as,
        map=_map(reader, table, key),
    )
    if kind in _NEED_PATH and found.path is None:
        reader.wrong(f"{key}.path", f"is needed for kind {kind}", 'write path = "…"')
    return found


def _map(reader: Reader, table: Mapping[str, Toml], key: str) -> dict[str, str]:
    found = reader.section(table, "map", None, f"{key}.")
    if found:
        from tui.formats.mapping import compile_map

        try:
            compile_map(found, f"{key}.map")
        except ConfigError as error:
            for mistake in error.mistakes:
                field, what, mend = (*mistake.split(": ", 2), "", "")[:3]
                reader.wrong(field, what, mend)
    return {field: place for field, place in found.items() if isinstance(place, str)}


def _kind(reader: Reader, table: Mapping[str, Toml], key: str) -> SourceKind | None:
    word = reader.text(table, key)
    if word is None:
        return None
    try:
        return SourceKind(word)
    except ValueError:
        reader.wrong(key, f"{word!r} is no kind of source", f"one of {', '.join(SourceKind)}")
        return None


def _url(reader: Reader, table: Mapping[str, Toml], key: str, kind: SourceKind | None) -> str:
    """Where it is asked, without the slash at the end; empty where there is none."""
    url = (reader.text(table, f"{key}.url") or "").rstrip("/")
    if not url and kind is SourceKind.PAGERDUTY:
        return PAGERDUTY_URL
    if not url and kind in _NEED_URL:
        reader.wrong(f"{key}.url", f"is needed for kind {kind}", 'write url = "https://…"')
    elif url and not _WEB.match(url):
        reader.wrong(f"{key}.url", "is no web address", 'write url = "https://…"')
    elif "@" in url.partition("://")[2].partition("/")[0]:
        reader.wrong(f"{key}.url", "holds a user or a password", "put the secret into a token_file")
    return url
