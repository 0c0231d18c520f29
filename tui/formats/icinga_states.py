"""States of checks in Icinga 2: the objects its API lists, and the lines of its event stream.

Numbers: a service is 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; a host 0 UP, 1 DOWN. A soft
state will be checked again, as a failed try is; only a hard one is an alert.
"""

from typing import Final

import msgspec

from tui.formats.base import (
    Payload,
    as_list,
    as_object,
    filled,
    first_text,
    inside,
    key_of,
    kind_in,
    labels_of,
    plain,
    rejected,
    rendered,
    web,
    when,
    whole,
)
from tui.formats.decode import Json
from tui.model.severity import hint
from tui.model.signal import Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "icinga"

_SERVICE_WORDS: Final = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_HOST_WORDS: Final = ("UP", "DOWN", "UNREACHABLE", "UNKNOWN")
_STATED: Final = ("CheckResult", "StateChange", "Notification", "AcknowledgementSet", "AcknowledgementCleared")
_REMARKS: Final = ("Flapping", "Downtime")
_SILENT: Final = ("Comment", "Object")
_ANSWER: Final = frozenset({"error", "status", "diagnostic_information", "code", "errors"})
NOTICES: Final = {
    "PROBLEM": None,  # the state decides
    "RECOVERY": SignalStatus.RESOLVED,
    "ACKNOWLEDGEMENT": SignalStatus.ACKNOWLEDGED,
}
"""What a notification of a type says by itself. Every other type (downtimes, flapping, custom) is a remark."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What one interface said of one host (`service` is empty) or service. `word` is its state's name.

    `routine`: the result of a check that may have changed nothing. `status` is given where
    the state does not decide it.
    """

    host: str
    service: str = ""
    word: str = ""
    soft: bool = False
    routine: bool = False
    status: SignalStatus | None = None
    title: str = ""
    attempt: int | None = None
    max_attempts: int | None = None
    at: Json = None
    starts: Json = None
    labels: dict[str, Json] = {}
    runbook: Safe | None = None
    page: Safe | None = None


def reason(body: dict[str, Json]) -> str | None:
    """Why a body is taken for states of checks, or None."""
    word = plain(body.get("type"))
    told = word in _STATED or word.startswith((*_REMARKS, *_SILENT))
    if told and "timestamp" in body and ("host" in body or word.startswith(("Downtime", *_SILENT))):
        return f"a line of Icinga 2's event stream: {word[:40]}"
    if isinstance(body.get("error"), int) and isinstance(body.get("status"), str) and body.keys() <= _ANSWER:
        return "an error answer of Icinga 2's API"
    results = body.get("results")
    if isinstance(results, list) and results:
        return _reason_of_results(results)
    return None


def _reason_of_results(results: list[Json]) -> str | None:
    def all_have(*names: str) -> bool:
        return all(isinstance(one, dict) and all(name in one for name in names) for one in results)

    if all_have("attrs", "type") and all(plain(inside(one, "type")) in ("Host", "Service") for one in results):
        return "hosts or services of Icinga 2's API"
    if all_have("status", "perfdata") and all(isinstance(inside(one, "status"), dict) for one in results):
        return "the state of Icinga 2 itself"
    return "an answer of Icinga 2's API" if all_have("code", "status") else None


def read(body: dict[str, Json], payload: Payload) -> list[Signal]:
    """The signals of a body that `reason` takes."""
    if isinstance(body.get("error"), int):
        raise rejected(f"an error answer of Icinga 2's API, not a state: {plain(body.get('status'))}")
    if "results" in body:
        return _results(as_list(body["results"], "results"), payload)
    found = _streamed(body)
    return [signal_of(found, payload)] if found else []


def signal_of(check: Check, payload: Payload) -> Signal:
    """The signal of one state, known by `host!service`. Raises RejectedError where neither has a name."""
    host, service = rendered(check.host), rendered(check.service)
    identity = f"{host}!{service}" if host and service else host or service
    if not identity:
        raise rejected("neither a host nor a service is named, or only by a template that was not filled in")
    source, at, status = payload.source or Safe(NAME), when(check.at), check.status or _status(check)
    over = status in (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)
    title = check.title or (f"{identity} is {check.word}" if check.word else identity)
    word = "" if over else check.word
    return Signal(
        source=source,
        format=NAME,
        key=key_of(source, identity),
        status=status,
        kind=kind_in(title, {}),
        title=clean(title),
        subject=clean(identity),
        attempt=check.attempt,
        max_attempts=check.max_attempts,
        severity_word=clean(word, 40) if word else None,
        severity_hint=hint(word),
        at=at,
        starts=None if over else when(check.starts),
        ended_at=at if over else None,
        labels=labels_of(filled({"host": host, "service": service, **check.labels})),
        links=Links(runbook=check.runbook, source=check.page),
    )


def _status(check: Check) -> SignalStatus:
    if check.word in ("OK", "UP"):
        return SignalStatus.SUCCEEDED if check.routine else SignalStatus.RESOLVED
    if check.soft:
        return SignalStatus.RETRYING
    return SignalStatus.FIRING if check.word not in ("", "UNKNOWN") else SignalStatus.UNKNOWN


def word_of(state: Json, service: str, *, raw: bool = False) -> str:
    """The name of a state's number. `raw`: as the plugin ended, which for a host means down from 2 on."""
    number = whole(state)
    words = _SERVICE_WORDS if service else _HOST_WORDS
    if number is None or number >= len(words):
        return ""
    return words[int(number > 1)] if raw and not service else words[number]


def _results(results: list[Json], payload: Payload) -> list[Signal]:
    states = [as_object(one, f"results[{n}]") for n, one in enumerate(results)]
    if any("code" in one for one in states):
        raise rejected("an answer of Icinga 2's API, not a state")
    listed = (
        _listed(as_object(one["attrs"], f"results[{n}].attrs"), plain(one.get("type")))
        for n, one in enumerate(states)
        if "attrs" in one
    )
    return [signal_of(check, payload) for check in listed]


def _listed(attrs: dict[str, Json], kind: str) -> Check:
    """A host or service as the API lists it: its state now, whether or not that is news."""
    name = plain(attrs.get("__name")) or plain(attrs.get("name"))
    if kind == "Host":
        host, service = plain(attrs.get("name")) or name, ""
    else:
        before, _, after = name.partition("!")
        host, service = plain(attrs.get("host_name")) or before, plain(attrs.get("name")) or after
    host, service = (host, service.rpartition("!")[2]) if service else (host, "")
    word, acknowledged = word_of(attrs.get("state"), service), whole(attrs.get("acknowledgement"))
    soft = whole(attrs.get("state_type")) == 0
    trouble = word not in ("", "OK", "UP")
    labels = {"downtime": "yes" if whole(attrs.get("downtime_depth")) else "", **_vars(attrs)}
    return Check(
        host=host,
        service=service,
        word=word,
        soft=soft,
        routine=True,
        status=SignalStatus.ACKNOWLEDGED if trouble and acknowledged else None,
        title=first_line(inside(attrs, "last_check_result", "output")),
        attempt=whole(attrs.get("check_attempt")) if trouble and soft else None,
        max_attempts=whole(attrs.get("max_check_attempts")) if trouble and soft else None,
        at=attrs.get("last_state_change") if soft else attrs.get("last_hard_state_change"),
        starts=attrs.get("last_state_change") if soft else attrs.get("last_hard_state_change"),
        labels=labels,
        runbook=web(attrs.get("notes_url")),
        page=web(attrs.get("action_url")),
    )


def _vars(attrs: dict[str, Json]) -> dict[str, Json]:
    own = attrs.get("vars")
    return own if isinstance(own, dict) else {}


def first_line(output: Json) -> str:
    """The line of a plugin's output that says what is the matter."""
    return next(iter(plain(output).splitlines()), "")


def _streamed(body: dict[str, Json]) -> Check | None:
    """One line of the event stream; None for comments and for objects that came or went."""
    kind = plain(body.get("type"))
    if kind.startswith(_SILENT):
        return None
    if kind.startswith(_REMARKS):
        return _remark(body, kind)
    service = plain(body.get("service"))
    result = as_object(body.get("check_result"), "check_result")
    after = as_object(result.get("vars_after"), "check_result.vars_after")
    told = body if "state" in body else result
    word = word_of(told.get("state"), service, raw=told is result)
    state_type = body.get("state_type", after.get("state_type"))
    soft = whole(state_type) == 0
    status, by = _said(body, kind, word), first_text(body, "author")
    remark = first_text(body, "comment", "text")
    downtime = "yes" if whole(body.get("downtime_depth")) else ""
    return Check(
        host=plain(body.get("host")),
        service=service,
        word=word,
        soft=soft,
        routine=kind == "CheckResult",
        status=status,
        title=first_line(result.get("output")),
        attempt=whole(after.get("attempt")) if soft and word not in ("OK", "UP") else None,
        at=body.get("timestamp"),
        labels={"by": by, "remark": remark, "downtime": downtime},
    )


def _said(body: dict[str, Json], kind: str, word: str) -> SignalStatus | None:
    """The status that an event itself tells; None where the state decides."""
    if kind == "AcknowledgementSet":
        return SignalStatus.ACKNOWLEDGED
    if kind == "AcknowledgementCleared" and not word:
        return SignalStatus.INFO
    if kind == "Notification":
        return NOTICES.get(plain(body.get("notification_type")).upper(), SignalStatus.INFO)
    return None


def _remark(body: dict[str, Json], kind: str) -> Check:
    """A downtime or flapping: what it says is shown, the state stays."""
    about = as_object(body.get("downtime"), "downtime") if "downtime" in body else body
    remark, by = first_text(about, "comment"), first_text(about, "author")
    return Check(
        host=first_text(about, "host_name", "host"),
        service=first_text(about, "service_name", "service").rpartition("!")[2],
        status=SignalStatus.INFO,
        title=f"{kind}: {remark or by or 'no comment'}" if about is not body else kind,
        at=body.get("timestamp"),
        labels={"by": by, "remark": remark},
    )
