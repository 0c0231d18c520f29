"""The team's own rules as values: maintenance windows, and what mutes what. How triage follows them is in `excuses`."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

import msgspec

from tui.model.text import Safe


@lru_cache(1 << 10)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in glob.lower().split("*")), re.DOTALL)


def fits(glob: str, text: str) -> bool:
    """Whether a whole text is like `glob`, in which `*` stands for anything; capitals don't matter."""
    return _pattern(glob).fullmatch(text.lower()) is not None


class Span(msgspec.Struct, frozen=True, order=True):
    """From one moment to another, in UTC."""

    begins: datetime
    ends: datetime


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Maintenance: once `begins` to `ends`, or again and again `at` this local time `lasting` so long.

    `touches`: names of the catalog, subjects or sources, with `*`; what is made from a named node is
    touched as well. `days`: Monday is 0; none named: every day.
    """

    name: Safe
    touches: tuple[Safe, ...]
    begins: datetime | None = None
    ends: datetime | None = None
    at: time | None = None
    lasting: timedelta = timedelta(0)
    days: tuple[int, ...] = ()
    timezone: str = "UTC"

    def open_at(self, now: datetime) -> Span | None:
        """The span that holds `now`, its end not included; None while there is no maintenance."""
        found = [span for span in self._spans(now) if span.begins <= now < span.ends]
        return max(found, key=lambda span: span.ends, default=None)

    def _spans(self, now: datetime) -> list[Span]:
        if self.begins is not None and self.ends is not None:
            return [Span(self.begins, self.ends)]
        if self.at is None:
            return []
        from zoneinfo import ZoneInfo

        zone = ZoneInfo(self.timezone)
        today = now.astimezone(zone).date()
        days = [today - timedelta(days=back) for back in range(self.lasting.days + 2)]
        starts = [
            datetime.combine(day, self.at, tzinfo=zone).astimezone(UTC)
            for day in days
            if not self.days or day.weekday() in self.days
        ]
        return [Span(start, start + self.lasting) for start in starts]


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """What a trouble is, in patterns with `*`; None: anything. All of them must fit, of `labels` each named one."""

    subject: Safe | None = None
    title: Safe | None = None
    key: Safe | None = None
    source: Safe | None = None
    labels: dict[str, Safe] = {}

    def fits(self, *, subject: str, title: str, key: str, source: str, labels: Mapping[str, str]) -> bool:
        """Whether a signal that says this is meant."""
        told = ((self.subject, subject), (self.title, title), (self.key, key), (self.source, source))
        return all(glob is None or fits(glob, text) for glob, text in told) and all(
            fits(glob, labels.get(label, "")) for label, glob in self.labels.items()
        )


class Mute(msgspec.Struct, frozen=True, kw_only=True):
    """While what fits `when` fires, what fits `mutes` needs nobody.

    `equal`: labels that both must have, with the same value; None: both must speak of the same node or
    subject; empty: nothing need be equal.
    """

    when: Match
    mutes: Match
    name: Safe = Safe("")
    equal: tuple[str, ...] | None = None


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """All rules of a team."""

    maintenance: tuple[Window, ...] = ()
    mute: tuple[Mute, ...] = ()

    def open_at(self, now: datetime) -> list[tuple[Window, Span]]:
        """The windows that are open now, with their ends."""
        return [(window, span) for window in self.maintenance if (span := window.open_at(now)) is not None]


NO_RULES = Rules()
"""Those of a team that has set none."""


def until(end: datetime, now: datetime) -> str:
    """When something ends: `02:30Z`, with the date where that is more than a day ahead."""
    day = "" if end - now < timedelta(days=1) else f"{end:%Y-%m-%d} "
    return f"{day}{end.astimezone(UTC):%H:%M}Z"
