"""Asking one source once, to see what would be made of it: `sev sources test`. Stores nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from tui.collector.delivery import Prepared
from tui.collector.reading import readings_of
from tui.collector.sources import tail
from tui.collector.sources.haul import Puller
from tui.collector.sources.kinds import puller_of, source_of
from tui.collector.sources.lines import Journal
from tui.collector.sources.taking import prepared
from tui.config import Config, SourceKind, SourceSettings
from tui.errors import SevError
from tui.model.alert import Alert
from tui.store.engine import Store
from tui.store.sources import Cursor, unresolved_of

_LINES = 20


async def trial(config: Config, settings: SourceSettings, now: datetime) -> list[Prepared]:
    """What the source says now, read; of one that is read from its end on, its last lines. Raises SevError."""

    async def open_alerts(formats: Sequence[str]) -> list[Alert]:
        if not config.store.exists():
            return []
        with Store(config.store, read_only=True) as store:
            return store.read(partial(unresolved_of, source=source_of(settings), formats=formats))

    readings = readings_of((settings,))
    puller: Puller
    if settings.kind is SourceKind.JOURNALD and settings.path is None:
        puller = Journal(settings, last=_LINES)
    else:
        puller = puller_of(settings, open_alerts, timedelta.max)
    try:
        return await prepared(await puller.pull(_begin(settings), now), settings, readings, now)
    finally:
        await puller.close()


def _begin(settings: SourceSettings) -> Cursor:
    if settings.path is None or settings.kind not in (SourceKind.FILE, SourceKind.JOURNALD):
        return {}
    try:
        begin: Cursor = msgspec.to_builtins(tail.near_the_end(settings.path))
    except OSError as error:
        raise SevError(f"{settings.path} cannot be read", error.strerror or str(error), "check the path") from error
    return begin
