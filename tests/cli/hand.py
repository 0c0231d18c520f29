"""A hand on the command line: runs verbs in this process and keeps what they printed."""

import io
import sys
from collections.abc import Sequence
from datetime import datetime

import msgspec
import pytest

from tui.cli import clock
from tui.cli.main import main
from tui.formats.decode import Json
from tui.reports.shapes import Shape
from tui.store.engine import Store


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one run came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def objects(self) -> list[Shape]:
        """Standard output as JSON Lines; fails when there is anything else on it."""
        found: list[Shape] = [msgspec.json.decode(line) for line in self.lines]
        assert all(isinstance(one, dict) for one in found)
        return found

    @property
    def object(self) -> Shape:
        """The one JSON object that was printed."""
        (only,) = self.objects
        return only


class Hand:
    """Runs verbs on `store` as `who`."""

    def __init__(self, store: Store, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.store = store
        self.who = "li"
        self._patch = patch
        self._capture = capture

    def at(self, now: datetime) -> None:
        """Stop the clock of the verbs."""
        self._patch.setattr(clock, "now", lambda: now)

    def __call__(self, *words: str, stdin: bytes = b"") -> Said:
        """Run `sev WORDS` on the store."""
        return self.bare("--store", str(self.store.path), "--as", self.who, *words, stdin=stdin)

    def bare(self, *words: str, stdin: bytes = b"") -> Said:
        """Run `sev WORDS` with nothing added."""
        self._capture.readouterr()
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        code = main(list(words))
        told = self._capture.readouterr()
        return Said(code=code, out=told.out, err=told.err)

    def json(self, *words: str) -> list[Shape]:
        """Run a verb that must do it with --json; its objects."""
        said = self(*words, "--json")
        assert (said.code, said.err) == (0, ""), said
        return said.objects

    def done(self, *words: str) -> str:
        """Run a verb that must do it; what it said."""
        said = self(*words)
        assert (said.code, said.err) == (0, ""), said
        return said.out

    def refused(self, code: int, *words: str) -> str:
        """Run a verb that must end with `code`, one line on stderr and nothing on stdout; that line."""
        said = self(*words)
        assert said.code == code, said
        assert said.out == "", said
        assert said.err.startswith("sev: "), said
        assert said.err.count("\n") == 1, said
        return said.err.removeprefix("sev: ").rstrip("\n")


def column(objects: Sequence[Shape], name: str) -> list[Json]:
    """One key of several objects."""
    return [one[name] for one in objects]
