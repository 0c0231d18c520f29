"""Settings: the team's file, a person's own, which wins, and every mistake in them at once."""

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest

from tui import config
from tui.errors import ConfigError
from tui.formats.mapping import compile_map
from tui.model.severity import Severity, SeverityRules

Write: TypeAlias = Callable[[str], Path]


@pytest.fixture
def team(tmp_path: Path) -> Write:
    """Writes the team's file beside the store `tmp_path/sev.db`."""

    def write(text: str) -> Path:
        file = tmp_path / "sev.toml"
        file.write_text(text, "utf-8")
        return file

    return write


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a person's own file."""
    folder = tmp_path / "own" / "sev"
    folder.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder.parent))

    def write(text: str) -> Path:
        file = folder / "sev.toml"
        file.write_text(text, "utf-8")
        return file

    return write


def load(tmp_path: Path) -> config.Config:
    return config.load(store=tmp_path / "sev.db")


def mistakes(tmp_path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert caught.value.exit_code == 2
    assert str(caught.value) == "\n".join(caught.value.mistakes)
    return list(caught.value.mistakes)


def test_without_files_everything_has_its_default(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert found == config.Config(store=tmp_path / "sev.db")
    assert found.severity == SeverityRules()
    assert found.collector.listen == ("127.0.0.1:9911",)
    assert found.files == ()


def test_the_default_store_is_in_the_users_data_folder(own_home: Path) -> None:
    assert config.load().store == own_home / ".local/share/sev/sev.db"


def test_the_teams_file(tmp_path: Path, team: Write) -> None:
    file = team(
        """
        [severity]
        timezone = "Europe/Berlin"
        holidays = ["2026-12-25", "2026-12-26"]
        sev1 = { acknowledge = "3m", first_update = "4m", update = "10m", rca_days = 2 }
        [severity.sev2]
        acknowledge = "1h"
        [collector]
        listen = ["127.0.0.1:9000", "unix:sev.sock"]
        token_file = "token"
        tls_cert = "/etc/tls/cert.pem"
        quiet_after = "2h"
        [sources.airflow]
        format = "generic"
        [sources.am]
        """
    )
    found = load(tmp_path)
    assert found.files == (file,)
    rules = found.severity
    assert rules.targets(Severity.SEV1).acknowledge == timedelta(minutes=3)
    assert rules.targets(Severity.SEV1).rca_days == 2
    assert rules.targets(Severity.SEV2).acknowledge == timedelta(hours=1)
    assert rules.targets(Severity.SEV2).update == SeverityRules().sev2.update, "what is not named keeps its default"
    assert (rules.hours.timezone, rules.hours.holidays) == ("Europe/Berlin", ("2026-12-25", "2026-12-26"))
    assert rules.hours.end == time(17)
    assert found.collector.listen == ("127.0.0.1:9000", "unix:sev.sock")
    assert found.collector.token_file == tmp_path / "token", "paths lie beside the file that names them"
    assert found.collector.tls_cert == Path("/etc/tls/cert.pem")
    assert found.collector.quiet_after == timedelta(hours=2)
    assert [(source.name, source.format) for source in found.sources] == [("airflow", "generic"), ("am", "auto")]


def test_one_address_needs_no_list(tmp_path: Path, team: Write) -> None:
    team('[collector]\nlisten = "unix:/run/sev.sock"')
    assert load(tmp_path).collector.listen == ("unix:/run/sev.sock",)


def test_a_persons_own_file(tmp_path: Path, own: Write) -> None:
    file = own(
        """
        [ui]
        theme = "ansi-dark"
        utc = false
        bell = false
        ascii = true
        [keys]
        acknowledge = "f2"
        [store]
        path = "/srv/sev/sev.db"
        """
    )
    found = load(tmp_path)
    assert (found.ui.theme, found.ui.utc, found.ui.bell, found.ui.ascii) == ("ansi-dark", False, False, True)
    assert found.keys == {"acknowledge": "f2"}
    assert found.files == (file,)
    assert found.store == tmp_path / "sev.db", "an option wins over the file"
    assert config.load().store == Path("/srv/sev/sev.db")
    assert config.stored_place() == Path("/srv/sev/sev.db")


def test_the_store_of_a_personal_file_brings_its_teams_settings(tmp_path: Path, own: Write, team: Write) -> None:
    team('[severity.sev1]\nacknowledge = "1m"')
    own(f'[store]\npath = "{tmp_path}/sev.db"')
    assert config.load().severity.sev1.acknowledge == timedelta(minutes=1)


def test_a_home_in_the_path_of_the_store(own: Write, own_home: Path) -> None:
    own('[store]\npath = "~/incidents/sev.db"')
    assert config.load().store == own_home / "incidents/sev.db"


def test_a_persons_file_wins_over_the_machines_setting_by_setting(
    tmp_path: Path, own: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "etc.toml"
    machine.write_text('[ui]\ntheme = "plain"\nbell = false\n[store]\npath = "/srv/sev.db"\n')
    mine = own('[ui]\ntheme = "mine"')
    monkeypatch.setattr(config, "personal_files", lambda: (machine, mine))
    found = load(tmp_path)
    assert (found.ui.theme, found.ui.bell) == ("mine", False)
    assert config.load().store == Path("/srv/sev.db")
    machine.write_text("[ui]\ntheme = 3\nbell = 7\n")
    assert mistakes(tmp_path) == [f"{machine}:ui.bell: is neither true nor false: write true or false"]


def test_a_named_team_file_wins_and_must_be_there(tmp_path: Path, team: Write) -> None:
    team('[severity.sev1]\nacknowledge = "1m"')
    other = tmp_path / "other.toml"
    other.write_text('[severity.sev1]\nacknowledge = "2m"')
    found = config.load(store=tmp_path / "sev.db", team_file=other)
    assert found.severity.sev1.acknowledge == timedelta(minutes=2)
    assert found.team_file == other
    with pytest.raises(ConfigError, match=r"gone\.toml: not found: check --config or SEV_CONFIG"):
        config.load(store=tmp_path / "sev.db", team_file=tmp_path / "gone.toml")


def test_every_mistake_is_told_at_once_with_its_file_and_key(tmp_path: Path, team: Write, own: Write) -> None:
    ours = team(
        """
        [severity]
        timezone = "Mars/Olympus"
        holidays = ["2026-12-25", "25.12.2026"]
        sev1 = { acknowledge = 5, update = "often", rca_days = 0, colour = "red" }
        sev2 = "soon"
        [collector]
        listen = 9911
        token_file = 3
        quiet_after = "-1h"
        port = 80
        [sources]
        am = "prometheus"
        dbt = { format = ["x"], secret = "s" }
        [ui]
        theme = "sev-dark"
        """
    )
    mine = own(
        '[ui]\nutc = "yes"\ntheme = 1\ncolour = 2\n[keys]\nacknowledge = 5\n[severity]\nsev1 = 1\n[store]\npath = 7'
    )
    found = mistakes(tmp_path)
    assert {mistake.removeprefix(f"{mine}:").partition(": ")[0] for mistake in found if f"{mine}:" in mistake} == {
        "severity", "store.path", "ui.colour", "ui.utc", "ui.theme", "keys.acknowledge",
    }  # fmt: skip
    assert {mistake.removeprefix(f"{ours}:").partition(": ")[0] for mistake in found if f"{ours}:" in mistake} == {
        "ui", "severity.timezone", "severity.holidays", "severity.sev1.colour", "severity.sev1.acknowledge",
        "severity.sev1.update", "severity.sev1.rca_days", "severity.sev2", "collector.port", "collector.listen",
        "collector.token_file", "collector.quiet_after", "sources.am", "sources.dbt.secret", "sources.dbt.format",
    }  # fmt: skip
    assert len(set(found)) == len(found) == 21
    assert all(mistake.count(": ") >= 2 for mistake in found), "what, and what to do"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"[severity", "cannot be read: "),
        (b"\xff\xfe", "cannot be read: "),
        (b"severity = 1", "severity: is not a table: write [severity]"),
        (b"[unknown]", "unknown: is not a table here: one of severity, triage"),
        (b"[severity.sev4]", "severity.sev4: is not a setting: one of sev1, sev2, sev3"),
    ],
)
def test_a_file_that_is_off(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "sev.toml").write_bytes(content)
    (mistake,) = mistakes(tmp_path)
    assert what in mistake
    assert mistake.startswith(f"{tmp_path}/sev.toml:")


def test_a_file_that_may_not_be_read_is_a_mistake_and_not_a_default(tmp_path: Path) -> None:
    (tmp_path / "sev.toml").mkdir()
    (mistake,) = mistakes(tmp_path)
    assert "cannot be read" in mistake


def test_tables_of_rooms_to_come_are_let_be(tmp_path: Path, team: Write) -> None:
    team("".join(f"[{name}]\n" for name in config.TEAM_TABLES))
    assert load(tmp_path).severity == SeverityRules()


def test_sources_that_are_pulled(tmp_path: Path, team: Write) -> None:
    for name in ("token", "hook"):
        (tmp_path / name).write_text("secret")
        (tmp_path / name).chmod(0o640)
    team(
        """
        [sources.am]
        kind = "alertmanager"
        url = "https://am.example:9093/"
        token_file = "token"
        secret_file = "hook"
        ca_file = "/etc/ca.pem"
        same-as = "am-eu"
        [sources.jobs]
        kind = "file"
        path = "jobs.jsonl"
        every = "5m"
        format = "generic"
        map = { key = "$.id", "labels.team" = "$.owner" }
        [sources.pd]
        kind = "pagerduty"
        [sources.journal]
        kind = "journald"
        [sources.pushed]
        """
    )
    am, jobs, pd, journal, pushed = load(tmp_path).sources
    assert am == config.SourceSettings(
        name="am",
        kind=config.SourceKind.ALERTMANAGER,
        url="https://am.example:9093",
        every=timedelta(seconds=30),
        token_file=tmp_path / "token",
        secret_file=tmp_path / "hook",
        ca_file=Path("/etc/ca.pem"),
        same_as="am-eu",
    )
    assert (jobs.path, jobs.every, jobs.format) == (tmp_path / "jobs.jsonl", timedelta(minutes=5), "generic")
    assert jobs.map == {"key": "$.id", "labels.team": "$.owner"}
    assert (pd.url, pd.every) == ("https://api.pagerduty.com", timedelta(seconds=60))
    assert (journal.kind, journal.path) == (config.SourceKind.JOURNALD, None)
    assert pushed == config.SourceSettings(name="pushed")


def no_such_field() -> str:
    """What a map is told of a field that there is not."""
    with pytest.raises(ConfigError) as caught:
        compile_map({"colour": "$.c"})
    return caught.value.mistakes[0].partition(": ")[2]


def test_mistakes_in_sources(tmp_path: Path, team: Write) -> None:
    (tmp_path / "open").write_text("secret")
    (tmp_path / "open").chmod(0o644)
    file = team(
        """
        [sources.a]
        kind = "prometheus"
        [sources.b]
        kind = "alertmanager"
        every = "0.5s"
        [sources.c]
        kind = "file"
        every = "soon"
        [sources.d]
        kind = "grafana"
        url = "grafana.example"
        token_file = "nowhere"
        [sources.e]
        kind = "airflow"
        url = "https://admin:secret@airflow.example"
        token_file = "open"
        same_as = "a b"
        [sources.f]
        map = { key = 3, "labels.team" = "owner", status = "$.s[", colour = "$.c" }
        [sources.g]
        map = "x"
        """
    )
    assert mistakes(tmp_path) == [
        f"{file}:sources.a.kind: 'prometheus' is no kind of source: one of alertmanager, pagerduty, grafana, airflow,"
        " dagster, prefect, dbt-artifacts, great-expectations, journald, file",
        f'{file}:sources.b.every: is too short: write "1s" or more',
        f'{file}:sources.b.url: is needed for kind alertmanager: write url = "https://…"',
        f'{file}:sources.c.every: \'soon\' is not a length of time: write "90s", "15m" or "2h"',
        f'{file}:sources.c.path: is needed for kind file: write path = "…"',
        f'{file}:sources.d.url: is no web address: write url = "https://…"',
        f"{file}:sources.d.token_file: {tmp_path}/nowhere cannot be read: No such file or directory: check the path",
        f"{file}:sources.e.same_as: is no name of a source: letters, digits and _ . - only",
        f"{file}:sources.e.url: holds a user or a password: put the secret into a token_file",
        f"{file}:sources.e.token_file: {tmp_path}/open can be read by everybody: chmod o= {tmp_path}/open",
        f"{file}:sources.f.map.key: not a text: use a path such as $.a.b",
        f"{file}:sources.f.map.labels.team: 'owner' is no path: use one such as $.a.b",
        f"{file}:sources.f.map.status: '$.s[' can't be read at '[': use $.a.b[0]['x y'][*]",
        f"{file}:sources.f.map.colour: {no_such_field()}",
        f"{file}:sources.g.map: is not a table: write [sources.g.map]",
    ]
