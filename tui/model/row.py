"""What an alert's row says in the feed, on the screen and in lists alike: state, age, where it went, why."""

from datetime import datetime, timedelta
from typing import Final

from tui.model.alert import Alert, AlertState, Verdict

STATE_WORDS: Final = {
    AlertState.NEW: "NEW",
    AlertState.ACK: "ack",
    AlertState.LATE: "LATE",
    AlertState.TRY: "try",
    AlertState.FLAP: "flap",
    AlertState.OK: "ok",
    AlertState.QUIET: "ok?",
    AlertState.OFF: "off",
}
"""The short words of the column `now`; what is written large waits for a person."""


def age(alert: Alert, now: datetime) -> timedelta:
    """How long the trouble lasts, or lasted where it cleared."""
    end = alert.ended_at if alert.state is AlertState.OK and alert.ended_at else now
    return end - alert.trouble_at


def into(alert: Alert) -> str:
    """Where the alert went: its incident, else its candidate, else nowhere."""
    if alert.incident is not None:
        return f"INC-{alert.incident}"
    return f"C-{alert.candidate}" if alert.candidate is not None else ""


def why(alert: Alert) -> str:
    """The sentence a person reads: what its tool says; for what triage excuses, triage's reason."""
    if alert.verdict is Verdict.RECEIVED:
        return f"not judged yet: {alert.title}"
    if alert.state is AlertState.QUIET:
        return f"quiet, no all-clear: {alert.title}"
    if alert.verdict is Verdict.RETRY or alert.excused is not None or alert.title == alert.subject:
        return alert.reason
    return f"cleared: {alert.title}" if alert.state is AlertState.OK else alert.title
