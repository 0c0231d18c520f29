"""What holds of triage whatever signals come in whatever order."""

from datetime import time, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triage.platform import (
    Play,
    S,
    fails,
    fires,
    minute,
    resolves,
    retries,
    right,
    says,
    signal,
    subjects,
    succeeds,
    wrong,
)
from tui.model.alert import Verdict
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal
from tui.model.text import Safe
from tui.triage.rules import NO_RULES, Match, Mute, Rules, Window

V = Verdict
CATALOG = """
load(job, usual 30) > orders(dataset) > mart(dataset) > board(dashboard, tier 1, due 09:00)
meters(job) > usage(dataset) > billing(report, tier 1, due 10:00)
mart > summary(report, tier 2, due 12:00); usage > summary
"""


@pytest.mark.parametrize("order", list(permutations(["load", "orders", "mart", "board"])), ids=" ".join)
def test_a_chain_that_fails_in_any_order_is_one_case_with_one_root(order: tuple[str, ...]) -> None:
    play = Play(CATALOG)
    for at, name in enumerate(order):
        play.at(at, fails(name))
    assert play.groups == [set(order)]
    assert (play.case.root, play.case.severity) == ("load", Severity.SEV2)


NODES = ("load", "orders", "mart", "board", "meters", "usage", "billing", "summary", "printer")
SAID = st.one_of(
    st.builds(
        fires,
        st.sampled_from(NODES),
        st.sampled_from(("does not answer", "is 3 hours behind", "paused, buffer full", "")),
        st.sampled_from((None, "critical", "error", "warning", "info")),
        st.sampled_from(Kind),
        st.sampled_from((None, {"env": "staging"}, {"table": "orders"})),
    ),
    st.builds(resolves, st.sampled_from(NODES)),
    st.builds(
        retries, st.sampled_from(NODES), st.integers(0, 4), st.integers(0, 4), st.sampled_from((None, "0:30:00"))
    ),
    st.builds(fails, st.sampled_from(NODES)),
    st.builds(succeeds, st.sampled_from(NODES), st.sampled_from((None, 1, 2)), st.sampled_from((None, 90.0, -1.0))),
    st.builds(wrong, st.sampled_from(NODES), word=st.sampled_from((None, "warning", "error"))),
    st.builds(right, st.sampled_from(NODES)),
    st.builds(says, st.sampled_from(("orders is odd", "planned: load 06:30-08:00", "what is going on?", ""))),
    st.builds(signal, st.just("m"), st.sampled_from(NODES), st.sampled_from(S), st.just("it"), st.sampled_from(Kind)),
)
NIGHT = st.lists(st.tuples(st.integers(0, 90), SAID), max_size=40)


RULES = Rules(
    maintenance=(
        Window(name=Safe("backup"), touches=(Safe("orders"),), at=time(7), lasting=timedelta(minutes=40)),
        Window(name=Safe("move"), touches=(Safe("check*"), Safe("billing")), begins=minute(30), ends=minute(300)),
    ),
    mute=(
        Mute(when=Match(source=Safe("scheduler")), mutes=Match(source=Safe("monitor"))),
        Mute(when=Match(subject=Safe("m*")), mutes=Match(subject=Safe("*")), equal=()),
        Mute(when=Match(subject=Safe("*")), mutes=Match(title=Safe("*behind*")), equal=("table",)),
    ),
)


def played(night: list[tuple[int, Signal]], catalog: str = CATALOG, rules: Rules = NO_RULES) -> tuple[Play, list[int]]:
    """A play of signals, each so many minutes after the one before it."""
    play, at, serials = Play(catalog, rules), 0, []
    for later, one in night:
        at += later
        serials.append(play.at(at, one))
    return play, serials


def told(play: Play) -> list[tuple[object, ...]]:
    """All that is told of the cases and troubles."""
    cases: list[tuple[object, ...]] = [
        (case.number, case.severity, case.reasons, case.root, tuple(case.members), case.hits, case.risks, case.began)
        for case in play.cases
    ]
    return cases + [
        (one.number, one.verdict, one.reason, one.case, one.began, one.ended) for one in play.triage.troubles
    ]


@given(NIGHT, st.sampled_from((CATALOG, "")), st.sampled_from((NO_RULES, RULES)))
def test_whatever_comes_in_whatever_order_all_is_told_and_consistent(
    night: list[tuple[int, Signal]], catalog: str, rules: Rules
) -> None:
    play, serials = played(night, catalog, rules)
    assert all(play.outcome(serial).reason for serial in serials)
    live = {case.number: case for case in play.cases}
    for trouble in play.triage.troubles:
        assert trouble.reason
        assert (trouble.verdict is V.INCIDENT) == (trouble.case is not None)
        assert trouble.case is None or trouble.number in live[trouble.case].members
    members = [number for case in live.values() for number in case.members]
    assert len(members) == len(set(members)), "nothing lies in two cases"
    for case in live.values():
        assert case.members
        assert case.reasons
        assert case.root
        assert not any(one.apart and one.rehearsal for one in case.members.values())
        assert not set(case.hits) & set(case.risks)
    assert not any(one.rehearsal and one.verdict is V.INCIDENT for one in play.triage.troubles)


@given(NIGHT, st.sampled_from((NO_RULES, RULES)))
def test_the_same_signals_give_the_same_state(night: list[tuple[int, Signal]], rules: Rules) -> None:
    assert told(played(night, rules=rules)[0]) == told(played(night, rules=rules)[0])


@given(NIGHT)
def test_what_is_muted_lies_in_no_case_and_what_mutes_it_fires(night: list[tuple[int, Signal]]) -> None:
    play, _ = played(night, rules=RULES)
    troubles = play.triage.troubles
    for one in troubles:
        if one.open and one.muted_by is not None:
            cause = troubles[one.muted_by]
            assert cause.open
            assert not cause.retrying
            assert (one.case, one.verdict) == (None, V.NOISE)
    for case in play.cases:
        assert all(member.muted_by is None for member in case.members.values() if member.open)


BAD = st.one_of(
    st.builds(fires, st.sampled_from(NODES[:8]), word=st.sampled_from(("critical", "error", "warning"))),
    st.builds(retries, st.sampled_from(NODES[:8])),
    st.builds(fails, st.sampled_from(NODES[:8])),
    st.builds(wrong, st.sampled_from(NODES[:8])),
)


@given(st.lists(BAD, min_size=1, max_size=8, unique_by=lambda one: one.key), st.data())
def test_shuffled_duplicates_of_one_status_change_nothing(once: list[Signal], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(once), max_size=12))
    plain, repeated = Play(CATALOG), Play(CATALOG)
    for at in (0, 1):
        plain.at(at, *(once if at == 0 else ()))
        repeated.at(at, *(once if at == 0 else again))
    for play in (plain, repeated):
        play.at(30)
        play.at(400)
    assert told(plain) == told(repeated)
    assert [subjects(case) for case in plain.cases] == repeated.groups
