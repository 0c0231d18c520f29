"""Deliveries that come twice under one id, and signals that come late or out of order."""

from datetime import timedelta

import pytest

from tests.collector.hand import Hand
from tui.model.alert import AlertStatus
from tui.model.moment import rfc3339
from tui.model.text import clean
from tui.store import payloads

FIRING = {"key": "orders", "severity": "critical"}
RESOLVED = {"key": "orders", "status": "resolved"}


def test_a_delivery_id_is_known_for_ever_and_across_a_resolve(hand: Hand) -> None:
    hand.send(FIRING, delivery_id="webhook-id 1")
    hand.send(RESOLVED, delivery_id="webhook-id 2")
    hand.later(days=30)
    assert hand.send(FIRING, delivery_id="webhook-id 1").repeat is True
    assert (hand.alert().status, hand.alert().count) == (AlertStatus.RESOLVED, 2)
    assert hand.send(FIRING, delivery_id="webhook-id 3").alerts == (2,)


def test_a_delivery_sent_again_while_its_status_stands_counts(hand: Hand) -> None:
    hand.send(FIRING, delivery_id="webhook-id 1")
    hand.later(hours=1)
    hand.send(FIRING, delivery_id="webhook-id 1")
    assert (hand.alert().count, hand.alert().last_seen, len(hand.entries())) == (2, hand.now, 1)


def test_ids_of_different_sources_are_different_deliveries(hand: Hand) -> None:
    hand.send(FIRING, source="a", delivery_id="webhook-id 1")
    assert hand.send(FIRING, source="b", delivery_id="webhook-id 1").repeat is False
    assert {alert.key for alert in hand.alerts()} == {"a:orders", "b:orders"}


@pytest.mark.parametrize("hostile", ["\x00\x1b[2J", "x" * 5_000, "\ud800", "body:1"])
def test_any_text_may_be_an_id(hand: Hand, hostile: str) -> None:
    hand.send(FIRING, delivery_id=hostile)
    assert hand.send(FIRING, delivery_id=hostile).repeat is True
    hand.later(minutes=6)
    assert hand.send({**FIRING, "title": "x"}, delivery_id=f"{hostile}!").repeat is False


def test_a_body_is_forgotten_after_its_minutes_an_id_is_not(hand: Hand) -> None:
    hand.send(FIRING, delivery_id="webhook-id 1")
    digest = payloads.digest_of(hand.prepared(FIRING).kept)
    start, end = hand.now - timedelta(days=1), hand.now + timedelta(minutes=5)

    def known(token: str) -> bool:
        return hand.store.read(lambda conn: payloads.delivered_before(conn, "jobs", token)) is not None

    assert (known(f"body:{digest}"), known("id:webhook-id 1")) == (True, True)
    hand.store.tx(lambda conn: payloads.forget_bodies(conn, start, end))
    assert (known(f"body:{digest}"), known("id:webhook-id 1")) == (False, True)


@pytest.mark.parametrize("told", ["starts", "only its end"])
def test_an_old_all_clear_does_not_end_a_newer_episode(hand: Hand, told: str) -> None:
    first, ended, second = (hand.now - timedelta(minutes=n) for n in (30, 20, 10))
    hand.send({**FIRING, "started_at": rfc3339(first)})
    hand.send({**RESOLVED, "started_at": rfc3339(first), "ended_at": rfc3339(ended)})
    hand.send({**FIRING, "started_at": rfc3339(second)})
    late = {**RESOLVED, "title": "came late", "ended_at": rfc3339(ended)}
    hand.send({**late, "started_at": rfc3339(first)} if told == "starts" else late)
    assert (hand.alert().status, hand.alert().episode) == (AlertStatus.FIRING, 2)
    hand.send({**RESOLVED, "started_at": rfc3339(second), "ended_at": rfc3339(hand.now)})
    assert hand.alert().status is AlertStatus.RESOLVED


def test_a_senders_clock_a_little_behind_still_ends_its_own_trouble(hand: Hand) -> None:
    hand.send(FIRING)
    hand.later(seconds=1)
    hand.send({**RESOLVED, "at": rfc3339(hand.now - timedelta(minutes=3))})
    assert hand.alert().status is AlertStatus.RESOLVED


def test_a_report_from_before_the_all_clear_does_not_begin_it_again(hand: Hand) -> None:
    moments = [rfc3339(hand.now - timedelta(minutes=n)) for n in (30, 20, 10)]
    hand.send({**FIRING, "at": moments[0]})
    hand.send({**RESOLVED, "at": moments[2]})
    hand.send({**FIRING, "at": moments[1], "title": "came late"})
    assert (hand.alert().status, hand.alert().episode) == (AlertStatus.RESOLVED, 1)
    hand.send({**FIRING, "at": rfc3339(hand.now), "title": "really again"})
    assert (hand.alert().status, hand.alert().episode) == (AlertStatus.FIRING, 2)


def test_the_same_body_a_moment_later_is_no_late_report(hand: Hand) -> None:
    early, late = rfc3339(hand.now - timedelta(minutes=30)), rfc3339(hand.now - timedelta(minutes=10))
    firing = {**FIRING, "started_at": early, "at": rfc3339(hand.now - timedelta(minutes=29))}
    for body in (firing, {**RESOLVED, "at": late}, firing):
        hand.send(body)
        hand.later(minutes=1)
    assert (hand.alert().status, hand.alert().episode) == (AlertStatus.FIRING, 2)


def test_an_all_clear_that_overtook_its_alert_keeps_it_closed(hand: Hand) -> None:
    began, ended = rfc3339(hand.now - timedelta(minutes=30)), rfc3339(hand.now - timedelta(minutes=10))
    hand.send({**RESOLVED, "started_at": began, "ended_at": ended})
    hand.send({**FIRING, "started_at": began})
    assert (hand.alert().status, hand.candidates()) == (AlertStatus.RESOLVED, [])


def test_an_earlier_try_does_not_follow_a_later_one(hand: Hand) -> None:
    job = {"key": "load", "run": "r1", "max_attempts": 3}
    hand.send({**job, "status": "failed", "attempt": 3})
    hand.send({**job, "status": "retrying", "attempt": 2})
    assert (hand.alert().status, hand.alert().attempt) == (AlertStatus.FIRING, 3)
    hand.send({**job, "status": "success", "attempt": 4})
    hand.send({**job, "status": "retrying", "attempt": 1})
    assert hand.alert().status is AlertStatus.RESOLVED


def test_a_body_that_names_a_key_twice_is_a_repeat_as_a_whole(hand: Hand) -> None:
    body = [RESOLVED, FIRING]
    hand.send(FIRING)
    hand.send(body)
    assert (hand.alert().status, hand.alert().episode) == (AlertStatus.FIRING, 2)
    assert hand.send(body).repeat is True
    assert (hand.alert().episode, hand.alert().count) == (2, 4)


def test_one_body_of_many_alerts_moves_each_by_itself(hand: Hand) -> None:
    hand.send([{"key": "a"}, {"key": "b"}, {"key": "c"}])
    receipt = hand.send([{"key": "a"}, {"key": "b", "status": "ok"}, {"key": "d"}])
    assert receipt.alerts == (1, 2, 4)
    assert {alert.key: (alert.status.value, alert.count) for alert in hand.alerts()} == {
        "jobs:a": ("firing", 2),
        "jobs:b": ("resolved", 2),
        "jobs:c": ("firing", 1),
        "jobs:d": ("firing", 1),
    }
    assert hand.is_whole()


def test_a_source_may_hold_any_clean_text(hand: Hand) -> None:
    name = clean("team \x1b[31m/ø")
    hand.send(FIRING, source=name)
    assert hand.alert().source == name
