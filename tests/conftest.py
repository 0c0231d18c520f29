"""What every test runs under: the right SQLite, a home of its own, a fixed time, hypothesis kept modest.

The imports below choose the SQLite of the whole process before a test can import aiosqlite.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.scene import Scene
from tui.store.engine import Store
from tui.store.sqlite import sqlite_version

settings.register_profile(
    "sev",
    deadline=None,
    max_examples=60,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sev")

KEPT = ("SEV_SQLITE", "SEV_REQUIRE_REAL", "SEV_DRAW", "SEV_PAYLOADS", "SEV_README")
"""Variables that steer the tests themselves; every other one of sev's own is taken away."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`: fault tests do their full counts, which takes an hour instead of two minutes."""
    parser.addoption("--long", action="store_true", help="fault tests in full")


def pytest_report_header() -> str:
    """Which SQLite the run proves."""
    return f"sqlite: {sqlite_version()} ({os.environ.get('SEV_SQLITE', 'as packaged')})"


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of the run's own: nobody's settings or store can reach a test, and no test can reach theirs."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SEV_") and name not in KEPT]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        for name, folder in (("CONFIG", ".config"), ("DATA", ".local/share"), ("STATE", ".state"), ("CACHE", ".cache")):
            patch.setenv(f"XDG_{name}_HOME", str(home / folder))
        yield home


@pytest.fixture
def now() -> datetime:
    """The time at which every scene begins."""
    return datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a file of its own."""
    with Store(tmp_path / "sev.db") as opened:
        yield opened


@pytest.fixture
def scene(store: Store, now: datetime) -> Scene:
    """The store with a hand that fires alerts and acts for people."""
    return Scene(store, now)
