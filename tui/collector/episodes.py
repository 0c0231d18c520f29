"""What one signal means for the alert of its key: something new, the same again, or nothing. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tui.model.alert import Alert, AlertStatus, Verdict
from tui.model.signal import Signal, SignalStatus
from tui.triage.judge import STATUSES

_OVER: Final = (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)
_ROUTINE: Final = (SignalStatus.STARTED, SignalStatus.SUCCEEDED)  # says nothing of a key that has no alert
_SLACK: Final = timedelta(seconds=5)  # senders' clocks differ a little, and some tell whole seconds only


class Step(StrEnum):
    """What to write: a signal that changed something, one repeat more, or no event at all."""

    CHANGE = "change"
    REPEAT = "repeat"
    NOTHING = "nothing"


def step_of(signal: Signal, alert: Alert | None, received_at: datetime, *, sent_again: bool = False) -> Step:
    """What `signal` is to the alert of its key (None: there is none, or its story is over).

    The same status again is a repeat, unless another try or another severity came with it.
    `sent_again`: the same body came a moment ago, so its times don't make it a late one.
    """
    if alert is None:
        return Step.NOTHING if signal.status in _ROUTINE else Step.CHANGE
    if signal.status not in STATUSES:
        return _remark(signal, alert)
    if signal.status is SignalStatus.SUCCEEDED and alert.status is AlertStatus.RESOLVED:
        return Step.NOTHING  # the next run of a healthy job
    if not sent_again and is_stale(signal, alert, received_at):
        return Step.NOTHING
    if status_after(signal, alert) is not alert.status or _says_more(signal, alert):
        return Step.CHANGE
    return Step.REPEAT


def is_routine(signal: Signal, alert: Alert) -> bool:
    """Whether it tells of a run or an acknowledge after all was well again: no trouble, and none that came late."""
    return alert.status is AlertStatus.RESOLVED and signal.status in (*_ROUTINE, SignalStatus.ACKNOWLEDGED)


def is_bare(signal: Signal) -> bool:
    """Whether its title tells nothing but names: its subject, or labels and their values.

    Senders fall back to these where they left out the words that they had when the trouble began.
    """
    told = " ".join((signal.subject, *(f"{value} {name}={value}" for name, value in signal.labels.items())))
    return set(signal.title.split()) <= set(told.split())


def _remark(signal: Signal, alert: Alert) -> Step:
    """What leaves the status as it is: news while there is trouble, unless it was said before."""
    if alert.status is AlertStatus.RESOLVED:
        return Step.REPEAT if signal.status is SignalStatus.INFO else Step.NOTHING
    if signal.status is SignalStatus.STARTED and not _other_try(signal, alert):
        return Step.REPEAT
    if signal.status is SignalStatus.INFO and signal.title == alert.title:
        return Step.REPEAT
    return Step.CHANGE


def _other_try(signal: Signal, alert: Alert) -> bool:
    return (signal.attempt or alert.attempt) != alert.attempt or (signal.run or alert.run) != alert.run


def _says_more(signal: Signal, alert: Alert) -> bool:
    if signal.status in _OVER:
        return False
    other_try = signal.attempt is not None and signal.attempt != alert.attempt
    return other_try or (signal.severity_word is not None and signal.severity_word != alert.severity_word)


def holds_still(signal: Signal, alert: Alert | None) -> bool:
    """Whether the alert is in the status that this signal gave it when the same body came before."""
    if alert is None:
        return signal.status in _ROUTINE
    return status_after(signal, alert) is alert.status


def status_after(signal: Signal, alert: Alert | None) -> AlertStatus:
    """The alert's status once the signal is in; what is no trouble opens an alert as resolved."""
    return STATUSES.get(signal.status, alert.status if alert else AlertStatus.RESOLVED)


def fires_anew(signal: Signal, alert: Alert | None) -> bool:
    """Whether trouble begins again after it was over, or after nothing was heard of it."""
    if alert is None or signal.status not in STATUSES or signal.status in _OVER:
        return False
    return alert.status in (AlertStatus.RESOLVED, AlertStatus.QUIET)


def is_stale(signal: Signal, alert: Alert, received_at: datetime) -> bool:
    """Whether the signal tells of something older than the state the alert is in: it came late.

    An all-clear of an earlier episode must not end a newer one, an earlier try must not
    follow a later one, and what is over does not begin again by an old report.
    """
    if signal.status in _OVER:
        return _ended_before(signal, alert, received_at)
    if signal.attempt and alert.attempt and signal.run and signal.run == alert.run and signal.attempt < alert.attempt:
        return True
    return alert.status is AlertStatus.RESOLVED and _told_before_end(signal, alert, received_at)


def _ended_before(signal: Signal, alert: Alert, received_at: datetime) -> bool:
    told = signal.ended_at or signal.at
    if alert.status is AlertStatus.RESOLVED or told is None or min(told, received_at) >= alert.started_at:
        return False
    if signal.starts is not None:
        return signal.starts < alert.started_at
    by_our_clock = alert.started_at == alert.first_seen  # its sender named no start: the two can't be compared
    return not by_our_clock and told < alert.started_at - _SLACK


def _told_before_end(signal: Signal, alert: Alert, received_at: datetime) -> bool:
    """An episode's start alone (Alertmanager) makes it late only where the all-clear of that episode came first."""
    if alert.ended_at is None:
        return False
    if signal.at is not None and signal.at != signal.starts:
        return signal.at < alert.ended_at - _SLACK
    never_fired = alert.verdict is Verdict.INFO
    return never_fired and signal.starts is not None and signal.starts <= alert.started_at < received_at


def began_at(signal: Signal, received_at: datetime) -> datetime:
    """When the episode began by the sender's clock, never after the receipt."""
    return min(signal.starts or signal.at or received_at, received_at)


def happened_at(signal: Signal, alert: Alert | None, received_at: datetime, *, sent_again: bool = False) -> datetime:
    """When what the signal tells happened: as its sender says, unless that was told or lies before what is known."""
    if sent_again:
        return received_at
    over, trouble = signal.status in _OVER, signal.status in STATUSES
    told = signal.at or (signal.ended_at if over else signal.starts if trouble else None) or received_at
    if alert is not None:
        known = alert.ended_at if alert.ended_at and not over else alert.started_at
        if told <= known:
            return received_at
    return min(told, received_at)
