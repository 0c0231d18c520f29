"""Announced work: what it covers, and for how long."""

import msgspec
import pytest

from tests.triage.platform import began, fires, minute, platform, says, signal
from tui.model.signal import SignalStatus
from tui.triage.places import Places
from tui.triage.planned import GRACE, works_of

PLACES = Places(platform("warehouse > orders > board; billing"))


@pytest.mark.parametrize(
    "text",
    [
        "warehouse maintenance 07:00-08:00",
        "warehouse: maintenance from 7:00 to 8:00 UTC",
        "Wartung warehouse 07:00 bis 08:00",
        "warehouse 07h00 à 08h00",
    ],
)
def test_a_text_that_names_a_window(text: str) -> None:
    works = works_of(says(text), minute(0))
    assert works is not None
    assert (works.begins, works.ends) == (minute(60), minute(120))


def test_labels_tell_it_too() -> None:
    labels = {"start": "2026-11-24T07:00:00+00:00", "end": "2026-11-24T08:00:00"}
    works = works_of(signal("cal", "warehouse", SignalStatus.INFO, "maintenance", labels=labels), minute(0))
    assert works is not None
    assert (works.begins, works.ends) == (minute(60), minute(120))


def test_past_midnight_and_tomorrow() -> None:
    night = works_of(says("warehouse 23:00-01:00"), minute(0))
    assert night is not None
    assert (night.begins, night.ends) == (minute(17 * 60), minute(19 * 60))
    early = works_of(says("warehouse 01:00-02:00"), minute(12 * 60))
    assert early is not None
    assert early.begins == minute(19 * 60), "asked at 18:00 it is tomorrow's"


@pytest.mark.parametrize("text", ["warehouse is down", "see you at 07:00", "25:00-26:00", "build 1.2.3-4.5.6"])
def test_what_announces_nothing(text: str) -> None:
    assert works_of(says(text), minute(0)) is None


def test_what_fires_announces_nothing() -> None:
    assert works_of(fires("warehouse", "down 07:00-08:00"), minute(0)) is None
    backwards = msgspec.structs.replace(says("warehouse"), starts=minute(60), ended_at=minute(0))
    assert works_of(backwards, minute(0)) is None


def test_it_covers_what_it_names_and_what_hangs_on_it_while_it_lasts() -> None:
    works = works_of(says("warehouse maintenance 07:00-08:00"), minute(0))
    assert works is not None

    def covers(subject: str, at: float) -> bool:
        return works.cover(began(fires(subject), PLACES, at), PLACES, minute(at))

    assert covers("warehouse", 70)
    assert covers("board", 70), "made from what is named"
    assert not covers("billing", 70), "it was not named"
    assert not covers("warehouse", 30), "it was before"
    assert not covers("warehouse", 121 + GRACE.total_seconds() / 60), "it was after"


def test_it_does_not_excuse_for_ever() -> None:
    works = works_of(says("warehouse maintenance 07:00-08:00"), minute(0))
    assert works is not None
    trouble = began(fires("warehouse"), PLACES, 70)
    assert not works.cover(trouble, PLACES, minute(120 + 8 * GRACE.total_seconds() / 60))


def test_without_a_catalog_the_subject_tells() -> None:
    works = works_of(says("maintenance of the cluster 07:00-08:00"), minute(0))
    assert works is not None
    nowhere = Places(platform(""))
    assert works.cover(began(fires("cluster nodes"), nowhere, 70), nowhere, minute(70))
    assert not works.cover(began(fires("billing"), nowhere, 70), nowhere, minute(70))


def test_an_interval_of_two_moments() -> None:
    works = works_of(says("CR-7 upgrade: 2026-11-24T07:00:00Z/2026-11-24T08:00:00Z approved"), minute(0))
    assert works is not None
    assert (works.begins, works.ends) == (minute(60), minute(120))


def test_it_covers_what_carries_a_name_of_it_in_a_label() -> None:
    works = works_of(says("substation Rosenau, transformer 2: off 07:00-08:00"), minute(0))
    assert works is not None
    there = began(fires("feeder 34", labels={"substation": "rosenau"}), PLACES, 65)
    elsewhere = began(fires("feeder 35", labels={"substation": "lindenau"}), PLACES, 65)
    assert works.cover(there, PLACES, minute(65))
    assert not works.cover(elsewhere, PLACES, minute(65))
