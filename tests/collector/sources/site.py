"""A real HTTP server on loopback that answers as a test tells it to: tools that fail, hang, refuse and come back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import msgspec
from aiohttp import web

from tui.formats.decode import Json

Answering: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Page: TypeAlias = "Json | Answering"


class Asked(msgspec.Struct, frozen=True):
    """One request that came."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes


class Site:
    """What is served: by path, a JSON value or a function. `asked` keeps every request."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.pages: dict[str, Page] = {}

    def serve(self, path: str, page: Page) -> None:
        self.pages[path] = page

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        query = [(name, value) for name, value in request.query.items()]
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Asked(request.method, request.path, query, headers, await request.read()))
        page = self.pages.get(request.path)
        if page is None and request.path not in self.pages:
            return web.json_response({"detail": "no such page"}, status=404)
        if callable(page):
            return await page(request)
        return web.json_response(page)


async def hang(_: web.BaseRequest) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


def refusal(status: int, **headers: str) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    """Always refuse; `Retry_After` stands for `Retry-After`."""

    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text="go away", headers=told)

    return answer


@asynccontextmanager
async def site(port: int = 0) -> AsyncIterator[Site]:
    """Serve on loopback until the end of the block."""
    served = Site()
    server = web.Server(served.answer)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", port)
    await tcp.start()
    served.url = tcp.name.rstrip("/") if port else f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield served
    finally:
        await runner.cleanup()
