"""One line for prompts, and the code that says whether something waits."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.hand import Hand, Said
from tests.support.scene import Scene
from tui.cli.glance import asked_line
from tui.collector.lease import Holder, Lease, lease_path
from tui.model.entry import EntryKind
from tui.model.severity import Severity


def line(sev: Hand, scene: Scene, *words: str) -> Said:
    sev.at(scene.now)
    return sev("status", "--line", *words)


def test_nothing_waits(sev: Hand, scene: Scene) -> None:
    said = line(sev, scene)
    assert (said.code, said.out) == (0, "ok no collector\n")


def test_what_burns_by_severity_and_the_next_update(sev: Hand, scene: Scene) -> None:
    scene.declare(title="Scores are stale", severity=Severity.SEV1)
    scene.candidate_of("orders", severity=Severity.SEV2)
    scene.candidate_of("revenue", severity=Severity.SEV2)
    said = line(sev, scene)
    assert said.code == 1
    assert said.out == "▲1 ■2 2 new upd 3m no collector\n"
    assert line(sev, scene, "--ascii").out.startswith("!1 =2 ")


def test_looked_at_and_told_is_nothing_that_waits(sev: Hand, scene: Scene) -> None:
    incident = scene.declare(candidate=scene.candidate_of("scores", severity=Severity.SEV1))
    said = line(sev, scene)
    assert (said.code, said.out.split()[:3]) == (0, ["▲1", "upd", "5m"])
    scene.wait(timedelta(minutes=30))
    late = line(sev, scene)
    assert late.code == 1
    assert "upd late 2" in late.out
    scene.note(incident, "we know more", EntryKind.UPDATE)
    assert line(sev, scene).code == 0
    scene.resolve(incident, "switched off")
    assert line(sev, scene).out == "ok no collector\n"


def test_a_living_collector_is_not_mentioned(sev: Hand, scene: Scene) -> None:
    lease = Lease(lease_path(scene.store.path))
    assert lease.try_take(Holder(pid=os.getpid(), host="here", started_at=datetime.now(UTC)))
    try:
        now = datetime.now(UTC)
        sev.at(now)
        assert sev("status", "--line").out == "ok\n"
        sev.at(now + timedelta(seconds=30))
        assert sev("status", "--line").out == "ok no collector\n"
    finally:
        lease.release()
    sev.at(datetime.now(UTC))
    assert sev("status", "--line").out == "ok no collector\n"


def test_the_short_way_and_the_long_way_say_the_same(sev: Hand, scene: Scene) -> None:
    scene.declare(title="Scores are stale", severity=Severity.SEV1)
    sev.at(scene.now)
    short = sev("status", "--line")
    long = sev("status", "--line", "--verbose")  # a word the short way leaves to the long one
    assert (short.code, short.out) == (long.code, long.out)


def test_in_sentences_and_as_json(sev: Hand, scene: Scene) -> None:
    scene.declare(title="Scores are stale", severity=Severity.SEV1)
    scene.candidate_of("orders", severity=Severity.SEV2)
    sev.at(scene.now)
    said = sev("status")
    assert said.code == 1
    assert said.lines[0] == "burning: 1 SEV1 respond now, 1 SEV2 within hours"
    assert "no collector" in said.lines[-1]
    shape = sev("status", "--json").object
    assert (shape["sev1"], shape["sev2"], shape["sev3"], shape["waiting"]) == (1, 1, 0, 1)
    assert (shape["collector"], shape["waits"]) == (False, True)


def test_the_teams_clocks_count_here_too(sev: Hand, scene: Scene) -> None:
    scene.declare(title="Scores are stale", severity=Severity.SEV1)
    scene.store.path.with_name("sev.toml").write_text('[severity.sev1]\nfirst_update = "40m"\n')
    assert "upd 40m" in line(sev, scene).out
    scene.store.path.with_name("sev.toml").write_text("[nonsense]\n")
    assert line(sev, scene).code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["alerts", "--line"],
        ["status", "--line", "--json"],
        ["status", "--line", "-v"],
        ["--line"],
        ["status", "x", "--line"],
    ],
)
def test_the_short_way_takes_only_what_it_knows(words: list[str]) -> None:
    assert asked_line(words) is None


def test_the_short_way_reads_options_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEV_STORE", "/a.db")
    monkeypatch.setenv("SEV_CONFIG", "/a.toml")
    by_environment = asked_line(["status", "--line"])
    assert by_environment is not None
    assert (by_environment.store, by_environment.config) == ("/a.db", "/a.toml")
    by_option = asked_line(["--store=/b.db", "status", "--config", "/b.toml", "--line", "--ascii", "--as", "li"])
    assert by_option is not None
    assert (by_option.store, by_option.config, by_option.ascii) == ("/b.db", "/b.toml", True)


def test_a_server_address_is_refused(sev: Hand) -> None:
    assert sev.bare("--store", "postgres://x/y", "status", "--line").code == 2
