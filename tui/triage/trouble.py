"""One stretch of trouble under one key, from its first bad signal until it is well again: what it is, no verdict."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from tui.model.alert import Verdict
from tui.model.catalog import normal
from tui.model.entry import MACHINE
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe

SAME_AGAIN: Final = timedelta(minutes=45)
"""Trouble that returns under its key within this time is the same one again."""

_REHEARSALS: Final = frozenset({"dev", "development", "staging", "stage", "sandbox", "uat", "preprod", "loadtest"})
_REHEARSAL_LABELS: Final = frozenset({"stage", "target", "namespace", "cluster"})
_ENVIRONMENT: Final = frozenset({"env", "environment", "deployment_environment"})
_PRODUCTION: Final = re.compile(r"^(?:.*[-_.])?(?:pro?d|production|live|main|default)", re.IGNORECASE)
_REHEARSAL_VALUES: Final = _REHEARSALS | {"test", "testing", "stg", "qa", "ci", "nonprod"}
_HEARTBEATS: Final = re.compile(r"watchdog|always.firing|dead.?man.?s?.?switch", re.IGNORECASE)
_TRIVIAL: Final = frozenset({"info", "information", "informational", "none", "debug", "notice", "ok"})
_OUR_WORDS: Final = frozenset({"failed", "will", "tried", "again", "expect", "column", "values", "the", "and", "for"})
_WORD: Final = re.compile(r"[^\W_]{3,}")
_NAME: Final = re.compile(r"[^\W\d_]{2}")
_NAME_LENGTH: Final = 60
_SAYS_NOTHING: Final = frozenset(
    {
        "severity", "priority", "level", "env", "environment", "cluster", "region", "account", "team", "owner", "by",
        "user", "from", "channel", "type", "event", "kind", "status", "state", "action", "version", "operator", "queue",
    }
)  # fmt: skip
_SPEAKERS: Final = ("from", "user", "username", "user_name", "by", "author", "sender", "reporter", "customer")
_STATUS_PAGE: Final = re.compile(r": (?:investigating|identified|monitoring)\b", re.IGNORECASE)
_SCHEDULED: Final = re.compile(r"\[?(?:scheduled|planned|maintenance)\b", re.IGNORECASE)
_SYMPTOM: Final = re.compile(r"back.?pressur|buffer|throttl|paused|waiting|cannot write its sink", re.IGNORECASE)


class Fault(StrEnum):
    """What is wrong with the data or the service, as far as the kind of signal tells."""

    FAILED = "failed"
    WRONG = "wrong"
    LATE = "late"
    BROKEN = "broken"


class Trouble(msgspec.Struct, kw_only=True):
    """The state of one stretch. `bouts` counts how often it fired anew, last `since` then.

    `ended` None: it goes on. `retrying`: its tool will try again by itself.
    `fired`: it was more than a retry; `opened`: a case began with it. `rehearsal`: not production.
    `trivial`: its own tool says that it is for information only. `a_run`: what runs the job said so itself, no monitor.
    `beside_retry`: a monitor's word on a job that is being tried again. `tool`: the format that it was told in.
    `rising`: it needed another try too often lately, though in time so far, unless it is `tight`.
    `ours`: sev says it of itself. `reported`: a person says it.
    `words`: of its title; `traits`: whole names that it and others may share.
    `planned`: announced work or maintenance.
    `muted_by`: the number of the trouble that mutes it. `excuse`: why a setting of the team excuses it now.
    """

    number: int
    key: Safe
    subject: Safe
    title: Safe
    kind: Kind
    tool: str
    node: Safe | None
    began: datetime
    seen: datetime
    since: datetime
    last: datetime
    ended: datetime | None = None
    retrying: bool = False
    fired: bool = False
    opened: bool = False
    hint: Severity | None = None
    word: Safe | None = None
    attempt: int | None = None
    max_attempts: int | None = None
    lasted: timedelta | None = None
    pause: timedelta = timedelta(0)
    run: Safe | None = None
    bouts: int = 1
    rehearsal: bool = False
    heartbeat: bool = False
    symptom: bool = False
    reported: bool = False
    trivial: bool = False
    a_run: bool = False
    beside_retry: bool = False
    rising: bool = False
    tight: bool = False
    ours: bool = False
    words: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()
    verdict: Verdict = Verdict.INFO
    reason: Safe = Safe("")
    case: int | None = None
    look_at: datetime | None = None
    fault: Fault = Fault.BROKEN
    planned: bool = False
    source: Safe = Safe("")
    muted_by: int | None = None
    excuse: Safe = Safe("")

    @property
    def apart(self) -> bool:
        """Whether it stays out of every case whatever lies around it."""
        return self.rehearsal or self.heartbeat or self.planned or self.muted_by is not None

    @property
    def open(self) -> bool:
        return self.ended is None


_LATE: Final = re.compile(
    r"fresh|stale|(?<![a-z])late\b|(?<![a-z])lag|behind|\bold\b|older|\bage\b|overdue"
    r"|not (?:been )?(?:delivered|updated|arrived|there|ready)|missed|delay|last week|yesterday|since \d",
    re.IGNORECASE,
)


def words_of(*texts: str) -> frozenset[str]:
    """The words of three and more letters or digits in texts, lower-case, but for those that titles have anyway."""
    return frozenset(word for text in texts for word in _WORD.findall(text.lower())) - _OUR_WORDS


def traits_of(signal: Signal) -> frozenset[str]:
    """Its subject and what its labels name, in normal form: the host, repository or service that others share."""
    named = (
        value
        for label, value in signal.labels.items()
        if label.lower() not in _SAYS_NOTHING and len(value) <= _NAME_LENGTH and _NAME.search(value)
    )
    return frozenset(map(normal, (signal.subject, *named)))


def speaker_of(signal: Signal) -> bool:
    """Whether a person says it: a message, a ticket, a vendor's status page."""
    return any(label in signal.labels for label in _SPEAKERS) or bool(_STATUS_PAGE.search(signal.title))


def is_rehearsal(signal: Signal) -> bool:
    """Whether it comes from an environment that nobody depends on."""
    named = set(re.split(r"[^a-z0-9]+", signal.subject.lower())) & _REHEARSALS
    told = [value for label, value in signal.labels.items() if label.lower() in _ENVIRONMENT and value]
    if named or any(not _PRODUCTION.match(value) for value in told):
        return True
    return any(
        set(re.split(r"[^a-z0-9]+", value.lower())) & _REHEARSAL_VALUES
        for label, value in signal.labels.items()
        if label.lower() in _REHEARSAL_LABELS
    )


def is_heartbeat(signal: Signal) -> bool:
    """Whether it is an alert that fires as long as all is well, and is trouble where it is not heard."""
    told = f"{signal.subject} {signal.title} {signal.labels.get('alertname', '')}"
    return signal.kind is Kind.OTHER and signal.source != MACHINE and bool(_HEARTBEATS.search(told))


def _is_run(signal: Signal) -> bool:
    """Whether what runs a job says this itself: it counts attempts, and has no severities as monitors have."""
    if signal.attempt is not None or signal.status is SignalStatus.RETRYING:
        return True
    return signal.kind is Kind.FAILED_JOB and signal.severity_word is None


def _fault_of(trouble: Trouble) -> Fault:
    """Runs fail, checks find wrong data unless they find it late, and all else is slow or broken."""
    if trouble.a_run:
        return Fault.FAILED
    if trouble.kind is Kind.DATA_QUALITY:
        return Fault.LATE if _LATE.search(f"{trouble.title} {trouble.subject}") else Fault.WRONG
    return Fault.LATE if trouble.kind is Kind.PERFORMANCE or _LATE.search(trouble.title) else Fault.BROKEN


def begin(number: int, signal: Signal, node: Safe | None, now: datetime) -> Trouble:
    """The trouble that starts with this signal."""
    began = signal.starts or signal.at or now
    told, ours = f"{signal.subject} {signal.title} {signal.labels.get('alertname', '')}", signal.source == MACHINE
    hosts = (signal.labels.get(name, "") for name in ("host", "instance"))
    made = Trouble(
        number=number,
        key=signal.key,
        subject=signal.subject,
        title=signal.title,
        kind=signal.kind,
        tool=signal.format,
        node=node,
        began=min(began, now) if now - began < timedelta(days=1) else now,
        seen=now,
        since=now,
        last=now,
        source=signal.source,
        rehearsal=is_rehearsal(signal),
        heartbeat=is_heartbeat(signal),
        ours=ours,
        a_run=_is_run(signal),
        reported=speaker_of(signal),
        symptom=bool(_SYMPTOM.search(told)),
        trivial=(signal.severity_word or "").lower() in _TRIVIAL or bool(_SCHEDULED.match(signal.title)),
        traits=traits_of(signal),
        words=words_of(signal.subject, *(() if ours else (signal.title,)), *hosts),
    )
    made.fault = _fault_of(made)
    return made


def take(trouble: Trouble, signal: Signal, now: datetime) -> bool:
    """Bring a trouble up to date with its next signal. False where it only says again what is known."""
    well = signal.status in (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)
    if well and not trouble.open:
        return False
    fresh = trouble.last == trouble.seen == now
    trouble.last = now
    if well:
        trouble.ended = now
        trouble.attempt = signal.attempt or trouble.attempt
        trouble.lasted = seconds_in(signal.labels.get("duration")) or trouble.lasted
        return True
    before = (trouble.open, trouble.retrying, trouble.attempt, trouble.hint, trouble.title)
    if trouble.ended is not None:
        trouble.bouts += 1
        trouble.ended, trouble.since = None, now
    trouble.retrying = signal.status is SignalStatus.RETRYING
    trouble.fired = trouble.fired or not trouble.retrying
    trouble.run = signal.run
    if trouble.title != signal.title:
        trouble.title = signal.title
        trouble.fault = _fault_of(trouble)
    trouble.attempt, trouble.max_attempts = signal.attempt, signal.max_attempts or trouble.max_attempts
    trouble.word = signal.severity_word or trouble.word
    if signal.severity_hint is not None:
        trouble.hint = signal.severity_hint if trouble.hint is None else min(trouble.hint, signal.severity_hint)
    trouble.lasted = seconds_in(signal.labels.get("duration")) or trouble.lasted
    trouble.pause = clock_in(signal.labels.get("retry_delay")) or trouble.pause
    return fresh or before != (trouble.open, trouble.retrying, trouble.attempt, trouble.hint, trouble.title)


def seconds_in(text: Safe | None) -> timedelta | None:
    """A length of time in seconds; None where a label holds none."""
    try:
        return timedelta(seconds=float(text)) if text else None
    except (ValueError, OverflowError):
        return None


def clock_in(text: Safe | None) -> timedelta | None:
    """Likewise, as `0:10:00` or plain seconds."""
    parts = (text or "").split(":")
    if len(parts) != 3:
        return seconds_in(text)
    try:
        return timedelta(hours=int(parts[0]), minutes=int(parts[1]), seconds=float(parts[2]))
    except ValueError:
        return None
