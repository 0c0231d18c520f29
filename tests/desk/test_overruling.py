"""Overruling triage: another verdict, alerts out of their candidate; both can be taken back."""

import pytest

from tests.support.scene import Scene
from tui.desk import alerts
from tui.errors import ChangedError, RefusedError
from tui.model.alert import Alert, AlertState, Verdict
from tui.model.entry import EntryKind
from tui.model.ids import Ref
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe
from tui.store import integrity
from tui.store.alerts import open_candidates
from tui.store.entries import history

WHY = Safe("the nightly drill")


def judge(scene: Scene, name: str, number: int, verdict: Verdict) -> None:
    scene.do(alerts.judge, (Ref(name, number),), verdict, WHY)


def meaning(alert: Alert) -> tuple[Verdict, str, Severity | None, str | None, AlertState]:
    return alert.verdict, alert.reason, alert.severity, alert.judged_by, alert.state


def test_a_persons_verdict_is_theirs_and_says_what_it_overruled(scene: Scene) -> None:
    number = scene.fire("scores", severity=Severity.SEV1)
    judge(scene, "A", number, Verdict.NOISE)
    assert meaning(scene.alert(number)) == (Verdict.NOISE, WHY, None, "li", AlertState.NEW)
    assert scene.counts().waiting == 0
    (told,) = [entry for entry in scene.store.read(lambda conn: history(conn, number)) if entry.from_person]
    assert (told.kind, told.text) == (EntryKind.VERDICT, f"verdict noise, was incident: {WHY}")


@pytest.mark.parametrize(
    ("verdict", "severity"),
    [
        (Verdict.INCIDENT, Severity.SEV2),
        (Verdict.RETRY, Severity.SEV3),
        (Verdict.INFO, None),
        (Verdict.NOISE, None),
    ],
)
def test_each_verdict_has_the_severity_that_goes_with_it(
    scene: Scene, verdict: Verdict, severity: Severity | None
) -> None:
    number = scene.fire("routine", verdict=Verdict.INFO, severity=None)
    judge(scene, "A", number, verdict)
    assert scene.alert(number).severity is severity


def test_a_verdict_needs_a_reason(scene: Scene) -> None:
    number = scene.fire("scores")
    with pytest.raises(RefusedError, match="needs a reason"):
        scene.do(alerts.judge, (Ref("A", number),), Verdict.NOISE, NOTHING)
    assert scene.alert(number).judged_by is None


def test_a_verdict_on_a_candidate_is_one_on_all_of_its_alerts_and_it_waits_for_nobody(scene: Scene) -> None:
    candidate = scene.candidate_of("root", "leaf")
    assert [one.id for one in scene.store.read(open_candidates)] == [candidate]
    judge(scene, "C", candidate, Verdict.NOISE)
    assert {scene.alert(n).verdict for n in (1, 2)} == {Verdict.NOISE}
    assert scene.store.read(open_candidates) == []
    scene.undo()
    assert {scene.alert(n).verdict for n in (1, 2)} == {Verdict.INCIDENT}
    assert [one.id for one in scene.store.read(open_candidates)] == [candidate]


def test_a_verdict_taken_back_is_triages_own_again(scene: Scene) -> None:
    number = scene.fire("scores", severity=Severity.SEV1)
    before = meaning(scene.alert(number))
    judge(scene, "A", number, Verdict.NOISE)
    assert "took back: verdict noise, was incident" in scene.undo().said
    assert meaning(scene.alert(number)) == before
    assert integrity.verify(scene.store).ok


def test_a_verdict_that_somebody_changed_since_is_not_taken_back(scene: Scene) -> None:
    number = scene.fire("scores")
    judge(scene, "A", number, Verdict.NOISE)
    scene.do_as("ann", None, alerts.judge, (Ref("A", number),), Verdict.FLAPPING, WHY)
    with pytest.raises(ChangedError):
        scene.undo()
    assert scene.alert(number).judged_by == "ann"


def test_triages_own_words_leave_no_image_and_are_nobodys_to_take_back(scene: Scene) -> None:
    scene.judge(scene.fire("scores"), Verdict.NOISE, None)
    assert scene.store.read(lambda conn: conn.execute("SELECT count(*) FROM change_image").fetchone()[0]) == 0


def test_split_alerts_stand_on_their_own_and_stay_there(scene: Scene) -> None:
    candidate = scene.candidate_of("root", "leaf", "twig")
    said = scene.do(alerts.split, candidate, (2, 3)).said
    assert said == "split A-2, A-3 from C-1"
    assert scene.candidate(candidate).alerts == (1,)
    assert scene.alert(2).placed_by == "li"
    assert [alert.subject for alert in scene.feed()] == ["twig", "leaf", "root"]
    scene.undo()
    assert scene.candidate(candidate).alerts == (1, 2, 3)
    assert [alert.subject for alert in scene.feed()] == ["root"]
    assert scene.alert(2).placed_by is None


def test_a_candidate_that_loses_its_root_is_told_of_by_what_is_left(scene: Scene) -> None:
    candidate = scene.candidate_of("root", "leaf", "twig")
    scene.do(alerts.split, candidate, (1,))
    left = scene.candidate(candidate)
    assert (left.root, left.alerts, left.root_name, left.title) == (2, (2, 3), "leaf", "leaf failed")
    assert [alert.subject for alert in scene.feed()] == ["leaf", "root"]
    scene.do(alerts.move, (2,), None)
    assert scene.candidate(candidate).root == 3
    assert integrity.verify(scene.store).ok


def test_a_candidate_split_empty_waits_for_nobody(scene: Scene) -> None:
    candidate = scene.candidate_of("root", "leaf")
    scene.do(alerts.split, candidate, (1, 2))
    assert scene.store.read(open_candidates) == []
    assert scene.candidate(candidate).alerts == ()


def test_only_what_is_in_an_undeclared_candidate_is_split(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    other = scene.fire("other")
    with pytest.raises(RefusedError, match="stands on its own"):
        scene.do(alerts.split, 1, (2, other))
    assert scene.candidate(1).alerts == (1, 2), "all or nothing"
    incident = scene.declare(candidate=1)
    with pytest.raises(RefusedError, match=f"it is INC-{incident}"):
        scene.do(alerts.split, 1, (2,))
