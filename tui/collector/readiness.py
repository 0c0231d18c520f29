"""Whether this process may be the collector: one that can't read all of the team's settings must leave it to others."""

import os
from collections.abc import Iterator
from pathlib import Path

from tui.collector.files import beside
from tui.config import Config
from tui.errors import ConfigError
from tui.logins import own_name


def unreadable(config: Config) -> list[str]:
    """Every file that the settings name and that this process may not read, as lines of a settings error.

    A file that is not there is not among them: whoever needs it says so.
    """
    who = own_name(os.geteuid())
    return [
        f"{name}: {place} cannot be read by {who}: let the store's group read it, or leave collecting to others"
        for name, place in _files(config)
        if _is_closed(place)
    ]


def need_all_settings(config: Config) -> None:
    """Raises ConfigError with every file that can't be read."""
    if mistakes := unreadable(config):
        raise ConfigError(mistakes)


def _files(config: Config) -> Iterator[tuple[str, Path]]:
    settings = config.collector
    named = {
        "collector.token_file": settings.token_file or beside(config.store, ".token"),
        "collector.tls_cert": settings.tls_cert,
        "collector.tls_key": settings.tls_key,
        "catalog.file": config.catalog_file,
    }
    for source in config.sources:
        key = f"sources.{source.name}"
        named |= {
            f"{key}.token_file": source.token_file,
            f"{key}.secret_file": source.secret_file,
            f"{key}.ca_file": source.ca_file,
        }
    yield from ((name, place) for name, place in named.items() if place is not None)


def _is_closed(place: Path) -> bool:
    try:
        place.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return not os.access(place, os.R_OK, effective_ids=os.access in os.supports_effective_ids)
