"""Whether one trouble asks for a person: now, later or never by itself."""

from datetime import timedelta

import msgspec
import pytest

from tests.triage.platform import Play, began, fails, fires, minute, platform, resolves, retries, succeeds, wrong
from tui.model.alert import Verdict
from tui.triage.need import BLIP, RETURNS, commitments, need_of
from tui.triage.places import Places

CATALOG = "load(job, usual 40) > orders > board(dashboard, tier 1, due 09:00); scratch(dataset, tier 3)"
PLACES = Places(platform(CATALOG))
V = Verdict


def test_a_retry_inside_its_budget_is_folded() -> None:
    play = Play(CATALOG)
    serial = play.at(0, retries("load", 1, 3))
    told = play.outcome(serial)
    assert (told.verdict, told.case) == (V.RETRY, None)
    assert "try 1 of 3" in told.reason
    again = play.at(12, succeeds("load", 2))
    assert (play.outcome(again).verdict, play.cases) == (V.RETRY, [])


def test_it_needs_a_person_once_its_budget_is_spent() -> None:
    play = Play(CATALOG)
    play.at(0, retries("load", 1, 2))
    serial = play.at(10, fails("load", 2, 2))
    assert play.outcome(serial).verdict is V.INCIDENT
    assert play.groups == [{"load"}]


def test_it_needs_one_from_the_attempt_on_whose_retry_comes_too_late() -> None:
    play = Play(CATALOG)
    early = play.at(100, retries("load", 1, 3))
    assert play.outcome(early).verdict is V.RETRY, "40 minutes of 80"
    late = play.at(150, retries("load", 2, 3))
    assert play.outcome(late).verdict is V.INCIDENT
    assert "board is due 09:00Z" in play.outcome(late).reason


def test_the_pause_before_the_next_try_counts() -> None:
    play = Play(CATALOG)
    assert play.outcome(play.at(130, retries("load", pause="0:05:00"))).verdict is V.RETRY
    play = Play(CATALOG)
    assert play.outcome(play.at(130, retries("load", pause="0:30:00"))).verdict is V.INCIDENT


def test_without_usual_minutes_the_last_run_tells_how_long_it_takes() -> None:
    trouble = began(retries("orders"), PLACES, 150)
    assert not need_of(trouble, PLACES, None, minute(150)).now
    assert need_of(trouble, PLACES, timedelta(minutes=45), minute(150)).now


def test_a_retry_still_under_way_when_it_is_due_needs_a_person() -> None:
    play = Play("load > orders > board(tier 1, due 09:00)")
    serial = play.at(100, retries("load"))
    play.at(180)
    assert play.outcome(serial).verdict is V.INCIDENT


def test_a_failure_that_is_not_tried_again_needs_a_person() -> None:
    once = msgspec.structs.replace(fails("load"), attempt=1, max_attempts=None)
    assert need_of(began(once, PLACES), PLACES, None, minute(0)).now


def test_one_the_catalog_does_not_know_may_still_be_tried_again() -> None:
    trouble = began(msgspec.structs.replace(fails("other"), attempt=1, max_attempts=None), PLACES)
    need = need_of(trouble, PLACES, None, minute(0))
    assert not need.now
    assert need.at is not None
    assert need_of(trouble, PLACES, None, need.at).now


def test_a_monitors_word_on_a_job_that_is_tried_again_is_folded_with_it() -> None:
    play = Play(CATALOG)
    play.at(0, retries("load"))
    serial = play.at(1, fires("load", "its pod failed"))
    assert play.outcome(serial).verdict is V.RETRY
    play.at(5, resolves("load"), succeeds("load", 2))
    assert play.outcome(serial).verdict is V.RETRY
    assert play.cases == []


@pytest.mark.parametrize("word", ["critical", "error"])
def test_a_blip_is_flapping(word: str) -> None:
    play = Play("orders > board(dashboard, tier 1)")
    serial = play.at(0, fires("orders", word=word))
    assert play.outcome(serial).verdict is not V.INCIDENT
    play.at(2, resolves("orders"))
    assert play.outcome(serial).verdict is V.FLAPPING
    assert play.cases == []


def test_what_goes_on_needs_a_person() -> None:
    play = Play("orders > board(dashboard, tier 1)")
    serial = play.at(0, fires("orders", word="critical"))
    play.at(2 * BLIP.total_seconds() / 60)
    assert play.outcome(serial).verdict is V.INCIDENT


def test_what_keeps_coming_back_does_too() -> None:
    play = Play("orders > board(dashboard, tier 1)")
    for bout in range(RETURNS - 1):
        play.at(bout * 10, fires("orders"))
        play.at(bout * 10 + 1, resolves("orders"))
    assert play.cases == []
    serial = play.at((RETURNS - 1) * 10, fires("orders"))
    assert play.outcome(serial).verdict is V.INCIDENT


def test_a_warning_nobody_depends_on_is_noise_however_long() -> None:
    play = Play(CATALOG)
    serial = play.at(0, fires("scratch", "disk fills", "warning"), wrong("scratch", "odd rows", "warning"))
    play.at(60 * 20)
    assert play.outcome(serial).verdict is V.NOISE
    assert play.trouble("scratch").reason == "a warning, nobody depends on it"
    assert play.cases == []


def test_a_warning_waits_for_the_deadline_below_it() -> None:
    play = Play(CATALOG)
    serial = play.at(0, fires("orders", "fills slowly", "warning"))
    play.at(170)
    assert play.outcome(serial).verdict is V.NOISE
    play.at(181)
    assert play.outcome(serial).verdict is V.INCIDENT, "it outlasted the deadline"


@pytest.mark.parametrize("env", ["staging", "dev", "uat"])
def test_what_is_not_production_is_noise(env: str) -> None:
    play = Play(CATALOG)
    serial = play.at(0, fires("orders", word="critical", labels={"env": env}))
    play.at(600)
    assert (play.outcome(serial).verdict, play.outcome(serial).reason) == (V.NOISE, "not production")


def test_a_heartbeat_and_what_is_for_information_need_nobody() -> None:
    play = Play(CATALOG)
    heart = play.at(0, fires("Watchdog", "an alert that always fires", "critical", labels={"table": "orders"}))
    trifle = play.at(0, fires("orders", "was resized", "info"))
    play.at(600)
    assert play.outcome(heart).verdict is V.INFO
    assert play.outcome(trifle).verdict is V.NOISE
    assert play.cases == []


def test_wrong_data_needs_a_person_at_once() -> None:
    play = Play(CATALOG)
    assert play.outcome(play.at(0, wrong("orders"))).verdict is V.INCIDENT


def test_of_what_the_catalog_does_not_know_a_monitor_alone_needs_nobody() -> None:
    play = Play(CATALOG)
    serial = play.at(0, fires("printer", "paper is out", "critical"))
    play.at(600)
    assert play.outcome(serial).verdict is V.NOISE


def test_without_any_catalog_it_does() -> None:
    play = Play()
    assert play.outcome(play.at(0, fires("printer", "paper is out", "critical"))).verdict is V.INCIDENT


def test_what_fails_just_after_its_deadline_needs_a_person_at_once() -> None:
    play = Play(CATALOG)
    assert play.outcome(play.at(185, fires("board", "is empty"))).verdict is V.INCIDENT


def test_who_was_promised_something() -> None:
    assert commitments(began(fires("load"), PLACES), PLACES), "a dashboard of tier 1 is made from it"
    assert not commitments(began(fires("scratch"), PLACES), PLACES)
    assert not commitments(began(fires("printer"), PLACES), PLACES)


def test_what_its_tool_calls_critical_waits_longer_where_nothing_acts_on_it_at_once() -> None:
    play = Play("orders > mail(report, tier 1, due 09:00); scorer(service, tier 1) > decision(service, tier 1)")
    play.at(0, fires("orders", word="critical"), fires("scorer", word="critical"))
    play.at(4)
    assert play.groups == [{"scorer"}]
    play.at(11)
    assert {"orders"} in play.groups


def test_a_check_that_warns_waits_for_the_deadline_below_it() -> None:
    play = Play("orders > board(dashboard, tier 1, due 09:00)")
    play.at(0, wrong("orders", word="warn"))
    play.at(179)
    assert play.cases == []
    play.at(181)
    assert play.groups == [{"orders"}]


def test_what_is_called_information_counts_at_its_own_deadline() -> None:
    play = Play("feed(tier 1, due 06:00) > board(dashboard, tier 1)")
    play.at(2, fires("feed", "not there", "info"))
    assert play.groups == [{"feed"}]


def test_scheduled_by_its_title_is_for_information() -> None:
    play = Play("gateway(service, tier 1)")
    play.at(0, fires("gateway", "[Scheduled] firmware ring 2", "critical"))
    play.at(60)
    assert play.cases == []
