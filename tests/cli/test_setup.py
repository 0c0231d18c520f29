"""A store is begun for one person and for a team; two logins share it, a third one is told why it can't."""

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import msgspec
import pytest

from tests.cli.hand import Hand
from tests.support.logins import Login, common_ground, need_root
from tui.collector.files import beside
from tui.config import load

ANALYZE = which("systemd-analyze") or ""
TEAM = 34_567
"""A group that this machine has no name for."""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_for_one_person_everything_is_theirs_alone(sev: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    place = tmp_path / "own" / "sev.db"
    before = os.umask(0)
    try:
        told = sev.bare("--store", str(place), "setup")
    finally:
        os.umask(before)
    assert (told.code, told.err) == (0, "")
    assert mode(place.parent) == 0o700
    for file in (place, place.with_name("sev.toml"), beside(place, ".token")):
        assert mode(file) == 0o600
    unit = tmp_path / "config" / "systemd" / "user" / "sev.service"
    assert f"--store {place} serve" in unit.read_text()
    assert "User=" not in unit.read_text()
    token = beside(place, ".token").read_text().strip()
    assert token not in told.out + unit.read_text()
    for words in ("webhook_configs:", "/v2/enqueue", "/v1/cron", f"export SEV_STORE={place}", f"cat {place}.token"):
        assert words in told.out
    again = sev.bare("--store", str(place), "setup", "--json")
    assert again.object["token_file"] == f"{place}.token"
    assert beside(place, ".token").read_text().strip() == token
    assert load(store=place).files == (place.with_name("sev.toml"),)


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", ["team", "the team's 100% folder"])
def test_systemd_understands_the_unit(sev: Hand, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    sev.bare("setup", "--shared", str(folder), "--group", str(os.getgid()))
    text = (folder / "sev.service").read_text()
    (tmp_path / "sev.service").write_text("".join(f"{line}\n" for line in text.splitlines() if "Group=" not in line))
    done = subprocess.run(
        [ANALYZE, "verify", str(tmp_path / "sev.service")], capture_output=True, text=True, check=False
    )
    assert "sev.service:" not in done.stderr, done.stderr


def test_what_does_not_fit_is_refused(sev: Hand, tmp_path: Path) -> None:
    assert "one of them was not given" in refused(sev, 2, "setup", "--shared", str(tmp_path / "x"))
    assert "one of them was not given" in refused(sev, 2, "setup", "--group", "x")
    assert "there is no group" in refused(sev, 2, "setup", "--shared", str(tmp_path / "x"), "--group", "no such group")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").write_text("mine")
    assert "is not empty" in refused(sev, 4, "setup", "--shared", str(tmp_path / "full"), "--group", str(os.getgid()))
    assert mode(tmp_path / "full") != 0o2770
    (tmp_path / "file").write_text("")
    refused(sev, 1, "setup", "--shared", str(tmp_path / "file" / "x"), "--group", str(os.getgid()))
    assert "--read-only" in refused(sev, 3, "--read-only", "setup")


def refused(sev: Hand, code: int, *words: str) -> str:
    said = sev.bare(*words)
    assert (said.code, said.out) == (code, ""), said
    assert said.err.count("\n") == 1, said
    return said.err


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A shared store, two members with opposite umasks, and somebody outside."""

    store: Path
    ann: Login
    bo: Login
    eve: Login

    @property
    def members(self) -> tuple[Login, Login]:
        return self.ann, self.bo


@pytest.fixture
def team(sev: Hand) -> Iterator[Team]:
    need_root()
    with common_ground() as ground:
        folder = ground / "team"
        told = sev.bare("setup", "--shared", str(folder), "--group", str(TEAM))
        assert (told.code, told.err) == (0, "")

        def login(uid: int, umask: int, *groups: int) -> Login:
            return Login(uid=uid, home=ground / f"home-{uid}", groups=groups, umask=umask)

        yield Team(
            store=folder / "sev.db",
            ann=login(34_001, 0o077, TEAM),
            bo=login(34_002, 0o022, TEAM),
            eve=login(34_003, 0o022),
        )


def test_the_folder_of_a_team(team: Team) -> None:
    folder = team.store.parent
    assert (mode(folder), folder.stat().st_gid) == (0o2770, TEAM)
    assert {file.name for file in folder.iterdir()} >= {"sev.db", "sev.toml", "sev.db.token", "sev.service"}
    for file in folder.iterdir():
        assert (mode(file), file.stat().st_gid) == (0o660, TEAM), file
    unit = (folder / "sev.service").read_text()
    assert f"Group={TEAM}\nUMask=0007\n" in unit


def test_two_logins_read_and_write_one_store(team: Team) -> None:
    ann, bo = team.members
    store = str(team.store)
    declared = ann.sev("--store", store, "declare", "--title", "Orders are late", "--sev", "2")
    assert (declared.code, declared.err) == (0, "")
    noted = bo.sev("--store", store, "--as", "maya", "note", "INC-1", "lag", "falls", "--json")
    assert msgspec.json.decode(noted.out)["uid"] == bo.uid
    told = ann.sev("--store", store, "timeline", "INC-1")
    assert f"maya (as uid {bo.uid}) lag falls" in told.out
    assert f"uid{ann.uid}" in told.out
    assert ann.sev("--store", store, "verify").code == 0
    assert bo.sev("--store", store, "doctor").code == 0


def test_somebody_outside_the_group_is_told_in_one_line(team: Team) -> None:
    for words in (
        ["alerts"],
        ["note", "INC-1", "x"],
        ["status"],
        ["status", "--line"],
        ["serve"],
        ["ingest", "-"],
        ["verify"],
    ):
        said = team.eve.sev("--store", str(team.store), *words)
        assert (said.code, said.out) == (3, ""), (words, said)
        assert said.err.count("\n") == 1, (words, said)
        assert f"cannot open {team.store}: {team.store.parent} is open to the group {TEAM}" in said.err
        assert "usermod -aG" in said.err
    doctor = team.eve.sev("--store", str(team.store), "doctor")
    assert doctor.code == 1
    assert "is open to the group" in doctor.out


@contextmanager
def collecting(login: Login, store: Path) -> Iterator["subprocess.Popen[str]"]:
    process = login.start("--store", str(store), "serve", "--listen", f"unix:{store.with_name('sev.sock')}")
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("listening on unix:"), first + (
            process.stdout.read() if process.poll() is not None else ""
        )
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.mark.real
def test_each_takes_the_lease_after_the_other_also_after_a_crash(team: Team) -> None:
    ann, bo = team.members
    for first, second in ((ann, bo), (bo, ann)):
        with collecting(first, team.store):
            late = second.sev("--store", str(team.store), "serve", "--listen", "127.0.0.1:0")
            assert late.code == 3
            assert "is the collector of this store" in late.out
        with collecting(second, team.store) as running:
            assert all(mode(file) in (0o660, 0o2770) for file in team.store.parent.iterdir()), listed(team)
            running.kill()
            running.wait()
    with collecting(ann, team.store):
        pass


def listed(team: Team) -> dict[str, str]:
    return {file.name: f"{mode(file):04o}" for file in team.store.parent.iterdir()}


@pytest.mark.real
def test_whoever_cannot_read_all_settings_never_collects_and_says_why(team: Team) -> None:
    secret = team.store.with_name("github.secret")
    secret.write_text("s3cr3t\n")
    secret.chmod(0o600)
    team.store.with_name("sev.toml").write_text('[sources.github]\nsecret_file = "github.secret"\n')
    said = team.ann.sev("--store", str(team.store), "serve", "--listen", "127.0.0.1:0")
    assert (said.code, said.out) == (2, "")
    assert f"sources.github.secret_file: {secret} cannot be read by uid{team.ann.uid}" in said.err
    assert not beside(team.store, ".lease").exists()
    os.chown(secret, 0, TEAM)
    secret.chmod(0o640)
    with collecting(team.ann, team.store):
        assert beside(team.store, ".lease").exists()


def test_each_sweeps_up_after_a_dead_console_of_the_other(team: Team) -> None:
    code = """
from datetime import UTC, datetime
from pathlib import Path
from tui.console.presence import Presence
here = Presence(Path(sys.argv[2]), "x", lambda: datetime.now(UTC))
here.open()
here.at(1)
here.others()
print(oct(os.stat(here._folder).st_mode & 0o7777), [oct(f.stat().st_mode & 0o777) for f in here._folder.iterdir()])
"""
    for login in team.members:
        said = login.python(code, str(team.store))
        assert said.out == "0o2770 ['0o660']\n", said
