"""What the collector's tests build on: a hand that delivers payloads, and a collector that runs in the test's loop."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import aiohttp

from tui.collector.connection import Door
from tui.collector.intake import Delivery, Prepared, Receipt, prepare, take_in
from tui.collector.metrics import Metrics, ages_of
from tui.collector.queue import IntakeQueue
from tui.collector.receiver import Receiver
from tui.collector.service import serve, utc_now
from tui.collector.tokens import Secret, Token
from tui.config import CollectorSettings, Config, SourceSettings
from tui.model.alert import Alert, Candidate
from tui.model.entry import Entry
from tui.model.events import Event
from tui.model.text import clean
from tui.store import log, payloads
from tui.store.aio import AsyncStore
from tui.store.alerts import get_alert, open_candidates
from tui.store.engine import Connection, Store
from tui.store.entries import history
from tui.store.feed import search
from tui.store.integrity import verify

TOKEN = "a-token-for-tests"
PATIENCE = 10.0


class Hand:
    """Delivers payloads to a store, as the collector would. Its clock moves only when it is told to."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.store = store
        self.now = now

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def prepared(self, body: object, *, source: str = "jobs", delivery_id: str | None = None, uid: int = 7) -> Prepared:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return prepare(Delivery(body=raw, received_at=self.now, uid=uid, source=clean(source), delivery_id=delivery_id))

    def send(self, body: object, *, source: str = "jobs", delivery_id: str | None = None) -> Receipt:
        """One delivery in a transaction of its own."""
        (receipt,) = self.send_all([self.prepared(body, source=source, delivery_id=delivery_id)])
        return receipt

    def send_all(self, batch: Sequence[Prepared]) -> list[Receipt]:
        return self.store.tx(lambda conn: take_in(conn, self.now, batch))

    def alert(self, number: int = 1) -> Alert:
        return self.store.read(lambda conn: get_alert(conn, number))

    def alerts(self) -> list[Alert]:
        return self.store.read(lambda conn: search(conn, words="", source=None, since=None, gone=False, limit=1_000))

    def candidates(self) -> list[Candidate]:
        return self.store.read(open_candidates)

    def entries(self, alert: int = 1) -> list[Entry]:
        return self.store.read(lambda conn: history(conn, alert))

    def kept(self) -> list[bytes]:
        """The bodies that lie in the store as evidence, in no order."""

        def read(conn: Connection) -> list[bytes | None]:
            return [payloads.payload(conn, row["digest"]) for row in conn.execute("SELECT digest FROM payload")]

        return [body for body in self.store.read(read) if body is not None]

    def events(self) -> list[Event]:
        return self.store.read(lambda conn: log.since(conn, 0, 10_000))

    def is_whole(self) -> bool:
        """Whether the chain holds and the projections are what a rebuild makes."""
        return verify(self.store).ok


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait for a state of the outside, with a deadline."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"not in time: {what}"
        await asyncio.sleep(0.01)


class Running:
    """A collector that listens: by TCP on a free port, and on a unix socket."""

    def __init__(self, config: Config, lines: Sequence[str], task: "asyncio.Task[int]") -> None:
        self.config = config
        self.lines = list(lines)
        self.task = task
        self.url = next(line.split()[-1] for line in lines if "http" in line)
        self.port = int(self.url.rpartition(":")[2])
        self.socket = config.store.with_name("sev.sock")

    async def call(
        self,
        path: str,
        body: bytes | None = b"{}",
        *,
        method: str = "POST",
        headers: dict[str, str] | None = None,
        unix: bool = False,
        token: str | None = TOKEN,
        chunked: bool = False,
    ) -> tuple[int, dict[str, object], dict[str, str]]:
        """One request on a connection of its own: status, JSON (empty for other content), headers."""
        connector = aiohttp.UnixConnector(str(self.socket)) if unix else aiohttp.TCPConnector()
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        data = None if body is None else io.BytesIO(body)
        async with (
            aiohttp.ClientSession(connector=connector, skip_auto_headers=["Content-Type"]) as session,
            session.request(
                method, self.url + path, data=data, headers={**sent, **(headers or {})}, chunked=chunked or None
            ) as answer,
        ):
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else {}, dict(answer.headers)

    async def text(self, path: str) -> str:
        """What is read at `path`."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession() as session, session.get(self.url + path, headers=headers) as answer:
            assert answer.status == 200
            return await answer.text()

    @contextmanager
    def look(self) -> Iterator[Hand]:
        """A look into the store of the running collector."""
        with Store(self.config.store) as store:
            yield Hand(store, datetime.now(UTC))


@asynccontextmanager
async def running(
    folder: Path,
    *,
    sources: tuple[SourceSettings, ...] = (),
    quiet_after: timedelta = timedelta(hours=6),
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Running]:
    """The real service in this loop; it is stopped, and its end awaited, on leaving."""
    listen = ("127.0.0.1:0", f"unix:{folder / 'sev.sock'}")
    settings = CollectorSettings(listen=listen, quiet_after=quiet_after)
    config = Config(store=folder / "sev.db", collector=settings, sources=sources)
    lines: asyncio.Queue[str] = asyncio.Queue()
    environment = {"SEV_TOKEN": TOKEN}
    task = asyncio.create_task(serve(config, announce=lines.put_nowait, environment=environment, clock=clock))
    told: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while not any(line.startswith("lease") for line in told):
            waiting = asyncio.ensure_future(lines.get())
            await asyncio.wait([waiting, task], return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                raise AssertionError(f"the collector ended with {task.result()} after {told}")
            told.append(waiting.result())
    try:
        yield Running(config, told, task)
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=PATIENCE)
        assert task.done(), "the collector did not stop"


@asynccontextmanager
async def answering(folder: Path, secrets: Mapping[str, Secret]) -> AsyncIterator[Running]:
    """Receiver, queue and store with senders' own secrets, on a free port in this loop; no lease, no clocks."""
    config = Config(store=folder / "sev.db")
    async with AsyncStore(config.store) as store:
        metrics = Metrics(utc_now())
        queue = IntakeQueue(store, metrics, utc_now)
        token = Token(value=TOKEN, place="test")
        receiver = Receiver(
            submit=queue.submit,
            token=token,
            readings={},
            metrics=metrics,
            now=utc_now,
            secrets=secrets,
            ages=lambda: store.read(partial(ages_of, now=utc_now())),
        )
        door = Door(receiver.handle)
        writer = asyncio.create_task(queue.run())
        server = await asyncio.get_running_loop().create_server(door, "127.0.0.1", 0)
        try:
            port = server.sockets[0].getsockname()[1]
            yield Running(config, [f"listening on http://127.0.0.1:{port}"], asyncio.create_task(asyncio.sleep(0, 0)))
        finally:
            server.close()
            await door.shutdown(1)
            writer.cancel()
            await asyncio.wait([writer], timeout=PATIENCE)
