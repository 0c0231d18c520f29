"""The one word of an alert, and where the feed puts it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.alert import (
    FOLDED,
    GONE,
    AlertState,
    AlertStatus,
    Consumer,
    ConsumerState,
    Verdict,
    feed_place,
    state_of,
    worst_first,
)
from tui.model.text import Safe

S, V, W = AlertStatus, Verdict, AlertState


@pytest.mark.parametrize(
    ("status", "verdict", "acknowledged", "snoozed", "word"),
    [
        (S.FIRING, V.INCIDENT, False, False, W.NEW),
        (S.FIRING, V.INCIDENT, True, False, W.ACK),
        (S.FIRING, V.INCIDENT, True, True, W.OFF),
        (S.RESOLVED, V.INCIDENT, False, True, W.OFF),
        (S.RESOLVED, V.INCIDENT, False, False, W.OK),
        (S.RESOLVED, V.RETRY, True, False, W.OK),
        (S.QUIET, V.INCIDENT, True, False, W.QUIET),
        (S.RETRYING, V.RETRY, False, False, W.TRY),
        (S.FIRING, V.FLAPPING, True, False, W.FLAP),
        (S.UNKNOWN, V.INCIDENT, False, False, W.NEW),
    ],
)
def test_the_word(status: AlertStatus, verdict: Verdict, acknowledged: bool, snoozed: bool, word: AlertState) -> None:
    assert state_of(status, verdict, acknowledged=acknowledged, snoozed=snoozed) is word


@pytest.mark.parametrize(
    ("state", "verdict", "acknowledged", "in_open", "over", "place"),
    [
        (W.NEW, V.INCIDENT, False, False, False, 0),
        (W.ACK, V.INCIDENT, True, True, False, 1),
        (W.TRY, V.RETRY, False, False, False, 2),
        (W.QUIET, V.INCIDENT, True, False, False, 3),
        (W.OFF, V.INCIDENT, False, False, False, 4),
        (W.OK, V.INCIDENT, False, False, False, 3),
        (W.OK, V.INCIDENT, True, False, False, GONE),
        (W.OK, V.INCIDENT, True, True, False, 3),
        (W.OK, V.RETRY, False, False, False, FOLDED),
        (W.NEW, V.INFO, False, False, False, FOLDED),
        (W.NEW, V.NOISE, False, False, False, FOLDED),
        (W.ACK, V.NOISE, True, False, False, GONE),
        (W.NEW, V.INCIDENT, False, False, True, GONE),
    ],
)
def test_the_place(
    state: AlertState, verdict: Verdict, acknowledged: bool, in_open: bool, over: bool, place: int
) -> None:
    assert feed_place(state, verdict, acknowledged=acknowledged, in_open_incident=in_open, over=over) == place


@given(st.sampled_from(S), st.sampled_from((V.INCIDENT, V.FLAPPING)), st.booleans(), st.booleans())
def test_trouble_that_nobody_acknowledged_never_leaves_the_feed(
    status: AlertStatus, verdict: Verdict, snoozed: bool, in_open: bool
) -> None:
    state = state_of(status, verdict, acknowledged=False, snoozed=snoozed)
    assert feed_place(state, verdict, acknowledged=False, in_open_incident=in_open, over=False) < FOLDED


def test_the_worst_consumer_stands_first() -> None:
    states = [
        ("risk", ConsumerState.AT_RISK, 1, 5),
        ("unknown", ConsumerState.WRONG, None, None),
        ("late", ConsumerState.LATE, 1, 1),
        ("later", ConsumerState.LATE, 1, None),
        ("wrong", ConsumerState.WRONG, 1, 9),
        ("lesser", ConsumerState.WRONG, 2, 1),
    ]
    told = [
        Consumer(
            name=Safe(name), state=state, tier=tier, deadline=datetime(2026, 11, 24, hour, tzinfo=UTC) if hour else None
        )
        for name, state, tier, hour in states
    ]
    assert [one.name for one in worst_first(told)] == ["wrong", "late", "later", "lesser", "unknown", "risk"]
