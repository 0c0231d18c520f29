"""What is usual for a job, by its runs: how long it takes, how often it runs and needs another try."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Final, Protocol

import msgspec

from tui.model.moment import span
from tui.model.run import Job, Run, hour_of
from tui.model.signal import Signal
from tui.model.text import Safe, clean
from tui.triage.runs import follow

KEPT: Final = 30
"""Runs of a key that are looked at."""
LATELY: Final = 7
"""Runs among which retries are counted, the present one with them …"""
RISING: Final = 3
"""… and how many of them must have needed another try."""
STEADY: Final = 5
"""Runs that make an interval."""
TIMED: Final = 3
"""Good runs that tell how long it takes as a rule."""
_SPREAD: Final = 0.2  # of the interval: the median deviation that is still steady


class Past(Protocol):
    """The runs that are known."""

    def of(self, key: Safe) -> Sequence[Run]:
        """Those of one key, the oldest first."""
        ...


class Learned:
    """The runs of what was heard, for triage without a store."""

    def __init__(self) -> None:
        self._runs: dict[Safe, list[Run]] = defaultdict(list)

    def of(self, key: Safe) -> Sequence[Run]:
        """Those of one key, the oldest first."""
        return self._runs.get(key, ())

    def hear(self, signal: Signal, now: datetime) -> None:
        """Take in what a signal tells of a run."""
        known = self._runs.get(signal.key, [])
        if (run := follow(known, signal, now)) is not None:
            others = (one for one in known if one.name != run.name)
            self._runs[signal.key] = sorted((*others, run), key=lambda one: one.at)[-KEPT:]


class Habit(msgspec.Struct, frozen=True, kw_only=True):
    """What is usual for the job of a key.

    `came`: when good runs of it ended, the oldest first. `usual`: how long nine of ten good tries take at most;
    `every`: its steady interval, None where it has none; `pause`: what nine of ten pauses last at most.
    `last`: when its newest run began; `running`: that run, while it goes on. `hours` and `since` as in `Job`.
    """

    key: Safe
    source: Safe
    subject: Safe
    node: Safe | None
    last: datetime
    since: datetime
    hours: int
    came: tuple[datetime, ...] = ()
    usual: timedelta | None = None
    every: timedelta | None = None
    pause: timedelta = timedelta(0)
    running: Run | None = None

    @property
    def rhythm(self) -> str:
        """How long it takes and how often it runs, in words; empty where neither is known."""
        usual = [f"usually {span(self.usual)}"] if self.usual is not None else []
        return ", ".join(usual + ([f"every {span(self.every)}"] if self.every is not None else []))

    def runs_at(self, moment: datetime) -> bool:
        """Whether it may run in the hour of a moment: it has before, or no other day is known of it yet."""
        if moment - self.since < timedelta(days=1):
            return True
        weekend = 0xFFFFFF << 24
        mask = weekend if moment.weekday() >= 5 else ~weekend
        seen = self.hours & mask
        if not seen and not _passed(self.since, self.last, weekend=moment.weekday() >= 5):
            seen = self.hours >> 24 | self.hours << 24  # such a day is not known yet: as on the others
        return bool(seen & hour_of(moment))


def _passed(since: datetime, until: datetime, *, weekend: bool) -> bool:
    """Whether a whole day of this sort lies between."""
    days = ((since + timedelta(days=n)).weekday() >= 5 for n in range(1, (until.date() - since.date()).days))
    return weekend in days


def habit_of(job: Job) -> Habit | None:
    """What is usual for a job; None where no run of it is known."""
    if not job.runs:
        return None
    latest = job.runs[-1]
    pauses = [later.at - one.at for one, later in pairwise(job.runs[-KEPT:])]
    return Habit(
        key=job.key,
        source=job.source,
        subject=job.subject,
        node=job.node,
        last=latest.at,
        since=job.since,
        hours=job.hours,
        came=tuple(sorted(run.ended for run in job.runs if run.well and run.ended is not None)),
        usual=usual_of(job.runs, TIMED),
        every=_steady(pauses) if any(run.well for run in job.runs) else None,
        pause=_nine_of_ten(pauses) if pauses else timedelta(0),
        running=latest if latest.ended is None else None,
    )


def usual_of(runs: Sequence[Run], least: int = 1, before: datetime | None = None) -> timedelta | None:
    """How long nine of ten good tries took at most, of those that ended by then; None for fewer than `least`."""
    took = [
        run.lasted
        for run in runs
        if run.well and run.lasted is not None and (before is None or (run.ended is not None and run.ended <= before))
    ]
    return _nine_of_ten(took) if len(took) >= least else None


def _nine_of_ten(spans: Sequence[timedelta]) -> timedelta:
    return sorted(spans)[ceil(len(spans) * 0.9) - 1]


def middle(spans: Sequence[timedelta]) -> timedelta:
    """The median of some lengths of time, one at least."""
    ordered, half = sorted(spans), len(spans) // 2
    return ordered[half] if len(spans) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _steady(pauses: Sequence[timedelta]) -> timedelta | None:
    """The interval of what runs steadily."""
    if len(pauses) < STEADY - 1:
        return None
    every = middle(pauses)
    spread = middle([abs(pause - every) for pause in pauses])
    return every if every > timedelta(0) and spread < _SPREAD * every else None


def rising(past: Past, key: Safe, name: Safe | None, began: datetime) -> Safe | None:
    """That the run of this name, which is tried again, is one of many lately; None where it is not.

    What tells of its bad runs alone says nothing of how many there were. Then the runs of the whole it is part of
    are counted (a task's key begins with that of its DAG), and without those nothing is said.
    """
    told = [run for run in past.of(key) if run.name != name and run.ended is not None and run.ended <= began]
    again = {run.name for run in told if run.tries > 1}
    if len(again) + 1 < RISING:
        return None
    names = [run.name for run in told]
    if not any(run.well and run.tries == 1 for run in told):
        names = [one for one in _whole(past, key, again, began) if one != name]
    lately = names[-(LATELY - 1) :]
    needed = sum(one in again for one in lately) + 1
    if len(lately) < LATELY - 1 or needed < RISING:
        return None
    return clean(f"needed another try in {needed} of its last {LATELY} runs")


def _whole(past: Past, key: Safe, names: set[Safe], before: datetime) -> list[Safe]:
    """The names of the runs of what a job is part of: it has a shorter key, and runs of the same names."""
    cut = key
    while "." in cut:
        cut = Safe(cut.rpartition(".")[0])
        runs = [run for run in past.of(cut) if run.at <= before]
        if any(run.name in names for run in runs):
            return [run.name for run in runs]
    return []
