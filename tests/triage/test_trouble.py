"""One stretch of trouble: what it is by its signals, before anybody judges it."""

from datetime import timedelta

import msgspec
import pytest

from tests.triage.platform import (
    S,
    began,
    fails,
    fires,
    minute,
    platform,
    resolves,
    retries,
    right,
    signal,
    succeeds,
    wrong,
)
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal
from tui.model.text import Safe
from tui.triage.places import Places
from tui.triage.trouble import Fault, begin, is_rehearsal, take, words_of

PLACES = Places(platform("load > orders"))


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (fails("load"), Fault.FAILED),
        (retries("load"), Fault.FAILED),
        (wrong("orders"), Fault.WRONG),
        (wrong("orders", "is 3 hours behind"), Fault.LATE),
        (fires("orders", "p99 is high", kind=Kind.PERFORMANCE), Fault.LATE),
        (fires("orders", "was not updated since 04:00"), Fault.LATE),
        (fires("orders", "answers with errors"), Fault.BROKEN),
        (fires("load", "job failed", kind=Kind.FAILED_JOB), Fault.BROKEN),
    ],
)
def test_its_fault(said: Signal, fault: Fault) -> None:
    assert began(said, PLACES).fault is fault


def test_the_word_of_what_runs_a_job_is_not_a_monitors() -> None:
    assert began(fails("load"), PLACES).a_run
    assert not began(fires("load", kind=Kind.FAILED_JOB), PLACES).a_run


@pytest.mark.parametrize(
    "said",
    [
        fires("load", labels={"env": "staging"}),
        fires("load", labels={"environment": "qa-2"}),
        fires("load", labels={"namespace": "team-dev"}),
        fires("staging.load"),
    ],
)
def test_what_is_not_production(said: Signal) -> None:
    assert is_rehearsal(said)


@pytest.mark.parametrize(
    "said",
    [
        fires("load"),
        fires("load", labels={"env": "prod"}),
        fires("load", labels={"env": "eu-production"}),
        fires("load", labels={"env": ""}),
        fires("device_counts", labels={"namespace": "devices"}),
    ],
)
def test_what_is(said: Signal) -> None:
    assert not is_rehearsal(said)


def test_a_heartbeat_and_a_word_that_means_nothing_is_wrong() -> None:
    assert began(fires("Watchdog", "always firing"), PLACES).heartbeat
    assert began(fires("orders", word="info"), PLACES).trivial
    assert not began(fires("orders", word="warning"), PLACES).trivial


def test_it_stays_open_until_its_all_clear_and_counts_how_often_it_came() -> None:
    trouble = began(fires("orders"), PLACES)
    assert trouble.open
    assert take(trouble, resolves("orders"), minute(3))
    assert (trouble.open, trouble.ended, trouble.bouts) == (False, minute(3), 1)
    assert take(trouble, fires("orders"), minute(9))
    assert (trouble.open, trouble.since, trouble.began, trouble.bouts) == (True, minute(9), minute(0), 2)


def test_the_same_again_is_no_news() -> None:
    trouble = began(fires("orders"), PLACES)
    assert not take(trouble, fires("orders"), minute(1))
    assert trouble.last == minute(1), "but it was heard"
    take(trouble, resolves("orders"), minute(2))
    assert not take(trouble, resolves("orders"), minute(3))
    assert (trouble.ended, trouble.last) == (minute(2), minute(2)), "it is over since the first all-clear"


@pytest.mark.parametrize(
    "said", [retries("load", attempt=2), fails("load"), succeeds("load")], ids=["next try", "no try left", "ran well"]
)
def test_another_status_or_try_is_news(said: Signal) -> None:
    assert take(began(retries("load"), PLACES), said, minute(1))


def test_the_gravest_hint_stays() -> None:
    trouble = began(fires("orders", word="critical"), PLACES)
    take(trouble, fires("orders", word="warning"), minute(1))
    assert trouble.hint is Severity.SEV1
    assert began(fires("orders", word=None), PLACES).hint is None


@pytest.mark.parametrize(
    ("pause", "length"), [("0:10:00", 600), ("300", 300), ("300.5", 300.5), ("soon", 0), ("1:b:3", 0)]
)
def test_the_pause_before_the_next_try(pause: str, length: float) -> None:
    assert began(retries("load", pause=pause), PLACES).pause == timedelta(seconds=length)


def test_it_fired_once_a_retry_gave_up() -> None:
    trouble = began(retries("load"), PLACES)
    assert (trouble.retrying, trouble.fired) == (True, False)
    take(trouble, fails("load"), minute(1))
    assert (trouble.retrying, trouble.fired) == (False, True)


@pytest.mark.parametrize(("ago", "told"), [(-30, -30), (5, 0), (-60 * 24 * 3, 0)], ids=["earlier", "ahead", "days ago"])
def test_it_began_when_its_sender_says_if_that_can_be(ago: float, told: float) -> None:
    said = msgspec.structs.replace(fires("orders"), starts=minute(ago))
    assert begin(0, said, None, minute(0)).began == minute(told)


def test_symptoms_of_something_else() -> None:
    assert began(fires("orders", "backpressure"), PLACES).symptom
    assert not began(fires("orders", "crashed"), PLACES).symptom


def test_words() -> None:
    assert words_of("Load of raw_orders: OOM!", "a b") == {"load", "raw", "orders", "oom"}


def test_what_stays_apart() -> None:
    assert began(fires("orders", labels={"env": "dev"}), PLACES).apart
    assert not began(signal("m", "orders", S.UNKNOWN, "no data"), PLACES).apart
    assert began(right("orders"), PLACES).node == Safe("orders")
