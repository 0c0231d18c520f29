"""Every kind of terminal: what it is told, what it is not told, and that the shell gets it back as it was."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.console.scenes import write_scene
from tests.faults.consoles import AT_HOME, children, console, own_port, post, state, until
from tests.support.servers import collector
from tests.support.terminal import Terminal

pytestmark = pytest.mark.real

SEV = (sys.executable, "-m", "tui")

_COLOUR = rb"\x1b\[(\d+;)*(3[0-8]|4[0-8]|9\d|10\d)(;\d+)*m"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """In the thick of an outage, with nobody who collects."""
    place = own_port(tmp_path)
    write_scene("thick", place)
    return place


def _look(store: Path, env: dict[str, str | None]) -> tuple[str, bytes]:
    """The picture that a console draws there, and every byte it wrote; it left the terminal as it was."""
    argv = [*SEV, "--store", str(store), "--read-only"]
    with Terminal(argv, cols=120, rows=36, env={"COLORTERM": None, **env}) as terminal:
        picture = terminal.wait_for(lambda screen: "NEXT" in screen and "n note" in screen)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait_exit() == 128 + signal.SIGTERM
        assert terminal.modes == AT_HOME
        assert terminal.tty == terminal.tty_at_first
        return picture, bytes(terminal.raw)


@pytest.mark.parametrize("term", ["xterm", "screen", "tmux-256color", "linux", "vt100", "nobody-knows-this"])
def test_terminals_that_draw(term: str, store: Path) -> None:
    picture, raw = _look(store, {"TERM": term})
    assert "▲ SEV1" in picture
    assert (b"48;2;" in raw or b"38;2;" in raw) is False, "24-bit colours where nobody promised them"
    silent = term in ("linux", "vt100")
    assert (b"\x1b]" in raw) is not silent
    assert (b"\x1b[22;0t" in raw) is (b"\x1b[23;0t" in raw) is not silent
    assert (b"$p" in raw) is not silent
    if term == "vt100":
        assert not re.search(_COLOUR, raw), "a vt100 has no colours"


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": None}, {"TERM": ""}], ids=["dumb", "unset", "empty"])
def test_terminals_that_cannot_draw_get_a_sentence(env: dict[str, str | None], store: Path) -> None:
    with Terminal([*SEV, "--store", str(store)], env=env) as terminal:
        assert terminal.wait_exit() == 2
        said = terminal.text().replace("\n", "")
        assert said.startswith("sev: the console needs a terminal that can draw: TERM")
        assert b"\x1b" not in bytes(terminal.raw)


@pytest.mark.parametrize(
    "env",
    [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": None, "LANG": None}, {"LC_ALL": None, "LANG": "xx.ISO-8859-1"}],
    ids=["C", "POSIX", "unset", "latin-1"],
)
def test_a_locale_without_our_signs_gets_ascii(env: dict[str, str | None], store: Path) -> None:
    picture, raw = _look(store, env)
    assert raw.isascii()
    assert "! SEV1" in picture
    assert "+- 1 Alerts -" in picture
    assert "?" not in picture.splitlines()[0]


def test_no_color_means_no_colour(store: Path) -> None:
    picture, raw = _look(store, {"NO_COLOR": "1", "COLORTERM": "truecolor"})
    assert "▲ SEV1" in picture
    assert not re.search(_COLOUR, raw)


@pytest.mark.parametrize(
    ("words", "what"),
    [("<&-", "its input"), ("</dev/null", "its input"), (">&-", "its output"), ("| cat", "its output")],
)
def test_without_a_terminal_there_is_one_line_and_no_picture(words: str, what: str, store: Path) -> None:
    command = f"{' '.join(SEV)} --store {store} {words}"
    with Terminal(["/bin/sh", "-c", f"{command}; echo over"], cols=200) as terminal:
        terminal.wait_for("over")
        assert f"sev: the console needs a terminal: {what} is none: use sev alerts, sev board" in terminal.text()
        assert b"\x1b" not in bytes(terminal.raw)


def test_what_is_no_utf8_and_columns_that_lie(store: Path) -> None:
    with console(store, env={"COLUMNS": "40", "LINES": "10"}) as terminal:
        assert len(terminal.text().splitlines()[3]) == 120
        terminal.send(b"\xff\xfe\xc3(\x80")
        time.sleep(0.3)  # keys that come at once may be refused
        terminal.press("?")
        terminal.wait_for("every one is also a verb")


BROKEN = """
import sys
from tui.console.screens.main import MainScreen
def fail(self):
    raise LookupError("a fault of ours")
MainScreen.on_feed_pane_row_changed = fail
from tui.cli.main import main
sys.exit(main(["--store", sys.argv[1]]))
"""


def test_a_fault_of_ours_ends_in_one_line_and_a_log(store: Path, own_home: Path) -> None:
    with Terminal([sys.executable, "-c", BROKEN, str(store)], cols=200) as terminal:
        assert terminal.wait_exit() == 1
        assert terminal.modes == AT_HOME
        assert terminal.tty == terminal.tty_at_first
        assert "sev: something went wrong: LookupError: a fault of ours: the details are in" in terminal.text()
        assert b"Traceback" not in bytes(terminal.raw)
    log = (own_home / ".state" / "sev" / "sev.log").read_text("utf-8")
    assert "Traceback" in log
    assert "LookupError: a fault of ours" in log


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Path]:
    """A store that a collector of its own writes."""
    place = own_port(tmp_path)
    with collector(place):
        yield place


def test_a_sev1_rings_once_and_names_the_window_and_the_title_is_given_back(serving: Path) -> None:
    with console(serving) as terminal:
        terminal.wait_for("data ok")
        assert not _told(terminal)
        assert post(serving, "card_scoring", "critical") == 202
        terminal.wait_for("card_scoring")
        until(lambda: len(_told(terminal)) == 2)
        assert sorted(_told(terminal)) == ["2;▲1 C-1 now", "9;SEV1 C-1 proposed: card_scoring failed"]
        assert _bells(terminal) == 1
        assert post(serving, "load_orders", "high") == 202  # a SEV2 says nothing
        terminal.wait_for("load_orders")
        hostile = "x\x1b]0;owned\x07\x9c\x1b\\y"
        argv = [*SEV, "--store", str(serving), "declare", "C-1", "--title", hostile, "--sev", "1"]
        subprocess.run(argv, check=True, capture_output=True, timeout=30)
        until(lambda: len(_told(terminal)) == 4)
        assert _bells(terminal) == 2
        notice = next(told for told in _told(terminal) if told.startswith("9;SEV1 INC-1"))
        assert notice.isprintable()
        assert not [told for told in terminal.commands if "owned" in told and not told.startswith("9;")]
        assert terminal.raw.count(b"\x1b[22;0t") == 1
        os.kill(terminal.pid, signal.SIGTERM)
        terminal.wait_exit()
        assert terminal.commands[-1] == "2;"
        assert bytes(terminal.raw).endswith(b"\x1b]2;\x07\x1b[23;0t")


def test_all_of_that_can_be_turned_off(serving: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "sev"
    folder.mkdir(parents=True)
    (folder / "sev.toml").write_text("[ui]\nbell = false\ntitle = false\nnotify = false\n", "utf-8")
    with console(serving, env={"XDG_CONFIG_HOME": str(tmp_path / "mine")}) as terminal:
        assert post(serving, "card_scoring", "critical") == 202
        terminal.wait_for("card_scoring")
        terminal.press("?")  # whatever would have been told has been told by then
        terminal.wait_for("every one is also a verb")
        assert not _told(terminal)
        assert _bells(terminal) == 0


def _told(terminal: Terminal) -> list[str]:
    """Titles and desktop notices so far."""
    return [one for one in terminal.commands if one.startswith(("2;", "9;"))]


def _bells(terminal: Terminal) -> int:
    """How often it rang, leaving out the BEL that ends a command."""
    return len(re.findall(rb"\x07", re.sub(rb"\x1b\][^\x07\x1b]*\x07", b"", bytes(terminal.raw))))


def test_the_mouse_is_the_terminals_over_ssh_until_it_is_asked_for(store: Path) -> None:
    mouse = {1000, 1003, 1006}
    with console(store) as near:
        assert mouse <= near.modes
    with console(store, env={"SSH_CONNECTION": "192.0.2.1 5000 192.0.2.2 22"}) as far:
        assert not mouse & far.modes
        for turn in ("the mouse works here", "the mouse is the terminal's again"):
            far.press(":")
            far.wait_for("type part of")
            far.type("mouse on")
            far.wait_for("mouse on or off")
            far.press("enter")
            far.wait_for(turn)
            until(partial(_has, far, mouse, "works" in turn))
        far.press(":")
        far.wait_for("type part of")
        far.type("mouse on\r")
        until(lambda: mouse <= far.modes)
        os.kill(far.pid, signal.SIGTERM)
        far.wait_exit()
        assert far.modes == AT_HOME


def _has(terminal: Terminal, modes: set[int], wanted: bool) -> bool:
    return bool(modes & terminal.modes) is wanted


def test_copying_reaches_the_terminal(store: Path, tmp_path: Path) -> None:
    with console(store) as terminal:
        terminal.wait_for("rules-cache")
        terminal.press("y")
        terminal.wait_for("sent to terminal")
        sent = next(one for one in terminal.commands if one.startswith("52;c;"))
        assert b64decode(sent.removeprefix("52;c;")).decode().startswith("A-11 rules-cache: ")


SHELL = ("/bin/bash", "--norc", "-i")
STOPS: dict[str, Callable[[Terminal, int], None]] = {
    "SIGTSTP": lambda terminal, pid: os.kill(pid, signal.SIGTSTP),
    "ctrl+z": lambda terminal, pid: terminal.press("ctrl+z"),
    "SIGSTOP": lambda terminal, pid: os.kill(pid, signal.SIGSTOP),
}


@pytest.mark.parametrize("how", STOPS)
def test_stopped_at_a_shell_it_comes_back_whole(how: str, store: Path) -> None:
    with Terminal(SHELL, cols=120, rows=36, env={"PS1": "$ ", "HISTFILE": ""}) as terminal:
        terminal.wait_for("$")
        terminal.type(f"stty -a >{store}.before; {' '.join(SEV)} --store {store} --read-only\r")
        terminal.wait_for(lambda screen: "NEXT" in screen and "n note" in screen)
        picture = _settled(terminal)
        pid = children(terminal.pid)[0]
        for _ in range(2):
            STOPS[how](terminal, pid)
            terminal.wait_for("Stopped")
            assert state(pid) == "T"
            if how != "SIGSTOP":  # which leaves no time for anything
                assert not terminal.modes & {1000, 1003, 1006, 1049}
                assert 25 in terminal.modes
            terminal.type(f"stty -a >{store}.meanwhile; clear; echo cleared\r")
            terminal.wait_for(lambda screen: screen.startswith("cleared"))
            assert _same(store, "meanwhile")
            terminal.type("fg\r")
            terminal.wait_for(lambda screen: _still(screen) == picture)
            until(lambda: {1000, 1003, 1006, 1049, 2004} <= terminal.modes)
            assert 25 not in terminal.modes
        _quit(terminal)
        until(lambda: not children(terminal.pid))
        terminal.type(f"stty -a >{store}.after; clear; echo cleared\r")
        terminal.wait_for(lambda screen: screen.startswith("cleared"))
        assert _same(store, "after")
        assert not terminal.modes & {1000, 1003, 1006, 1049}
        assert 25 in terminal.modes


def _quit(terminal: Terminal) -> None:
    terminal.press("q")
    terminal.wait_for("q again quits")
    terminal.press("q")


def _same(store: Path, when: str) -> bool:
    """Whether `stty -a` said the same as before the console was started."""
    return Path(f"{store}.{when}").read_text() == Path(f"{store}.before").read_text()


def _settled(terminal: Terminal) -> str:
    """The picture once nothing moves any more."""
    seen = ""
    while (now := _still(terminal.text())) != seen:
        seen = now
        time.sleep(0.5)
    return seen


def _still(screen: str) -> str:
    """The picture without its clock."""
    return re.sub(r"\d\d:\d\d:\d\dZ", "", screen)


def test_without_a_shell_ctrl_z_stops_nothing(store: Path) -> None:
    with console(store) as terminal:
        terminal.press("ctrl+z")
        terminal.wait_for("no shell could bring the console back")
        os.kill(terminal.pid, signal.SIGTSTP)
        terminal.press("?")
        terminal.wait_for("every one is also a verb")


TMUX = "set -g allow-passthrough on\nset -g set-clipboard on\nset -g default-terminal tmux-256color\n"


def test_inside_tmux(serving: Path, tmp_path: Path) -> None:
    """Notices and copies reach the terminal outside, and the pane is as it was before."""
    tmux = _tmux()
    settings, socket = tmp_path / "tmux.conf", str(tmp_path / "tmux.sock")
    settings.write_text(TMUX, "utf-8")
    command = [tmux, "-S", socket, "-f", str(settings)]

    def ask(what: str) -> str:
        ran = subprocess.run([*command, "display", "-p", what], capture_output=True, text=True, check=True, timeout=20)
        return ran.stdout.strip()

    modes = "#{alternate_on} #{mouse_any_flag} #{cursor_flag} #{pane_title}"
    try:
        with Terminal([*command, "new-session", "/bin/sh"], cols=120, rows=36) as outside:
            outside.wait_for("0:")
            before = ask(modes)
            outside.type(f"{' '.join(SEV)} --store {serving} --as li\r")
            outside.wait_for("no open incident")
            assert post(serving, "card_scoring", "critical") == 202
            until(lambda: "9;SEV1 C-1 proposed: card_scoring failed" in outside.commands)
            assert ask(modes) == "1 1 0 ▲1 C-1 now"
            outside.press("y")
            until(lambda: any(one.startswith("52;") for one in outside.commands))
            _quit(outside)
            until(lambda: ask(modes) == before)
    finally:
        subprocess.run([*command, "kill-server"], capture_output=True, check=False, timeout=20)


def _tmux() -> str:
    found = shutil.which("tmux")
    if found is None and os.environ.get("SEV_REQUIRE_REAL"):
        pytest.fail("tmux is not installed: apt-get install tmux")
    if found is None:
        pytest.skip("tmux is not installed: apt-get install tmux")
    return found


@pytest.mark.parametrize(("env", "sign"), [({"LC_ALL": "C"}, "! SEV1"), ({}, "▲ SEV1")], ids=["C", "UTF-8"])
def test_verbs_write_what_the_terminal_shows(env: dict[str, str | None], sign: str, store: Path) -> None:
    with Terminal([*SEV, "--store", str(store), "alerts"], env=env) as terminal:
        assert terminal.wait_exit() == 0
        assert sign in terminal.text()
        assert bytes(terminal.raw).isascii() is (env != {})
