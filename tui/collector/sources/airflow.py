"""Airflow, by its REST API: runs of all DAGs that changed since the last poll, and their tasks in trouble."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from tui.collector.sources.haul import Haul, Known, News, encode, unreadable
from tui.collector.sources.http import Http, Query
from tui.collector.sources.lists import PAGE, paged, text
from tui.config import SourceSettings
from tui.formats.decode import Json
from tui.model.moment import parse_time
from tui.store.sources import Cursor

_FIRST: Final = timedelta(hours=24)  # how far back the first poll looks
_OVERLAP: Final = timedelta(seconds=30)  # its clock may be behind ours, and its commits later than their times
_RUNS: Final = ("failed", "running", "success")
_TROUBLE: Final = ("failed", "up_for_retry")
_VERSIONS: Final = ("/api/v2", "/api/v1")
_MOST_DAGS: Final = 50  # with tasks in trouble, asked one by one whether those recovered

Item = dict[str, Json]


class Airflow:
    """One Airflow: version 3, else version 2."""

    def __init__(self, settings: SourceSettings, http: Http) -> None:
        self.pause = settings.every.total_seconds()
        self._http = http
        self._api = ""
        self._known = Known()

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        since = parse_time(cursor.get("since")) or now - _FIRST
        changed = (since - _OVERLAP).isoformat()
        runs = in_order(await self._runs(changed))
        troubled = troubled_tasks(cursor)
        tasks = in_order(await self._troubles(troubled, changed))
        news = self._known.news((_name(item), _said(item)) for item in (*runs, *tasks))
        return Haul(
            bodies=tuple(_bodies("task_instances", tasks, news) + _bodies("dag_runs", runs, news)),
            cursor={"since": now.isoformat(), "troubled": [*still_troubled(troubled, tasks)]},
            kept=news.keep,
        )

    async def _troubles(self, troubled: set[tuple[str, str]], changed: str) -> list[Item]:
        """Tasks that failed, and those among the ones in trouble that succeeded since. A DAG that is gone leaves it."""
        tasks = await self._tasks("~", _TROUBLE, changed) or []
        for dag in sorted({dag for dag, _ in troubled})[:_MOST_DAGS]:
            done = await self._tasks(dag, ("success",), changed)
            if done is None:
                troubled -= {place for place in troubled if place[0] == dag}
                continue
            tasks += [task for task in done if (dag, text(task, "task_id")) in troubled]
        return tasks

    async def _runs(self, changed: str) -> list[Item]:
        query = [*(("state", state) for state in _RUNS), ("updated_at_gte", changed), ("order_by", "-end_date")]
        return await self._list("/dags/~/dagRuns", query, "dag_runs") or []

    async def _tasks(self, dag: str, states: Iterable[str], changed: str) -> list[Item] | None:
        query = [*(("state", state) for state in states), ("updated_at_gte", changed)]
        return await self._list(f"/dags/{quote(dag, safe='~')}/dagRuns/~/taskInstances", query, "task_instances")

    async def _list(self, path: str, query: Query, name: str) -> list[Item] | None:
        """All of a list; None where the thing it belongs to is not there."""
        api = self._api or await self._version()
        missing = False

        async def ask(offset: int) -> Json:
            nonlocal missing
            page = [*query, ("limit", str(PAGE)), ("offset", str(offset))]
            answer = await self._http.get(api + path, page, may_miss="~/dagRuns" not in path)
            missing = missing or answer.missing
            return answer.json

        found = await paged(ask, name)
        return None if missing else found

    async def _version(self) -> str:
        """Which of its addresses is there."""
        for version in _VERSIONS:
            if not (await self._http.get(f"{version}/version", may_miss=True)).missing:
                self._api = version
                return version
        raise unreadable("there is no Airflow", "neither /api/v2 nor /api/v1 is there", "check the url")

    def broke_off(self) -> None:
        self._api = ""  # it may have been upgraded

    def asked_to_wait(self) -> float | None:
        return self._http.asked_to_wait

    async def close(self) -> None:
        await self._http.close()


def in_order(items: list[Item]) -> list[Item]:
    """What ended first comes first, what has not ended comes last: of several runs of a DAG the last word counts."""
    return sorted(items, key=lambda item: (text(item, "end_date") or "~", text(item, "start_date")))


def troubled_tasks(cursor: Cursor) -> set[tuple[str, str]]:
    """The tasks in trouble at the last poll, as (DAG, task)."""
    pairs = cursor.get("troubled")
    found = [pair for pair in pairs if isinstance(pair, list) and len(pair) == 2] if isinstance(pairs, list) else []
    return {(str(dag), str(task)) for dag, task in found}


def still_troubled(before: set[tuple[str, str]], tasks: list[Item]) -> list[list[Json]]:
    """The tasks in trouble after those of this poll, in the order in which they ended."""
    left = set(before)
    for task in tasks:
        place = (text(task, "dag_id"), text(task, "task_id"))
        (left.discard if text(task, "state") == "success" else left.add)(place)
    return [list(pair) for pair in sorted(left)]


def _bodies(name: str, items: list[Item], news: News) -> list[bytes]:
    """Bodies as the API itself answers, with what is news."""
    fresh: list[Json] = [item for item in items if _name(item) in news.names]
    parts = (fresh[n : n + PAGE] for n in range(0, len(fresh), PAGE))
    return [encode({name: part, "total_entries": len(part)}) for part in parts]


def _name(item: Item) -> str:
    return str([item.get(name) for name in ("dag_id", "dag_run_id", "task_id", "map_index")])


def _said(item: Item) -> Json:
    """What is news of a run or a task; the scheduler touches it more often than that."""
    return [item.get(name) for name in ("state", "try_number", "start_date", "end_date")]
