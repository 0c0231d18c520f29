"""Overruling triage, impact and what was seen before, as verbs."""

from datetime import timedelta

import pytest

from tests.cli.hand import Hand, column
from tests.support.scene import Scene
from tui.model.alert import Consumer, ConsumerState
from tui.model.catalog import Node
from tui.model.severity import Severity
from tui.model.text import Safe


@pytest.fixture
def proposed(scene: Scene) -> Scene:
    """C-1 of orders and its mart, the dashboard at risk; INC-1 of orders is over."""
    scene.know(
        Node(name=Safe("orders"), owner=Safe("data-eng")),
        Node(name=Safe("dashboard"), tier=1),
        edges=[("orders", "mart"), ("mart", "dashboard"), ("mart", "churn")],
    )
    old = scene.fire("orders", title="no files from the export")
    incident = scene.declare(old, title="Orders missing")
    scene.promise(incident)
    scene.clear(old)
    scene.resolve(incident)
    scene.wait(timedelta(days=2))
    due = scene.now + timedelta(minutes=42)
    hit = Consumer(name=Safe("dashboard"), state=ConsumerState.AT_RISK, tier=1, deadline=due)
    scene.propose(
        scene.fire("orders"), scene.fire("mart"), severity=Severity.SEV1, title="no orders", root="orders",
        consumers=[hit],
    )  # fmt: skip
    return scene


def test_a_verdict(sev: Hand, scene: Scene) -> None:
    scene.fire("scores", severity=Severity.SEV1)
    changed = sev.json("verdict", "A-1", "noise", "--reason", "the drill")
    assert column(changed, "verdict") == ["noise"]
    assert column(changed, "reason") == ["the drill"]
    assert isinstance(changed[0]["seq"], int)
    assert "took back: verdict noise, was incident" in sev.done("undo")
    assert "needs a reason" in sev.refused(4, "verdict", "A-1", "noise")
    sev.refused(2, "verdict", "A-1", "wrong", "--reason", "r")
    sev.refused(1, "verdict", "A-9", "noise", "--reason", "r")


def test_a_verdict_on_several_is_all_or_nothing(sev: Hand, scene: Scene) -> None:
    scene.fire("scores")
    sev.refused(1, "verdict", "A-1", "A-9", "noise", "--reason", "r")
    assert scene.alert(1).judged_by is None


def test_splitting(sev: Hand, scene: Scene) -> None:
    scene.candidate_of("root", "leaf", "twig")
    changed = sev.json("split", "C-1", "A-2", "A-3")
    assert column(changed, "id") == ["C-1", "A-2", "A-3"]
    assert column(changed[1:], "candidate") == [None, None]
    assert changed[0]["alerts"] == ["A-1"]
    assert "not in C-1" in sev.refused(4, "split", "C-1", "A-2")
    assert "took back" in sev.done("undo")
    assert scene.candidate(1).alerts == (1, 2, 3)


def test_candidates_tell_their_root_and_who_is_hit(sev: Hand, proposed: Scene) -> None:
    sev.at(proposed.now)
    head, row = sev.done("candidates").splitlines()
    assert head.split() == ["id", "sev", "ack", "title", "root", "downstream", "worst", "hit", "because"]
    assert "no orders  orders  +1 downstream  in 40m dashboard" in row
    (one,) = sev.json("candidates")
    assert one["root"] == "orders"
    assert one["consumers"] == [
        {
            "name": "dashboard", "tier": 1, "deadline": "2026-11-26T14:44:30Z", "state": "at_risk", "told_at": None,
        }
    ]  # fmt: skip
    similar = one["similar"]
    assert isinstance(similar, list)
    assert isinstance(similar[0], dict)
    assert similar[0]["id"] == "INC-1"


def test_impact(sev: Hand, proposed: Scene) -> None:
    sev.at(proposed.now)
    told = sev.done("impact", "A-3")
    assert "C-1 no orders" in told
    assert "root orders (data-eng): 1 hit, 1 at risk, 1 more downstream" in told
    assert "dashboard" in told
    assert "in 40m" in told
    assert "no change of the last day" in told
    (shape,) = sev.json("impact", "C-1")
    assert (shape["id"], shape["owner"]) == ("C-1", "data-eng")
    sev.refused(1, "impact", "C-9")
    sev.refused(2, "impact", "E-1")


def test_what_was_seen_before(sev: Hand, proposed: Scene) -> None:
    told = sev.done("similar", "C-1").splitlines()
    assert told[0].startswith("INC-1 2026-11-24, ")
    assert "same root" in told[0]
    assert any("ACT-1" in line and "OPEN: check it earlier" in line for line in told)
    (shape,) = sev.json("similar", "A-2")
    assert list(shape) == ["id", "title", "severity", "resolved_at", "alike", "why", "cause", "categories", "actions"]
    assert (shape["id"], shape["cause"]) == ("INC-1", None)
    sev.refused(1, "similar", "INC-9")


def test_nothing_seen_before_is_an_answer(sev: Hand, scene: Scene) -> None:
    scene.fire("scores")
    assert sev.done("similar", "A-1") == "nothing alike was seen before\n"
    assert sev.json("similar", "A-1") == []


def test_show_tells_all_of_it(sev: Hand, proposed: Scene) -> None:
    sev.at(proposed.now)
    told = sev.done("show", "C-1")
    assert "root          orders, A-2" in told
    assert "consumer      dashboard: tier 1, at risk, due 14:44Z, in 40m" in told
    assert "seen before   INC-1" in told
