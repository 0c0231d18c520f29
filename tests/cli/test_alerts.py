"""Listing alerts and candidates, and what is done with them."""

from datetime import timedelta

import pytest

from tests.cli.hand import Hand, column
from tests.support.scene import Scene
from tui.model.severity import Severity


def test_alerts_in_the_feeds_order_with_labels(sev: Hand, scene: Scene) -> None:
    scene.fire("late", severity=Severity.SEV3)
    scene.fire("scores", severity=Severity.SEV1, labels={"team": "risk"})
    scene.retry("churn")
    objects = sev.json("alerts")
    assert column(objects, "subject") == ["scores", "late", "churn"]
    assert column(objects, "state") == ["new", "new", "try"]
    assert objects[0]["labels"] == {"team": "risk"}


def test_alerts_are_picked_by_state_severity_source_words_and_time(sev: Hand, scene: Scene) -> None:
    scene.fire("one", severity=Severity.SEV1, source="am")
    scene.fire("two", severity=Severity.SEV2, source="airflow", title="no rows")
    scene.ack("A-2")
    scene.wait(timedelta(hours=3))
    scene.fire("three", severity=Severity.SEV2, source="am")
    sev.at(scene.now)
    assert column(sev.json("alerts", "--sev", "SEV1"), "id") == ["A-1"]
    assert column(sev.json("alerts", "--state", "ack"), "id") == ["A-2"]
    assert column(sev.json("alerts", "--source", "airflow"), "id") == ["A-2"]
    assert column(sev.json("alerts", "--search", "NO ROWS"), "id") == ["A-2"]
    assert column(sev.json("alerts", "--state", "new", "--sev", "2"), "id") == ["A-3"]
    assert sev.json("alerts", "--search", "nothing like it") == []


def test_since_takes_a_length_or_a_time(sev: Hand, scene: Scene) -> None:
    scene.fire("old")
    scene.wait(timedelta(hours=5))
    scene.fire("fresh")
    sev.at(scene.now + timedelta(minutes=10))
    assert column(sev.json("alerts", "--since", "1h"), "subject") == ["fresh"]
    assert column(sev.json("alerts", "--since", "18:00"), "subject") == ["fresh"]
    assert column(sev.json("alerts", "--since", "6h"), "subject") == ["fresh", "old"]
    assert len(sev.json("alerts", "--since", "2026-11-24")) == 2


def test_a_cut_list_says_so(sev: Hand, scene: Scene) -> None:
    for n in range(3):
        scene.fire(f"job_{n}")
    said = sev("alerts", "--limit", "2", "--json")
    assert len(said.objects) == 2
    assert "more are there" in said.err
    assert sev("alerts", "--limit", "3").err == ""


def test_people_see_folded_alerts_as_one_line(sev: Hand, scene: Scene) -> None:
    scene.fire("scores")
    number = scene.retry("churn")
    scene.clear(number)
    told = sev.done("alerts").splitlines()
    assert len(told) == 3
    assert told[0].split()[:4] == ["id", "now", "sev", "for"]
    assert "scores" in told[1]
    assert told[2] == "1 folded: 1 retry that recovered (--all lists them)"
    assert "churn" in sev.done("alerts", "--all")
    assert column(sev.json("alerts"), "subject") == ["scores", "churn"]


def test_no_alerts_is_an_answer(sev: Hand) -> None:
    assert sev.done("alerts") == "no alerts\n"
    assert sev.json("alerts") == []


def test_a_row_for_people_has_shape_and_word(sev: Hand, scene: Scene) -> None:
    scene.candidate_of("scores", severity=Severity.SEV1)
    sev.at(scene.now + timedelta(minutes=2))
    (row,) = sev.done("alerts").splitlines()[1:]
    assert row.split("  ")[0] == "A-1"
    for part in ("NEW", "▲ SEV1", "2m", "scores", "C-1", "scores failed", "×1"):
        assert part in row
    assert "! SEV1" in sev.done("alerts", "--ascii")
    assert sev.done("alerts", "--ascii").isascii()


def test_ack_tells_and_prints_the_changed_object(sev: Hand, scene: Scene) -> None:
    scene.fire("scores")
    (changed,) = sev.json("ack", "a1")
    assert changed["id"] == "A-1"
    assert changed["state"] == "ack"
    assert changed["acknowledged_by"] == "li"
    assert changed["seq"] == scene.alert(1).seq


def test_acknowledging_twice_is_done_and_names_who(sev: Hand, scene: Scene) -> None:
    scene.fire("scores")
    sev.done("ack", "A-1")
    sev.who = "maya"
    assert "already acknowledged by li" in sev.done("ack", "A-1")
    assert sev.json("ack", "A-1")[0]["seq"] is None
    assert scene.alert(1).acknowledged_by == "li"


def test_several_ids_are_all_or_nothing(sev: Hand, scene: Scene) -> None:
    scene.fire("one")
    scene.fire("two")
    assert "A-9" in sev.refused(1, "ack", "A-1", "A-9")
    assert scene.alert(1).acknowledged_at is None
    assert column(sev.json("ack", "A-1", "A-2"), "id") == ["A-1", "A-2"]


def test_the_root_stands_for_its_candidate(sev: Hand, scene: Scene) -> None:
    scene.candidate_of("scores", "rules")
    sev.done("ack", "A-1")
    assert scene.candidate(1).acknowledged_by == "li"
    assert scene.alert(2).acknowledged_by == "li"


def test_ids_come_from_standard_input_too(sev: Hand, scene: Scene) -> None:
    scene.fire("one")
    scene.fire("two")
    assert sev("ack", "-", stdin=b"A-1\nA-2\n").code == 0
    assert scene.alert(2).acknowledged_by == "li"
    assert sev("ack", "-", stdin=b"").code == 2


def test_unack_makes_it_wait_again(sev: Hand, scene: Scene) -> None:
    scene.fire("scores")
    sev.done("ack", "A-1")
    assert "waits again" in sev.done("unack", "A-1")
    assert scene.alert(1).acknowledged_at is None


def test_snooze_and_wake(sev: Hand, scene: Scene) -> None:
    scene.fire("scores")
    (changed,) = sev.json("snooze", "A-1", "--for", "2h")
    assert changed["state"] == "off"
    assert changed["snoozed_until"] is not None
    (woken,) = sev.json("snooze", "A-1", "--wake")
    assert woken["snoozed_until"] is None


@pytest.mark.parametrize("words", [(), ("--for", "soon"), ("--for", "0s")])
def test_a_snooze_needs_an_end(sev: Hand, scene: Scene, words: tuple[str, ...]) -> None:
    scene.fire("scores")
    sev.refused(2, "snooze", "A-1", *words)
    assert scene.alert(1).snoozed_until is None


def test_move_to_an_incident_and_out_again(sev: Hand, scene: Scene) -> None:
    incident = scene.declare(scene.fire("scores"))
    other = scene.fire("rules")
    (moved,) = sev.json("move", f"A-{other}", f"INC-{incident}")
    assert moved["incident"] == f"INC-{incident}"
    assert sev.json("move", f"A-{other}", "none")[0]["incident"] is None
    sev.refused(2, "move", f"A-{other}")
    sev.refused(2, "move", f"A-{other}", "A-1")


def test_moving_into_what_is_over_is_refused_with_four(sev: Hand, scene: Scene) -> None:
    incident = scene.declare(scene.fire("scores"))
    scene.resolve(incident, "switched off")
    other = scene.fire("rules")
    assert "is over" in sev.refused(4, "move", f"A-{other}", f"INC-{incident}")


def test_candidates(sev: Hand, scene: Scene) -> None:
    scene.candidate_of("scores", "rules", severity=Severity.SEV1)
    scene.candidate_of("orders", severity=Severity.SEV2)
    sev.at(scene.now)
    first, second = sev.json("candidates")
    assert (first["id"], first["root"], first["alerts"]) == ("C-1", "scores", ["A-1", "A-2"])
    assert (first["consumers"], first["similar"]) == ([], [])
    assert second["severity"] == 2
    assert column(sev.json("candidates", "--sev", "2"), "id") == ["C-2"]
    assert column(sev.json("candidates", "--search", "scores"), "id") == ["C-1"]
    told = sev.done("candidates").splitlines()
    assert "in 3m" in told[1] or "in 4m" in told[1]
    sev.done("ack", "C-1")
    assert "by li" in sev.done("candidates")


def test_no_candidates_is_an_answer(sev: Hand) -> None:
    assert sev.done("candidates") == "no candidates\n"
