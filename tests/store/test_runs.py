"""Runs and heartbeats that are remembered: how many, for how long, and what is read of them."""

from datetime import UTC, datetime, timedelta

from tui.model.run import Job, Run
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean
from tui.store import runs
from tui.store.engine import Connection, Store
from tui.triage.expectations import SILENT_AFTER

START = datetime(2026, 11, 23, tzinfo=UTC)


def ended(at: datetime, key: str = "load", *, run: str | None = None, status: str = "succeeded") -> Signal:
    return Signal(
        source=clean("jobs"),
        format="generic",
        key=clean(f"jobs:{key}"),
        status=SignalStatus(status),
        kind=Kind.FAILED_JOB,
        title=clean(key),
        subject=clean(key),
        run=clean(run) if run else None,
        at=at,
    )


def nowhere(signal: Signal) -> Safe | None:
    return None


def note(store: Store, *signals: Signal) -> list[Run | None]:
    def work(conn: Connection) -> list[Run | None]:
        return [runs.note_run(conn, one, one.at or START, nowhere) for one in signals]

    return store.tx(work)


def remembered(store: Store, key: str = "jobs:load") -> tuple[Run, ...]:
    return store.read(lambda conn: runs.runs_of(conn, key))


def test_a_run_is_one_row_that_changes(store: Store) -> None:
    note(store, ended(START, run="a", status="started"))
    (before,) = remembered(store)
    note(store, ended(START + timedelta(minutes=5), run="a"))
    (after,) = remembered(store)
    assert (before.ended, after.ended, after.well, after.lasted) == (
        None,
        START + timedelta(minutes=5),
        True,
        timedelta(minutes=5),
    )
    assert note(store, ended(START + timedelta(minutes=5), run="a")) == [None]


def test_the_newest_thirty_stay_and_one_of_each_day_before(store: Store) -> None:
    note(store, *(ended(START + timedelta(hours=n)) for n in range(24 * 5)))
    known = remembered(store)
    assert len(known) == 30 + 3
    assert [run.at.hour for run in known[:3]] == [23, 23, 23]
    assert known[-1].at == START + timedelta(hours=24 * 5 - 1)


def test_after_two_weeks_only_the_newest_stay(store: Store) -> None:
    note(store, *(ended(START + timedelta(hours=6 * n)) for n in range(4 * 40)))
    assert remembered(store)[0].at >= START + timedelta(days=40 - 16)
    assert len(remembered(store)) <= 30 + 9


def test_hours_and_the_first_moment_outlive_the_runs(store: Store) -> None:
    note(store, *(ended(START + timedelta(minutes=15 * n)) for n in range(200)))
    job = store.read(lambda conn: runs.job_of(conn, "jobs:load"))
    assert isinstance(job, Job)
    assert job.since == START
    assert job.hours == 0xFFFFFF, "every hour, and no weekend"


def test_what_changed_is_read_by_its_number(store: Store) -> None:
    note(store, ended(START), ended(START, "other"))
    mark = store.read(runs.newest_change)
    note(store, ended(START + timedelta(hours=1)))
    assert [job.key for job in store.read(lambda conn: list(runs.changed_jobs(conn, mark)))] == ["jobs:load"]
    assert len(store.read(lambda conn: list(runs.changed_jobs(conn, 0)))) == 2
    assert store.read(runs.newest_change) > mark


def test_what_was_not_heard_for_long_is_forgotten(store: Store) -> None:
    note(store, ended(START), ended(START + timedelta(days=80), "other"))
    store.tx(lambda conn: runs.forget_runs(conn, START + timedelta(days=1)))
    assert (remembered(store), len(remembered(store, "jobs:other"))) == ((), 1)
    late = ended(START, "ancient")
    assert store.tx(lambda conn: runs.note_run(conn, late, START + timedelta(days=91), nowhere)) is None


def watchdog(status: str = "firing") -> Signal:
    return Signal(
        source=clean("am"),
        format="alertmanager",
        key=clean("am:1"),
        status=SignalStatus(status),
        title=clean("ever firing"),
        subject=clean("prometheus"),
        labels={"alertname": clean("Watchdog")},
    )


def beat(store: Store, at: datetime, one: Signal) -> None:
    store.tx(lambda conn: runs.note_heartbeat(conn, one, at, SILENT_AFTER))


def test_heartbeats_are_counted_and_anew_after_a_break(store: Store) -> None:
    for minute in (0, 5, 10, 15):
        beat(store, START + timedelta(minutes=minute), watchdog())
    (known,) = store.read(runs.heartbeats)
    assert (known.name, known.count, known.every, known.gone) == ("Watchdog", 4, timedelta(minutes=5), None)
    beat(store, START + timedelta(minutes=16), watchdog("resolved"))
    assert store.read(runs.heartbeats)[0].gone == START + timedelta(minutes=16)
    beat(store, START + timedelta(hours=5), watchdog())
    (again,) = store.read(runs.heartbeats)
    assert (again.count, again.every, again.gone) == (1, None, None)


def test_a_slow_heartbeat_is_learned_and_another_alert_is_none(store: Store) -> None:
    for hour in (0, 4, 8, 12):
        beat(store, START + timedelta(hours=hour), watchdog())
    assert store.read(runs.heartbeats)[0].every == timedelta(hours=4)
    beat(store, START, ended(START))
    assert len(store.read(runs.heartbeats)) == 1
