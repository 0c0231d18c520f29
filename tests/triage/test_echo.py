"""What the catalog does not know: which case it is part of all the same."""

import msgspec

from tests.triage.platform import Play, fails, fires, retries, says, signal, wrong
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe
from tui.triage.echo import STORM

PIPES = "; ".join(f"store > job_{n} > table_{n}" for n in range(STORM))
LABS = "load > stg_samples > results(report, tier 1, due 12:00); billing > invoices(report, tier 3)"


def storm(play: Play) -> None:
    play.at(0, fires("store", "refuses connections", "critical"))
    play.at(1, *(fails(f"job_{n}") for n in range(STORM)))


def told_by(tool: str, told: Signal) -> Signal:
    return msgspec.structs.replace(told, format=tool)


def reported(text: str) -> Signal:
    return signal("desk", "complaint", SignalStatus.FIRING, text, labels={"from": "a customer"})


def test_a_job_that_fails_in_a_storm_is_part_of_it_though_nobody_wrote_it_down() -> None:
    play = Play(PIPES)
    storm(play)
    play.at(2, fails("forgotten_job"))
    assert "forgotten_job" in play.groups[0]
    assert len(play.cases) == 1


def test_one_that_began_in_the_storm_and_was_tried_until_it_was_long_over_too() -> None:
    play = Play(PIPES)
    storm(play)
    play.at(2, retries("forgotten_job"))
    play.at(90, fails("forgotten_job"))
    assert len(play.cases) == 1
    play.at(91, fails("another_job"))
    assert len(play.cases) == 2, "that one began when all was calm"


def test_of_two_storms_nobody_can_tell() -> None:
    other = "; ".join(f"lake > pull_{n}" for n in range(STORM))
    play = Play(f"{PIPES}; {other}")
    storm(play)
    play.at(1, fires("lake", "is gone", "critical"), *(fails(f"pull_{n}") for n in range(STORM)))
    play.at(2, fails("forgotten_job"))
    assert [group for group in play.groups if "forgotten_job" in group] == [{"forgotten_job"}]


def test_the_run_of_a_tool_whose_checks_failed_a_moment_ago_is_part_of_what_they_found() -> None:
    play = Play(LABS)
    play.at(0, told_by("dbt", wrong("stg_samples")))
    play.at(1, fails("dbt-nightly/prod"))
    assert play.groups == [{"stg_samples", "dbt-nightly/prod"}]
    play.at(40, fails("dbt-weekly/prod"))
    assert len(play.cases) == 2, "half an hour later it has a reason of its own"


def test_another_tools_run_is_not() -> None:
    play = Play(LABS)
    play.at(0, told_by("soda", wrong("stg_samples")))
    play.at(1, fails("dbt-nightly/prod"))
    assert len(play.cases) == 2


def test_what_somebody_reports_belongs_to_the_only_open_case_or_to_the_gravest() -> None:
    play = Play(LABS)
    play.at(0, fails("load"))
    play.at(5, reported("nothing arrived since six"))
    assert play.groups == [{"load", "complaint"}]
    play = Play(LABS)
    play.at(0, fails("billing"), fails("load"))
    assert len(play.cases) == 2
    play.at(5, reported("nothing arrived since six"))
    assert {"load", "complaint"} in play.groups


def test_but_not_to_either_of_two_that_are_alike_grave() -> None:
    play = Play("one > first(tier 3); two > second(tier 3)")
    play.at(0, fails("one"), fails("two"))
    play.at(5, reported("nothing arrived since six"))
    assert all("complaint" not in group for group in play.groups)


def test_what_the_catalog_knows_is_never_an_echo() -> None:
    play = Play(PIPES + "; elsewhere > far(tier 1, due 09:00)")
    storm(play)
    play.at(2, fails("elsewhere"))
    assert {Safe("elsewhere")} in play.groups


def test_a_message_alone_opens_nothing() -> None:
    play = Play(LABS)
    play.at(0, says("is anything wrong?"), signal("ci", "load", SignalStatus.INFO, "deploy", Kind.CHANGE))
    assert play.cases == []
