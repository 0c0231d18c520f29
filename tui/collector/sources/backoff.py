"""How long to wait before a source that failed is asked again. Pure: chance is passed in."""

from datetime import timedelta
from random import Random
from typing import Final

CAP: Final = timedelta(minutes=5)
"""The longest wait of our own making."""

LONGEST_ASKED: Final = timedelta(hours=1)
"""The longest wait that a server may ask for."""

_SHORTEST: Final = timedelta(seconds=1)
_STEPS: Final = 30  # doubling more often than this changes nothing and overflows a length of time


def wait(failures: int, every: timedelta, chance: Random, asked: timedelta | None = None) -> timedelta:
    """The wait after so many failures in a row (at least one): up to `every`, doubled with each, `CAP` at most.

    Somewhere between nothing and that bound, so that many who lost the same server don't come
    back together. Never under what the server `asked` for (as far as that is reasonable).
    """
    bound = min(CAP, every * 2 ** min(failures - 1, _STEPS)) if every < CAP else CAP
    drawn = max(min(_SHORTEST, every), bound * chance.random())
    return max(drawn, min(asked, LONGEST_ASKED)) if asked else drawn
