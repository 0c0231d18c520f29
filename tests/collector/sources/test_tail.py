"""Following a file of lines: rotated, truncated, half written, and read again after a restart."""

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.collector.sources import tail
from tui.collector.sources.tail import Mark, at_the_end, at_the_start, near_the_end, read_on


class Reader:
    """Reads on from where it is; its mark passes through JSON each time, as it does in the store."""

    def __init__(self, path: Path, mark: Mark | None = None) -> None:
        self.path = path
        self.mark = mark or at_the_start(path)
        self.read: list[bytes] = []

    def once(self) -> bool:
        found = read_on(self.path, self.mark)
        self.mark = msgspec.json.decode(msgspec.json.encode(found.mark), type=Mark)
        self.read += found.lines
        return found.more or bool(found.lines)

    def all(self) -> list[bytes]:
        """Everything that is there; what this added."""
        before = len(self.read)
        for _ in range(1_000):
            if not self.once():
                return self.read[before:]
        raise AssertionError("it never comes to an end")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "sev.log"
    path.write_bytes(b"")
    return path


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_lines_as_they_come(log: Path) -> None:
    reader = Reader(log)
    append(log, b"one\r\n\n  two  \nthr")
    assert reader.all() == [b"one", b"two"]
    append(log, b"ee")
    assert reader.all() == [], "a line counts when its end is written"
    append(log, b"\nfour\n")
    assert reader.all() == [b"three", b"four"]
    assert reader.all() == []


def test_the_first_sight_of_a_file(log: Path) -> None:
    append(log, b"old\nhalf")
    end = Reader(log, at_the_end(log))
    near = Reader(log, near_the_end(log))
    append(log, b" new\n")
    assert end.all() == [b"half new"], "what was there is history, but a line that begins there is not"
    assert near.all() == [b"old", b"half new"]


def test_near_the_end_of_a_long_file(log: Path) -> None:
    append(log, b"".join(b"%06d\n" % n for n in range(10_000)))
    read = Reader(log, near_the_end(log)).all()
    assert read[-1] == b"009999"
    assert 2_000 < len(read) < 2_500
    assert read == [b"%06d" % n for n in range(10_000 - len(read), 10_000)]


def test_only_a_line_feed_ends_a_line(log: Path) -> None:
    line = '{"a":"x\u2028y\x0bz\x85"}'.encode()
    reader = Reader(log)
    append(log, line + b"\n")
    assert reader.all() == [line]


def test_many_lines_come_in_portions(log: Path) -> None:
    reader = Reader(log)
    append(log, b"".join(b"%d\n" % n for n in range(250)))
    assert len(read_on(log, reader.mark).lines) == tail.MOST_LINES
    assert reader.all() == [b"%d" % n for n in range(250)]


def test_a_line_without_an_end_does_not_stop_it(log: Path) -> None:
    reader = Reader(log)
    append(log, b"x" * (tail.LONGEST + 5) + b"\nnext\n")
    first, second, third = reader.all()
    assert (len(first), second, third) == (tail.LONGEST, b"xxxxx", b"next")


def test_a_file_that_was_rotated_is_read_to_its_end_first(log: Path) -> None:
    reader = Reader(log)
    append(log, b"one\n")
    assert reader.all() == [b"one"]
    append(log, b"two\nthree without an end")
    log.rename(log.with_name("sev.log.1"))
    log.write_bytes(b"")
    assert reader.all() == [b"two"], "its writer may still have it open"
    append(log.with_name("sev.log.1"), b", or with one\n")
    assert reader.all() == [b"three without an end, or with one"]
    append(log.with_name("sev.log.1"), b"last words")
    append(log, b"four\n")
    assert reader.all() == [b"last words", b"four"], "the writer went on to the new file"


def test_rotations_while_nobody_read(log: Path) -> None:
    reader = Reader(log)
    append(log, b"1\n")
    assert reader.all() == [b"1"]
    append(log, b"2\n")
    log.rename(log.with_name("sev.log-20261123"))
    log.write_bytes(b"3\n")
    log.rename(log.with_name("sev.log-20261124"))
    log.write_bytes(b"4\n")
    log.with_name("sev.log.bak").write_bytes(b"no\n")
    log.with_name("sev.log-20261124.bak").write_bytes(b"no\n")
    log.with_name("sev.log-20261122.gz").write_bytes(b"no\n")
    assert reader.all() == [b"2", b"3", b"4"]


def test_a_file_that_is_gone_and_packed_away(log: Path) -> None:
    reader = Reader(log)
    append(log, b"one\n")
    reader.all()
    log.unlink()
    log.write_bytes(b"a new one\n")
    assert reader.all() == [b"a new one"]
    log.unlink()
    with pytest.raises(FileNotFoundError):
        reader.once()


def test_a_file_that_was_truncated(log: Path) -> None:
    reader = Reader(log)
    append(log, b"one\ntwo\n")
    reader.all()
    with log.open("r+b") as file:
        file.truncate(0)
    append(log, b"three\n")
    assert reader.all() == [b"three"]
    with log.open("r+b") as file:
        file.truncate(0)
    append(log, b"this one is longer than what was there before\n")
    assert reader.all() == [b"this one is longer than what was there before"], "another beginning, another file"


def test_the_zeros_of_a_truncated_file_are_no_line(log: Path) -> None:
    reader = Reader(log)
    append(log, b"\0" * 100 + b'{"key":"a"}\n')
    assert reader.all() == [b'{"key":"a"}']


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.binary(max_size=12)),
        st.tuples(st.just("write"), st.sampled_from([b"\n", b"ab\n", b"\r\n", b"c\nd"])),
        st.tuples(st.just("rotate"), st.just(b"")),
        st.tuples(st.just("read"), st.just(b"")),
        st.tuples(st.just("read all"), st.just(b"")),
    ),
    max_size=40,
)


@given(STEPS)
@settings(max_examples=150)
def test_nothing_twice_and_nothing_missed_whatever_the_writer_does(steps: list[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "x.log")
        log.write_bytes(b"")
        reader, files = Reader(log), [b""]
        for step, data in steps:
            if step == "write":
                append(log, data)
                files[-1] += data
            elif step == "rotate":
                for n in range(len(files) - 1, 0, -1):
                    log.with_name(f"x.log.{n}").rename(log.with_name(f"x.log.{n + 1}"))
                log.rename(log.with_name("x.log.1"))
                log.write_bytes(b"")
                files.append(b"")
            elif step == "read":
                reader.once()
            else:
                reader.all()
        append(log, b"end\n")
        files[-1] += b"end\n"
        reader.all()
        wanted = [line for whole in files for raw in whole.split(b"\n") if (line := raw.strip(b"\0 \t\r\n"))]
        assert reader.read == wanted


@given(st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 9**12), max_size=6)), max_size=12))
def test_what_was_read_before_a_truncation_is_not_read_again(steps: list[tuple[bool, list[int]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "x.log")
        log.write_bytes(b"")
        reader, wanted, count = Reader(log), list[bytes](), 0
        for truncate, numbers in steps:
            if truncate:
                with log.open("r+b") as file:
                    file.truncate(0)
            for number in numbers:
                count += 1
                line = b"%d %d" % (count, number)  # no two are alike, as with anything that has a time in it
                append(log, line + b"\n")
                wanted.append(line)
            reader.all()
        assert reader.read == wanted
