"""Impact: who is hit, who will be, what else hangs on the root, what changed; each in its order and words."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.support.scene import Scene
from tui.model.alert import Consumer, ConsumerState
from tui.model.catalog import Deadline, Node
from tui.model.ids import Ref
from tui.model.severity import Severity
from tui.model.signal import Kind
from tui.model.text import Safe
from tui.reports import impact
from tui.reports.impact import Impact, gather, in_a_word, needed_by, shape, summed, worst

NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)


def consumer(name: str, state: ConsumerState, tier: int | None = None, minutes: float | None = None) -> Consumer:
    due = None if minutes is None else NOW + timedelta(minutes=minutes)
    return Consumer(name=Safe(name), state=state, tier=tier, deadline=due)


@pytest.fixture
def known(scene: Scene) -> Scene:
    """raw → stg → mart → dashboard; C-1 of raw and stg, with what triage weighed of the dashboard and a report."""
    scene.know(
        Node(name=Safe("raw"), owner=Safe("data-eng")),
        Node(name=Safe("mart"), tier=2, kind=Safe("dataset"), owner=Safe("bi"), deadline=Deadline(at=time(6))),
        Node(name=Safe("model"), tier=1),
        Node(name=Safe("dashboard"), tier=1, aliases=(Safe("looker:42"),)),
        edges=[("raw", "stg"), ("stg", "mart"), ("mart", "dashboard"), ("stg", "model")],
    )
    scene.propose(
        scene.fire("raw", kind=Kind.DATA_QUALITY),
        scene.fire("stg"),
        root="raw",
        consumers=[
            consumer("report", ConsumerState.AT_RISK, 2, 90),
            consumer("looker:42", ConsumerState.AT_RISK, 1, 42),
            consumer("ledger", ConsumerState.WRONG, 3),
        ],
    )
    scene.change("v41", "raw")
    return scene


def of(scene: Scene, name: str, number: int) -> Impact:
    return scene.store.read(lambda conn: gather(conn, Ref(name, number), scene.now))


def test_the_worst_come_first_and_what_fails_below_is_hit_too(known: Scene) -> None:
    found = of(known, "C", 1)
    assert [one.name for one in found.consumers] == ["ledger", "stg", "looker:42", "report"]
    assert found.consumers[1].state is ConsumerState.MISSING
    assert found.hit == 2


def test_what_else_hangs_on_the_root_comes_by_tier(known: Scene) -> None:
    found = of(known, "C", 1)
    assert [node.name for node in found.downstream] == ["model", "mart"], "the dashboard is named by its alias"
    assert impact.due_next(found.downstream[1], NOW) == datetime(2026, 11, 25, 6, tzinfo=UTC)


def test_who_owns_the_root_and_what_changed(known: Scene) -> None:
    found = of(known, "C", 1)
    assert (found.root, found.owner, [one.what for one in found.changes]) == ("raw", "data-eng", ["v41"])
    assert summed(found) == "root raw (data-eng): 2 hit, 2 at risk, 2 more downstream"


def test_an_alert_stands_for_its_candidate_and_that_for_its_incident(known: Scene) -> None:
    assert of(known, "A", 2).ref == Ref("C", 1)
    incident = known.declare(candidate=1, title="Orders missing", severity=Severity.SEV1)
    found = of(known, "A", 2)
    assert (found.ref, found.title, found.severity) == (Ref("INC", incident), "Orders missing", Severity.SEV1)
    assert [one.name for one in found.consumers] == [one.name for one in of(known, "C", 1).consumers]


def test_an_alert_on_its_own_has_what_the_catalog_says(known: Scene) -> None:
    found = of(known, "A", known.fire("mart"))
    assert (found.root, found.consumers, [node.name for node in found.downstream]) == ("mart", (), ["dashboard"])
    unknown = of(known, "A", known.fire("elsewhere"))
    assert summed(unknown) == "root elsewhere: not in the catalog"
    assert summed(of(known, "A", known.fire("looker:42"))) == "root looker:42: nothing downstream"


def test_a_report_of_ones_own_has_no_root(known: Scene) -> None:
    found = of(known, "INC", known.declare(title="Finance sees yesterday", severity=Severity.SEV2))
    assert (found.root, found.consumers, found.downstream, found.changes) == ("", (), (), ())
    assert summed(found).startswith("no root is known")


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (consumer("d", ConsumerState.LATE, 1, -12), "late 12m"),
        (consumer("d", ConsumerState.LATE, 1, 30), "LATE"),
        (consumer("d", ConsumerState.WRONG, 1, -12), "WRONG"),
        (consumer("d", ConsumerState.AT_RISK, 1, 42), "in 42m"),
        (consumer("d", ConsumerState.AT_RISK), "at risk"),
    ],
)
def test_how_a_consumer_does_in_a_word(one: Consumer, word: str) -> None:
    assert in_a_word(one, NOW) == word
    assert worst((one,), NOW) == f"{word} d"


def test_when_it_is_needed() -> None:
    assert needed_by(NOW + timedelta(minutes=42), NOW, lambda at: f"{at:%H:%M}Z") == "due 14:42Z, in 42m"
    assert needed_by(None, NOW, str) == ""
    assert worst((), NOW) == ""


def test_as_json(known: Scene) -> None:
    told = shape(of(known, "C", 1), NOW)
    assert list(told) == ["id", "title", "severity", "root", "owner", "consumers", "downstream", "changes"]
    assert (told["id"], told["root"], told["owner"]) == ("C-1", "raw", "data-eng")
    downstream = told["downstream"]
    assert isinstance(downstream, list)
    assert downstream[1] == {
        "name": "mart", "kind": "dataset", "tier": 2, "owner": "bi", "deadline": "2026-11-25T06:00:00Z",
    }  # fmt: skip
