"""What is usual for a job: how long it takes, how steady it is, in which hours it runs, how often it is tried again."""

from datetime import datetime, timedelta
from itertools import accumulate

import pytest
from msgspec.structs import replace

from tests.triage.platform import Play, minute, retries, succeeds
from tui.model.alert import Verdict
from tui.model.run import Job, Run, hour_of
from tui.model.severity import Severity
from tui.model.signal import Signal
from tui.model.text import clean
from tui.triage.habits import Habit, Learned, habit_of, rising, usual_of


def run(at: datetime, took: float = 10, *, well: bool = True, tries: int = 1) -> Run:
    ended = at + timedelta(minutes=took)
    return Run(name=clean(f"{at:%d %H:%M}"), at=at, tried=at, heard=at, timed=True, ended=ended, well=well, tries=tries)


def job(*runs: Run) -> Job:
    hours = 0
    for one in runs:
        hours |= hour_of(one.at)
    key = clean("jobs:load")
    return Job(key=key, source=key, subject=key, node=None, since=runs[0].at, hours=hours, runs=runs)


def habit(*pauses: float) -> Habit:
    """Of runs that begin with these pauses between them, in minutes."""
    found = habit_of(job(*(run(minute(at)) for at in accumulate((0.0, *pauses)))))
    assert found is not None
    return found


def test_nine_of_ten_good_tries_tell_how_long_it_takes() -> None:
    took = [run(minute(n), took=n) for n in range(1, 11)]
    assert usual_of(took) == timedelta(minutes=9)
    assert usual_of([*took, run(minute(20), 500, well=False)]) == timedelta(minutes=9), "a failed one tells nothing"
    assert usual_of(took, before=minute(4)) == timedelta(minutes=2), "only what had ended by then"
    assert usual_of(took[:2], least=3) is None


@pytest.mark.parametrize(
    ("pauses", "every"),
    [
        ((60, 60, 60, 60), 60),
        ((60, 62, 58, 61, 59, 60, 240), 60),
        ((60, 60, 60), None),
        ((60, 20, 100, 60, 5, 130), None),
    ],
)
def test_an_interval_takes_five_steady_runs(pauses: tuple[float, ...], every: float | None) -> None:
    assert habit(*pauses).every == (None if every is None else timedelta(minutes=every))


def test_what_never_ran_well_has_no_interval() -> None:
    found = habit_of(job(*(run(minute(60 * n), well=False) for n in range(6))))
    assert found is not None
    assert (found.every, found.came) == (None, ())


def test_a_job_without_runs_has_no_habits() -> None:
    assert habit_of(Job(key=clean("a"), source=clean("a"), subject=clean("a"), node=None, since=minute(0))) is None


def test_it_may_run_in_any_hour_until_a_day_of_it_is_known() -> None:
    """From Tuesday 06:00 on, each hour until 12:00."""
    hours = habit(*[60] * 6)
    assert hours.runs_at(minute(20 * 60))
    assert not hours.runs_at(minute(44 * 60)), "two at night"
    assert hours.runs_at(minute(28 * 60))
    assert hours.runs_at(minute(4 * 24 * 60)), "nothing is known of Saturdays: as on other days"


def test_days_without_any_run_are_known_as_such() -> None:
    pattern = [run(minute(day * 24 * 60)) for day in (0, 1, 2, 3, 6, 7, 8)]
    found = habit_of(job(*pattern))
    assert found is not None
    assert found.runs_at(minute(9 * 24 * 60)), "Thursday"
    assert not found.runs_at(minute(11 * 24 * 60)), "Saturday, when it did not run before"


def learned(*tries: int) -> Learned:
    """The tries that the last runs took, one run an hour."""
    past = Learned()
    for number, count in enumerate(tries):
        if count > 1:
            past.hear(retries("load", count - 1), minute(60 * number))
        past.hear(succeeds("load", count), minute(60 * number + 5))
    return past


@pytest.mark.parametrize(
    ("tries", "needed"),
    [
        ((1, 1, 1, 1, 2, 2), 3),
        ((2, 1, 3, 1, 2, 1), 4),
        ((2, 2, 1, 1, 1, 1, 1, 1), None),
        ((1, 1, 1, 1, 1, 2), None),
        ((1, 2, 2), None),
        ((2, 2, 2, 2, 2, 2), None),
    ],
)
def test_three_retries_in_seven_runs_are_rising(tries: tuple[int, ...], needed: int | None) -> None:
    """Where less is known, or of bad runs alone, nothing is said."""
    told = rising(learned(*tries), clean("scheduler:load"), None, minute(60 * len(tries)))
    assert told == (None if needed is None else f"needed another try in {needed} of its last 7 runs")


def test_a_task_that_speaks_only_in_trouble_is_counted_by_the_runs_of_its_dag() -> None:
    past = Learned()
    for number in range(8):
        name = clean(f"run {number}")
        if number in (3, 5):
            past.hear(replaced(retries("dag.task"), name), minute(60 * number))
            past.hear(replaced(succeeds("dag.task", 2), name), minute(60 * number + 3))
        past.hear(replaced(succeeds("dag"), name), minute(60 * number + 5))
    key = clean("scheduler:dag.task")
    assert rising(past, key, clean("run 8"), minute(480)) == "needed another try in 3 of its last 7 runs"
    assert rising(past, key, clean("run 8"), minute(400)) is not None
    assert rising(past, key, clean("run 8"), minute(300)) is None, "nothing that was later counts"


def replaced(one: Signal, name: str) -> Signal:
    return replace(one, run=clean(name))


CATALOG = "load(usual 10) > orders > board(dashboard, tier 1, due 23:00)"


def nights(play: Play, count: int, every: int = 60) -> None:
    """Good runs, of which each second one needs another try."""
    for number in range(count):
        if number % 2:
            play.at(every * number, retries("load"))
        play.at(every * number + 5, succeeds("load", 1 + number % 2))


def test_rising_retries_need_a_person_on_the_next_business_day() -> None:
    play = Play(CATALOG)
    nights(play, 7)
    serial = play.at(7 * 60, retries("load"))
    outcome = play.outcome(serial)
    assert (outcome.verdict, outcome.reason) == (Verdict.INCIDENT, "needed another try in 4 of its last 7 runs")
    assert play.case.severity is Severity.SEV3, "there is time enough"
    play.at(7 * 60 + 5, succeeds("load", 2))
    assert play.outcome(serial).verdict is Verdict.INCIDENT, "that it ran well at last is no reason to forget it"
    assert play.case.severity is Severity.SEV3


def test_a_deadline_that_it_can_no_longer_make_says_more() -> None:
    play = Play(CATALOG.replace("23:00", "13:30"))
    nights(play, 7)
    grades = [play.case.severity for at, count in ((0, 1), (25, 2)) if play.at(7 * 60 + at, retries("load", count))]
    assert grades == [Severity.SEV3, Severity.SEV2], "half past one can't be made any more"


def test_how_long_good_runs_take_is_learned_from_those_without_a_retry_too() -> None:
    play = Play("load > orders > board(dashboard, tier 1, due 09:00)")
    for number in range(3):
        play.at(10 * number, succeeds("load", took=2400))
    serial = play.at(150, retries("load"))
    assert play.outcome(serial).verdict is Verdict.INCIDENT, "forty minutes of thirty"
