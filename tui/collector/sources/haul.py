"""What one look at a source brings, and what every kind of source is able to do."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from tui.errors import SevError
from tui.formats.decode import Json
from tui.model.alert import Alert
from tui.model.text import clean
from tui.store.engine import Connection
from tui.store.sources import Cursor

OpenAlerts: TypeAlias = Callable[[Sequence[str]], Awaitable[list[Alert]]]
"""The source's alerts in some formats that nobody cleared, as the store has them now."""

Tx: TypeAlias = Callable[[Connection, datetime], None]
"""Work inside the transaction that takes the bodies in; the time is the commit's."""


class Haul(msgspec.Struct, frozen=True, kw_only=True):
    """What one look brought.

    `bodies`: payloads in their order. `cursor`: how far it was read with them (None: as before);
    `after`: more to write; both are committed with the last body, or (`whole`) with all of them.
    `kept` is called once all is committed. `more`: there is more to read at once.
    `only_telling`: bodies without a signal are not kept.
    """

    bodies: tuple[bytes, ...] = ()
    cursor: Cursor | None = None
    after: Tx | None = None
    kept: Callable[[], None] | None = None
    whole: bool = False
    more: bool = False
    only_telling: bool = False


class Puller(Protocol):
    """One source of one kind."""

    pause: float
    """Seconds between two looks."""

    async def pull(self, cursor: Cursor, now: datetime) -> Haul:
        """Look once. Raises SevError where it can't be read."""

    def broke_off(self) -> None:
        """A look failed: what was seen before and what is seen next are not one run."""

    def asked_to_wait(self) -> float | None:
        """Seconds that the source asked us to wait after its last refusal."""

    async def close(self) -> None:
        """Give back what it holds."""


def encode(value: Json) -> bytes:
    """JSON of a value that was read from JSON, whatever characters it holds."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def unreadable(what: str, why: object, mend: str = "") -> SevError:
    """The error for a source that can't be read. `why` may quote it."""
    return SevError(what, clean(why, 200), mend)


class Known:
    """Items handed over before, by an identity and what they said, so that only news is handed over again.

    In memory: after a restart everything is news once, and counts as a repeat.
    """

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._said: dict[str, str] = {}

    def news(self, items: Iterable[tuple[str, Json]]) -> "News":
        """Which of these (identity, what it says) say something new; they are known once `keep` was called."""
        said = {identity: hashlib.sha256(encode(item)).hexdigest() for identity, item in items}
        fresh = {identity: digest for identity, digest in said.items() if self._said.get(identity) != digest}
        return News(frozenset(fresh), lambda: self._keep(fresh))

    def _keep(self, said: dict[str, str]) -> None:
        for identity in said:
            self._said.pop(identity, None)
        self._said |= said
        for identity in list(self._said)[: -self._limit]:
            del self._said[identity]


class News(msgspec.Struct, frozen=True):
    """Identities of what is news, and what makes it known."""

    names: frozenset[str]
    keep: Callable[[], None]
