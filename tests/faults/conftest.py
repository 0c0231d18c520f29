"""What fault tests share: short or full counts, and a line for each figure."""

from collections.abc import Callable

import pytest

Figure = Callable[[str, str], None]
"""Takes what was measured and the result; the run's closing summary prints both."""

_figures: list[tuple[str, str]] = []


class Size:
    """How much a fault test does: the short count of every run, or with `--long` the full one."""

    def __init__(self, *, full: bool) -> None:
        self.full = full

    def __call__(self, short: int, full: int) -> int:
        return full if self.full else short


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Size:
    """`size(5, 200)`: 5 times in every run, 200 times with `--long`."""
    return Size(full=bool(request.config.getoption("--long")))


@pytest.fixture
def figure() -> Figure:
    """`figure("collector killed", "200 times, 0 of 100,312 lost")` adds a line to the run's closing summary."""
    return lambda what, result: _figures.append((what, result))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of figures, ready for the README."""
    if _figures:
        terminalreporter.section("faults")
        for what, result in _figures:
            terminalreporter.write_line(f"| {what} | {result} |")
