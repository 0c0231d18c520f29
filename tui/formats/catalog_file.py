"""The team's catalog file: what there is, who owns it, when it is due, and what is made from what. Pure.

A scenario's catalog.json is the same, and names the moment at which it starts.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tui.errors import ConfigError, NotJsonError
from tui.formats.decode import Json, parse_json
from tui.model.catalog import FIRST_SOURCE, Deadline, Edge, Facts, Node
from tui.model.moment import parse_time, rfc3339
from tui.model.text import Safe, clean

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DEADLINE: Final = 'write "06:30", or {"at": "06:30", "tz": "Europe/Berlin", "days": ["mon", "fri"]}'


class CatalogFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a catalog file says. `start`: when the first second of a scenario is; None in a team's own catalog."""

    start: datetime | None = None
    facts: Facts


def read_catalog(body: bytes, file: str) -> CatalogFile:
    """Read a catalog file; `file` is what mistakes call it. Keys that are not known are passed over.

    Raises ConfigError with all mistakes at once.
    """
    try:
        whole = parse_json(body)
    except NotJsonError as error:
        raise ConfigError([f"{file}: is not JSON: {error.why}"]) from None
    if not isinstance(whole, dict):
        raise ConfigError([f'{file}: is no catalog: write {{"nodes": […], "edges": […]}}'])
    reader = _Reader(file)
    start = reader.start(whole.get("start"))
    facts = Facts(source=FIRST_SOURCE, nodes=tuple(reader.nodes(whole)), edges=tuple(reader.edges(whole)))
    if reader.mistakes:
        raise ConfigError(reader.mistakes)
    return CatalogFile(start=start, facts=facts)


class _Reader:
    """Takes values out of a decoded file, and notes what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.mistakes: list[str] = []
        self._file = file

    def _wrong(self, key: str, what: str, mend: str) -> None:
        self.mistakes.append(f"{self._file}:{key}: {what}: {mend}")

    def start(self, value: Json) -> datetime | None:
        found = parse_time(value) if isinstance(value, str) else None
        if value is not None and found is None:
            self._wrong("start", "is no time", 'write "2026-03-01T02:00:00Z"')
        return found

    def _list(self, holder: dict[str, Json], name: str, key: str, mend: str) -> Sequence[Json]:
        value = holder.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._wrong(key, "is not a list", mend)
            return ()
        return value

    def nodes(self, whole: dict[str, Json]) -> Iterator[Node]:
        for n, value in enumerate(self._list(whole, "nodes", "nodes", 'write [{"name": "raw.orders"}, …]')):
            key = f"nodes[{n}]"
            if not isinstance(value, dict):
                self._wrong(key, "is no node", 'write {"name": "raw.orders", …}')
                continue
            name = value.get("name")
            if not isinstance(name, str) or not clean(name):
                self._wrong(f"{key}.name", "is missing or no text", 'write "name": "raw.orders"')
            yield self._node(value, clean(name), key)

    def _node(self, value: dict[str, Json], name: Safe, key: str) -> Node:
        return Node(
            name=name,
            kind=self._text(value, "kind", key),
            owner=self._text(value, "owner", key),
            tier=self._whole(value, "tier", key, "write 1 for the most important, 2, 3 …"),
            deadline=self._deadline(value.get("deadline"), f"{key}.deadline"),
            usual_minutes=self._whole(value, "usual_minutes", key, "write how many minutes a run takes"),
            runbook=self._text(value, "runbook", key),
            aliases=tuple(self._aliases(value, key)),
        )

    def edges(self, whole: dict[str, Json]) -> Iterator[Edge]:
        for n, value in enumerate(self._list(whole, "edges", "edges", 'write [["raw.orders", "mart.orders"], …]')):
            ends = [clean(end) for end in value if isinstance(end, str)] if isinstance(value, list) else []
            if isinstance(value, list) and len(value) == 2 and len(ends) == 2 and all(ends):
                yield Edge(ends[0], ends[1])
            else:
                self._wrong(f"edges[{n}]", "is no pair of names", 'write ["upstream", "downstream"]')

    def _text(self, value: dict[str, Json], name: str, key: str) -> Safe | None:
        found = value.get(name)
        if found is None:
            return None
        if isinstance(found, str):
            return clean(found) or None
        self._wrong(f"{key}.{name}", "is not text", 'write it in quotes: "…"')
        return None

    def _whole(self, value: dict[str, Json], name: str, key: str, mend: str) -> int | None:
        found = value.get(name)
        if found is None or (isinstance(found, int) and not isinstance(found, bool) and 0 < found < 1 << 31):
            return found
        if isinstance(found, float) and found.is_integer() and found > 0:
            return int(found)
        self._wrong(f"{key}.{name}", "is not a whole number above 0", mend)
        return None

    def _aliases(self, value: dict[str, Json], key: str) -> Iterator[Safe]:
        for n, alias in enumerate(self._list(value, "aliases", f"{key}.aliases", 'write ["…", "…"]')):
            if isinstance(alias, str) and clean(alias):
                yield clean(alias)
            else:
                self._wrong(f"{key}.aliases[{n}]", "is no name", 'write it in quotes: "…"')

    def _deadline(self, value: Json, key: str) -> Deadline | None:
        if value is None:
            return None
        if isinstance(value, str):
            at = self._at(value, key)
            return None if at is None else Deadline(at=at)
        if not isinstance(value, dict):
            self._wrong(key, "is no deadline", _DEADLINE)
            return None
        at = self._at(value.get("at"), f"{key}.at")
        zone, days = self._zone(value.get("tz"), f"{key}.tz"), tuple(self._days(value, key))
        return None if at is None else Deadline(at=at, timezone=zone, days=days)

    def _at(self, value: Json, key: str) -> time | None:
        found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            self._wrong(key, "is no time of day", _DEADLINE)
            return None
        return time(int(found[1]), int(found[2]))

    def _zone(self, value: Json, key: str) -> str:
        if value is None:
            return "UTC"
        try:
            return ZoneInfo(value).key if isinstance(value, str) else self._no_zone(key)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return self._no_zone(key)

    def _no_zone(self, key: str) -> str:
        self._wrong(key, "is no time zone", 'write "UTC" or "Europe/Berlin"')
        return "UTC"

    def _days(self, value: dict[str, Json], key: str) -> Iterator[int]:
        days = self._list(value, "days", f"{key}.days", 'write ["mon", "fri"], or [0, 4]')
        found: set[int] = set()
        for n, day in enumerate(days):
            if isinstance(day, str) and day.strip().lower()[:3] in DAYS:
                found.add(DAYS.index(day.strip().lower()[:3]))
            elif isinstance(day, int) and not isinstance(day, bool) and day in range(7):
                found.add(day)
            else:
                self._wrong(f"{key}.days[{n}]", "is no day of the week", 'write "mon" … "sun", or 0 for Monday … 6')
        yield from sorted(found)


def catalog_json(told: CatalogFile) -> bytes:
    """The same as a file that `read_catalog` reads back; one node and one edge a line."""
    start = [f' "start": {_json(rfc3339(told.start))},'] if told.start is not None else []
    nodes = ",\n".join(f"  {_json(_shape(node))}" for node in told.facts.nodes)
    edges = ",\n".join(f"  {_json([edge.up, edge.down])}" for edge in told.facts.edges)
    text = ["{", *start, ' "nodes": [', nodes, " ],", ' "edges": [', edges, " ]", "}"]
    return "\n".join(line for line in text if line).encode() + b"\n"


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()


def _shape(node: Node) -> Json:
    told: dict[str, Json] = {
        "name": node.name,
        "kind": node.kind,
        "owner": node.owner,
        "tier": node.tier,
        "deadline": None if node.deadline is None else _deadline_shape(node.deadline),
        "usual_minutes": node.usual_minutes,
        "runbook": node.runbook,
        "aliases": list(node.aliases) or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _deadline_shape(deadline: Deadline) -> Json:
    at = f"{deadline.at:%H:%M}"
    if deadline.timezone == "UTC" and not deadline.days:
        return at
    days: list[Json] = [DAYS[day] for day in deadline.days]
    return {"at": at, "tz": deadline.timezone, **({"days": days} if days else {})}
