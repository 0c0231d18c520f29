"""One HTTP connection and its limits, which aiohttp does not have: time and size of the head, how many there may be."""

import asyncio
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import msgspec
from aiohttp import web

HEAD_BYTES: Final = 16 << 10
HEAD_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 12.0
_LINGERING: Final = 1.0  # for what is still on its way after a refusal, so that the answer arrives before the end
CONNECTIONS: Final = 256
_MOMENT: Final = 0.5  # in which a sender who connects sends its head, also where many connect at once
RETRY_SECONDS: Final = 5
"""What `Retry-After` says."""

_END_OF_HEAD: Final = b"\r\n\r\n"
_LAST: Final = "Connection: close\r\nContent-Length: 0\r\n\r\n"
_FULL: Final = f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {RETRY_SECONDS}\r\n{_LAST}".encode()
_LONG: Final = f"HTTP/1.1 431 Request Header Fields Too Large\r\n{_LAST}".encode()

Answer: TypeAlias = dict[str, str | int]
Handler: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_quiet = logging.getLogger("sev.http.access")
_quiet.disabled = True  # addresses may hold a token: they are never logged


def answer(status: int, body: Answer, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return plain(status, msgspec.json.encode(body), "application/json", headers)


def plain(status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> web.Response:
    """Any answer. It does not tell which software, of which version, gives it."""
    told = {"Content-Type": content_type, "Server": "sev", **(headers or {})}
    return web.Response(status=status, body=body, headers=told)


class Connection(web.RequestHandler):
    """aiohttp's connection, closed when its head is too slow or too long, or when it is idle.

    `peer_uid`: whom the kernel knows the other end of a unix socket as; None for TCP. `owes_since`: since when
    the other end owes us a head, a body, or to read its answer (the loop's time); None while it waits for us.
    """

    def __init__(self, door: "Door", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(door, loop=loop, keepalive_timeout=IDLE_SECONDS, access_log=_quiet, lingering_time=_LINGERING)
        self._door = door
        self._timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._head_is_in = False
        self._tail = b""
        self.peer_uid: int | None = None
        self.owes_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.peer_uid = _peer_uid(transport.get_extra_info("socket"))
        if self._door.has_room_for(self):
            self._expect(HEAD_SECONDS)
        else:
            self.turn_away(_FULL)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.owes_nothing()
        self._door.closing.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._head_is_in and not self._head_allows(data):
            self.turn_away(_LONG)
            return
        super().data_received(data)

    def _head_allows(self, data: bytes) -> bool:
        """Follow the head until it ends; False when it is too long."""
        if not self._head_bytes:
            self._expect(HEAD_SECONDS)
        seen = self._tail + data
        end = seen.find(_END_OF_HEAD)
        if end < 0:
            self._head_bytes += len(data)
            self._tail = seen[-3:]
            return self._head_bytes <= HEAD_BYTES
        self._head_is_in = True
        self._stop_timer()  # a body has its own time, and what was in time with its head is still owed
        return self._head_bytes + end <= HEAD_BYTES

    def answered(self) -> None:
        """The request is done with; what comes now is the head of the next one."""
        self._head_is_in, self._head_bytes, self._tail = False, 0, b""
        self._expect(IDLE_SECONDS)

    def owes_nothing(self) -> None:
        """The request is in: now it waits for us."""
        self._stop_timer()
        self.owes_since = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is not HTTP gets a short answer; it is not logged, for it may hold a token."""
        response = answer(status, {"status": "error", "error": "not a request we can read"})
        response.force_close()
        return response

    def turn_away(self, response: bytes) -> None:
        """Close it with these last words."""
        if self.transport is not None:
            self.transport.write(response)
        self._end()

    def make_way(self) -> None:
        """Close it for another one's sake. One that is idle gets no word: it would take it for another answer."""
        self.turn_away(_FULL if self._head_bytes or self._head_is_in else b"")

    def _end(self) -> None:
        self.owes_nothing()
        self._door.closing.add(self)
        transport = self.transport
        self.force_close()
        if transport is not None and transport.get_write_buffer_size():
            transport.abort()  # it does not read: waiting until it did would keep it for ever

    def _expect(self, seconds: float) -> None:
        """From now on the other end owes us something, for so long at most."""
        self._stop_timer()
        self.owes_since = self._loop.time()
        self._timer = self._loop.call_later(seconds, self._end)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Door(web.Server):
    """Makes connections for every listening socket and counts them together. Needs a running loop."""

    def __init__(self, handler: Handler) -> None:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            try:
                return await handler(request)
            finally:
                if isinstance(request.protocol, Connection):
                    request.protocol.answered()

        super().__init__(handle)
        self._running = asyncio.get_running_loop()
        self.closing: set[Connection] = set()
        """Those that were closed by us and are not gone yet."""

    def __call__(self) -> web.RequestHandler:
        return Connection(self, self._running)

    def has_room_for(self, newcomer: Connection) -> bool:
        """Whether it may stay. When there are too many, those that owe us something for longest make way.

        So senders that are slow on purpose cannot keep out those that send at once. One that came just now gets
        a moment to send, in which there may be twice as many.
        """
        over = len(self.connections) - len(self.closing) - CONNECTIONS
        if over <= 0:
            return True
        owing = sorted(
            (one.owes_since, id(one), one)
            for one in self.connections
            if isinstance(one, Connection) and one.owes_since is not None and one is not newcomer
        )
        now = self._running.time()
        make_way = [one for since, _, one in owing[:over] if now - since >= _MOMENT]
        if over > CONNECTIONS and not make_way:
            make_way = [one for _, _, one in owing[:1]]
        for one in make_way:
            one.make_way()
        return over - len(make_way) <= min(CONNECTIONS, len(owing) - len(make_way))


def is_in(request: web.BaseRequest) -> None:
    """Note that the whole request was read, so that what follows is our time and not its sender's."""
    if isinstance(request.protocol, Connection):
        request.protocol.owes_nothing()


def peer_of(request: web.BaseRequest) -> int | None:
    """The uid at the other end of a unix socket; None for TCP."""
    return request.protocol.peer_uid if isinstance(request.protocol, Connection) else None


def _peer_uid(sock: socket.socket | None) -> int | None:
    if sock is None or sock.family != socket.AF_UNIX:
        return None
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:  # the folder's mode alone says who may connect
        return os.getuid()
    uid: int = struct.unpack("=iII", sock.getsockopt(socket.SOL_SOCKET, option, 12))[1]
    return uid
