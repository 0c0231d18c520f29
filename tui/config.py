"""Settings: the team's sev.toml beside the store, a person's own file, and where the store is.

A file is read whole and every mistake in it is reported at once, as `file:key: what: what to do`.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from tui.errors import ConfigError
from tui.model.severity import BusinessHours, SeverityRules, Targets
from tui.source_settings import SourceKind, SourceSettings, sources_of
from tui.toml import Reader, Toml
from tui.triage.rules import NO_RULES, Rules
from tui.trust import strangers_may_write

__all__ = [
    "CollectorSettings", "Config", "RetentionSettings", "SourceKind", "SourceSettings", "UiSettings",
    "default_store", "load", "personal_files", "stored_place",
]  # fmt: skip

TEAM_TABLES: Final = (
    "severity", "triage", "catalog", "collector", "sources", "channels", "commands", "oncall", "retention",
)  # fmt: skip
FOREVER: Final = "forever"
"""What `[retention]` says where nothing goes for its age."""
RUNS: Final = ("command", "exec")
"""Settings, in whatever table, that name something to run; so does every `[commands.NAME]`."""

PERSONAL_TABLES: Final = ("keys", "ui", "store")


class CollectorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[collector]`. `listen`: `HOST:PORT` or `unix:PATH`, several allowed; `quiet_after`: see WentQuiet.

    `heartbeat_url`: what the collector calls every minute; empty for nothing.
    """

    listen: tuple[str, ...] = ("127.0.0.1:9911",)
    token_file: Path | None = None
    quiet_after: timedelta = timedelta(hours=6)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    heartbeat_url: str = ""


class RetentionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[retention]`: how long raw payloads and the events of closed history are kept; None: for ever."""

    payloads: timedelta | None = timedelta(days=30)
    events: timedelta | None = None


class UiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[ui]` of a person: taste only. `bell`, `title`, `notify`: how a SEV1 makes itself known beyond the screen."""

    theme: str = "sev-dark"
    utc: bool = True
    bell: bool = True
    title: bool = True
    notify: bool = True
    ascii: bool = False


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All settings in force. `store` is the store's path; `files` are those that were read.

    `catalog_file`: the team's catalog, which is read by whoever takes signals in.
    `team_file` is the team's where it was named instead of lying beside the store.
    """

    store: Path
    severity: SeverityRules = SeverityRules()
    collector: CollectorSettings = CollectorSettings()
    retention: RetentionSettings = RetentionSettings()
    sources: tuple[SourceSettings, ...] = ()
    catalog_file: Path | None = None
    triage: Rules = NO_RULES
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
    reader = Reader()
    return _stored_path(reader, _personal(reader, [])) or default_store()


def load(*, store: Path | None = None, team_file: Path | None = None) -> Config:
    """Read all settings; `store` (option or environment) wins over the files. Raises ConfigError with all mistakes."""
    reader, read = Reader(), list[Path]()
    personal = _personal(reader, read)
    own_place = _stored_path(reader, personal)
    place = store or own_place or default_store()
    beside = team_file or place.parent / "sev.toml"
    team = reader.table_of(beside, TEAM_TABLES, optional=team_file is None)
    if team is not None:
        read.append(beside)
        _distrust(reader, team, beside, place)
    config = msgspec.structs.replace(_assemble(reader, place, personal, team or {}, tuple(read)), team_file=team_file)
    if reader.mistakes:
        raise ConfigError(reader.mistakes)
    return config


def _distrust(reader: Reader, team: Mapping[str, Toml], file: Path, store: Path) -> None:
    """What would run something does not count from a file that people outside the team may change."""
    tables = [name for name, table in team.items() if name == "commands" or _runs_something(table)]
    if tables and (who := strangers_may_write(file, store)):
        for name in tables:
            reader.wrong(name, f"names what to run, and {who}", f"chmod o-w,g-w {file}, or its folder")


def _runs_something(table: Toml) -> bool:
    if isinstance(table, list):
        return any(map(_runs_something, table))
    return isinstance(table, dict) and (
        any(name in table for name in RUNS) or any(map(_runs_something, table.values()))
    )


def _personal(reader: Reader, read: list[Path]) -> dict[str, Toml]:
    """The personal files in one, setting by setting, the later one wins; `read` gets those that are there."""
    joined: dict[str, Toml] = {}
    for file in personal_files():
        found = reader.table_of(file, PERSONAL_TABLES, optional=True)
        read += [file] if found is not None else []
        for name, table in (found or {}).items():
            below = joined.get(name)
            joined[name] = below | table if isinstance(below, dict) and isinstance(table, dict) else table
    return joined


def _stored_path(reader: Reader, personal: Mapping[str, Toml]) -> Path | None:
    section = reader.section(personal, "store", ("path",))
    path = reader.text(section, "store.path")
    return Path(path).expanduser() if path else None


def _assemble(
    reader: Reader, place: Path, personal: Mapping[str, Toml], team: Mapping[str, Toml], read: tuple[Path, ...]
) -> Config:
    ui = reader.section(personal, "ui", ("theme", "utc", "bell", "title", "notify", "ascii"))
    keys = reader.section(personal, "keys", None)
    return Config(
        store=place,
        severity=_severity(reader, team),
        collector=_collector(reader, team),
        retention=_retention(reader, team),
        sources=sources_of(reader, team),
        catalog_file=_catalog_file(reader, team),
        triage=_triage(reader, team),
        ui=UiSettings(
            theme=reader.text(ui, "ui.theme") or "sev-dark",
            utc=reader.truth(ui, "ui.utc", True),
            bell=reader.truth(ui, "ui.bell", True),
            title=reader.truth(ui, "ui.title", True),
            notify=reader.truth(ui, "ui.notify", True),
            ascii=reader.truth(ui, "ui.ascii", False),
        ),
        keys={name: reader.text(keys, f"keys.{name}") or "" for name in keys},
        files=read,
    )


def _severity(reader: Reader, team: Mapping[str, Toml]) -> SeverityRules:
    names = ("sev1", "sev2", "sev3", "timezone", "holidays")
    section = reader.section(team, "severity", names)
    default = SeverityRules()
    hours = BusinessHours(
        timezone=reader.zone(section, "severity.timezone"),
        holidays=tuple(reader.days(section, "severity.holidays")),
    )
    grades = {name: _targets(reader, section, name, default.targets_of(name)) for name in ("sev1", "sev2", "sev3")}
    return SeverityRules(**grades, hours=hours)


def _targets(reader: Reader, section: Mapping[str, Toml], name: str, default: Targets) -> Targets:
    table = reader.section(section, name, ("acknowledge", "first_update", "update", "rca_days"), "severity.")
    key = f"severity.{name}"
    return msgspec.structs.replace(
        default,
        acknowledge=reader.span(table, f"{key}.acknowledge", default.acknowledge),
        first_update=reader.span(table, f"{key}.first_update", default.first_update),
        update=reader.span(table, f"{key}.update", default.update),
        rca_days=reader.whole(table, f"{key}.rca_days", default.rca_days),
    )


def _collector(reader: Reader, team: Mapping[str, Toml]) -> CollectorSettings:
    names = ("listen", "token_file", "quiet_after", "tls_cert", "tls_key", "heartbeat_url")
    section = reader.section(team, "collector", names)
    default = CollectorSettings()
    return CollectorSettings(
        listen=tuple(reader.texts(section, "collector.listen")) or default.listen,
        token_file=reader.path(section, "collector.token_file"),
        quiet_after=reader.span(section, "collector.quiet_after", default.quiet_after) or default.quiet_after,
        tls_cert=reader.path(section, "collector.tls_cert"),
        tls_key=reader.path(section, "collector.tls_key"),
        heartbeat_url=reader.web(section, "collector.heartbeat_url"),
    )


def _retention(reader: Reader, team: Mapping[str, Toml]) -> RetentionSettings:
    section = reader.section(team, "retention", ("payloads", "events"))
    default = RetentionSettings()

    def kept(name: str, otherwise: timedelta | None) -> timedelta | None:
        if section.get(name) == FOREVER:
            return None
        return reader.span(section, f"retention.{name}", otherwise)

    return RetentionSettings(payloads=kept("payloads", default.payloads), events=kept("events", default.events))


def _catalog_file(reader: Reader, team: Mapping[str, Toml]) -> Path | None:
    return reader.path(reader.section(team, "catalog", ("file",)), "catalog.file")


def _triage(reader: Reader, team: Mapping[str, Toml]) -> Rules:
    if "triage" not in team:
        return NO_RULES
    from tui.triage_settings import rules_of

    return rules_of(reader, team)
