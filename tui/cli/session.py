"""What a verb works with: where the store is, who acts, how to answer. Everything is found out when it is asked for."""

import os
import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tui.cli import clock
from tui.cli.output import say, say_json, warn
from tui.encoding import needs_ascii
from tui.errors import StoreError, UsageError
from tui.store.engine import Connection, Store
from tui.store.reach import need_reach

if TYPE_CHECKING:
    from tui.config import Config
    from tui.desk.act import Outcome, Pen
    from tui.model.entry import Actor
    from tui.model.ids import Ref
    from tui.reports.shapes import Shape

T = TypeVar("T")


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The options of every verb as they were given; None and False: not given."""

    store: str | None = None
    config: str | None = None
    name: str | None = None
    read_only: bool = False
    slow: bool = False
    ascii: bool = False
    json: bool = False
    verbose: bool = False


class Session:
    """One run of one verb."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.now = clock.now()

    @property
    def json(self) -> bool:
        """Whether to answer with JSON."""
        return self.given.json

    @cached_property
    def config(self) -> "Config":
        """All settings. Raises ConfigError."""
        from tui.config import load

        team_file = Path(self.given.config).expanduser() if self.given.config else None
        need_reach(self.store_path)
        return load(store=self._stated_store(), team_file=team_file)

    def _stated_store(self) -> Path | None:
        stated = self.given.store
        if not stated:
            return None
        if "://" in stated:
            raise UsageError("a store is a file for now", f"{stated!r} names a server", "give a path")
        return Path(stated).expanduser()

    @cached_property
    def store_path(self) -> Path:
        """Where the store is. A mistake in the settings does not stand between a person and an acknowledge."""
        if (stated := self._stated_store()) is not None:
            return stated
        from tui.config import stored_place

        return stored_place()

    @cached_property
    def ascii(self) -> bool:
        """Whether signs must be ASCII: by option, by a person's own settings, or because the terminal has no others."""
        return self.given.ascii or self.config.ui.ascii or needs_ascii(sys.stdout)

    @cached_property
    def actor(self) -> "Actor":
        """Who acts: `--as`, SEV_USER, who called sudo, the login name; with the uid that the kernel knows.

        Raises UsageError for the name that the product itself writes under.
        """
        from tui.logins import own_name
        from tui.model.entry import MACHINE, Actor
        from tui.model.text import person

        uid = os.getuid()
        name = person(self.given.name or os.environ.get("SUDO_USER") or own_name(uid))
        if name.lower() == MACHINE:
            raise UsageError(f"nobody is called {name}", "it is the product's own name", "say who you are: --as NAME")
        return Actor(name, uid)

    def open(self, *, write: bool = False, create: bool = False) -> Store:
        """The store, to be closed by the caller. Only a verb that may begin one makes a new file."""
        path = self.store_path
        need_reach(path)
        if self.given.verbose:
            files = ", ".join(str(file) for file in self.config.files) or "none"
            warn(f"store {path}, settings {files}")
        if write and not create and not path.exists():
            raise StoreError(
                f"no store at {path}", "it was never written", "start `sev` or `sev serve`, or see --store"
            )
        return Store(path, read_only=self.given.read_only or not write, still=self.given.read_only)

    def need_writing(self) -> None:
        """Raises StoreError where nothing may be changed."""
        if self.given.read_only:
            raise StoreError("nothing was written", "--read-only changes nothing", "leave it out")

    def read(self, work: Callable[[Connection], T]) -> T:
        """`work(conn)` on one snapshot."""
        with self.open() as store:
            return store.read(work)

    def commit(
        self,
        deed: "Callable[[Pen], Outcome]",
        *,
        create: bool = False,
        shape: "Callable[[Connection, Ref], Shape] | None" = None,
    ) -> int:
        """Do one act in one transaction and say what came of it; `shape` where the changed object has its own JSON."""
        from tui.desk.act import Act, perform

        act = Act(actor=self.actor, now=self.now)

        def work(conn: Connection) -> "tuple[Outcome, list[Shape]]":
            outcome = perform(conn, act, deed)
            return outcome, [self._shape(conn, ref, shape) for ref in outcome.changed] if self.json else []

        with self.open(write=True, create=create) as store:
            outcome, shapes = store.tx(work)
        if self.json:
            say_json({**changed, "seq": outcome.seq or None} for changed in shapes)
        else:
            say(outcome.said)
        return 0

    def _shape(self, conn: Connection, ref: "Ref", shape: "Callable[[Connection, Ref], Shape] | None") -> "Shape":
        if shape is not None:
            return shape(conn, ref)
        from tui.cli.objects import shape_of

        return shape_of(conn, ref, lambda: self.config.severity)

    def answer(self, shapes: "Iterable[Shape]", lines: Callable[[], Iterable[str]]) -> int:
        """Print a list: JSON Lines of `shapes`, or the lines for people."""
        if self.json:
            say_json(shapes)
        else:
            for line in lines():
                say(line)
        return 0
