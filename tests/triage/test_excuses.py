"""Maintenance windows and mutes in triage: what they excuse, until when, and what then becomes of it."""

import pytest

from tests.triage.platform import Play, S, fails, fires, minute, resolves, retries, signal, succeeds, wrong
from tui.model.alert import Verdict
from tui.model.severity import Severity
from tui.model.signal import Signal
from tui.model.text import Safe, clean
from tui.triage.engine import Outcome
from tui.triage.rules import Match, Mute, Rules, Window

V = Verdict
CATALOG = """
load(job, usual 30) > orders(dataset, aka wh.orders_v2) > mart(dataset) > board(dashboard, tier 1, due 09:00)
meters(job) > usage(dataset) > billing(report, tier 1, due 10:00)
"""


def upgrade(*touches: str, begins: float = 30, ends: float = 90) -> Rules:
    """Maintenance from one minute to another."""
    names = tuple(map(clean, touches))
    return Rules(maintenance=(Window(name=Safe("upgrade"), touches=names, begins=minute(begins), ends=minute(ends)),))


def host_down(subject: str = "db1", **labels: str) -> Signal:
    return signal("node", subject, S.FIRING, "host is down", word="critical", labels=labels)


def host_up(subject: str = "db1") -> Signal:
    return signal("node", subject, S.RESOLVED, "host is up")


def muting(equal: tuple[str, ...] | None = None, mutes: Match | None = None) -> Rules:
    """A host that is down mutes what a monitor says."""
    what = mutes or Match(source=Safe("monitor"))
    return Rules(mute=(Mute(when=Match(title=Safe("host is down")), mutes=what, equal=equal),))


def told(play: Play, subject: str) -> tuple[Verdict, str]:
    one = play.trouble(subject)
    return one.verdict, one.reason


def hold(one: Signal) -> int:
    """After how many minutes a person is needed for what goes on, without any rule."""
    play = Play(CATALOG)
    serial, at = play.at(0, one), 0
    while play.outcome(serial).verdict is not V.INCIDENT:
        at += 1
        play.at(at)
    assert at > 1
    return at


# Maintenance.


def test_what_a_window_touches_is_information_until_it_ends() -> None:
    play = Play(CATALOG, upgrade("load"))
    play.at(40, fails("load"), fires("mart", "is stale", "critical"), fires("usage", "is down", "critical"))
    assert told(play, "load") == (V.INFO, "maintenance: upgrade until 07:30Z")
    assert told(play, "mart") == (V.INFO, "maintenance: upgrade until 07:30Z"), "it is made from what is touched"
    play.at(89)
    assert play.groups == [{"usage"}], "beside it nothing is excused"


def test_what_outlasts_it_is_looked_at_anew_with_its_hold_from_then() -> None:
    play = Play(CATALOG, upgrade("load"))
    play.at(40, fails("load"), fires("billing", "is slow", "critical"), fires("mart", "is down", "critical"))
    play.at(89)
    assert play.groups == [{"billing"}]
    play.at(90)
    assert told(play, "load")[0] is V.INCIDENT, "it failed and is not tried again: nobody need wait"
    play = Play(CATALOG, upgrade("orders"))
    down = fires("mart", "is down", "critical")
    play.at(40, down)
    play.at(90 + hold(down) - 1)
    assert told(play, "mart") == (V.NOISE, "goes on; it may pass by itself")
    play.at(90 + hold(down))
    assert told(play, "mart")[0] is V.INCIDENT


def test_what_is_over_before_its_end_was_the_work() -> None:
    play = Play(CATALOG, upgrade("mart"))
    play.at(40, fires("mart", "is down", "critical"))
    play.at(60, resolves("mart"))
    play.at(200)
    assert (told(play, "mart"), play.cases) == ((V.INFO, "maintenance: upgrade until 07:30Z"), [])


def test_what_needed_a_person_before_it_goes_on_needing_one() -> None:
    play = Play(CATALOG, upgrade("load", "mart"))
    play.at(10, fails("load"))
    down = fires("mart", "is down", "critical")
    play.at(40, fails("load"), down)
    assert told(play, "load")[0] is V.INCIDENT
    assert told(play, "mart")[0] is V.INFO, "what begins within it joins nothing"
    play.at(90 + hold(down))
    assert play.groups == [{"load", "mart"}]


def test_what_was_only_held_when_it_began_is_excused() -> None:
    play = Play(CATALOG, upgrade("mart"))
    play.at(28, fires("mart", "is down", "critical"))
    assert told(play, "mart")[0] is V.NOISE
    play.at(60)
    assert told(play, "mart")[0] is V.INFO


@pytest.mark.parametrize(
    ("touches", "hit"),
    [
        ("orders", True),
        ("WH.ORDERS_V2", True),
        ("wh/*", True),
        ("ord*", True),
        ("monitor", True),
        ("mon*", True),
        ("mart", False),
        ("order", False),
        ("usage", False),
    ],
)
def test_names_subjects_and_sources(touches: str, hit: bool) -> None:
    play = Play(CATALOG, upgrade(touches))
    play.at(40, fires("orders", "is down", "critical"))
    assert (told(play, "orders")[0] is V.INFO) is hit


def test_without_a_catalog_the_subject_tells() -> None:
    play = Play("", upgrade("billing nightly"))
    play.at(40, fires("billing-nightly"), fires("other"))
    assert [told(play, name)[0] for name in ("billing-nightly", "other")] == [V.INFO, V.INCIDENT]


def test_of_two_windows_the_later_end_counts() -> None:
    one, two = upgrade("mart").maintenance[0], upgrade("*", begins=80, ends=130).maintenance[0]
    play = Play(CATALOG, Rules(maintenance=(one, two)))
    play.at(40, fires("mart", "is down", "critical"))
    play.at(100)
    assert told(play, "mart") == (V.INFO, "maintenance: upgrade until 08:10Z")
    play.at(140)
    assert told(play, "mart")[0] is V.INCIDENT


def test_a_retry_in_it_is_excused_and_one_after_it_is_a_retry() -> None:
    play = Play(CATALOG, upgrade("load"))
    play.at(40, retries("load"))
    assert told(play, "load")[0] is V.INFO
    play.at(60, succeeds("load", 2))
    play.at(200, retries("load"))
    assert told(play, "load")[0] in (V.RETRY, V.INCIDENT)


# Mutes.


def test_while_one_fires_the_other_is_noise_and_no_case() -> None:
    play = Play("", muting())
    play.at(0, host_down("db1"))
    play.at(1, fires("db1"), fires("db2"))
    assert told(play, "db2")[0] is V.INCIDENT, "it speaks of something else"
    (muted,) = [one for one in play.triage.troubles if one.muted_by is not None]
    assert (muted.verdict, muted.reason) == (V.NOISE, "muted by db1: host is down while it fires")
    assert [{one.key for one in case.members.values()} for case in play.cases] == [{"node:db1"}, {"monitor:db2"}]


def test_when_it_clears_what_goes_on_is_judged_anew_with_its_hold_from_then() -> None:
    play = Play(CATALOG, muting())
    play.at(0, host_down("orders"))
    silent = fires("orders", "does not answer", "critical")
    serial = play.at(1, silent)
    assert play.trouble("orders").muted_by == 0
    play.at(60, host_up("orders"))
    assert play.outcome(serial) == Outcome(verdict=V.NOISE, reason=Safe("goes on; it may pass by itself"))
    assert (play.trouble("orders").muted_by, play.trouble("orders").since) == (None, minute(60))
    play.at(60 + hold(silent) - 1)
    assert play.outcome(serial).verdict is V.NOISE
    play.at(60 + hold(silent))
    assert play.outcome(serial).verdict is V.INCIDENT


def test_what_clears_while_it_is_muted_was_noise() -> None:
    play = Play("", muting())
    play.at(0, host_down(), fires("db1"))
    play.at(5, resolves("db1"))
    play.at(9, host_up())
    assert (play.trouble("db1").verdict, play.trouble("db1").reason) == (
        V.NOISE,
        "over; it was muted by db1: host is down",
    )


def test_what_was_proposed_a_moment_before_its_cause_goes() -> None:
    play = Play("", muting())
    play.at(0, fires("db1"))
    assert len(play.cases) == 1
    play.at(1, host_down())
    assert [{one.key for one in case.members.values()} for case in play.cases] == [{"node:db1"}]
    play.at(30, host_up())
    assert any("monitor:db1" in case.by_key for case in play.cases), "it still fires: a person is needed again"


def test_a_cause_that_needs_nobody_itself_mutes_all_the_same() -> None:
    play = Play("", muting())
    play.at(0, host_down("db1", env="staging"), fires("db1"))
    assert [one.verdict for one in play.triage.troubles] == [V.NOISE, V.NOISE]
    rules = Rules(mute=muting().mute, maintenance=upgrade("node", begins=0).maintenance)
    play = Play("", rules)
    play.at(1, host_down(), fires("db1"))
    assert [one.verdict for one in play.triage.troubles] == [V.INFO, V.NOISE]


def test_a_job_that_is_tried_again_does_not_fire_and_mutes_nothing() -> None:
    rules = Rules(mute=(Mute(when=Match(source=Safe("scheduler")), mutes=Match(source=Safe("checks"))),))
    play = Play(CATALOG, rules)
    play.at(0, retries("orders"), wrong("orders"))
    assert play.triage.troubles[1].verdict is V.INCIDENT
    play.at(1, fails("orders"))
    assert play.triage.troubles[1].muted_by == 0, "now it fires"


def test_labels_that_must_be_equal() -> None:
    play = Play("", muting(equal=("rack", "room")))
    play.at(0, host_down("db1", rack="r1", room="a"))
    here, there = {"rack": "r1", "room": "a"}, {"rack": "r2", "room": "a"}
    play.at(1, fires("p", labels=here), fires("q", labels=there), fires("r", labels={"rack": "r1"}), fires("s"))
    assert [play.trouble(name).muted_by for name in "pqrs"] == [0, None, None, None], "what has no such label is not"


def test_nothing_need_be_equal_where_the_team_says_so() -> None:
    play = Play("", muting(equal=()))
    play.at(0, host_down("db1"), fires("far away"))
    assert play.trouble("far away").muted_by == 0


def test_the_same_node_under_another_name() -> None:
    play = Play(CATALOG, muting())
    play.at(0, host_down("wh.orders_v2"), fires("orders"))
    assert play.trouble("orders").muted_by == 0


def test_two_of_a_kind_do_not_mute_each_other() -> None:
    anything = Match(subject=Safe("*"))
    play = Play("", Rules(mute=(Mute(when=anything, mutes=anything, equal=()),)))
    play.at(0, fires("a"), fires("b"))
    assert [one.muted_by for one in play.triage.troubles] == [None, None]


def test_of_two_causes_the_other_goes_on_muting() -> None:
    play = Play("", muting(equal=("host",)))
    labels = {"host": "h"}
    play.at(0, host_down("a", **labels), host_down("b", **labels), fires("x", labels=labels))
    play.at(5, host_up("a"))
    assert told(play, "x") == (V.NOISE, "muted by b: host is down while it fires")
    play.at(6, host_up("b"))
    assert play.trouble("x").muted_by is None


def test_it_mutes_again_when_it_fires_again() -> None:
    play = Play("", muting())
    play.at(0, host_down(), fires("db1"))
    play.at(5, host_up())
    assert play.trouble("db1").muted_by is None
    play.at(6, host_down())
    assert play.trouble("db1").muted_by == 0


def test_a_case_goes_on_without_what_is_muted() -> None:
    play = Play(CATALOG, Rules(mute=(Mute(when=Match(title=Safe("host is down")), mutes=Match(key=Safe("*:mart"))),)))
    play.at(0, fails("load"), fires("mart", "is down", "critical"))
    play.at(5)
    assert play.groups == [{"load", "mart"}]
    play.at(6, host_down("mart"))
    (case,) = play.cases
    assert {one.key for one in case.members.values()} == {"scheduler:load", "node:mart"}
    assert case.severity is Severity.SEV2


def test_without_a_cause_nothing_is_muted() -> None:
    play = Play("", muting())
    play.at(0, fires("db1"))
    play.at(1, host_up())
    assert told(play, "db1")[0] is V.INCIDENT
