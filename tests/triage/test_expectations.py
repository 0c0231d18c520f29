"""What is late at a moment, by habits alone: of what makes a thing, of runs under way, of intervals and heartbeats."""

from datetime import datetime, timedelta

import pytest

from tests.triage.platform import Play, minute, platform, signal
from tui.model.alert import Verdict
from tui.model.entry import MACHINE
from tui.model.run import Heartbeat, Run
from tui.model.severity import Severity
from tui.model.signal import Kind, SignalStatus
from tui.model.text import Safe, clean
from tui.triage.ears import LAG, Ears
from tui.triage.expectations import SILENT_AFTER, Expectations, Late, Sort, known_as
from tui.triage.habits import Habit
from tui.triage.places import Places

DAY = timedelta(days=1)
DUE = minute(180)  # 09:00
SOURCE = clean("cron")


def habit(
    name: str,
    came: tuple[datetime, ...] = (),
    *,
    usual: float | None = None,
    every: float | None = None,
    running: Run | None = None,
    last: datetime | None = None,
) -> Habit:
    return Habit(
        key=clean(f"cron:{name}"),
        source=SOURCE,
        subject=clean(name),
        node=clean(name),
        last=last or (running.at if running is not None else came[-1]),
        since=minute(0) - 30 * DAY,
        hours=(1 << 48) - 1,
        came=came,
        usual=None if usual is None else timedelta(minutes=usual),
        every=None if every is None else timedelta(minutes=every),
        running=running,
    )


def mornings(count: int = 4, before: float = 20, until: datetime = DUE) -> tuple[datetime, ...]:
    """So many mornings, so many minutes before it was due; the last one yesterday."""
    return tuple(until - n * DAY - timedelta(minutes=before) for n in range(count, 0, -1))


def look(
    catalog: str,
    *habits: Habit,
    now: datetime = DUE + 2 * LAG,
    opened: dict[str, datetime] | None = None,
    beats: tuple[Heartbeat, ...] = (),
    heard: dict[Safe, datetime] | None = None,
) -> list[Late]:
    ears = Ears(now=now, since=now - 20 * DAY, heard=heard or {})
    return Expectations(habits, Places(platform(catalog)), ears, opened or {}, now).late(beats)


BOARD = "load(job) > mart > board(due 09:00)"


def test_its_own_runs_count_before_those_above_it() -> None:
    late, well = habit("mart", mornings()), habit("board", (*mornings(), DUE - timedelta(minutes=5)))
    assert [one.name for one in look(BOARD, late)] == ["board"]
    assert look(BOARD, late, well) == [], "it says itself that it is there"
    assert look(BOARD, habit("load", mornings())) == [], "two steps above nobody knows"


def test_all_that_it_is_made_from_must_have_come() -> None:
    catalog = "mart > board(due 09:00)\nrates > board"
    well = habit("mart", (*mornings(), DUE - timedelta(minutes=5)))
    (late,) = look(catalog, well, habit("rates", mornings()))
    assert "(rates)" in late.title
    weekly = habit("rates", (DUE - 9 * DAY, DUE - 2 * DAY))
    assert look(catalog, well, weekly) == []


def test_it_stays_late_until_it_comes() -> None:
    opened = {known_as(Sort.DUE, clean("board")): DUE - 2 * DAY}
    gone = habit("mart", mornings(6)[:-2])
    (late,) = look(BOARD, gone, opened=opened)
    assert late.since == DUE - 2 * DAY
    assert look(BOARD, habit("mart", (*mornings(6)[:-2], DUE)), opened=opened) == []


def running(at: datetime) -> Run:
    return Run(name=clean("now"), at=at, tried=at, heard=at, timed=True)


@pytest.mark.parametrize(
    ("began", "now", "late"),
    [
        (100, 130, False),  # done at 07:40 and 42 minutes
        (150, 152, True),  # begun too late
        (60, 130, False),  # it takes longer than usual
        (60, 145, True),  # it hangs: even another one would be late
        (60, 130 + 24 * 60, True),
    ],
)
def test_a_run_that_cannot_make_it(began: float, now: float, late: bool) -> None:
    load = habit("load", mornings(), usual=42, running=running(minute(began)))
    assert bool(look(BOARD, load, now=minute(now))) is late


def test_the_catalog_tells_how_long_it_takes_where_no_runs_do() -> None:
    load = habit("load", mornings(), running=running(minute(150)))
    assert look(BOARD, load, now=minute(152)) == []
    (late,) = look(BOARD.replace("(job)", "(job, usual 60)"), load, now=minute(152))
    assert late.title == "load will be late for board: due 09:00, usually 1h, running 2m, cannot finish before 09:30"
    assert look(BOARD.replace("(job)", "(usual 60)"), habit("load", running=running(minute(150)))) == [], "no history"


def test_when_to_look_again() -> None:
    load = habit("load", mornings(), usual=42, running=running(minute(60)))
    ears = Ears(now=minute(70), since=minute(0) - DAY)
    expected = Expectations([load], Places(platform(BOARD)), ears, {}, minute(70))
    assert expected.late(()) == []
    assert expected.wake_at is not None
    assert minute(144) < expected.wake_at < minute(147)


def test_overdue_by_twice_its_interval_and_an_hour_at_least() -> None:
    last = minute(0)
    often, seldom = habit("a", (last,), every=15), habit("b", (last,), every=240)
    assert look("", often, seldom, now=minute(75) + LAG) == []
    assert [one.name for one in look("", often, seldom, now=minute(76) + LAG)] == ["cron:a"]
    assert len(look("", often, seldom, now=minute(721) + LAG)) == 2


def test_many_of_a_source_that_is_silent_are_one() -> None:
    jobs = [habit(name, (minute(0),), every=15) for name in "abc"]
    (one,) = look("", *jobs, now=minute(90), heard={SOURCE: minute(1)})
    assert (one.sort, one.severity) == (Sort.UNHEARD, Severity.SEV2)
    assert len(look("", *jobs, now=minute(90), heard={SOURCE: minute(60)})) == 3, "it speaks of others"
    told = {known_as(Sort.OVERDUE, clean("cron:a")): minute(15)}
    sorts = [one.sort for one in look("", *jobs, now=minute(90), heard={SOURCE: minute(1)}, opened=told)]
    assert sorts == [Sort.OVERDUE, Sort.UNHEARD], "what was said before stands"


def beat(every: float, count: int = 10, gone: datetime | None = None) -> Heartbeat:
    """Heard last at 06:00."""
    first = minute(0) - timedelta(minutes=every * (count - 1))
    name = clean("Watchdog")
    return Heartbeat(
        key=clean("am:1"), source=clean("am"), name=name, first=first, last=minute(0), count=count, gone=gone
    )


@pytest.mark.parametrize(
    ("one", "after"), [(beat(1), 10), (beat(30), 90), (beat(60, gone=minute(5)), 15), (beat(5, count=2), None)]
)
def test_a_heartbeat_is_silent_after_three_times_its_interval(one: Heartbeat, after: float | None) -> None:
    if after is None:
        assert look("", now=minute(600), beats=(one,)) == []
        return
    assert look("", now=minute(after), beats=(one,)) == []
    (late,) = look("", now=minute(after + 1), beats=(one,))
    assert (late.subject, late.severity, late.since) == ("am", Severity.SEV2, minute(0))
    assert timedelta(minutes=after) >= SILENT_AFTER
    assert look("", now=minute(0) + 8 * DAY, beats=(one,)) == [], "it was given up"


def test_a_long_name_is_known_by_its_hash() -> None:
    long = known_as(Sort.RUN, clean("x" * 299))
    assert len(long) < 100
    assert long != known_as(Sort.RUN, clean("x" * 298))


@pytest.mark.parametrize(
    ("subject", "severity", "verdict"),
    [("load", "SEV3", Verdict.INCIDENT), ("other", "SEV3", Verdict.NOISE), ("other", "SEV2", Verdict.INCIDENT)],
)
def test_what_sev_found_itself_needs_a_person_where_somebody_waits(
    subject: str, severity: str, verdict: Verdict
) -> None:
    play = Play("load > board(tier 1, due 09:00)\nother(tier 3)")
    title = "Watchdog is silent"
    serial = play.at(0, signal(MACHINE, subject, SignalStatus.FIRING, title, Kind.PERFORMANCE, severity))
    assert play.outcome(serial).verdict is verdict
