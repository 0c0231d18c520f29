"""A candidate's alerts are one row of the feed, and nothing that stands higher is hidden under it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scene import Scene
from tui.desk.alerts import acknowledge, judge, snooze, split, unacknowledge
from tui.model.alert import Verdict
from tui.model.ids import Ref
from tui.model.severity import Severity
from tui.model.text import Safe
from tui.store import feed, integrity
from tui.store.engine import Connection, Store
from tui.store.feed import FeedQuery, Order
from tui.store.projections.alerts import refresh_place

SEV1, SEV2, SEV3 = Severity


def names(scene: Scene, query: FeedQuery | None = None) -> list[str]:
    return [alert.subject for alert in scene.feed(query)]


def below(scene: Scene, root: int) -> list[str]:
    return [alert.subject for alert in scene.store.read(lambda conn: feed.members(conn, root))]


def test_a_group_is_its_roots_row(scene: Scene) -> None:
    scene.candidate_of("root", "leaf", "twig")
    scene.fire("other", severity=SEV3)
    assert names(scene) == ["root", "other"]
    assert names(scene, FeedQuery(order=Order.TIME)) == ["other", "root"]
    assert below(scene, 1) == ["twig", "leaf"]
    assert scene.store.read(feed.groups) == {1: 2}
    assert scene.counts().waiting == 2, "what waits is counted as it is shown"


def test_words_find_what_is_folded(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    assert names(scene, FeedQuery(words="leaf")) == ["leaf"]


def test_a_row_of_its_own_again_when_declared_moved_or_gone(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    scene.declare(candidate=1)
    assert names(scene) == ["leaf", "root"]
    scene.undo()
    assert names(scene) == ["root"]


def test_what_stands_higher_than_its_root_is_never_hidden(scene: Scene) -> None:
    scene.candidate_of("root", "leaf", "twig")
    scene.ack("A-2")
    assert below(scene, 1) == ["twig", "leaf"]
    scene.do(snooze, (Ref("A", 1),), scene.now.replace(hour=23))
    assert names(scene) == ["twig", "leaf", "root"]
    assert below(scene, 1) == []


def test_a_root_that_left_the_feed_hides_nothing(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    scene.ack("C-1")
    scene.clear(1)
    assert names(scene) == ["leaf"]
    scene.do(judge, (Ref("A", 2),), Verdict.NOISE, Safe("a drill"))
    assert names(scene) == []


def test_who_looks_at_a_candidate_looks_at_what_joins_it(scene: Scene) -> None:
    candidate = scene.candidate_of("root", "leaf")
    scene.ack("C-1")
    late = scene.fire("late")
    scene.propose(1, 2, late, again=candidate, reopened=False)
    assert scene.alert(late).acknowledged_by == "li"
    assert names(scene) == ["root"]
    assert scene.counts().waiting == 0


def test_a_candidate_that_opens_again_waits_at_its_root(scene: Scene) -> None:
    candidate = scene.candidate_of("root", "leaf")
    scene.ack("C-1")
    scene.propose(1, 2, again=candidate, severity=SEV1)
    assert scene.candidate(candidate).acknowledged_by is None
    assert (scene.alert(1).acknowledged_by, scene.alert(2).acknowledged_by) == (None, "li")
    assert names(scene) == ["root"]
    assert scene.counts().waiting == 1
    scene.ack("A-1")
    assert scene.candidate(candidate).acknowledged_by == "li"


def test_the_severity_of_a_candidate_is_that_of_its_row(scene: Scene) -> None:
    scene.fire("graver", severity=SEV2)
    root = scene.fire("root", severity=SEV3)
    scene.propose(root, severity=SEV1)
    assert scene.alert(root).severity is SEV1
    assert names(scene) == ["root", "graver"]


@pytest.mark.parametrize("order", list(Order))
def test_the_window_follows_its_index(store: Store, order: Order) -> None:
    """Neither a sort nor a look at every row that lies in a group."""
    asked: list[str] = []

    def read(conn: Connection) -> str:
        conn.set_trace_callback(asked.append)
        feed.window(conn, FeedQuery(order=order), limit=10)
        conn.set_trace_callback(None)
        (statement,) = [one for one in asked if one.startswith("SELECT * FROM alert")]
        statement = statement.replace("--", "- -")  # a bound value below zero, not a remark
        return " ".join(row["detail"] for row in conn.execute(f"EXPLAIN QUERY PLAN {statement}"))

    plan = store.read(read)
    assert "USING INDEX alert_feed" in plan or "USING INDEX alert_time" in plan
    assert "TEMP B-TREE" not in plan


ACTS = ("ack", "unack", "clear", "fire", "judge", "snooze", "split", "declare", "again")


@settings(max_examples=25)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 5)), max_size=14))
def test_every_alert_is_in_one_place_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, acts: Sequence[tuple[str, int]]
) -> None:
    with Store(tmp_path_factory.mktemp("groups") / "sev.db") as store:
        scene = Scene(store, datetime(2026, 11, 24, 14, tzinfo=UTC))
        scene.candidate_of("a", "b", "c")
        scene.candidate_of("d", "e", severity=SEV1)
        for act, number in acts:
            _do(scene, act, number)
        whole = FeedQuery(unfolded=True)
        shown = [alert.id for alert in scene.feed(whole)]
        hidden = store.read(lambda conn: [alert.id for root in shown for alert in feed.members(conn, root)])
        every = [row["id"] for row in store.read(lambda c: c.execute("SELECT id FROM alert WHERE rank < 9").fetchall())]
        assert sorted((*shown, *hidden)) == sorted(every)
        before = _places(store)
        store.tx(_refresh_each)
        assert _places(store) == before, "the quick way and the slow one agree"
        assert integrity.verify(store).ok


def _refresh_each(conn: Connection) -> None:
    for number in range(1, 6):
        refresh_place(conn, number)


def _places(store: Store) -> list[tuple[object, ...]]:
    query = "SELECT id, rank, weight, under, live FROM alert ORDER BY id"
    return [tuple(row) for row in store.read(lambda conn: conn.execute(query).fetchall())]


def _do(scene: Scene, act: str, number: int) -> None:
    alert = scene.alert(number)
    if act == "ack":
        scene.do(acknowledge, (Ref("A", number),))
    elif act == "unack":
        scene.do(unacknowledge, (Ref("A", number),))
    elif act == "clear" and alert.still_fires:
        scene.clear(number)
    elif act == "fire":
        scene.fire(alert.subject)
    elif act == "judge":
        scene.do(judge, (Ref("A", number),), list(Verdict)[number - 1], Safe("so it is"))
    elif act == "snooze":
        scene.do(snooze, (Ref("A", number),), scene.now.replace(hour=23))
    elif alert.candidate is not None and alert.incident is None:
        candidate = scene.candidate(alert.candidate)
        if act == "split":
            scene.do(split, candidate.id, (number,))
        elif act == "declare":
            scene.declare(candidate=candidate.id)
        else:
            scene.propose(*reversed(candidate.alerts), again=candidate.id, severity=SEV1)
