"""What words in a home-made body say: of a state, of an event, of a change. Only words; `generic` knows the fields."""

import re
from typing import Final

from tui.model.signal import SignalStatus


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STATUS: Final[dict[str, SignalStatus]] = {
    word: status
    for status, words in (
        (
            SignalStatus.FIRING,
            "firing failed failure fail failing error errored open opened triggered alerting alert alarm down critical"
            " crit warning warn degraded broken crashed timeout timed_out problem unhealthy late missing missed overdue"
            " stale aborted killed breached violated exhausted not_ok nok investigating identified monitoring"
            " degraded_performance partial_outage major_outage silent dead not_reporting",
        ),
        (
            SignalStatus.RESOLVED,
            "resolved ok okay closed recovered recovery cleared up healthy normal fixed solved operational"
            " back_to_normal on_time in_time green",
        ),
        (SignalStatus.RETRYING, "retrying retry retried up_for_retry will_retry awaiting_retry"),
        (SignalStatus.STARTED, "started starting start running in_progress queued pending"),
        (
            SignalStatus.SUCCEEDED,
            "succeeded success successful completed complete done finished passed pass sent delivered published"
            " accepted loaded arrived received fresh ready available printed shipped mailed archived synced"
            " refreshed generated exported imported uploaded written saved",
        ),
        (SignalStatus.ACKNOWLEDGED, "acknowledged acked ack"),
        (SignalStatus.UNKNOWN, "unknown no_data nodata"),
        (
            SignalStatus.INFO,
            "info notice informational planned announced scheduled approved upcoming skipped grace paused",
        ),
    )
    for word in words.split()
}
"""Senders' words for a status, in lower case with `_` between words. Any other word means unknown."""

FAILED: Final = _words("failed failure fail failing error errored crashed timeout timed_out aborted killed")
"""Words for one attempt that failed: with attempts left it is no more than a retry."""

_DENIALS: Final = _words("not no never unable cannot without partial partially")
_BEGUN: Final = _words("begin began run")
_GOOD: Final = (SignalStatus.SUCCEEDED, SignalStatus.RESOLVED, SignalStatus.STARTED)
_DONE: Final = _words("done completed complete succeeded success finished ok delivered sent published loaded uploaded")
"""Good words that tell as the last of several; `backed_up` and `deadline_passed` are why not all of them do."""

CALM: Final = _words("info notice debug trace informational none ok")
"""Severities of what needs no one; without a status such a body tells, and does not fire."""


_SPACES = re.compile(r"[\s-]+")
_EVENT_PART = re.compile(r"[.:/\s]+")
_EVENT_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_CHANGES: Final = _words(
    "deploy deploys deployed deployment release released change changed rollout rollback migration migrated upgrade"
    " upgraded config_change schema_change config-change schema-change maintenance apply"
)
_EVENTS: Final = (
    (
        SignalStatus.FIRING,
        _words(
            "failed failure fail error errored alert alarm incident problem breach breached violated violation crashed"
            " missed missing late stale down timeout exceeded degraded aborted killed"
        ),
    ),
    (SignalStatus.RESOLVED, _words("resolved recovered recovery cleared closed up")),
    (SignalStatus.RETRYING, _words("retry retrying retried")),
    (
        SignalStatus.SUCCEEDED,
        _words("finished completed complete succeeded success done passed submitted accepted loaded uploaded"),
    ),
    (SignalStatus.STARTED, _words("start started starting running begin begun")),
    (SignalStatus.ACKNOWLEDGED, _words("acknowledged acked")),
    (
        SignalStatus.INFO,
        _words("message reminder notice info announcement announced sent published delivered ping heartbeat"),
    ),
)


def status_of(word: str) -> SignalStatus | None:
    """What a status in a sender's own word means, whatever its case; None for one nobody knows.

    Of several words (`SEQUENCING_DONE`, `DELIVERED_LATE`) one of trouble wins over all others, a good one counts as the
    last alone, and where it is denied (`NOT_DELIVERED`, `failed_to_complete`) that is trouble too.
    """
    said = joined(word)
    if said in STATUS or "_" not in said:
        return STATUS.get(said)
    parts = said.split("_")
    bad = any(map(is_bad, parts))
    denied = not _DENIALS.isdisjoint(parts)
    if bad:
        return None if denied and parts[-1] not in FAILED else SignalStatus.FIRING
    if denied:
        return SignalStatus.FIRING if any(STATUS.get(part) in _GOOD or part in _BEGUN for part in parts) else None
    return SignalStatus.SUCCEEDED if parts[-1] in _DONE else None


def fails(word: str) -> bool:
    """Whether a status says that one attempt failed."""
    return not FAILED.isdisjoint(joined(word).split("_")) or joined(word) in FAILED


def is_bad(word: str) -> bool:
    """Whether a word, in lower case, says that something is wrong."""
    return STATUS.get(word) is SignalStatus.FIRING


def joined(word: str) -> str:
    """A word as the tables have it: `Timed out` is `timed_out`."""
    return _SPACES.sub("_", word.strip().lower())


def status_of_event(event: str) -> SignalStatus | None:
    """What the name of an event says of its subject: `job.attempt_failed`, `batch.sent`. None where it says nothing.

    Trouble comes first: `alert.resolved` is over only because an over word stands beside it.
    """
    words = {word.lower() for word in _EVENT_WORD.findall(event[:200])}
    good = words & (_EVENTS[1][1] | _EVENTS[3][1] | _EVENTS[4][1])
    if good and words & _DENIALS:
        return SignalStatus.FIRING
    if words & _EVENTS[1][1] and not words & (FAILED | {"down"}):
        return SignalStatus.RESOLVED
    return next((status for status, telling in _EVENTS if words & telling), None)


def is_change(event: str) -> bool:
    """Whether an event's name plainly says deploy or change: one of its parts between dots is such a word.

    `config.change` is one; `row_count_change` is what a check found, and none.
    """
    return any(part in _CHANGES for part in _EVENT_PART.split(event[:200].lower()))
