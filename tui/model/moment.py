"""Times and durations: to and from text. A time is an aware `datetime` in UTC; nothing here reads a clock."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?\s*(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])", re.IGNORECASE)
_SPAN_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def to_micros(at: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """The inverse of `to_micros`."""
    return _EPOCH + timedelta(microseconds=micros)


def parse_time(text: object) -> datetime | None:
    """A sender's time in UTC, or None when it is not set or can't be read.

    Takes RFC 3339 with 0 to 12 fractional digits (cut to microseconds), offsets with or
    without a colon, no zone (read as UTC), and epoch seconds, milli-, micro- and
    nanoseconds as number or digits. Year 1 and epoch 0 mean "not set" (Alertmanager).
    """
    if isinstance(text, bool) or text is None:
        return None
    try:
        if isinstance(text, int | float):
            return _from_epoch(float(text))
        if not isinstance(text, str):
            return None
        stripped = text.strip()[:64]
        if re.fullmatch(r"\d{9,20}(\.\d+)?", stripped):
            return _from_epoch(float(stripped))
        return _from_rfc3339(stripped)
    except (ValueError, OverflowError):
        return None


def _from_epoch(number: float) -> datetime | None:
    if not 0 < number < 1e20:
        return None
    while number > 1e11:  # 1e11 s is the year 5138: a larger number has a finer unit
        number /= 1000
    return _EPOCH + timedelta(seconds=number)


def _from_rfc3339(text: str) -> datetime | None:
    found = _RFC3339.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute = (int(found[n]) for n in range(1, 6))
    micros = int((found[7] or "0").ljust(6, "0")[:6])
    if year <= 1:
        return None
    at = datetime(year, month, day, hour, minute, int(found[6] or 0) % 60, micros, tzinfo=UTC)
    zone = found[8] or "Z"
    if zone not in ("Z", "z"):
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        at = at - offset if zone[0] == "+" else at + offset
    return at


def parse_span(text: str) -> timedelta:
    """A length of time such as `90s`, `15m`, `2h`, `1h30m`, `3d`. Raises ValueError."""
    compact = text.strip()
    parts = list(_SPAN.finditer(compact))
    if not parts or "".join(part[0] for part in parts) != compact:
        raise ValueError(f"{compact!r} is not a length of time like 90s, 15m or 1h30m")
    seconds = sum(float(part[1]) * _SPAN_SECONDS[part[2].lower()] for part in parts)
    if not 0 < seconds < 10 * 365 * 86_400:
        raise ValueError(f"{compact!r} is out of range")
    return timedelta(seconds=seconds)


def parse_when(text: str, now: datetime) -> datetime:
    """A person's time: RFC 3339, `2026-11-24`, `14:05` (today, UTC; yesterday if it would be ahead), `20m ago`.

    Raises ValueError when it is none of these.
    """
    word = text.strip()
    if word == "now":
        return now
    if word.endswith(" ago"):
        return now - parse_span(word[:-4])
    if clock := re.fullmatch(r"(\d{1,2}):(\d\d)(?::(\d\d))?Z?", word):
        at = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0), microsecond=0)
        return at if at <= now + timedelta(minutes=5) else at - timedelta(days=1)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", word):
        day = date.fromisoformat(word)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    if (at_or_none := parse_time(word)) is not None:
        return at_or_none
    raise ValueError(f"{word!r} is not a time like 14:05, 20m ago or 2026-11-24T14:05Z")


def rfc3339(at: datetime | None) -> str | None:
    """`at` to the second with `Z`, or None: the form of every time in JSON and in reports."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def span(length: timedelta) -> str:
    """A duration with units, two at most: `40s`, `2m11s`, `3h12m`, `2d4h`. Below zero reads `0s`.

    Under ten minutes seconds are told, under an hour minutes and seconds, over an hour minutes only.
    """
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        minutes, rest = divmod(seconds, 60)
        return f"{minutes}m{rest:02d}s" if rest else f"{minutes}m"
    if seconds < 86_400:
        hours, rest = divmod(seconds, 3600)
        return f"{hours}h{rest // 60:02d}m" if rest >= 60 else f"{hours}h"
    days, rest = divmod(seconds, 86_400)
    return f"{days}d{rest // 3600}h" if rest >= 3600 else f"{days}d"


def short_span(length: timedelta) -> str:
    """A duration in one unit or `3h12m`: `40s`, `18m`, `3h12m`, `2d`; for narrow columns."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    if seconds < 86_400:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02d}m"
    return f"{seconds // 86_400}d"


def due(at: datetime, now: datetime) -> str:
    """`in 3m` before `at`, `late 4m` after it."""
    left = at - now
    return f"in {short_span(left)}" if left >= timedelta(0) else f"late {short_span(-left)}"
