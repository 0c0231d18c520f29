"""The open doors of a running collector: which they are, how they open, and how they close with nobody left behind."""

import asyncio
import ssl
from typing import Final

from tui.collector import sockets
from tui.collector.connection import HEAD_SECONDS, Door
from tui.config import CollectorSettings
from tui.errors import UsageError

_GRACE: Final = 8.0  # for requests that are under way when it stops


def places_of(
    settings: CollectorSettings, listen: tuple[str, ...] | None, *, insecure: bool
) -> tuple[sockets.Tcp | sockets.Unix, ...]:
    """Where to listen: `listen`, else as the settings say. Raises UsageError for what would not be safe."""
    places = tuple(sockets.parse(text) for text in listen or settings.listen)
    for place in places:
        if isinstance(place, sockets.Tcp) and not (place.is_loopback or settings.tls_cert or insecure):
            raise UsageError(
                f"{place.host} can be reached from other machines",
                "the token would travel in the clear",
                "set [collector] tls_cert and tls_key, or say --insecure",
            )
    return places


class Listening:
    """The open doors, as a context: on leaving, requests under way are answered before the last socket closes."""

    def __init__(
        self,
        door: Door,
        places: tuple[sockets.Tcp | sockets.Unix, ...],
        settings: CollectorSettings,
        *,
        moves: bool,
        team: int | None,
    ) -> None:
        self._door = door
        self._places = places
        self._tls = sockets.tls_of(settings)
        self._moves = moves
        self._team = team
        self._listeners: list[sockets.Listener] = []
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> tuple[str, ...]:
        scheme = "https" if self._tls else "http"
        self._listeners = sockets.open_all(self._places, scheme=scheme, may_move=self._moves, team=self._team)
        for listener in self._listeners:
            self._servers.append(await self._start(listener))
        return tuple(listener.address for listener in self._listeners)

    async def _start(self, listener: sockets.Listener) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        if listener.path is not None:
            return await loop.create_unix_server(self._door, sock=listener.sock, backlog=sockets.BACKLOG)
        tls: ssl.SSLContext | None = self._tls
        patience = HEAD_SECONDS if tls else None
        return await loop.create_server(
            self._door, sock=listener.sock, backlog=sockets.BACKLOG, ssl=tls, ssl_handshake_timeout=patience
        )

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for listener in self._listeners:
            listener.close()
        self._door.pre_shutdown()
        await self._door.shutdown(_GRACE)
