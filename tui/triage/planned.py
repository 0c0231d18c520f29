"""Announced work: a message that names a time window and what it touches. It excuses, it never hides."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from tui.model.catalog import normal
from tui.model.signal import Signal, SignalStatus
from tui.triage.places import Places
from tui.triage.trouble import Trouble, words_of

_TELLING: Final = 6  # characters of a word that names something
GRACE: Final = timedelta(minutes=20)
"""How long after its end announced work still excuses what it started."""
_MARKS: Final = re.compile(r"[,;!?()'\"#*]")
_WINDOW: Final = re.compile(
    r"\b([01]?\d|2[0-3])[:.h]([0-5]\d)\s*(?:-|–|to|until|till|bis|tot|à|al?)\s*([01]?\d|2[0-3])[:.h]([0-5]\d)"
)

_INTERVAL: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?)\s*(?:/|--|–)\s*(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?)"
)


class Works(msgspec.Struct, frozen=True, kw_only=True):
    """Work announced from one moment to another; `text` is what the announcement says, in normal form."""

    begins: datetime
    ends: datetime
    text: str

    @property
    def excuses_until(self) -> datetime:
        """From then on what still goes wrong is trouble like any other."""
        return self.ends + GRACE * 3

    def cover(self, trouble: Trouble, places: Places, now: datetime) -> bool:
        """Whether a trouble was announced: it began in the window, and the text names it or what it hangs on."""
        if not self.begins - timedelta(minutes=5) <= trouble.seen <= self.ends + GRACE or now >= self.excuses_until:
            return False
        if any(len(trait) >= _TELLING and f".{trait}." in self.text for trait in trouble.traits):
            return True
        named = set(places.mentioned(self.text))
        if trouble.node is not None and named:
            return trouble.node in named or any(name in places.up(trouble.node) for name in named)
        return not named and any(
            len(word) >= _TELLING and f".{word}." in self.text for word in words_of(trouble.subject)
        )


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def works_of(signal: Signal, now: datetime) -> Works | None:
    """The work that a message announces; None for anything that fires, or names no window."""
    if signal.status is not SignalStatus.INFO:
        return None
    told = " ".join((signal.subject, signal.title, *signal.labels.values()))
    text = f".{normal(_MARKS.sub(' ', told))}."
    starts = _moment(signal.labels.get("start")) or signal.starts or signal.at
    ends = _moment(signal.labels.get("end")) or signal.ended_at
    if starts is not None and ends is not None and ends > starts:
        return Works(begins=starts, ends=ends, text=text)
    if (interval := _INTERVAL.search(told)) is not None:
        starts, ends = _moment(interval[1]), _moment(interval[2])
        if starts is not None and ends is not None and ends > starts:
            return Works(begins=starts, ends=ends, text=text)
    found = _WINDOW.search(told)
    if found is None:
        return None
    first, last = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    day = now.astimezone(UTC).date()
    begins = datetime.combine(day, first, UTC)
    if begins < now - timedelta(hours=12):
        begins += timedelta(days=1)
    until = datetime.combine(begins.date(), last, UTC)
    ends = until + (timedelta(days=1) if until <= begins else timedelta(0))
    return Works(begins=begins, ends=ends, text=text)
