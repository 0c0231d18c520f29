"""What no tool tells of: a thing that does not come, a run that can't make it, a stopped job, a silent watchdog."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.collector.hand import Hand, running, until
from tests.support.scene import Scene
from tui.collector.intake import Prepared, Receipt, take_in
from tui.collector.triaging import Triager
from tui.collector.watching import Watch
from tui.model import events as ev
from tui.model.alert import AlertStatus, Verdict
from tui.model.catalog import FIRST_SOURCE, Deadline, Edge, Facts, Node
from tui.model.entry import MACHINE, Actor
from tui.model.severity import Severity
from tui.model.signal import SignalStatus
from tui.model.text import Safe, clean
from tui.store import catalog, log, sources
from tui.store.engine import Store
from tui.store.log import Stamp

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


class Keeper(Hand):
    """A hand with one triager and a watch; time passes in steps of a minute, and the watch looks after each."""

    def __init__(self, store: Store, now: datetime, pulled: Mapping[Safe, tuple[Safe, ...]] | None = None) -> None:
        super().__init__(store, now)
        self.pulled = pulled
        self.begin()

    def begin(self, before: datetime | None = None) -> None:
        """A new collector takes over."""
        self.triager = Triager()
        self.watch = Watch(self.triager, since=self.now, before=before or self.now, pulled=self.pulled)

    def send_all(self, batch: Sequence[Prepared]) -> list[Receipt]:
        return self.store.tx(lambda conn: take_in(conn, self.now, batch, self.triager))

    def look(self) -> None:
        if self.store.read(partial(self.watch.due, now=self.now)):
            self.store.tx(partial(self.watch.tick, now=self.now, uid=7))

    def told(self) -> int:
        """How often the watch said that something is late; not how often again."""
        bodies = (event.body for event in self.store.read(lambda conn: log.since(conn, 0, 100_000)))
        own = [body for body in bodies if isinstance(body, ev.SignalSeen) and body.source == MACHINE]
        return sum(body.word is SignalStatus.FIRING for body in own)

    def until(self, moment: datetime) -> int:
        """Let time pass; how many things the watch said to be late meanwhile."""
        before = self.told()
        self.look()
        while self.now < moment:
            self.now = min(moment, self.now + timedelta(minutes=1))
            if self.triager.waits_no_longer(self.now):
                self.store.tx(partial(self.triager.tick, now=self.now, uid=7))
            self.look()
        return self.told() - before

    def goto(self, day: int, at: str) -> int:
        """Likewise, until a time of the day so many days after Monday."""
        hour, minute = map(int, at.split(":"))
        return self.until(MONDAY + timedelta(days=day, hours=hour, minutes=minute))

    def jump(self, day: int, at: str) -> None:
        """Nothing looks meanwhile; for nights in which nothing is late."""
        hour, minute = map(int, at.split(":"))
        self.now = MONDAY + timedelta(days=day, hours=hour, minutes=minute)
        self.look()

    def runs(self, job: str, *, minutes: int = 42, run: str | None = None) -> None:
        """A run that begins now and ends well."""
        run = run or f"{job} {self.now:%d %H:%M}"
        self.send({"job": job, "status": "started", "run": run})
        self.now += timedelta(minutes=minutes)
        self.send({"job": job, "status": "succeeded", "run": run})
        self.look()

    def own(self) -> list[str]:
        """The titles of what the watch says now."""
        return [one.title for one in self.alerts() if one.source == MACHINE and one.still_fires]


@pytest.fixture
def keeper(store: Store) -> Keeper:
    return Keeper(store, MONDAY)


def learn(keeper: Keeper, zone: str = "UTC", days: tuple[int, ...] = ()) -> None:
    """load > mart > board (tier 1, due 07:00); and fx > rates, which nobody waits for."""
    due = Deadline(at=time(7, 0), timezone=zone, days=days)
    nodes = [Node(name=clean(name), kind=clean("job")) for name in ("load", "fx")]
    nodes += [Node(name=clean(name), kind=clean("dataset"), tier=3) for name in ("mart", "rates")]
    nodes.append(Node(name=clean("board"), kind=clean("dashboard"), tier=1, deadline=due))
    pairs = (("load", "mart"), ("mart", "board"), ("fx", "rates"))
    edges = tuple(Edge(clean(up), clean(down)) for up, down in pairs)
    facts = Facts(source=FIRST_SOURCE, nodes=tuple(nodes), edges=edges)
    keeper.store.tx(lambda conn: catalog.learn(conn, Stamp(actor=Actor(MACHINE, 1), now=keeper.now), facts))


def mornings(keeper: Keeper, days: int, job: str = "mart", at: str = "05:59") -> None:
    """The job runs well on so many mornings, from Monday on."""
    for day in range(days):
        keeper.jump(day, at)
        keeper.runs(job)


def test_what_is_not_there_at_its_deadline_is_an_alert_and_a_candidate(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 3)
    keeper.jump(3, "05:00")
    assert keeper.goto(3, "07:00") == 0
    keeper.goto(3, "07:02")
    (alert,) = keeper.alerts()
    assert alert.title == "board is not there: due 07:00, last came yesterday 06:41 (mart)"
    assert (alert.source, alert.subject, alert.verdict, alert.severity) == ("sev", "board", Verdict.INCIDENT, 2)
    assert alert.started_at == MONDAY + timedelta(days=3, hours=7)
    (candidate,) = keeper.candidates()
    assert (candidate.severity, candidate.root_name) == (Severity.SEV2, "board")
    assert keeper.is_whole()


def test_it_is_over_when_it_comes_and_is_said_once(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 3)
    keeper.jump(3, "05:00")
    assert keeper.goto(3, "07:30") == 1
    keeper.runs("mart", minutes=10)
    assert keeper.alert().status is AlertStatus.RESOLVED
    assert keeper.goto(3, "23:00") == 0
    keeper.jump(4, "05:59")
    keeper.runs("mart")
    assert keeper.goto(4, "12:00") == 0, "what came late is not what is due next; this is"
    assert keeper.goto(5, "12:00") == 1


@pytest.mark.parametrize("days", [0, 1, 2])
def test_nothing_is_expected_of_what_has_no_history(keeper: Keeper, days: int) -> None:
    learn(keeper)
    mornings(keeper, days)
    assert keeper.goto(days, "12:00") == 0


def test_what_comes_now_and_then_is_not_expected_every_day(keeper: Keeper) -> None:
    """Four good runs, every third day; and a job beside it that comes each day."""
    learn(keeper)
    for day in range(11):
        keeper.jump(day, "05:00")
        if day % 3 == 0:
            keeper.runs("mart")
    assert keeper.goto(10, "23:00") == 0


def test_deadlines_count_on_their_days_and_in_their_zone(keeper: Keeper) -> None:
    learn(keeper, zone="Europe/Berlin", days=(0, 1, 2, 3, 4))
    mornings(keeper, 5, at="05:00")
    assert keeper.goto(7, "06:00") == 0, "nothing is due at the weekend; at 07:00 in Berlin it is 06:00 here"
    assert keeper.goto(7, "06:05") == 1
    assert keeper.own() == ["board is not there: due 07:00 CET, last came Fri 27 Nov 06:42 (mart)"]


def test_announced_work_excuses_it(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 3)
    keeper.jump(3, "05:00")
    keeper.send({"title": "Maintenance of mart 06:30 - 08:00, board will be late", "from": "li", "type": "message"})
    keeper.goto(3, "07:30")
    (alert,) = [one for one in keeper.alerts() if one.source == MACHINE]
    assert (alert.verdict, alert.reason) == (Verdict.INFO, "announced work")
    assert keeper.candidates() == []


def test_a_run_that_began_too_late_is_told_at_once(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 3, job="load")
    keeper.jump(3, "06:30")
    keeper.send({"job": "load", "status": "started", "run": "4"})
    assert keeper.goto(3, "06:32") == 1
    assert keeper.own() == [
        "load will be late for board: due 07:00, usually 42m, just begun, cannot finish before 07:12"
    ]
    keeper.goto(3, "07:12")
    keeper.send({"job": "load", "status": "succeeded", "run": "4"})
    keeper.goto(3, "07:14")
    assert keeper.own() == []


def test_a_run_that_hangs_is_told_when_even_another_one_would_be_late(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 4, job="load", at="05:00")
    keeper.jump(4, "04:53")
    keeper.send({"job": "load", "status": "started", "run": "5"})
    assert keeper.goto(4, "06:19") == 0
    assert keeper.goto(4, "06:21") == 1
    assert "cannot finish before 07:0" in keeper.own()[0]
    (candidate,) = keeper.candidates()
    assert candidate.severity is Severity.SEV2
    keeper.send({"job": "load", "status": "failed", "run": "5"})
    keeper.goto(4, "06:40")
    assert len(keeper.own()) == 1, "it did not end well"
    assert len(keeper.candidates()) == 1, "the failure and its consequence are one"


def test_one_that_is_early_enough_is_not_told(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 3, job="load")
    keeper.jump(3, "05:59")
    keeper.send({"job": "load", "status": "started", "run": "4"})
    assert keeper.goto(3, "06:41") == 0


def test_a_run_more_than_is_needed_may_be_late(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 4, job="load")
    keeper.jump(3, "06:50")
    keeper.send({"job": "load", "status": "started", "run": "once more"})
    assert keeper.goto(3, "07:30") == 0


def hourly(keeper: Keeper, job: str = "fx", count: int = 6, source: str = "jobs") -> None:
    for hour in range(count):
        keeper.jump(0, f"{hour:02}:10")
        keeper.send({"job": job, "status": "succeeded"}, source=source)


def test_a_steady_job_that_stops_is_overdue_and_folded_where_nobody_waits_for_it(keeper: Keeper) -> None:
    learn(keeper)
    hourly(keeper)
    assert keeper.goto(0, "08:10") == 0
    assert keeper.goto(0, "08:13") == 1
    (alert,) = keeper.alerts()
    assert alert.title == "fx is overdue: it runs every 1h, last began 3h02m ago"
    assert (alert.verdict, keeper.candidates()) == (Verdict.NOISE, [])
    keeper.send({"job": "fx", "status": "succeeded"})
    keeper.goto(0, "08:20")
    assert keeper.own() == []


def test_where_somebody_waits_below_it_is_a_candidate(keeper: Keeper) -> None:
    learn(keeper)
    hourly(keeper, job="load")
    keeper.goto(0, "08:30")
    (candidate,) = keeper.candidates()
    assert candidate.root_name == "load"


def test_without_a_catalog_it_is_folded(keeper: Keeper) -> None:
    hourly(keeper)
    assert keeper.goto(0, "08:30") == 1
    assert (keeper.alert().verdict, keeper.alert().severity, keeper.candidates()) == (Verdict.NOISE, None, [])


@pytest.mark.parametrize("minutes", [(0, 60, 120, 180), (0, 10, 95, 100, 300, 310, 500)])
def test_too_few_runs_or_unsteady_ones_expect_nothing(keeper: Keeper, minutes: tuple[int, ...]) -> None:
    for minute in minutes:
        keeper.now = MONDAY + timedelta(minutes=minute)
        keeper.send({"job": "fx", "status": "succeeded"})
    assert keeper.goto(2, "00:00") == 0


def test_a_job_of_working_hours_is_not_expected_at_night(keeper: Keeper) -> None:
    """Of its first night nothing is known yet."""
    for day in range(3):
        for quarter in range(40):
            keeper.now = MONDAY + timedelta(days=day, hours=8, minutes=15 * quarter)
            keeper.send({"job": "fx", "status": "succeeded"})
            keeper.look()
        said = keeper.goto(day + 1, "07:59")
        assert said == (1 if day == 0 else 0)


def test_a_source_that_says_nothing_at_all_is_one_trouble(keeper: Keeper) -> None:
    for hour in range(6):
        keeper.jump(0, f"{hour:02}:10")
        for n in range(5):
            keeper.send({"job": f"j{n}", "status": "succeeded"}, source="cron")
    assert keeper.goto(0, "10:00") == 1
    assert keeper.own() == ["nothing is heard of cron for 3h02m: 5 jobs are overdue"]
    keeper.send({"job": "j0", "status": "succeeded"}, source="cron")
    keeper.goto(0, "10:10")
    assert keeper.own() == []
    assert keeper.goto(0, "13:00") == 0, "the others have their time again"
    assert keeper.goto(0, "13:10") == 4, "one of them may be broken for good: but it speaks"


def test_a_source_that_is_away_makes_its_runs_unknown(store: Store) -> None:
    """One that is asked: what can't be read may well have run."""
    keeper = Keeper(store, MONDAY, {clean("flow"): (clean("flow"),)})
    asked = [sources.Pulled(name="flow", kind="airflow", every=timedelta(minutes=1))]
    store.tx(lambda conn: sources.begin(conn, asked, keeper.now))

    def read() -> None:
        store.tx(lambda conn: sources.succeeded(conn, "flow", keeper.now, keeper.now))

    learn(keeper)
    for day in range(3):
        keeper.jump(day, "06:00")
        keeper.send({"job": "mart", "status": "succeeded"}, source="flow")
        read()
    keeper.jump(3, "06:30")
    read()
    assert keeper.goto(3, "09:00") == 0
    read()
    assert keeper.goto(3, "09:02") == 1


def test_what_came_while_nobody_listened_is_not_late(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 3)
    stopped = keeper.now
    keeper.jump(3, "06:50")
    keeper.begin(before=stopped)
    assert keeper.goto(3, "23:00") == 0
    assert keeper.goto(4, "07:02") == 1, "the next one is expected again"


def test_a_short_restart_changes_nothing(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 3)
    keeper.jump(3, "06:50")
    keeper.begin(before=keeper.now - timedelta(seconds=20))
    assert keeper.goto(3, "07:02") == 1
    keeper.begin()
    assert keeper.goto(3, "07:30") == 0, "who takes over knows what was said"
    assert len(keeper.candidates()) == 1


def test_what_is_late_for_long_does_not_go_quiet(keeper: Keeper) -> None:
    learn(keeper)
    mornings(keeper, 3)
    keeper.jump(3, "06:50")
    keeper.goto(3, "10:00")
    assert keeper.alert().count == 3
    assert len(keeper.alerts()) == 1


def test_what_people_were_done_with_is_not_said_again(keeper: Keeper, scene: Scene) -> None:
    learn(keeper)
    mornings(keeper, 3)
    keeper.jump(3, "06:50")
    keeper.goto(3, "07:05")
    scene.now = keeper.now
    scene.resolve(scene.declare(candidate=1), reason="nobody needs it today")
    keeper.now = scene.now
    assert keeper.goto(3, "20:00") == 0
    assert keeper.goto(4, "07:05") == 1, "the next day it is another one"


WATCHDOG = {"status": "firing", "labels": {"alertname": "Watchdog", "severity": "none"}, "annotations": {}}


def beats(keeper: Keeper, count: int, minutes: float = 5) -> None:
    for _ in range(count):
        keeper.send({"version": "4", "status": "firing", "alerts": [WATCHDOG]}, source="am")
        keeper.until(keeper.now + timedelta(minutes=minutes))


def test_a_watchdog_that_falls_silent_is_a_candidate(keeper: Keeper) -> None:
    learn(keeper)
    beats(keeper, 6)
    keeper.until(keeper.now + timedelta(minutes=9))
    assert (keeper.own(), keeper.candidates()) == ([], [])
    keeper.until(keeper.now + timedelta(minutes=3))
    assert keeper.own() == ["Watchdog of am is silent for 16m: alerts of that source may not arrive"]
    (candidate,) = keeper.candidates()
    assert candidate.severity is Severity.SEV2
    beats(keeper, 1)
    assert keeper.own() == []
    assert keeper.goto(0, "00:40") == 0


def test_a_watchdog_that_its_tool_cleared_is_silent_too(keeper: Keeper) -> None:
    beats(keeper, 1)
    over = {**WATCHDOG, "status": "resolved", "endsAt": keeper.now.isoformat()}
    keeper.send({"version": "4", "status": "resolved", "alerts": [over]}, source="am")
    keeper.until(keeper.now + timedelta(minutes=12))
    assert len(keeper.own()) == 1
    assert len(keeper.candidates()) == 1


def test_once_is_no_heartbeat_and_a_slow_one_has_its_time(keeper: Keeper) -> None:
    beats(keeper, 1)
    keeper.until(keeper.now + timedelta(hours=6))
    assert keeper.own() == []
    beats(keeper, 3, minutes=60)
    keeper.until(keeper.now + timedelta(hours=5))
    assert keeper.own() == []


def test_nobody_counts_the_time_in_which_nobody_listened(keeper: Keeper) -> None:
    beats(keeper, 6)
    keeper.now += timedelta(hours=8)
    keeper.begin(before=keeper.now - timedelta(hours=8))
    assert keeper.until(keeper.now + timedelta(minutes=9)) == 0
    assert keeper.until(keeper.now + timedelta(minutes=8)) == 1


async def test_a_running_collector_says_it_by_its_own_clock(tmp_path: Path) -> None:
    """The mornings are the past of its store; it takes over on the fourth, listens on, and it is seven."""
    with Store(tmp_path / "sev.db") as store:
        keeper = Keeper(store, MONDAY)
        learn(keeper)
        mornings(keeper, 3)
        times = [MONDAY + timedelta(days=3, hours=5)]
        async with running(tmp_path, clock=lambda: times[-1]) as collector:
            times.append(MONDAY + timedelta(days=3, hours=7, minutes=2))
            await until(lambda: bool(keeper.own()), "the alert")
            assert keeper.own() == ["board is not there: due 07:00, last came yesterday 06:41 (mart)"]
            status, *_ = await collector.call("/v1/jobs", b'{"job": "mart", "status": "succeeded"}')
            assert status < 300
            times.append(times[-1] + timedelta(minutes=1))
            await until(lambda: not keeper.own(), "its all-clear")
