"""What an alert's status becomes by a signal, and what is said of one that tells of no trouble."""

import pytest

from tests.triage.platform import signal
from tui.model.alert import AlertStatus
from tui.model.signal import SignalStatus
from tui.triage.judge import STATUSES, judge

S = SignalStatus


def test_what_becomes_of_an_alerts_status() -> None:
    assert STATUSES[S.SUCCEEDED] is STATUSES[S.RESOLVED] is AlertStatus.RESOLVED
    assert STATUSES[S.FIRING] is AlertStatus.FIRING
    assert STATUSES[S.RETRYING] is AlertStatus.RETRYING
    assert STATUSES[S.UNKNOWN] is AlertStatus.UNKNOWN, "not knowing is no all-clear"
    assert {S.STARTED, S.ACKNOWLEDGED, S.INFO}.isdisjoint(STATUSES), "these leave it as it was"


@pytest.mark.parametrize("status", [S.RESOLVED, S.SUCCEEDED])
def test_an_all_clear_alone_says_so(status: SignalStatus) -> None:
    assert judge(signal("m", "x", status, "is well")) == "all-clear for something never seen"


@pytest.mark.parametrize("status", SignalStatus)
def test_there_is_always_a_reason(status: SignalStatus) -> None:
    assert judge(signal("m", "x", status, ""))
