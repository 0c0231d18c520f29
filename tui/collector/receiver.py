"""HTTP: which address means what, who may send, and what is answered. The limits of connections lie in `connection`."""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from aiohttp import web

from tui.collector.connection import RETRY_SECONDS, answer, peer_of, plain
from tui.collector.delivery import BODY_LIMIT, HEAD_KEPT, Delivery, Prepared, Receipt, delivery_id_of, prepare, refuse
from tui.collector.metrics import CONTENT_TYPE, Metrics
from tui.collector.tokens import Token, admits, is_signed, signature_holds
from tui.errors import StoreError
from tui.formats.registry import AUTO
from tui.model.text import Safe, clean

BODY_SECONDS: Final = 10.0
_DRAINED: Final = 16 << 20  # of a body that is not wanted: read so far, its sender gets to see the answer
_LARGE: Final = 64 << 10  # parsed in a thread, so that other connections are not held up
_ADDRESS: Final = re.compile(r"/v1/([A-Za-z0-9_.-]{1,64})(?:/(.{0,512}))?")
_SECRET: Final = ("authorization", "proxy-authorization", "cookie", "x-sev-signature")

logger = logging.getLogger("sev.collector")


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What an address stands for. `source` None: named after its format. `ok`: the status of success."""

    source: Safe | None = None
    format: str = AUTO
    token: str = ""
    ok: int = 202


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A body as read: only its head where it is longer than allowed. `ended`: nothing of it is left to come."""

    data: bytes
    size: int
    ended: bool

    @property
    def too_long(self) -> bool:
        return self.size > BODY_LIMIT


def target_of(path: str, formats: Mapping[str, str]) -> Target | None:
    """What a path stands for, None for none of ours. `formats`: the format each source is set to."""
    if path == "/api/v2/alerts":
        return Target(format="alertmanager", ok=200)
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return None
    name, token = found[1], found[2] or ""
    if name == AUTO:
        return Target(token=token)
    return Target(source=clean(name), format=formats.get(name, AUTO), token=token)


class Receiver:
    """Answers requests. `submit` takes a delivery and returns when it is committed."""

    def __init__(
        self,
        *,
        submit: Callable[[Prepared], Awaitable[Receipt]],
        token: Token,
        formats: Mapping[str, str],
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._submit = submit
        self._token = token
        self._formats = formats
        self._metrics = metrics
        self._now = now

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; whatever goes wrong inside, the sender is told no more than that."""
        try:
            response = await self._route(request)
        except (ConnectionError, web.RequestPayloadError):
            response = answer(400, {"status": "error", "error": "the body broke off"})
        except Exception:
            logger.exception("a request failed")
            response = answer(500, {"status": "error", "error": "sev failed, see its log"})
        if not await _is_over(request):
            response.force_close()
        self._metrics.answers[response.status] += 1
        return response

    async def _route(self, request: web.BaseRequest) -> web.Response:
        if request.path == "/healthz":
            return self._read_only(request, self._health)
        if request.path == "/metrics":
            return self._read_only(request, lambda: self._metrics_for(request))
        target = target_of(request.path, self._formats)
        if target is None:
            return answer(404, {"status": "error", "error": "no such address"})
        if request.method != "POST":
            return answer(405, {"status": "error", "error": "send payloads with POST"}, {"Allow": "POST"})
        return await self._take(request, target)

    def _read_only(self, request: web.BaseRequest, work: Callable[[], web.Response]) -> web.Response:
        if request.method not in ("GET", "HEAD"):
            return answer(405, {"status": "error", "error": "read it with GET"}, {"Allow": "GET, HEAD"})
        return work()

    def _health(self) -> web.Response:
        if self._metrics.failing:
            return answer(503, {"status": "error", "error": "the store cannot be written"}, _retry())
        return answer(200, {"status": "ok"})

    def _metrics_for(self, request: web.BaseRequest) -> web.Response:
        if peer_of(request) is None and not admits(self._token, _headers(request)):
            return _unauthorized()
        return plain(200, self._metrics.exposition().encode(), CONTENT_TYPE)

    async def _take(self, request: web.BaseRequest, target: Target) -> web.Response:
        headers, uid = _headers(request), peer_of(request)
        trusted = uid is not None or admits(self._token, headers, target.token)
        if not trusted and not is_signed(headers):
            return _unauthorized()
        await _encourage(request)
        body = await _read(request)
        if not body.ended and not body.too_long:
            return answer(408, {"status": "error", "error": "the body came too slowly"})
        if not trusted and not signature_holds(self._token, headers, body.data, self._now()):
            return _unauthorized()
        delivery = Delivery(
            body=body.data,
            received_at=self._now(),
            uid=os.getuid() if uid is None else uid,
            source=target.source,
            format=target.format,
            headers={name: value for name, value in headers.items() if name not in _SECRET},
            delivery_id=delivery_id_of(headers),
            size=body.size if body.too_long else None,
        )
        return await self._store(delivery, target, body)

    async def _store(self, delivery: Delivery, target: Target, body: Body) -> web.Response:
        if body.too_long:
            prepared = refuse(delivery, Safe(f"longer than {BODY_LIMIT} bytes"))
        elif body.size > _LARGE:
            prepared = await asyncio.to_thread(prepare, delivery)
        else:
            prepared = prepare(delivery)
        try:
            receipt = await self._submit(prepared)
        except StoreError as error:
            return answer(503, {"status": "error", "error": str(error)}, _retry())
        return _answer_to(receipt, 413 if body.too_long else target.ok)


def _answer_to(receipt: Receipt, status: int) -> web.Response:
    if receipt.rejected is None:
        return answer(status, {"status": "success", "signals": receipt.signals})
    named = {"status": "rejected", "id": f"R-{receipt.rejected}"}
    if receipt.not_json or status == 413:
        return answer(400 if receipt.not_json else status, {**named, "error": receipt.why or ""})
    return answer(status, {**named})


def _headers(request: web.BaseRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _retry() -> dict[str, str]:
    return {"Retry-After": str(RETRY_SECONDS)}


def _unauthorized() -> web.Response:
    told = {"status": "error", "error": "the token or the signature is missing, wrong or stale"}
    return answer(401, {**told}, {"WWW-Authenticate": 'Bearer realm="sev"'})


async def _is_over(request: web.BaseRequest) -> bool:
    """Read what is left of a body nobody wanted, so that its sender gets to see the answer; False: too much is left."""
    if request.content.at_eof():
        return True
    if "Expect" in request.headers:
        return False  # it waits for our word before it sends the body
    return (await _read(request)).ended


async def _encourage(request: web.BaseRequest) -> None:
    """A client that asks first (curl, for large bodies) is told to go on."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


async def _read(request: web.BaseRequest) -> Body:
    """The body, at most `BODY_LIMIT`; of a longer one the head, the rest is read and thrown away."""
    data, size = bytearray(), 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while size <= _DRAINED and (chunk := await request.content.readany()):
                size += len(chunk)
                data += chunk
                if size > BODY_LIMIT:
                    del data[HEAD_KEPT:]
    except TimeoutError:
        return Body(data=bytes(data), size=size, ended=False)
    return Body(data=bytes(data), size=max(size, request.content_length or 0), ended=request.content.at_eof())
