"""Alerts and candidates as the log makes them: one story for each key, from its first signal to its end."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.scene import Scene
from tui.desk.alerts import snooze
from tui.errors import NotFoundError
from tui.model.alert import Alert, AlertState, AlertStatus, Verdict
from tui.model.severity import Severity
from tui.store import alerts
from tui.store.engine import Connection

SEV1, SEV2, SEV3 = Severity


def by_key(scene: Scene, key: str = "load_orders") -> Alert | None:
    return scene.store.read(lambda conn: alerts.alert_by_key(conn, f"am:{key}", scene.now))


def test_the_first_signal_opens_an_alert(scene: Scene) -> None:
    started = scene.now - timedelta(minutes=5)
    number = scene.fire(
        title="exit code 1\x1b[31m", severity=SEV2, started=started, labels={"team": "data", "env": "prod\n"}
    )
    alert = scene.alert(number)
    assert (alert.id, alert.key, alert.source, alert.subject) == (1, "am:load_orders", "am", "load_orders")
    assert (alert.title, alert.reason, alert.severity) == ("exit code 1␛", "the tool says error", SEV2)
    assert (alert.status, alert.state, alert.verdict) == (AlertStatus.FIRING, AlertState.NEW, Verdict.INCIDENT)
    assert (alert.count, alert.episode) == (1, 1)
    assert (alert.first_seen, alert.started_at, alert.trouble_at) == (scene.now, started, started)
    assert alert.labels == {"team": "data", "env": "prod"}
    assert (alert.acknowledged_by, alert.candidate, alert.incident) == (None, None, None)


def test_the_same_key_is_the_same_alert(scene: Scene) -> None:
    first = scene.fire()
    began = scene.alert(first).started_at
    assert scene.fire(title="another message") == first
    scene.repeat(first, 3)
    alert = scene.alert(first)
    assert (alert.count, alert.episode, alert.title) == (5, 1, "another message")
    assert alert.started_at == began
    assert alert.last_seen == scene.now


def test_an_all_clear_keeps_what_it_was_about(scene: Scene) -> None:
    number = scene.fire(title="exit code 1", labels={"team": "data"})
    scene.clear(number)
    alert = scene.alert(number)
    assert (alert.status, alert.state, alert.ended_at) == (AlertStatus.RESOLVED, AlertState.OK, scene.now)
    assert alert.labels == {"team": "data"}
    assert not alert.still_fires


def test_firing_anew_is_unseen_again(scene: Scene) -> None:
    number = scene.fire()
    scene.ack(f"A-{number}")
    scene.clear(number)
    assert scene.alert(number).acknowledged_by == "li"
    assert scene.fire() == number
    alert = scene.alert(number)
    assert (alert.episode, alert.state, alert.acknowledged_at, alert.ended_at) == (2, AlertState.NEW, None, None)
    assert alert.trouble_at == alert.started_at == scene.now


def test_what_is_acknowledged_stays_so_while_it_goes_on(scene: Scene) -> None:
    number = scene.fire()
    scene.ack(f"A-{number}")
    scene.fire()
    scene.repeat(number)
    assert scene.alert(number).state is AlertState.ACK


def test_trouble_that_cleared_keeps_the_severity_it_had(scene: Scene) -> None:
    number = scene.fire(severity=SEV1)
    scene.judge(number, Verdict.INCIDENT, None)
    assert scene.alert(number).severity is SEV1
    scene.judge(number, Verdict.RETRY, None)
    assert scene.alert(number).severity is None, "a retry that recovered needs nobody"


def test_the_newest_payload_that_spoke_of_it(scene: Scene) -> None:
    number = scene.fire()
    assert scene.store.read(lambda conn: alerts.payload_of(conn, number)) == ""
    assert scene.store.read(lambda conn: alerts.payload_of(conn, 99)) == ""


def test_quiet_is_not_recovered(scene: Scene) -> None:
    number = scene.fire()
    scene.quiet(number)
    alert = scene.alert(number)
    assert (alert.status, alert.state, alert.still_fires) == (AlertStatus.QUIET, AlertState.QUIET, True)
    assert scene.fire() == number
    assert scene.alert(number).episode == 1, "it was the same trouble all along"


def test_a_story_ends_a_day_after_it_cleared(scene: Scene) -> None:
    number = scene.fire()
    scene.clear(number)
    scene.wait(timedelta(hours=23, minutes=59))
    found = by_key(scene)
    assert found is not None
    assert found.id == number
    scene.wait(timedelta(minutes=2))
    assert by_key(scene) is None
    assert scene.fire() == number + 1


def test_a_story_ends_with_its_incident(scene: Scene) -> None:
    number = scene.fire()
    incident = scene.declare(number)
    scene.clear(number)
    assert by_key(scene) is not None
    scene.resolve(incident)
    assert by_key(scene) is None
    assert scene.fire() == number + 1
    after = scene.store.read(lambda conn: alerts.fires_after_resolve(conn, scene.now - timedelta(days=1)))
    assert after == (number + 1, incident)
    assert scene.store.read(lambda conn: alerts.fires_after_resolve(conn, scene.now)) is None


def test_a_story_that_fires_never_ends_by_itself(scene: Scene) -> None:
    number = scene.fire()
    scene.wait(timedelta(days=30))
    assert scene.fire() == number
    assert by_key(scene, "unheard of") is None


def test_alerts_unheard_and_snoozes_over(scene: Scene) -> None:
    old, cleared, quiet = scene.fire("old"), scene.fire("cleared"), scene.fire("quiet")
    scene.clear(cleared)
    scene.quiet(quiet)
    scene.wait(timedelta(hours=2))
    new = scene.fire("new")

    def look(conn: Connection) -> list[int]:
        return [alert.id for alert in alerts.unheard_since(conn, scene.now - timedelta(hours=1))]

    assert scene.store.read(look) == [old]
    scene.do(snooze, scene.refs((new,)), scene.now + timedelta(minutes=10))
    assert scene.alert(new).state is AlertState.OFF
    assert scene.store.read(lambda conn: alerts.snoozes_over(conn, scene.now)) == []
    scene.wait(timedelta(minutes=10))
    assert scene.store.read(lambda conn: alerts.snoozes_over(conn, scene.now)) == [new]


def test_a_candidate_holds_its_alerts_root_first(scene: Scene) -> None:
    down, root, other = scene.fire("down"), scene.fire("root"), scene.fire("other")
    number = scene.propose(root, down, other, severity=SEV1, title="root is down")
    candidate = scene.candidate(number)
    assert (candidate.id, candidate.root, candidate.alerts) == (1, root, (root, down, other))
    assert (candidate.title, candidate.severity, candidate.reasons) == (
        "root is down", SEV1, ("they belong together",),
    )  # fmt: skip
    assert candidate.detected_at == scene.alert(down).first_seen
    assert candidate.first_signal_at == scene.alert(down).started_at
    assert candidate.proposed_at == scene.now
    assert candidate.still_fires
    scene.clear(root, down, other)
    assert not scene.candidate(number).still_fires


def test_open_candidates_gravest_first_and_only_what_still_needs_somebody(scene: Scene) -> None:
    def open_now() -> list[int]:
        return [candidate.id for candidate in scene.store.read(alerts.open_candidates)]

    graded = (("a", SEV3), ("b", SEV1), ("c", SEV3))
    small, grave, later = (scene.candidate_of(key, severity=grade) for key, grade in graded)
    assert open_now() == [grave, small, later]
    scene.declare(candidate=grave)
    assert open_now() == [small, later]
    scene.ack(f"C-{small}")
    assert open_now() == [small, later], "acknowledged, but it fires"
    scene.clear(*scene.candidate(small).alerts)
    assert open_now() == [later]
    scene.clear(*scene.candidate(later).alerts)
    assert open_now() == [later], "cleared, but nobody looked"


def test_a_candidate_that_got_worse_is_open_again(scene: Scene) -> None:
    number = scene.candidate_of("a")
    scene.ack(f"C-{number}")
    joined = scene.fire("b")
    scene.propose(1, joined, severity=SEV1, again=number)
    candidate = scene.candidate(number)
    assert (candidate.severity, candidate.alerts, candidate.acknowledged_at) == (SEV1, (1, joined), None)
    assert candidate.proposed_at == scene.now


@pytest.mark.parametrize("read", [alerts.get_alert, alerts.get_candidate])
def test_what_is_not_there_is_said(scene: Scene, read: Callable[[Connection, int], object]) -> None:
    with pytest.raises(NotFoundError, match=r"there is no [AC]-9: see `sev"):
        scene.store.read(lambda conn: read(conn, 9))
