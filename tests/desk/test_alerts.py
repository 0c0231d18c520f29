"""Acknowledge, give up, snooze, wake, move: one alert, several, or a whole candidate."""

from datetime import timedelta

import pytest

from tests.support.scene import Scene
from tui.desk import alerts
from tui.errors import NotFoundError, RefusedError, UsageError
from tui.model.alert import AlertState
from tui.model.ids import Ref
from tui.model.severity import Severity
from tui.store import log


def head(scene: Scene) -> int:
    return scene.store.read(log.head)[0]


def test_acknowledging_an_alert(scene: Scene) -> None:
    number = scene.fire()
    done = scene.ack("A-1")
    alert = scene.alert(number)
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_at) == (AlertState.ACK, "li", scene.now)
    assert done.said == "acknowledged A-1 load_orders"
    assert done.changed == (Ref("A", 1),)
    assert done.seq == alert.seq == head(scene)


def test_who_came_first_keeps_it(scene: Scene) -> None:
    scene.fire()
    scene.ack("A-1")
    first = scene.alert(1).acknowledged_at
    scene.who = "bo"
    scene.wait(timedelta(minutes=2))
    done = scene.ack("A-1")
    assert done.said == "A-1 already acknowledged by li 2m ago"
    assert done.seq == 0
    assert (scene.alert(1).acknowledged_by, scene.alert(1).acknowledged_at) == ("li", first)


def test_a_root_stands_for_its_candidate_and_a_leaf_for_itself(scene: Scene) -> None:
    scene.candidate_of("root", "leaf", "other")
    scene.ack("A-2")
    assert scene.alert(2).acknowledged_by == "li"
    assert scene.candidate(1).acknowledged_at is None
    done = scene.ack("A-1")
    assert done.said == "acknowledged C-1, 3 alerts: root failed"
    assert scene.candidate(1).acknowledged_by == "li"
    assert [scene.alert(number).state for number in (1, 2, 3)] == [AlertState.ACK] * 3
    assert scene.ack("C-1").said == "C-1 already acknowledged by li 30s ago"


def test_what_joined_a_candidate_later_is_acknowledged_by_acknowledging_again(scene: Scene) -> None:
    scene.candidate_of("root")
    scene.ack("C-1")
    late = scene.fire("late")
    scene.propose(1, late, again=None)  # another candidate that shares the root
    assert scene.candidate(2).alerts == (1, late)
    scene.ack("C-2")
    assert scene.alert(late).acknowledged_by == "li"


def test_several_at_once_are_all_or_nothing(scene: Scene) -> None:
    scene.fire("a")
    before = head(scene)
    with pytest.raises(NotFoundError, match="there is no A-9"):
        scene.ack("A-1", "A-9")
    assert head(scene) == before
    assert scene.alert(1).state is AlertState.NEW
    scene.fire("b")
    done = scene.ack("A-1", "A-2")
    assert done.said == "acknowledged A-1 a; acknowledged A-2 b"
    assert done.changed == (Ref("A", 1), Ref("A", 2))


def test_giving_up_makes_it_wait_again(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    scene.ack("C-1")
    done = scene.do(alerts.unacknowledge, (Ref("C", 1),))
    assert done.said == "C-1 waits again"
    assert scene.candidate(1).acknowledged_at is None
    assert [scene.alert(number).state for number in (1, 2)] == [AlertState.NEW] * 2
    again = scene.do(alerts.unacknowledge, (Ref("C", 1),))
    assert (again.said, again.seq) == ("C-1 was not acknowledged", 0)
    scene.ack("A-2")
    assert scene.do(alerts.unacknowledge, (Ref("A", 2),)).said == "A-2 waits again"


def test_snoozing_hides_until_a_time_and_waking_ends_it(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    until = scene.now + timedelta(hours=2)
    done = scene.do(alerts.snooze, (Ref("C", 1),), until)
    assert done.said == f"snoozed C-1 until {until:%H:%M}Z"
    assert [(scene.alert(n).state, scene.alert(n).snoozed_until) for n in (1, 2)] == [(AlertState.OFF, until)] * 2
    assert scene.alert(1).still_fires
    assert scene.do(alerts.wake, (Ref("A", 1),)).said == "woke A-1"
    assert (scene.alert(1).state, scene.alert(2).state) == (AlertState.NEW, AlertState.OFF)
    assert scene.do(alerts.wake, (Ref("A", 1),)).seq == 0


def test_a_snooze_needs_an_end_ahead(scene: Scene) -> None:
    scene.fire()
    with pytest.raises(UsageError, match="a snooze needs an end ahead"):
        scene.do(alerts.snooze, (Ref("A", 1),), scene.now)


def test_moving_alerts_between_incidents_and_out(scene: Scene) -> None:
    free, inside = scene.fire("free"), scene.fire("inside")
    one, other = scene.declare(inside), scene.declare(title="other", severity=Severity.SEV2)
    done = scene.do(alerts.move, (free, inside), Ref("INC", other))
    assert done.said == "moved A-1, A-2 to INC-2"
    assert scene.incident(other).alerts == (free, inside)
    assert scene.incident(one).alerts == ()
    assert scene.alert(free).acknowledged_by == "li", "joining an incident acknowledges"
    assert scene.do(alerts.move, (free,), None).said == "moved A-1 out, on their own"
    assert scene.alert(free).incident is None


def test_moving_alerts_to_another_candidate(scene: Scene) -> None:
    scene.candidate_of("root", "leaf")
    other = scene.candidate_of("other")
    scene.do(alerts.move, (2,), Ref("C", other))
    assert (scene.candidate(1).alerts, scene.candidate(other).alerts) == ((1,), (3, 2))


def test_nothing_moves_into_what_is_over_or_not_there(scene: Scene) -> None:
    number = scene.fire()
    over = scene.declare(title="over", severity=Severity.SEV2)
    scene.resolve(over)
    with pytest.raises(RefusedError, match="INC-1 is over: alerts join open incidents only: sev reopen INC-1"):
        scene.do(alerts.move, (number,), Ref("INC", over))
    for target in (Ref("INC", 9), Ref("C", 9)):
        with pytest.raises(NotFoundError, match=f"there is no {target}"):
            scene.do(alerts.move, (number,), target)
    with pytest.raises(NotFoundError, match="there is no A-9"):
        scene.do(alerts.move, (9,), None)
