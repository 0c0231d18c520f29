"""Playing recorded outages, and making one of an incident; the team's catalog file as verbs meet it."""

import json
from pathlib import Path

import pytest

from tests.cli.hand import Hand
from tui.errors import RefusedError
from tui.store.catalog import read_graph
from tui.store.engine import Store

CATALOG = {
    "start": "2026-11-24T02:00:00Z",
    "nodes": [
        {"name": "load_orders", "owner": "sales-data", "tier": 1, "aliases": ["orders_loader"]},
        {"name": "orders_board", "kind": "dashboard", "tier": 1, "deadline": {"at": "03:00", "days": ["tue"]}},
        {"name": "elsewhere", "tier": 2},
    ],
    "edges": [["load_orders", "orders_board"]],
}
FAILED = {"job": "load_orders", "status": "failed", "title": "disk is full"}


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    folder = tmp_path / "outage"
    folder.mkdir()
    (folder / "catalog.json").write_text(json.dumps(CATALOG))
    lines = [{"t": 60, "source": "cron", "payload": FAILED}, {"t": 60.5, "source": "cron", "payload": "{broken"}]
    (folder / "signals.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_people_get_a_short_table(sev: Hand, scenario: Path) -> None:
    first, heads, row = sev.bare("replay", str(scenario)).lines
    assert first == "2 lines (1 incident, 1 info), 1 alerts, 1 rejected"
    assert heads.split() == ["id", "sev", "proposed", "alerts", "root", "hit", "because"]
    assert row.split()[0] == "C-1"
    assert "after 1m" in row
    assert "load_orders" in row


def test_it_shows_what_other_settings_would_have_made_of_it(sev: Hand, scenario: Path, tmp_path: Path) -> None:
    window = {"from": "2026-11-24T02:00:00Z", "to": "2026-11-24T04:00:00Z"}
    text = "".join(f"{word} = {moment}\n" for word, moment in window.items())
    (tmp_path / "calm.toml").write_text(f'[[triage.maintenance]]\nname = "move"\ntouches = ["orders_loader"]\n{text}')
    calm = sev.bare("--config", str(tmp_path / "calm.toml"), "replay", str(scenario))
    assert calm.lines == [
        "2 lines (2 info), 1 alerts, 1 rejected",
        "nothing is proposed: nobody would have been asked to look",
    ]
    (tmp_path / "beside" / "x").mkdir(parents=True)
    (tmp_path / "calm.toml").rename(tmp_path / "beside" / "sev.toml")
    beside = sev.bare("--store", str(tmp_path / "beside" / "drill.db"), "replay", str(scenario))
    assert beside.lines == calm.lines, "those beside the store that it plays into count too"


def test_the_report_goes_to_a_file_and_to_programs(sev: Hand, scenario: Path, tmp_path: Path) -> None:
    place = tmp_path / "found.json"
    said = sev.bare("replay", str(scenario), "--speed", "max", "--report", str(place), "--json")
    assert (said.code, said.err) == (0, "")
    assert json.loads(place.read_bytes()) == said.object
    assert said.object["alerts"] == [
        {"signals": [0], "verdict": "incident", "group": "C-1"},
        {"signals": [1], "verdict": "info", "group": None},
    ]
    (only,) = json.loads(place.read_bytes())["candidates"]
    assert list(only) == ["group", "severity", "root", "consumers", "proposed_at"]
    assert (only["root"], only["proposed_at"]) == ("load_orders", 60)


def test_a_quiet_night_proposes_nothing(sev: Hand, scenario: Path) -> None:
    (scenario / "signals.jsonl").write_text("")
    assert sev.bare("replay", str(scenario)).lines == [
        "0 lines (nothing), 0 alerts, 0 rejected",
        "nothing is proposed: nobody would have been asked to look",
    ]


def test_it_can_be_looked_at_in_a_store_of_its_own(sev: Hand, scenario: Path, tmp_path: Path) -> None:
    place = str(tmp_path / "drill.db")
    assert sev.bare("--store", place, "replay", str(scenario)).code == 0
    assert "load_orders" in sev.bare("--store", place, "candidates").out
    said = sev.bare("--store", place, "replay", str(scenario))
    assert (said.code, said.out) == (4, "")
    assert "holds something already" in said.err


def test_the_store_of_every_day_is_left_alone(
    sev: Hand, store: Store, scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEV_STORE", str(store.path))
    assert sev.bare("replay", str(scenario)).code == 0
    assert sev.bare("alerts", "--json").out == ""


def test_it_waits_as_it_was_unless_told_otherwise(sev: Hand, scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr("tui.cli.replay.time.sleep", sleep)
    monkeypatch.setattr("tui.cli.replay.time.monotonic", lambda: clock[0])
    assert sev.bare("replay", str(scenario)).code == 0
    assert slept == []
    assert sev.bare("replay", str(scenario), "--speed", "10").code == 0
    assert sum(slept) == pytest.approx(6.05)
    assert max(slept) <= 1


def test_what_cannot_be_played(sev: Hand, scenario: Path, tmp_path: Path) -> None:
    assert "is no scenario" in sev.refused(2, "replay", str(tmp_path / "nowhere"))
    assert "is no speed" in sev.refused(2, "replay", str(scenario), "--speed", "fast")
    assert "is no speed" in sev.refused(2, "replay", str(scenario), "--speed", "nan")
    said = sev.bare("replay", str(scenario), "--report", "/nowhere/report.json")
    assert (said.code, said.out) == (1, "")
    assert "cannot write" in said.err
    (scenario / "signals.jsonl").write_text("{}\n5\n")
    assert len(sev.bare("replay", str(scenario)).err.splitlines()) == 2


def learn(sev: Hand, store: Store) -> Path:
    """Name a catalog in the settings beside the store."""
    file = store.path.with_name("names.json")
    file.write_text(json.dumps(CATALOG))
    store.path.with_name("sev.toml").write_text('[catalog]\nfile = "names.json"\n')
    return file


def test_taking_in_learns_the_teams_catalog(sev: Hand, store: Store) -> None:
    file = learn(sev, store)
    sev.done("ingest", "-v", "--help")
    assert sev("ingest", stdin=json.dumps(FAILED).encode()).code == 0
    node = store.read(read_graph).find("orders_loader")
    assert node is not None
    assert node.owner == "sales-data"
    before = sev.json("verify")[0]["events"]
    sev("ingest", stdin=json.dumps(FAILED).encode())
    assert sev.json("verify")[0]["events"] == int(str(before)) + 1, "a repeat, and the catalog is known"
    file.write_text(json.dumps({"nodes": [{"name": "load_orders", "owner": "platform"}]}))
    sev("ingest", stdin=json.dumps(FAILED).encode())
    node = store.read(read_graph).find("load_orders")
    assert node is not None
    assert node.owner == "platform"
    assert store.read(read_graph).find("orders_board") is None, "what left the file is unlearned"


def test_mistakes_of_the_catalog_are_told(sev: Hand, store: Store) -> None:
    file = learn(sev, store)
    assert sev.done("config", "--check").startswith("ok: ")
    file.write_text('{"nodes": [{"tier": 0}], "edges": [5]}')
    said = sev("config", "--check")
    assert (said.code, said.out) == (2, "")
    assert [line.split(": ")[1].removeprefix(f"{file}:") for line in said.err.splitlines()] == [
        "nodes[0].name", "nodes[0].tier", "edges[0]",
    ]  # fmt: skip
    assert sev("ingest", stdin=json.dumps(FAILED).encode()).code == 2
    file.unlink()
    assert "cannot be read" in sev.refused(2, "config", "--check")


def test_an_incident_becomes_a_scenario_that_plays(sev: Hand, store: Store, tmp_path: Path) -> None:
    learn(sev, store)
    for name in ("load_orders", "tidy_up"):
        sev("ingest", "--source", "cron", stdin=json.dumps({**FAILED, "job": name}).encode())
    sev.done("declare", "--alert", "A-1", "--title", "orders are late", "--sev", "1")
    folder = tmp_path / "drill"
    told = sev.done("export", "INC-1", "--format", "scenario", "-o", str(folder))
    assert told.splitlines()[0] == f"wrote {folder}: 1 payloads, 2 nodes of the catalog"
    assert [line.strip() for line in told.splitlines()[2:]] == [
        "cron", "load_orders", "orders_board", "orders_loader", "sales-data",
    ]  # fmt: skip
    (line,) = (folder / "signals.jsonl").read_text().splitlines()
    assert json.loads(line)["payload"] == FAILED
    found = sev.bare("replay", str(folder), "--json").object
    assert found["alerts"] == [{"signals": [0], "verdict": "incident", "group": "C-1"}]
    assert "not overwritten" in sev.refused(
        RefusedError.exit_code, "export", "INC-1", "--format", "scenario", "-o", str(folder)
    )


def test_a_scenario_needs_a_folder_and_payloads(sev: Hand, tmp_path: Path) -> None:
    sev.done("declare", "--title", "a person told us", "--sev", "3")
    assert "say where: -o DIR" in sev.refused(2, "export", "INC-1", "--format", "scenario")
    assert "has no payloads" in sev.refused(1, "export", "INC-1", "--format", "scenario", "-o", str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()
