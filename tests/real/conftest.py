"""A collector for the tools to tell."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import Collector, collector


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Collector]:
    """`sev serve` on loopback, with an empty store."""
    with collector(tmp_path / "sev.db") as running:
        yield running
