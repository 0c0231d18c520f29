"""`sev status`: what waits, in one look. Prompts ask every few seconds, so this does without click."""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tui.cli import clock
from tui.collector.lease import FRESH, age, is_held, is_passing, lease_path
from tui.encoding import needs_ascii
from tui.errors import UsageError
from tui.model.incident import Incident
from tui.model.moment import due, rfc3339, short_span
from tui.model.severity import Severity, SeverityRules
from tui.store.alerts import open_candidates
from tui.store.engine import Connection, Store
from tui.store.feed import counts
from tui.store.incidents import open_incidents
from tui.store.reach import need_reach

if TYPE_CHECKING:
    from tui.reports.shapes import Shape

_FLAGS: Final = ("--ascii", "--read-only", "--slow")
_VALUES: Final = ("--store", "--config", "--as")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The words of `sev status --line`. `store`, `config`: None where not given."""

    store: str | None = None
    config: str | None = None
    ascii: bool = False


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """What waits now.

    `burning`: incidents not over and candidates not declared, by severity; `waiting`:
    alerts nobody looks at; `unacknowledged`: candidates likewise; `update`: the next
    status update due and its incident; `silence`: time since the collector's last beat,
    None where none is there.
    """

    now: datetime
    burning: dict[Severity, int]
    waiting: int
    unacknowledged: int
    update: tuple[datetime, int] | None
    silence: timedelta | None

    @property
    def waits(self) -> bool:
        """Whether somebody must do something."""
        return self.waiting > 0 or self.unacknowledged > 0 or (self.update is not None and self.update[0] < self.now)

    @property
    def collected(self) -> bool:
        """Whether a collector lives."""
        return self.silence is not None and self.silence <= FRESH


def asked_line(arguments: list[str]) -> Asked | None:
    """What `sev status --line` was asked, None for anything else (also for words this does not know)."""
    found: dict[str, str | bool] = {}
    verbs: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if name in _VALUES:
            found[name[2:]] = value if equals else next(words, "")
        elif word in _FLAGS:
            found[name[2:]] = True
        elif word != "--line":
            verbs.append(word)
    if verbs != ["status"]:
        return None
    return Asked(
        store=str(found.get("store") or os.environ.get("SEV_STORE") or "") or None,
        config=str(found.get("config") or os.environ.get("SEV_CONFIG") or "") or None,
        ascii=bool(found.get("ascii")),
    )


def print_line(asked: Asked) -> int:
    """Print the one line; 1 when something waits, else 0."""
    path, rules, ascii_signs = _settings(asked)
    seen = glance(path, rules, clock.now())
    sys.stdout.write(line(seen, ascii_signs=asked.ascii or ascii_signs or needs_ascii(sys.stdout)) + "\n")
    return int(seen.waits)


def _settings(asked: Asked) -> tuple[Path, SeverityRules, bool]:
    """Store, clocks and taste. Files are not read where there are none to read."""
    if asked.store and "://" in asked.store:
        raise UsageError("a store is a file for now", f"{asked.store!r} names a server", "give a path")
    store = Path(asked.store).expanduser() if asked.store else None
    if store is not None:
        need_reach(store)
    if store is not None and not asked.config and not store.with_name("sev.toml").exists():
        return store, SeverityRules(), False
    from tui.config import load

    config = load(store=store, team_file=Path(asked.config).expanduser() if asked.config else None)
    return config.store, config.severity, config.ui.ascii


def glance(path: Path, rules: SeverityRules, now: datetime) -> Glance:
    """Look at the store and its lease. Raises StoreError."""
    lease = lease_path(path)

    def read(conn: Connection) -> Glance:
        living = [one for one in open_incidents(conn) if one.is_open]
        proposed = open_candidates(conn)
        burning = [one.severity for one in living] + [one.severity for one in proposed]
        return Glance(
            now=now,
            burning={severity: burning.count(severity) for severity in Severity},
            waiting=counts(conn).waiting,
            unacknowledged=sum(one.acknowledged_at is None for one in proposed),
            update=_next_update(living, rules),
            silence=age(lease, now) if is_held(lease) and not is_passing(lease) else None,
        )

    with Store(path, read_only=True, still=True) as store:
        return store.read(read)


def _next_update(living: list[Incident], rules: SeverityRules) -> tuple[datetime, int] | None:
    dues = [(rules.update_by(one.severity, one.declared_at, one.updated_at), one.id) for one in living]
    return min(((at, number) for at, number in dues if at is not None), default=None)


def line(seen: Glance, *, ascii_signs: bool) -> str:
    """`▲1 ■2 3 new upd 3m`; `ok` when nothing burns; and when no collector lives, that."""
    told = [
        f"{severity.ascii_shape if ascii_signs else severity.shape}{number}"
        for severity, number in seen.burning.items()
        if number
    ]
    told += [f"{seen.waiting} new"] if seen.waiting else []
    if seen.update is not None:
        told.append(f"upd {due(seen.update[0], seen.now).removeprefix('in ')}")
    told = told or ["ok"]
    return " ".join(told if seen.collected else [*told, "no collector"])


def sentences(seen: Glance) -> list[str]:
    """The same for people who have more than one line."""
    told = [f"{number} {severity.word} {severity.meaning}" for severity, number in seen.burning.items() if number]
    said = [f"burning: {', '.join(told)}" if told else "nothing burns"]
    said.append(f"{seen.waiting} alerts and {seen.unacknowledged} candidates wait for somebody")
    if seen.update is not None:
        said.append(f"next status update {due(seen.update[0], seen.now)}, of INC-{seen.update[1]}")
    if seen.collected and seen.silence is not None:
        said.append(f"the collector was heard {short_span(seen.silence)} ago")
    else:
        said.append("no collector: no new alert can arrive; start `sev serve` or `sev`")
    return said


def shape(seen: Glance) -> "Shape":
    """The same as JSON."""
    return {
        "sev1": seen.burning[Severity.SEV1],
        "sev2": seen.burning[Severity.SEV2],
        "sev3": seen.burning[Severity.SEV3],
        "waiting": seen.waiting,
        "unacknowledged": seen.unacknowledged,
        "next_update_due": rfc3339(seen.update[0]) if seen.update else None,
        "collector": seen.collected,
        "waits": seen.waits,
    }
