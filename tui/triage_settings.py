"""The team's rules of triage, `[[triage.maintenance]]` and `[[triage.mute]]`. How files are found is in `config`."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final

import msgspec

from tui.model.text import Safe, clean
from tui.toml import Reader, Toml
from tui.triage.rules import Match, Mute, Rules, Window

_WINDOW: Final = ("name", "touches", "from", "to", "at", "for", "days", "timezone")
_MUTE: Final = ("name", "when", "mutes", "equal")
_MATCH: Final = ("subject", "title", "key", "source", "labels")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST: Final = timedelta(days=7)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_ZONE: Final = re.compile(r".*(?:Z|[+-]\d\d:?\d\d)", re.IGNORECASE)
_MOMENT: Final = "write 2026-12-01T22:00:00Z, with its zone"


def rules_of(reader: Reader, team: Mapping[str, Toml]) -> Rules:
    """The rules among the team's tables; mistakes go to `reader`."""
    section = reader.section(team, "triage", ("maintenance", "mute"))
    windows = [_window(reader, key, table) for key, table in reader.tables(section, "triage.maintenance", _WINDOW)]
    mutes = [_mute(reader, key, table) for key, table in reader.tables(section, "triage.mute", _MUTE)]
    return Rules(
        maintenance=tuple(window for window in windows if window is not None),
        mute=tuple(mute for mute in mutes if mute is not None),
    )


def _window(reader: Reader, key: str, table: Mapping[str, Toml]) -> Window | None:
    """One window; None where it would not be what was meant."""
    before = len(reader.mistakes)
    name, touches = clean(reader.text(table, f"{key}.name") or "", 60), reader.texts(table, f"{key}.touches")
    if not name and len(reader.mistakes) == before:
        reader.wrong(f"{key}.name", "is missing", 'write name = "warehouse upgrade": it is the reason people read')
    if not any(one.strip() for one in touches):
        reader.wrong(f"{key}.touches", "names nothing", 'write ["warehouse", "dbt*"], or ["*"] for everything')
    once, again = [word for word in ("from", "to") if word in table], [word for word in ("at", "for") if word in table]
    if bool(once) == bool(again):
        reader.wrong(key, "says not when, or says it twice", 'write from and to, or at = "02:00" and for = "30m"')
        return None
    named = Window(name=name, touches=tuple(clean(one) for one in touches if one.strip()))
    found = _once(reader, key, table, named) if once else _again(reader, key, table, named)
    return None if len(reader.mistakes) > before else found


def _once(reader: Reader, key: str, table: Mapping[str, Toml], window: Window) -> Window:
    for word in ("days", "timezone"):
        if word in table:
            reader.wrong(f"{key}.{word}", "goes with at and for only", "leave it out, or write at and for")
    begins, ends = _moment(reader, table, f"{key}.from"), _moment(reader, table, f"{key}.to")
    if begins is not None and ends is not None and ends <= begins:
        reader.wrong(f"{key}.to", "is not after from", "check both")
    return msgspec.structs.replace(window, begins=begins, ends=ends)


def _moment(reader: Reader, table: Mapping[str, Toml], key: str) -> datetime | None:
    from tui.model.moment import parse_time

    value = table.get(key.rpartition(".")[2])
    if value is None:
        reader.wrong(key, "is missing", _MOMENT)
        return None
    text = value.isoformat() if isinstance(value, datetime) else value
    if isinstance(text, str) and _ZONE.fullmatch(text.strip()) and (found := parse_time(text)) is not None:
        return found
    reader.wrong(key, f"{clean(str(value), 40)!r} is no moment", _MOMENT)
    return None


def _again(reader: Reader, key: str, table: Mapping[str, Toml], window: Window) -> Window:
    lasting = reader.span(table, f"{key}.for", None)
    if lasting is None and "for" not in table:
        reader.wrong(f"{key}.for", "is missing", 'write for = "30m"')
    elif lasting is not None and lasting > _LONGEST:
        reader.wrong(f"{key}.for", "is longer than a week", "write from and to")
    return msgspec.structs.replace(
        window,
        at=_clock(reader, table, f"{key}.at"),
        lasting=lasting or timedelta(0),
        days=_days(reader, table, f"{key}.days"),
        timezone=reader.zone(table, f"{key}.timezone"),
    )


def _clock(reader: Reader, table: Mapping[str, Toml], key: str) -> time:
    found = _CLOCK.fullmatch(str(table.get("at", "")).strip())
    if found is None:
        reader.wrong(key, "is no time of day", 'write at = "02:00"')
        return time()
    return time(int(found[1]), int(found[2]))


def _days(reader: Reader, table: Mapping[str, Toml], key: str) -> tuple[int, ...]:
    found = set()
    for day in reader.texts(table, key):
        if day.strip().lower()[:3] in _DAYS:
            found.add(_DAYS.index(day.strip().lower()[:3]))
        else:
            reader.wrong(key, f"{day!r} is no day of the week", 'write ["mon", "fri"]')
    return tuple(sorted(found))


def _mute(reader: Reader, key: str, table: Mapping[str, Toml]) -> Mute | None:
    before = len(reader.mistakes)
    when, mutes = _match(reader, key, table, "when"), _match(reader, key, table, "mutes")
    equal = tuple(reader.texts(table, f"{key}.equal")) if "equal" in table else None
    name = clean(reader.text(table, f"{key}.name") or "", 60)
    return None if len(reader.mistakes) > before else Mute(when=when, mutes=mutes, name=name, equal=equal)


def _match(reader: Reader, key: str, table: Mapping[str, Toml], side: str) -> Match:
    """One side of a mute. A side that says nothing would be everything, which nobody means."""
    before = len(reader.mistakes)
    here, mend = f"{key}.{side}", f'write {side} = {{ title = "*host is down*" }}'
    if not isinstance(table.get(side), dict):
        reader.wrong(here, "is no table" if side in table else "is missing", mend)
        return Match()
    found = reader.section(table, side, _MATCH, f"{key}.")
    labels = reader.section(found, "labels", None, f"{here}.")
    if not found and len(reader.mistakes) == before:
        reader.wrong(here, "names nothing", mend)

    for label, value in labels.items():
        if not isinstance(value, str):
            reader.wrong(f"{here}.labels.{label}", "is not text", 'write it in quotes: "…"')

    def glob(word: str) -> Safe | None:
        value = reader.text(found, f"{here}.{word}")
        return None if value is None else clean(value)

    return Match(
        subject=glob("subject"),
        title=glob("title"),
        key=glob("key"),
        source=glob("source"),
        labels={label: clean(value) for label, value in labels.items() if isinstance(value, str)},
    )
