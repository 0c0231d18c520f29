"""Settings: the team's sev.toml beside the store, a person's own file, and where the store is.

A file is read whole and every mistake in it is reported at once, as `file:key: what: what to do`.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
import platformdirs

from tui.errors import ConfigError
from tui.model.severity import BusinessHours, SeverityRules, Targets

Toml: TypeAlias = "str | int | float | bool | list[Toml] | dict[str, Toml]"

TEAM_TABLES: Final = (
    "severity", "triage", "catalog", "collector", "sources", "channels", "commands", "oncall", "retention",
)  # fmt: skip
PERSONAL_TABLES: Final = ("keys", "ui", "store")


class CollectorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[collector]`. `listen`: `HOST:PORT` or `unix:PATH`, several allowed; `quiet_after`: see WentQuiet."""

    listen: tuple[str, ...] = ("127.0.0.1:9911",)
    token_file: Path | None = None
    quiet_after: timedelta = timedelta(hours=6)
    tls_cert: Path | None = None
    tls_key: Path | None = None


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[sources.NAME]`. `format`: how its payloads are read; `auto` sniffs."""

    name: str
    format: str = "auto"


class UiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[ui]` of a person: taste only."""

    theme: str = "sev-dark"
    utc: bool = True
    bell: bool = True
    ascii: bool = False


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All settings in force. `store` is the store's path; `files` are those that were read.

    `team_file` is the team's where it was named instead of lying beside the store.
    """

    store: Path
    severity: SeverityRules = SeverityRules()
    collector: CollectorSettings = CollectorSettings()
    sources: tuple[SourceSettings, ...] = ()
    ui: UiSettings = UiSettings()
    keys: dict[str, str] = {}
    files: tuple[Path, ...] = ()
    team_file: Path | None = None


def default_store() -> Path:
    """`sev.db` in the user's data folder."""
    return Path(platformdirs.user_data_dir("sev", appauthor=False)) / "sev.db"


def personal_files() -> tuple[Path, ...]:
    """A person's own file, and before it the machine's; a later one wins."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path("/etc/sev/sev.toml"), home / "sev" / "sev.toml"


def stored_place() -> Path:
    """Where a person's own files say the store is, else the default; mistakes elsewhere in them don't matter here."""
    reader = _Reader()
    return _stored_path(reader, _personal(reader, [])) or default_store()


def load(*, store: Path | None = None, team_file: Path | None = None) -> Config:
    """Read all settings; `store` (option or environment) wins over the files. Raises ConfigError with all mistakes."""
    reader, read = _Reader(), list[Path]()
    personal = _personal(reader, read)
    own_place = _stored_path(reader, personal)
    place = store or own_place or default_store()
    beside = team_file or place.parent / "sev.toml"
    team = reader.table_of(beside, TEAM_TABLES, optional=team_file is None)
    if team is not None:
        read.append(beside)
    config = msgspec.structs.replace(_assemble(reader, place, personal, team or {}, tuple(read)), team_file=team_file)
    if reader.mistakes:
        raise ConfigError(reader.mistakes)
    return config


def _personal(reader: "_Reader", read: list[Path]) -> dict[str, Toml]:
    """The personal files in one, setting by setting, the later one wins; `read` gets those that are there."""
    joined: dict[str, Toml] = {}
    for file in personal_files():
        found = reader.table_of(file, PERSONAL_TABLES, optional=True)
        read += [file] if found is not None else []
        for name, table in (found or {}).items():
            below = joined.get(name)
            joined[name] = below | table if isinstance(below, dict) and isinstance(table, dict) else table
    return joined


def _stored_path(reader: "_Reader", personal: Mapping[str, Toml]) -> Path | None:
    section = reader.section(personal, "store", ("path",))
    path = reader.text(section, "store.path")
    return Path(path).expanduser() if path else None


def _assemble(
    reader: "_Reader", place: Path, personal: Mapping[str, Toml], team: Mapping[str, Toml], read: tuple[Path, ...]
) -> Config:
    ui = reader.section(personal, "ui", ("theme", "utc", "bell", "ascii"))
    keys = reader.section(personal, "keys", None)
    return Config(
        store=place,
        severity=_severity(reader, team),
        collector=_collector(reader, team),
        sources=_sources(reader, team),
        ui=UiSettings(
            theme=reader.text(ui, "ui.theme") or "sev-dark",
            utc=reader.truth(ui, "ui.utc", True),
            bell=reader.truth(ui, "ui.bell", True),
            ascii=reader.truth(ui, "ui.ascii", False),
        ),
        keys={name: reader.text(keys, f"keys.{name}") or "" for name in keys},
        files=read,
    )


def _severity(reader: "_Reader", team: Mapping[str, Toml]) -> SeverityRules:
    names = ("sev1", "sev2", "sev3", "timezone", "holidays")
    section = reader.section(team, "severity", names)
    default = SeverityRules()
    hours = BusinessHours(
        timezone=reader.zone(section, "severity.timezone"),
        holidays=tuple(reader.days(section, "severity.holidays")),
    )
    grades = {name: _targets(reader, section, name, default.targets_of(name)) for name in ("sev1", "sev2", "sev3")}
    return SeverityRules(**grades, hours=hours)


def _targets(reader: "_Reader", section: Mapping[str, Toml], name: str, default: Targets) -> Targets:
    table = reader.section(section, name, ("acknowledge", "first_update", "update", "rca_days"), "severity.")
    key = f"severity.{name}"
    return msgspec.structs.replace(
        default,
        acknowledge=reader.span(table, f"{key}.acknowledge", default.acknowledge),
        first_update=reader.span(table, f"{key}.first_update", default.first_update),
        update=reader.span(table, f"{key}.update", default.update),
        rca_days=reader.whole(table, f"{key}.rca_days", default.rca_days),
    )


def _collector(reader: "_Reader", team: Mapping[str, Toml]) -> CollectorSettings:
    names = ("listen", "token_file", "quiet_after", "tls_cert", "tls_key")
    section = reader.section(team, "collector", names)
    default = CollectorSettings()
    return CollectorSettings(
        listen=tuple(reader.texts(section, "collector.listen")) or default.listen,
        token_file=reader.path(section, "collector.token_file"),
        quiet_after=reader.span(section, "collector.quiet_after", default.quiet_after) or default.quiet_after,
        tls_cert=reader.path(section, "collector.tls_cert"),
        tls_key=reader.path(section, "collector.tls_key"),
    )


def _sources(reader: "_Reader", team: Mapping[str, Toml]) -> tuple[SourceSettings, ...]:
    section = reader.section(team, "sources", None)
    found = []
    for name in section:
        table = reader.section(section, name, ("format",), "sources.")
        found.append(SourceSettings(name=name, format=reader.text(table, f"sources.{name}.format") or "auto"))
    return tuple(found)


class _Reader:
    """Takes values out of parsed TOML and collects every mistake it meets."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []
        self._files: dict[str, Path] = {}

    def table_of(self, file: Path, known: tuple[str, ...], *, optional: bool) -> dict[str, Toml] | None:
        """The parsed file; None where it is not there."""
        try:
            parsed: dict[str, Toml] = tomllib.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            if not optional:
                self.mistakes.append(f"{file}: not found: check --config or SEV_CONFIG")
            return None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.mistakes.append(f"{file}: cannot be read: {error}")
            return None
        for name, table in parsed.items():
            if name not in known:
                self.mistakes.append(f"{file}:{name}: is not a table here: one of {', '.join(known)}")
                continue
            self._files[name] = file
            self._files |= {f"{name}.{key}": file for key in table} if isinstance(table, dict) else {}
        return parsed

    def _file_of(self, key: str) -> Path:
        """The file that has the last word on `key`."""
        table, _, rest = key.partition(".")
        return self._files.get(f"{table}.{rest.partition('.')[0]}") or self._files.get(table, Path())

    def _wrong(self, key: str, what: str, mend: str) -> None:
        self.mistakes.append(f"{self._file_of(key)}:{key}: {what}: {mend}")

    def section(
        self, parent: Mapping[str, Toml], name: str, known: tuple[str, ...] | None, prefix: str = ""
    ) -> dict[str, Toml]:
        value = parent.get(name, {})
        if not isinstance(value, dict):
            self._wrong(prefix + name, "is not a table", f"write [{prefix}{name}]")
            return {}
        for key in value:
            if known is not None and key not in known:
                self._wrong(f"{prefix}{name}.{key}", "is not a setting", f"one of {', '.join(known)}")
        return value

    def text(self, section: Mapping[str, Toml], key: str) -> str | None:
        value = section.get(key.rpartition(".")[2])
        if value is not None and not isinstance(value, str):
            self._wrong(key, "is not text", 'write it in quotes: "…"')
            return None
        return value

    def texts(self, section: Mapping[str, Toml], key: str) -> list[str]:
        value = section.get(key.rpartition(".")[2], [])
        if isinstance(value, str):
            return [value]
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return [str(item) for item in value]
        self._wrong(key, "is not a list of texts", 'write ["…", "…"]')
        return []

    def days(self, section: Mapping[str, Toml], key: str) -> list[str]:
        found = self.texts(section, key)
        for day in found:
            try:
                date.fromisoformat(day)
            except ValueError:
                self._wrong(key, f"{day!r} is no day", 'write "2026-12-25"')
        return found

    def truth(self, section: Mapping[str, Toml], key: str, default: bool) -> bool:
        value = section.get(key.rpartition(".")[2], default)
        if not isinstance(value, bool):
            self._wrong(key, "is neither true nor false", "write true or false")
            return default
        return value

    def whole(self, section: Mapping[str, Toml], key: str, default: int | None) -> int | None:
        value = section.get(key.rpartition(".")[2], default)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        self._wrong(key, "is not a whole number above 0", "write a number such as 3")
        return default

    def span(self, section: Mapping[str, Toml], key: str, default: timedelta | None) -> timedelta | None:
        from tui.model.moment import parse_span

        value = section.get(key.rpartition(".")[2])
        if value is None:
            return default
        try:
            return parse_span(str(value))
        except ValueError:
            self._wrong(key, f"{value!r} is not a length of time", 'write "90s", "15m" or "2h"')
            return default

    def path(self, section: Mapping[str, Toml], key: str) -> Path | None:
        value = self.text(section, key)
        return None if value is None else (self._file_of(key).parent / Path(value).expanduser())

    def zone(self, section: Mapping[str, Toml], key: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        value = self.text(section, key) or "UTC"
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            self._wrong(key, f"{value!r} is no time zone", 'write "UTC" or "Europe/Berlin"')
            return "UTC"
        return value
