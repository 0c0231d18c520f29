"""Takes values out of parsed settings and collects every mistake it meets. What the settings mean is for `config`."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

Toml: TypeAlias = "str | int | float | bool | datetime | list[Toml] | dict[str, Toml]"


class Reader:
    """Values out of TOML tables; `mistakes` are `file:key: what: what to do`."""

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

    def wrong(self, key: str, what: str, mend: str) -> None:
        """Note a mistake in `key`."""
        self.mistakes.append(f"{self._file_of(key)}:{key}: {what}: {mend}")

    def section(
        self, parent: Mapping[str, Toml], name: str, known: tuple[str, ...] | None, prefix: str = ""
    ) -> dict[str, Toml]:
        value = parent.get(name, {})
        if not isinstance(value, dict):
            self.wrong(prefix + name, "is not a table", f"write [{prefix}{name}]")
            return {}
        for key in value:
            if known is not None and key not in known:
                self.wrong(f"{prefix}{name}.{key}", "is not a setting", f"one of {', '.join(known)}")
        return value

    def tables(
        self, section: Mapping[str, Toml], key: str, known: tuple[str, ...]
    ) -> Iterator[tuple[str, dict[str, Toml]]]:
        """The tables of a list, each with the key that its mistakes are told under: `triage.mute[0]`."""
        value = section.get(key.rpartition(".")[2], [])
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            self.wrong(key, "is no list of tables", f"write [[{key}]]")
            return
        prefix, _, name = key.rpartition(".")
        for n, table in enumerate(value):
            yield f"{key}[{n}]", self.section({f"{name}[{n}]": table}, f"{name}[{n}]", known, f"{prefix}.")

    def text(self, section: Mapping[str, Toml], key: str) -> str | None:
        value = section.get(key.rpartition(".")[2])
        if value is not None and not isinstance(value, str):
            self.wrong(key, "is not text", 'write it in quotes: "…"')
            return None
        return value

    def texts(self, section: Mapping[str, Toml], key: str) -> list[str]:
        value = section.get(key.rpartition(".")[2], [])
        if isinstance(value, str):
            return [value]
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return [str(item) for item in value]
        self.wrong(key, "is not a list of texts", 'write ["…", "…"]')
        return []

    def days(self, section: Mapping[str, Toml], key: str) -> list[str]:
        found = self.texts(section, key)
        for day in found:
            try:
                date.fromisoformat(day)
            except ValueError:
                self.wrong(key, f"{day!r} is no day", 'write "2026-12-25"')
        return found

    def truth(self, section: Mapping[str, Toml], key: str, default: bool) -> bool:
        value = section.get(key.rpartition(".")[2], default)
        if not isinstance(value, bool):
            self.wrong(key, "is neither true nor false", "write true or false")
            return default
        return value

    def whole(self, section: Mapping[str, Toml], key: str, default: int | None) -> int | None:
        value = section.get(key.rpartition(".")[2], default)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        self.wrong(key, "is not a whole number above 0", "write a number such as 3")
        return default

    def span(self, section: Mapping[str, Toml], key: str, default: timedelta | None) -> timedelta | None:
        from tui.model.moment import parse_span

        value = section.get(key.rpartition(".")[2])
        if value is None:
            return default
        try:
            return parse_span(str(value))
        except ValueError:
            self.wrong(key, f"{value!r} is not a length of time", 'write "90s", "15m" or "2h"')
            return default

    def web(self, section: Mapping[str, Toml], key: str) -> str:
        """A web address without a user or password in it; empty where there is none."""
        url = self.text(section, key) or ""
        host = url.partition("://")[2].partition("/")[0]
        if url and (not url.startswith(("http://", "https://")) or not host or not url.isprintable() or " " in url):
            self.wrong(key, "is no web address", 'write "https://…"')
            return ""
        if "@" in host:
            self.wrong(key, "holds a user or a password", "leave it out of the address")
            return ""
        return url

    def path(self, section: Mapping[str, Toml], key: str) -> Path | None:
        value = self.text(section, key)
        return None if value is None else (self._file_of(key).parent / Path(value).expanduser())

    def secret(self, section: Mapping[str, Toml], key: str) -> Path | None:
        """The path of a file that holds a secret: it must be there, and not everybody may read it."""
        place = self.path(section, key)
        if place is None:
            return None
        try:
            mode = place.stat().st_mode
        except PermissionError:
            return place  # others read it: whoever needs it and can't says so
        except OSError as error:
            self.wrong(key, f"{place} cannot be read: {error.strerror}", "check the path")
        else:
            if mode & 0o007:
                self.wrong(key, f"{place} can be read by everybody", f"chmod o= {place}")
        return place

    def zone(self, section: Mapping[str, Toml], key: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        value = self.text(section, key) or "UTC"
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            self.wrong(key, f"{value!r} is no time zone", 'write "UTC" or "Europe/Berlin"')
            return "UTC"
        return value
