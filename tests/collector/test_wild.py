"""Intake under anything: shuffled duplicates, any order of statements, any bytes. The store stays whole."""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collector.hand import Hand
from tui.model.alert import AlertStatus
from tui.store.engine import Store

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
KEYS = ("a", "b", "c")
HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
STATUSES = ("firing", "resolved", "retrying", "started", "success", "ack", "no_data", "info")
STATEMENTS = st.fixed_dictionaries(
    {"key": st.sampled_from(KEYS), "status": st.sampled_from(STATUSES)},
    optional={
        "severity": st.sampled_from(("critical", "warning", "odd")),
        "run": st.sampled_from(("r1", "r2")),
        "attempt": st.integers(0, 4),
        "max_attempts": st.just(3),
        "at": st.integers(1_795_000_000, 1_797_000_000),
        "started_at": st.integers(1_795_000_000, 1_797_000_000),
        "ended_at": st.integers(1_795_000_000, 1_797_000_000),
        "title": st.text(max_size=12),
        "labels": st.dictionaries(st.text(max_size=4), st.text(max_size=8), max_size=2),
    },
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("key", "title", "alerts", "labels", "status", "at")), inner, max_size=4)
    ),
    max_leaves=8,
)


@contextmanager
def hand_on_new_store() -> Iterator[Hand]:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "sev.db") as store:
        yield Hand(store, NOW)


@given(st.data())
def test_shuffled_duplicates_within_one_status_are_one_entry_and_counted_right(data: st.DataObject) -> None:
    bodies = data.draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=20), label="keys")
    cuts = data.draw(st.lists(st.integers(1, 5), min_size=20, max_size=20), label="sizes of batches")
    with hand_on_new_store() as hand:
        waiting = [{"key": key, "severity": "critical"} for key in bodies]
        while waiting:
            size = cuts.pop()
            hand.send_all([hand.prepared(body) for body in waiting[:size]])
            waiting = waiting[size:]
            hand.later(seconds=data.draw(st.sampled_from((0, 5, 400)), label="wait"))
        counted = {alert.key.removeprefix("jobs:"): alert for alert in hand.alerts()}
        assert {key: alert.count for key, alert in counted.items()} == Counter(bodies)
        assert all(len(hand.entries(alert.id)) == 1 for alert in counted.values())
        proposed = [number for candidate in hand.candidates() for number in candidate.alerts]
        assert sorted(proposed) == sorted(alert.id for alert in counted.values()), "each in one candidate"
        assert hand.is_whole()


@given(st.lists(st.tuples(STATEMENTS, st.integers(0, 900)), max_size=14))
def test_any_statements_in_any_order_leave_a_store_that_verifies(told: list[tuple[dict[str, object], int]]) -> None:
    with hand_on_new_store() as hand:
        for statement, wait in told:
            hand.later(seconds=wait)
            receipt = hand.send(statement)
            assert receipt.signals == 1
        alerts, candidates = hand.alerts(), hand.candidates()
        assert len(alerts) <= len(KEYS)
        assert all(alert.started_at <= alert.last_seen for alert in alerts)
        waiting = {number for candidate in candidates for number in candidate.alerts}
        needing = {a.id for a in alerts if a.status is AlertStatus.FIRING and a.verdict == "incident"}
        assert needing <= waiting, "what fires and needs a person is always proposed"
        assert hand.is_whole()


@given(st.lists(st.sampled_from(("firing", "resolved")), min_size=1, max_size=12))
def test_the_last_statement_without_times_always_stands(statuses: list[str]) -> None:
    with hand_on_new_store() as hand:
        for status in statuses:
            hand.later(seconds=1)
            hand.send({"key": "a", "status": status})
        runs = sum(one == "firing" and (n == 0 or statuses[n - 1] != "firing") for n, one in enumerate(statuses))
        first_was_clear = statuses[0] == "resolved"
        assert hand.alert().status == statuses[-1]
        assert hand.alert().episode == max(1, runs + first_was_clear)
        assert hand.alert().count == len(statuses)


@settings(max_examples=150)
@given(
    st.binary(max_size=60) | st.text(max_size=40).map(str.encode) | VALUES.map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_taken_in_or_kept_as_rejected(body: bytes) -> None:
    with hand_on_new_store() as hand:
        receipt = hand.send(body)
        assert (receipt.rejected is None) == (receipt.why is None)
        if receipt.not_json:
            assert receipt.rejected == 1
        assert hand.is_whole()


@given(st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=30))
def test_hostile_text_is_harmless_once_inside(title: str, label: str) -> None:
    body = json.dumps({"key": "k", "title": title or "t", "subject": title, "labels": {label: title}, "run": label})
    with hand_on_new_store() as hand:
        hand.send(body.encode("utf-8", "surrogatepass"))
        alert = hand.alert()
        texts = (alert.title, alert.subject, alert.run or "", *alert.labels, *alert.labels.values())
        assert HOSTILE.search("".join(texts)) is None
