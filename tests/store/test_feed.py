"""The feed's order, its pages, its filter and its sums."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scene import Scene
from tui.desk.alerts import snooze
from tui.model import events as ev
from tui.model.alert import FOLDED, GONE, Alert, AlertState, AlertStatus, Excuse, Verdict
from tui.model.entry import MACHINE, Actor
from tui.model.row import why
from tui.model.severity import Severity
from tui.model.text import Safe
from tui.store.engine import Connection, Store
from tui.store.feed import Anchor, FeedQuery, Order, folded_counts, search, window
from tui.store.log import Stamp
from tui.store.record import record

SEV1, SEV2, SEV3 = Severity
START = datetime(2026, 11, 24, 14, tzinfo=UTC)


def names(alerts: list[Alert]) -> list[str]:
    return [alert.subject for alert in alerts]


def anchor(conn: Connection, alert: Alert) -> Anchor:
    row = conn.execute("SELECT rank, weight FROM alert WHERE id = ?", (alert.id,)).fetchone()
    return Anchor(rank=row["rank"], weight=row["weight"], trouble_at=alert.trouble_at, id=alert.id)


def pages(conn: Connection, query: FeedQuery, size: int) -> list[Alert]:
    """The whole feed, page by page."""
    found: list[Alert] = []
    after: Anchor | None = None
    while page := window(conn, query, after=after, limit=size):
        assert len(page) <= size
        found += page
        after = anchor(conn, page[-1])
        if len(page) < size:
            break
    return found


def test_what_waits_stands_first_then_the_graver_then_the_newer(scene: Scene) -> None:
    for key, severity in (("old3", SEV3), ("old2", SEV2), ("new2", SEV2), ("one", SEV1), ("seen", SEV1)):
        scene.fire(key, severity=severity)
    scene.ack("A-5")
    scene.retry("tried")
    scene.fire("unmapped", severity=None)
    assert names(scene.feed()) == ["one", "unmapped", "new2", "old2", "old3", "seen", "tried"]
    assert names(scene.feed(FeedQuery(order=Order.TIME))) == [
        "unmapped", "tried", "seen", "one", "new2", "old2", "old3",
    ]  # fmt: skip


def test_a_repeat_never_moves_a_row_and_firing_anew_does(scene: Scene) -> None:
    first, second = scene.fire("first"), scene.fire("second")
    scene.repeat(first, 50)
    assert names(scene.feed()) == ["second", "first"]
    assert scene.alert(first).count == 51
    scene.clear(first)
    assert names(scene.feed()) == ["second", "first"]
    assert scene.fire("first") == first
    assert names(scene.feed()) == ["first", "second"]
    assert scene.alert(second).trouble_at < scene.alert(first).trouble_at
    assert scene.alert(first).episode == 2


def test_a_severity_that_rises_is_new_trouble(scene: Scene) -> None:
    first, _ = scene.fire("first", severity=SEV3), scene.fire("second", severity=SEV3)
    scene.judge(first, Verdict.INCIDENT, SEV2)
    assert scene.alert(first).trouble_at == scene.now
    began = scene.alert(first).trouble_at
    scene.judge(first, Verdict.INCIDENT, SEV3)
    assert scene.alert(first).trouble_at == began, "but one that falls is not"


def test_folded_rows_show_when_they_are_unfolded(scene: Scene) -> None:
    scene.fire("routine", verdict=Verdict.INFO, severity=None)
    scene.fire("noisy", verdict=Verdict.NOISE, severity=None)
    scene.retry("tried")
    scene.fire("tried", status=AlertStatus.RESOLVED, verdict=Verdict.RETRY, severity=None)
    scene.fire("real")
    assert names(scene.feed()) == ["real"]
    assert set(names(scene.feed(FeedQuery(unfolded=True)))) == {"real", "routine", "noisy", "tried"}
    sums = scene.counts()
    assert (sums.waiting, sums.recovered_retries, sums.routine, sums.folded) == (1, 1, 2, 3)


def test_what_is_muted_or_excused_is_counted_apart_while_it_goes_on(scene: Scene) -> None:
    for key, excused in (("slow", Excuse.MUTED), ("moving", Excuse.PLANNED), ("plain", None)):
        number = scene.fire(key, verdict=Verdict.NOISE, severity=None)
        said = ev.Judged(verdict=Verdict.NOISE, reason=Safe("so it is"), severity=None, excused=excused)
        stamp = Stamp(actor=Actor(MACHINE, 0), now=scene.now)
        scene.store.tx(partial(record, stamp=stamp, body=said, alert=number))
    sums = scene.counts()
    assert (sums.muted, sums.excused, sums.routine, sums.folded) == (1, 1, 1, 3)
    assert sums.folded_words == "1 routine, 1 muted, 1 excused"
    rows = scene.feed(FeedQuery(unfolded=True))
    assert folded_counts(rows) == sums
    assert {row.subject: why(row) for row in rows} == {
        "slow": "so it is", "moving": "so it is", "plain": "plain failed",
    }  # fmt: skip


def test_an_incidents_alerts_leave_with_it(scene: Scene) -> None:
    inside, outside = scene.fire("inside"), scene.fire("outside")
    incident = scene.declare(inside)
    assert names(scene.feed(FeedQuery(incident=incident))) == ["inside"]
    assert scene.counts().in_incidents == 1
    scene.clear(inside)
    assert names(scene.feed()) == ["outside", "inside"], "cleared, but its incident is open"
    scene.resolve(incident)
    assert names(scene.feed()) == ["outside"]
    assert outside == scene.feed()[0].id


def test_a_cleared_alert_stays_until_somebody_looked(scene: Scene) -> None:
    number = scene.fire()
    scene.clear(number)
    assert scene.feed()[0].state is AlertState.OK
    scene.ack(f"A-{number}")
    assert scene.feed() == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", {"load_orders", "Übung", "cards"}),
        ("ORDERS", {"load_orders"}),
        ("orders load", {"load_orders"}),
        ("lag of", {"cards"}),
        ("of lag", {"cards"}),
        ("lag orders", set()),
        ("Übung", {"Übung"}),
        ("  am:cards ", {"cards"}),
        ("tool says", {"load_orders", "Übung", "cards"}),
        ("a-2", {"Übung"}),
        ("%", set()),
        ("'; DROP TABLE alert", set()),
    ],
)
def test_every_word_of_the_filter_must_occur(scene: Scene, words: str, found: set[str]) -> None:
    scene.fire("load_orders")
    scene.fire("Übung")
    scene.fire("cards", title="Lag of the topic")
    assert set(names(scene.feed(FeedQuery(words=words)))) == found

    def look(conn: Connection) -> list[Alert]:
        return search(conn, words=words, source=None, since=None, gone=True, limit=9)

    assert set(names(scene.store.read(look))) == found


def test_searching_by_source_and_time(scene: Scene) -> None:
    scene.fire("old")
    scene.wait(timedelta(hours=1))
    scene.fire("new", source="dbt")
    scene.clear(scene.fire("over"))
    scene.ack("A-3")
    since = scene.now - timedelta(minutes=30)

    def look(source: str | None, since: datetime | None, gone: bool) -> list[str]:
        return names(
            scene.store.read(lambda conn: search(conn, words="", source=source, since=since, gone=gone, limit=9))
        )

    assert look(None, None, False) == ["new", "old"]
    assert look(None, None, True) == ["new", "old", "over"]
    assert look("dbt", None, False) == ["new"]
    assert look(None, since, True) == ["new", "over"]


STEPS: list[Callable[[Scene, int], object]] = [
    lambda scene, alert: scene.ack(f"A-{alert}"),
    lambda scene, alert: scene.quiet(alert),
    lambda scene, alert: scene.judge(alert, Verdict.NOISE, None),
    lambda scene, alert: scene.judge(alert, Verdict.INCIDENT, SEV1),
    lambda scene, alert: scene.clear(alert),
    lambda scene, alert: scene.repeat(alert),
    lambda scene, alert: scene.do(snooze, scene.refs((alert,)), scene.now + timedelta(hours=2)),
    lambda scene, alert: scene.declare(alert, severity=SEV2) if scene.alert(alert).incident is None else None,
]


@settings(max_examples=25)
@given(
    alerts=st.lists(st.tuples(st.sampled_from([*Severity, None]), st.integers(0, 2)), min_size=1, max_size=14),
    steps=st.lists(st.tuples(st.integers(0, 13), st.integers(0, len(STEPS) - 1)), max_size=14),
    size=st.integers(1, 5),
)
def test_the_pages_together_are_the_whole_list(
    tmp_path_factory: pytest.TempPathFactory,
    alerts: list[tuple[Severity | None, int]],
    steps: list[tuple[int, int]],
    size: int,
) -> None:
    folder: Path = tmp_path_factory.mktemp("feed")
    with Store(folder / "sev.db") as store:
        store.detach().execute("PRAGMA synchronous = OFF")
        scene = Scene(store, START)
        for number, (severity, minutes) in enumerate(alerts):
            scene.fire(f"job-{number}", severity=severity, started=START + timedelta(minutes=minutes))
        for which, step in steps:
            STEPS[step](scene, which % len(alerts) + 1)

        def compare(conn: Connection) -> None:
            for query in (
                *(FeedQuery(order=order, unfolded=unfolded) for order in Order for unfolded in (False, True)),
                FeedQuery(state=AlertState.NEW),
                FeedQuery(state=AlertState.ACK, unfolded=True),
                FeedQuery(words="job-1", order=Order.TIME),
            ):
                whole = window(conn, query, limit=1_000)
                assert pages(conn, query, size) == whole
                assert whole == expected(conn, query)

        store.read(compare)


def expected(conn: Connection, query: FeedQuery) -> list[Alert]:
    """The same list, sorted and filtered the long way."""
    rows = {row["id"]: row for row in conn.execute("SELECT * FROM alert").fetchall()}
    every = search(conn, words="", source=None, since=None, gone=True, limit=1_000)
    below = GONE if query.unfolded else FOLDED
    kept = [
        alert
        for alert in every
        if rows[alert.id]["rank"] < below
        and query.state in (None, alert.state)
        and all(word in alert.key for word in query.words.split())
    ]

    def place(alert: Alert) -> tuple[float, ...]:
        row = rows[alert.id]
        newest = (-alert.trouble_at.timestamp(), -alert.id)
        return newest if query.order is Order.TIME else (row["rank"], row["weight"], *newest)

    return sorted(kept, key=place)


@pytest.mark.parametrize("order", Order)
def test_a_page_costs_the_same_however_many_alerts_there_are(store: Store, order: Order) -> None:
    columns = "id, trouble_at, key, subject, title, seq, source, format, status, verdict, reason, kind, count, episode"
    zeros = ", first_seen, last_seen, started_at, payload, label_set, links"
    row = "value, value, 'am:' || value, 'job', 'it failed', 1, 'am', 'x', 'firing', 'incident', 'r', 'other', 1, 1"
    many = "WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?)"
    statement = " ".join(
        (many, "INSERT INTO alert (", columns, zeros, ") SELECT", row, ", 1, 1, 1, '', '', '{}' FROM n")
    )

    def cost(count: int) -> int:
        steps: list[int] = []

        def read(conn: Connection) -> None:
            conn.set_progress_handler(lambda: steps.append(1), 100)
            assert len(window(conn, FeedQuery(order=order), limit=20)) == 20
            conn.set_progress_handler(None, 0)

        store.tx(lambda conn: conn.execute("DELETE FROM alert"))
        store.tx(lambda conn: conn.execute(statement, (count,)))
        store.read(read)
        return len(steps)

    assert cost(5_000) < 2 * cost(100)
