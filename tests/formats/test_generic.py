"""sev's own small JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.errors import RejectedError
from tui.formats.base import Payload
from tui.formats.generic_fields import EXAMPLE, FIELDS
from tui.formats.generic_words import STATUS
from tui.formats.registry import read
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRING = SignalStatus.FIRING


def signals(body: object) -> tuple[Signal, ...]:
    return read(Payload(body=json.dumps(body).encode(), received_at=NOW), "generic").signals


def test_every_field_of_the_example_is_read() -> None:
    (signal,) = read(Payload(body=EXAMPLE.encode(), received_at=NOW)).signals
    assert signal.key == "generic:nightly-orders-load"
    assert signal.status is SignalStatus.RETRYING
    assert signal.kind is Kind.FAILED_JOB
    assert signal.title == "orders load failed: connection reset"
    assert signal.subject == "orders_load"
    assert (signal.run, signal.attempt, signal.max_attempts) == ("2026-11-24T02:00", 1, 3)
    assert (signal.severity_word, signal.severity_hint) == ("critical", Severity.SEV1)
    assert signal.at == datetime(2026, 11, 24, 2, 14, 5, tzinfo=UTC)
    assert signal.starts == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert signal.ended_at is None
    assert signal.labels == {"team": "finance"}
    assert signal.links.runbook == "https://runbooks.example/orders"
    assert signal.links.source == "https://jobs.example/orders_load"
    assert signal.links.log == "https://jobs.example/orders_load/log"


def test_the_example_names_every_field() -> None:
    assert set(json.loads(EXAMPLE)) == set(FIELDS) - {"id"}


def test_other_names_and_forms_are_understood() -> None:
    body = (SAMPLES / "generic-full.json").read_bytes()
    (signal,) = read(Payload(body=body, received_at=NOW)).signals
    assert (signal.run, signal.attempt) == ("2026-11-24T02:00", 1)
    assert signal.at == datetime(2025, 11, 24, 2, 14, 5, tzinfo=UTC)
    assert signal.labels == {"team": "finance", "shards": "[1,2]", "host": "etl-2"}
    assert signal.links.source == "https://jobs.example/orders_load"
    assert signal.links.log is None


def test_a_list_gives_its_signals_in_order() -> None:
    first, second, third, fourth = signals(json.loads((SAMPLES / "generic-list.json").read_bytes()))
    assert first.key == second.key == "generic:toll_import"
    assert (first.status, second.status) == (SignalStatus.RETRYING, SignalStatus.SUCCEEDED)
    assert (first.title, second.title) == ("deadlock detected", "toll_import: ok")
    assert first.kind is Kind.FAILED_JOB
    assert second.ended_at == second.at == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert (third.key, third.kind) == ("generic:shop.orders performance", Kind.PERFORMANCE)
    assert (third.status, third.labels) == (SignalStatus.UNKNOWN, {"status": "wobbling"})
    assert (fourth.key, fourth.subject, fourth.status) == ("generic:disk is full", "disk is full", SignalStatus.FIRING)


def test_an_envelope_of_alerts_is_opened() -> None:
    first, second = signals(json.loads((SAMPLES / "generic-alerts.json").read_bytes()))
    assert (first.key, second.key) == ("generic:k-1", "generic:7")
    assert second.status is SignalStatus.RESOLVED
    assert signals({"alerts": []}) == ()


def test_the_identity_is_the_key_and_not_what_changes() -> None:
    base = {"key": "k", "status": "failed"}
    keys = {
        signals({**base, **more})[0].key
        for more in ({"title": "a"}, {"title": "b"}, {"severity": "low"}, {"run": "2"}, {"attempt": 2}, {"job": "j"})
    }
    assert keys == {"generic:k"}


def test_without_a_key_the_subject_identifies() -> None:
    assert {signals({"job": "j", "message": text, "run": text})[0].key for text in "ab"} == {"generic:j"}


@pytest.mark.parametrize("word", ["FAILED", " Open ", "alerting", "triggered", "error"])
def test_words_for_firing(word: str) -> None:
    assert signals({"key": "k", "status": word})[0].status is SignalStatus.FIRING


@pytest.mark.parametrize("status", list(SignalStatus))
def test_every_status_can_be_said_by_its_own_name(status: SignalStatus) -> None:
    assert STATUS[status.value] is status


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_can_be_said_by_its_own_name(kind: Kind) -> None:
    assert signals({"key": "k", "kind": kind.value})[0].kind is kind


@pytest.mark.parametrize("attempt", [-1, 1.5, True, "three", "9" * 30, [1], None, 2**70])
def test_an_attempt_that_is_no_count_is_left_out(attempt: object) -> None:
    assert signals({"key": "k", "attempt": attempt})[0].attempt is None


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://", "http://a b", "https://x/\u202e", "x" * 9000, 5])
def test_only_a_web_address_is_a_link(link: object) -> None:
    assert signals({"key": "k", "url": link})[0].links.source is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "body: no key, subject or title"),
        ({"id": "x", "value": 3}, "body: no key, subject or title"),
        ({"key": "", "title": None, "job": {"name": "x"}}, "body: no key, subject or title"),
        ("text", "body: expected an object, found text"),
        (None, "body: expected an object, found null"),
        ([{"key": "a"}, [1, 2]], "[1]: expected an object, found a list of 2"),
        ({"alerts": [{"key": "a"}, {}]}, "alerts[1]: no key, subject or title"),
        ({"key": "a", "labels": ["x"]}, "body.labels: expected an object, found a list of 1"),
        ({"title": "$EVENT_TITLE", "key": "{{ id }}"}, "body: its key, subject and title are templates"),
    ],
)
def test_what_says_nothing_is_rejected_with_its_place(body: object, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals(body)
    assert caught.value.why.startswith(why)


def test_a_template_left_in_the_key_falls_to_the_subject() -> None:
    (signal,) = signals({"key": "${ALERT_ID}", "job": "orders", "title": "%s failed"})
    assert (signal.key, signal.title) == ("generic:orders", "%s failed")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"status": "failed", "attempt": 1, "max_attempts": 3}, SignalStatus.RETRYING),
        ({"status": "failed", "attempt": 3, "max_attempts": 3}, SignalStatus.FIRING),
        ({"status": "failed", "attempt": 1, "max_attempts": 3, "will_retry": False}, SignalStatus.FIRING),
        ({"status": "firing", "attempt": 1, "max_attempts": 3}, SignalStatus.FIRING),
        ({"result": "error", "try": 1, "of": 3}, SignalStatus.RETRYING),
        ({"success": False, "attempt": 2, "max_retries": 2}, SignalStatus.RETRYING),
        ({"success": False, "attempt": 3, "max_retries": 2}, SignalStatus.FIRING),
        ({"status": "failed", "attempt": "1/3"}, SignalStatus.RETRYING),
        ({"status": "failed", "attempt": "3 of 3"}, SignalStatus.FIRING),
        ({"state": "FAILED", "retry": 1, "retries": 2}, SignalStatus.RETRYING),
        ({"state": "FAILED", "retry": 2, "retries": 2}, SignalStatus.FIRING),
        ({"status": "failed", "retries_left": 1}, SignalStatus.RETRYING),
        ({"status": "failed", "retries_left": 0}, SignalStatus.FIRING),
        ({"rc": 0}, SignalStatus.SUCCEEDED),
        ({"exit": "-9"}, SignalStatus.FIRING),
        ({"event": "job.attempt_failed", "will_retry": True}, SignalStatus.RETRYING),
        ({"event": "job.finished", "exit_code": 0}, SignalStatus.SUCCEEDED),
        ({"event": "job.finished", "exit_code": 2}, SignalStatus.FIRING),
        ({"event": "job_finished"}, SignalStatus.SUCCEEDED),
        ({"event": "job.failed"}, SignalStatus.FIRING),
        ({"event": "alert.resolved"}, SignalStatus.RESOLVED),
        ({"event": "batch.sent"}, SignalStatus.INFO),
        ({"event": "something else"}, SignalStatus.FIRING),
        ({"status": "ok"}, SignalStatus.SUCCEEDED),
        ({"level": "info"}, SignalStatus.INFO),
        ({"level": "error"}, SignalStatus.FIRING),
        ({}, SignalStatus.FIRING),
    ],
)
def test_how_a_job_says_it_went(more: dict[str, object], status: SignalStatus) -> None:
    assert signals({"job": "orders", **more})[0].status is status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("ok", SignalStatus.RESOLVED),
        ("up", SignalStatus.RESOLVED),
        ("Recovered", SignalStatus.RESOLVED),
        ("closed", SignalStatus.RESOLVED),
        ("back to normal", SignalStatus.RESOLVED),
        ("completed", SignalStatus.SUCCEEDED),
        ("timed-out", SignalStatus.FIRING),
        ("down", SignalStatus.FIRING),
        ("In Progress", SignalStatus.STARTED),
    ],
)
def test_words_of_a_service_in_any_writing(word: str, status: SignalStatus) -> None:
    signal = signals({"service": "board", "status": word})[0]
    assert (signal.status, "status" in signal.labels) == (status, False)


def test_a_state_that_is_a_severity_counts_as_one() -> None:
    (signal,) = signals({"service": "board", "status": "CRITICAL"})
    assert (signal.status, signal.severity_word, signal.severity_hint) == (FIRING, "CRITICAL", Severity.SEV1)


@pytest.mark.parametrize(
    "body",
    [
        {
            "check": {"name": "board mail", "status": "down", "last_ping": "2026-11-24T02:00:00Z"},
            "sent_at": "2026-11-24T03:00:00Z",
        },
        {"check": "board mail", "status": "down", "last_ping": "2026-11-24T02:00:00Z"},
        {"name": "board mail", "status": "down", "last_ping": "2026-11-24T02:00:00Z", "grace": 600},
    ],
)
def test_a_check_that_waits_for_a_sign_of_life(body: dict[str, object]) -> None:
    (signal,) = signals(body)
    assert (signal.key, signal.subject, signal.status) == ("generic:board mail", "board mail", FIRING)
    assert signal.title == "board mail: down, last heard of 2026-11-24T02:00:00Z"


def test_a_log_line_with_short_names_is_read() -> None:
    (signal,) = signals({"lvl": "FATAL", "src": "till", "txt": "paper is low", "t": "2026-11-24T02:00:00Z"})
    assert (signal.subject, signal.title, signal.severity_hint) == ("till", "paper is low", Severity.SEV1)
    assert signal.at == datetime(2026, 11, 24, 2, tzinfo=UTC)


def test_a_run_that_failed_has_not_ended_its_trouble() -> None:
    (signal,) = signals({"job": "orders", "status": "failed", "finished_at": "2026-11-24T02:00:00Z"})
    assert (signal.at, signal.ended_at) == (datetime(2026, 11, 24, 2, tzinfo=UTC), None)


F, U = SignalStatus.FIRING, SignalStatus.UNKNOWN


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (F, "NOT_DELIVERED failed_to_complete could_not_be_delivered node_not_ready no_data_received never_delivered"),
        (F, "did_not_start never_started failed_to_start load_failed partially_loaded not_ok"),
        (U, "gave_up given_up backed_up locked_up deadline_passed errors_present created updated confirmed wobbling"),
        (U, "outage_confirmed not_late not_down"),
        (SignalStatus.SUCCEEDED, "SEQUENCING_DONE fresh sent export_published"),
        (SignalStatus.RESOLVED, "up back_to_normal"),
        (SignalStatus.INFO, "approved"),
    ],
)
def test_trouble_wins_in_a_status_of_several_words_and_good_news_must_be_plain(
    status: SignalStatus, words: str
) -> None:
    told = {word: signals({"check": "VOL014", "status": word})[0].status for word in (*words.split(), "Delivered Late")}
    assert told.pop("Delivered Late") is F
    assert told == dict.fromkeys(words.split(), status)


def test_a_denied_event_is_trouble() -> None:
    (denied,) = signals({"event": "file.not_uploaded", "job": "export"})
    assert denied.status is F


def test_a_failure_in_more_words_is_tried_again_too() -> None:
    (retrying,) = signals({"job": "load", "status": "load_failed", "attempt": 1, "max_attempts": 3})
    assert retrying.status is SignalStatus.RETRYING


def test_a_body_that_calls_it_in_its_own_way_is_known_by_its_likely_name() -> None:
    (watched,) = signals({"rule": "deadline-watch", "due": "17:00", "status": "NOT_DELIVERED", "severity": "medium"})
    assert (watched.subject, watched.status) == ("deadline-watch", F)
    (flow,) = signals({"type": "run.completed", "env": "prod", "flow": "mileage", "attempt": 3, "of": 4})
    assert (flow.subject, flow.status) == ("mileage", SignalStatus.SUCCEEDED)


@pytest.mark.parametrize(
    "body",
    [
        {"valves": 318, "unreachable": 1},
        {"status": "failed", "region": "eu-west-1"},
        {"uuid": "7c1e", "status": "ok"},
        {"token": "t0k3n", "challenge": "c", "type": "url_verification"},
        {"event": "login", "user": "bob", "ip": "192.0.2.7"},
        {"text": "orders load FAILED on db1"},
    ],
)
def test_what_names_nothing_is_left_for_a_human(body: dict[str, object]) -> None:
    with pytest.raises(RejectedError):
        signals(body)


def test_words_alone_are_a_message_and_beside_a_title_an_alert() -> None:
    (said,) = signals({"text": "substation off 10:30-12:30", "von": "control room"})
    assert (said.status, said.title) == (SignalStatus.INFO, "substation off 10:30-12:30")
    for name in ("title", "message"):
        (alert,) = signals({name: "orders late", "text": "orders mart is late"})
        assert alert.status is F
