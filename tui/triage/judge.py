"""The verdict on one alert and the severity it proposes, each with its reason in words."""

import msgspec

from tui.model.alert import AlertStatus, Verdict
from tui.model.moment import span
from tui.model.severity import Severity
from tui.model.signal import Signal, SignalStatus
from tui.model.text import Safe, clean


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict, its reason, and the severity proposed (None where nothing needs a person)."""

    verdict: Verdict
    reason: Safe
    severity: Severity | None


STATUSES = {
    SignalStatus.FIRING: AlertStatus.FIRING,
    SignalStatus.RETRYING: AlertStatus.RETRYING,
    SignalStatus.RESOLVED: AlertStatus.RESOLVED,
    SignalStatus.SUCCEEDED: AlertStatus.RESOLVED,
    SignalStatus.UNKNOWN: AlertStatus.UNKNOWN,
}
"""What an alert's status becomes by a signal; started, acknowledged and info leave it as it was."""


def judge(signal: Signal, *, before: Verdict | None) -> Judgement:
    """What `signal` makes of its alert; `before` is the alert's verdict so far, None for a new one."""
    if signal.status is SignalStatus.RETRYING:
        return Judgement(verdict=Verdict.RETRY, reason=_attempts(signal), severity=Severity.SEV3)
    if signal.status in (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED):
        return _recovered(signal, before)
    if signal.status in (SignalStatus.FIRING, SignalStatus.UNKNOWN):
        severity, why = propose_severity(signal)
        return Judgement(verdict=Verdict.INCIDENT, reason=clean(f"{_spent(signal)}{why}"), severity=severity)
    return Judgement(verdict=before or Verdict.INFO, reason=Safe("says nothing is wrong"), severity=None)


def propose_severity(signal: Signal) -> tuple[Severity, Safe]:
    """The tool's own word where it gives a hint; else SEV2, marked unmapped (when unsure, the graver one)."""
    if signal.severity_hint is not None:
        word = signal.severity_word or Safe("its kind")
        return signal.severity_hint, clean(f"the tool says {word}")
    if signal.severity_word:
        return Severity.SEV2, clean(f"unmapped: {signal.severity_word} is no known severity word")
    return Severity.SEV2, Safe("unmapped: the tool names no severity")


def _attempts(signal: Signal) -> Safe:
    if signal.attempt and signal.max_attempts:
        left = signal.max_attempts - signal.attempt
        return clean(f"try {signal.attempt} of {signal.max_attempts} failed, {left} left")
    return Safe("failed, will be tried again")


def _spent(signal: Signal) -> str:
    if signal.attempt and signal.max_attempts and signal.attempt >= signal.max_attempts:
        return f"{signal.attempt} of {signal.max_attempts} tries failed; "
    return ""


def _recovered(signal: Signal, before: Verdict | None) -> Judgement:
    if before is Verdict.RETRY:
        tries = f" on try {signal.attempt}" if signal.attempt else ""
        return Judgement(verdict=Verdict.RETRY, reason=clean(f"recovered{tries}"), severity=None)
    if before is None:
        return Judgement(verdict=Verdict.INFO, reason=Safe("all-clear for something never seen"), severity=None)
    lasted = f" after {span(signal.ended_at - signal.starts)}" if signal.ended_at and signal.starts else ""
    return Judgement(verdict=before, reason=clean(f"its tool says all clear{lasted}"), severity=None)
