"""How much an earlier incident is alike: by its words, and by where it lies."""

import pytest

from tui.model.catalog import Edge, Facts, Graph, Node
from tui.model.graph import graph_of
from tui.model.text import Safe
from tui.triage.recurrence import LEAST, Earlier, Story, most_alike, telling, weights

GRAPH = graph_of(
    [
        Facts(
            source=Safe("catalog"),
            nodes=(Node(name=Safe("raw.orders"), aliases=(Safe("shop_export"),)),),
            edges=tuple(
                Edge(Safe(up), Safe(down))
                for up, down in (
                    ("raw.orders", "stg_orders"),
                    ("stg_orders", "fct_orders"),
                    ("fct_orders", "mart"),
                    ("mart", "dashboard"),
                )
            ),
        )
    ]
)
WORDS = ("lag", "rebalance", "offsets", "token")
WORTH = weights(WORDS, {"lag": 4, "rebalance": 1, "offsets": 1}, 10)


def earlier(incident: int, *shared: str, root: str = "", rank: float = 1.0, subject: str = "") -> Earlier:
    return Earlier(
        incident=incident,
        rank=rank,
        shared=frozenset(shared),
        roots=(Safe(root),) if root else (),
        subjects=(Safe(subject),) if subject else (),
    )


def alike(*found: Earlier, root: str = "raw.orders", graph: Graph = GRAPH) -> list[tuple[int, float, tuple[Safe, ...]]]:
    story = Story(root=Safe(root), subjects=(Safe(root),), words=WORDS)
    return [(one.incident, one.score, one.why) for one in most_alike(story, found, WORTH, graph)]


def test_words_that_tell_one_story_from_another() -> None:
    assert telling("Card-Scoring: 3 of 3 tries FAILED", "card_scoring lag") == ("card", "scoring", "tries", "lag")
    assert telling("failed error the 2026 42") == ()
    assert len(telling(" ".join(f"word{n}" for n in range(500)))) == 48


def test_a_rare_word_is_worth_more_than_a_common_one() -> None:
    assert WORTH["token"] > WORTH["rebalance"] > WORTH["lag"] > 0


def test_the_same_root_under_another_name_counts_most() -> None:
    found = alike(
        earlier(1, "lag", root="elsewhere"), earlier(2, "lag", root="shop_export"), earlier(3, "lag", root="fct_orders")
    )
    assert [number for number, _, _ in found] == [2, 3]
    assert found[0][2][0] == "same root"
    assert found[1][2][0] == "its root is 2 steps away"


@pytest.mark.parametrize(
    ("root", "subject", "why"),
    [
        ("stg_orders", "", "its root is 1 step away"),
        ("dashboard", "", "same lineage"),
        ("unknown", "RAW/orders", "alerts of the same name"),
    ],
)
def test_how_near_it_lies_is_said(root: str, subject: str, why: str) -> None:
    ((_, _, told),) = alike(earlier(1, *WORDS, root=root, subject=subject))
    assert told == (why, "words: token, rebalance, offsets, lag")


def test_words_alone_are_enough_when_they_are_many_and_not_when_they_are_few() -> None:
    assert [number for number, _, _ in alike(earlier(1, *WORDS), root="elsewhere")] == [1]
    assert alike(earlier(1, "lag", rank=0.1), earlier(2, rank=9.0), root="elsewhere") == []


def test_a_score_is_between_the_least_and_one_the_best_first() -> None:
    found = alike(*(earlier(n, *WORDS[:n], root="raw.orders", rank=float(n)) for n in range(1, 5)))
    scores = [score for _, score, _ in found]
    assert [number for number, _, _ in found] == [4, 3, 2]
    assert scores == sorted(scores, reverse=True)
    assert all(LEAST <= score <= 1 for score in scores)


def test_without_a_catalog_names_alone_tell_a_root() -> None:
    ((number, _, why),) = alike(earlier(1, "lag", root="Raw_Orders"), graph=Graph())
    assert (number, why[0]) == (1, "same root")


def test_nothing_is_like_nothing() -> None:
    assert most_alike(Story(root=Safe("")), [], {}, Graph()) == []
