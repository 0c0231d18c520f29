"""Dagster, by its GraphQL: runs of all jobs that changed since the last poll."""

from datetime import datetime, timedelta
from typing import Final

from tui.collector.sources.haul import Haul, Known, encode, unreadable
from tui.collector.sources.http import Http
from tui.collector.sources.lists import PAGE, PAGES, objects, text
from tui.config import SourceSettings
from tui.formats.base import first_text, inside
from tui.formats.decode import Json
from tui.model.moment import parse_time
from tui.store.sources import Cursor

QUERY: Final = """
query Runs($filter: RunsFilter, $limit: Int, $cursor: String) {
  runsOrError(filter: $filter, limit: $limit, cursor: $cursor) {
    __typename
    ... on Runs {
      results {
        __typename
        id
        runId
        jobName
        status
        startTime
        endTime
        updateTime
        tags { key value }
        repositoryOrigin { repositoryName repositoryLocationName }
      }
    }
    ... on InvalidPipelineRunsFilterError { message }
    ... on PythonError { message }
  }
}
"""

_STATUSES: Final = ("FAILURE", "SUCCESS", "STARTED", "CANCELED")
_FIRST: Final = timedelta(hours=24)  # how far back the first poll looks
_OVERLAP: Final = timedelta(seconds=30)  # its clock may be behind ours
_PLACE: Final = "/graphql"


class Dagster:
    """One Dagster."""

    def __init__(self, settings: SourceSettings, http: Http) -> None:
        self.pause = settings.every.total_seconds()
        self._path = "" if settings.url.endswith(_PLACE) else _PLACE
        self._http = http
        self._known = Known()

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        since = parse_time(cursor.get("since")) or now - _FIRST
        runs = sorted(await self._runs((since - _OVERLAP).timestamp()), key=_changed)
        news = self._known.news((f"{text(run, 'runId')} {text(run, 'status')}", run.get("endTime")) for run in runs)
        fresh = [run for run in runs if f"{text(run, 'runId')} {text(run, 'status')}" in news.names]
        bodies = tuple(
            encode({"data": {"runsOrError": {"__typename": "Runs", "results": [*fresh[n : n + PAGE]]}}})
            for n in range(0, len(fresh), PAGE)
        )
        return Haul(bodies=bodies, cursor={"since": now.isoformat()}, kept=news.keep)

    async def _runs(self, updated_after: float) -> list[dict[str, Json]]:
        """Newest first, as it lists them; a page begins after the last run of the one before."""
        found: list[dict[str, Json]] = []
        for _ in range(PAGES):
            after = text(found[-1], "runId") if found else None
            page = _results(await self._ask(updated_after, after))
            found += page
            if len(page) < PAGE:
                break
        return found

    async def _ask(self, updated_after: float, after: str | None) -> Json:
        asked: Json = {
            "query": QUERY,
            "variables": {
                "filter": {"updatedAfter": updated_after, "statuses": list(_STATUSES)},
                "limit": PAGE,
                "cursor": after,
            },
        }
        return (await self._http.post(self._path, asked)).json

    def broke_off(self) -> None:
        pass

    def asked_to_wait(self) -> float | None:
        return self._http.asked_to_wait

    async def close(self) -> None:
        await self._http.close()


def _results(answer: Json) -> list[dict[str, Json]]:
    """The runs of an answer. GraphQL tells its errors with HTTP's 200."""
    found = inside(answer, "data", "runsOrError")
    if isinstance(found, dict) and isinstance(found.get("results"), list):
        return objects(found, "results")
    errors = objects(answer, "errors")
    said = first_text(errors[0], "message") if errors else ""
    told = first_text(found, "message", "__typename") if isinstance(found, dict) else said
    raise unreadable("Dagster lists no runs", told or "its answer is no answer to the question", "check the url")


def _changed(run: dict[str, Json]) -> float:
    """When it changed last, in epoch seconds: of several runs of a job the last word counts."""
    times = (run.get(name) for name in ("updateTime", "endTime", "startTime"))
    return next((float(at) for at in times if isinstance(at, int | float)), 0.0)
