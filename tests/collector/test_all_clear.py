"""What an all-clear leaves of the trouble it ends, and what says that all is well of things never in trouble."""

import json
from datetime import timedelta

import pytest

from tests.collector.addresses import sample
from tests.collector.hand import Hand
from tests.collector.webhook import webhook
from tui.collector.episodes import is_bare
from tui.formats.decode import Json
from tui.model.alert import AlertStatus
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe
from tui.store import payloads


@pytest.mark.parametrize("poorer", [{}, {"labels": {"alertname": "StreamJobDown"}}])
def test_a_resolve_without_annotations_keeps_what_the_firing_copy_told(hand: Hand, poorer: dict[str, Json]) -> None:
    hand.send(webhook("firing"), source="am")
    before = hand.alert()
    hand.later(minutes=5)
    hand.send(webhook("resolved", ends="2026-11-24T13:59:00Z", notes=False, **poorer), source="am")
    after = hand.alert()
    assert (before.title, before.subject, before.severity_word) == ("no commits for 18m", "card-scoring", "critical")
    assert after.status is AlertStatus.RESOLVED
    for name in ("title", "subject", "severity_word", "labels", "links", "severity", "started_at"):
        assert getattr(after, name) == getattr(before, name), name
    assert before.links.runbook == "https://runbooks.example/x"
    assert hand.entries()[-1].text == "card-scoring resolved: no commits for 18m"
    assert hand.is_whole()


def test_an_all_clear_with_words_of_its_own_is_told_in_them(hand: Hand) -> None:
    hand.send({"key": "disk", "title": "CRITICAL - 3% free", "severity": "critical"})
    hand.send({"key": "disk", "title": "OK - 41% free", "status": "ok"})
    assert (hand.alert().title, hand.alert().severity_word) == ("OK - 41% free", "critical")
    assert hand.entries()[-1].text.endswith("resolved: OK - 41% free")


def test_trigger_resolve_trigger_of_alertmanager_with_the_same_bodies_is_two_episodes(hand: Hand) -> None:
    fires, ends = webhook("firing"), webhook("resolved", ends="2026-11-24T13:50:00Z")
    for body in (fires, ends, fires):
        assert hand.send(body, source="am").repeat is False
        hand.later(seconds=10)
    assert (hand.alert().status, hand.alert().episode) == (AlertStatus.FIRING, 2)
    assert hand.is_whole()


def test_bodies_are_repeats_for_minutes_and_ids_for_ever(hand: Hand) -> None:
    hand.send(webhook("firing"), source="am", delivery_id="webhook-id 1")
    hand.later(minutes=4)
    assert hand.send(webhook("firing"), source="am").repeat is True
    hand.later(minutes=5, seconds=1)
    assert hand.send(webhook("firing"), source="am").repeat is False
    hand.later(days=400)
    assert hand.send(webhook("firing"), source="am", delivery_id="webhook-id 1").repeat is True
    assert (hand.alert().count, hand.alert().episode, len(hand.entries())) == (4, 1, 1)


def signal(title: str, **labels: str) -> Signal:
    return Signal(
        source=Safe("s"),
        format="f",
        key=Safe("s:k"),
        status=SignalStatus.RESOLVED,
        kind=Kind.OTHER,
        title=Safe(title),
        subject=Safe("card scoring"),
        labels={name: Safe(value) for name, value in labels.items()},
        links=Links(),
    )


@pytest.mark.parametrize("title", ["card scoring", "scoring", "Down job=etl 2", "a b Down", ""])
def test_a_title_of_names_alone_is_bare(title: str) -> None:
    assert is_bare(signal(title, alertname="Down", job="etl 2", words="a b"))


@pytest.mark.parametrize("title", ["card scoring recovered", "Down job=other", "OK - 41% free"])
def test_a_title_that_says_more_is_not(title: str) -> None:
    assert not is_bare(signal(title, alertname="Down", job="etl 2", words="a b"))


def heard(hand: Hand) -> dict[Safe, object]:
    return dict(hand.store.read(payloads.sources_heard))


@pytest.mark.parametrize("status", ["success", "started"])
def test_routine_of_a_key_never_in_trouble_opens_no_alert_but_its_source_was_heard(hand: Hand, status: str) -> None:
    assert hand.send({"key": "load", "status": status}).signals == 1
    hand.later(hours=1)
    receipt = hand.send({"key": "load", "status": status, "run": "2"})
    assert (receipt.signals, receipt.alerts, receipt.rejected) == (1, (), None)
    assert (hand.events(), heard(hand)) == ([], {"jobs": hand.now})
    assert len(hand.kept()) == 2
    assert hand.is_whole(), "when a source was heard lies beside the log"


def dbt(status: str, at: str) -> dict[str, Json]:
    result: dict[str, Json] = {
        "unique_id": "test.shop.not_null_orders_id.aa", "status": status, "execution_time": 1.0, "failures": 0,
        "timing": [{"name": "execute", "completed_at": at}],
    }  # fmt: skip
    about: Json = {"dbt_version": "1.9.0", "generated_at": at, "invocation_id": at}
    return {"metadata": about, "args": {"which": "test"}, "results": [result]}


def test_a_check_that_passes_is_no_alert_until_it_has_failed(hand: Hand) -> None:
    hand.send(dbt("pass", "2026-11-24T13:00:00Z"), source="dbt")
    assert (hand.alerts(), heard(hand)) == ([], {"dbt": hand.now})
    hand.send(dbt("fail", "2026-11-24T13:10:00Z"), source="dbt")
    assert hand.alert().status is AlertStatus.FIRING
    hand.send(dbt("pass", "2026-11-24T13:20:00Z"), source="dbt")
    assert hand.alert().status is AlertStatus.RESOLVED


@pytest.mark.parametrize("name", ["great-expectations-v1.json", "soda-checks.json", "dagster-entry-check.json"])
def test_checks_of_other_tools_that_pass_open_nothing(hand: Hand, name: str) -> None:
    prepared = hand.prepared(sample(name), source="checks")
    hand.send_all([prepared])
    in_trouble = {one.key for one in prepared.signals if one.status not in (SignalStatus.RESOLVED, "succeeded")}
    assert {alert.key for alert in hand.alerts()} <= in_trouble


def test_an_all_clear_of_an_unknown_alert_stays_as_history(hand: Hand) -> None:
    hand.send(webhook("resolved", ends="2026-11-24T13:59:00Z"), source="am")
    assert hand.alert().status is AlertStatus.RESOLVED
    hand.later(seconds=10)
    hand.send({**webhook("firing"), "groupLabels": {}}, source="am")
    assert hand.alert().status is AlertStatus.RESOLVED, "it overtook its alert"


def test_a_note_of_what_was_heard_never_goes_back(hand: Hand) -> None:
    hand.send({"key": "a", "status": "success"})
    hand.store.tx(lambda conn: payloads.note_heard(conn, "jobs", hand.now - timedelta(hours=1)))
    assert heard(hand) == {"jobs": hand.now}
    assert json.loads(hand.kept()[0]) == {"key": "a", "status": "success"}
