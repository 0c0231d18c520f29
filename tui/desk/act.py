"""Who acts, with which pen, and what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec

import msgspec

from tui.errors import ChangedError
from tui.model.entry import MACHINE, Actor
from tui.model.events import AnyBody, Event
from tui.model.ids import Ref
from tui.model.moment import short_span
from tui.model.sentence import tell
from tui.model.text import Safe, clean
from tui.store import log
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.record import record

P = ParamSpec("P")


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a person does now. `idem` names it: done twice under one name it is written once.

    `seen`: the newest event that the person had before them when they began; None where they saw nothing
    before, as with a verb, which says what is to be.
    """

    actor: Actor
    now: datetime
    idem: str | None = None
    seen: int | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an act came to: the last event it wrote (0: nothing was to do), one line that says it, what it changed."""

    seq: int
    said: Safe
    changed: tuple[Ref, ...] = ()


class Pen:
    """Writes the events of one act in the order they are given."""

    def __init__(self, conn: Connection, act: Act) -> None:
        self.conn = conn
        self.act = act
        self.seq = 0
        self._count = 0

    @property
    def actor(self) -> Safe:
        return self.act.actor.name

    @property
    def now(self) -> datetime:
        return self.act.now

    def write(
        self, body: AnyBody, *, incident: int | None = None, alert: int | None = None, at: datetime | None = None
    ) -> Event:
        """Record `body` as done by the actor; `at` where it happened at another time than now."""
        return self._record(body, self.act.actor, incident, alert, at)

    def machine_writes(self, body: AnyBody, *, incident: int | None = None, alert: int | None = None) -> Event:
        """Record what the product adds by itself to a person's act."""
        return self._record(body, Actor(MACHINE, self.act.actor.uid), incident, alert, None)

    def heed(
        self,
        what: str,
        yours: str,
        *kinds: type[AnyBody],
        incident: int | None = None,
        alert: int | None = None,
        about: Callable[[AnyBody], bool] = lambda _: True,
    ) -> None:
        """Raises ChangedError when somebody else changed this very thing since the actor saw it.

        `what` names the thing and `yours` the value that was to be written; `kinds` are the events that change
        it, `about` picks those that do where kind, incident and alert alone don't tell.
        """
        if self.act.seen is None:
            return
        for event in log.by_others_since(self.conn, self.act.seen, self.actor, tuple(map(log.tag_of, kinds))):
            same = incident in (None, event.incident) and alert in (None, event.alert)
            if same and event.body is not None and about(event.body):
                sentence = tell(event.body)
                theirs = sentence[1] if sentence else Safe("")
                ago = short_span(self.now - event.recorded_at)
                raise ChangedError(
                    f"{what} was not written",
                    f"changed by {event.actor} {ago} ago",
                    f"theirs is {theirs}; yours was {yours}",
                    theirs=theirs,
                    yours=yours,
                    seq=event.seq,
                )

    def _record(
        self, body: AnyBody, actor: Actor, incident: int | None, alert: int | None, at: datetime | None
    ) -> Event:
        idem = f"{self.act.idem}/{self._count}" if self.act.idem else None
        self._count += 1
        stamp = Stamp(actor=actor, now=self.act.now, at=at)
        event = record(self.conn, stamp, body, incident=incident, alert=alert, idem=idem)
        self.seq = event.seq
        return event

    def done(self, said: str, *changed: Ref) -> Outcome:
        """The outcome of all that was written."""
        return Outcome(seq=self.seq, said=clean(said, 1_000), changed=changed)


def perform(
    conn: Connection, act: Act, deed: Callable[Concatenate[Pen, P], Outcome], *args: P.args, **kwargs: P.kwargs
) -> Outcome:
    """Do `deed` inside the caller's transaction, unless an act of the same name was done before."""
    if act.idem is not None:
        before = log.seq_of_command(conn, f"{act.idem}/0")
        if before is not None:
            return Outcome(seq=before, said=Safe("already done"))
    return deed(Pen(conn, act), *args, **kwargs)
