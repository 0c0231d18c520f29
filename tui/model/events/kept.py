"""Bodies of what was done to the log itself: erased, replaced, restored."""

import msgspec

from tui.model.events.body import Body
from tui.model.text import Safe


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """An event whose body is gone. `left`: that body as JSON with its words taken out, from which a rebuild goes on."""

    seq: int
    left: str


class Redacted(Body, tag="redact", frozen=True, kw_only=True):
    """The actor erased what an entry (or a rejected payload) said, and what repeated it without an entry of its own."""

    erased: tuple[Erased, ...]
    reason: Safe
    entry: int | None = None
    rejected: int | None = None


class Restored(Body, tag="restore", frozen=True, kw_only=True):
    """A backup with a fault was put in the store's place all the same. `head`: its head hash in hex."""

    head: str
    reason: Safe


class Checkpointed(Body, tag="checkpoint", frozen=True, kw_only=True):
    """Events up to `last` are replaced by a snapshot of what they had made of the projections.

    `head`: hash of the event `last`, to which the next one is chained; `digest`: SHA-256 of the snapshot. Both in hex.
    """

    first: int
    last: int
    head: str
    digest: str
