"""The severity a case proposes: consumers' tier and deadline first, the tool's own word last."""

import pytest

from tests.triage.platform import Play, fails, fires, succeeds, wrong
from tui.model.severity import Severity
from tui.model.signal import Signal

SEV1, SEV2, SEV3 = Severity
BOARD = "load(job) > orders(dataset) > publish(job) > board(dashboard, tier 1, due 09:00)"
LIVE = "payments(service, tier 1) > checkout(service, tier 1)"


def graded(catalog: str, *said: Signal, until: float = 60) -> tuple[Severity, tuple[str, ...]]:
    """The severity and reasons of the only case, after it went on for so many minutes."""
    play = Play(catalog)
    play.at(0, *said)
    play.at(until)
    return play.case.severity, play.case.reasons


def test_a_tier_1_consumer_that_will_miss_its_deadline_is_sev2() -> None:
    severity, reasons = graded(BOARD, fails("orders"))
    assert severity is SEV2
    assert "board (tier 1)" in reasons[0]


def test_and_one_that_missed_it_stays_sev2() -> None:
    severity, reasons = graded(BOARD, fails("orders"), until=300)
    assert severity is SEV2
    assert any("late" in reason for reason in reasons)


def test_nobody_committed_is_sev3_whatever_the_tool_says() -> None:
    severity, reasons = graded("load > scratch(dataset, tier 3)", wrong("scratch", word="critical"))
    assert severity is SEV3
    assert "no committed consumer is hit" in reasons[0]


def test_several_consumers_hit_are_sev2_without_any_tier() -> None:
    said = [fires(name, kind=wrong(name).kind, title="wrong rows") for name in ("a", "b", "c")]
    severity, _ = graded("hub > a; hub > b; hub > c", fails("hub"), *said)
    assert severity is SEV2


def test_decisions_in_real_time_are_sev1() -> None:
    severity, reasons = graded(LIVE, fires("payments", "answers with errors", "critical"))
    assert severity is SEV1
    assert "real time" in reasons[0]


def test_a_service_of_a_lower_tier_is_not() -> None:
    catalog = "payments(service, tier 2) > checkout(service, tier 2)"
    assert graded(catalog, fires("payments", "answers with errors", "critical"))[0] > SEV1


def test_one_that_feeds_a_daily_dashboard_is_not() -> None:
    catalog = "payments(service, tier 1) > orders(dataset) > board(dashboard, tier 1, due 09:00)"
    assert graded(catalog, fires("payments", "answers with errors", "critical"))[0] is SEV2


def test_wrong_data_served_to_a_tier_1_consumer_is_sev1() -> None:
    severity, reasons = graded(BOARD, wrong("orders"), until=200)
    assert severity is SEV1
    assert "served wrong data" in reasons[0]


def test_wrong_data_that_were_blocked_are_not_served() -> None:
    assert graded(BOARD, wrong("orders"), fails("publish"), until=200)[0] is SEV2


def test_late_data_are_not_wrong() -> None:
    assert graded(BOARD, wrong("orders", "is 5 hours old"), until=200)[0] is SEV2


@pytest.mark.parametrize(("word", "severity"), [("critical", SEV1), ("error", SEV2)])
def test_without_a_catalog_the_tools_word_counts_and_it_says_so(word: str, severity: Severity) -> None:
    found, reasons = graded("", fires("printer", word=word), until=0)
    assert found is severity
    assert reasons[0].startswith("unmapped")


def test_without_catalog_and_word_it_is_sev2() -> None:
    assert graded("", fires("printer", word=None), until=0)[0] is SEV2


def test_severity_never_falls_by_itself() -> None:
    play = Play(BOARD)
    play.at(0, fails("orders"))
    assert play.case.severity is SEV2, "the board was at risk"
    play.at(60, succeeds("orders"))
    assert play.case.risks == {}
    assert play.case.severity is SEV2


def test_three_live_services_of_the_first_tier_are_sev1() -> None:
    services = [f"stream > {name}(service, tier 1)" for name in ("prices", "arrivals", "safety")]
    severity, reasons = graded("; ".join(services), fails("stream"))
    assert severity is SEV1
    assert "3 tier-1 services" in reasons[0]
    assert graded("; ".join(services[:2]), fails("stream"))[0] is SEV2
