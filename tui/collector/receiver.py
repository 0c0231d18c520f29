"""HTTP: who may send, what is read of a request, and that it is answered when it is stored.

Addresses lie in `routes`, the words of the answers in `answers`, the limits of connections in `connection`.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec
from aiohttp import web

from tui.collector.answers import Stored, answer_to, busy, opsgenie_refusal, opsgenie_status, unauthorized
from tui.collector.bodies import json_in, without_keys
from tui.collector.connection import answer, is_in, peer_of, plain
from tui.collector.delivery import BODY_LIMIT, HEAD_KEPT, Delivery, Prepared, Receipt, prepare_within, refuse
from tui.collector.events_api import Event, event_of
from tui.collector.metrics import CONTENT_TYPE, Metrics, SourceAge
from tui.collector.reading import Readings
from tui.collector.routes import PAGERDUTY, Dialect, Target, request_of, target_of
from tui.collector.signatures import Fault, fault_of, is_shown, same
from tui.collector.tokens import Secret, Token, admits, is_signed, signature_holds
from tui.errors import StoreError
from tui.formats.opsgenie import ACTION_HEADER, ALIAS_HEADER
from tui.model.text import Safe, clean

BODY_SECONDS: Final = 10.0
_DRAIN_SECONDS: Final = 5.0
_DRAINED: Final = 16 << 20  # of a body that is not wanted: read so far, its sender gets to see the answer
_LARGE: Final = 64 << 10  # parsed in a thread, so that other connections are not held up
_SECRET: Final = ("authorization", "proxy-authorization", "cookie")
_OURS: Final = "x-sev-"  # headers by which the receiver tells a format what the address said: nobody else may
_NO_SECRETS: Final[Mapping[str, Secret]] = {}

logger = logging.getLogger("sev.collector")
T = TypeVar("T")


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A body as read: only its head where it is longer than allowed. `ended`: nothing of it is left to come."""

    data: bytes
    size: int
    ended: bool

    @property
    def too_long(self) -> bool:
        return self.size > BODY_LIMIT


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request for one of our addresses. `headers` have lower-case names; `uid` is None for TCP."""

    target: Target
    headers: dict[str, str]
    uid: int | None
    body: Body
    received_at: datetime


class Receiver:
    """Answers requests. `submit` takes a delivery and returns when it is committed.

    `readings` and `secrets`: how the settings say each source is read, and what it signs with. `ages`: when each
    source was heard.
    """

    def __init__(
        self,
        *,
        submit: Callable[[Prepared], Awaitable[Receipt]],
        token: Token,
        readings: Readings,
        metrics: Metrics,
        now: Callable[[], datetime],
        secrets: Mapping[str, Secret] = _NO_SECRETS,
        ages: Callable[[], Awaitable[Sequence[SourceAge]]],
    ) -> None:
        self._submit = submit
        self._token = token
        self._readings = readings
        self._formats = {name: one.format for name, one in readings.items()}
        self._secrets = secrets
        self._metrics = metrics
        self._now = now
        self._ages = ages

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; whatever goes wrong inside, the sender is told no more than that."""
        try:
            response = await self._route(request)
        except (ConnectionError, web.RequestPayloadError):
            response = answer(400, {"status": "error", "error": "the body broke off"})
        except Exception:
            logger.exception("a request failed")
            response = answer(500, {"status": "error", "error": "sev failed, see its log"})
        if response.status == 408 or not await _is_over(request):
            response.force_close()
        self._metrics.answers[response.status] += 1
        return response

    async def _route(self, request: web.BaseRequest) -> web.Response:
        path = request.rel_url.raw_path
        if path == "/healthz":
            return _only_read(request) or self._health()
        if path == "/metrics":
            return await self._metrics_for(request)
        if request.method in ("GET", "HEAD") and (asked := request_of(path)):
            return self._fate_of(asked, request)
        target = target_of(path, self._formats, request.query)
        if target is None:
            return answer(404, {"status": "error", "error": "no such address"})
        if request.method != "POST":
            return answer(405, {"status": "error", "error": "send payloads with POST"}, {"Allow": "POST"})
        return await self._take(request, target)

    def _health(self) -> web.Response:
        return busy("the store cannot be written") if self._metrics.failing else answer(200, {"status": "ok"})

    async def _metrics_for(self, request: web.BaseRequest) -> web.Response:
        if refusal := _only_read(request):
            return refusal
        if peer_of(request) is None and not admits(self._token, _headers(request)):
            return unauthorized()
        return plain(200, self._metrics.exposition(await self._ages()).encode(), CONTENT_TYPE)

    def _fate_of(self, asked: str, request: web.BaseRequest) -> web.Response:
        if peer_of(request) is None and not admits(self._token, _headers(request)):
            return unauthorized()
        return opsgenie_status(asked)

    async def _take(self, request: web.BaseRequest, target: Target) -> web.Response:
        headers, uid = _headers(request), peer_of(request)
        trusted = uid is not None or admits(self._token, headers, target.token)
        if not trusted and not self._body_decides(headers, target):
            return unauthorized()
        if target.by not in ("", "alias", "id"):
            return opsgenie_refusal(400, "identifierType: alias and id are known here")
        await _encourage(request)
        body = await _read(request, BODY_SECONDS)
        if not body.ended and not body.too_long:
            return answer(408, {"status": "error", "error": "the body came too slowly"})
        is_in(request)
        asked = Request(target=target, headers=headers, uid=uid, body=body, received_at=self._now())
        event = await _worked(body.size, partial(_event_in, asked)) if target.dialect in PAGERDUTY else None
        if not trusted and (fault := self._distrust(asked, event)):
            return unauthorized(fault)
        return await self._store(asked, event)

    def _body_decides(self, headers: Mapping[str, str], target: Target) -> bool:
        """Whether a request without the token may yet prove itself: by a signature, or by a key in its body."""
        signed = is_signed(headers) or (target.name in self._secrets and is_shown(headers))
        return signed or target.dialect in PAGERDUTY

    def _distrust(self, asked: Request, event: Event | None) -> Fault | None:
        """None where the body proves who sent it: with the token as its key, or by a signature."""
        if event is not None and same(event.key, self._token.value):
            return None
        if signature_holds(self._token, asked.headers, asked.body.data, asked.received_at):
            return None
        secret = self._secrets.get(asked.target.name)
        if secret is None:
            return Fault.MISSING
        return fault_of(secret.value, asked.headers, asked.body.data, asked.received_at)

    async def _store(self, asked: Request, event: Event | None) -> web.Response:
        token = self._token.value.encode()
        prepared = await _worked(asked.body.size, partial(_prepared, asked, event, token, self._readings))
        try:
            receipt = await self._submit(prepared)
        except StoreError as error:
            return busy(str(error))
        took = (self._now() - asked.received_at).total_seconds()
        too_long = asked.body.too_long
        return answer_to(
            asked.target, Stored(prepared=prepared, receipt=receipt, event=event, too_long=too_long, took=took)
        )


def _only_read(request: web.BaseRequest) -> web.Response | None:
    """The refusal of anything but reading."""
    if request.method in ("GET", "HEAD"):
        return None
    return answer(405, {"status": "error", "error": "read it with GET"}, {"Allow": "GET, HEAD"})


async def _worked(size: int, work: Callable[[], T]) -> T:
    """What `work` makes of a body of `size` bytes."""
    return await asyncio.to_thread(work) if size > _LARGE else work()


def _event_in(asked: Request) -> Event:
    return event_of(asked.body.data, json_in(asked.body.data, asked.headers), asked.target.dialect)


def _prepared(asked: Request, event: Event | None, token: bytes, readings: Readings) -> Prepared:
    """A request as a delivery that was read, or refused with the reason. A `token` shown as a key does not stay."""
    body, target = asked.body, asked.target
    delivery = Delivery(
        body=body.data,
        received_at=asked.received_at,
        uid=os.getuid() if asked.uid is None else asked.uid,
        source=target.source,
        format=target.format,
        headers=_told(asked),
        size=body.size if body.too_long else None,
    )
    if event is not None:
        delivery = msgspec.structs.replace(delivery, body=event.read, kept=event.kept)
    elif token in body.data:
        inner = json_in(body.data, asked.headers)
        kept = without_keys(body.data, inner)
        delivery = msgspec.structs.replace(delivery, body=without_keys(inner, inner), kept=kept)
    if target.alias:
        delivery = _with_address(delivery, target)
    if body.too_long:
        return refuse(delivery, Safe(f"longer than {BODY_LIMIT} bytes"))
    if event is not None and event.faults:
        prepared = refuse(delivery, clean("; ".join(event.faults)))
    else:
        prepared = prepare_within(delivery, readings)
    return msgspec.structs.replace(prepared, size=body.size)


def _with_address(delivery: Delivery, target: Target) -> Delivery:
    """An action whose object is in the address alone: what is kept names it, and an empty body is no mistake."""
    line = f"POST /v2/alerts/{quote(target.alias, safe='')}/{target.action}?identifierType={target.by}\n\n"
    sent = delivery.body if delivery.kept is None else delivery.kept
    body = delivery.body if delivery.body.strip() else b"{}"
    return msgspec.structs.replace(delivery, body=body, kept=line.encode() + sent)


def _told(asked: Request) -> dict[str, str]:
    """What a format may know of the headers: no secrets, and of ours only what the address said."""
    headers = {
        name: value for name, value in asked.headers.items() if name not in _SECRET and not name.startswith(_OURS)
    }
    if asked.target.dialect is Dialect.OPSGENIE:
        headers[ACTION_HEADER] = asked.target.action
    if asked.target.alias:
        headers[ALIAS_HEADER] = asked.target.alias
    return headers


def _headers(request: web.BaseRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


async def _is_over(request: web.BaseRequest) -> bool:
    """Read what is left of a body nobody wanted, so that its sender gets to see the answer; False: too much is left."""
    if request.content.at_eof():
        return True
    if "Expect" in request.headers:
        return False  # it waits for our word before it sends the body
    return (await _read(request, _DRAIN_SECONDS)).ended


async def _encourage(request: web.BaseRequest) -> None:
    """A client that asks first (curl, for large bodies) is told to go on."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


async def _read(request: web.BaseRequest, seconds: float) -> Body:
    """The body, at most `BODY_LIMIT`; of a longer one the head, the rest is read and thrown away."""
    data, size = bytearray(), 0
    try:
        async with asyncio.timeout(seconds):
            while size <= _DRAINED and (chunk := await request.content.readany()):
                size += len(chunk)
                data += chunk
                if size > BODY_LIMIT:
                    del data[HEAD_KEPT:]
    except TimeoutError:
        return Body(data=bytes(data), size=size, ended=False)
    return Body(data=bytes(data), size=max(size, request.content_length or 0), ended=request.content.at_eof())
