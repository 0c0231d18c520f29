"""What every screen of one console shares: the store, the person, the clock. Reads, acts, and knows what moved."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

import msgspec

from tui.collector import lease
from tui.config import Config
from tui.console.drafts import Drafts, drafts_folder
from tui.console.presence import Presence
from tui.desk.act import Act, Outcome, Pen, perform
from tui.errors import StoreError, StoreFullError
from tui.model.entry import Actor
from tui.store import ballast
from tui.store.aio import AsyncStore
from tui.store.engine import Connection, Store
from tui.triage.guide import DEAD_AFTER

P = ParamSpec("P")
T = TypeVar("T")


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Collector(Protocol):
    """A collector that this console brought along."""

    @property
    def runs(self) -> bool:
        """Whether it is this console's own that runs."""

    @property
    def is_starting(self) -> bool:
        """Whether it was started so lately that no beat of it can be there."""

    @property
    def trouble(self) -> str:
        """Why this console may not bring one; empty where it may."""

    def ensure(self) -> None:
        """Start one where none runs."""


_BEAT_MISSED: Final = timedelta(seconds=1.5)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The collector's: `age` of its last beat (None: nobody holds the lease); `starting`: ours comes up right now.

    `trouble`: what keeps it from taking in, in its own words.
    `unheard`: its heartbeat to the outside fails.
    """

    age: timedelta | None
    starting: bool = False
    trouble: str = ""
    unheard: bool = False

    @property
    def is_dead(self) -> bool:
        """Whether nothing collects."""
        return not self.starting and (self.age is None or self.age > DEAD_AFTER)

    @property
    def missed_a_beat(self) -> bool:
        """Whether it is time to ask the kernel if anybody holds the lease: beats come every second."""
        return not self.starting and (self.age is None or self.age > _BEAT_MISSED)


class Session:
    """One person at one store."""

    def __init__(
        self,
        config: Config,
        actor: Actor,
        *,
        read_only: bool = False,
        slow: bool = False,
        badge: str = "",
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self.config = config
        self.actor = actor
        self.read_only = read_only
        self.slow = slow
        self.news_every = 0.5 if slow else 0.05
        """Seconds between two looks for other people's changes."""
        self.paint_every = 0.5 if slow else 0.1
        """Seconds between two repaints for them, at least: 10 a second, 2 on a slow link."""
        self.badge = badge
        """What marks the screen where its data is not live: `DEMO`."""
        self.clock = clock
        self.collector: Collector | None = None
        self.drafts = Drafts(None if badge else drafts_folder(config.store), actor.name)
        """What the person typed and did not send; of a throw-away store nothing outlives the console."""
        self.presence = Presence(config.store, actor.name, clock)
        self._store = AsyncStore(config.store, read_only=read_only)
        self._watch: Store | None = None
        self._seen = -1

    async def open(self) -> None:
        """Open the store's connections. Raises StoreError."""
        await self._store.open()
        self._watch = Store(self.config.store, read_only=True)
        if not self.read_only:
            self.presence.open()

    async def close(self) -> None:
        """Close them all."""
        self.presence.close()
        if self._watch is not None:
            self._watch.close()
        await self._store.close()

    def moved(self) -> bool:
        """Whether anybody committed since this was asked last; costs microseconds."""
        if self._watch is None:
            return False
        version = self._watch.data_version()
        moved, self._seen = version != self._seen, version
        return moved

    async def read(self, work: Callable[[Connection], T]) -> T:
        """`work(conn)` on one snapshot."""
        return await self._store.read(work)

    async def do(self, deed: Callable[Concatenate[Pen, P], Outcome], *args: P.args, **kwargs: P.kwargs) -> Outcome:
        """Let the person do `deed` now; it is committed when this returns. Raises SevError."""
        return await self.do_since(None, deed, *args, **kwargs)

    async def do_since(
        self, seen: int | None, deed: Callable[Concatenate[Pen, P], Outcome], *args: P.args, **kwargs: P.kwargs
    ) -> Outcome:
        """The same for who decided on what the store held at event `seen`. Raises ChangedError where it moved on."""
        if self.read_only:
            raise StoreError("nothing was written", "this console is read-only", "start it without --read-only")
        act = Act(actor=self.actor, now=self.clock(), idem=uuid.uuid4().hex, seen=seen)

        def work(conn: Connection) -> Outcome:
            return perform(conn, act, deed, *args, **kwargs)

        try:
            outcome = await self._store.tx(work)
        except StoreFullError:
            if not ballast.free(self.config.store):
                raise
            outcome = await self._store.tx(work)
        self.drafts.settle()
        return outcome

    def health(self) -> Health:
        """Whether somebody collects, asked of the lease file alone: it costs microseconds."""
        path = lease.lease_path(self.config.store)
        starting = self.collector is not None and self.collector.is_starting
        held = lease.holder(path)
        if held is None or held.passing:
            return Health(age=None, starting=starting)
        silence = lease.age(path, self.clock())
        return Health(age=silence, starting=starting, trouble=held.trouble, unheard=bool(held.heartbeat))
