"""When a thing is due: the moments of a deadline, whatever its zone and days."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tui.model.catalog import Deadline


def zone_of(deadline: Deadline) -> tzinfo:
    """The zone in which it is told; UTC where nobody knows the one it names."""
    try:
        return ZoneInfo(deadline.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def due_after(deadline: Deadline, moment: datetime) -> datetime:
    """The first time at or after `moment` at which it is due, in UTC. A zone nobody knows counts as UTC."""
    zone = zone_of(deadline)
    local = moment.astimezone(zone)
    for days in range(8):
        day = local.date() + timedelta(days=days)
        due = datetime.combine(day, deadline.at, tzinfo=zone).astimezone(UTC)
        if due >= moment and (not deadline.days or day.weekday() in deadline.days):
            return due
    return moment + timedelta(days=8)


def dues_until(deadline: Deadline, moment: datetime, count: int) -> list[datetime]:
    """The last `count` times up to `moment` at which it was due, the oldest first."""
    days = 7 * count // (len(set(deadline.days)) or 7) + 8
    due, found = due_after(deadline, moment - timedelta(days=days)), []
    while due <= moment:
        found.append(due)
        due = due_after(deadline, due + timedelta(microseconds=1))
    return found[-count:]
