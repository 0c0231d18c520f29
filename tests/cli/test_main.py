"""Errors are one line, exit codes mean what they say, options stand anywhere."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE, Popen, run

import pytest

from tests.cli.hand import Hand, column
from tests.support.scene import Scene
from tui.cli.root import SECTIONS, VERBS, root
from tui.cli.session import Session
from tui.logins import own_name


def python(code: str, store: Path) -> str:
    """The output of a fresh interpreter that runs `code` on a store."""
    done = run(
        [sys.executable, "-c", code],
        env={**os.environ, "SEV_STORE": str(store)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_the_same_options_stand_before_and_after_the_verb(sev: Hand, scene: Scene) -> None:
    scene.fire()
    store = str(scene.store.path)
    before = sev.bare("--store", store, "--json", "alerts")
    after = sev.bare("alerts", "--json", "--store", store)
    assert before.code == 0
    assert before.objects == after.objects
    assert column(before.objects, "id") == ["A-1"]


def test_an_option_behind_the_verb_wins(sev: Hand, scene: Scene) -> None:
    scene.fire()
    said = sev.bare("--store", "/nowhere/else.db", "alerts", "--json", "--store", str(scene.store.path))
    assert column(said.objects, "id") == ["A-1"]


def test_the_environment_names_store_and_person_and_options_win(
    sev: Hand, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = scene.declare(scene.fire())
    monkeypatch.setenv("SEV_STORE", str(scene.store.path))
    monkeypatch.setenv("SEV_USER", "maya")
    assert sev.bare("note", f"INC-{incident}", "one", "--json").object["actor"] == "maya"
    assert sev.bare("--as", "bo", "note", f"INC-{incident}", "two", "--json").object["actor"] == "bo"


def test_without_a_name_sudo_then_the_login_name_acts_and_the_uid_is_recorded(
    sev: Hand, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident, store = scene.declare(scene.fire()), str(scene.store.path)
    monkeypatch.setenv("SUDO_USER", "ann")
    first = sev.bare("--store", store, "note", f"INC-{incident}", "hi", "--json").object
    assert (first["actor"], first["uid"]) == ("ann", os.getuid())
    monkeypatch.delenv("SUDO_USER")
    second = sev.bare("--store", store, "note", f"INC-{incident}", "hi", "--json").object
    assert second["actor"] == own_name(os.getuid())


def test_a_name_that_is_not_the_logins_own_never_hides_it(sev: Hand, scene: Scene) -> None:
    incident, store = f"INC-{scene.declare(scene.fire())}", str(scene.store.path)
    sev.bare("--store", store, "--as", "maya", "note", incident, "one")
    sev.bare("--store", store, "note", incident, "two")
    login = own_name(os.getuid())
    told = sev.done("timeline", incident)
    assert f"maya (as {login}) one" in told
    assert f"{login:<8} two" in told
    assert f"| maya (as {login}) |" in sev.done("export", incident)


def test_a_uid_without_an_entry_still_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOGNAME", raising=False)
    assert own_name(3_999_999_999) == "uid3999999999"
    monkeypatch.setenv("LOGNAME", "guest")
    assert own_name(3_999_999_999) == "guest"


def test_nobody_acts_under_the_products_own_name(sev: Hand, scene: Scene) -> None:
    scene.fire()
    sev.who = "SEV"
    assert "own name" in sev.refused(2, "ack", "A-1")
    assert scene.alert(1).acknowledged_at is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1, ("show", "A-99")),
        (1, ("show", "INC-99")),
        (1, ("undo",)),
        (2, ("show", "X-1")),
        (2, ("show",)),
        (2, ("alerts", "--limit", "many")),
        (2, ("alerts", "--no-such-option")),
        (2, ("alerts", "--sev", "4")),
        (2, ("alerts", "--since", "soon")),
        (2, ("ack", "INC-1")),
        (2, ("note", "INC-1")),
        (2, ("nonsense",)),
        (2, ()),
    ],
)
def test_an_error_is_one_line_and_its_code(sev: Hand, code: int, words: tuple[str, ...]) -> None:
    assert sev.refused(code, *words)


def test_an_unknown_verb_is_met_with_a_near_one(sev: Hand) -> None:
    assert "did you mean ack" in sev.refused(2, "akc")


def test_a_store_that_is_not_there_is_three_and_is_not_made(sev: Hand, tmp_path: Path) -> None:
    place = tmp_path / "none" / "sev.db"
    for words in (("alerts",), ("ack", "A-1"), ("note", "INC-1", "x"), ("status", "--line")):
        said = sev.bare("--store", str(place), *words)
        assert (said.code, said.out) == (3, "")
        assert said.err.startswith("sev: no store at ")
    assert not place.exists()


def test_a_file_that_is_no_store_is_three(sev: Hand, tmp_path: Path) -> None:
    place = tmp_path / "letter.txt"
    place.write_text("dear reader, this is not a database at all. " * 50)
    assert sev.bare("--store", str(place), "alerts").code == 3
    assert place.read_text().startswith("dear reader")


def test_a_server_address_is_refused_in_words(sev: Hand) -> None:
    said = sev.bare("--store", "postgres://db/sev", "alerts")
    assert said.code == 2
    assert "names a server" in said.err


def test_read_only_writes_nothing(sev: Hand, scene: Scene) -> None:
    scene.fire()
    assert "read-only" in sev.refused(3, "--read-only", "ack", "A-1")
    assert scene.alert(1).acknowledged_at is None
    assert sev("--read-only", "alerts").code == 0


def test_every_mistake_of_the_settings_is_a_line_of_its_own(sev: Hand, scene: Scene) -> None:
    scene.fire()
    file = scene.store.path.with_name("sev.toml")
    file.write_text("[severity]\nsev9 = 1\n[nonsense]\n")
    said = sev("alerts")
    assert said.code == 2
    assert [line.split(":")[2] for line in said.err.splitlines()] == ["nonsense", "severity.sev9"]


def test_acknowledging_does_not_wait_for_right_settings(sev: Hand, scene: Scene) -> None:
    scene.fire()
    scene.store.path.with_name("sev.toml").write_text("[nonsense]\n")
    assert sev("ack", "A-1").code == 0
    assert scene.alert(1).acknowledged_by == "li"


def test_verbose_says_which_files_are_used(sev: Hand, scene: Scene) -> None:
    said = sev("-v", "alerts")
    assert said.err == f"sev: store {scene.store.path}, settings none\n"


def test_what_nobody_foresaw_goes_to_the_log(
    sev: Hand, scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(self: Session) -> None:
        raise ValueError("a\nfault")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(Session, "open", broken)
    said = sev("alerts")
    assert (said.code, said.out) == (1, "")
    assert said.err.count("\n") == 1
    assert "ValueError: a fault" in said.err
    log = tmp_path / "sev" / "sev.log"
    assert str(log) in said.err
    assert "Traceback" in log.read_text()


def test_an_interrupt_is_130_and_quiet(sev: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self: Session) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "open", stopped)
    said = sev("alerts")
    assert (said.code, said.out, said.err) == (130, "", "")


def test_a_reader_that_leaves_is_no_error(scene: Scene) -> None:
    for n in range(300):
        scene.fire(f"job_{n}", title="x" * 250)
    words = [sys.executable, "-m", "tui", "--store", str(scene.store.path), "alerts", "--limit", "1000"]
    with Popen(words, stdout=PIPE, stderr=PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_a_real_run_ends_with_the_code(scene: Scene) -> None:
    scene.fire()
    base = [sys.executable, "-m", "tui", "--store", str(scene.store.path), "--as", "li"]
    good = run([*base, "ack", "A-1"], capture_output=True, text=True, timeout=60, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("acknowledged A-1")
    bad = run([*base, "ack", "A-2"], capture_output=True, text=True, timeout=60, check=False)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr.startswith("sev: there is no A-2")


def test_an_ascii_terminal_gets_question_marks_not_an_end(scene: Scene) -> None:
    scene.fire()
    words = [sys.executable, "-m", "tui", "--store", str(scene.store.path), "alerts"]
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = run(words, capture_output=True, text=True, timeout=60, check=False, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "? SEV2" in done.stdout


def test_version_and_help(sev: Hand) -> None:
    assert sev.bare("--version").out.startswith("sev 0.")
    for words in (("--help",), ("-h",)):
        said = sev.bare(*words)
        assert said.code == 0
        for section in SECTIONS:
            assert f"{section}:" in said.out


@pytest.mark.parametrize("name", list(VERBS))
def test_every_verb_is_where_the_table_says_and_has_examples(sev: Hand, name: str) -> None:
    said = sev.bare(name, "--help")
    assert said.code == 0
    assert "Examples:" in said.out
    assert said.out.startswith(f"Usage: sev {name} ")
    found = root.get_command(root.make_context("sev", [], resilient_parsing=True), name)
    assert found is not None
    assert found.help


HEAVY = ("asyncio", "aiosqlite", "textual", "rich", "aiohttp", "importlib.metadata", "logging", "tomllib")


@pytest.mark.parametrize(
    "verb", [("ack", "A-1"), ("alerts", "--json"), ("status", "--line"), ("show", "A-1", "--json")]
)
def test_quick_verbs_load_nothing_heavy(scene: Scene, verb: tuple[str, ...]) -> None:
    scene.fire()
    code = f"""
import sys
from tui.cli.main import main
main({list(verb)!r})
print(*[name for name in {HEAVY!r} if name in sys.modules], sep=",")
"""
    loaded = python(code, scene.store.path).splitlines()[-1].split(",")
    # tomllib comes with the settings, which a stated store does not need; the rest is never needed.
    assert loaded == [""]


def test_the_prompts_line_does_without_click(scene: Scene) -> None:
    scene.fire()
    code = "import sys; from tui.cli.main import main; main(['status', '--line']); print('click' in sys.modules)"
    assert python(code, scene.store.path).splitlines()[-1] == "False"


def test_a_verb_loads_only_its_own_family(scene: Scene) -> None:
    scene.fire()
    code = """
import sys
from tui.cli.main import main
main(["ack", "A-1"])
print(*sorted(name for name in sys.modules if name.startswith("tui.cli.")))
"""
    told = python(code, scene.store.path).splitlines()[-1].split()
    assert "tui.cli.alerts" in told
    assert not {"tui.cli.incidents", "tui.cli.doctor", "tui.cli.ingest", "tui.cli.programs"} & set(told)


def test_now_is_asked_once_for_a_run(sev: Hand, scene: Scene) -> None:
    scene.fire()
    sev.at(scene.now + timedelta(minutes=3))
    assert sev.json("ack", "A-1")[0]["acknowledged_at"] == f"{scene.now + timedelta(minutes=3):%Y-%m-%dT%H:%M:%SZ}"
