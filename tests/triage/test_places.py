"""Where in the catalog a signal happened: names first, then labels, then words."""

import pytest

from tests.triage.platform import fires, platform
from tui.model.signal import Kind
from tui.model.text import Safe
from tui.triage.places import Places

PLACES = Places(
    platform("""
    load_orders(job) > raw.orders(dataset) > mart.orders_daily(dataset) > sales-board(dashboard, tier 1)
    raw.orders > fraud_scores(model, aka svc/fraud-scoring, aka topic=scores.live)
    """)
)


@pytest.mark.parametrize(
    ("subject", "node"),
    [
        ("raw.orders", "raw.orders"),
        ('"RAW"."ORDERS"', "raw.orders"),
        ("svc/fraud-scoring", "fraud_scores"),
        ("fraud-scoring", "fraud_scores"),
        ("load_orders[7]", "load_orders"),
        ("warehouse.mart.orders_daily", "mart.orders_daily"),
        ("load_orders.extract_page", "load_orders"),
        ("orders_daily", "mart.orders_daily"),
        ("billing", None),
        ("", None),
    ],
)
def test_a_subject_leads_to_its_node(subject: str, node: str | None) -> None:
    assert PLACES.place_of(fires(subject)) == node


def test_a_label_tells_where_the_subject_does_not() -> None:
    assert PLACES.place_of(fires("alarm 17", labels={"table": "raw.orders"})) == "raw.orders"
    assert PLACES.place_of(fires("alarm 17", labels={"topic": "scores.live"})) == "fraud_scores"
    assert PLACES.place_of(fires("raw.orders", labels={"table": "mart.orders_daily"})) == "raw.orders", "subject first"


def test_a_label_of_the_surroundings_tells_nothing() -> None:
    assert PLACES.place_of(fires("alarm 17", labels={"team": "raw.orders", "env": "load_orders"})) is None


def test_a_title_that_names_one_tells_too() -> None:
    assert PLACES.place_of(fires("alarm 17", "nothing new in mart.orders_daily (since noon)")) == "mart.orders_daily"


def test_words_shared_with_two_nodes_alike_tell_nothing() -> None:
    assert PLACES.place_of(fires("orders feed")) is None


def test_one_word_tells_only_if_it_is_long_and_no_other_node_has_it() -> None:
    assert PLACES.place_of(fires("scores feed")) == "fraud_scores"
    assert PLACES.place_of(fires("load feed")) is None


def test_a_text_names_nodes_the_longest_name_first() -> None:
    said = PLACES.mentioned("Is raw.orders late, or is it mart.orders_daily? #sales-board")
    assert said[0] == "mart.orders_daily"
    assert set(said) == {"mart.orders_daily", "raw.orders", "sales-board"}
    assert PLACES.mentioned("all is well") == ()


def test_what_lies_around() -> None:
    assert PLACES.down(Safe("load_orders"))[Safe("sales-board")] == 3
    assert PLACES.up(Safe("sales-board"))[Safe("load_orders")] == 3
    assert PLACES.near(Safe("mart.orders_daily"), Safe("fraud_scores")), "both are made from raw.orders"
    assert not PLACES.near(Safe("sales-board"), Safe("fraud_scores"))


def test_of_what_it_does_not_know_it_says_nothing() -> None:
    unknown = PLACES.node(Safe("billing"))
    assert (unknown.name, unknown.tier, unknown.deadline) == ("billing", None, None)
    assert PLACES.down(Safe("billing")) == PLACES.up(Safe("billing")) == {}
    assert len(PLACES) == 5


@pytest.mark.parametrize(
    "subject", ["sales-board refreshed", "report sales-board", "SalesBoardStale", "sales-board: late"]
)
def test_a_subject_that_says_more_than_the_name_tells_too(subject: str) -> None:
    assert PLACES.place_of(fires(subject, kind=Kind.FAILED_JOB)) == "sales-board"


def test_what_was_probed_tells_where_it_is() -> None:
    vault = Places(platform("vendor(service, aka api.vendor.example) > pull"))
    assert vault.place_of(fires("ProbeFailed", labels={"target": "https://api.vendor.example/v3/ping"})) == "vendor"


def test_an_alias_may_name_its_type_first() -> None:
    assert Places(platform("receipts(job, aka service iap-parser)")).place_of(fires("iap-parser")) == "receipts"
