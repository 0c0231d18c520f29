"""Verify and config."""

from pathlib import Path

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.cli.care import TEMPLATE
from tui.config import RetentionSettings, load
from tui.model.severity import SeverityRules
from tui.store.engine import Connection


def test_a_whole_store_is_proved(sev: Hand, scene: Scene) -> None:
    scene.declare(scene.fire())
    (found,) = sev.json("verify")
    assert list(found) == ["chain_ok", "projections_ok", "integrity_ok", "events", "first_bad_seq", "head"]
    assert (found["chain_ok"], found["projections_ok"], found["integrity_ok"]) == (True, True, True)
    assert found["first_bad_seq"] is None
    assert found["events"] == scene.timeline(1)[-1].seq
    assert "chain        ok" in sev.done("verify")


def tamper(scene: Scene, statement: str) -> None:
    def write(conn: Connection) -> None:
        conn.execute(statement)

    scene.store.tx(write)


def test_a_changed_event_is_found_and_no_rebuild_helps(sev: Hand, scene: Scene) -> None:
    scene.declare(scene.fire())
    tamper(scene, "UPDATE event SET actor = 'mallory' WHERE seq = 2")
    said = sev("verify", "--json")
    assert said.code == 1
    assert (said.object["chain_ok"], said.object["first_bad_seq"]) == (False, 2)
    assert said.err == "sev: the store is not whole: the log is broken at event 2: restore a backup\n"
    assert sev("verify", "--rebuild").code == 1


def test_a_changed_row_is_found_and_rebuilt(sev: Hand, scene: Scene) -> None:
    scene.declare(scene.fire())
    tamper(scene, "UPDATE incident SET title = 'forged'")
    said = sev("verify")
    assert said.code == 1
    assert "incident differ" in said.err
    assert "projections  DIFFER: incident" in said.out
    assert sev("--read-only", "verify", "--rebuild").code == 3
    assert "projections  ok" in sev.done("verify", "--rebuild")
    assert scene.incident(1).title != "forged"


def test_the_settings_in_force_are_shown(sev: Hand, scene: Scene) -> None:
    file = scene.store.path.with_name("sev.toml")
    file.write_text('[severity.sev1]\nupdate = "15m"\n[sources.am-eu]\nformat = "alertmanager"\n')
    told = sev.done("config")
    assert 'severity.sev1.update = "15m"' in told
    assert 'sources.am-eu.format = "alertmanager"' in told
    assert "collector.tls_key = not set" in told
    (shown,) = sev.json("config")
    assert shown["severity.sev1.update"] == "15m"
    assert shown["files"] == [str(file)]


def test_rules_of_triage_are_shown_and_which_windows_are_open(sev: Hand, scene: Scene) -> None:
    scene.store.path.with_name("sev.toml").write_text(
        """
        [[triage.maintenance]]
        name = "move"
        touches = ["lake*"]
        from = 2026-11-24T14:30:00Z
        to = 2026-11-24T15:30:00Z
        [[triage.maintenance]]
        name = "backup"
        touches = ["*"]
        at = "02:00"
        for = "30m"
        [[triage.mute]]
        when = { title = "down" }
        mutes = { source = "cron" }
        """
    )
    told = sev.done("config").splitlines()
    assert 'triage.maintenance.move.ends = "2026-11-24T15:30:00Z"' in told
    assert 'triage.maintenance.backup.lasting = "30m"' in told
    assert 'triage.mute.1.when.title = "down"' in told
    assert told[-1] == "# open now: maintenance move, until 15:30Z"
    (shown,) = sev.json("config")
    assert (shown["triage.open"], shown["triage.maintenance.move.touches"]) == (["move"], ["lake*"])
    assert "2 maintenance windows, 1 mute; open now: move until 15:30Z" in sev("doctor").out


def test_checking_says_ok_or_every_mistake(sev: Hand, scene: Scene) -> None:
    assert sev.done("config", "--check") == "ok: no settings file, all by default\n"
    assert sev.json("config", "--check") == [{"ok": True, "files": []}]
    scene.store.path.with_name("sev.toml").write_text('[severity.sev1]\nupdate = "soon"\nrca_days = 0\n')
    said = sev("config", "--check")
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 2
    assert "severity.sev1.update" in said.err


def test_a_named_file_must_be_there(sev: Hand) -> None:
    said = sev("--config", "/nowhere/sev.toml", "config", "--check")
    assert said.code == 2
    assert "not found" in said.err


def test_a_template_is_written_once(sev: Hand, scene: Scene) -> None:
    file = scene.store.path.with_name("sev.toml")
    assert str(file) in sev.done("config", "--init")
    assert file.read_text() == TEMPLATE
    assert sev.done("config", "--check").startswith("ok: ")
    file.write_text("# mine\n")
    assert "not overwritten" in sev.refused(4, "config", "--init")
    assert file.read_text() == "# mine\n"


def test_a_template_is_not_written_read_only(sev: Hand, scene: Scene) -> None:
    sev.refused(4, "--read-only", "config", "--init")
    assert not scene.store.path.with_name("sev.toml").exists()


def test_the_template_uncommented_is_right_and_says_the_defaults(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in TEMPLATE.splitlines() if line.startswith("# ")][2:]
    (tmp_path / "sev.toml").write_text("\n".join(lines))
    found = load(store=tmp_path / "sev.db")
    assert found.severity == SeverityRules()
    assert found.collector.listen == ("127.0.0.1:9911",)
    assert found.retention == RetentionSettings()
    assert found.sources[0].name == "am-eu"
