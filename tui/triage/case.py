"""A case: troubles that belong together, as triage holds them; proposed to people it is a candidate."""

from bisect import bisect_left, bisect_right, insort
from datetime import datetime, timedelta

import msgspec

from tui.model.severity import Severity
from tui.model.text import Safe
from tui.triage.trouble import Trouble, words_of


class Case(msgspec.Struct, kw_only=True):
    """Troubles that belong together, and what was made of them.

    `hits`: what each consumer below the root really is: late, wrong or missing; once hit it stays hit.
    `presumed`: what a failed job left undone, while nothing is known to be hit; it grades nothing.
    `risks`: when consumers not yet hit are due. `named`: nodes people spoke of as the cause.
    `mended`: those held up that ran well since.
    `tiers` and `dues`: what the catalog says of those hit and at risk.
    `beginnings`: when its troubles were first heard, in order. `changed`: somebody changed something since.
    `healed_at`: when the most upstream troubles were over; None while one goes on.
    `withdrawn`: it was over before it harmed anybody.
    """

    number: int
    began: datetime
    proposed_at: datetime
    severity: Severity = Severity.SEV3
    reasons: tuple[Safe, ...] = ()
    root: Safe = Safe("")
    members: dict[int, Trouble] = {}
    by_key: dict[Safe, Trouble] = {}
    by_node: dict[Safe, Trouble] = {}
    named: list[Safe] = []
    mended: set[Safe] = set()
    hits: dict[Safe, str] = {}
    presumed: dict[Safe, str] = {}
    risks: dict[Safe, datetime] = {}
    tiers: dict[Safe, int] = {}
    dues: dict[Safe, datetime] = {}
    words: set[str] = set()
    traits: set[str] = set()
    beginnings: list[datetime] = []
    changed: bool = False
    healed_at: datetime | None = None
    withdrawn: bool = False
    merged_into: int | None = None

    @property
    def live(self) -> bool:
        """Whether it stands: neither withdrawn nor part of another one."""
        return not self.withdrawn and self.merged_into is None

    @property
    def open(self) -> bool:
        """Whether anything in it goes on."""
        return any(member.open for member in self.members.values())

    @property
    def last(self) -> datetime:
        """When anything in it last spoke."""
        return max((member.last for member in self.members.values()), default=self.proposed_at)

    def began_within(self, moment: datetime, span: timedelta) -> int:
        """How many of its troubles were first heard at most `span` before or after a moment."""
        return bisect_right(self.beginnings, moment + span) - bisect_left(self.beginnings, moment - span)

    def add(self, trouble: Trouble) -> None:
        """Take a trouble in. The newest of a key or node stands for it."""
        self.members[trouble.number] = trouble
        stands_for_its_key = self.by_key.get(trouble.key)
        if stands_for_its_key is None or stands_for_its_key.number < trouble.number:
            self.by_key[trouble.key] = trouble
        if trouble.node is not None:
            there = self.by_node.get(trouble.node)
            if there is None or there.number < trouble.number:
                self.by_node[trouble.node] = trouble
        self.traits |= trouble.traits
        insort(self.beginnings, trouble.seen)
        self.words |= trouble.words | words_of(trouble.node or "")
        self.began = min(self.began, trouble.began)

    def drop(self, trouble: Trouble) -> None:
        """Let a trouble go; an older one of its key or node stands for it again."""
        del self.members[trouble.number]
        self.beginnings.remove(trouble.seen)
        rest = sorted(self.members.values(), key=lambda one: one.number)
        self.by_key = {one.key: one for one in rest}
        self.by_node = {one.node: one for one in rest if one.node is not None}

    def absorb(self, other: "Case") -> None:
        """Take in all of another case, which is part of this one from then on."""
        for member in other.members.values():
            self.add(member)
        self.named += other.named
        self.proposed_at = min(self.proposed_at, other.proposed_at)
        other.merged_into = self.number
