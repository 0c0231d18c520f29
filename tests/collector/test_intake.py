"""From payloads to alerts: episodes, repeats, what comes late, what cannot be read, and what needs a person."""

from datetime import timedelta

import pytest

from tests.collector.hand import Hand
from tests.support.scene import Scene
from tui.model import events as ev
from tui.model.alert import AlertStatus, Verdict
from tui.model.entry import MACHINE
from tui.model.moment import rfc3339
from tui.model.severity import Severity
from tui.store import payloads

FIRING = {"key": "orders", "severity": "critical", "title": "orders are late"}
RESOLVED = {"key": "orders", "status": "resolved"}


def kinds(hand: Hand) -> list[str]:
    return [type(event.body).__name__ for event in hand.events()]


def test_a_firing_signal_opens_an_alert_judges_it_and_proposes_a_candidate(hand: Hand) -> None:
    receipt = hand.send({**FIRING, "labels": {"team": "finance"}, "started_at": rfc3339(hand.now - timedelta(hours=1))})
    alert, (candidate,) = hand.alert(), hand.candidates()
    assert (receipt.signals, receipt.alerts, receipt.repeat, receipt.rejected) == (1, (1,), False, None)
    assert (alert.key, alert.source, alert.status) == ("jobs:orders", "jobs", AlertStatus.FIRING)
    assert (alert.verdict, alert.severity, alert.reason) == (Verdict.INCIDENT, 1, "unmapped: the tool says critical")
    assert (alert.first_seen, alert.started_at) == (hand.now, hand.now - timedelta(hours=1))
    assert alert.labels == {"team": "finance"}
    assert (candidate.title, candidate.severity, candidate.root) == ("orders are late", 1, alert.id)
    assert (candidate.detected_at, candidate.first_signal_at) == (hand.now, alert.started_at)
    assert {(event.actor, event.uid) for event in hand.events()} == {(MACHINE, 7)}
    assert hand.is_whole()


def test_the_same_body_again_counts_and_makes_no_entry(hand: Hand) -> None:
    first = hand.send(FIRING)
    hand.later(seconds=30)
    again = hand.send(FIRING)
    assert (first.repeat, again.repeat, again.alerts) == (False, True, (1,))
    assert (hand.alert().count, hand.alert().last_seen) == (2, hand.now)
    assert len(hand.entries()) == 1
    assert len(hand.candidates()) == 1


def test_repeats_of_one_batch_are_one_event(hand: Hand) -> None:
    hand.send(FIRING)
    batch = []
    for _ in range(4):
        hand.later(seconds=1)
        batch.append(hand.prepared(FIRING))
    hand.send_all(batch)
    body = hand.events()[-1].body
    assert isinstance(body, ev.SignalRepeated)
    assert (body.n, body.last - body.first) == (4, timedelta(seconds=3))
    assert hand.alert().count == 5
    assert hand.is_whole()


def test_what_was_counted_is_written_before_the_change_that_follows(hand: Hand) -> None:
    hand.send(FIRING)
    hand.send_all([hand.prepared(body) for body in (FIRING, FIRING, RESOLVED, RESOLVED, FIRING)])
    seen = [type(event.body) for event in hand.events() if isinstance(event.body, ev.SignalSeen | ev.SignalRepeated)]
    first, again = ev.SignalSeen, ev.SignalRepeated
    assert seen == [first, again, first, again, first]
    assert (hand.alert().count, hand.alert().episode) == (6, 2)
    assert hand.is_whole()


def test_the_same_trouble_in_other_words_counts_too(hand: Hand) -> None:
    hand.send(FIRING)
    hand.later(hours=2)
    assert hand.send({**FIRING, "title": "orders are later still"}).repeat is False
    assert (hand.alert().count, hand.alert().episode, len(hand.entries())) == (2, 1, 1)


def test_trigger_resolve_trigger_with_the_same_bodies_is_two_episodes(hand: Hand) -> None:
    for body in (FIRING, RESOLVED, FIRING):
        assert hand.send(body).repeat is False
        hand.later(seconds=10)
    alert = hand.alert()
    assert (alert.status, alert.episode, alert.count) == (AlertStatus.FIRING, 2, 3)
    assert [entry.text.split(":")[0] for entry in hand.entries()] == [
        "orders fires",
        "orders resolved",
        "orders fires again",
    ]
    assert hand.is_whole()


def test_identical_bodies_with_times_go_through_any_number_of_episodes(hand: Hand) -> None:
    began, ended = hand.now - timedelta(minutes=9), hand.now - timedelta(minutes=4)
    firing = {**FIRING, "started_at": rfc3339(began)}
    resolved = {**RESOLVED, "started_at": rfc3339(began), "ended_at": rfc3339(ended)}
    seen = []
    for _ in range(3):
        for body in (firing, resolved):
            hand.send(body)
            hand.later(seconds=5)
            seen.append(hand.alert().status)
    assert seen == [AlertStatus.FIRING, AlertStatus.RESOLVED] * 3
    assert hand.alert().episode == 3
    written = [entry.id for entry in hand.entries()]
    assert written == sorted(written), "the timeline tells them in the order in which they came"


def test_firing_anew_takes_the_acknowledgement_away_and_opens_the_candidate_again(scene: Scene, hand: Hand) -> None:
    hand.send(FIRING)
    scene.ack("C-1")
    assert hand.candidates()[0].acknowledged_at is not None
    hand.later(minutes=10)
    hand.send(RESOLVED)
    assert hand.candidates() == []
    hand.later(minutes=10)
    hand.send(FIRING)
    (candidate,) = hand.candidates()
    assert (candidate.id, candidate.acknowledged_at, candidate.proposed_at) == (1, None, hand.now)
    assert hand.alert().acknowledged_at is None


def test_a_quiet_alert_that_is_heard_again_fires_anew(scene: Scene, hand: Hand) -> None:
    hand.send(FIRING)
    scene.quiet(1)
    hand.later(hours=7)
    hand.send(FIRING)
    assert (hand.alert().status, hand.alert().episode) == (AlertStatus.FIRING, 2)


def test_an_alert_in_an_open_incident_stays_there_and_proposes_nothing(scene: Scene, hand: Hand) -> None:
    hand.send(FIRING)
    incident = scene.declare(candidate=1)
    for body in (RESOLVED, FIRING):
        hand.later(minutes=5)
        hand.send(body)
    assert (hand.alert().incident, hand.candidates()) == (incident, [])
    told = [event.incident for event in hand.events() if isinstance(event.body, ev.SignalSeen)]
    assert told == [None, incident, incident]


def test_after_its_incident_was_resolved_the_key_opens_another_alert(scene: Scene, hand: Hand) -> None:
    hand.send(FIRING)
    incident = scene.declare(candidate=1)
    hand.send(RESOLVED)
    scene.resolve(incident, "done")
    hand.later(minutes=1)
    assert hand.send(FIRING).alerts == (2,)
    assert [candidate.root for candidate in hand.candidates()] == [2]
    assert hand.is_whole()


def test_a_retry_is_folded_until_its_budget_is_spent(hand: Hand) -> None:
    retry = {"key": "load", "status": "retrying", "max_attempts": 3, "run": "r1"}
    hand.send({**retry, "attempt": 1})
    hand.send({**retry, "attempt": 2})
    assert (hand.alert().verdict, hand.alert().attempt, hand.candidates()) == (Verdict.RETRY, 2, [])
    assert len(hand.entries()) == 2
    hand.send({**retry, "status": "failed", "attempt": 3})
    assert (hand.alert().verdict, hand.alert().severity) == (Verdict.INCIDENT, Severity.SEV2)
    assert [candidate.severity for candidate in hand.candidates()] == [Severity.SEV2]


def test_a_recovered_retry_never_was_an_incident(hand: Hand) -> None:
    hand.send({"key": "load", "status": "retrying", "attempt": 1, "max_attempts": 3})
    hand.send({"key": "load", "status": "success", "attempt": 2})
    assert (hand.alert().status, hand.alert().verdict) == (AlertStatus.RESOLVED, Verdict.RETRY)
    assert hand.alert().reason == "ran well on try 2 after 0s"
    assert hand.candidates() == []


def test_a_rising_severity_is_new_trouble_and_opens_its_candidate_again(scene: Scene, hand: Hand) -> None:
    hand.send({**FIRING, "severity": "warning"})
    scene.ack("C-1")
    hand.later(minutes=3)
    hand.send(FIRING)
    (candidate,) = hand.candidates()
    assert (candidate.severity, candidate.acknowledged_at) == (Severity.SEV1, None)
    assert (hand.alert().trouble_at, hand.alert().episode) == (hand.now, 1)
    hand.later(minutes=3)
    hand.send({**FIRING, "severity": "warning"})
    assert hand.candidates()[0].severity is Severity.SEV1, "a person lowers a severity, not a sender"


def test_what_a_person_judged_is_not_overruled(scene: Scene, hand: Hand) -> None:
    hand.send(FIRING)
    scene.judge(1, Verdict.NOISE, None, "known, harmless", by="li")
    for body in (RESOLVED, FIRING):
        hand.later(minutes=10)
        hand.send(body)
    assert (hand.alert().status, hand.alert().verdict) == (AlertStatus.FIRING, Verdict.NOISE)


@pytest.mark.parametrize("status", ["success", "started"])
def test_routine_of_an_unknown_key_says_nothing_but_is_kept(hand: Hand, status: str) -> None:
    prepared = hand.prepared({"key": "load", "status": status})
    (receipt,) = hand.send_all([prepared])
    assert (receipt.signals, receipt.alerts, hand.events()) == (1, (), [])
    assert hand.store.read(lambda conn: payloads.payload(conn, prepared.digest)) == prepared.kept


@pytest.mark.parametrize("status", ["resolved", "info", "ack"])
def test_what_is_no_trouble_is_history_and_needs_nobody(hand: Hand, status: str) -> None:
    hand.send({"key": "load", "status": status})
    assert (hand.alert().status, hand.alert().verdict) == (AlertStatus.RESOLVED, Verdict.INFO)
    assert hand.candidates() == []


def test_the_next_runs_of_a_healthy_job_write_nothing(hand: Hand) -> None:
    hand.send({"key": "load", "status": "failed", "run": "1"})
    hand.send({"key": "load", "status": "success", "run": "2"})
    before = len(hand.events())
    for run in range(3, 6):
        hand.later(hours=1)
        hand.send({"key": "load", "status": "started", "run": str(run)})
        hand.send({"key": "load", "status": "success", "run": str(run)})
    assert len(hand.events()) == before


def test_a_remark_on_a_trouble_leaves_its_state_and_its_words(hand: Hand) -> None:
    hand.send({**FIRING, "run": "r1"})
    hand.later(minutes=1)
    hand.send({"key": "orders", "status": "started", "title": "manual run", "run": "r2"})
    hand.send({"key": "orders", "status": "ack"})
    alert = hand.alert()
    assert (alert.status, alert.title, alert.severity, alert.severity_word) == (
        AlertStatus.FIRING,
        "orders are late",
        Severity.SEV1,
        "critical",
    )
    assert [entry.text.split(":")[0] for entry in hand.entries()][1:] == [
        "orders started",
        "orders was acknowledged in its tool",
    ]


def test_times_never_lie_after_the_receipt(hand: Hand) -> None:
    ahead = rfc3339(hand.now + timedelta(hours=3))
    hand.send({**FIRING, "at": ahead, "started_at": ahead})
    hand.later(seconds=1)
    hand.send({**RESOLVED, "ended_at": ahead})
    assert hand.alert().started_at == hand.now - timedelta(seconds=1)
    assert (hand.alert().ended_at, hand.alert().status) == (hand.now, AlertStatus.RESOLVED)
    assert all(event.at <= event.recorded_at for event in hand.events())


def test_what_is_rejected_is_kept_and_numbered(hand: Hand) -> None:
    unknown, broken = hand.send({"z": 1}), hand.send(b'{"key": ')
    assert [(unknown.rejected, unknown.not_json), (broken.rejected, broken.not_json)] == [(1, False), (2, True)]
    second, first = hand.store.read(payloads.rejected)
    assert (first.source, first.size, "unknown shape" in first.reason) == ("jobs", 8, True)
    assert hand.store.read(lambda conn: payloads.payload(conn, second.payload)) == b'{"key": '
    assert hand.is_whole()


def test_the_same_rejected_body_in_a_moment_is_the_same_rejected_payload(hand: Hand) -> None:
    numbers = []
    for wait in (0, 60, 400):
        hand.later(seconds=wait)
        numbers.append(hand.send({"z": 1}).rejected)
    assert numbers == [1, 1, 2]
