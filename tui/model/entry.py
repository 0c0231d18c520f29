"""A timeline entry: what happened, when, when it was recorded, and who says so."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from tui.model.text import Safe


class EntryKind(StrEnum):
    """Kinds of timeline entry, in the words of the practice."""

    SIGNAL = "signal"
    ACK = "ack"
    SNOOZE = "snooze"
    VERDICT = "verdict"
    LINK = "link"
    DECLARE = "declare"
    SEVERITY = "severity"
    PHASE = "phase"
    ROLE = "role"
    TASK = "task"
    OBSERVATION = "observation"
    HYPOTHESIS = "hypothesis"
    DECISION = "decision"
    ACTION = "action"
    COMMAND = "command"
    UPDATE = "update"
    TOLD = "told"
    BACKFILL = "backfill"
    PAGE = "page"
    CHAT = "chat"
    HANDOFF = "handoff"
    IMPACT = "impact"
    CHANGE = "change"
    NOTE = "note"
    PIN = "pin"
    SILENCE = "silence"
    RCA = "rca"
    UNDO = "undo"
    CORRECTION = "correction"


WRITABLE: Final = (
    EntryKind.NOTE,
    EntryKind.OBSERVATION,
    EntryKind.HYPOTHESIS,
    EntryKind.DECISION,
    EntryKind.COMMAND,
    EntryKind.UPDATE,
    EntryKind.TOLD,
    EntryKind.BACKFILL,
    EntryKind.IMPACT,
    EntryKind.CHANGE,
    EntryKind.CHAT,
)
"""Kinds that a person may give to a note; the others are written by the act itself."""


class Actor(msgspec.Struct, frozen=True):
    """Who did it: the name they go by, and the uid the kernel knows them by."""

    name: Safe
    uid: int


MACHINE: Final = Safe("sev")
"""The actor's name where the product itself acted: collector, triage, clocks."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a timeline.

    `at` is when it happened, `recorded_at` when it was written; `backdated` marks a
    person's entry about an earlier time. `corrects` points to the entry that this one
    puts right or takes back; `taken_back` says that a later one did so to this one.
    `redacted`: its words were erased, `text` says by whom.
    `login`: the login that the uid belongs to, where that is another name than the actor's.
    """

    id: int
    seq: int
    at: datetime
    recorded_at: datetime
    actor: Safe
    uid: int
    kind: EntryKind
    text: Safe
    incident: int | None
    alert: int | None
    backdated: bool = False
    corrects: int | None = None
    pinned: bool = False
    taken_back: bool = False
    redacted: bool = False
    login: Safe | None = None

    @property
    def who(self) -> Safe:
        """The actor as people read it: a name that is not the login's own has the login beside it."""
        if self.login is None or not self.from_person:
            return self.actor
        return Safe(f"{self.actor} (as {self.login})")

    @property
    def from_person(self) -> bool:
        """Whether a human wrote or did it (signals and the machine's own lines fold away)."""
        return self.actor != MACHINE
