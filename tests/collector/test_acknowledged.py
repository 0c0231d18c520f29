"""An acknowledge in another tool counts here, as its person's and at its time; one path for all that tell of one."""

import json
from datetime import datetime, timedelta

import pytest

from tests.collector.addresses import sample
from tests.collector.hand import Hand
from tests.support.scene import Scene
from tui.desk.alerts import move, unacknowledge
from tui.model import events as ev
from tui.model.alert import AlertState, AlertStatus, Verdict
from tui.model.entry import EntryKind
from tui.model.ids import Ref
from tui.model.moment import rfc3339
from tui.model.severity import Severity

FIRING = {"key": "orders", "severity": "critical", "title": "orders are late"}
SAID = json.loads(sample("pagerduty-v3-acknowledged.json"))
TOLD_AT = datetime.fromisoformat("2026-11-24T05:33:40.500Z")


def ack(by: str, at: datetime | None = None, **more: object) -> dict[str, object]:
    told = {"key": "orders", "status": "acknowledged", "title": "orders are late", "labels": {"by": by}, **more}
    return told if at is None else {**told, "at": rfc3339(at)}


def webhook(kind: str, status: str, at: str) -> dict[str, object]:
    """An event of the same incident, as PagerDuty's webhook v3 sends it."""
    event = SAID["event"]
    data = {**event["data"], "status": status}
    return {"event": {**event, "id": f"01{kind}", "event_type": f"incident.{kind}", "occurred_at": at, "data": data}}


def acknowledges(hand: Hand) -> list[ev.Event]:
    return [event for event in hand.events() if isinstance(event.body, ev.Acknowledged)]


def test_pagerdutys_webhook_acknowledges_as_the_person_and_at_their_time(hand: Hand) -> None:
    hand.send(webhook("triggered", "triggered", "2026-11-24T05:31:05Z"), source="pagerduty")
    hand.later(minutes=1)
    assert hand.send(SAID, source="pagerduty").alerts == (1,)
    alert, (candidate,) = hand.alert(), hand.candidates()
    assert (alert.status, alert.state, alert.count) == (AlertStatus.FIRING, AlertState.ACK, 2)
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("Noor Haddad", TOLD_AT)
    assert candidate.acknowledged_by == "Noor Haddad"
    (told,) = acknowledges(hand)
    assert (told.actor, told.uid, told.at, told.recorded_at) == ("Noor Haddad", 7, TOLD_AT, hand.now)
    assert [entry.kind for entry in hand.entries()].count(EntryKind.ACK) == 1
    assert len(hand.entries()) == 2, "one entry for one acknowledge"
    hand.later(minutes=10)
    hand.send(SAID, source="pagerduty")
    assert (len(acknowledges(hand)), hand.alert().count) == (1, 3)
    assert hand.is_whole()


def test_what_is_first_seen_acknowledged_fires_and_is_acknowledged(hand: Hand) -> None:
    assert hand.send(SAID, source="pagerduty").alerts == (1,)
    alert, (candidate,) = hand.alert(), hand.candidates()
    assert (alert.status, alert.verdict, alert.severity) == (AlertStatus.FIRING, Verdict.INCIDENT, Severity.SEV2)
    assert (alert.acknowledged_by, alert.acknowledged_at, alert.state) == ("Noor Haddad", TOLD_AT, AlertState.ACK)
    assert alert.started_at == datetime.fromisoformat("2026-11-24T05:31:05Z")
    assert (candidate.root, candidate.acknowledged_at) == (1, TOLD_AT)
    assert hand.entries()[0].text.startswith("Fare data fires: ")
    hand.later(minutes=5)
    hand.send(webhook("resolved", "resolved", "2026-11-24T05:50:00Z"), source="pagerduty")
    assert hand.alert().status is AlertStatus.RESOLVED
    assert hand.is_whole()


def test_trigger_resolve_trigger_of_pagerduty_is_two_episodes_and_waits_again(hand: Hand) -> None:
    trigger = {
        "routing_key": "k", "event_action": "trigger", "dedup_key": "load",
        "payload": {"summary": "load failed", "severity": "error", "source": "etl"},
    }  # fmt: skip
    resolve = {"routing_key": "k", "event_action": "resolve", "dedup_key": "load"}
    for body in (trigger, resolve, trigger):
        assert hand.send(body, source="pagerduty").repeat is False
        hand.later(seconds=10)
    alert = hand.alert()
    assert (alert.status, alert.episode, alert.title) == (AlertStatus.FIRING, 2, "load failed")
    assert hand.is_whole()


def test_who_came_first_stays_with_it(hand: Hand) -> None:
    hand.send(FIRING)
    hand.later(minutes=2)
    hand.send(ack("Early", hand.now - timedelta(days=1)))
    assert hand.alert().acknowledged_by is None, "that was of an earlier episode"
    hand.send(ack("SEV", hand.now - timedelta(minutes=1)))
    assert hand.alert().acknowledged_by == "SEV (jobs)", "nobody passes for the product itself"
    hand.send(ack("Second", hand.now))
    assert hand.alert().acknowledged_by == "SEV (jobs)"
    hand.send({"key": "orders", "status": "resolved"})
    hand.send(ack("Late", hand.now))
    assert (hand.alert().status, len(acknowledges(hand))) == (AlertStatus.RESOLVED, 1)


def test_a_time_ahead_of_ours_is_the_receipt(hand: Hand) -> None:
    hand.send(FIRING)
    hand.send(ack("Mo", hand.now + timedelta(hours=3)))
    assert hand.alert().acknowledged_at == hand.now


def test_a_delivery_known_as_a_repeat_does_not_undo_what_people_did_since(scene: Scene, hand: Hand) -> None:
    hand.send(FIRING)
    hand.later(minutes=1)
    hand.send(ack("Mo"), delivery_id="webhook-id 7")
    scene.do(unacknowledge, (Ref("C", 1),))
    hand.later(hours=1)
    hand.send(ack("Mo"), delivery_id="webhook-id 7")
    assert hand.alert().acknowledged_by is None


@pytest.mark.parametrize("told", [{}, {"by": ""}, {"by": "  "}])
def test_without_a_name_it_is_a_remark(hand: Hand, told: dict[str, str]) -> None:
    hand.send(FIRING)
    hand.send({"key": "orders", "status": "acknowledged", "labels": told})
    assert hand.alert().acknowledged_by is None
    assert "was acknowledged in its tool" in hand.entries()[-1].text


def test_acknowledging_a_candidates_root_elsewhere_covers_all_of_it(scene: Scene, hand: Hand) -> None:
    hand.send([FIRING, {"key": "b"}])
    scene.do(move, (2,), Ref("C", 1))
    hand.send_all([hand.prepared(ack("Mo", hand.now)), hand.prepared({**ack("Bo", hand.now), "key": "b"})])
    assert [hand.alert(n).acknowledged_by for n in (1, 2)] == ["Mo", "Mo"]
    assert hand.is_whole()
