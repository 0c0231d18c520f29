"""The team's own catalog file: read when somebody begins to take signals in; the catalog says what it says."""

from datetime import datetime
from pathlib import Path

import msgspec

from tui.errors import ConfigError
from tui.formats.catalog_file import read_catalog
from tui.model.catalog import Facts
from tui.model.entry import MACHINE, Actor
from tui.store import catalog
from tui.store.engine import Connection
from tui.store.log import Stamp


def team_facts(file: Path | None) -> Facts | None:
    """What the file says; None where the settings name none. Raises ConfigError with all mistakes at once."""
    if file is None:
        return None
    try:
        body = file.read_bytes()
    except OSError as error:
        raise ConfigError(
            [f"{file}: cannot be read: {error.strerror}: check [catalog] file in the settings"]
        ) from error
    return read_catalog(body, str(file)).facts


def learn_catalog(conn: Connection, now: datetime, uid: int, facts: Facts) -> bool:
    """Learn what is new in `facts` and forget what left the file, in the caller's transaction; whether anything did."""
    whole = msgspec.structs.replace(facts, whole=True)
    return catalog.learn(conn, Stamp(actor=Actor(MACHINE, uid), now=now), whole) is not None
