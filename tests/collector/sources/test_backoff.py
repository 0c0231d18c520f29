"""How long to wait after failures."""

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tui.collector.sources.backoff import CAP, LONGEST_ASKED, wait

EVERY = timedelta(seconds=30)


class Loaded(Random):
    """Chance that always falls the same way."""

    def __init__(self, drawn: float) -> None:
        super().__init__(0)
        self._drawn = drawn

    def random(self) -> float:
        return self._drawn


def test_the_bound_doubles_until_the_cap() -> None:
    most = [wait(n, EVERY, Loaded(1.0)).total_seconds() for n in range(1, 8)]
    assert most == [30, 60, 120, 240, 300, 300, 300]


def test_it_may_be_anything_down_to_a_second() -> None:
    assert wait(9, EVERY, Loaded(0.0)) == timedelta(seconds=1)
    assert wait(9, EVERY, Loaded(0.5)) == CAP / 2


def test_what_a_server_asks_for_is_kept_as_far_as_that_is_reasonable() -> None:
    assert wait(1, EVERY, Loaded(1.0), timedelta(seconds=90)) == timedelta(seconds=90)
    assert wait(1, EVERY, Loaded(1.0), timedelta(seconds=5)) == timedelta(seconds=30)
    assert wait(1, EVERY, Loaded(1.0), timedelta(days=3)) == LONGEST_ASKED


@given(
    st.integers(1, 1_000_000),
    st.timedeltas(timedelta(seconds=1), timedelta(days=9)),
    st.integers(),
)
def test_no_number_of_failures_leads_beyond_the_cap(failures: int, every: timedelta, seed: int) -> None:
    drawn = wait(failures, every, Random(seed))
    assert timedelta(seconds=1) <= drawn <= CAP
    assert drawn == wait(failures, every, Random(seed)), "the same chance gives the same wait"
