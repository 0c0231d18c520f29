"""The JSON that leaves has exactly the promised keys, and unknown is null."""

from datetime import UTC, date, datetime, timedelta

import msgspec

from tests.support.scene import Scene
from tui.model.alert import AlertState
from tui.model.learn import Action, ActionState, ActionType
from tui.model.severity import Severity, SeverityRules
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe
from tui.reports import shapes
from tui.store.changes import get_change
from tui.store.integrity import Verdict
from tui.store.payloads import rejected

RULES = SeverityRules()


def keys(text: str) -> list[str]:
    return text.split(",")


def test_a_signal() -> None:
    shape = shapes.signal(
        Signal(
            source=Safe("am"),
            format="alertmanager",
            key=Safe("am:1"),
            status=SignalStatus.FIRING,
            kind=Kind.FAILED_JOB,
            title=Safe("t"),
            subject=Safe("s"),
            severity_hint=Severity.SEV1,
            at=datetime(2026, 11, 24, 14, 0, 0, 999_999, tzinfo=UTC),
            starts=datetime(2026, 11, 24, tzinfo=UTC),
            labels={"team": Safe("risk")},
            links=Links(log=Safe("https://log")),
        )
    )
    assert list(shape) == keys(
        "source,format,key,status,kind,title,subject,run,attempt,max_attempts,severity_word,severity_hint,at,ended_at,"
        "labels,links,omitted"
    )
    assert (shape["at"], shape["ended_at"], shape["severity_hint"]) == ("2026-11-24T14:00:00Z", None, 1)
    assert shape["links"] == {"runbook": None, "source": None, "log": "https://log"}
    assert msgspec.json.decode(msgspec.json.encode(shape)) == shape


def test_an_alert(scene: Scene) -> None:
    number = scene.fire("scores", severity=Severity.SEV1, labels={"team": "risk"})
    shape = shapes.alert(scene.alert(number))
    assert list(shape) == keys(
        "id,key,source,format,status,state,verdict,reason,severity,kind,subject,title,count,first_seen,last_seen,"
        "trouble_at,acknowledged_by,acknowledged_at,snoozed_until,candidate,incident,labels,links"
    )
    assert (shape["id"], shape["state"], shape["severity"]) == ("A-1", AlertState.NEW, 1)
    assert (shape["candidate"], shape["incident"], shape["snoozed_until"]) == (None, None, None)
    assert shape["labels"] == {"team": "risk"}
    incident = scene.declare(candidate=scene.propose(number))
    after = shapes.alert(scene.alert(number))
    assert (after["candidate"], after["incident"]) == ("C-1", f"INC-{incident}")


def test_a_candidate(scene: Scene) -> None:
    shape = shapes.candidate(scene.candidate(scene.candidate_of("one", "two")))
    assert list(shape) == keys(
        "id,title,severity,reasons,root,alerts,consumers,proposed_at,acknowledged_by,incident,similar"
    )
    assert (shape["id"], shape["root"], shape["alerts"]) == ("C-1", "one", ["A-1", "A-2"])


def test_an_incident(scene: Scene) -> None:
    number = scene.declare(scene.fire("scores", severity=Severity.SEV1))
    shape = shapes.incident(scene.incident(number), RULES)
    assert list(shape) == keys(
        "id,title,severity,phase,first_signal_at,detected_at,acknowledged_at,declared_at,mitigated_at,resolved_at,"
        "closed_at,commander,alerts,root,consumers,mttd_s,mtta_s,mttr_s,next_update_due,reopened"
    )
    assert (shape["id"], shape["root"], shape["phase"], shape["reopened"]) == ("INC-1", "A-1", "respond", 0)
    assert (shape["mttd_s"], shape["mtta_s"], shape["mttr_s"]) == (0, 30, None)
    assert shape["next_update_due"] == "2026-11-24T14:06:00Z"


def test_updates_on_change_have_no_due_time(scene: Scene) -> None:
    number = scene.declare(title="Weekly model", severity=Severity.SEV3)
    assert shapes.incident(scene.incident(number), RULES)["next_update_due"] is None


def test_an_entry(scene: Scene) -> None:
    number = scene.declare(scene.fire("scores"))
    scene.note(number, "wrong")
    scene.undo()
    undone, undo = scene.timeline(number)[-2:]
    shape = shapes.entry(undo)
    assert list(shape) == keys("id,seq,at,recorded_at,actor,uid,kind,text,incident,alert,backdated,corrects")
    assert (shape["incident"], shape["alert"], shape["corrects"]) == ("INC-1", None, f"E-{undone.id}")
    assert shapes.entry(undone)["corrects"] is None


def test_an_analysis(scene: Scene) -> None:
    number = scene.declare(scene.fire("scores"))
    shape = shapes.rca(scene.rca(number), Severity.SEV2)
    assert list(shape) == ["categories", "items", "missing"]
    items = shape["items"]
    assert isinstance(items, list)
    assert [one["n"] for one in items if isinstance(one, dict)] == list(range(1, 10))
    first = items[0]
    assert isinstance(first, dict)
    assert list(first) == ["n", "text", "evidence", "state"]
    assert (first["evidence"], first["state"]) == (["E-1"], "proposed")
    scene.learn(number)
    assert shapes.rca(scene.rca(number), Severity.SEV2)["missing"] == []


def test_an_action() -> None:
    one = Action(
        id=4,
        seq=9,
        incident=7,
        text=Safe("lint"),
        type=ActionType.PREVENTIVE,
        owner=None,
        due=date(2026, 12, 1),
        state=ActionState.OPEN,
    )
    assert shapes.action(one) == {
        "id": "ACT-4",
        "incident": "INC-7",
        "text": "lint",
        "type": "preventive",
        "owner": None,
        "due": "2026-12-01",
        "state": "open",
        "link": None,
    }


def test_a_rejected_payload(scene: Scene) -> None:
    scene.reject("unknown shape", "airflow")
    (one,) = scene.store.read(rejected)
    shape = shapes.rejected(one, None)
    assert list(shape) == keys("id,received_at,source,reason,size,payload,head")
    assert (shape["id"], shape["source"], shape["reason"]) == ("R-1", "airflow", "unknown shape")


def test_a_verdict_of_the_store() -> None:
    found = Verdict(chain_ok=True, projections_ok=False, integrity_ok=True, events=3, first_bad_seq=None, head="ab")
    assert shapes.verdict(found) == {
        "chain_ok": True,
        "projections_ok": False,
        "integrity_ok": True,
        "events": 3,
        "first_bad_seq": None,
        "head": "ab",
    }


def test_figures_are_whole_seconds(scene: Scene) -> None:
    scene.step = timedelta(milliseconds=1_700)
    number = scene.declare(scene.fire("scores"))
    scene.resolve(number, "switched off")
    shape = shapes.incident(scene.incident(number), RULES)
    assert [shape[name] for name in ("mttd_s", "mtta_s", "mttr_s")] == [0, 1, 3]
    assert all(type(shape[name]) is int for name in ("mttd_s", "mtta_s", "mttr_s"))


def test_a_change(scene: Scene) -> None:
    number = scene.change("v812", "scores", "fraud", by="ann")
    shape = shapes.change(scene.store.read(lambda conn: get_change(conn, number)))
    assert list(shape) == keys("id,at,actor,what,touches")
    assert (shape["id"], shape["at"], shape["what"]) == ("CH-1", "2026-11-24T14:00:30Z", "v812")
    assert (shape["actor"], shape["touches"]) == ("ann", ["scores", "fraud"])
