"""The verdict on one alert, its reason in words, and the severity it proposes."""

from datetime import UTC, datetime, timedelta

import pytest

from tui.model.alert import AlertStatus, Verdict
from tui.model.severity import Severity
from tui.model.signal import Signal, SignalStatus
from tui.model.text import Safe
from tui.triage.judge import STATUSES, judge

S, V = SignalStatus, Verdict
SEV1, SEV2, SEV3 = Severity
START = datetime(2026, 11, 24, 14, tzinfo=UTC)


def signal(
    status: SignalStatus,
    word: str | None = None,
    hint: Severity | None = None,
    attempt: int | None = None,
    of: int | None = None,
    lasted: timedelta | None = None,
) -> Signal:
    return Signal(
        source=Safe("am"),
        format="alertmanager",
        key=Safe("am:x"),
        status=status,
        title=Safe("it failed"),
        subject=Safe("x"),
        severity_word=Safe(word) if word else None,
        severity_hint=hint,
        attempt=attempt,
        max_attempts=of,
        starts=START if lasted else None,
        ended_at=START + lasted if lasted else None,
    )


TABLE = [
    (signal(S.FIRING, "critical", SEV1), None, V.INCIDENT, SEV1, "the tool says critical"),
    (signal(S.FIRING, "warning", SEV3), V.RETRY, V.INCIDENT, SEV3, "the tool says warning"),
    (signal(S.FIRING, None, SEV2), None, V.INCIDENT, SEV2, "the tool says its kind"),
    (signal(S.FIRING, "purple"), None, V.INCIDENT, SEV2, "unmapped: purple is no known severity word"),
    (signal(S.FIRING), None, V.INCIDENT, SEV2, "unmapped: the tool names no severity"),
    (signal(S.UNKNOWN, "error", SEV2), V.INCIDENT, V.INCIDENT, SEV2, "the tool says error"),
    (signal(S.FIRING, "error", SEV2, 3, 3), V.RETRY, V.INCIDENT, SEV2, "3 of 3 tries failed; the tool says error"),
    (signal(S.FIRING, "error", SEV2, 1, 3), None, V.INCIDENT, SEV2, "the tool says error"),
    (signal(S.RETRYING, "error", SEV2, 1, 3), None, V.RETRY, SEV3, "try 1 of 3 failed, 2 left"),
    (signal(S.RETRYING, attempt=2), V.RETRY, V.RETRY, SEV3, "failed, will be tried again"),
    (signal(S.RETRYING), V.INCIDENT, V.RETRY, SEV3, "failed, will be tried again"),
    (signal(S.SUCCEEDED, attempt=2), V.RETRY, V.RETRY, None, "recovered on try 2"),
    (signal(S.SUCCEEDED), V.RETRY, V.RETRY, None, "recovered"),
    (signal(S.RESOLVED), None, V.INFO, None, "all-clear for something never seen"),
    (signal(S.RESOLVED), V.INCIDENT, V.INCIDENT, None, "its tool says all clear"),
    (signal(S.RESOLVED, lasted=timedelta(minutes=12)), V.INCIDENT, V.INCIDENT, None,
     "its tool says all clear after 12m"),
    (signal(S.RESOLVED), V.NOISE, V.NOISE, None, "its tool says all clear"),
    (signal(S.INFO), None, V.INFO, None, "says nothing is wrong"),
    (signal(S.STARTED), V.RETRY, V.RETRY, None, "says nothing is wrong"),
    (signal(S.ACKNOWLEDGED), V.INCIDENT, V.INCIDENT, None, "says nothing is wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "before", "verdict", "severity", "reason"), TABLE)
def test_the_table(
    said: Signal, before: Verdict | None, verdict: Verdict, severity: Severity | None, reason: str
) -> None:
    found = judge(said, before=before)
    assert (found.verdict, found.severity, found.reason) == (verdict, severity, reason)


@pytest.mark.parametrize("status", SignalStatus)
@pytest.mark.parametrize("before", [None, *Verdict])
def test_every_verdict_has_its_reason_and_trouble_has_a_severity(status: SignalStatus, before: Verdict | None) -> None:
    found = judge(signal(status), before=before)
    assert found.reason
    fires = status in (S.FIRING, S.UNKNOWN, S.RETRYING)
    assert (found.severity is not None) == fires


def test_what_becomes_of_an_alerts_status() -> None:
    assert STATUSES[S.SUCCEEDED] is STATUSES[S.RESOLVED] is AlertStatus.RESOLVED
    assert {S.STARTED, S.ACKNOWLEDGED, S.INFO}.isdisjoint(STATUSES), "these leave it as it was"
