"""The life of an incident and its gates."""

from datetime import timedelta

import pytest

from tests.support.scene import Scene
from tui.desk import learn, phases
from tui.desk.act import Outcome
from tui.desk.alerts import snooze
from tui.desk.incidents import merge
from tui.errors import NotFoundError, RefusedError
from tui.model.alert import AlertStatus
from tui.model.entry import EntryKind
from tui.model.incident import Phase
from tui.model.learn import ActionState
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe

SEV2 = Severity.SEV2
WHY = Safe("because")


def report(scene: Scene) -> int:
    return scene.declare(title="late", severity=SEV2)


def phase(scene: Scene, number: int) -> Phase:
    return scene.incident(number).phase


def go(scene: Scene, number: int, to: Phase, *, reason: Safe = NOTHING, force: bool = False) -> Outcome:
    return scene.do(phases.change_phase, number, to, reason=reason, force=force)


def test_a_whole_life(scene: Scene) -> None:
    number = scene.declare(scene.fire())
    assert scene.do(phases.mitigate, number).said == "INC-1 is mitigated: the bleeding has stopped"
    mitigated = scene.now
    scene.clear(1)
    assert scene.resolve(number).said == "INC-1 is resolved"
    resolved = scene.now
    scene.learn(number)
    assert scene.do(phases.close, number).said == "INC-1 is closed"
    incident = scene.incident(number)
    assert (incident.phase, incident.mitigated_at, incident.resolved_at, incident.closed_at) == (
        Phase.CLOSED, mitigated, resolved, scene.now,
    )  # fmt: skip
    steps = [entry.text for entry in scene.timeline(number) if entry.kind is EntryKind.PHASE]
    assert steps == ["mitigated: the bleeding has stopped", "resolved", "closed"]


def test_resolving_from_respond_records_the_mitigation_first(scene: Scene) -> None:
    number = report(scene)
    scene.resolve(number)
    assert scene.incident(number).mitigated_at == scene.incident(number).resolved_at == scene.now
    steps = [entry.text for entry in scene.timeline(number) if entry.kind is EntryKind.PHASE]
    assert steps == ["mitigated: the bleeding has stopped", "resolved"]


@pytest.mark.parametrize("way", ["resolve", "phase"])
def test_the_gate_is_shut_while_an_alert_fires(scene: Scene, way: str) -> None:
    firing, quiet, unknown, cleared, hidden = (scene.fire(key) for key in ("a", "b", "c", "d", "e"))
    number = scene.declare(firing, quiet, unknown, cleared, hidden)
    scene.quiet(quiet)
    scene.fire("c", status=AlertStatus.UNKNOWN)
    scene.clear(cleared)
    scene.do(snooze, scene.refs((hidden,)), scene.now + timedelta(days=1))
    assert scene.store.read(lambda conn: phases.resolve_gate(conn, number)) == (
        "A-1 a still fires",
        "A-2 b is quiet without an all-clear",
        "A-3 c is in an unknown state",
        "A-5 e still fires",
    )
    with pytest.raises(RefusedError, match=r"INC-1 cannot be resolved: A-1 a still fires.* and 1 more") as caught:
        scene.resolve(number) if way == "resolve" else go(scene, number, Phase.LEARN)
    assert caught.value.forcible
    assert caught.value.exit_code == 4
    assert phase(scene, number) is Phase.RESPOND, "nothing of it was written"


def test_the_gate_is_overridden_with_a_reason_only(scene: Scene) -> None:
    number = scene.declare(scene.fire())
    with pytest.raises(RefusedError, match="forcing needs a reason"):
        scene.do(phases.resolve, number, force=True)
    with pytest.raises(RefusedError, match="cannot be resolved"):
        scene.do(phases.resolve, number, reason=WHY)
    done = scene.resolve(number, reason="the alert is broken")
    assert done.said == "INC-1 is resolved against the gate"
    assert scene.timeline(number)[-1].text == "resolved against the gate: the alert is broken"


def test_a_reason_at_an_open_gate_forces_nothing(scene: Scene) -> None:
    number = report(scene)
    assert scene.resolve(number, reason="all well").said == "INC-1 is resolved"
    assert scene.timeline(number)[-1].text == "resolved: all well"


def test_closing_asks_for_what_was_learned(scene: Scene) -> None:
    number = scene.declare(scene.fire())
    scene.clear(1)
    scene.resolve(number)
    with pytest.raises(RefusedError, match=r"cannot be closed: item 1: What failed first\?.* and \d+ more") as caught:
        scene.do(phases.close, number)
    assert caught.value.forcible
    scene.learn(number)
    scene.do(learn.settle, 1, ActionState.DROPPED, WHY)
    with pytest.raises(RefusedError, match="a symptom fix alone cannot close"):
        scene.do(phases.close, number)
    assert scene.do(phases.close, number, reason=WHY, force=True).said == "INC-1 is closed against the gate"


@pytest.mark.parametrize(
    ("before", "to"),
    [
        (Phase.RESPOND, Phase.CLOSED),
        (Phase.RESOLVE, Phase.CLOSED),
        (Phase.RESOLVE, Phase.RESPOND),
        (Phase.LEARN, Phase.RESOLVE),
        (Phase.LEARN, Phase.RESPOND),
        (Phase.CLOSED, Phase.LEARN),
        (Phase.CLOSED, Phase.RESPOND),
    ],
)
def test_skipping_and_going_back_need_a_reason(scene: Scene, before: Phase, to: Phase) -> None:
    number = report(scene)
    scene.learn(number)
    if before is not Phase.RESPOND:
        go(scene, number, before, reason=WHY)
    with pytest.raises(RefusedError, match="needs a reason"):
        go(scene, number, to)
    assert phase(scene, number) is before
    go(scene, number, to, reason=WHY)
    assert phase(scene, number) is to


def test_one_step_forward_needs_none(scene: Scene) -> None:
    number = report(scene)
    scene.learn(number)
    for to in (Phase.RESOLVE, Phase.LEARN, Phase.CLOSED):
        go(scene, number, to)
        assert phase(scene, number) is to
        assert go(scene, number, to).seq == 0, "again is no second step"


def test_going_back_takes_the_times_back(scene: Scene) -> None:
    number = report(scene)
    scene.learn(number)
    for to in (Phase.RESOLVE, Phase.LEARN, Phase.CLOSED):
        go(scene, number, to)
    go(scene, number, Phase.LEARN, reason=WHY)
    assert scene.incident(number).closed_at is None
    assert scene.incident(number).resolved_at is not None
    go(scene, number, Phase.RESOLVE, reason=WHY)
    assert scene.incident(number).resolved_at is None
    assert scene.incident(number).mitigated_at is not None
    go(scene, number, Phase.RESPOND, reason=WHY)
    assert scene.incident(number).mitigated_at is None
    assert scene.incident(number).reopened == 0, "it never was over by this way"


def test_reopening(scene: Scene) -> None:
    number = report(scene)
    with pytest.raises(RefusedError, match="INC-1 is open"):
        scene.do(phases.reopen, number, WHY)
    scene.resolve(number)
    with pytest.raises(RefusedError, match="going back needs a reason"):
        scene.do(phases.reopen, number, NOTHING)
    assert scene.do(phases.reopen, number, WHY).said == "INC-1 is open again"
    incident = scene.incident(number)
    assert (incident.phase, incident.reopened) == (Phase.RESPOND, 1)
    assert (incident.mitigated_at, incident.resolved_at, incident.closed_at) == (None, None, None)


def test_alerts_come_back_to_the_feed_with_their_incident(scene: Scene) -> None:
    number = scene.declare(scene.fire())
    scene.resolve(number, reason="muted")
    assert scene.feed() == []
    scene.do(phases.reopen, number, WHY)
    assert [alert.id for alert in scene.feed()] == [1]


def test_verbs_that_come_too_late(scene: Scene) -> None:
    number = report(scene)
    scene.resolve(number)
    with pytest.raises(RefusedError, match="INC-1 is in learn: it was resolved: sev reopen INC-1"):
        scene.do(phases.mitigate, number)
    assert scene.resolve(number).seq == 0
    scene.do(phases.close, number, reason=WHY, force=True)
    with pytest.raises(RefusedError, match="INC-1 is closed: it was resolved before"):
        scene.resolve(number)


def test_a_merged_incident_has_no_life_of_its_own(scene: Scene) -> None:
    one, other = report(scene), report(scene)
    scene.do(merge, one, other)
    for to in Phase:
        with pytest.raises(RefusedError, match="INC-1 is part of INC-2"):
            go(scene, one, to, reason=WHY, force=True)


def test_an_incident_that_is_not_there(scene: Scene) -> None:
    with pytest.raises(NotFoundError, match="there is no INC-9"):
        scene.resolve(9)
