"""Runs of jobs and heartbeats, as far as they are remembered. They lie beside the chain: no events, no rebuild."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from tui.model.alert import Alert
from tui.model.moment import from_micros, to_micros
from tui.model.run import EXPECTS, Heartbeat, Job, Run, hour_of
from tui.model.signal import Signal, SignalStatus
from tui.model.text import Safe, clean
from tui.store.alerts import safe, when
from tui.store.engine import Connection, Row
from tui.triage.habits import KEPT, Habit, habit_of
from tui.triage.runs import follow, is_run
from tui.triage.trouble import is_heartbeat

REMEMBERED: Final = timedelta(days=90)
"""How long a run is remembered at most."""

_DAYS: Final = timedelta(days=15)  # of which one run each stays beside the newest
_DAY: Final = 86_400_000_000
_OLDER: Final = (
    "DELETE FROM run WHERE key = ?1 AND at <= ?2 AND (at < ?3 OR EXISTS"
    " (SELECT 1 FROM run later WHERE later.key = run.key AND later.at > run.at"
    f" AND later.at / {_DAY} = run.at / {_DAY}))"
)
_PUT: Final = (
    "INSERT INTO run (key, name, source, subject, node, at, tried_at, heard_at, timed, ended_at, well, tries,"
    " since, hours, changed) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,"
    " (SELECT ifnull(max(changed), 0) + 1 FROM run))"
    " ON CONFLICT (key, name) DO UPDATE SET source = ?3, subject = ?4, node = ?5, at = ?6, tried_at = ?7,"
    " heard_at = ?8, timed = ?9, ended_at = ?10, well = ?11, tries = ?12, changed = excluded.changed"
)


def note_run(
    conn: Connection, signal: Signal, received_at: datetime, place_of: Callable[[Signal], Safe | None]
) -> Run | None:
    """Remember what a signal tells of a run, inside the caller's transaction; None where it says nothing new of one."""
    if not is_run(signal):
        return None
    rows = conn.execute(
        "SELECT * FROM run WHERE key = ?1 AND (name = ?2 OR at = (SELECT max(at) FROM run WHERE key = ?1)) ORDER BY at",
        (signal.key, signal.run or ""),
    ).fetchall()
    known = [_run_from(row) for row in rows]
    run = follow(known, signal, received_at)
    if run is None or received_at - run.at > REMEMBERED:
        return None
    begins = all(one.name != run.name for one in known)
    node = place_of(signal) if begins or rows[-1]["node"] is None else Safe(rows[-1]["node"])
    since = min((row["since"] for row in rows), default=to_micros(run.at))
    hours = hour_of(run.at)
    for row in rows:
        hours |= row["hours"]
    _put(conn, signal, run, node, min(since, to_micros(run.at)), hours)
    if begins:
        _prune(conn, signal.key, received_at)
    return run


def _put(conn: Connection, signal: Signal, run: Run, node: Safe | None, since: int, hours: int) -> None:
    ended = None if run.ended is None else to_micros(run.ended)
    times = (to_micros(run.at), to_micros(run.tried), to_micros(run.heard), int(run.timed), ended)
    conn.execute(
        _PUT,
        (signal.key, run.name, signal.source, signal.subject, node, *times, int(run.well), run.tries, since, hours),
    )


def _prune(conn: Connection, key: str, now: datetime) -> None:
    """Forget the older ones of a key: but the newest, those stay that are the last of their day."""
    oldest = conn.execute("SELECT at FROM run WHERE key = ? ORDER BY at DESC LIMIT 1 OFFSET ?", (key, KEPT)).fetchone()
    if oldest is not None:
        conn.execute(_OLDER, (key, oldest["at"], to_micros(now - _DAYS)))


def forget_runs(conn: Connection, before: datetime) -> None:
    """Forget the runs and heartbeats that were heard last before then."""
    conn.execute("DELETE FROM run WHERE heard_at < ?", (to_micros(before),))
    conn.execute("DELETE FROM heartbeat WHERE last_at < ?", (to_micros(before),))


def runs_of(conn: Connection, key: str) -> tuple[Run, ...]:
    """The remembered runs of one key, the oldest first."""
    rows = conn.execute("SELECT * FROM run WHERE key = ? ORDER BY at, name", (key,)).fetchall()
    return tuple(_run_from(row) for row in rows)


def job_of(conn: Connection, key: str) -> Job | None:
    """What runs under one key; None where no run of it is remembered."""
    rows = conn.execute("SELECT * FROM run WHERE key = ? ORDER BY at, name", (key,)).fetchall()
    return _job_from(rows) if rows else None


def habit_behind(conn: Connection, alert: Alert) -> Habit | None:
    """What is usual for the job that an alert speaks of, or that sev found late; None where it is not known."""
    job = job_of(conn, alert.labels.get(EXPECTS, "").partition(":")[2] or alert.key)
    return habit_of(job) if job is not None else None


def newest_change(conn: Connection) -> int:
    """A number that grows whenever a run is remembered."""
    return int(conn.execute("SELECT ifnull(max(changed), 0) AS newest FROM run").fetchone()["newest"])


def changed_jobs(conn: Connection, since: int) -> Iterator[Job]:
    """The jobs of which a run was remembered after that number, with all their runs."""
    rows = conn.execute("SELECT DISTINCT key FROM run WHERE changed > ? ORDER BY key", (since,)).fetchall()
    return (job for row in rows if (job := job_of(conn, row["key"])) is not None)


def _job_from(rows: list[Row]) -> Job:
    latest, hours = rows[-1], 0
    for row in rows:
        hours |= row["hours"]
    return Job(
        key=Safe(latest["key"]),
        source=Safe(latest["source"]),
        subject=Safe(latest["subject"]),
        node=safe(latest["node"]),
        since=from_micros(min(row["since"] for row in rows)),
        hours=hours,
        runs=tuple(_run_from(row) for row in rows),
    )


def _run_from(row: Row) -> Run:
    return Run(
        name=Safe(row["name"]),
        at=from_micros(row["at"]),
        tried=from_micros(row["tried_at"]),
        heard=from_micros(row["heard_at"]),
        timed=bool(row["timed"]),
        ended=when(row["ended_at"]),
        well=bool(row["well"]),
        tries=row["tries"],
    )


def note_heartbeat(conn: Connection, signal: Signal, received_at: datetime, broken_after: timedelta) -> None:
    """Remember that an alert which is to fire always was heard, or cleared.

    After a silence of more than `broken_after`, or of three times its interval, it is counted anew.
    """
    if not is_heartbeat(signal):
        return
    at = to_micros(received_at)
    if signal.status is SignalStatus.RESOLVED:
        conn.execute("UPDATE heartbeat SET gone_at = ? WHERE key = ? AND gone_at IS NULL", (at, signal.key))
    elif signal.status is SignalStatus.FIRING:
        name = clean(signal.labels.get("alertname") or signal.subject)
        anew = "count > 2 AND last_at + max(?5, 3 * (last_at - first_at) / (count - 1)) < ?4"
        conn.execute(
            "INSERT INTO heartbeat (key, source, name, first_at, last_at, count) VALUES (?1, ?2, ?3, ?4, ?4, 1)"
            " ON CONFLICT (key) DO UPDATE SET name = ?3, gone_at = NULL, last_at = max(last_at, ?4),"
            f" first_at = CASE WHEN {anew} THEN ?4 ELSE first_at END,"
            f" count = CASE WHEN {anew} THEN 1 ELSE count + 1 END",
            (signal.key, signal.source, name, at, broken_after // timedelta(microseconds=1)),
        )


def heartbeats(conn: Connection) -> list[Heartbeat]:
    """Every alert that is to fire always, as far as it is remembered."""
    rows = conn.execute("SELECT * FROM heartbeat ORDER BY key").fetchall()
    return [
        Heartbeat(
            key=Safe(row["key"]),
            source=Safe(row["source"]),
            name=Safe(row["name"]),
            first=from_micros(row["first_at"]),
            last=from_micros(row["last_at"]),
            count=row["count"],
            gone=when(row["gone_at"]),
        )
        for row in rows
    ]
