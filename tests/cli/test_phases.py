"""The life of an incident: gates refuse with four, a reason overrides."""

import pytest

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.model.incident import Phase
from tui.model.severity import Severity


@pytest.fixture
def burning(scene: Scene) -> str:
    """An incident whose alert still fires."""
    return f"INC-{scene.declare(scene.fire('scores'))}"


def test_forward_step_by_step(sev: Hand, scene: Scene, burning: str) -> None:
    (mitigated,) = sev.json("mitigate", burning)
    assert (mitigated["phase"], mitigated["mitigated_at"] is not None) == ("resolve", True)
    assert "still fires" in sev.refused(4, "resolve", burning)
    scene.clear(1)
    (resolved,) = sev.json("resolve", burning)
    assert (resolved["phase"], resolved["next_update_due"]) == ("learn", None)
    assert isinstance(resolved["mttr_s"], int)
    assert "item 2" in sev.refused(4, "close", burning)
    scene.learn(1)
    (closed,) = sev.json("close", burning)
    assert closed["phase"] == "closed"


def test_a_gate_is_forced_with_a_reason_only(sev: Hand, scene: Scene, burning: str) -> None:
    assert "reason" in sev.refused(4, "resolve", burning, "--force")
    assert scene.incident(1).phase is Phase.RESPOND
    assert "against the gate" in sev.done("resolve", burning, "--force", "--reason", "switched off")
    assert "against the gate" in sev.done("close", burning, "--force", "--reason", "known for years")


def test_a_phase_by_name(sev: Hand, scene: Scene, burning: str) -> None:
    assert sev.json("phase", burning, "resolve")[0]["phase"] == "resolve"
    assert "reason" in sev.refused(4, "phase", burning, "respond")
    assert sev.json("phase", burning, "respond", "--reason", "it was not the cache")[0]["phase"] == "respond"
    sev.refused(2, "phase", burning, "assess")


def test_reopen_needs_a_reason_and_something_over(sev: Hand, scene: Scene) -> None:
    number = scene.declare(title="Late", severity=Severity.SEV3)
    sev.refused(4, "reopen", f"INC-{number}", "--reason", "again")
    sev.done("resolve", f"INC-{number}")
    assert "reason" in sev.refused(4, "reopen", f"INC-{number}")
    (again,) = sev.json("reopen", f"INC-{number}", "--reason", "it failed again")
    assert (again["phase"], again["reopened"], again["resolved_at"]) == ("respond", 1, None)


@pytest.mark.parametrize("verb", ["mitigate", "resolve", "close", "reopen"])
def test_an_unknown_incident_is_one(sev: Hand, verb: str) -> None:
    assert "there is no INC-9" in sev.refused(1, verb, "INC-9")
