"""Who is hit, who is at risk, and which node is the likely root."""

from tests.triage.platform import (
    Play,
    began,
    case_of,
    fails,
    fires,
    minute,
    platform,
    resolves,
    retries,
    says,
    succeeds,
    wrong,
)
from tui.model.signal import Signal
from tui.model.text import Safe
from tui.triage.impact import root_of, weigh
from tui.triage.places import Places

CATALOG = "load > orders > mart > board(dashboard, tier 1, due 09:00); orders > feed(report, tier 2, due 12:00)"
PLACES = Places(platform(CATALOG + "; silent > left; silent > right; one > join; two > join"))


def root(*said: Signal) -> str:
    troubles = [began(signal, PLACES, at, number=at) for at, signal in enumerate(said)]
    return root_of(case_of(*troubles), PLACES)


def test_the_most_upstream_node_with_evidence_whatever_came_first() -> None:
    assert root(fires("board"), fires("mart"), fires("orders")) == "orders"
    assert root(fires("orders"), fires("board")) == "orders"


def test_siblings_under_one_silent_parent_make_the_parent_the_root() -> None:
    assert root(fires("left"), fires("right")) == "silent"
    assert root(fires("left")) == "left"


def test_a_symptom_is_no_cause() -> None:
    assert root(fires("load", "paused, buffer full"), fires("orders", "crashed")) == "orders"
    assert root(fires("load", "paused, buffer full")) == "load", "unless nothing else is known"


def test_of_two_tops_the_one_with_more_below_it() -> None:
    assert root(fires("one"), fires("load"), fires("orders"), fires("mart")) == "load"
    assert root(fires("two"), fires("one"), fires("join")) == "two", "equal: the one that began first"


def test_a_retry_that_never_fired_is_no_evidence_beside_what_did() -> None:
    assert root(retries("load"), fires("orders")) == "orders"
    assert root(fails("load"), fires("orders")) == "load"


def test_without_nodes_it_is_the_first_subject() -> None:
    assert root(fires("printer"), fires("scanner")) == "printer"


def test_people_name_the_source_of_wrong_data() -> None:
    play = Play(CATALOG)
    play.at(0, wrong("mart"))
    assert play.case.root == "orders"
    play.at(5, says("load wrote everything twice since the release"))
    assert play.case.root == "load"


def test_of_wrong_data_the_one_thing_they_are_made_from_is_the_likely_root() -> None:
    assert root(wrong("mart")) == "orders"
    assert root(wrong("join")) == "join", "made from two: nobody can tell"
    assert root(fires("mart")) == "mart", "what does not answer tells nothing of what it is made from"
    assert root(wrong("mart"), fires("load")) == "load"


LIVE = "load > orders(dataset) > live board(dashboard, tier 1) > wall(service); orders > monthly(report, due 23:00)"


def test_what_lives_on_what_is_hit_is_hit_with_it_and_what_has_a_deadline_is_not() -> None:
    play = Play(LIVE)
    play.at(0, fires("orders"))
    assert play.at(11) == 0
    assert play.case.hits == {"live board": "late", "wall": "late"}


def test_a_job_that_failed_for_good_made_nothing() -> None:
    play = Play(LIVE)
    play.at(0, fails("load"))
    assert play.case.hits[Safe("orders")] == "missing"
    assert play.case.hits[Safe("live board")] == "missing"


def test_what_shows_wrong_data_is_wrong_even_where_a_monitor_calls_it_late() -> None:
    play = Play(LIVE)
    play.at(0, wrong("orders"), fires("live board", "is late"))
    assert play.case.hits[Safe("live board")] == "wrong"


def test_it_is_known_since_when_all_above_is_well() -> None:
    play = Play(LIVE)
    play.at(0, fails("load"), fires("live board"))
    assert play.case.healed_at is None
    play.at(20, succeeds("load"))
    assert play.case.healed_at == minute(20)


def test_a_consumer_is_at_risk_until_its_deadline_and_late_from_then_on() -> None:
    play = Play(CATALOG)
    play.at(60, fails("orders"))
    assert play.case.risks[Safe("board")] == minute(180)
    assert "board" not in play.case.hits
    play.at(180)
    assert play.case.hits[Safe("board")] == "late"
    assert "board" not in play.case.risks
    assert "feed" in play.case.risks, "due at noon"


def test_wrong_data_make_its_consumers_wrong_not_late() -> None:
    play = Play(CATALOG)
    play.at(60, wrong("orders"))
    play.at(181)
    assert play.case.hits[Safe("board")] == "wrong"


def test_what_recovered_before_the_deadline_hit_nobody() -> None:
    play = Play(CATALOG)
    play.at(60, fires("orders", word="critical"))
    play.at(100, resolves("orders"))
    play.at(181)
    assert all("board" not in case.hits for case in play.triage.cases.every)


def test_once_hit_it_stays_hit() -> None:
    play = Play(CATALOG)
    play.at(60, fires("orders", word="critical"))
    play.at(200, resolves("orders"))
    play.at(600)
    assert play.case.hits[Safe("board")] == "late"


def test_its_own_signal_says_that_a_consumer_is_hit_and_all_between() -> None:
    play = Play(CATALOG)
    play.at(0, fails("orders"), fires("board", "shows errors"))
    assert set(play.case.hits) == {"board", "mart"}


def test_what_could_be_reached_but_is_well_is_not_hit() -> None:
    play = Play("orders > a; orders > b; orders > c")
    play.at(0, fails("orders"), fires("a"))
    assert set(play.case.hits) == {"a"}


def test_tiers_and_dues_are_told_of_hit_and_risk() -> None:
    case = case_of(began(fails("orders"), PLACES, 60))
    weigh(case, PLACES, minute(60))
    assert (case.tiers[Safe("board")], case.dues[Safe("board")]) == (1, minute(180))


def test_nothing_lies_below_what_the_catalog_does_not_know() -> None:
    case = case_of(began(fires("printer"), PLACES))
    weigh(case, PLACES, minute(0))
    assert (case.hits, case.risks) == ({}, {})


def test_what_no_longer_lies_below_the_root_is_not_hit() -> None:
    case = case_of(began(fails("load"), PLACES))
    case.hits = {Safe("left"): "late", Safe("mart"): "late"}
    weigh(case, PLACES, minute(0))
    assert set(case.hits) == {"mart", "orders"}


def test_a_consumer_that_is_hit_is_no_longer_at_risk() -> None:
    play = Play(CATALOG)
    play.at(0, fails("orders"), fires("board"))
    assert "board" in play.case.hits
    assert set(play.case.risks) == {"feed"}
