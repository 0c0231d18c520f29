"""From signals to runs: which signal tells of a run, of which one, and what it makes of it. Keeps nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from tui.model.moment import parse_time, to_micros
from tui.model.run import Run
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe
from tui.triage.trouble import clock_in, seconds_in

RESENT: Final = timedelta(seconds=30)
"""The same word on a run without a name, so soon after, is the same delivery once more."""

_ANOTHER: Final = timedelta(hours=1)  # after this an attempt that has failed already is one of another run
_TOLD: Final = (SignalStatus.STARTED, SignalStatus.SUCCEEDED, SignalStatus.RETRYING, SignalStatus.FIRING)
_NO_RUNS: Final = (Kind.CHANGE, Kind.DATA_QUALITY, Kind.DOWNSTREAM, Kind.PERFORMANCE)
_TOOK: Final = ("duration", "execution_time")  # labels of seconds, as formats leave them
_BEGAN: Final = ("start_date", "startTime", "start_time", "started_at")


def is_run(signal: Signal) -> bool:
    """Whether a signal tells of a run of a job: that it began, ended well, failed, or is tried again."""
    if signal.status not in _TOLD or signal.kind in _NO_RUNS:
        return False
    if signal.status is SignalStatus.RETRYING or signal.attempt is not None or signal.run is not None:
        return True
    return signal.kind is Kind.FAILED_JOB and signal.severity_word is None


def follow(known: Sequence[Run], signal: Signal, received: datetime) -> Run | None:
    """What a signal makes of a run; None where it says nothing new, or tells of none.

    Of the runs of its key `known` has to hold the one of its name and the latest.
    """
    if not is_run(signal):
        return None
    at = _moment(signal, received)
    run = _belongs(known, signal, at)
    if run is None:
        if not _is_another(known, signal, at):
            return None
        run = Run(name=signal.run or Safe(f"@{to_micros(at)}"), at=at, tried=at, heard=at)
        return replace(_STEPS[signal.status](run, signal, at), heard=at)
    after = _STEPS[signal.status](run, signal, at)
    return None if after == run else replace(after, heard=max(run.heard, at))


def _moment(signal: Signal, received: datetime) -> datetime:
    if signal.status is SignalStatus.STARTED:
        return min(signal.starts or signal.at or received, received)
    return min(signal.ended_at or signal.at or received, received)


def _belongs(known: Sequence[Run], signal: Signal, at: datetime) -> Run | None:
    """The known run that a signal tells of."""
    if signal.run is not None:
        return next((run for run in known if run.name == signal.run), None)
    latest = max(known, key=lambda run: run.at, default=None)
    if latest is None or at < latest.at:
        return None
    if latest.ended is not None:
        resent = latest.well is (signal.status is SignalStatus.SUCCEEDED) and at - latest.ended <= RESENT
        return latest if at <= latest.ended or resent else None
    if signal.status is SignalStatus.STARTED:
        return latest if (signal.attempt or 1) > 1 or at - latest.tried <= RESENT else None
    before = signal.attempt is not None and signal.attempt < latest.tries
    return None if before and at - latest.heard > _ANOTHER else latest


def _is_another(known: Sequence[Run], signal: Signal, at: datetime) -> bool:
    """Whether a signal of no known run begins one. Of runs without names none that is older than the latest does.

    A bare failure does after a run that went well or goes on: without any run before it may be a monitor's, and
    after another failure it may be the same one, told again.
    """
    if signal.run is not None:
        return True
    latest = max(known, key=lambda run: run.at, default=None)
    bare = signal.status is SignalStatus.FIRING and signal.attempt is None
    if latest is None:
        return not bare
    return at >= latest.at and (not bare or latest.well or latest.ended is None)


def _began(signal: Signal, ended: datetime) -> datetime | None:
    """When the try began, by what comes with its end."""
    took = next((span for name in _TOOK if (span := seconds_in(signal.labels.get(name))) is not None), None)
    if took is not None and timedelta(0) <= took < timedelta(days=30):
        return ended - took
    told = next((at for name in _BEGAN if (at := parse_time(signal.labels.get(name))) is not None), None)
    return told if told is not None and told <= ended else None


def _starts(run: Run, signal: Signal, at: datetime) -> Run:
    attempt = signal.attempt or 1
    if run.ended is not None:
        if at <= run.ended:
            return run
        return replace(run, ended=None, well=False, tried=at, timed=True, tries=max(run.tries, attempt))
    first = run.at == run.tried == at or at < run.tried
    newest = attempt > 1 and attempt >= run.tries and at > run.tried
    if (first and attempt == 1) or newest:
        return replace(run, at=min(run.at, at), tried=at, timed=True, tries=max(run.tries, attempt))
    return run


def _tries_again(run: Run, signal: Signal, at: datetime) -> Run:
    tries = (signal.attempt or 1) + 1
    if (run.ended is not None and at <= run.ended) or (run.ended is None and tries <= run.tries):
        return run
    pause = clock_in(signal.labels.get("retry_delay"))
    tried = max(run.at, at + (pause or timedelta(0)))
    return replace(run, tried=tried, timed=pause is not None, ended=None, well=False, tries=max(run.tries, tries))


def _ends(run: Run, signal: Signal, at: datetime) -> Run:
    well = signal.status is SignalStatus.SUCCEEDED
    told_again = run.well is well and (signal.attempt or run.tries) <= run.tries
    if run.ended is not None and (at <= run.ended or told_again):
        return run
    began = _began(signal, at)
    tried = began or run.tried
    return replace(
        run,
        at=min(run.at, tried, at),
        tried=min(tried, at),
        timed=began is not None or run.timed,
        ended=at,
        well=well,
        tries=max(run.tries, signal.attempt or 1),
    )


_STEPS: Final[dict[SignalStatus, Callable[[Run, Signal, datetime], Run]]] = {
    SignalStatus.STARTED: _starts,
    SignalStatus.RETRYING: _tries_again,
    SignalStatus.SUCCEEDED: _ends,
    SignalStatus.FIRING: _ends,
}
