"""What the console shows of changes and of the catalog before anything is declared."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.console.stage import screen_text, stage, until
from tests.support.scene import Scene
from tui.console.render import checklist, detail
from tui.console.render.look import Look
from tui.console.view import Ask, load
from tui.model.alert import Alert
from tui.model.catalog import Node
from tui.model.run import Job, Run
from tui.model.severity import SeverityRules
from tui.model.text import Safe
from tui.store.engine import Store
from tui.store.placing import standing_of
from tui.triage.habits import habit_of


@pytest.fixture
def known(scene: Scene) -> Scene:
    """An alert one step below a topic, and five changes about both."""
    scene.know(Node(name=Safe("scores"), owner=Safe("risk")), edges=[("kafka.auth", "scores"), ("scores", "board")])
    scene.change("too old", "scores", at=scene.now - timedelta(hours=25))
    for what, touches in (("v1", "scores"), ("v2", "Scores"), ("retention", "kafka_auth"), ("v9", "ledger")):
        scene.change(what, touches)
    scene.candidate_of("scores")
    return scene


def proposal(scene: Scene, width: int = 60, *, ascii_signs: bool = False) -> str:
    look = Look(now=scene.now, ascii=ascii_signs)
    shown = scene.store.read(lambda conn: load(conn, Ask(), scene.now, SeverityRules())).checklist
    return "\n".join("".join(piece.text for piece in row) for row in checklist.lines(shown, look, width))


def test_pane_4_lists_the_latest_changes_of_the_row_and_of_what_it_is_made_from(known: Scene) -> None:
    told = proposal(known)
    assert [line for line in told.split("\n") if line.startswith("changed")] == [
        "changed   Δ 14:02 retention of kafka_auth by ci",
        "changed   Δ 14:01 v2 of Scores by ci",
        "changed   Δ 14:01 v1 of scores by ci",
    ]
    assert proposal(known, ascii_signs=True).isascii()


def test_once_declared_the_analysis_tells_it_instead(known: Scene) -> None:
    known.declare(candidate=1)
    told = proposal(known, width=90)
    assert "changed   " not in told
    assert "[~] 2 What changed before?  v2 of Scores by ci" in told


def test_nothing_changed_takes_no_line(scene: Scene) -> None:
    scene.change("v9", "ledger")
    scene.candidate_of("scores")
    assert "changed" not in proposal(scene)


def test_the_detail_says_whose_it_is_and_what_hangs_on_it(known: Scene) -> None:
    alert = known.alert(1)
    told = detail_of(known, alert)
    assert {"OWNER      risk", "UPSTREAM   1: kafka.auth", "DOWNSTREAM 1: board"} <= set(told)
    assert not any(row.startswith("CATALOG") for row in told)
    bare = detail.lines(detail.Shown(alert=alert), Look(now=known.now), 80)
    assert not {"OWNER", "UPSTREAM", "CATALOG"} & {row[0].text.strip() for row in bare if row}


def detail_of(scene: Scene, alert: Alert) -> list[str]:
    standing = scene.store.read(lambda conn: standing_of(conn, alert))
    rows = detail.lines(detail.Shown(alert=alert, standing=standing), Look(now=scene.now), 80)
    return ["".join(piece.text for piece in row).rstrip() for row in rows]


def test_the_detail_says_what_the_catalog_calls_it_or_that_it_does_not_know_it(known: Scene) -> None:
    assert "CATALOG    not in the catalog" in detail_of(known, known.alert(known.fire("printer")))
    assert "CATALOG    scores" in detail_of(known, known.alert(known.fire("late", labels={"table": "scores"})))


def test_the_detail_says_when_its_job_last_ran_well_and_what_is_usual(known: Scene) -> None:
    began = [known.now - timedelta(hours=n) for n in range(6, 0, -1)]
    runs = [
        Run(name=Safe(str(at)), at=at, tried=at, heard=at, timed=True, ended=at + timedelta(minutes=9), well=True)
        for at in began
    ]
    alert = known.alert(1)
    job = Job(key=alert.key, source=alert.source, subject=alert.subject, node=None, since=began[0], runs=tuple(runs))
    shown = detail.Shown(alert=alert, habit=habit_of(job))
    told = ["".join(piece.text for piece in row).rstrip() for row in detail.lines(shown, Look(now=known.now), 80)]
    last = known.now - timedelta(minutes=51)
    assert f"RAN WELL   {Look(now=known.now).clock(last)}  51m ago, usually 9m, every 1h" in told


async def test_on_the_screen(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "screen.db"
    with Store(path) as store:
        scene = Scene(store, now)
        scene.know(Node(name=Safe("scores"), owner=Safe("risk team")))
        scene.change("v812", "scores")
        scene.candidate_of("scores")
    async with stage(path, scene.now) as (app, pilot):
        assert "v812 of scores by ci" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "risk team" in screen_text(app))
