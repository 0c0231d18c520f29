"""Declare, link, merge, grade."""

from datetime import timedelta

import pytest

from tests.support.scene import Scene
from tui.desk import incidents
from tui.desk.alerts import move
from tui.desk.learn import answer
from tui.errors import NotFoundError, RefusedError, UsageError
from tui.model.alert import AlertState, Verdict
from tui.model.entry import EntryKind
from tui.model.ids import Ref
from tui.model.incident import Phase
from tui.model.learn import ItemState
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe

SEV1, SEV2, SEV3 = Severity


def test_declaring_a_candidate_takes_over_what_triage_proposed(scene: Scene) -> None:
    scene.candidate_of("root", "leaf", severity=SEV1)
    received = scene.alert(1).first_seen
    done = scene.do(incidents.declare, incidents.Declaration(candidate=1))
    assert done.said == "declared INC-1 SEV1: root failed"
    assert done.changed == (Ref("INC", 1),)
    incident = scene.incident(1)
    assert (incident.title, incident.severity, incident.phase) == ("root failed", SEV1, Phase.RESPOND)
    assert (incident.root, incident.alerts, incident.candidate) == (1, (1, 2), 1)
    assert (incident.detected_at, incident.acknowledged_by) == (received, "li")
    assert scene.candidate(1).incident == 1
    assert [scene.alert(number).state for number in (1, 2)] == [AlertState.ACK] * 2, "declaring acknowledges"
    entry = next(entry for entry in scene.timeline(1) if entry.kind is EntryKind.DECLARE)
    assert entry.text == "declared SEV1 from A-1, A-2: root failed (they belong together)"


def test_a_persons_own_words_win(scene: Scene) -> None:
    scene.candidate_of("root")
    asked = incidents.Declaration(title=Safe("orders are late"), severity=SEV3, reason=Safe("a test"), candidate=1)
    scene.do(incidents.declare, asked)
    assert (scene.incident(1).title, scene.incident(1).severity) == ("orders are late", SEV3)
    assert any("(a test)" in entry.text for entry in scene.timeline(1))


def test_the_first_acknowledgement_counts(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    scene.who = "bo"
    scene.ack("A-2")
    first = scene.now
    scene.who = "li"
    scene.ack("C-1")
    scene.declare(candidate=1)
    assert (scene.incident(1).acknowledged_at, scene.incident(1).acknowledged_by) == (first, "bo")


def test_declaring_alerts_alone(scene: Scene) -> None:
    scene.fire("a", severity=SEV3)
    scene.fire("b", severity=SEV1)
    number = scene.declare(2, 1)
    assert (scene.incident(number).title, scene.incident(number).severity) == ("b failed", SEV1)
    assert scene.incident(number).root == 2


def test_what_a_human_reports(scene: Scene) -> None:
    number = scene.declare(title="the dashboard is wrong", severity=SEV2)
    incident = scene.incident(number)
    assert incident.first_signal_at is None
    assert incident.detected_at == incident.acknowledged_at == incident.declared_at == scene.now
    assert (incident.root, incident.alerts) == (None, ())
    item = scene.rca(number).items[2]
    assert (item.text, item.state) == ("li saw it and reported it; no alert fired", ItemState.PROPOSED)


@pytest.mark.parametrize(("title", "severity"), [(None, SEV2), ("late", None), (None, None)])
def test_a_report_needs_title_and_severity(scene: Scene, title: str | None, severity: Severity | None) -> None:
    with pytest.raises(UsageError, match=r"a report needs a (title|severity)"):
        scene.declare(title=title, severity=severity)


def test_an_alert_without_severity_gives_none(scene: Scene) -> None:
    scene.fire(severity=None)
    with pytest.raises(UsageError, match="needs a severity"):
        scene.declare(1)


def test_nothing_is_declared_twice(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    scene.declare(candidate=1)
    with pytest.raises(RefusedError, match="C-1 is declared already: it is INC-1"):
        scene.declare(candidate=1)
    with pytest.raises(RefusedError, match="A-2 is in INC-1 already"):
        scene.declare(2)


def test_an_alert_that_went_its_own_way_does_not_come_along(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    scene.declare(2)
    number = scene.declare(candidate=1)
    assert scene.incident(number).alerts == (1,)


@pytest.mark.parametrize(("candidate", "alerts"), [(9, ()), (None, (9,))])
def test_declaring_what_is_not_there(scene: Scene, candidate: int | None, alerts: tuple[int, ...]) -> None:
    with pytest.raises(NotFoundError, match=r"there is no [AC]-9"):
        scene.declare(*alerts, candidate=candidate, title="t", severity=SEV2)


def test_triage_proposes_what_it_knows_of_the_cause(scene: Scene) -> None:
    scene.fire("load", title="exit 1", started=scene.now - timedelta(minutes=3))
    number = scene.declare(1)
    first, third = scene.rca(number).items[0], scene.rca(number).items[2]
    assert first.text == "load at 13:57:00Z: exit 1"
    assert third.text == "am alert, 3m30s after it began"
    signal = scene.timeline(number)[0]
    assert signal.kind is EntryKind.SIGNAL
    assert first.evidence == third.evidence == (signal.id,)


def test_linking_free_alerts(scene: Scene) -> None:
    number = scene.declare(title="late", severity=SEV2)
    scene.fire("a")
    scene.fire("b")
    done = scene.do(incidents.link, number, (1, 2))
    assert done.said == "A-1, A-2 joined INC-1"
    assert scene.incident(number).alerts == (1, 2)
    again = scene.do(incidents.link, number, (1,))
    assert (again.said, again.seq) == ("A-1 already in INC-1", 0)


def test_linking_is_refused_for_what_is_taken_or_over(scene: Scene) -> None:
    scene.fire("a")
    one, other = scene.declare(1), scene.declare(title="other", severity=SEV2)
    with pytest.raises(RefusedError, match="A-1 is in INC-1: sev move A-1 INC-2"):
        scene.do(incidents.link, other, (1,))
    scene.fire("b")
    scene.resolve(other)
    with pytest.raises(RefusedError, match="INC-2 is over"):
        scene.do(incidents.link, other, (2,))
    with pytest.raises(NotFoundError, match="there is no A-9"):
        scene.do(incidents.link, one, (9,))


def test_merging_hands_alerts_over_and_closes(scene: Scene) -> None:
    early, late = scene.fire("early"), scene.fire("late")
    one, other = scene.declare(early), scene.declare(late)
    done = scene.do(incidents.merge, one, other)
    assert done.said == "INC-1 is part of INC-2 now"
    assert done.changed == (Ref("INC", one), Ref("INC", other))
    merged, kept = scene.incident(one), scene.incident(other)
    assert (merged.phase, merged.merged_into, merged.alerts) == (Phase.CLOSED, other, ())
    assert kept.alerts == (early, late)
    assert kept.detected_at == scene.alert(early).first_seen, "the merged one began earlier"
    assert scene.timeline(other)[-1].text == "took over INC-1: early failed"


def test_what_cannot_merge(scene: Scene) -> None:
    one, other = (scene.declare(title=title, severity=SEV2) for title in ("one", "other"))
    with pytest.raises(UsageError, match="into itself"):
        scene.do(incidents.merge, one, one)
    scene.resolve(other)
    for pair in ((one, other), (other, one)):
        with pytest.raises(RefusedError, match=f"INC-{other} is over"):
            scene.do(incidents.merge, *pair)
    with pytest.raises(NotFoundError, match="INC-9"):
        scene.do(incidents.merge, one, 9)


def test_raising_a_severity_asks_nothing_and_lowering_a_reason(scene: Scene) -> None:
    number = scene.declare(scene.fire(severity=SEV2))
    assert scene.do(incidents.change_severity, number, SEV1, NOTHING).said == "INC-1 is SEV1, was SEV2"
    with pytest.raises(RefusedError, match="INC-1 stays SEV1: lowering a severity needs a reason"):
        scene.do(incidents.change_severity, number, SEV3, NOTHING)
    assert scene.incident(number).severity is SEV1
    scene.do(incidents.change_severity, number, SEV3, Safe("only a test topic"))
    assert scene.incident(number).severity is SEV3
    assert scene.alert(1).severity is SEV3, "its alerts stand where the incident does"
    same = scene.do(incidents.change_severity, number, SEV3, NOTHING)
    assert (same.said, same.seq) == ("INC-1 is SEV3 already", 0)


def test_an_alert_that_left_has_its_own_severity_again(scene: Scene) -> None:
    number = scene.declare(scene.fire(severity=SEV3))
    scene.do(incidents.change_severity, number, SEV1, NOTHING)
    scene.do(move, (1,), None)
    assert scene.alert(1).severity is SEV3
    assert scene.alert(1).verdict is Verdict.INCIDENT


def test_what_changed_just_before_is_proposed_with_its_entry(scene: Scene) -> None:
    scene.change("v811", "scores")
    scene.change("v812", "Scores", by="ann")
    scene.change("v1", "ledger")
    incident = scene.declare(scene.fire("scores"))
    item = scene.rca(incident).items[1]
    assert (item.state, item.text) == (ItemState.PROPOSED, "v812 of Scores by ann, 1m before it failed")
    (entry,) = [entry for entry in scene.timeline(incident) if entry.kind is EntryKind.CHANGE]
    assert (item.evidence, entry.text) == ((entry.id,), "CH-2 v812 of Scores by ann")
    assert [one.n for one in scene.rca(incident).items if one.state is ItemState.PROPOSED] == [1, 2, 3]


def test_what_changed_one_step_upstream_is_proposed_failing_that(scene: Scene) -> None:
    scene.know(edges=[("kafka.auth", "scores")])
    scene.change("retention 7d to 1d", "kafka_auth")
    item = scene.rca(scene.declare(scene.fire("scores"))).items[1]
    assert item.text == "retention 7d to 1d of kafka.auth by ci, 30s before it failed, one step upstream"


def test_only_a_change_before_the_first_signal_is_proposed(scene: Scene) -> None:
    root = scene.fire("scores")
    scene.change("rollback", "scores")
    incident = scene.declare(root)
    assert scene.rca(incident).items[1].state is ItemState.OPEN
    assert [entry for entry in scene.timeline(incident) if entry.kind is EntryKind.CHANGE] == []
    report = scene.declare(title="orders look wrong", severity=SEV2)
    assert scene.rca(report).items[1].state is ItemState.OPEN


def test_a_persons_answer_keeps_the_proposed_evidence(scene: Scene) -> None:
    scene.change("v812", "scores")
    incident = scene.declare(scene.fire("scores"))
    tied = scene.rca(incident).items[1].evidence
    scene.do(answer, incident, 2, Safe("the new profile"), ())
    item = scene.rca(incident).items[1]
    assert (item.state, item.text, item.evidence) == (ItemState.DONE, "the new profile", tied)
