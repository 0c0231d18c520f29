"""What an alert's status becomes by a signal, and what is said of a signal that tells of no trouble."""

from tui.model.alert import AlertStatus
from tui.model.signal import Signal, SignalStatus
from tui.model.text import Safe

STATUSES = {
    SignalStatus.FIRING: AlertStatus.FIRING,
    SignalStatus.RETRYING: AlertStatus.RETRYING,
    SignalStatus.RESOLVED: AlertStatus.RESOLVED,
    SignalStatus.SUCCEEDED: AlertStatus.RESOLVED,
    SignalStatus.UNKNOWN: AlertStatus.UNKNOWN,
}
"""What an alert's status becomes by a signal; started, acknowledged and info leave it as it was."""


def judge(signal: Signal) -> Safe:
    """The reason why a signal that opens an alert without any trouble is for information only."""
    over = signal.status in (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)
    return Safe("all-clear for something never seen" if over else "says nothing is wrong")
