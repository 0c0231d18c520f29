"""The nine items, the causes, and what was promised."""

import pytest

from tests.cli.hand import Hand, column
from tests.support.scene import Scene
from tui.model.learn import ItemState


@pytest.fixture
def incident(scene: Scene) -> str:
    return f"INC-{scene.declare(scene.fire('scores'))}"


def test_the_analysis_is_shown(sev: Hand, incident: str) -> None:
    (analysis,) = sev.json("rca", incident)
    assert list(analysis) == ["categories", "items", "missing"]
    told = sev.done("rca", incident)
    assert "[~] 1 What failed first?  [E-1]" in told
    assert "[ ] 2 What changed just before?" in told
    assert "missing to close: item 1" in told


def test_a_proposed_answer_is_confirmed_and_another_given(sev: Hand, scene: Scene, incident: str) -> None:
    sev.done("rca", incident, "--item", "1")
    assert scene.rca(1).items[0].state is ItemState.DONE
    (analysis,) = sev.json("rca", incident, "--item", "4", "--text", "the limit was 6s", "--evidence", "e1")
    items = analysis["items"]
    assert isinstance(items, list)
    assert items[3] == {"n": 4, "text": "the limit was 6s", "evidence": ["E-1"], "state": "done"}
    assert isinstance(analysis["seq"], int)


def test_causes_by_the_beginning_of_their_name(sev: Hand, incident: str) -> None:
    (analysis,) = sev.json("rca", incident, "--category", "code-bug", "--category", "infra")
    assert analysis["categories"] == ["code bug", "infrastructure failure"]
    assert "reason" in sev.refused(4, "rca", incident, "--category", "unknown")
    sev.done("rca", incident, "--category", "unknown", "--reason", "the logs are gone")


def test_answer_and_cause_are_one_act_or_none(sev: Hand, scene: Scene, incident: str) -> None:
    sev.refused(4, "rca", incident, "--item", "1", "--category", "unknown")
    assert scene.rca(1).items[0].state is ItemState.PROPOSED


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (2, ("--item", "10")),
        (2, ("--item", "9", "--text", "x")),
        (2, ("--item", "2")),
        (2, ("--text", "x")),
        (2, ("--evidence", "E-1")),
        (2, ("--category", "people")),
        (2, ("--category", "")),
        (1, ("--item", "1", "--evidence", "E-99")),
    ],
)
def test_what_cannot_be_answered_is_refused(sev: Hand, incident: str, code: int, words: tuple[str, ...]) -> None:
    sev.refused(code, "rca", incident, *words)


def test_an_action_is_promised_and_settled(sev: Hand, incident: str) -> None:
    words = ("action", incident, "lint", "the profile", "--type", "preventive", "--owner", "bo", "--due", "2026-12-01")
    (made,) = sev.json(*words)
    assert made == {
        "id": "ACT-1",
        "incident": incident,
        "text": "lint the profile",
        "type": "preventive",
        "owner": "bo",
        "due": "2026-12-01",
        "state": "open",
        "link": None,
        "seq": made["seq"],
    }
    assert sev.json("action", "done", "ACT-1")[0]["state"] == "done"
    sev.done("action", incident, "restart it", "--type", "corrective")
    assert "reason" in sev.refused(4, "action", "drop", "ACT-2")
    assert sev.json("action", "drop", "ACT-2", "--reason", "the job is gone")[0]["state"] == "dropped"


def test_an_action_needs_its_type_and_settling_one_id(sev: Hand, incident: str) -> None:
    assert "--type" in sev.refused(2, "action", incident, "do better")
    sev.refused(2, "action", "done", "ACT-1", "ACT-2")
    sev.refused(2, "action", "done", incident)
    sev.refused(1, "action", "done", "ACT-9")
    sev.refused(2, "action", incident, "x", "--type", "preventive", "--due", "sometime")


def test_a_due_day_may_be_a_length(sev: Hand, incident: str) -> None:
    (made,) = sev.json("action", incident, "x", "--type", "detective", "--due", "2w")
    assert made["due"] == "2026-12-08"


def test_actions_the_overdue_ones_alone(sev: Hand, incident: str) -> None:
    sev.done("action", incident, "old", "--type", "detective", "--due", "2020-01-01")
    sev.done("action", incident, "new", "--type", "preventive", "--due", "2099-01-01")
    assert column(sev.json("actions"), "text") == ["old", "new"]
    assert column(sev.json("actions", "--overdue"), "text") == ["old"]
    assert "no owner" in sev.done("actions")
    sev.done("action", "done", "ACT-1")
    assert sev.done("actions", "--overdue") == "no actions\n"
