"""Which kind of source is asked by what, and in which format its bodies are."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from tui.collector.sources import http as asking
from tui.collector.sources.airflow import Airflow
from tui.collector.sources.alertmanager import Alertmanager
from tui.collector.sources.dagster import Dagster
from tui.collector.sources.folders import Artifacts, Validations
from tui.collector.sources.haul import OpenAlerts, Puller
from tui.collector.sources.http import Http
from tui.collector.sources.lines import File, Journal
from tui.collector.sources.pagerduty import PagerDuty
from tui.collector.sources.prefect import Prefect
from tui.config import SourceKind, SourceSettings
from tui.formats.registry import AUTO
from tui.model.text import Safe, clean

_FORMATS: Final = {
    SourceKind.ALERTMANAGER: "alertmanager",
    SourceKind.GRAFANA: "grafana",
    SourceKind.PAGERDUTY: "pagerduty",
    SourceKind.AIRFLOW: "airflow",
    SourceKind.DAGSTER: "dagster",
    SourceKind.PREFECT: "prefect",
    SourceKind.DBT_ARTIFACTS: "dbt",
    SourceKind.GREAT_EXPECTATIONS: "great_expectations",
    SourceKind.JOURNALD: "journald",
}


def pulled(sources: Sequence[SourceSettings]) -> list[SourceSettings]:
    """Those that are asked; the others are pushed to us."""
    return [source for source in sources if source.kind is not None]


def format_of(settings: SourceSettings) -> str:
    """The format of its bodies: the settings' own word wins; of a plain file nobody knows."""
    if settings.format != AUTO or settings.kind is None:
        return settings.format
    return _FORMATS.get(settings.kind, AUTO)


def source_of(settings: SourceSettings) -> Safe:
    """The name its signals get."""
    return clean(settings.same_as or settings.name)


def names_pulled(settings: Sequence[SourceSettings]) -> dict[Safe, tuple[Safe, ...]]:
    """The names in the settings of those that are asked, by the name that their signals get."""
    named: dict[Safe, tuple[Safe, ...]] = {}
    for one in pulled(settings):
        named[source_of(one)] = (*named.get(source_of(one), ()), clean(one.name))
    return named


def puller_of(
    settings: SourceSettings, open_alerts: OpenAlerts, remind: timedelta, patience: float = asking.PATIENCE
) -> Puller:
    """What asks this source. `remind`: how often to note that an alert listed as before still stands."""
    source = source_of(settings)
    match settings.kind:
        case SourceKind.DBT_ARTIFACTS:
            return Artifacts(settings, patience)
        case SourceKind.GREAT_EXPECTATIONS:
            return Validations(settings, patience)
        case SourceKind.JOURNALD if settings.path is None:
            return Journal(settings)
        case SourceKind.FILE | SourceKind.JOURNALD:
            return File(settings, patience)
        case SourceKind.PAGERDUTY:
            http = Http(settings, authority="Token token={}", patience=patience)
            return PagerDuty(settings, http, source, open_alerts, remind)
        case SourceKind.AIRFLOW:
            return Airflow(settings, Http(settings, patience=patience))
        case SourceKind.DAGSTER:
            return Dagster(settings, Http(settings, patience=patience))
        case SourceKind.PREFECT:
            return Prefect(settings, Http(settings, patience=patience))
        case _:
            return Alertmanager(settings, Http(settings, patience=patience), source, open_alerts, remind)
