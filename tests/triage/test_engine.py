"""Triage as a whole: stories of a night. What holds for any order of signals is in `test_any_order`."""

from tests.triage.platform import (
    Play,
    S,
    fails,
    fires,
    minute,
    resolves,
    retries,
    says,
    signal,
    succeeds,
    wrong,
)
from tui.model.alert import Verdict
from tui.model.severity import Severity
from tui.model.signal import Kind
from tui.triage.need import BLIP
from tui.triage.trouble import SAME_AGAIN
from tui.triage.vocabulary import COMMON

V = Verdict
CATALOG = """
load(job, usual 30) > orders(dataset) > mart(dataset) > board(dashboard, tier 1, due 09:00)
meters(job) > usage(dataset) > billing(report, tier 1, due 10:00)
mart > summary(report, tier 2, due 12:00); usage > summary
"""


def test_one_failure_and_all_that_follows_is_one_case() -> None:
    play = Play(CATALOG)
    play.at(0, fails("load"))
    play.at(20, wrong("orders", "is 2 hours old"), fires("mart", "was not updated"))
    play.at(185, fires("board", "is empty"))
    assert play.groups == [{"load", "orders", "mart", "board"}]
    assert (play.case.root, play.case.severity) == ("load", Severity.SEV2)


def test_two_unrelated_failures_stay_two() -> None:
    play = Play(CATALOG)
    play.at(0, fails("load"), fails("meters"))
    play.at(5, wrong("orders"), wrong("usage"))
    assert play.groups == [{"load", "orders"}, {"meters", "usage"}]
    assert [case.root for case in play.cases] == ["load", "meters"]


def test_a_common_consumer_does_not_make_them_one() -> None:
    play = Play(CATALOG)
    play.at(0, fails("load"), fails("meters"))
    play.at(365, fires("summary", "is empty"))
    assert len(play.cases) == 2
    assert sum("summary" in group for group in play.groups) == 1


def test_a_platform_that_fails_under_several_pipelines_is_one_case_and_its_root() -> None:
    play = Play("warehouse(service) > a(tier 2); warehouse > b(tier 2); warehouse > c(tier 2)")
    play.at(0, fails("a"), fails("b"))
    assert len(play.cases) == 1
    assert play.case.root == "warehouse", "their one parent, though it is silent"
    play.at(5, fires("warehouse", "refuses connections"), fails("c"))
    assert play.groups == [{"a", "b", "c", "warehouse"}]
    assert play.case.root == "warehouse"


def test_returning_at_once_it_is_the_same_trouble_and_long_after_another() -> None:
    again = SAME_AGAIN.total_seconds() / 60
    play = Play(CATALOG)
    play.at(0, fires("orders"))
    play.at(1, resolves("orders"))
    play.at(again - 5, fires("orders"))
    assert [one.bouts for one in play.triage.troubles] == [2]
    play.at(again - 4, resolves("orders"))
    play.at(again * 3, fires("orders"))
    assert [one.bouts for one in play.triage.troubles] == [2, 1]


def test_all_clears_that_are_repeated_do_not_keep_it_fresh() -> None:
    again = SAME_AGAIN.total_seconds() / 60
    play = Play(CATALOG)
    play.at(0, fires("orders"))
    for at in range(1, 20):
        play.at(at * again / 2, resolves("orders"))
    play.at(10 * again, fires("orders"))
    assert [one.bouts for one in play.triage.troubles] == [1, 1]


def test_the_case_it_lies_in_takes_it_back_the_same_day() -> None:
    play = Play(CATALOG)
    play.at(0, fails("load"))
    play.at(60, succeeds("load"))
    play.at(240, fails("load"))
    assert len(play.cases) == 1


def test_announced_work_is_information_and_opens_no_case() -> None:
    play = Play(CATALOG)
    play.at(0, says("planned: load is upgraded 06:30-07:30"))
    serial = play.at(40, fires("load", "is down", "critical"))
    told = play.outcome(serial)
    assert (told.verdict, told.reason, told.case) == (V.INFO, "announced work", None)
    play.at(80, resolves("load"))
    assert play.outcome(serial).verdict is V.INFO
    assert play.cases == []


def test_it_excuses_what_had_begun_before_it_was_announced() -> None:
    play = Play(CATALOG)
    serial = play.at(0, fires("orders", "is down", "critical"))
    play.at(30)
    assert len(play.cases) == 1
    play.at(31, says("orders is migrated, planned 06:00-07:30"))
    assert play.cases == []
    assert play.outcome(serial).verdict is V.INFO


def test_it_does_not_excuse_what_outlasts_it() -> None:
    play = Play(CATALOG)
    play.at(0, says("planned: load is upgraded 06:10-06:40"))
    serial = play.at(15, fires("load", "is down", "critical"))
    play.at(60 * 8, fires("load", "is still down", "critical"))
    assert play.outcome(serial).verdict is V.INCIDENT


def test_what_is_not_production_stays_apart_whatever_lies_around_it() -> None:
    play = Play(CATALOG)
    play.at(0, fails("load"))
    serial = play.at(1, fires("orders", "is down", "critical", labels={"env": "staging"}))
    assert (play.outcome(serial).verdict, play.outcome(serial).case) == (V.NOISE, None)
    assert play.groups == [{"load"}]


def test_a_good_run_tells_how_long_the_next_one_takes() -> None:
    play = Play("load(job) > board(dashboard, tier 1, due 09:00)")
    play.at(0, retries("load"))
    play.at(50, succeeds("load", 2, took=3000))
    assert play.outcome(play.at(140, retries("load"))).verdict is V.INCIDENT, "50 minutes of 40"


def test_a_good_run_and_an_all_clear_for_nothing_are_information() -> None:
    play = Play(CATALOG)
    assert play.outcome(play.at(0, succeeds("load"))).verdict is V.INFO
    assert play.outcome(play.at(1, resolves("orders"))).verdict is V.INFO
    assert play.outcome(play.at(2, succeeds("load", 2))).verdict is V.RETRY, "the tries before it were never seen"
    assert play.triage.troubles == []


def test_the_next_good_run_is_no_part_of_the_retry_before_it() -> None:
    play = Play(CATALOG)
    play.at(0, retries("load"))
    assert play.outcome(play.at(5, succeeds("load", 2))).verdict is V.RETRY
    assert play.outcome(play.at(20, succeeds("load"))).verdict is V.INFO


def test_runs_that_are_alike_in_words_alone_stay_apart() -> None:
    play = Play()
    play.at(0, fails("export invoices north"))
    play.at(1, fails("export invoices south"))
    play.at(60)
    assert len(play.cases) == 2


def test_alarms_that_are_alike_in_words_are_one_where_there_is_no_catalog() -> None:
    play = Play()
    play.at(0, fires("ingress", "token endpoint rejects clients"))
    play.at(1, fires("gateway", "token endpoint rejects clients"))
    assert play.groups == [{"ingress", "gateway"}]


def test_words_that_many_keys_have_used_on_other_days_tie_nothing() -> None:
    play = Play()
    for day in range(COMMON + 1):
        play.at(day * 1440, fires(f"host{day}", "replica lags on volume"))
        play.at(day * 1440 + 30, resolves(f"host{day}"))
    serials = [play.at(7 * 1440, fires(name, "replica lags on volume")) for name in ("ingress", "gateway")]
    assert len({play.outcome(serial).case for serial in serials}) == 2


def test_what_the_catalog_does_not_know_joins_the_only_case_that_speaks_of_the_same() -> None:
    play = Play(CATALOG)
    play.at(0, wrong("orders", "partition skewed"))
    assert play.outcome(play.at(1, fires("etl-node-7", "partition lost"))).case == play.case.number
    assert play.outcome(play.at(2, fires("printer", "paper is out"))).case is None


def test_a_change_is_no_trouble() -> None:
    play = Play(CATALOG)
    serial = play.at(0, signal("ci", "load", S.FIRING, "release v812 failed checks", Kind.CHANGE))
    assert play.triage.trouble_of(serial) is None
    assert play.outcome(serial).verdict is V.INFO


def test_two_symptoms_along_one_lineage_are_no_accident() -> None:
    play = Play(CATALOG)
    play.at(0, fires("orders", "answers slowly"))
    assert play.cases == []
    play.at(1, fires("mart", "has a full disk"))
    assert play.groups == [{"orders", "mart"}]


def test_what_the_catalog_does_not_know_joins_a_storm() -> None:
    names = [f"t{n}" for n in range(12)]
    play = Play(";".join(f"warehouse > {name}(tier 1)" for name in names))
    play.at(0, *(fails(name) for name in names))
    serial = play.at(2, fires("node-17", "kernel panic", "critical"))
    assert play.outcome(serial).case == play.case.number


def test_it_tells_when_time_alone_will_change_something() -> None:
    play = Play(CATALOG)
    assert play.triage.next_at() is None
    play.at(0, fires("orders", word="critical"))
    first = play.triage.next_at()
    assert first is not None
    assert minute(0) < first <= minute(BLIP.total_seconds() / 60)
    play.at((first - minute(0)).total_seconds() / 60)
    assert play.case.root == "orders"
    assert play.triage.next_at() == minute(180), "the board's deadline"
    play.at(700)
    assert play.triage.next_at() is None


def test_a_root_that_missed_its_own_deadline_is_not_looked_at_for_ever() -> None:
    play = Play("load(job) > board(dashboard, tier 1, due 09:00)")
    play.at(100, wrong("board"))
    play.at(200)
    after = play.triage.next_at()
    assert after is None or after > play.now
