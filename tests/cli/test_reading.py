"""Reading one thing whole."""

from datetime import datetime, timedelta

import pytest

from tests.cli.hand import Hand, column
from tests.collector.hand import Hand as Sender
from tests.support.scene import Scene
from tui.model.entry import EntryKind
from tui.model.severity import Severity
from tui.model.text import clean
from tui.store.engine import Store


@pytest.fixture
def story(scene: Scene) -> Scene:
    """An incident of two alerts, with an action, an entry that was taken back, and a rejected payload."""
    scene.candidate_of("scores", "rules", severity=Severity.SEV1)
    incident = scene.declare(candidate=1)
    scene.take(incident, name="maya")
    scene.note(incident, "lag falls")
    scene.note(incident, "wrong window")
    scene.undo()
    scene.promise(incident)
    scene.reject("unknown shape")
    scene.change("v812", "ledger")
    return scene


@pytest.mark.parametrize("name", ["A-1", "C-1", "INC-1", "E-1", "ACT-1", "CH-1", "R-1"])
def test_every_kind_of_object_is_shown(sev: Hand, story: Scene, name: str) -> None:
    (shown,) = sev.json("show", name)
    assert shown["id"] == name
    assert name in sev.done("show", name.lower().replace("-", ""))


def test_an_incident_shows_its_gate_its_people_and_its_alerts(sev: Hand, story: Scene) -> None:
    told = sev.done("show", "INC-1")
    for part in ("commander     maya", "gate          A-1 scores still fires", "MTTR missing", "A-2"):
        assert part in told
    story.resolve(1, "switched off")
    assert "missing       item 1" in sev.done("show", "INC-1")


def test_a_rejected_payload_shows_how_it_begins(sev: Hand, scene: Scene) -> None:
    sev("ingest", "-", stdin=b'{"a": "\x1b[31m" \n')
    (shown,) = sev.json("show", "R-1")
    head = shown["head"]
    assert isinstance(head, str)
    assert head.startswith('{"a": "')
    assert "\x1b" not in head
    assert '{"a":' in sev.done("show", "R-1")


def test_a_rejected_payload_whose_bytes_are_gone(sev: Hand, scene: Scene) -> None:
    scene.reject()
    assert sev.json("show", "R-1")[0]["head"] is None
    assert "not kept any more" in sev.done("show", "R-1")


def test_a_timeline_in_order_with_dates_and_marks(sev: Hand, story: Scene) -> None:
    story.wait(timedelta(days=1))
    story.note(1, "the next morning")
    told = sev.done("timeline", "INC-1").splitlines()
    assert told[0] == "—— 2026-11-24 UTC"
    assert "—— 2026-11-25 UTC" in told
    assert told.index("—— 2026-11-25 UTC") == len(told) - 2
    (taken_back,) = [line for line in told if "(taken back) wrong window" in line]
    assert taken_back.split()[3] == "li"
    assert all(line[:5].replace(":", "").isdigit() for line in told if not line.startswith("——"))


def test_a_note_of_several_lines_hangs(sev: Hand, scene: Scene) -> None:
    scene.declare(title="Late", severity=Severity.SEV2)
    sev("note", "INC-1", "-", stdin=b"one\n  two\n")
    first, second = sev.done("timeline", "INC-1").splitlines()[-2:]
    assert second == " " * first.index("one") + "  two"


def test_a_timeline_of_people_alone_and_since(sev: Hand, story: Scene) -> None:
    people = sev.json("timeline", "INC-1", "--people")
    assert "sev" not in column(people, "actor")
    last = sev.json("timeline", "INC-1", "--limit", "1")
    assert column(last, "kind") == [EntryKind.ACTION]
    moment = f"{story.now:%Y-%m-%dT%H:%M:%SZ}"
    assert len(sev.json("timeline", "INC-1", "--since", moment)) < len(sev.json("timeline", "INC-1"))


def test_a_timeline_entry_as_json(sev: Hand, story: Scene) -> None:
    undone = sev.json("timeline", "INC-1")[-2]
    assert undone["kind"] == "undo"
    assert undone["corrects"] == sev.json("timeline", "INC-1")[-3]["id"]


def test_an_alert_has_a_timeline_too(sev: Hand, story: Scene) -> None:
    assert column(sev.json("timeline", "A-1"), "alert") == ["A-1"] * len(sev.json("timeline", "A-1"))
    sev.refused(1, "timeline", "INC-9")
    sev.refused(1, "timeline", "A-9")
    sev.refused(2, "timeline", "C-1")


def test_the_board_has_a_column_for_each_severity(sev: Hand, story: Scene) -> None:
    story.candidate_of("orders", severity=Severity.SEV3)
    sev.at(story.now)
    told = sev.done("board").splitlines()
    for part in ("▲ SEV1 respond now", "■ SEV2 within hours", "● SEV3 next business day"):
        assert part in told[0]
    third = told[0].index("● SEV3")
    assert any(line[:8].startswith("INC-1 ") for line in told)
    assert any("update " in line and "maya" in line for line in told)
    assert any(line[third:].startswith("C-2 ack ") for line in told)
    (board,) = sev.json("board")
    assert list(board) == ["incidents", "candidates"]


def test_an_empty_board_says_so(sev: Hand) -> None:
    assert sev.done("board") == "nothing is declared, nothing is proposed\n"


def test_what_was_rejected(sev: Hand, story: Scene) -> None:
    (one,) = sev.json("rejected")
    assert (one["id"], one["reason"], one["head"]) == ("R-1", "unknown shape", None)
    assert "unknown shape" in sev.done("rejected")


def test_nothing_rejected(sev: Hand) -> None:
    assert sev.done("rejected") == "nothing was rejected\n"


def test_an_alert_tells_what_is_known_of_it(sev: Hand, scene: Scene) -> None:
    scene.retry("churn", attempt=2, of=3)
    told = sev.done("show", "A-1")
    assert "try           2 of 3" in told
    assert "retry: try 2 of 3 failed" in told


def test_a_wide_title_keeps_the_columns(sev: Hand, scene: Scene) -> None:
    scene.fire("売上", title=clean("集計が失敗"))
    scene.fire("orders")
    rows = sev.done("alerts").splitlines()
    assert len(rows) == 3


def test_an_alert_says_when_its_job_last_ran_well(sev: Hand, store: Store, now: datetime) -> None:
    jobs = Sender(store, now)
    for _ in range(5):
        jobs.send({"job": "load", "status": "succeeded", "duration": 540})
        jobs.later(hours=1)
    jobs.send({"job": "load", "status": "failed"})
    sev.at(jobs.now)
    ran = (jobs.now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (told,) = [line for line in sev("show", "A-1").lines if "ran well" in line]
    assert told.split("ran well")[1].strip() == f"{ran}, 1h00m ago, usually 9m, every 1h"
