"""Scenarios: reading their folders, and playing them by their own clock."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tui.drills.replay import Played, Player, play
from tui.drills.scenario import Scenario, load
from tui.errors import ConfigError, UsageError
from tui.formats.decode import Json
from tui.model.alert import Verdict
from tui.store.engine import Store

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SMALLEST = SCENARIOS / "hospital-bed-plan"
LEARNING = SCENARIOS / "pharma-release-lims-sessions"
"""Its OpenLineage events teach the catalog something while it plays."""

CATALOG: Json = {
    "start": "2026-03-01T02:00:00Z",
    "nodes": [
        {"name": "load_orders", "kind": "job", "tier": 1},
        {"name": "orders_board", "kind": "dashboard", "tier": 1, "deadline": "03:00"},
    ],
    "edges": [["load_orders", "orders_board"]],
}


def folder_of(place: Path, lines: Sequence[Json], catalog: Json = CATALOG) -> Path:
    (place / "catalog.json").write_text(json.dumps(catalog), "utf-8")
    (place / "signals.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return place


def job(t: float, status: str, **more: Json) -> Json:
    return {"t": t, "source": "cron", "payload": {"job": "load_orders", "status": status, "title": "no disk", **more}}


def played(folder: Path, place: Path) -> Played:
    with Store(place) as store:
        return play(load(folder), store)


def test_a_folder_is_read(tmp_path: Path) -> None:
    found = load(folder_of(tmp_path, [job(0, "failed"), {"t": 1.5, "source": "mail", "payload": "not JSON"}]))
    assert found.start == datetime(2026, 3, 1, 2, tzinfo=UTC)
    assert [line.at - found.start for line in found.lines] == [timedelta(0), timedelta(seconds=1.5)]
    assert found.lines[1].body == b"not JSON"
    assert len(found.facts.nodes) == 2


def test_what_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is no scenario: catalog\.json: No such file"):
        load(tmp_path)
    folder_of(tmp_path, [], {"nodes": []})
    with pytest.raises(ConfigError, match="start: is missing"):
        load(tmp_path)
    folder_of(tmp_path, [job(0, "failed"), {"source": "cron", "payload": {}}, {"t": 1, "source": "", "payload": {}}, 5])
    with (tmp_path / "signals.jsonl").open("a") as file:
        file.write("{\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    numbers = [mistake.split(":")[1] for mistake in caught.value.mistakes]
    assert numbers == ["2", "3", "4", "5"]


def test_every_kind_of_line_is_in_the_report_once(tmp_path: Path) -> None:
    change: Json = {"key": "deploy 1", "kind": "change", "subject": "load_orders", "title": "v1"}
    lines: list[Json] = [
        {"t": 0, "source": "cron", "payload": {"job": "tidy", "status": "succeeded"}},
        {"t": 60, "source": "deploys", "payload": change},
        job(120, "failed"),
        job(130, "failed"),
        {"t": 140, "source": "cron", "payload": {"nothing": ["we", "know"]}},
        {"t": 150, "source": "cron", "payload": "{broken"},
        job(7200, "succeeded"),
    ]
    done = played(folder_of(tmp_path, lines), tmp_path / "sev.db")
    assert sorted(n for one in done.report.alerts for n in one.signals) == list(range(7))
    verdicts = {n: (one.verdict, one.group) for one in done.report.alerts for n in one.signals}
    assert [verdicts[n] for n in (0, 1, 5)] == [(Verdict.INFO, None)] * 3
    assert [verdicts[n] for n in (2, 3, 6)] == [(Verdict.INCIDENT, "C-1")] * 3
    assert done.rejected >= 1
    (only,) = done.report.candidates
    assert (only.group, only.severity, only.root, only.proposed_at) == ("C-1", 2, "load_orders", 120)
    assert only.consumers == ["orders_board"]


def test_deadlines_come_in_their_own_moment(tmp_path: Path) -> None:
    waited: list[timedelta] = []
    folder = folder_of(tmp_path, [job(0, "failed"), job(7200, "succeeded")])
    with Store(tmp_path / "sev.db") as store:
        play(load(folder), store, pause=waited.append)
    assert sum(waited, timedelta(0)) == timedelta(seconds=7200)
    assert waited[0] == timedelta(hours=1), "the board is due an hour after the start"


@pytest.mark.parametrize("folder", [SMALLEST, LEARNING], ids=lambda folder: folder.name)
def test_played_twice_it_gives_the_same(folder: Path, tmp_path: Path) -> None:
    first, again = played(folder, tmp_path / "one.db"), played(folder, tmp_path / "two.db")
    assert msgspec.json.encode(first.report) == msgspec.json.encode(again.report)
    assert first.report.candidates


def restarted(scenario: Scenario, place: Path, after: int) -> list[tuple[int, str, tuple[str, ...]]]:
    """The candidates when another collector takes over after so many lines."""
    with Store(place) as store:
        first = Player(scenario, store)
        for line in scenario.lines[:after]:
            first.take(line)
        second = Player(scenario, store, began=first.began)
        for line in scenario.lines[after:]:
            second.take(line)
        return [(one.severity, one.root, tuple(one.consumers)) for one in second.end().report.candidates]


@pytest.mark.parametrize("folder", [SMALLEST, LEARNING], ids=lambda folder: folder.name)
def test_a_collector_that_takes_over_in_the_middle_comes_to_the_same(folder: Path, tmp_path: Path) -> None:
    scenario = load(folder)
    whole = [
        (one.severity, one.root, tuple(one.consumers)) for one in played(folder, tmp_path / "0.db").report.candidates
    ]
    for n in (1, 2, 3):
        after = len(scenario.lines) * n // 4
        assert restarted(scenario, tmp_path / f"{n}.db", after) == whole, f"after line {after}"


def test_a_catalog_that_grows_while_it_plays_leaves_no_line_behind(tmp_path: Path) -> None:
    done = played(LEARNING, tmp_path / "sev.db")
    lines = len(load(LEARNING).lines)
    assert sorted(n for one in done.report.alerts for n in one.signals) == list(range(lines))
    groups = {one.group for one in done.report.alerts} - {None}
    assert groups <= {one.group for one in done.report.candidates}
