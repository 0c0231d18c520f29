"""What is expected and has not come, at this moment: deadlines, runs under way, intervals, heartbeats; in words.

Nothing is expected of what has no history, and nothing is said of what could not have been heard.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

from tui.model.catalog import Deadline
from tui.model.moment import span
from tui.model.run import Heartbeat, Run
from tui.model.severity import Severity
from tui.model.text import Safe, clean
from tui.triage.arrivals import Arrivals, arrivals_at
from tui.triage.deadlines import due_after, zone_of
from tui.triage.ears import LAG, Ears
from tui.triage.habits import Habit
from tui.triage.places import Places

SILENT_AFTER: Final = timedelta(minutes=10)
"""The shortest silence of a heartbeat that means something."""
TOGETHER: Final = 3
"""So many overdue jobs of one source that says nothing at all are one trouble: that of the source."""

_LONG: Final = 200  # characters
_SILENT_TIMES: Final = 3
_SLACK: Final = timedelta(hours=1)
_AHEAD: Final = timedelta(hours=12)  # deadlines further ahead than this are no risk yet
_BEGUN: Final = timedelta(minutes=1)
_STUCK: Final = 2  # times the usual; after that it will need as long again
_WEEK: Final = timedelta(days=8)
_FORGOTTEN: Final = timedelta(days=7)  # a heartbeat not heard for so long was given up


class Sort(StrEnum):
    """What is late."""

    DUE = "due"
    RUN = "run"
    OVERDUE = "overdue"
    SILENT = "silent"
    UNHEARD = "unheard"


def known_as(sort: Sort, name: Safe) -> str:
    """What a late thing is known by as long as it lasts; a long name by its hash."""
    return f"{sort}:{name if len(name) <= _LONG else sha256(name.encode()).hexdigest()}"


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is late. `name` is what it is known by within its sort; `since` when that began."""

    sort: Sort
    name: Safe
    subject: Safe
    title: Safe
    severity: Severity
    since: datetime

    @property
    def identity(self) -> str:
        """See `known_as`."""
        return known_as(self.sort, self.name)


class Expectations:
    """One look at all that is expected. `opened`: since when each identity is late by what was said before.

    `wake_at`: when something may be late next, by time alone.
    """

    def __init__(
        self, habits: Iterable[Habit], places: Places, ears: Ears, opened: Mapping[str, datetime], now: datetime
    ) -> None:
        self._habits = list(habits)
        self._places = places
        self._ears = ears
        self._opened = opened
        self._now = now
        self._at: dict[Safe, list[Habit]] = defaultdict(list)
        for habit in self._habits:
            if habit.node is not None:
                self._at[habit.node].append(habit)
        self.wake_at: datetime | None = None

    def late(self, heartbeats: Sequence[Heartbeat]) -> list[Late]:
        """All that is late now, each thing once."""
        due = [one for node in self._places.graph.nodes if node.deadline for one in self._due(node.name, node.deadline)]
        running = [one for habit in self._habits for one in self._run(habit)]
        told = {one.subject for one in due}
        overdue = [one for habit in self._habits if habit.node not in told for one in self._overdue(habit)]
        return [*due, *running, *self._together(overdue), *self._silent(heartbeats)]

    def _wake(self, at: datetime) -> None:
        at += timedelta(seconds=1)
        if at > self._now and (self.wake_at is None or at < self.wake_at):
            self.wake_at = at

    def _still(self, identity: str, came: datetime | None) -> bool | None:
        """Whether what was late is late still: nothing came since. None where it was not."""
        since = self._opened.get(identity)
        return None if since is None else came is None or came <= since

    def _due(self, name: Safe, deadline: Deadline) -> Iterator[Late]:
        """A thing that is not there at its deadline: by its own runs, else by those one step above it."""
        above = (up for up, far in self._places.up(name).items() if far == 1)
        makers = [self._at[name]] if name in self._at else [self._at[up] for up in above if up in self._at]
        for habits in makers:
            if (found := self._not_there(name, deadline, habits)) is not None:
                yield found
                return

    def _not_there(self, name: Safe, deadline: Deadline, habits: list[Habit]) -> Late | None:
        came = sorted(at for habit in habits for at in habit.came)
        if not came:
            return None
        until = min(self._ears.until(habit.source) for habit in habits)
        self._wake(due_after(deadline, until + timedelta(microseconds=1)) + LAG)
        still = self._still(known_as(Sort.DUE, name), came[-1])
        found = arrivals_at(came, deadline, self._opened.get(known_as(Sort.DUE, name), until))
        if still is False or found is None or not found.expected:
            return None
        if still is None and not self._missing(found, came[-1], habits):
            return None
        since = self._opened.get(known_as(Sort.DUE, name), found.due)
        told = _last(came[-1], deadline, self._now)
        by = "" if habits[0].node == name else f" ({habits[0].subject})"
        title = clean(f"{name} is not there: due {_clock(since, deadline)}, last came {told}{by}")
        return Late(sort=Sort.DUE, name=name, subject=name, title=title, severity=Severity.SEV2, since=since)

    def _missing(self, found: Arrivals, came: datetime, habits: list[Habit]) -> bool:
        begins = found.due - max(3 * found.lead, _SLACK)
        deaf = any(self._ears.missed(habit.source, begins, found.due) for habit in habits)
        return not found.there and came <= found.due and not deaf

    def _run(self, habit: Habit) -> Iterator[Late]:
        """A run under way that can't be done when something made from it is due."""
        still = self._still(known_as(Sort.RUN, habit.key), habit.came[-1] if habit.came else None)
        found = self._too_slow(habit, habit.running) if habit.running is not None and still is not False else None
        if found is not None:
            yield found
        elif still:
            title = clean(f"{habit.subject} will be late: it has not run well yet")
            yield self._of_job(Sort.RUN, habit, title, Severity.SEV2, habit.last)

    def _too_slow(self, habit: Habit, run: Run) -> Late | None:
        now = max(self._ears.until(habit.source), run.at)
        if habit.node is None or now < run.tried or self._ears.missed(habit.source, run.at, now):
            return None
        usual = habit.usual or timedelta(minutes=self._places.node(habit.node).usual_minutes or 0)
        if not usual:
            return None
        stuck = now - run.tried >= _STUCK * usual
        ready = now + usual if stuck else max(run.tried + usual, now)
        for due, name, deadline in self._dues_below(habit.node, run.at):
            if due - now > _AHEAD or not _needed(habit.came, deadline, due):
                continue
            self._wake(max(run.tried + _STUCK * usual, due - usual) + LAG)
            self._wake(due + LAG)
            if ready > due:
                whose = "" if name == habit.node else f" for {name}"
                ran = self._now - run.at
                told = f"running {span(ran)}" if ran >= _BEGUN else "just begun"
                ready_at = _clock(ready, deadline, zone=False)
                why = f"due {_clock(due, deadline)}, usually {span(usual)}, {told}, cannot finish before {ready_at}"
                title = clean(f"{habit.subject} will be late{whose}: {why}")
                return self._of_job(Sort.RUN, habit, title, Severity.SEV2, run.at)
        return None

    def _dues_below(self, node: Safe, moment: datetime) -> list[tuple[datetime, Safe, Deadline]]:
        names = (node, *self._places.down(node))
        known = [(name, deadline) for name in names if (deadline := self._places.node(name).deadline) is not None]
        return sorted(((due_after(one, moment), name, one) for name, one in known), key=lambda found: found[:2])

    def _of_job(self, sort: Sort, habit: Habit, title: Safe, severity: Severity, since: datetime) -> Late:
        since = self._opened.get(known_as(sort, habit.key), since)
        subject = habit.node or habit.subject
        return Late(sort=sort, name=habit.key, subject=subject, title=title, severity=severity, since=since)

    def _overdue(self, habit: Habit) -> Iterator[Late]:
        """A steady job that should have begun again long ago."""
        if habit.every is None or habit.running is not None:
            return
        slack = max(2 * habit.every, _SLACK, habit.pause * 5 / 4 - habit.every)
        if habit.every >= timedelta(hours=12) and habit.last - habit.since < _WEEK:
            slack += timedelta(days=1)  # a weekend was not seen yet
        limit = max(habit.last, self._ears.since_of(habit.source)) + habit.every + slack
        until = self._ears.until(habit.source)
        still = self._still(known_as(Sort.OVERDUE, habit.key), habit.last)
        if not still and (until <= limit or not habit.runs_at(until)):
            self._wake(limit + LAG if until <= limit else _next_hour(self._now))
            return
        expected = habit.last + habit.every
        ago = span(self._now - habit.last)
        title = clean(f"{habit.subject} is overdue: it runs every {span(habit.every)}, last began {ago} ago")
        yield self._of_job(Sort.OVERDUE, habit, title, Severity.SEV3, expected)

    def _together(self, overdue: list[Late]) -> Iterator[Late]:
        """Jobs of a source that says nothing at all are overdue for one reason; what was said before stands."""
        sources = {habit.key: habit.source for habit in self._habits}
        of_source: dict[Safe, list[Late]] = defaultdict(list)
        for one in overdue:
            of_source[sources[one.name]].append(one)
        for source, late in of_source.items():
            heard = self._ears.heard.get(source)
            still = self._still(known_as(Sort.UNHEARD, source), heard)
            silent = len(late) >= TOGETHER and heard is not None and heard <= min(one.since for one in late)
            if heard is None or not (silent or still):
                yield from late
                continue
            yield from (one for one in late if one.identity in self._opened)
            since = self._opened.get(known_as(Sort.UNHEARD, source), heard)
            title = clean(f"nothing is heard of {source} for {span(self._now - heard)}: {len(late)} jobs are overdue")
            yield Late(sort=Sort.UNHEARD, name=source, subject=source, title=title, severity=Severity.SEV2, since=since)

    def _silent(self, heartbeats: Sequence[Heartbeat]) -> Iterator[Late]:
        """An alert that is to fire always, and is not heard any more."""
        for beat in heartbeats:
            if self._ears.is_pulled(beat.source):
                after = beat.gone + SILENT_AFTER if beat.gone is not None else None
            elif beat.gone is not None:
                after = max(beat.gone, self._ears.since) + SILENT_AFTER
            elif beat.every is not None:
                after = max(beat.last, self._ears.since) + max(_SILENT_TIMES * beat.every, SILENT_AFTER)
            else:
                after = None
            still = self._still(known_as(Sort.SILENT, beat.key), beat.last)
            if after is None or self._now - beat.last > _FORGOTTEN:
                continue
            self._wake(after + timedelta(seconds=1))
            if still or self._now > after:
                ago = span(self._now - beat.last)
                title = clean(f"{beat.name} of {beat.source} is silent for {ago}: alerts of that source may not arrive")
                yield Late(
                    sort=Sort.SILENT,
                    name=beat.key,
                    subject=beat.source,
                    title=title,
                    severity=Severity.SEV2,
                    since=self._opened.get(known_as(Sort.SILENT, beat.key), beat.last),
                )


def _needed(came: Sequence[datetime], deadline: Deadline, due: datetime) -> bool:
    """Whether it usually comes before this deadline, and has not come yet."""
    found = arrivals_at(came, deadline, due) if came else None
    return found is not None and found.expected and not found.there


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _clock(moment: datetime, deadline: Deadline, *, zone: bool = True) -> str:
    """The time of day where it is due, with its zone but for UTC."""
    local = moment.astimezone(zone_of(deadline))
    return f"{local:%H:%M}" if not zone or local.tzinfo is UTC or deadline.timezone == "UTC" else f"{local:%H:%M %Z}"


def _last(came: datetime, deadline: Deadline, now: datetime) -> str:
    local, today = came.astimezone(zone_of(deadline)), now.astimezone(zone_of(deadline)).date()
    days = (today - local.date()).days
    day = {0: "today", 1: "yesterday"}.get(days, f"{local:%a} {local.day} {local:%b}")
    return f"{day} {local:%H:%M}"
