"""The verdict on what lies in no case, and that it always has a reason."""

from itertools import product

import msgspec
import pytest

from tests.triage.platform import began, fails, fires, minute, platform, resolves, retries, succeeds
from tui.model.alert import Verdict
from tui.model.text import Safe
from tui.triage.places import Places
from tui.triage.trouble import Trouble, take
from tui.triage.verdicts import afterwards, meanwhile

PLACES = Places(platform("load > orders"))
V = Verdict


def over(trouble: Trouble, at: float = 5) -> tuple[Verdict, str]:
    take(trouble, succeeds("load", 2) if trouble.a_run else resolves("orders"), minute(at))
    return afterwards(trouble, minute(at))


def test_a_run_that_is_tried_again_is_a_retry() -> None:
    trouble = began(retries("load"), PLACES)
    assert meanwhile(trouble) is V.RETRY
    assert over(trouble) == (V.RETRY, "ran well on try 2 after 5m")


def test_what_came_and_went_is_flapping_and_tells_how_often() -> None:
    trouble = began(fires("orders"), PLACES)
    assert meanwhile(trouble) is V.NOISE
    assert over(trouble) == (V.FLAPPING, "came and went by itself in 5m")
    take(trouble, fires("orders"), minute(8))
    assert over(trouble, 10) == (V.FLAPPING, "came and went by itself in 2m, 2 times")


def test_not_production_is_noise_always() -> None:
    trouble = began(fires("orders", labels={"env": "staging"}), PLACES)
    assert meanwhile(trouble) is V.NOISE
    assert over(trouble) == (V.NOISE, "not production")
    job = began(msgspec.structs.replace(fails("load"), labels={"env": Safe("dev")}), PLACES)
    assert meanwhile(job) is V.NOISE
    assert over(job)[0] is V.NOISE


def test_announced_work_and_heartbeats_are_information() -> None:
    planned = msgspec.structs.replace(began(fires("orders"), PLACES), planned=True)
    assert meanwhile(planned) is V.INFO
    assert over(planned) == (V.INFO, "announced work")
    heart = began(fires("Watchdog"), PLACES)
    assert meanwhile(heart) is V.INFO
    assert over(heart) == (V.INFO, "a heartbeat")


def test_a_monitors_word_on_a_job_that_is_tried_again_goes_with_it() -> None:
    beside = msgspec.structs.replace(began(fires("load"), PLACES), beside_retry=True)
    assert meanwhile(beside) is V.RETRY
    assert over(beside) == (V.RETRY, "its job ran well after another try")


@pytest.mark.parametrize("flags", list(product([False, True], repeat=5)), ids=str)
def test_there_is_always_a_reason_and_never_an_incident(flags: tuple[bool, ...]) -> None:
    names = ("rehearsal", "heartbeat", "planned", "a_run", "beside_retry")
    trouble = msgspec.structs.replace(began(fires("orders"), PLACES), **dict(zip(names, flags, strict=True)))
    verdict, reason = afterwards(trouble, minute(5))
    assert reason
    assert V.INCIDENT not in (verdict, meanwhile(trouble))
