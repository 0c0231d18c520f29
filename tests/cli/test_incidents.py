"""Incidents: from declaring to merging, and taking back."""

from datetime import timedelta

from tests.cli.hand import Hand, column
from tests.support.scene import Scene
from tui.model.incident import Phase
from tui.model.severity import Severity


def test_declare_a_candidate_with_triages_own_words(sev: Hand, scene: Scene) -> None:
    scene.candidate_of("scores", "rules", severity=Severity.SEV1)
    (made,) = sev.json("declare", "C-1")
    assert (made["id"], made["severity"], made["phase"]) == ("INC-1", 1, "respond")
    assert (made["alerts"], made["root"]) == (["A-1", "A-2"], "A-1")
    assert scene.candidate(1).incident == 1


def test_declare_alerts_named_one_way_or_the_other(sev: Hand, scene: Scene) -> None:
    scene.fire("one")
    scene.fire("two")
    scene.fire("three")
    said = sev.json("declare", "--alert", "A-1", "A-2", "--alert", "A-3", "--title", "It stands", "--sev", "3")
    assert set(_texts(said[0]["alerts"])) == {"A-1", "A-2", "A-3"}
    assert (said[0]["title"], said[0]["severity"]) == ("It stands", 3)


def _texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]


def test_a_persons_report_needs_title_and_severity(sev: Hand, scene: Scene) -> None:
    assert "title" in sev.refused(2, "declare")
    assert "severity" in sev.refused(2, "declare", "--title", "Finance sees yesterday")
    (made,) = sev.json("declare", "--title", "Finance sees yesterday", "--sev", "2")
    assert made["first_signal_at"] is None
    assert made["detected_at"] == made["acknowledged_at"] == made["declared_at"]
    assert (made["mttd_s"], made["mtta_s"], made["mttr_s"]) == (None, 0, None)


def test_a_report_may_begin_a_store(sev: Hand, scene: Scene) -> None:
    place = scene.store.path.parent / "fresh" / "sev.db"
    said = sev.bare("--store", str(place), "--as", "li", "declare", "--title", "x", "--sev", "2")
    assert said.code == 0
    assert place.exists()


def test_two_candidates_or_a_declared_one_are_refused(sev: Hand, scene: Scene) -> None:
    scene.candidate_of("one")
    scene.candidate_of("two")
    sev.refused(2, "declare", "C-1", "C-2")
    sev.done("declare", "C-1")
    assert "INC-1" in sev.refused(4, "declare", "C-1")


def test_incidents_newest_first_and_picked(sev: Hand, scene: Scene) -> None:
    first = scene.declare(title="Revenue is late", severity=Severity.SEV2)
    second = scene.declare(title="Scores are stale", severity=Severity.SEV1)
    scene.resolve(first)
    sev.at(scene.now)
    assert column(sev.json("incidents"), "id") == [f"INC-{second}", f"INC-{first}"]
    assert column(sev.json("incidents", "--state", "open"), "id") == [f"INC-{second}"]
    assert column(sev.json("incidents", "--state", "learn"), "id") == [f"INC-{first}"]
    assert column(sev.json("incidents", "--sev", "1"), "id") == [f"INC-{second}"]
    assert column(sev.json("incidents", "--search", "REVENUE"), "id") == [f"INC-{first}"]
    assert column(sev.json("incidents", "--limit", "1"), "id") == [f"INC-{second}"]
    assert sev.json("incidents", "--since", "2099-01-01") == []


def test_the_next_update_is_told_while_it_burns(sev: Hand, scene: Scene) -> None:
    number = scene.declare(title="Scores are stale", severity=Severity.SEV1)
    due = scene.incident(number).declared_at + timedelta(minutes=5)
    assert sev.json("show", f"INC-{number}")[0]["next_update_due"] == f"{due:%Y-%m-%dT%H:%M:%SZ}"
    sev.at(scene.now + timedelta(minutes=7))
    assert "late 2m" in sev.done("incidents") or "late 1m" in sev.done("incidents")
    scene.resolve(number)
    assert sev.json("show", f"INC-{number}")[0]["next_update_due"] is None


def test_the_teams_own_clocks_count(sev: Hand, scene: Scene) -> None:
    number = scene.declare(title="Scores are stale", severity=Severity.SEV1)
    scene.store.path.with_name("sev.toml").write_text('[severity.sev1]\nfirst_update = "40m"\n')
    due = scene.incident(number).declared_at + timedelta(minutes=40)
    assert sev.json("incidents")[0]["next_update_due"] == f"{due:%Y-%m-%dT%H:%M:%SZ}"


def test_link_adds_free_alerts(sev: Hand, scene: Scene) -> None:
    incident = scene.declare(scene.fire("one"))
    scene.fire("two")
    (linked,) = sev.json("link", f"INC-{incident}", "A-2")
    assert linked["alerts"] == ["A-1", "A-2"]
    other = scene.declare(scene.fire("three"))
    assert f"INC-{incident}" in sev.refused(4, "link", f"INC-{other}", "A-2")


def test_merge_changes_both(sev: Hand, scene: Scene) -> None:
    one, two = scene.declare(scene.fire("one")), scene.declare(scene.fire("two"))
    closed, kept = sev.json("merge", f"INC-{two}", f"INC-{one}")
    assert (closed["id"], closed["phase"]) == (f"INC-{two}", "closed")
    assert kept["alerts"] == ["A-1", "A-2"]
    assert closed["seq"] == kept["seq"]
    sev.refused(4, "merge", f"INC-{two}", f"INC-{one}")


def test_lowering_a_severity_needs_a_reason(sev: Hand, scene: Scene) -> None:
    number = scene.declare(title="Scores are stale", severity=Severity.SEV2)
    assert sev.json("severity", f"INC-{number}", "1")[0]["severity"] == 1
    assert "reason" in sev.refused(4, "severity", f"INC-{number}", "3")
    assert sev.json("severity", f"INC-{number}", "SEV3", "--reason", "nobody reads it")[0]["severity"] == 3


def test_undo_takes_back_ones_own_latest_act_and_names_it(sev: Hand, scene: Scene) -> None:
    number = scene.declare(title="Scores are stale", severity=Severity.SEV2)
    sev.done("severity", f"INC-{number}", "1")
    assert sev.done("undo") == "took back: SEV1, was SEV2\n"
    assert scene.incident(number).severity is Severity.SEV2


def test_undo_leaves_what_somebody_built_on(sev: Hand, scene: Scene) -> None:
    number = scene.declare(title="Scores are stale", severity=Severity.SEV2)
    sev.done("severity", f"INC-{number}", "1")
    sev.who = "maya"
    sev.done("severity", f"INC-{number}", "2", "--reason", "no customer sees it")
    sev.who = "li"
    sev.refused(4, "undo", f"INC-{number}")
    assert scene.incident(number).severity is Severity.SEV2


def test_undoing_a_declaration_prints_nothing_that_is_gone(sev: Hand, scene: Scene) -> None:
    scene.declare(title="Scores are stale", severity=Severity.SEV2)
    assert sev.json("undo") == []
    assert sev.json("incidents") == []


def test_a_row_for_people(sev: Hand, scene: Scene) -> None:
    number = scene.declare(title="Scores are stale", severity=Severity.SEV1)
    scene.take(number, name="maya")
    row = sev.done("incidents").splitlines()[1]
    for part in (f"INC-{number}", "▲ SEV1", Phase.RESPOND, "maya", "Scores are stale"):
        assert part in row
    assert sev.done("incidents", "--sev", "3") == "no incidents\n"
