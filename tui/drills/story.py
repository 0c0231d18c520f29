"""The demo's outage as data: what the tools of a card-payments platform say, and what colleagues do.

Times are seconds from the moment the console opens; before zero lies what happened
already. Every fact is told once and agrees with the others.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from tui.model.entry import EntryKind
from tui.model.moment import rfc3339
from tui.model.severity import Severity

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Clock: TypeAlias = Callable[[float], datetime]
"""From story seconds to a clock time; a faster demo has closer times."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A tool sends a payload to `/v1/{source}`; its times come from the story's clock."""

    at: float
    source: str
    body: Callable[[Clock], Json]


class Acknowledges(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague acknowledges the alert of `subject`, if nobody did."""

    at: float
    who: str
    subject: str


class Declares(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague declares an incident: from the alert of `subject` if it is in none, else (None) as a report."""

    at: float
    who: str
    title: str
    severity: Severity
    reason: str
    subject: str | None = None


class Joins(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague puts the alert of `subject` into the incident, if it is in none."""

    at: float
    who: str
    subject: str
    about: str


class Leads(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague takes command of the incident, if nobody has it."""

    at: float
    who: str
    about: str


class Writes(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague writes into the timeline of the incident."""

    at: float
    who: str
    about: str
    text: str
    kind: EntryKind = EntryKind.NOTE


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague takes the incident one phase on: mitigated, or resolved if its gate is open."""

    at: float
    who: str
    about: str
    to: str


Beat: TypeAlias = Told | Acknowledges | Declares | Joins | Leads | Writes | Steps
"""One thing that happens in the story. `about` and `subject` name the job or, for a report, the title."""


def _alertmanager(
    at: float, name: str, labels: dict[str, Json], summary: str, *, began: float, ended: float | None = None
) -> Told:
    """One alert as Alertmanager's webhook (version 4) sends it."""

    def body(clock: Clock) -> Json:
        named: dict[str, Json] = {"alertname": name, **labels}
        status = "firing" if ended is None else "resolved"
        start = rfc3339(clock(began))
        end = "0001-01-01T00:00:00Z" if ended is None else rfc3339(clock(ended))
        alert: dict[str, Json] = {
            "status": status, "labels": dict(named), "annotations": {"summary": summary,
            "runbook_url": f"https://runbooks.example/{name.lower()}"}, "startsAt": start, "endsAt": end,
            "generatorURL": f"https://prometheus.example/graph?g0.expr={name}",
        }  # fmt: skip
        return {
            "version": "4", "groupKey": f'{{}}:{{alertname="{name}"}}', "truncatedAlerts": 0, "status": status,
            "receiver": "sev", "groupLabels": {"alertname": name}, "commonLabels": dict(named),
            "commonAnnotations": {"summary": summary}, "externalURL": "https://alertmanager.example",
            "alerts": [alert],
        }  # fmt: skip

    return Told(at=at, source="alertmanager", body=body)


def _task(
    at: float, job: str, status: str, title: str, *, attempt: int, run: str, attempts: int = 3, word: str = "error"
) -> Told:
    """One task as a callback of the scheduler sends it, in sev's own small JSON."""

    def body(clock: Clock) -> Json:
        return {
            "key": job, "job": job, "status": status, "title": title, "attempt": attempt, "max_attempts": attempts,
            "run": run, "severity": word, "kind": "failed_job", "at": rfc3339(clock(at)),
            "labels": {"dag": job.partition(".")[0], "env": "prod"}, "log": f"https://airflow.example/log/{run}",
        }  # fmt: skip

    return Told(at=at, source="airflow", body=body)


def _deploy(at: float, what: str, service: str, by: str) -> Told:
    """A deploy as the pipeline that made it tells of it, in sev's own small JSON."""

    def body(clock: Clock) -> Json:
        return {
            "key": f"deploy {service} {what}", "kind": "change", "status": "info", "subject": service,
            "title": f"deploy {what}", "at": rfc3339(clock(at)), "labels": {"by": by},
        }  # fmt: skip

    return Told(at=at, source="deploys", body=body)


def _recovered(at: float, job: str, why: str, run: str, after: float = 240) -> tuple[Told, Told]:
    """A first attempt that fails, and the second one that succeeds."""
    return (
        _task(at, job, "retrying", why, attempt=1, run=run, word="warning"),
        _task(at + after, job, "succeeded", "done on the second try", attempt=2, run=run, word="warning"),
    )


_CARDS: Final[dict[str, Json]] = {
    "severity": "critical", "flink_job": "card-scoring", "team": "risk", "cluster": "prod-eu",
}  # fmt: skip
_RULES: Final[dict[str, Json]] = {
    "severity": "critical", "service": "rules-cache", "team": "risk", "cluster": "prod-eu",
}  # fmt: skip
_PAYMENTS: Final[dict[str, Json]] = {
    "severity": "warning", "dataset": "raw.payments", "pipeline": "raw.payments", "team": "ingest",
}  # fmt: skip
_NODE: Final[dict[str, Json]] = {"severity": "warning", "instance": "etl-node-7", "team": "platform"}
FX_FAILS, FX_RECOVERS = _recovered(-75, "fx_rates.pull", "the rates vendor answers 429", "fx-24", after=108)
REVENUE: Final = "daily_revenue.load"
CARDS: Final = "card-scoring"
DASHBOARD: Final = "Partner dashboard shows yesterday's settlements"

BEFORE: Final[tuple[Beat, ...]] = (
    *_recovered(-3_300, "kyc_refresh.sync", "HTTP 503 from the KYC vendor", "kyc-1130"),
    *_recovered(-2_880, "session_rollup.hourly", "lost its worker", "sr-11"),
    *_recovered(-2_280, "churn_features.build", "exit 137, out of memory", "cf-24"),
    _task(-2_040, REVENUE, "retrying", "warehouse LOAD_WH is suspended", attempt=1, run="rev-1124"),
    _task(-1_680, REVENUE, "retrying", "warehouse LOAD_WH is suspended", attempt=2, run="rev-1124"),
    _task(-1_320, REVENUE, "failed", "warehouse LOAD_WH is suspended: credit quota reached", attempt=3, run="rev-1124"),
    Acknowledges(at=-1_200, who="ann", subject=REVENUE),
    Declares(at=-1_140, who="ann", subject=REVENUE, severity=Severity.SEV2,
             title="Daily revenue not loaded: warehouse suspended", reason="the finance report of today needs it"),
    Leads(at=-1_110, who="ann", about=REVENUE),
    Writes(at=-1_020, who="ann", about=REVENUE, kind=EntryKind.OBSERVATION,
           text="LOAD_WH hit its monthly credit quota; every load since then waits"),
    Writes(at=-900, who="ann", about=REVENUE, kind=EntryKind.UPDATE,
           text="Revenue figures of today are not loaded. Finance raises the quota. Next update within the hour."),
    Declares(at=-600, who="omar", subject=None, title=DASHBOARD, severity=Severity.SEV3,
             reason="a partner called; settlements themselves are right"),
    Writes(at=-480, who="omar", about=DASHBOARD,
           text="the extract ran, the dashboard's cache was not refreshed: nobody alerts on that"),
    _alertmanager(-1_700, "DiskAlmostFull", _NODE, "/var/lib/data is 91 % full", began=-1_720),
    _alertmanager(-1_250, "DiskAlmostFull", _NODE, "/var/lib/data is 91 % full", began=-1_720, ended=-1_260),
    _deploy(-510, "v812", CARDS, "ci"),
    FX_FAILS,
    _alertmanager(-90, "StreamJobDown", _CARDS, "no committed offsets for 5m", began=-390),
)  # fmt: skip
"""What happened before the console opened."""

LIVE: Final[tuple[Beat, ...]] = (
    FX_RECOVERS,
    _alertmanager(12, "DatasetLate", _PAYMENTS, "fresh 1h10m ago, allowed 1h", began=6),
    *_recovered(26, "churn_features.score", "exit 137, out of memory", "cs-24", after=60),
    _alertmanager(40, "CacheReadErrors", _RULES, "read errors 31 %, upstream of card-scoring", began=30),
    Writes(at=55, who="ann", about=REVENUE, kind=EntryKind.COMMAND,
           text="alter warehouse LOAD_WH resume: done, quota raised to 900 credits"),
    Acknowledges(at=68, who="omar", subject="raw.payments"),
    Acknowledges(at=75, who="maya", subject=CARDS),
    _task(92, REVENUE, "succeeded", "loaded 1,204,377 rows", attempt=4, attempts=4, run="rev-1124"),
    Declares(at=100, who="maya", subject=CARDS, severity=Severity.SEV1,
             title="Fraud scores stale: card-scoring stream stopped", reason="authorisations run on old scores"),
    Leads(at=108, who="maya", about=CARDS),
    Joins(at=112, who="maya", subject="rules-cache", about=CARDS),
    Steps(at=115, who="ann", about=REVENUE, to="mitigated"),
    Writes(at=125, who="maya", about=CARDS, kind=EntryKind.HYPOTHESIS,
           text="v812 cut the poll limit from 45s to 6s; the consumer leaves its group before it commits"),
    _alertmanager(135, "StreamJobDown", _CARDS, "no committed offsets for 5m", began=-390),
    Writes(at=145, who="maya", about=CARDS, kind=EntryKind.COMMAND,
           text="kubectl rollout undo deploy/card-scoring: exit 0, 3.1s"),
    Steps(at=150, who="ann", about=REVENUE, to="resolved"),
    Writes(at=165, who="maya", about=CARDS, text="lag falls on 3 of 12 partitions"),
    _alertmanager(180, "CacheReadErrors", _RULES, "read errors 31 %, upstream of card-scoring", began=30, ended=176),
    _alertmanager(195, "StreamJobDown", _CARDS, "no committed offsets for 5m", began=-390, ended=190),
    Steps(at=205, who="maya", about=CARDS, to="mitigated"),
    _alertmanager(220, "DatasetLate", _PAYMENTS, "fresh 1h10m ago, allowed 1h", began=6, ended=214),
    Writes(at=230, who="maya", about=CARDS, kind=EntryKind.UPDATE,
           text="Fraud scores are current again. Authorisations of ten minutes used old ones: being checked."),
    Steps(at=245, who="maya", about=CARDS, to="resolved"),
)  # fmt: skip
"""What happens while one looks on; what a person did already, colleagues leave alone."""
