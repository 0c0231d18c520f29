"""When a thing is due: the moments of a deadline, whatever its zone and days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tui.model.catalog import Deadline


def due_after(deadline: Deadline, moment: datetime) -> datetime:
    """The first time at or after `moment` at which it is due, in UTC. A zone nobody knows counts as UTC."""
    try:
        zone: ZoneInfo | None = ZoneInfo(deadline.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = None
    local = moment.astimezone(zone or UTC)
    for days in range(8):
        day = local.date() + timedelta(days=days)
        due = datetime.combine(day, deadline.at, tzinfo=zone or UTC).astimezone(UTC)
        if due >= moment and (not deadline.days or day.weekday() in deadline.days):
            return due
    return moment + timedelta(days=8)
