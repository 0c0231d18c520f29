"""Severity: three grades, their shapes and words, their clocks, and what senders' words hint at."""

from datetime import datetime, time, timedelta
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec


class Severity(IntEnum):
    """1 respond now, 2 within hours, 3 next business day. A smaller number is worse."""

    SEV1 = 1
    SEV2 = 2
    SEV3 = 3

    @property
    def word(self) -> str:
        """`SEV1` …: always beside the shape, so that colour carries nothing alone."""
        return self.name

    @property
    def shape(self) -> str:
        return "▲■●"[self - 1]

    @property
    def ascii_shape(self) -> str:
        return "!=-"[self - 1]

    @property
    def meaning(self) -> str:
        return ("respond now", "within hours", "next business day")[self - 1]


WORDS: Final[dict[str, Severity]] = {
    word: severity
    for severity, words in (
        (Severity.SEV1, "critical crit emergency emerg alert fatal page p1 disaster sev1 down"),
        (Severity.SEV2, "error err high major p2 alarm sev2 failed crashed"),
        (Severity.SEV3, "warning warn medium average p3 minor low info notice p4 p5 debug sev3"),
    )
    for word in words.split()
}
"""Words seen in senders' payloads. A word that is not here gives no hint."""


def hint(word: str | None) -> Severity | None:
    """What a sender's own severity word suggests, whatever its case; None for an unknown one."""
    return WORDS.get(word.strip().lower()) if word else None


class BusinessHours(msgspec.Struct, frozen=True, kw_only=True):
    """When "next business day" begins: local start of work, working days, holidays (ISO dates)."""

    timezone: str = "UTC"
    start: time = time(9)
    end: time = time(17)
    days: tuple[int, ...] = (0, 1, 2, 3, 4)  # Monday is 0
    holidays: tuple[str, ...] = ()

    def next_day(self, after: datetime, count: int = 1) -> datetime:
        """The end of work on the `count`-th business day after the day of `after`, as UTC."""
        zone = ZoneInfo(self.timezone)
        day = after.astimezone(zone).date()
        while count > 0:
            day += timedelta(days=1)
            if day.weekday() in self.days and day.isoformat() not in self.holidays:
                count -= 1
        local = datetime.combine(day, self.end, tzinfo=zone)
        return local.astimezone(after.tzinfo)


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks of one severity. None means: no clock of minutes, business hours decide."""

    acknowledge: timedelta | None
    first_update: timedelta | None
    update: timedelta | None
    rca_days: int | None = None
    rca_business_days: int | None = None


class SeverityRules(msgspec.Struct, frozen=True, kw_only=True):
    """`[severity]`: the clocks of each grade and the business hours they use."""

    sev1: Targets = Targets(
        acknowledge=timedelta(minutes=5),
        first_update=timedelta(minutes=5),
        update=timedelta(minutes=20),
        rca_days=3,
    )
    sev2: Targets = Targets(
        acknowledge=timedelta(minutes=30),
        first_update=timedelta(minutes=60),
        update=timedelta(minutes=60),
        rca_business_days=5,
    )
    sev3: Targets = Targets(acknowledge=None, first_update=None, update=None, rca_business_days=5)
    hours: BusinessHours = BusinessHours()

    def targets(self, severity: Severity) -> Targets:
        return (self.sev1, self.sev2, self.sev3)[severity - 1]

    def targets_of(self, name: str) -> Targets:
        """The clocks of `sev1`, `sev2` or `sev3`, as the settings name them."""
        return self.targets(Severity[name.upper()])

    def acknowledge_by(self, severity: Severity, since: datetime) -> datetime:
        """When somebody must have acknowledged what was proposed at `since`."""
        within = self.targets(severity).acknowledge
        return self.hours.next_day(since) if within is None else since + within

    def update_by(self, severity: Severity, declared: datetime, last: datetime | None) -> datetime | None:
        """When the next status update is due; None where updates go out on change only."""
        targets = self.targets(severity)
        if last is None:
            return None if targets.first_update is None else declared + targets.first_update
        return None if targets.update is None else last + targets.update

    def rca_by(self, severity: Severity, resolved: datetime) -> datetime:
        """When the root-cause analysis is due."""
        targets = self.targets(severity)
        if targets.rca_days is not None:
            return resolved + timedelta(days=targets.rca_days)
        return self.hours.next_day(resolved, targets.rca_business_days or 5)
