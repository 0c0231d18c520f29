"""A SEV1 rings once when it is proposed and once when it is declared; the window is named after the newest."""

from datetime import datetime, timedelta

from tests.support.scene import Scene
from tui.console.notices import Notices
from tui.console.view import BoardSlice
from tui.desk import incidents
from tui.model.severity import Severity
from tui.model.text import Safe, clean
from tui.store import alerts
from tui.store import incidents as read_incidents


def _board(scene: Scene) -> BoardSlice:
    return scene.store.read(
        lambda conn: BoardSlice(
            incidents=tuple(read_incidents.open_incidents(conn)), candidates=tuple(alerts.open_candidates(conn))
        )
    )


def _rings(notices: Notices, scene: Scene) -> list[str]:
    return [one.notice for one in notices.news(_board(scene))]


def test_each_rings_once(scene: Scene) -> None:
    notices = Notices(Safe("ann"))
    assert _rings(notices, scene) == []
    scene.candidate_of("load_orders", severity=Severity.SEV2)
    assert _rings(notices, scene) == []
    candidate = scene.candidate_of("card_scoring", severity=Severity.SEV1)
    assert _rings(notices, scene) == ["SEV1 C-2 proposed: card_scoring failed"]
    assert _rings(notices, scene) == []
    scene.declare(candidate=candidate, title="Cards are not scored")
    assert _rings(notices, scene) == ["SEV1 INC-1 declared: Cards are not scored"]
    assert _rings(notices, scene) == []


def test_what_burns_when_the_console_opens_is_on_its_screen(scene: Scene) -> None:
    scene.candidate_of("card_scoring", severity=Severity.SEV1)
    notices = Notices(Safe("ann"))
    assert _rings(notices, scene) == []
    assert notices.title(scene.now + timedelta(minutes=4)) == "▲1 C-1 4m"


def test_my_own_declaration_does_not_ring_here(scene: Scene) -> None:
    mine, theirs = Notices(clean(scene.who)), Notices(Safe("ann"))
    assert _rings(mine, scene) == _rings(theirs, scene) == []
    scene.declare(candidate=scene.candidate_of("a", severity=Severity.SEV1), title="Cards are not scored")
    assert _rings(mine, scene) == []
    assert len(_rings(theirs, scene)) == 1


def test_a_severity_that_rises_rings(scene: Scene) -> None:
    notices = Notices(Safe("ann"))
    number = scene.declare(candidate=scene.candidate_of("a"), title="Orders are late")
    assert _rings(notices, scene) == []
    scene.do(incidents.change_severity, number, Severity.SEV1, clean("worse"))
    assert _rings(notices, scene) == ["SEV1 INC-1 declared: Orders are late"]


def test_the_title_steps_by_the_minute_and_goes_when_it_is_over(scene: Scene) -> None:
    notices = Notices(Safe("ann"))
    candidate = scene.candidate_of("a", severity=Severity.SEV1)
    number = scene.declare(candidate=candidate, title="Cards are not scored")
    scene.candidate_of("b", severity=Severity.SEV1)
    notices.news(_board(scene))
    declared = _since(scene)
    assert notices.title(declared + timedelta(seconds=59)) == "▲1 INC-1 now +1"
    assert notices.title(declared + timedelta(minutes=14, seconds=2)) == "▲1 INC-1 14m +1"
    assert notices.title(declared - timedelta(minutes=1)) == "▲1 INC-1 now +1"
    scene.do(incidents.change_severity, number, Severity.SEV2, clean("better"))
    notices.news(_board(scene))
    assert notices.title(declared + timedelta(minutes=14)) == "▲1 C-2 13m"


def _since(scene: Scene) -> datetime:
    return _board(scene).incidents[0].declared_at
