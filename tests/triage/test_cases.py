"""The cases that triage holds: how they grow, become one, look back and are withdrawn."""

from tests.triage.platform import Play, fails, fires, minute, resolves, retries, right, subjects, succeeds, wrong
from tui.model.alert import Verdict
from tui.model.text import Safe
from tui.triage.cases import LOOK_BACK
from tui.triage.grouping import NEAR_AFTER, SIBLINGS_WITHIN, UPSTREAM_WITHIN
from tui.triage.need import BLIP

CATALOG = "load > orders > mart > board(dashboard, tier 1, due 09:00)"
V = Verdict
HOURS = 60


def test_a_blip_that_was_proposed_is_withdrawn() -> None:
    play = Play("checkout(service, tier 1)")
    play.at(0, fires("checkout", word="critical"))
    at = BLIP.total_seconds() / 60 - 1
    play.at(at)
    assert len(play.cases) == 1
    play.at(at, resolves("checkout"))
    assert play.cases == []
    assert play.triage.cases.every[0].withdrawn
    assert play.trouble("checkout").verdict is V.FLAPPING


def test_one_that_lasted_stays_until_a_person_looks() -> None:
    play = Play("checkout(service, tier 1)")
    play.at(0, fires("checkout", word="critical"))
    play.at(2 * BLIP.total_seconds() / 60, resolves("checkout"))
    assert not play.case.open
    assert play.trouble("checkout").verdict is V.INCIDENT


def test_a_retry_that_could_not_make_it_but_did_is_withdrawn() -> None:
    play = Play("load(job, usual 60) > board(tier 1, due 09:00)")
    play.at(130, retries("load"))
    assert len(play.cases) == 1
    play.at(140, succeeds("load", 2))
    assert play.cases == []
    assert play.trouble("load").verdict is V.RETRY


def test_but_not_where_it_came_too_late() -> None:
    play = Play("load(job, usual 60) > board(tier 1, due 09:00)")
    play.at(130, retries("load"))
    play.at(190, succeeds("load", 2))
    assert play.case.hits == {"board": "late"}


def test_wrong_data_and_failed_runs_are_never_withdrawn() -> None:
    play = Play(CATALOG)
    play.at(0, wrong("orders"))
    play.at(1, right("orders"))
    assert len(play.cases) == 1
    play = Play(CATALOG)
    play.at(0, fails("load"))
    play.at(1, succeeds("load"))
    assert len(play.cases) == 1


def test_a_retry_below_that_makes_it_while_the_root_is_unwell_leaves() -> None:
    play = Play("orders > report_a; orders > report_b(tier 2)")
    play.at(0, wrong("orders"))
    play.at(1, retries("report_a"))
    assert play.groups == [{"orders", "report_a"}]
    play.at(9, succeeds("report_a", 2))
    assert play.groups == [{"orders"}]
    assert play.trouble("report_a").verdict is V.RETRY


def test_earlier_flaps_of_what_later_proves_real_were_its_beginning() -> None:
    play = Play(CATALOG)
    play.at(0, fires("orders"))
    play.at(1, resolves("orders"))
    play.at(60, fails("load"))
    assert play.groups == [{"load", "orders"}]
    assert play.case.began == minute(0)
    assert {one.verdict for one in play.triage.troubles} == {V.INCIDENT}


def test_but_not_those_of_last_night_or_of_another_lineage() -> None:
    play = Play(CATALOG + "; billing > invoices(tier 1)")
    play.at(0, fires("orders"))
    play.at(1, resolves("orders"))
    play.at(LOOK_BACK.total_seconds() / 60 - 10, fires("billing"))
    play.at(LOOK_BACK.total_seconds() / 60 - 9, resolves("billing"))
    play.at(LOOK_BACK.total_seconds() / 60 + 10, fails("load"))
    assert play.groups == [{"load"}]


def test_two_cases_become_one_when_what_feeds_both_fails() -> None:
    play = Play("hub > x1 > left(tier 1); hub > y1 > right(tier 1)")
    play.at(0, fails("left"), fails("right"))
    assert len(play.cases) == 2
    play.at(20, fails("hub"))
    assert play.groups == [{"left", "right", "hub"}]
    assert play.case.root == "hub"
    assert {one.case for one in play.triage.troubles} == {play.case.number}


def test_two_cases_under_one_silent_parent_are_one() -> None:
    play = Play("; ".join(f"hub > {name}(tier 2)" for name in "abcd"))
    play.at(0, fails("a"), fails("b"))
    apart = SIBLINGS_WITHIN.total_seconds() / 60 + 10
    play.at(apart, fails("c"))
    assert play.groups == [{"a", "b"}, {"c"}]
    play.at(apart + 1, fails("d"))
    assert play.groups == [{"a", "b", "c", "d"}]
    assert play.case.root == "hub"


def test_a_retry_above_is_no_part_of_it_while_it_may_run_well_and_its_cause_once_it_cannot() -> None:
    play = Play("load(job, usual 30) > orders > board(tier 1, due 09:00)")
    play.at(100, wrong("orders"))
    play.at(110, retries("load"))
    assert play.groups == [{"orders"}]
    play.at(160, retries("load", attempt=2))
    assert play.groups == [{"orders", "load"}]
    play.at(165, fails("load"))
    assert play.case.root == "load"


def test_a_retry_that_made_it_is_no_beginning_of_what_fails_below_it_later() -> None:
    play = Play(CATALOG)
    play.at(0, retries("load"))
    play.at(5, succeeds("load", 2))
    play.at(60, wrong("orders"))
    assert play.groups == [{"orders"}]
    assert play.trouble("load").verdict is V.RETRY


def test_the_one_that_went_up_in_another_leads_to_it() -> None:
    play = Play("hub > x1 > left(tier 1); hub > y1 > right(tier 1)")
    play.at(0, fails("left"), fails("right"))
    play.at(20, fails("hub"))
    gone = [case for case in play.triage.cases.every if case.merged_into is not None]
    assert len(gone) == 1
    assert play.triage.cases.standing(gone[0].number) is play.case
    assert not gone[0].live


def test_a_fault_above_hours_later_is_another_one() -> None:
    play = Play(CATALOG)
    play.at(0, fails("mart"))
    play.at(UPSTREAM_WITHIN.total_seconds() / 60 + 60, fails("orders"))
    assert play.groups == [{"mart"}, {"orders"}]


def test_what_lies_below_joins_whatever_the_hour() -> None:
    play = Play(CATALOG)
    play.at(0, fails("orders"))
    play.at(20 * HOURS, fires("board"))
    assert play.groups == [{"orders", "board"}]


def test_only_what_goes_on_is_open() -> None:
    play = Play(CATALOG)
    play.at(0, fails("load"))
    assert play.triage.cases.only_open() is play.case
    play.at(60, succeeds("load"))
    assert play.triage.cases.only_open() is None
    assert play.case.last == minute(60)


def test_what_changed_is_kept_for_who_writes_it_down() -> None:
    play = Play(CATALOG)
    play.at(0, fails("load"))
    cases = play.triage.cases
    assert cases.changed_cases == {0}
    assert {one.subject for one in cases.changed_troubles.values()} == {"load"}
    cases.changed_cases.clear()
    cases.changed_troubles.clear()
    play.at(1, fails("load"))
    assert (cases.changed_cases, cases.changed_troubles) == (set(), {}), "the same again changes nothing"
    play.at(2, fires("board"))
    assert cases.changed_cases == {0}
    assert subjects(cases.every[0]) == {"load", "board"}


def test_a_warning_above_that_was_over_hours_before_is_no_beginning() -> None:
    play = Play(CATALOG)
    play.at(0, fires("load", word="warning"))
    play.at(10, resolves("load"))
    play.at(10 + NEAR_AFTER.total_seconds() / 60 + 60, fails("orders"))
    assert play.groups == [{"orders"}]


def test_what_goes_on_is_nearer_than_what_is_over() -> None:
    play = Play("feeder > settlement(tier 2); bridge > settlement")
    play.at(0, fails("feeder"))
    play.at(1, fails("settlement"))
    play.at(20, succeeds("feeder"), succeeds("settlement"))
    play.at(200, fails("bridge"))
    play.at(201, fails("settlement"))
    assert play.groups == [{"feeder", "settlement"}, {"bridge", "settlement"}]


def test_an_older_trouble_found_later_does_not_stand_for_its_node() -> None:
    play = Play("store > orders > board(tier 1, due 23:00); store > report(tier 2)")
    play.at(0, fires("store", word="warning"))
    play.at(5, resolves("store"))
    play.at(200, fires("store", word="warning"))
    play.at(205, fires("orders"))
    assert play.case.by_node[Safe("store")].open
    play.at(206, fails("report"))
    assert len(play.cases) == 1
