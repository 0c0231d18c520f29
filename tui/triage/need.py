"""Whether one trouble needs a person now, later, or not: retries, budgets, deadlines, how long it lasts."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.model.moment import span
from tui.model.severity import Severity
from tui.model.signal import Kind
from tui.model.text import Safe, clean
from tui.triage.deadlines import due_after
from tui.triage.grade import COMMITTED
from tui.triage.places import Places
from tui.triage.trouble import Fault, Trouble

BLIP: Final = timedelta(minutes=10)
"""Trouble that is over by itself within this time needed nobody."""
RETURNS: Final = 3
"""Bouts after which a trouble that always clears is a trouble all the same, where somebody depends on it."""

_HOLD_KNOWN: Final = {Severity.SEV1: timedelta(minutes=3), Severity.SEV2: timedelta(minutes=10)}
_HOLD_UNKNOWN: Final = {Severity.SEV1: timedelta(minutes=20), Severity.SEV2: timedelta(minutes=45)}
_NOBODY: Final = Safe("a warning, nobody depends on it")
_HOLD_ONCE: Final = timedelta(minutes=20)


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """`now`: a person is needed for `why`. Else `at` is when to look again (None: never by itself)."""

    why: Safe
    now: bool = False
    at: datetime | None = None


def need_of(trouble: Trouble, places: Places, usual: timedelta | None, now: datetime) -> Need:
    """What one trouble that goes on asks for by itself; `usual` is how long its good runs take."""
    if trouble.rehearsal:
        return Need(why=Safe("not production"))
    if trouble.heartbeat:
        return Need(why=Safe("a heartbeat: it is to fire always"))
    if trouble.planned:
        return Need(why=trouble.excuse or Safe("announced work"))
    if trouble.ours:
        return _own(trouble, places)
    if trouble.trivial and not trouble.a_run and not _just_missed(trouble, places, now):
        return Need(why=Safe("for information, by its tool's word"))
    if not len(places) and not trouble.retrying and trouble.bouts < RETURNS:
        return Need(why=_by_word(trouble), now=True)
    if trouble.a_run:
        return _job(trouble, places, usual, now)
    if trouble.fault is Fault.WRONG:
        return _check(trouble, places, now)
    return _symptom(trouble, places, now)


def commitments(trouble: Trouble, places: Places) -> bool:
    """Whether the catalog knows somebody who was promised what this trouble touches."""
    if trouble.node is None:
        return False
    nodes = [places.node(trouble.node), *(places.node(name) for name in places.down(trouble.node))]
    return any((node.tier or 9) <= COMMITTED or node.deadline is not None for node in nodes)


def _own(trouble: Trouble, places: Places) -> Need:
    """What sev found out by itself was weighed before it was said."""
    minor = trouble.hint is Severity.SEV3 and not commitments(trouble, places)
    return Need(
        why=clean(f"{trouble.title}; nobody is known to wait for it") if minor else trouble.title, now=not minor
    )


def _job(trouble: Trouble, places: Places, usual: timedelta | None, now: datetime) -> Need:
    tries = f"try {trouble.attempt} of {trouble.max_attempts} failed" if trouble.max_attempts else "failed"
    if trouble.retrying:
        missed = _cannot_make(trouble, places, usual, now)
        if missed is not None:
            return Need(why=clean(f"{tries}; {missed}"), now=True)
        return Need(why=clean(f"{tries}, tried again by itself"), at=_next_due(trouble, places, now))
    if trouble.max_attempts is not None or trouble.node is not None:
        return Need(
            why=clean(f"{tries}, no try left" if trouble.max_attempts else "failed and is not tried again"), now=True
        )
    held = now - trouble.since
    if held >= _HOLD_ONCE:
        return Need(why=clean(f"failed {span(held)} ago and has not run well since"), now=True)
    return Need(why=Safe("failed; it may be tried again"), at=trouble.since + _HOLD_ONCE)


def _due_below(trouble: Trouble, places: Places, now: datetime) -> list[tuple[datetime, Safe]]:
    if trouble.node is None:
        return []
    found = []
    for name in (trouble.node, *places.down(trouble.node)):
        deadline = places.node(name).deadline
        if deadline is not None:
            found.append((due_after(deadline, max(trouble.began, now - timedelta(hours=1))), name))
    return sorted(found)


def _cannot_make(trouble: Trouble, places: Places, usual: timedelta | None, now: datetime) -> str | None:
    """A deadline that even a success could not make any more, told in words."""
    node = places.node(trouble.node) if trouble.node is not None else None
    minutes = node.usual_minutes if node is not None else None
    takes = timedelta(minutes=minutes) if minutes else usual or trouble.lasted or timedelta(0)
    ready = now + trouble.pause + takes
    for due, name in _due_below(trouble, places, now):
        if (ready > due or now >= due) and due - now < timedelta(hours=12):
            return f"{name} is due {due:%H:%M}Z and it cannot be ready before {ready:%H:%M}Z"
    return None


def _next_due(trouble: Trouble, places: Places, now: datetime) -> datetime | None:
    ahead = [due for due, _ in _due_below(trouble, places, now) if due > now]
    return ahead[0] if ahead else None


def _check(trouble: Trouble, places: Places, now: datetime) -> Need:
    if trouble.node is None and len(places) and trouble.hint in (None, Severity.SEV3):
        return Need(why=Safe("a check of something the catalog does not know"))
    if trouble.hint is Severity.SEV3 and trouble.word:
        known = commitments(trouble, places)
        return _warning(trouble, places, now) if known else Need(why=_NOBODY)
    if trouble.node is None and trouble.hint is None:
        return _held(trouble, now, _HOLD_ONCE, "a check fails")
    return Need(why=clean(f"a check of the data failed: {trouble.title}"), now=True)


def _symptom(trouble: Trouble, places: Places, now: datetime) -> Need:
    known = commitments(trouble, places)
    if trouble.bouts >= RETURNS and known and trouble.hint is not Severity.SEV3:
        return Need(why=clean(f"keeps coming back, {trouble.bouts} times by now"), now=True)
    if trouble.node is not None and known and _just_missed(trouble, places, now):
        return Need(why=clean(f"{trouble.node} is past its deadline: {trouble.title}"), now=True)
    if trouble.hint is Severity.SEV3 and trouble.word:
        return _warning(trouble, places, now) if known else Need(why=_NOBODY)
    if trouble.node is None and len(places) and (trouble.kind is Kind.OTHER or trouble.hint is not Severity.SEV1):
        return Need(why=Safe("the catalog knows nothing that depends on it"))
    table = _HOLD_KNOWN if known else _HOLD_UNKNOWN
    grave = known and trouble.hint is Severity.SEV1 and not _lived_on(trouble, places)
    hold = table.get(Severity.SEV2 if grave else trouble.hint or Severity.SEV2)
    if hold is None:
        return Need(why=Safe("minor by its tool's word"))
    return _held(trouble, now, hold, "goes on")


def _lived_on(trouble: Trouble, places: Places) -> bool:
    """Whether something acts at once on what this trouble touches, or on what is made from it."""
    node = trouble.node
    return node is not None and any(places.decides(name) for name in (node, *places.down(node)))


def _by_word(trouble: Trouble) -> Safe:
    """Without a catalog the tool's own word counts."""
    if trouble.max_attempts is not None:
        return clean(f"{trouble.attempt} of {trouble.max_attempts} tries failed, no try left")
    if trouble.word is None:
        return Safe("unmapped: the tool names no severity")
    known = "" if trouble.hint is not None else ", which is no known severity word"
    return clean(f"unmapped: the tool says {trouble.word}{known}")


def _warning(trouble: Trouble, places: Places, now: datetime) -> Need:
    """A warning alone waits for the next deadline below it; one that outlasts it was none."""
    if trouble.beside_retry:
        return Need(why=Safe("its job is tried again by itself"))
    passed = [(due, name) for due, name in _due_below(trouble, places, trouble.since) if trouble.since < due <= now]
    if passed:
        due, name = passed[0]
        return Need(why=clean(f"a warning that outlasted {name}, due {due:%H:%M}Z: {trouble.title}"), now=True)
    return Need(why=Safe("a warning, nobody is late yet"), at=_next_due(trouble, places, now))


def _held(trouble: Trouble, now: datetime, hold: timedelta, what: str) -> Need:
    lasted = now - trouble.since
    if lasted >= hold:
        return Need(why=clean(f"{what} for {span(lasted)}: {trouble.title}"), now=True)
    return Need(why=clean(f"{what}; it may pass by itself"), at=trouble.since + hold)


def _just_missed(trouble: Trouble, places: Places, now: datetime) -> bool:
    deadline = places.node(trouble.node).deadline if trouble.node is not None else None
    if deadline is None:
        return False
    due = due_after(deadline, now - timedelta(hours=2))
    return due <= now
