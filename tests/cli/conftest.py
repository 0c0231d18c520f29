"""Fixtures of the verbs' tests."""

from datetime import datetime, timedelta

import pytest

from tests.cli.hand import Hand
from tui.store.engine import Store


@pytest.fixture
def sev(store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hand:
    """Runs verbs on the test's store as li, an hour after the scene begins."""
    hand = Hand(store, monkeypatch, capsys)
    hand.at(now + timedelta(hours=1))
    return hand
