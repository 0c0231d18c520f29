"""The verdict on trouble that lies in no case, while it goes on and when it is over, each with its reason."""

from datetime import datetime, timedelta

from tui.model.alert import Verdict
from tui.model.moment import span
from tui.model.text import Safe, clean
from tui.triage.trouble import Trouble


def meanwhile(trouble: Trouble) -> Verdict:
    """What it counts as while nobody is needed for it."""
    if trouble.excuse:
        return _excused(trouble)
    if trouble.beside_retry:
        return Verdict.RETRY
    if trouble.a_run:
        return Verdict.NOISE if trouble.rehearsal else Verdict.RETRY
    return Verdict.INFO if trouble.heartbeat or trouble.planned else Verdict.NOISE


def _excused(trouble: Trouble) -> Verdict:
    """What is muted is real and not actionable; what maintenance brings is routine."""
    return Verdict.NOISE if trouble.muted_by is not None else Verdict.INFO


def muted_by(cause: str, trouble: Trouble) -> Safe:
    """The reason why nobody is needed for a trouble: `muted by A-12 the host is down while it fires`."""
    return clean(f"muted by {cause} while it fires" if trouble.open else f"over; it was muted by {cause}")


def afterwards(trouble: Trouble, now: datetime) -> tuple[Verdict, Safe]:
    """What it was, now that it is over."""
    lasted = span(max(now - trouble.since, timedelta(0)))
    if trouble.rehearsal:
        return Verdict.NOISE, Safe("not production")
    if trouble.excuse:
        return _excused(trouble), trouble.excuse
    if trouble.a_run:
        tries = f" on try {trouble.attempt}" if trouble.attempt else ""
        return Verdict.RETRY, clean(f"ran well{tries} after {lasted}")
    if trouble.planned or trouble.heartbeat:
        return Verdict.INFO, Safe("announced work" if trouble.planned else "a heartbeat")
    if trouble.beside_retry:
        return Verdict.RETRY, Safe("its job ran well after another try")
    times = f", {trouble.bouts} times" if trouble.bouts > 1 else ""
    return Verdict.FLAPPING, clean(f"came and went by itself in {lasted}{times}")
