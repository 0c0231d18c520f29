"""What verbs write to a terminal, and to the log: no control character but line breaks and our own colours."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.scene import Scene
from tests.support.terminal import Terminal
from tui.cli.logfile import close_log, log_to_file
from tui.cli.output import say, say_json, warn
from tui.errors import ConfigError, SevError
from tui.store.engine import Connection, Store

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b5n\x90q\x9c\r\x08\x7f\u202e\u2066x\ud800\x00"
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_lines_and_remarks_have_no_control_but_our_colours(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"\x1b[1;31mred\x1b[0m {HOSTILE}\nnext \x1b[5mblinks")
    warn(HOSTILE)
    out, err = capsys.readouterr()
    assert out.startswith("\x1b[1;31mred\x1b[0m ␛")
    assert "\nnext ␛blinks\n" in out
    assert not CONTROLS.search(out.replace("\x1b[1;31m", "").replace("\x1b[0m", ""))
    assert not CONTROLS.search(err)


def test_json_keeps_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    told = HOSTILE.replace("\ud800", "")
    say_json([{"title": told, "n": 1}])
    out = capsys.readouterr().out
    assert json.loads(out) == {"title": told, "n": 1}
    assert not CONTROLS.search(out)


def test_an_error_is_clean_whoever_raises_it() -> None:
    error = SevError(f"no {HOSTILE}", HOSTILE, HOSTILE)
    assert not CONTROLS.search(str(error))
    many = ConfigError([f"sev.toml:{HOSTILE}: {n}" for n in range(100)])
    assert len(many.mistakes) == 100
    assert str(many) == "\n".join(many.mistakes)
    assert not CONTROLS.search(str(many))


@pytest.fixture
def log() -> Iterator[Path]:
    told = log_to_file()
    yield Path(told.removeprefix("the details are in "))
    close_log()


def test_the_log_has_none_either_and_no_record_begins_a_line_of_its_own(log: Path) -> None:
    logger = logging.getLogger("sev.collector")
    logger.warning("from %s: %s", "am", f"{HOSTILE}\n2026-01-01 00:00:00 ERROR forged")
    try:
        raise ValueError(f"{HOSTILE}\nsecond")
    except ValueError:
        logger.exception("failed")
    told = log.read_text("utf-8", errors="surrogateescape")
    assert not CONTROLS.search(told)
    assert not re.search(r"^2026-01-01", told, re.MULTILINE)
    assert "Traceback (most recent call last):\n" in told


@pytest.fixture
def hostile(store: Store, scene: Scene) -> Path:
    """A store whose texts went past the cleaner: as if a way in had been forgotten."""
    number = scene.declare(candidate=scene.candidate_of("load_orders"))
    scene.note(number, "looked")
    scene.take(number)
    raw = f"{HOSTILE[:-2]}bad"  # a lone surrogate can't be stored at all

    def spoil(conn: Connection) -> None:
        conn.execute("UPDATE alert SET title = ?1, reason = ?1, subject = ?1, severity_word = ?1", (raw,))
        conn.execute("UPDATE incident SET title = ?1, declared_by = ?1", (raw,))
        conn.execute("UPDATE role SET name = ?1", (raw,))

    store.tx(spoil)
    return store.path


@pytest.mark.real
@pytest.mark.parametrize(
    "words",
    [
        ["alerts", "--all"],
        ["alerts", "--json"],
        ["show", "A-1"],
        ["show", "INC-1"],
        ["show", "INC-1", "--json"],
        ["timeline", "INC-1"],
        ["timeline", "INC-1", "--json"],
        ["incidents"],
        ["board"],
        ["export", "INC-1"],
        ["export", "INC-1", "--format", "json"],
        ["status"],
        ["status", "--line"],
        ["ack", "A-1"],
        ["show", f"A-{HOSTILE[:8]}"],
        [f"alerts{HOSTILE[:8]}"],
        ["note", "INC-1", HOSTILE[:20]],
        ["--store", f"/nowhere/{HOSTILE[:8]}/sev.db", "alerts"],
        ["--as", HOSTILE[:8], "ack", "A-1"],
    ],
    ids=lambda words: " ".join(words).encode("ascii", "replace").decode().replace("\x1b", "^").replace("\x07", "^"),
)
def test_a_terminal_gets_nothing_that_acts(hostile: Path, words: list[str]) -> None:
    argv = [sys.executable, "-m", "tui", "--store", str(hostile), *words]
    with Terminal(argv, cols=100, rows=30, env={"SEV_USER": f"li{HOSTILE[:9]}"}) as terminal:
        terminal.wait_exit()
        written = bytes(terminal.raw).decode("utf-8")
    assert written.strip()
    assert not CONTROLS.search(re.sub(r"\x1b\[(?:0|1;31|33|34)m|\r\n", "", written)), ascii(written)
