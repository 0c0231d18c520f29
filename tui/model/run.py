"""Runs of jobs: when they began and ended, how many tries they took, and how they went. No rules of when is late."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.model.text import Safe

EXPECTS: Final = "expects"
"""The label in which an alert of what is late has its identity: a sort, a colon, and mostly the key of its job."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a job. `name` is its tool's own, or `@` and a moment where its tool names no runs.

    `at` is the first moment known of it, `tried` when its newest try began (`timed`: its tool said so), `heard`
    when its last news came. `ended` None: it goes on, or nobody said. `tries`: as many as it is known to need.
    """

    name: Safe
    at: datetime
    tried: datetime
    heard: datetime
    timed: bool = False
    ended: datetime | None = None
    well: bool = False
    tries: int = 1

    @property
    def lasted(self) -> timedelta | None:
        """How long its last try took; None while it goes on, or where nobody said when that began."""
        return self.ended - self.tried if self.timed and self.ended is not None else None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What runs under one key, and its runs that are known, the oldest first.

    `node` is where the catalog had it when it was last heard. `hours` are those in which it has ever begun, a bit
    each: 0 to 23 (UTC) of working days, then of weekends. `since`: the first moment anything was known of it.
    """

    key: Safe
    source: Safe
    subject: Safe
    node: Safe | None
    since: datetime
    hours: int = 0
    runs: tuple[Run, ...] = ()


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that is to fire always. `count` times heard from `first` to `last`; `gone`: its tool cleared it."""

    key: Safe
    source: Safe
    name: Safe
    first: datetime
    last: datetime
    count: int = 1
    gone: datetime | None = None

    @property
    def every(self) -> timedelta | None:
        """The usual time between two; None before three were heard."""
        return (self.last - self.first) / (self.count - 1) if self.count > 2 else None


def hour_of(at: datetime) -> int:
    """The bit in `Job.hours` of a moment in UTC."""
    return 1 << (at.hour + (24 if at.weekday() >= 5 else 0))
