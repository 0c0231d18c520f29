"""Alertmanager, and Grafana's own one: what its API v2 lists. What that means is for `listing`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from tui.collector.sources.haul import Haul, OpenAlerts, encode
from tui.collector.sources.http import Http
from tui.collector.sources.listing import Book, Item, listing, weigh
from tui.collector.sources.marks import went_quiet, were_heard
from tui.config import SourceKind, SourceSettings
from tui.errors import SevError
from tui.formats import alertmanager, grafana
from tui.formats.decode import Json
from tui.model.text import Safe
from tui.store.engine import Connection
from tui.store.sources import Cursor

FORMATS: Final = (alertmanager.NAME, grafana.NAME)
"""Formats whose alerts may stand in its list: the same tool pushes in one of them what it is asked for here."""

_OF_BODY: Final = 100
"""Alerts of one body: people's writes wait behind a transaction."""

_GRAFANA: Final = "/api/alertmanager/grafana"


class Alertmanager:
    """One Alertmanager, by its API v2."""

    def __init__(
        self, settings: SourceSettings, http: Http, source: Safe, open_alerts: OpenAlerts, remind: timedelta
    ) -> None:
        self.pause = settings.every.total_seconds()
        self._grafana = settings.kind is SourceKind.GRAFANA
        self._place = f"{_GRAFANA if self._grafana else ''}/api/v2"
        self._http = http
        self._source = source
        self._open_alerts = open_alerts
        self._remind = remind
        self._book = Book()

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        answer = await self._http.get(f"{self._place}/alerts")
        found = listing(answer.json, await self._status(), now)
        held = await self._open_alerts(FORMATS)
        meaning = weigh(self._book, found, held, self._source, self._remind)
        items = (*meaning.handed, *meaning.over)
        return Haul(
            bodies=tuple(self._body(items[n : n + _OF_BODY]) for n in range(0, len(items), _OF_BODY)),
            after=partial(_mark, quiet=meaning.quiet, still=meaning.still) if meaning.quiet or meaning.still else None,
            kept=partial(self._turn_to, meaning.book),
        )

    async def _status(self) -> Json:
        """Since when it is up. Grafana may not tell: then since we have seen it without a break."""
        try:
            return (await self._http.get(f"{self._place}/status")).json
        except SevError:
            if self._grafana:
                return None
            raise

    def _body(self, items: Sequence[Item]) -> bytes:
        alerts: list[Json] = list(items)
        return encode({"alerts": alerts} if self._grafana else alerts)

    def _turn_to(self, book: Book) -> None:
        self._book = book

    def broke_off(self) -> None:
        self._book = self._book.broken()

    def asked_to_wait(self) -> float | None:
        return self._http.asked_to_wait

    async def close(self) -> None:
        await self._http.close()


def _mark(conn: Connection, now: datetime, *, quiet: Sequence[int], still: Sequence[int]) -> None:
    went_quiet(conn, now, quiet)
    were_heard(conn, now, still)
