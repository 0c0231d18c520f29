"""Asking over HTTP: one session for each source, with its token, its own authority, limits, and what changed since."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, TypeAlias

import aiohttp
import msgspec

from tui.collector.sources.haul import encode, unreadable
from tui.config import SourceSettings
from tui.errors import NotJsonError
from tui.formats.decode import Json, parse_json
from tui.model.text import Safe, clean

LIMIT: Final = 8 << 20
"""Bytes of the longest answer that is read."""

PATIENCE: Final = 20.0
"""Seconds that one answer may take."""

_LARGE: Final = 64 << 10  # parsed in a thread, so that the receiver is not held up
_SCHEMES: Final = ("basic", "bearer", "token")
_REMEMBERED: Final = 32
_TOLD: Final = 100

Query: TypeAlias = Sequence[tuple[str, str]]


class Answer(msgspec.Struct, frozen=True):
    """What a server answered. `missing`: it knows no such thing; `json` is None then."""

    json: Json
    missing: bool = False


class _Before(msgspec.Struct, frozen=True):
    """An answer, and what to ask with next time so that it need not be sent again."""

    headers: dict[str, str]
    json: Json


class Http:
    """The client of one source. Opened at the first question; close it."""

    def __init__(self, settings: SourceSettings, *, authority: str = "Bearer {}", patience: float = PATIENCE) -> None:
        self._settings = settings
        self._authority = authority
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None
        self._before: dict[str, _Before] = {}
        self.asked_to_wait: float | None = None
        """Seconds after which the server wants to be asked again; None where it did not say."""

    async def get(self, path: str, query: Query = (), *, may_miss: bool = False) -> Answer:
        """GET the source's address with `path` behind it. `may_miss`: 404 is an answer. Raises SevError."""
        return await self._ask("GET", path, query, None, may_miss=may_miss)

    async def post(self, path: str, body: Json) -> Answer:
        """POST JSON to the source's address with `path` behind it. Raises SevError."""
        return await self._ask("POST", path, (), encode(body), may_miss=False)

    async def close(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ask(self, method: str, path: str, query: Query, body: bytes | None, *, may_miss: bool) -> Answer:
        self.asked_to_wait = None
        url = self._settings.url + path
        try:
            return await self._exchange(method, url, query, body, may_miss=may_miss)
        except TimeoutError:
            raise unreadable(f"no answer from {url}", f"waited {self._patience:g}s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise unreadable(f"cannot reach {url}", str(error) or type(error).__name__) from error

    async def _exchange(self, method: str, url: str, query: Query, body: bytes | None, *, may_miss: bool) -> Answer:
        place = f"{url}?{query}" if method == "GET" else ""
        before = self._before.get(place)
        headers = {**_authority(self._settings, self._authority), **(before.headers if before else {})}
        if body is not None:
            headers["Content-Type"] = "application/json"
        async with self._opened().request(
            method, url, params=list(query), data=body, headers=headers, allow_redirects=False
        ) as response:
            if response.status == HTTPStatus.NOT_MODIFIED and before is not None:
                return Answer(before.json)
            if response.status == HTTPStatus.NOT_FOUND and may_miss:
                return Answer(None, missing=True)
            if response.status != HTTPStatus.OK:
                self.asked_to_wait = _retry_after(response.headers)
                raise unreadable(f"{url} answers {response.status}", await _reason(response), _mend(response))
            json = await _parsed(url, await _whole(url, response))
            self._remember(place, response.headers, json)
            return Answer(json)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=_tls(self._settings)),
                timeout=aiohttp.ClientTimeout(total=self._patience),
                headers={"Accept": "application/json", "User-Agent": "sev"},
                trust_env=True,
            )
        return self._session

    def _remember(self, place: str, headers: Mapping[str, str], json: Json) -> None:
        self._before.pop(place, None)
        told = {"If-None-Match": headers.get("ETag"), "If-Modified-Since": headers.get("Last-Modified")}
        asked = {name: value for name, value in told.items() if value}
        if place and asked:
            self._before[place] = _Before(asked, json)
            for oldest in list(self._before)[:-_REMEMBERED]:
                del self._before[oldest]


def _authority(settings: SourceSettings, pattern: str) -> dict[str, str]:
    """The token as it lies in its file now: whoever renews it need not start us anew. A scheme before it wins."""
    if settings.token_file is None:
        return {}
    try:
        token = settings.token_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(f"{settings.token_file} cannot be read", error, "check the token_file and its mode") from error
    if not token or not token.isprintable():
        raise unreadable(f"{settings.token_file} holds no token", "it is empty or of several lines", "write one line")
    stated = token.partition(" ")[0].lower() in _SCHEMES and " " in token
    return {"Authorization": token if stated else pattern.format(token)}


def _tls(settings: SourceSettings) -> ssl.SSLContext | bool:
    if settings.ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise unreadable(f"{settings.ca_file} is no authority to trust", error, "check the ca_file") from error


async def _whole(url: str, response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    while chunk := await response.content.readany():
        data += chunk
        if len(data) > LIMIT:
            raise unreadable(f"the answer of {url} is too long", f"more than {LIMIT >> 20} MB")
    return bytes(data)


async def _parsed(url: str, body: bytes) -> Json:
    try:
        return await asyncio.to_thread(parse_json, body) if len(body) > _LARGE else parse_json(body)
    except NotJsonError as error:
        raise unreadable(f"the answer of {url} is not JSON", error.why, "check the url") from None


async def _reason(response: aiohttp.ClientResponse) -> Safe:
    """The first words of a refusal."""
    said = (await response.content.read(4 * _TOLD)).decode("utf-8", "replace")
    return clean(said, _TOLD) or clean(response.reason or "no reason given")


def _mend(response: aiohttp.ClientResponse) -> str:
    if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return "check the token_file"
    if response.status == HTTPStatus.NOT_FOUND:
        return "check the url"
    place = response.headers.get("Location", "")
    return f"it moved to {clean(place, _TOLD)}, set url to that" if 300 <= response.status < 400 and place else ""


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number or a time."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit() and len(said) < 10:
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
