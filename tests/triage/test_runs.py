"""Which run a signal tells of, and what it makes of it: with and without names, tries, words late or twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.triage.platform import S, fails, fires, minute, retries, signal, succeeds, wrong
from tui.model.run import Run
from tui.model.signal import Kind, Signal
from tui.model.text import clean
from tui.triage.runs import follow, is_run


def starts(subject: str = "load", run: str | None = None, attempt: int | None = None) -> Signal:
    one = signal("scheduler", subject, S.STARTED, "started", Kind.FAILED_JOB, attempt=attempt)
    return replace(one, run=clean(run) if run else None)


def named(one: Signal, run: str) -> Signal:
    return replace(one, run=clean(run))


def told(*said: tuple[float, Signal]) -> list[Run]:
    """The runs after signals of one key, the oldest first."""
    runs: dict[str, Run] = {}
    for at, one in said:
        if (run := follow(list(runs.values()), one, minute(at))) is not None:
            runs[run.name] = run
    return sorted(runs.values(), key=lambda run: run.at)


def ways(runs: Iterable[Run]) -> list[tuple[bool | None, int, timedelta | None]]:
    return [(run.well if run.ended else None, run.tries, run.lasted) for run in runs]


def test_a_run_begins_and_ends() -> None:
    for name in (None, "r1"):
        runs = told((0, starts(run=name)), (42, named(succeeds("load"), "r1") if name else succeeds("load")))
        assert ways(runs) == [(True, 1, timedelta(minutes=42))]
        assert (runs[0].at, runs[0].ended) == (minute(0), minute(42))


def test_an_end_alone_is_a_run_and_tells_how_long_by_its_labels() -> None:
    assert ways(told((60, succeeds("load")))) == [(True, 1, None)]
    (run,) = told((60, succeeds("load", took=600)))
    assert (run.at, run.lasted) == (minute(50), timedelta(minutes=10))
    began = replace(succeeds("load"), labels={"start_date": clean(minute(20).isoformat())})
    assert ways(told((60, began))) == [(True, 1, timedelta(minutes=40))]


def test_tries_are_of_one_run() -> None:
    runs = told((0, starts(attempt=1)), (5, retries("load", 1)), (10, starts(attempt=2)), (15, retries("load", 2)))
    assert ways(runs) == [(None, 3, None)]
    runs = told((0, retries("load", 1, pause="0:05:00")), (15, succeeds("load", 2)))
    assert ways(runs) == [(True, 2, timedelta(minutes=10))], "its last try began after the pause"
    assert ways(told((0, retries("load", 1)), (9, fails("load", 3)))) == [(False, 3, None)]


def test_the_same_try_much_later_is_of_another_run() -> None:
    assert len(told((0, retries("load", 1)), (30, retries("load", 1)))) == 1
    assert ways(told((0, retries("load", 1)), (600, retries("load", 1)))) == [(None, 2, None), (None, 2, None)]


def test_each_start_without_a_name_is_a_run() -> None:
    assert len(told(*((n * 10, starts()) for n in range(3)))) == 3
    assert len(told((0, starts()), (0.2, starts()))) == 1, "sent again"
    assert len(told((0, succeeds("load")), (0.2, succeeds("load")), (5, succeeds("load")))) == 2


def test_words_that_come_late_change_nothing() -> None:
    late = (
        named(retries("load", 1), "a"),
        named(starts(), "a"),
        named(fails("load"), "a"),
        named(succeeds("load"), "a"),
    )
    before = told((0, starts(run="a")), (10, named(succeeds("load"), "a")))
    for one in late:
        after = told((0, starts(run="a")), (10, named(succeeds("load"), "a")), (9, one))
        assert ways(after) == ways(before)


def test_a_run_that_is_cleared_and_begins_again_goes_on() -> None:
    runs = told((0, starts(run="a")), (10, named(fails("load", 1), "a")), (60, starts(run="a")))
    assert ways(runs) == [(None, 1, None)]
    runs = told(
        (0, starts(run="a")),
        (9, named(fails("load", 1), "a")),
        (60, named(starts(), "a")),
        (70, named(succeeds("load"), "a")),
    )
    assert ways(runs) == [(True, 1, timedelta(minutes=10))]


def test_a_bare_failure_is_one_of_a_known_job_and_told_once() -> None:
    bare = signal("scheduler", "load", S.FIRING, "failed", Kind.FAILED_JOB)
    assert told((0, bare), (60, bare)) == [], "it may be a monitor's"
    assert ways(told((0, succeeds("load")), (60, bare), (70, bare))) == [(True, 1, None), (False, 1, None)]
    assert ways(told((0, starts()), (5, bare))) == [(False, 1, timedelta(minutes=5))]


@pytest.mark.parametrize(
    "one",
    [
        wrong("orders"),
        fires("load", kind=Kind.FAILED_JOB),
        signal("scheduler", "load", S.RESOLVED, "is well", Kind.FAILED_JOB),
        signal("checks", "orders", S.SUCCEEDED, "holds", Kind.DATA_QUALITY),
        signal("ci", "app", S.SUCCEEDED, "deployed", Kind.CHANGE),
        signal("chat", "li", S.SUCCEEDED, "done"),
    ],
)
def test_what_tells_of_no_run(one: Signal) -> None:
    assert not is_run(one)
    assert follow([], one, minute(0)) is None


SAID = st.one_of(
    st.builds(starts, run=st.sampled_from([None, "a", "b"]), attempt=st.sampled_from([None, 1, 2])),
    st.builds(retries, st.just("load"), st.integers(1, 3)),
    st.builds(succeeds, st.just("load"), st.sampled_from([None, 1, 3]), st.sampled_from([None, 60.0])),
    st.builds(fails, st.just("load"), st.integers(1, 3)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5_000), SAID), max_size=12))
def test_whatever_is_said_runs_stay_sound_and_saying_it_again_is_no_news(said: list[tuple[int, Signal]]) -> None:
    runs: dict[str, Run] = {}
    for at, one in said:
        when: datetime = minute(at)
        if (run := follow(list(runs.values()), one, when)) is None:
            continue
        assert run.tries >= 1
        assert run.at <= run.heard
        assert run.lasted is None or run.lasted >= timedelta(0)
        runs[run.name] = run
        assert follow(list(runs.values()), one, when) is None
