"""Words and names that so many keys have used that they tie nothing together."""

from collections import Counter, deque
from datetime import datetime
from typing import Final

from tui.triage.grouping import ALIKE_WITHIN
from tui.triage.trouble import Trouble

COMMON: Final = 3
"""A word that more keys than this have used ties nothing together."""


class Vocabulary:
    """What was said so far. `common`: the words that say nothing any more."""

    def __init__(self) -> None:
        self.common: set[str] = set()
        self._spoken: Counter[str] = Counter()
        self._uncounted: deque[Trouble] = deque()

    def count(self, made: Trouble, now: datetime) -> None:
        """Count the words of a new key once it is no part of what begins just now: a storm's words are not common."""
        self._uncounted.append(made)
        while self._uncounted and now - self._uncounted[0].seen > ALIKE_WITHIN:
            one = self._uncounted.popleft()
            words = one.words | one.traits
            self._spoken.update(words)
            self.common.update(word for word in words if self._spoken[word] > COMMON)
