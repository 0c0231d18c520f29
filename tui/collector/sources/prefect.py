"""Prefect, by its REST API: flow runs that ended since the last poll, and those that are late or wait for a retry."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from tui.collector.sources.haul import Haul, Known, encode
from tui.collector.sources.http import Http
from tui.collector.sources.lists import PAGE, PAGES, objects, text
from tui.config import SourceSettings
from tui.formats.base import inside
from tui.formats.decode import Json
from tui.model.moment import parse_time
from tui.store.sources import Cursor

_ENDED: Final = ("FAILED", "CRASHED", "CANCELLED", "COMPLETED")
_WAITING: Final = ("Late", "AwaitingRetry")
_FIRST: Final = timedelta(hours=24)  # how far back the first poll looks
_OVERLAP: Final = timedelta(seconds=30)  # its clock may be behind ours
_NAMES_KEPT: Final = 5_000

Item = dict[str, Json]


class Prefect:
    """One Prefect server or workspace; its address ends with `/api`, or with the workspace's."""

    def __init__(self, settings: SourceSettings, http: Http) -> None:
        self.pause = settings.every.total_seconds()
        self._http = http
        self._known = Known()
        self._names: dict[str, str] = {}

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        since = (parse_time(cursor.get("since")) or now - _FIRST) - _OVERLAP
        waiting = await self._page({"state": {"name": {"any_": list(_WAITING)}}}, "EXPECTED_START_TIME_ASC", 0)
        runs = sorted([*await self._ended(since), *waiting], key=_ended_at)
        news = self._known.news((text(run, "id"), _said(run)) for run in runs)
        fresh = [run for run in runs if text(run, "id") in news.names]
        await self._learn("flows", (text(run, "flow_id") for run in fresh))
        await self._learn("deployments", (text(run, "deployment_id") for run in fresh))
        told: list[Json] = [self._told(run) for run in fresh]
        bodies = tuple(encode(told[n : n + PAGE]) for n in range(0, len(told), PAGE))
        return Haul(bodies=bodies, cursor={"since": now.isoformat()}, kept=news.keep)

    async def _ended(self, since: datetime) -> list[Item]:
        """Those that ended since then. Older servers can't filter by the end, but list the latest first."""
        found: list[Item] = []
        for number in range(PAGES):
            page = await self._page({"state": {"type": {"any_": list(_ENDED)}}}, "END_TIME_DESC", number * PAGE)
            fresh = [run for run in page if (ended := parse_time(run.get("end_time"))) is None or ended >= since]
            found += fresh
            if len(fresh) < len(page) or len(page) < PAGE:
                break
        return found

    async def _page(self, which: Json, sort: str, offset: int) -> list[Item]:
        asked: Json = {"flow_runs": which, "sort": sort, "limit": PAGE, "offset": offset}
        return objects((await self._http.post("/flow_runs/filter", asked)).json)

    async def _learn(self, sort: str, numbers: Iterable[str]) -> None:
        """Ask once for the names of flows or deployments: runs name them by their ids alone."""
        unknown = sorted({one for one in numbers if one and one not in self._names})[:PAGE]
        if not unknown:
            return
        asked: Json = {sort: {"id": {"any_": list(unknown)}}, "limit": PAGE}
        answer = await self._http.post(f"/{sort}/filter", asked)
        self._names |= dict.fromkeys(unknown, "") | {text(one, "id"): text(one, "name") for one in objects(answer.json)}
        for oldest in list(self._names)[:-_NAMES_KEPT]:
            del self._names[oldest]

    def _told(self, run: Item) -> Json:
        """A run with the names of what it is a run of, where they are known."""
        named: Item = {"flow_run": run}
        for sort in ("flow", "deployment"):
            number = text(run, f"{sort}_id")
            if name := self._names.get(number):
                named[sort] = {"id": number, "name": name}
        return named

    def broke_off(self) -> None:
        pass

    def asked_to_wait(self) -> float | None:
        return self._http.asked_to_wait

    async def close(self) -> None:
        await self._http.close()


def _said(run: Item) -> Json:
    return [run.get("state_type"), run.get("state_name"), run.get("run_count"), inside(run, "state", "timestamp")]


def _ended_at(run: Item) -> str:
    """Of several runs of a flow the last word counts."""
    return text(run, "end_time") or "~"
