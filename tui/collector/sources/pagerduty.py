"""PagerDuty, by its REST API: open incidents, how the others ended, and what people did to them."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final

from tui.collector.sources.haul import Haul, Known, OpenAlerts, encode
from tui.collector.sources.http import Http, Query
from tui.collector.sources.lists import PAGE, objects, paged, text
from tui.collector.sources.marks import were_heard
from tui.config import SourceSettings
from tui.formats.base import inside, plain
from tui.formats.decode import Json
from tui.formats.pagerduty_webhook import NAME
from tui.model.alert import Alert
from tui.model.moment import parse_time
from tui.model.text import Safe
from tui.store.sources import Cursor

_FIRST: Final = timedelta(hours=24)  # how far back the first poll reads the log
_OVERLAP: Final = timedelta(seconds=60)  # entries may be listed a little later than they happened
_ENTRIES: Final = re.compile(r"(acknowledge|unacknowledge|reopen|resolve|annotate)_log_entry(?:_reference)?")
_INCIDENT: Final = re.compile(r"[A-Z0-9]{6,30}")
_MOST_ASKED: Final = 25  # incidents asked for one by one in one poll; the rest in the next
_SAID: Final = (
    "status", "title", "urgency", "priority", "service", "assignments", "acknowledgements", "last_status_change_at",
)  # fmt: skip

Item = dict[str, Json]


class PagerDuty:
    """One account, as far as the token sees it."""

    def __init__(
        self, settings: SourceSettings, http: Http, source: Safe, open_alerts: OpenAlerts, remind: timedelta
    ) -> None:
        self.pause = settings.every.total_seconds()
        self._http = http
        self._source = source
        self._open_alerts = open_alerts
        self._remind = remind
        self._known = Known()
        self._unknown_there: set[str] = set()

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        held = {alert.key.removeprefix(f"{self._source}:"): alert for alert in await self._open_alerts((NAME,))}
        listed = {text(one, "id"): _first_person(one) for one in await self._incidents()}
        since = (parse_time(cursor.get("since")) or now - _FIRST) - _OVERLAP
        entries = [entry for entry in await self._log("/log_entries", since) if _counts(entry)]
        log = [entry for entry in entries if _incident(entry) in {*listed, *held}]
        begun = await self._begun(listed, held)
        ended = await self._ended(listed, held)
        incidents = [*listed.values(), *ended]
        news = self._known.news([*_named(incidents), *((text(one, "id"), text(one, "id")) for one in log)])
        fresh = [one for one in incidents if text(one, "id") in news.names]
        told = [one for one in log if text(one, "id") in news.names]
        return Haul(
            bodies=(*_bodies("log_entries", begun), *_bodies("incidents", fresh), *_bodies("log_entries", told)),
            cursor={"since": now.isoformat()},
            after=partial(were_heard, alerts=self._still(held, listed, fresh, now)),
            kept=news.keep,
        )

    def _still(self, held: dict[str, Alert], listed: Iterable[str], fresh: list[Item], now: datetime) -> list[int]:
        """Alerts of incidents that are listed as before, and were not heard of for a while."""
        told = {text(one, "id") for one in fresh}
        names = (name for name in listed if name in held and name not in told)
        return [held[name].id for name in names if now - held[name].last_seen >= self._remind]

    async def _incidents(self) -> list[Item]:
        states = [("statuses[]", "triggered"), ("statuses[]", "acknowledged")]
        return await self._list("/incidents", [*states, ("date_range", "all"), ("sort_by", "created_at:asc")])

    async def _log(self, path: str, since: datetime | None) -> list[Item]:
        """What people did, oldest first."""
        query = [("since", since.isoformat())] if since else []
        found = await self._list(path, [*query, ("is_overview", "false")], "log_entries")
        return sorted(found, key=lambda entry: text(entry, "created_at"))

    async def _begun(self, listed: dict[str, Item], held: dict[str, Alert]) -> list[Item]:
        """The log of incidents that no person acknowledged before we knew them: else nothing tells that they fire."""
        late = [
            name
            for name, one in listed.items()
            if name not in held and text(one, "status") == "acknowledged" and not objects(one, "acknowledgements")
        ]
        logs = [await self._log(f"/incidents/{name}/log_entries", None) for name in late[:_MOST_ASKED]]
        return [entry for log in logs for entry in log if "trigger" in text(entry, "type")]

    async def _ended(self, listed: dict[str, Item], held: dict[str, Alert]) -> list[Item]:
        """Incidents that the store has as open and PagerDuty lists no more."""
        found: list[Item] = []
        gone = [name for name in held if name not in listed and name not in self._unknown_there]
        for name in [name for name in gone if _INCIDENT.fullmatch(name)][:_MOST_ASKED]:
            answer = await self._http.get(f"/incidents/{name}", may_miss=True)
            if answer.missing:
                self._unknown_there.add(name)  # an alert that somebody sent us by its Events API
            elif isinstance(one := inside(answer.json, "incident"), dict):
                found.append(one)
        return found

    async def _list(self, path: str, query: Query, name: str = "incidents") -> list[Item]:
        async def ask(offset: int) -> Json:
            return (await self._http.get(path, [*query, ("limit", str(PAGE)), ("offset", str(offset))])).json

        return await paged(ask, name)

    def broke_off(self) -> None:
        pass

    def asked_to_wait(self) -> float | None:
        return self._http.asked_to_wait

    async def close(self) -> None:
        await self._http.close()


def _named(incidents: Iterable[Item]) -> list[tuple[str, Json]]:
    return [(text(one, "id"), [one.get(name) for name in _SAID]) for one in incidents]


def _bodies(name: str, items: Sequence[Item]) -> list[bytes]:
    """Bodies as the API itself answers."""
    parts: list[list[Json]] = [[*items[n : n + PAGE]] for n in range(0, len(items), PAGE)]
    return [encode({name: part, "limit": PAGE, "offset": 0, "more": False}) for part in parts]


def _incident(entry: Item) -> str:
    """The incident of a log entry that tells something; empty for another one (who was called, and how)."""
    return plain(inside(entry, "incident", "id")) if _ENTRIES.fullmatch(text(entry, "type")) else ""


def _counts(entry: Item) -> bool:
    """A service that acknowledges by itself is nobody who looks at it."""
    return not text(entry, "type").startswith("acknowledge") or _is_person(inside(entry, "agent"))


def _first_person(incident: Item) -> Item:
    """The incident with the first person of those who acknowledged it: that one counts, whoever came later."""
    people = (one for one in objects(incident, "acknowledgements") if _is_person(one.get("acknowledger")))
    return {**incident, "acknowledgements": list(islice(people, 1))}


def _is_person(who: Json) -> bool:
    return "user" in plain(inside(who, "type"))
