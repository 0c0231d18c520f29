"""What people and tools say without anything being wrong: which case they speak of."""

import msgspec

from tests.triage.platform import Play, S, fails, says, signal, succeeds, wrong
from tui.model.alert import Verdict
from tui.model.signal import Kind
from tui.model.text import Safe
from tui.triage.hearsay import AFTERWARDS

CATALOG = "load_job > raw.orders > sales_board(dashboard, tier 1, due 09:00); meters > billing_run(tier 1, due 10:00)"

MONEY = {"repository": "git/money"}


def one() -> Play:
    play = Play(CATALOG)
    play.at(0, fails("raw.orders"))
    return play


def two() -> Play:
    play = one()
    play.at(0, fails("meters"))
    return play


def told(play: Play, text: str, at: float = 5) -> int | None:
    return play.outcome(play.at(at, says(text))).case


def test_a_message_that_names_a_node_joins_its_case() -> None:
    play = two()
    orders, meters = play.cases
    assert told(play, "anybody looking at raw.orders?") == orders.number
    assert told(play, "meters look odd to me") == meters.number
    assert told(play, "is sales_board late again?") == orders.number, "made from what fails"


def test_it_counts_as_part_of_the_incident_and_says_so() -> None:
    play = one()
    outcome = play.outcome(play.at(5, says("sales_board is empty")))
    assert outcome.verdict is Verdict.INCIDENT
    assert outcome.reason


def test_what_names_nothing_joins_the_only_open_case() -> None:
    play = one()
    assert told(play, "customers are calling, what is going on?") == play.case.number


def test_but_neither_of_two() -> None:
    assert told(two(), "customers are calling, what is going on?") is None


def test_what_names_something_else_joins_none() -> None:
    play = one()
    assert told(play, "billing_run is slow today") is None


def test_without_any_case_it_is_information() -> None:
    play = Play(CATALOG)
    outcome = play.outcome(play.at(0, says("raw.orders is fine")))
    assert (outcome.verdict, outcome.case) == (Verdict.INFO, None)
    assert outcome.reason


def test_a_change_joins_by_what_it_touches_only() -> None:
    play = one()
    deploy = signal("ci", "load_job", S.INFO, "release v812 of load_job", Kind.CHANGE)
    other = signal("ci", "meters", S.INFO, "release v7 of meters", Kind.CHANGE)
    assert play.outcome(play.at(5, deploy)).case == play.case.number
    assert play.outcome(play.at(6, other)).case is None


def test_a_good_run_of_what_failed_joins_and_one_of_something_else_does_not() -> None:
    play = one()
    assert play.outcome(play.at(5, succeeds("billing_run"))).case is None
    there = play.at(60, succeeds("raw.orders"))
    assert play.outcome(there).case == play.cases[0].number


def test_a_good_run_of_what_a_check_found_wrong_is_part_of_its_case() -> None:
    play = Play(CATALOG)
    play.at(0, wrong("raw.orders"))
    assert play.outcome(play.at(60, succeeds("raw.orders"))).case == play.case.number
    assert play.outcome(play.at(61, succeeds("load_job"))).case is None


def test_people_still_speak_of_it_for_a_while_after_it_is_over() -> None:
    play = one()
    play.at(200, succeeds("raw.orders"))
    after = 200 + AFTERWARDS.total_seconds() / 60
    assert told(play, "raw.orders is back, thanks", 210) == play.case.number
    assert told(play, "raw.orders has a nice name", after + 5) is None


def test_who_named_what_stays_with_the_case_when_two_become_one() -> None:
    play = Play("source > left > a; source > right > b")
    play.at(0, wrong("left"))
    serial = play.at(1, says("left again?"))
    play.at(2, wrong("right"))
    case = play.outcome(serial).case
    assert case == play.case.number


def test_a_change_that_shares_a_name_with_what_fails_joins_it() -> None:
    play = Play(CATALOG)
    play.at(0, signal("scheduler", "raw.orders", S.FIRING, "failed", Kind.FAILED_JOB, attempt=3, of=3, labels=MONEY))
    play.at(0, fails("meters"))
    deploy = signal("ci", "release 4.12", S.INFO, "amounts by country", Kind.CHANGE, labels=MONEY)
    assert play.outcome(play.at(5, deploy)).case == play.cases[0].number


def test_a_run_that_a_person_started_for_it_is_part_of_it_and_the_daily_one_is_not() -> None:
    play = Play(CATALOG)
    play.at(0, wrong("raw.orders"))
    assert play.case.root == "load_job"
    by_hand = msgspec.structs.replace(succeeds("load_job"), run=Safe("manual__2026-11-24"))
    assert play.outcome(play.at(60, succeeds("load_job"))).case is None
    assert play.outcome(play.at(61, by_hand)).case == play.case.number


def test_after_a_change_the_first_good_run_of_what_was_hit_is_part_of_it() -> None:
    play = Play("load_job > raw.orders > rollup > sales_board(dashboard, tier 1, due 09:00)")
    play.at(0, wrong("raw.orders"), wrong("rollup"))
    assert play.outcome(play.at(5, succeeds("load_job"))).case is None
    play.at(10, signal("ci", "load_job", S.INFO, "roll back load_job", Kind.CHANGE))
    assert play.outcome(play.at(20, succeeds("load_job"))).case == play.case.number
    assert play.outcome(play.at(30, succeeds("load_job"))).case is None, "only the first"


def test_what_was_said_shortly_before_the_case_was_there_is_claimed_by_it() -> None:
    play = Play(CATALOG)
    early, unrelated = play.at(0, says("raw.orders looks odd")), play.at(1, says("lunch?"))
    change = play.at(2, signal("ci", "raw.orders", S.INFO, "release", Kind.CHANGE))
    play.at(30, fails("raw.orders"))
    assert play.outcome(early).case == play.case.number
    assert play.outcome(unrelated).case is None
    assert play.outcome(change).case is None, "what was changed before is asked for by its time"


def test_what_nobody_can_place_belongs_to_the_gravest_that_is_open() -> None:
    play = Play("load_job > board(tier 1, due 06:30); other > toy(tier 3)")
    play.at(0, fails("load_job"), fails("other"))
    assert told(play, "customers are calling") == play.cases[0].number
