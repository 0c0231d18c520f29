"""What could be heard of a source, and until when: silence of what nobody listened to says nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from tui.model.text import Safe

LAG: Final = timedelta(minutes=1)
"""What happened may be told so much later."""

_MOMENT: Final = timedelta(minutes=1)  # senders try again for so long
_NEVER: Final = datetime(1971, 1, 1, tzinfo=UTC)


class Ears(msgspec.Struct, frozen=True, kw_only=True):
    """Who listens. `since`: without a break since then; `before`: until when somebody listened before that.

    `pulled`: when each source that is asked could last be read (None: not yet); what it tells later it tells of
    the past as well. `heard`: when each source last said anything; `back`: since when one that was silent speaks again.
    """

    now: datetime
    since: datetime
    before: datetime | None = None
    pulled: Mapping[Safe, datetime | None] = {}
    heard: Mapping[Safe, datetime] = {}
    back: Mapping[Safe, datetime] = {}

    def is_pulled(self, source: Safe) -> bool:
        """Whether it is asked."""
        return source in self.pulled

    def until(self, source: Safe) -> datetime:
        """Up to when everything is known that it has to say."""
        return self.pulled[source] or _NEVER if source in self.pulled else self.now - LAG

    def since_of(self, source: Safe) -> datetime:
        """Since when nothing of it can have been missed."""
        return _NEVER if source in self.pulled else max(self.since, self.back.get(source, _NEVER))

    def missed(self, source: Safe, begins: datetime, ends: datetime) -> bool:
        """Whether something of it may have been missed in that time."""
        before = self.before or _NEVER
        if source in self.pulled or self.since - before <= _MOMENT:
            return False
        return before < ends and begins < self.since
