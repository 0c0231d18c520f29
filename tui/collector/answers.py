"""What senders are told, each in the words it knows: of a delivery that was stored, and of what went wrong."""

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec
from aiohttp import web

from tui.collector.connection import RETRY_SECONDS, answer, plain
from tui.collector.delivery import Prepared, Receipt
from tui.collector.events_api import NAMES, Event
from tui.collector.routes import PAGERDUTY, Dialect, Target
from tui.collector.signatures import Fault

Told: TypeAlias = dict[str, "str | int | float | bool | Sequence[str] | Told"]

_REQUEST: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-([0-9a-f]{12})")
_NOT_OURS: Final = "the token or the signature is missing, wrong or stale"


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is committed: what was read, what became of it, and how long that took in seconds.

    `event`: what it was as an event for PagerDuty, if it came to such an address.
    """

    prepared: Prepared
    receipt: Receipt
    event: Event | None = None
    too_long: bool = False
    took: float = 0.0

    @property
    def why(self) -> str:
        return self.receipt.why or ""


def answer_to(target: Target, stored: Stored) -> web.Response:
    """The answer to a delivery that was stored."""
    if stored.too_long:
        return _json(413, {**_kept(stored), "error": stored.why})
    if target.dialect in PAGERDUTY:
        return _pagerduty(target, stored)
    if target.dialect is Dialect.OPSGENIE:
        return _opsgenie(target, stored)
    if stored.receipt.not_json:
        return _json(400, {**_kept(stored), "error": stored.why})
    if stored.receipt.rejected is not None:
        return _json(target.ok, _kept(stored))
    if target.dialect is Dialect.LINEAGE:
        return plain(target.ok, b"", "text/plain")
    return _json(target.ok, {"status": "success", "signals": stored.receipt.signals})


def _kept(stored: Stored) -> Told:
    """That a delivery was rejected, and the name it is kept under; empty where it was not."""
    number = stored.receipt.rejected
    return {} if number is None else {"status": "rejected", "id": f"R-{number}"}


def _pagerduty(target: Target, stored: Stored) -> web.Response:
    """An event that PagerDuty would refuse is refused in its words; what only we can't read is kept all the same."""
    kept, event = _kept(stored), stored.event
    faults = event.faults if event else ()
    if stored.receipt.not_json or faults:
        said: Told = {"status": "invalid event", "message": "Event object is invalid"}
        return _json(400, {**kept, **said, "errors": faults or (stored.why,)})
    named: Told = {NAMES[target.dialect]: event.name} if event and target.dialect in NAMES else {}
    if kept:
        return _json(target.ok, {**kept, "message": stored.why, **named})
    processed = "Change event processed" if target.dialect is Dialect.CHANGES else "Event processed"
    return _json(target.ok, {"status": "success", "message": processed, **named})


def _opsgenie(target: Target, stored: Stored) -> web.Response:
    rest: Told = {"took": round(stored.took, 3), "requestId": _request_id(stored)}
    if stored.receipt.not_json:
        return _json(400, {**_kept(stored), "message": stored.why, **rest})
    return _json(target.ok, {**_kept(stored), "result": "Request will be processed", **rest})


def _request_id(stored: Stored) -> str:
    """A UUID that holds what became of the request, so that nothing has to be remembered to tell of it."""
    digest, number = stored.prepared.digest, stored.receipt.rejected or 0
    return f"{digest[:8]}-{digest[8:12]}-8{digest[12:15]}-8{digest[15:18]}-{number:012x}"


def opsgenie_status(request: str) -> web.Response:
    """What became of a request, by the name that it was given."""
    found = _REQUEST.fullmatch(request.lower())
    if found is None:
        return opsgenie_refusal(404, "no such request")
    number = int(found[1], 16)
    success = number == 0
    said = "Request processed" if success else f"Rejected and kept as R-{number}"
    data: Told = {"success": success, "isSuccess": success, "status": said}
    return _json(200, {"data": data, "took": 0.0, "requestId": request.lower()})


def opsgenie_refusal(status: int, message: str) -> web.Response:
    return _json(status, {"message": message, "took": 0.0, "requestId": ""})


def unauthorized(fault: Fault | None = None) -> web.Response:
    """401. `fault`: what is wrong with the signature that was shown."""
    why = f"the signature is {fault}" if fault in (Fault.STALE, Fault.WRONG) else _NOT_OURS
    return answer(401, {"status": "error", "error": why}, {"WWW-Authenticate": 'Bearer realm="sev"'})


def busy(why: str) -> web.Response:
    """503, and when to come again."""
    return answer(503, {"status": "error", "error": why}, {"Retry-After": str(RETRY_SECONDS)})


def _json(status: int, body: Told) -> web.Response:
    return plain(status, msgspec.json.encode(body), "application/json")
