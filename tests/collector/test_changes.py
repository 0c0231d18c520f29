"""Deploys, new schemas and settings on their way in: changes, once each, and never alerts."""

from datetime import timedelta

import msgspec
import pytest

from tests.collector.hand import Hand
from tests.support.scene import Scene
from tui.collector.intake import Prepared
from tui.model.change import Change
from tui.model.entry import MACHINE, EntryKind
from tui.model.moment import rfc3339
from tui.store import changes, payloads

DEPLOY = {"key": "deploy-812", "kind": "change", "status": "info", "title": "v812", "subject": "card-scoring"}


def told(hand: Hand) -> list[Change]:
    """All changes, newest first."""
    return hand.store.read(lambda conn: changes.changes(conn, since=None, touches=None, limit=100))


def test_a_deploy_is_a_change_with_its_evidence_and_no_alert(hand: Hand) -> None:
    made = hand.now - timedelta(minutes=3)
    labels = {"by": "ann", "repository": "acme/scoring"}
    prepared = hand.prepared({**DEPLOY, "at": rfc3339(made), "url": "https://ci.example/812", "labels": labels})
    (receipt,) = hand.send_all([prepared])
    (change,) = told(hand)
    assert (receipt.signals, receipt.alerts, receipt.changes, receipt.repeat) == (1, (), (1,), False)
    assert (change.what, change.actor, change.at, change.dated) == ("v812", "ann", made, True)
    assert change.touches == ("card-scoring", "acme/scoring", "scoring")
    assert (change.key, change.source, change.links.source) == ("jobs:deploy-812", "jobs", "https://ci.example/812")
    assert hand.store.read(lambda conn: payloads.payload(conn, change.payload)) == prepared.kept
    assert (hand.alerts(), hand.candidates()) == ([], [])
    (event,) = hand.events()
    assert (event.actor, event.uid, event.at, event.recorded_at) == (MACHINE, 7, made, hand.now)
    assert hand.store.read(payloads.sources_heard) == {"jobs": hand.now}
    assert hand.is_whole()


@pytest.mark.parametrize("status", ["info", "firing", "success", "resolved", "retrying"])
def test_a_change_is_none_of_the_alerts_whatever_its_sender_calls_its_state(hand: Hand, status: str) -> None:
    hand.send({**DEPLOY, "status": status})
    assert (len(told(hand)), hand.alerts()) == (1, [])


@pytest.mark.parametrize("minutes", [0, 4, 30, 600])
@pytest.mark.parametrize("dated", [True, False])
def test_the_same_change_delivered_again_is_one_change(hand: Hand, minutes: int, dated: bool) -> None:
    body = {**DEPLOY, "at": rfc3339(hand.now)} if dated else DEPLOY
    hand.send(body)
    hand.later(minutes=minutes)
    again = hand.send(body)
    other_words = hand.send({**body, "labels": {"note": "sent again"}})
    assert (again.changes, other_words.changes, len(told(hand)), len(hand.events())) == ((1,), (1,), 1, 1)
    assert again.repeat is (minutes < 5)


def test_a_delivery_that_its_sender_names_is_taken_once_for_ever(hand: Hand) -> None:
    hand.send(DEPLOY, delivery_id="x-1")
    hand.later(days=9)
    again = hand.send(DEPLOY, delivery_id="x-1")
    assert (again.repeat, len(told(hand))) == (True, 1)
    hand.send(DEPLOY, delivery_id="x-2")
    assert len(told(hand)) == 2, "the same words days later are another deploy"


def test_back_and_forth_again_are_three_changes_though_all_have_one_key(hand: Hand) -> None:
    deploy = {"kind": "change", "subject": "card-scoring", "title": "v812"}
    for title in ("v812", "v811", "v812"):
        hand.send({**deploy, "title": title})
        hand.later(minutes=2)
    assert [change.what for change in told(hand)] == ["v812", "v811", "v812"]
    assert len({change.key for change in told(hand)}) == 1


def test_a_change_and_an_alert_in_one_delivery(hand: Hand) -> None:
    receipt = hand.send([DEPLOY, {"key": "orders", "title": "orders are late"}])
    assert (receipt.signals, receipt.alerts, receipt.changes) == (2, (1,), (1,))
    assert hand.alert().subject == "orders"
    again = hand.send([DEPLOY, {"key": "orders", "title": "orders are late"}])
    assert (again.repeat, again.alerts, again.changes, hand.alert().count) == (True, (1,), (1,), 2)


def test_it_stands_in_the_timeline_of_the_incident_it_touches(scene: Scene, hand: Hand) -> None:
    hand.send({"key": "k", "subject": "card-scoring", "title": "no commits"})
    incident = scene.declare(candidate=1)
    hand.send({**DEPLOY, "title": "rollback to v811", "key": "deploy-813", "subject": "Card_Scoring"})
    hand.send({**DEPLOY, "subject": "ledger", "key": "deploy-5"})
    kept = [entry for entry in scene.timeline(incident) if entry.kind is EntryKind.CHANGE]
    assert [(entry.text, entry.actor) for entry in kept] == [("CH-1 rollback to v811 of Card_Scoring by jobs", MACHINE)]
    assert [event.incident for event in hand.events()][-2:] == [incident, None]
    assert hand.is_whole()


def test_a_deploy_before_trouble_is_proposed_as_what_changed(scene: Scene, hand: Hand) -> None:
    hand.send({**DEPLOY, "labels": {"by": "ann"}})
    hand.later(minutes=2)
    hand.send({"key": "k", "subject": "card-scoring", "title": "no commits"})
    item = scene.rca(scene.declare(candidate=1)).items[1]
    assert item.text == "v812 of card-scoring by ann, 2m before it failed"


def test_hostile_words_of_a_change_reach_nothing_raw(hand: Hand) -> None:
    hand.send({**DEPLOY, "title": "v\u202e812\x1b[2J", "labels": {"by": "a\x07b", "touches": "x\x00,\u200by"}})
    (change,) = told(hand)
    words = (change.what, change.actor, *change.touches)
    assert all(word.isprintable() for word in words), words


def test_times_ahead_are_the_receipt(hand: Hand) -> None:
    hand.send({**DEPLOY, "at": rfc3339(hand.now + timedelta(hours=3))})
    assert told(hand)[0].at == hand.now


def test_what_was_read_knows_its_format(hand: Hand) -> None:
    prepared: Prepared = hand.prepared(DEPLOY)
    assert (prepared.format, hand.prepared(b"{").format) == ("generic", "")
    assert msgspec.structs.replace(prepared, format="x").signals == prepared.signals
