"""Finding earlier incidents alike in a store: what is searched, what is found first, and what came of it."""

from datetime import timedelta

import pytest

from tests.support.scene import Scene
from tui.desk import incidents, learn, phases
from tui.model.alert import AlertStatus
from tui.model.ids import Ref
from tui.model.learn import ActionState, Category
from tui.model.text import NOTHING, Safe
from tui.store import integrity
from tui.store.catalog import read_graph
from tui.store.engine import Connection
from tui.store.similar import SeenBefore, search, similar
from tui.store.sqlite import sqlite3
from tui.triage.recurrence import Story, telling

FAMILIES = {
    "expired": (
        ("Vendor files missing: the sftp key ran out", "partner_inbox", "permission denied, key rejected at login"),
        ("Partner feed empty after credential rotation", "partner_feed", "login to sftp denied, credential expired"),
        ("Shop export stopped: token expired overnight", "shop_export", "401 from the vendor, token not renewed"),
    ),
    "skew": (
        ("Sessions job out of memory on one hot key", "sessions_rollup", "executor killed, partition skew by bots"),
        ("Nightly join never ends: skewed partition", "clicks_join", "one executor spills, hot key holds most rows"),
    ),
    "schema": (
        ("Revenue null after a renamed column", "fct_revenue", "column amount_cents missing upstream, null rate 100 %"),
        ("Churn features null: upstream renamed a column", "churn_features", "null rate rose, column plan_id missing"),
        ("Claims load breaks on a new column type", "claims_load", "column type changed from int to string upstream"),
    ),
    "broker": (
        ("Scores stale: consumer group keeps rebalancing", "card_scoring", "no offsets committed, lag grows"),
        ("Clickstream lag after broker restart", "clickstream", "consumer group rebalances, lag on all partitions"),
    ),
    "quota": (
        ("Warehouse suspended at its credit limit", "finance_mart", "resource monitor suspended the warehouse"),
        ("Loads queue: warehouse credits used up", "daily_load", "warehouse suspended, credit quota reached"),
    ),
}  # fmt: skip
"""Incidents that had one cause each, told in different words at different places."""


def past(scene: Scene, title: str, subject: str, told: str) -> int:
    number = scene.fire(subject, title=told)
    incident = scene.declare(number, title=title)
    scene.clear(number)
    scene.resolve(incident)
    return incident


def found(scene: Scene, ref: Ref) -> list[SeenBefore]:
    return scene.store.read(lambda conn: similar(conn, ref))


@pytest.fixture
def known(scene: Scene) -> Scene:
    """INC-1 of scores with an analysis, INC-2 of something else, both over."""
    first = past(scene, "Scores stale", "card_scoring", "no offsets committed: consumers rebalance")
    evidence = scene.note(first)
    scene.do(learn.answer, first, 4, Safe("the poll limit was cut"), (evidence,))
    scene.do(learn.categorise, first, (Category.CODE_BUG,), NOTHING)
    scene.promise(first)
    scene.do(learn.settle, 1, ActionState.DONE, NOTHING)
    past(scene, "Warehouse suspended", "finance_mart", "credit quota reached")
    scene.wait(timedelta(days=3))
    return scene


def test_both_variants_of_sqlite_have_full_text_search() -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'porter unicode61')")
    conn.execute("INSERT INTO words VALUES ('rebalancing consumers')")
    assert conn.execute("SELECT count(*) FROM words WHERE words MATCH 'rebalanced'").fetchone()[0] == 1
    conn.close()


def test_what_happened_here_before_and_what_came_of_it(known: Scene) -> None:
    candidate = known.candidate_of("card_scoring", "rules")
    (one,) = found(known, Ref("C", candidate))
    assert (one.incident.id, one.cause, one.rca.categories) == (1, "the poll limit was cut", (Category.CODE_BUG,))
    assert [action.state for action in one.rca.actions] == [ActionState.DONE]
    assert one.why[0] == "same root"
    assert 0.3 < one.score <= 1


def test_an_alert_stands_for_what_it_lies_in(known: Scene) -> None:
    candidate = known.candidate_of("card_scoring", "rules")
    assert [one.incident.id for one in found(known, Ref("A", 4))] == [1], "a leaf asks for its candidate"
    incident = known.declare(candidate=candidate)
    assert [one.incident.id for one in found(known, Ref("INC", incident))] == [1]
    assert [one.incident.id for one in found(known, Ref("C", candidate))] == [1]


def test_only_what_is_over_is_earlier_and_never_itself(known: Scene) -> None:
    again = known.fire("card_scoring", title="no offsets committed: consumers rebalance")
    incident = known.declare(again, title="Scores stale again")
    third = known.fire("card_scoring_eu", title="no offsets committed: consumers rebalance")
    assert [one.incident.id for one in found(known, Ref("A", third))] == [1]
    known.clear(again)
    known.resolve(incident)
    assert {one.incident.id for one in found(known, Ref("A", third))} == {1, incident}
    assert incident not in {one.incident.id for one in found(known, Ref("INC", incident))}


def test_what_was_learned_is_searched_too(known: Scene) -> None:
    number = known.fire("checkout", title="poll limit cut: timeouts")
    assert [one.incident.id for one in found(known, Ref("A", number))] == [1]


def test_a_declaration_taken_back_and_one_merged_away_are_not_found(known: Scene) -> None:
    one = known.declare(known.fire("parser", title="broken unicode surrogate"))
    two = known.declare(known.fire("parser_eu", title="broken unicode surrogate"))
    known.do(incidents.merge, two, one)
    known.declare(known.fire("parser_us", title="broken unicode surrogate"))
    known.undo()
    held = known.store.read(lambda conn: conn.execute("SELECT rowid FROM incident_words ORDER BY rowid").fetchall())
    assert [row["rowid"] for row in held] == [1, 2, one]
    known.do(phases.resolve, one, Safe("gone"), True)
    asked = known.fire("parser_jp", title="broken unicode surrogate", status=AlertStatus.FIRING)
    assert [found.incident.id for found in found(known, Ref("A", asked))] == [one]


def test_the_words_are_a_projection_that_a_rebuild_makes_anew(known: Scene) -> None:
    assert integrity.verify(known.store).ok
    integrity.rebuild(known.store)
    assert integrity.verify(known.store).ok
    assert [one.incident.id for one in found(known, Ref("C", known.candidate_of("card_scoring")))] == [1]


@pytest.mark.parametrize("title", ['"', "NEAR(a b) OR *", "title: x AND", "-^{}", "数据 延迟", ""])
def test_no_word_is_an_operator_of_the_search(known: Scene, title: str) -> None:
    number = known.fire("unlike", title=title or "x")
    assert found(known, Ref("A", number)) == []


def test_members_of_a_family_find_each_other_by_words_alone(scene: Scene) -> None:
    """Each incident asks with what its first alert said; the first of its family counts by its place."""
    members = {past(scene, *told): (family, told) for family, stories in FAMILIES.items() for told in stories}

    def place(conn: Connection, number: int) -> float:
        family, told = members[number]
        story = Story(root=Safe(""), words=telling(*told))
        ranked = [members[one.incident][0] for one in search(conn, story, number, 5, least=0.0)]
        return 1 / (ranked.index(family) + 1) if family in ranked else 0.0

    places = scene.store.read(lambda conn: [place(conn, number) for number in members])
    assert sum(places) / len(places) >= 0.9
    assert scene.store.read(read_graph).nodes == ()
