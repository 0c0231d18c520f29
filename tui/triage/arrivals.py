"""What came for which deadline: whether a thing usually is there in time, and whether it is now. Pure times."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import msgspec

from tui.model.catalog import Deadline
from tui.triage.deadlines import dues_until
from tui.triage.habits import middle

HISTORY: Final = 5
"""Deadlines before the one in question that are looked at …"""
USUAL: Final = 3
"""… and for how many of them it must have come in time, to be expected again."""


class Arrivals(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with one deadline at `due`. `before`: for how many of the last ones it came in time.

    `there`: whether it has come for this one. `lead`: how long before its deadlines it comes as a rule.
    """

    due: datetime
    there: bool
    before: int
    lead: timedelta

    @property
    def expected(self) -> bool:
        """Whether it makes a habit of coming in time."""
        return self.before >= USUAL


def arrivals_at(came: Sequence[datetime], deadline: Deadline, moment: datetime) -> Arrivals | None:
    """How it stands with the last deadline up to `moment`; None where there was none.

    `came`: when it came, once at least, the oldest first. What comes after a missed deadline is late for that one.
    """
    dues = dues_until(deadline, moment, HISTORY + 2)
    if len(dues) < 2:
        return None
    firsts: list[datetime | None] = []
    owed = False
    for before, due in pairwise(dues):
        got = [at for at in came if before < at <= due]
        if owed and got:
            got, owed = got[1:], False
        owed = not got and came[0] <= before
        firsts.append(got[-1] if got else None)
    leads = [due - at for due, at in zip(dues[1:-1], firsts[:-1], strict=True) if at is not None]
    lead = middle(leads) if leads else timedelta(0)
    return Arrivals(due=dues[-1], there=firsts[-1] is not None, before=len(leads), lead=lead)
