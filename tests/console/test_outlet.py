"""The outlet on a real line: it waits for nobody for long, starts clean again, and speaks what the terminal reads."""

import os
import pty
import select
import termios
import time
import tty
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.console.outlet import PATIENCE, RESTORE, Mark, Outlet


class Line:
    """Both ends of a pseudo-terminal."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)

    def read(self) -> bytes:
        """All that was written by now."""
        found = b""
        while select.select([self.master], [], [], 0.05)[0]:
            found += os.read(self.master, 65_536)
        return found

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def line() -> Iterator[Line]:
    one = Line()
    yield one
    one.close()


def _fill(outlet: Outlet) -> float:
    """Write until the line takes no more; the seconds that the last write took."""
    while not outlet.dropped:
        began = time.monotonic()
        outlet.write("x" * 20_000)
    return time.monotonic() - began


def test_nobody_else_gets_a_line_that_does_not_block(line: Line) -> None:
    outlet = Outlet(line.slave)
    assert os.get_blocking(line.slave)
    assert not os.get_blocking(outlet.fileno())
    outlet.close()
    assert os.get_blocking(line.slave)


def test_what_is_not_read_is_dropped_and_a_terminal_that_reads_again_starts_clean(line: Line) -> None:
    outlet, woken = Outlet(line.slave), list[str]()
    outlet.on_flow = lambda: woken.append("flows")
    assert PATIENCE <= _fill(outlet) < PATIENCE * 5
    began = time.monotonic()
    for _ in range(1_000):
        outlet.write("lost")
    assert time.monotonic() - began < PATIENCE
    assert woken == []
    assert b"lost" not in line.read()
    outlet.write("\x1b[1mnews")
    assert woken == ["flows"]
    assert line.read() == b"\x18\x1b[?2026l\x1b[1mnews"
    outlet.close()


def test_a_mark_is_reached_once_what_stands_before_it_is_out(line: Line) -> None:
    outlet, seen = Outlet(line.slave), list[bytes]()
    outlet.write("a picture")
    outlet.write(Mark(lambda: seen.append(line.read())))
    assert seen == [b"a picture"]
    assert line.read() == b"", "a mark is no text"
    _fill(outlet)
    outlet.write(Mark(lambda: seen.append(b"nobody saw it")))
    assert len(seen) == 1
    line.read()
    outlet.write("anew")
    outlet.write(Mark(lambda: seen.append(line.read())))
    assert seen[1].endswith(b"anew")
    outlet.close()


def test_restoring_does_not_wait_for_a_reader(line: Line) -> None:
    before = termios.tcgetattr(line.slave)
    before[3] |= termios.ECHO
    outlet = Outlet(line.slave)
    outlet.at_end = "\x1b]2;\x07"
    _fill(outlet)
    began = time.monotonic()
    outlet.restore(before, line.slave)
    assert time.monotonic() - began < PATIENCE
    assert termios.tcgetattr(line.slave)[3] & termios.ECHO
    assert line.read().endswith(RESTORE.encode() + b"\x1b]2;\x07")
    outlet.close()


def test_a_line_that_is_gone_raises_nothing(line: Line) -> None:
    outlet = Outlet(line.slave)
    os.close(line.master)
    outlet.write("x")
    outlet.restore(None, line.slave)
    assert outlet.dropped
    outlet.close()
    line.master = os.dup(line.slave)


@pytest.mark.parametrize(
    ("encoding", "plain", "text", "bytes_"),
    [
        ("utf-8", False, "▲ é ─", "▲ é ─".encode()),
        ("utf-8", True, "▲ SEV1 ╭─┬│╰ ×3 é… █", b"! SEV1 +-+|+ x3 \xc3\xa9. #"),
        ("ascii", True, "■ é 日本 ▁", b"= ? ???? #"),
        ("latin-1", True, "● é €", b"- \xe9 ?"),
        ("utf-8", False, "\ud800", b"?"),
    ],
)
def test_every_sign_in_what_the_terminal_reads(
    encoding: str, plain: bool, text: str, bytes_: bytes, line: Line
) -> None:
    outlet = Outlet(line.slave, encoding=encoding, ascii_signs=plain)
    outlet.write(text)
    assert line.read() == bytes_
    outlet.close()


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Mc", "Lm", "Sk"]), max_size=80)
)
def test_columns_stay_where_they_are(text: str) -> None:
    """A table whose signs are replaced is still a table."""
    line = Line()
    outlet = Outlet(line.slave, encoding="ascii", ascii_signs=True)
    outlet.write(text)
    written = line.read()
    assert written.isascii()
    assert len(written) == cell_len(text)
    outlet.close()
    line.close()
