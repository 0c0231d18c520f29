"""Every scenario that lies here, played through the real intake: what triage finds, misses, proposes for nothing."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.triage.scoring import Score, score
from tui.drills.replay import Report, play
from tui.drills.scenario import load
from tui.store.engine import Store

SCENARIOS = sorted(file.parent for file in (Path(__file__).parents[1] / "scenarios").glob("*/truth.json"))

LEAST_RECALL = 0.7
"""Of all incidents, found by a candidate of their own."""

KNOWN_MISSES = {"statistics-release-morning": ("B",)}
"""SEV1 that is proposed, but without most of what was said of it: its catalog has no edges, its scanner no node."""

MOST_FALSE = 1.0
"""False candidates a scenario, on average."""


def played(folder: Path) -> Report:
    with TemporaryDirectory() as place, Store(Path(place) / "sev.db") as store:
        return play(load(folder), store).report


@pytest.fixture(scope="module")
def reports() -> dict[Path, Report]:
    return {folder: played(folder) for folder in SCENARIOS}


@pytest.fixture(scope="module")
def scores(reports: dict[Path, Report]) -> dict[str, Score]:
    return {folder.name: score(folder, report) for folder, report in reports.items()}


def test_there_are_enough_of_them_and_some_are_quiet(scores: dict[str, Score]) -> None:
    assert len(scores) >= 10
    assert sum(one.incidents for one in scores.values()) >= 10
    assert any(one.incidents == 0 for one in scores.values())


def test_no_line_is_lost_and_none_is_told_twice(reports: dict[Path, Report]) -> None:
    for folder, report in reports.items():
        lines = (folder / "signals.jsonl").read_bytes().count(b"\n")
        assert sorted(n for one in report.alerts for n in one.signals) == list(range(lines)), folder.name


def test_every_group_is_a_candidate(reports: dict[Path, Report]) -> None:
    for folder, report in reports.items():
        groups = {one.group for one in report.alerts} - {None}
        assert groups <= {one.group for one in report.candidates}, folder.name


def test_every_sev1_is_found(scores: dict[str, Score]) -> None:
    assert {name: one.missed_sev1 for name, one in scores.items() if one.missed_sev1} == KNOWN_MISSES


def test_enough_is_found_and_little_for_nothing(scores: dict[str, Score]) -> None:
    print(f"\n{'scenario':40} incidents found strict candidates false judged severity")
    for name, one in scores.items():
        figures = f"{one.incidents:9} {one.found:5} {one.strict:6} {one.candidates:10} {one.false:5} {one.judged:6.2f}"
        print(f"{name:40} {figures} {one.severities:8}")
    incidents = sum(one.incidents for one in scores.values())
    recall = sum(one.strict for one in scores.values()) / incidents
    false = sum(one.false for one in scores.values()) / len(scores)
    print(f"{'all':40} {incidents:9} strict recall {recall:.2f}, {false:.2f} false candidates a scenario")
    assert recall >= LEAST_RECALL
    assert false <= MOST_FALSE


def test_nothing_looks_ahead(tmp_path: Path) -> None:
    """A play that is cut off has proposed the same until then."""
    folder = SCENARIOS[0]
    catalog, lines = (folder / "catalog.json").read_bytes(), (folder / "signals.jsonl").read_bytes().splitlines(True)
    whole = {one.proposed_at for one in played(folder).candidates}
    half = lines[: len(lines) // 2]
    (tmp_path / "catalog.json").write_bytes(catalog)
    (tmp_path / "signals.jsonl").write_bytes(b"".join(half))
    last = json.loads(half[-1])["t"]
    early = {one.proposed_at for one in played(tmp_path).candidates}
    assert {at for at in whole if at <= last} <= early
    assert all(at <= last for at in early)
