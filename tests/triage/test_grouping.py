"""What belongs together: by key, node and lineage, and by words only where the catalog is silent."""

from datetime import timedelta

import pytest

from tests.triage.platform import began, case_of, fails, fires, minute, platform, resolves, wrong
from tui.model.signal import Signal
from tui.triage.grouping import (
    ALIKE_WITHIN,
    HEALED_AFTER,
    NEAR_AFTER,
    SAME_AFTER,
    SIBLINGS_WITHIN,
    UPSTREAM_STEPS,
    UPSTREAM_WITHIN,
    Bond,
    bond,
)
from tui.triage.places import Places
from tui.triage.trouble import take

PLACES = Places(platform("a > b > c > d > e > f > g; hub > left; hub > right; alone > board; f > board"))
LITTLE = timedelta(minutes=1)


def tie(newer: Signal, older: Signal, after: timedelta = LITTLE, over: bool = False) -> Bond | None:
    """What ties a signal to the case of an older one, so long after it began (`over`: and ended at once)."""
    first = began(older, PLACES)
    if over:
        take(first, resolves(str(older.subject)), minute(0))
    at = after / LITTLE
    return bond(began(newer, PLACES, at, number=1), case_of(first), PLACES, minute(at))


def tied(newer: Signal, older: Signal) -> Bond:
    """The same where they are known to be tied."""
    found = tie(newer, older)
    assert found is not None
    return found


@pytest.mark.parametrize("below", ["b", "d", "g"])
def test_what_is_made_from_it_joins_at_any_depth_and_any_age(below: str) -> None:
    assert tie(fires(below), fires("a"), 5 * UPSTREAM_WITHIN) is not None


def test_what_it_is_made_from_joins_a_few_steps_up() -> None:
    letters = "gfedcba"
    assert tie(fires(letters[UPSTREAM_STEPS]), fires("g")) is not None
    assert tie(fires(letters[UPSTREAM_STEPS + 1]), fires("g")) is None


def test_and_only_while_the_case_is_young() -> None:
    assert tie(fires("f"), fires("g"), UPSTREAM_WITHIN - LITTLE) is not None
    assert tie(fires("f"), fires("g"), UPSTREAM_WITHIN + LITTLE) is None


def test_siblings_join_while_both_are_fresh() -> None:
    assert tie(fires("right"), fires("left"), SIBLINGS_WITHIN - LITTLE) is not None
    assert tie(fires("right"), fires("left"), SIBLINGS_WITHIN + LITTLE) is None


def test_what_shares_a_consumer_alone_does_not() -> None:
    assert tie(fires("alone"), fires("f")) is None


def test_unrelated_lineage_never_joins_however_alike_in_words() -> None:
    assert tie(fires("alone", "disk of worker full"), fires("a", "disk of worker full")) is None


def test_the_nearer_the_stronger_and_the_same_strongest() -> None:
    same, node = tied(fires("a"), fires("a")), tied(wrong("a"), fires("a"))
    next_to, far = tied(fires("b"), fires("a")), tied(fires("d"), fires("a"))
    above, beside = tied(fires("a"), fires("b")), tied(fires("right"), fires("left"))
    assert same.strength > node.strength >= next_to.strength > far.strength > beside.strength
    assert next_to.strength > above.strength
    assert (above.upstream, next_to.upstream) == (True, False)


def test_what_is_over_takes_its_own_back_for_longer_than_its_neighbours() -> None:
    assert tie(fires("a"), fires("a"), SAME_AFTER - LITTLE, over=True) is not None
    assert tie(fires("a"), fires("a"), SAME_AFTER + LITTLE, over=True) is None
    assert tie(fires("b"), fires("a"), NEAR_AFTER - LITTLE, over=True) is not None
    assert tie(fires("b"), fires("a"), NEAR_AFTER + LITTLE, over=True) is None


def test_alike_in_words_where_the_catalog_is_silent_and_soon() -> None:
    one, other = fires("x1", "token endpoint rejects clients"), fires("x2", "token endpoint rejects partners")
    assert "token" in tied(other, one).why
    assert tie(other, one, ALIKE_WITHIN + LITTLE) is None
    assert tie(fires("x2", "token printer jammed"), one) is None, "one word is no likeness"


def test_words_that_everybody_uses_tie_nothing() -> None:
    one, other = began(fires("x1", "token endpoint"), PLACES), began(fires("x2", "token endpoint"), PLACES, number=1)
    common = {"token", "endpoint", "does", "not"}
    assert bond(other, case_of(one), PLACES, minute(0), common) is None


def test_every_tie_says_why() -> None:
    for pair in (("a", "a"), ("b", "a"), ("a", "b"), ("right", "left")):
        assert tied(fires(pair[0]), fires(pair[1])).why


def test_a_warning_is_no_sibling() -> None:
    assert tie(fires("right", word="warning"), fires("left")) is None
    assert tie(fires("b", word="warning"), fires("a")) is not None, "below it is an effect all the same"


def test_a_task_and_the_run_it_is_part_of_are_one() -> None:
    assert tied(fails("nightly"), fails("nightly.load")).strength >= 3
    assert tied(fails("nightly.load"), fails("nightly")).strength >= 3
    assert tie(fails("nightly_two"), fails("nightly.load")) is None
    assert tie(fails("nightly"), fails("nightly.load"), NEAR_AFTER + LITTLE, over=True) is None


def test_data_wrong_anew_long_after_all_above_was_well_are_another_matter() -> None:
    first = began(fires("a"), PLACES)
    case = case_of(first, began(fires("b"), PLACES, number=1))
    take(first, resolves("a"), minute(1))
    case.healed_at = minute(1)
    soon, late = minute(30), minute(1) + HEALED_AFTER + LITTLE
    assert bond(began(wrong("c"), PLACES, 30, number=2), case, PLACES, soon) is not None
    later = (late - minute(0)) / LITTLE
    assert bond(began(wrong("c"), PLACES, later, number=2), case, PLACES, late) is None
    assert bond(began(fires("c"), PLACES, later, number=2), case, PLACES, late) is not None, "late is still its effect"
