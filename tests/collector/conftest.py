"""Fixtures of the collector's tests."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.collector.hand import Hand, Running, running
from tui.store.engine import Store


@pytest.fixture
def hand(store: Store, now: datetime) -> Hand:
    """A hand that delivers payloads to an empty store."""
    return Hand(store, now)


@pytest.fixture
async def collector(tmp_path: Path) -> AsyncIterator[Running]:
    """The real collector, running in the test's loop."""
    async with running(tmp_path) as started:
        yield started
