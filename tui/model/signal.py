"""A signal: one thing one tool said once, read from a payload."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tui.model.severity import Severity
from tui.model.text import Safe


class SignalStatus(StrEnum):
    """What the tool said about its subject at that moment."""

    FIRING = "firing"
    RESOLVED = "resolved"
    RETRYING = "retrying"
    STARTED = "started"
    SUCCEEDED = "succeeded"
    ACKNOWLEDGED = "acknowledged"
    UNKNOWN = "unknown"
    INFO = "info"


class Kind(StrEnum):
    """What sort of trouble it is."""

    FAILED_JOB = "failed_job"
    DATA_QUALITY = "data_quality"
    PERFORMANCE = "performance"
    DOWNSTREAM = "downstream"
    CHANGE = "change"
    OTHER = "other"


class Links(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Addresses that came with it; shown before they are opened."""

    runbook: Safe | None = None
    source: Safe | None = None
    log: Safe | None = None


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of one tool. All text in it is clean.

    `key` = `source:identity`, the identity being the format's own (fingerprint,
    dedup_key, dag and task …), never severity, run, attempt or message text.
    `starts` is when this episode of the trouble began, by the sender's clock;
    `at` when the signal happened; both None when the sender did not say.
    `omitted` counts alerts that the sender left out of the payload.
    """

    source: Safe
    format: str
    key: Safe
    status: SignalStatus
    kind: Kind = Kind.OTHER
    title: Safe
    subject: Safe
    run: Safe | None = None
    attempt: int | None = None
    max_attempts: int | None = None
    severity_word: Safe | None = None
    severity_hint: Severity | None = None
    at: datetime | None = None
    starts: datetime | None = None
    ended_at: datetime | None = None
    labels: dict[str, Safe] = {}
    links: Links = Links()
    omitted: int = 0
