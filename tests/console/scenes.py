"""Fixed scenes of one outage: minute 0, the thick of it, and what it taught. Their facts agree with each other."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.support.scene import Scene
from tui.desk import incidents, learn, notes, people, phases
from tui.desk.alerts import acknowledge
from tui.model.alert import AlertStatus, Consumer, ConsumerState, Verdict
from tui.model.catalog import Node
from tui.model.entry import EntryKind
from tui.model.ids import Ref
from tui.model.incident import COMMANDER
from tui.model.learn import ActionState, ActionType, Category
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe
from tui.store.engine import Store

ZERO: Final = datetime(2026, 11, 22, 14, 14, tzinfo=UTC)
"""When the card-scoring stream stopped."""


def _at(scene: Scene, minutes: float) -> Scene:
    scene.now = ZERO + timedelta(minutes=minutes) - scene.step
    return scene


def _as(scene: Scene, who: str) -> Scene:
    scene.who = who
    return scene


def _before(scene: Scene) -> None:
    """The morning: retries that recovered, and a load that failed for good."""
    for n, job in enumerate(("kyc_refresh", "session_rollup", "fx_rates", "ledger_sync", "geo_lookup")):
        _at(scene, -50 + n * 4).retry(job)
        number = scene.fire(
            job, status=AlertStatus.RESOLVED, verdict=Verdict.RETRY, severity=None, reason="recovered on try 2"
        )
        assert number
    _at(scene, -12).fire(
        "daily_revenue.load", title="3 of 3 tries failed: warehouse LOAD_WH suspended", source="airflow"
    )
    _at(scene, -4).retry("churn_features", 2)


def minute_0(scene: Scene) -> datetime:
    """Nothing is declared; two candidates wait, one of them SEV1."""
    _before(scene)
    revenue = 6
    _at(scene, -11.5).propose(
        revenue, title="daily_revenue.load: warehouse LOAD_WH suspended", reason="the tool says error"
    )
    cards = _at(scene, 1.5).fire(
        "card-scoring",
        title="no committed offsets for 90s",
        severity=Severity.SEV1,
        reason="the tool says critical",
        started=ZERO,
    )
    scene.propose(
        cards,
        severity=Severity.SEV1,
        title="card-scoring: no committed offsets for 90s",
        reason="the tool says critical",
    )
    return ZERO + timedelta(minutes=2, seconds=40)


def thick(scene: Scene) -> datetime:
    """Two incidents respond, one learns, three candidates wait."""
    minute_0(scene)
    scene.repeat(8, 13)
    _revenue(_as(scene, "ann"))
    _cards(_as(scene, "maya"))
    for minutes, key, title, severity in (
        (14, "raw.payments", "fresh 3h12m ago, allowed 1h", Severity.SEV2),
        (15.5, "fct_orders", "0 rows loaded, at least 100000 expected", Severity.SEV2),
        (17, "rules-cache", "read errors 31 %, upstream of card-scoring", Severity.SEV1),
    ):
        number = _at(scene, minutes).fire(key, title=title, severity=severity)
        scene.propose(number, severity=severity, title=f"{key}: {title}", reason="the tool says so")
    return ZERO + timedelta(minutes=17, seconds=54)


def _revenue(scene: Scene) -> None:
    _at(scene, -9).ack("C-1")
    _at(scene, -8.5).do(
        incidents.declare,
        incidents.Declaration(title=Safe("Daily revenue not loaded: warehouse suspended"), candidate=1),
    )
    _at(scene, -8).take(1)
    _at(scene, -2).note(1, "Revenue of today is not loaded; finance raises the quota.", EntryKind.UPDATE)


def _cards(scene: Scene) -> None:
    _at(scene, 3.2).do(acknowledge, (Ref("C", 2),))
    asked = incidents.Declaration(title=Safe("Fraud scores stale: card-scoring stream stopped"), candidate=2)
    _at(scene, 3.7).do(incidents.declare, asked)
    _at(scene, 4.5).do(people.take_role, 2, COMMANDER, Safe("maya"))
    _at(scene, 5).do(people.take_role, 2, Safe("scribe"), Safe("li"))
    scene.who = "li"
    _at(scene, 6).note(2, "deploy card-scoring v812 at 14:12Z, two minutes before it stopped", EntryKind.CHANGE)
    _at(scene, 8).note(2, "kubectl rollout undo deploy/card-scoring: exit 0, 3.1s", EntryKind.COMMAND)
    scene.who = "maya"
    _at(scene, 11).note(2, "v812 cut the poll limit from 45s to 6s: the group rebalances", EntryKind.HYPOTHESIS)
    _at(scene, 13).note(2, "Fraud scores stale since 14:14Z; rolled back; next update 14:47Z", EntryKind.UPDATE)
    _at(scene, 16).note(2, "lag falls on 3 of 12 partitions")


def _recover(scene: Scene) -> None:
    """Everything clears; what nobody declared was acknowledged."""
    scene.who = "li"
    for minutes, number in ((19, 9), (20, 10), (21, 11)):
        _at(scene, minutes).ack(f"A-{number}")
    for minutes, number in ((22, 9), (23, 10), (25, 11), (28, 6), (33, 8)):
        _at(scene, minutes).clear(number)


def learned(scene: Scene) -> datetime:
    """The outage is over: its root cause is half written, one action lacks a date."""
    thick(scene)
    _recover(scene)
    scene.who = "maya"
    _at(scene, 24).do(phases.mitigate, 2)
    _at(scene, 35).do(phases.resolve, 2)
    scene.who = "ann"
    _at(scene, 30).do(phases.resolve, 1)
    scene.who = "maya"
    change = next(entry.id for entry in scene.timeline(2) if entry.kind is EntryKind.CHANGE)
    poll = next(entry.id for entry in scene.timeline(2) if entry.kind is EntryKind.HYPOTHESIS)
    _at(scene, 50).do(learn.answer, 2, 1, None, ())
    answers = (
        (2, "v812 of card-scoring: max poll 45s to 6s", (change,)),
        (4, "consumers left the group because a poll took longer than the new limit", (poll,)),
        (5, "the canary watches errors, not lag", ()),
        (7, "broker disk, schema change", ()),
    )
    for n, text, evidence in answers:
        scene.do(learn.answer, 2, n, Safe(text), evidence)
    scene.do(learn.categorise, 2, (Category.CODE_BUG, Category.PROCESS_GAP), NOTHING)
    scene.do(learn.promise, 2, Safe("lint consumer profiles"), ActionType.PREVENTIVE, Safe("bo"), date(2026, 12, 1))
    scene.do(learn.promise, 2, Safe("alert on lag within 30s"), ActionType.DETECTIVE, Safe("li"), None)
    scene.do(notes.note, 2, Safe("review held with risk and payments"))
    return ZERO + timedelta(minutes=64)


def _consumer(name: str, state: ConsumerState, tier: int, due_in: float | None) -> Consumer:
    due = None if due_in is None else ZERO + timedelta(minutes=due_in)
    return Consumer(name=Safe(name), state=state, tier=tier, deadline=due)


def _platform(scene: Scene) -> None:
    """What is made from what, down to those who wait for it."""
    scene.know(
        Node(name=Safe("raw.orders"), kind=Safe("dataset"), owner=Safe("data-eng"), tier=2),
        Node(name=Safe("finance dashboard"), kind=Safe("dashboard"), owner=Safe("finance"), tier=1),
        Node(name=Safe("weekly churn model"), kind=Safe("model"), owner=Safe("ml"), tier=3),
        edges=[
            ("raw.orders", "stg_orders"),
            ("stg_orders", "fct_orders"),
            ("fct_orders", "finance dashboard"),
            ("fct_orders", "stock report"),
            ("stg_orders", "weekly churn model"),
            ("fct_orders", "order alerts"),
        ],
    )


def _last_month(scene: Scene) -> None:
    """The same root failed before; one of the two promises was kept."""
    scene.now = ZERO - timedelta(days=31)
    scene.who = "ann"
    root = scene.fire("raw.orders", title="fresh 3h of 1h: no files from the shop export", source="soda")
    proposed = scene.propose(root, title="raw.orders: fresh 3h of 1h", reason="finance dashboard (tier 1) is late")
    incident = scene.declare(candidate=proposed, title="Orders of the day missing: shop export stopped")
    evidence = scene.note(incident, "the export's token had expired at midnight")
    scene.do(learn.answer, incident, 4, Safe("the export's token expired and nobody is told before"), (evidence,))
    scene.do(learn.categorise, incident, (Category.PROCESS_GAP,), NOTHING)
    scene.do(learn.promise, incident, Safe("renew the token by itself"), ActionType.PREVENTIVE, Safe("bo"), None)
    scene.promise(incident, ActionType.DETECTIVE)
    scene.do(learn.settle, 2, ActionState.DONE, NOTHING)
    scene.clear(root)
    scene.resolve(incident)
    scene.do(phases.close, incident, reason=Safe("the rest is tracked elsewhere"), force=True)


def assess(scene: Scene) -> datetime:
    """Nothing is declared: a root with what fails below it, a flap beside it, retries folded."""
    _platform(scene)
    _last_month(scene)
    scene.who = "li"
    _before(scene)
    _at(scene, -9).change("shop-export v41", "raw.orders", by="ci")
    numbers = [
        _at(scene, minutes).fire(key, title=title, severity=Severity.SEV2, source=source)
        for minutes, key, title, source in (
            (0, "raw.orders", "fresh 1h12m of 1h: no files from the shop export", "soda"),
            (3, "stg_orders", "0 rows loaded, at least 100000 expected", "airflow"),
            (5, "fct_orders", "3 of 3 tries failed: stg_orders is empty", "airflow"),
            (6, "stock report", "not refreshed since 05:00", "am"),
        )
    ]
    hit = (
        _consumer("stock report", ConsumerState.LATE, 2, 1),
        _consumer("finance dashboard", ConsumerState.AT_RISK, 1, 46),
        _consumer("order alerts", ConsumerState.AT_RISK, 2, 106),
    )
    scene.propose(
        *numbers,
        title="raw.orders: fresh 1h12m of 1h",
        reason="stock report (tier 2) is late",
        root="raw.orders",
        consumers=hit,
    )
    return ZERO + timedelta(minutes=8)


SCENES: Final[dict[str, Callable[[Scene], datetime]]] = {
    "minute-0": minute_0,
    "thick": thick,
    "learn": learned,
    "assess": assess,
}
SIZES: Final = ((160, 42), (120, 36), (80, 24))


def write_scene(name: str, path: Path) -> datetime:
    """Write a scene into a new store; returns the moment to look at it."""
    with Store(path) as store:
        return SCENES[name](Scene(store, ZERO, step=timedelta(seconds=1)))
