"""What time alone changes: snoozes end, alerts go quiet; nothing is written while nothing is due."""

from datetime import timedelta

from tests.collector.hand import Hand
from tests.support.scene import Scene
from tui.collector.clocks import due, tick
from tui.desk.alerts import snooze
from tui.model import events as ev
from tui.model.alert import AlertState, AlertStatus
from tui.model.ids import Ref

QUIET = timedelta(hours=6)


def run(hand: Hand) -> tuple[bool, int]:
    """Whether something was due, and how many events the tick wrote."""
    was_due = hand.store.read(lambda conn: due(conn, hand.now, QUIET))
    return was_due, hand.store.tx(lambda conn: tick(conn, hand.now, QUIET, 7))


def test_nothing_is_due_while_alerts_are_heard(hand: Hand) -> None:
    hand.send({"key": "a"})
    hand.later(hours=5)
    hand.send({"key": "a"})
    hand.later(hours=5)
    assert run(hand) == (False, 0)


def test_an_alert_that_stopped_arriving_goes_quiet_once(hand: Hand) -> None:
    hand.send([{"key": "a"}, {"key": "b", "status": "ok"}])
    heard = hand.now
    hand.later(hours=6, seconds=1)
    assert run(hand) == (True, 1)
    assert (hand.alert().status, hand.alert().still_fires) == (AlertStatus.QUIET, True)
    assert "no all-clear" in hand.entries()[-1].text
    body = hand.events()[-1].body
    assert isinstance(body, ev.WentQuiet)
    assert body.since == heard
    assert run(hand) == (False, 0)
    assert hand.is_whole()


def test_a_snooze_ends_when_its_time_has_come_in_the_incidents_timeline_too(scene: Scene, hand: Hand) -> None:
    hand.send({"key": "a", "severity": "critical"})
    incident = scene.declare(candidate=1)
    scene.do(snooze, (Ref("A", 1),), scene.now + timedelta(hours=1))
    assert hand.alert().state is AlertState.OFF
    hand.now = scene.now + timedelta(minutes=59)
    assert run(hand) == (False, 0)
    hand.later(minutes=1)
    assert run(hand) == (True, 1)
    assert (hand.alert().snoozed_until, hand.alert().state) == (None, AlertState.ACK)
    assert scene.timeline(incident)[-1].text == "snooze ended"


def test_many_at_once_are_written_in_parts(hand: Hand) -> None:
    hand.send([{"key": f"k{n}"} for n in range(450)])
    hand.later(hours=7)
    assert [run(hand) for _ in range(4)] == [(True, 200), (True, 200), (True, 50), (False, 0)]
