"""A prompt, a form and the root-cause editor opened on a value that somebody else changes meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.console.stage import screen_text, stage, until
from tests.support.scene import Scene
from tui.console.app import SevApp
from tui.desk import alerts, incidents, learn, notes
from tui.model.alert import Verdict
from tui.model.ids import Ref
from tui.model.severity import Severity
from tui.model.text import Safe
from tui.store.engine import Store

WHY = Safe("the queue is broken")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sev.db"


@contextmanager
def bo(path: Path, now: datetime) -> Iterator[Scene]:
    """Somebody else at the same store."""
    with Store(path) as store:
        yield Scene(store, now - timedelta(seconds=2), who="bo", step=timedelta(0))


def begin(path: Path, now: datetime) -> datetime:
    """An incident of two alerts and a candidate; returns a moment after them."""
    with Store(path) as store:
        scene = Scene(store, now, step=timedelta(seconds=1))
        scene.declare(scene.fire("load_orders"), title="Orders are late", severity=Severity.SEV2)
        scene.candidate_of("card_scoring", severity=Severity.SEV1)
        return scene.now + timedelta(minutes=1)


async def shows(pilot: Pilot[int], app: SevApp, *words: str) -> None:
    await until(pilot, lambda: all(word in screen_text(app) for word in words))


async def test_a_prompt_shows_both_values_and_the_person_decides(path: Path, now: datetime) -> None:
    moment = begin(path, now)
    async with stage(path, moment) as (app, pilot):
        await pilot.press("s")
        await shows(pilot, app, "INC-1 is SEV2; 1, 2 or 3 and why:")
        with bo(path, moment) as scene:
            scene.do(incidents.change_severity, 1, Severity.SEV1, WHY)
        await pilot.press(*"3", "space", *"calm", "enter")
        await shows(pilot, app, "severity of INC-1 was not written: changed by bo 2s ago")
        await shows(pilot, app, "theirs  SEV1, was SEV2: the queue is broken", "yours   SEV3")
        with bo(path, moment) as scene:
            assert scene.incident(1).severity is Severity.SEV1
        await pilot.press("escape")
        await shows(pilot, app, "changed by bo 2s ago: theirs is SEV1")
        await pilot.press("s")
        await shows(pilot, app, "3 calm")  # what was typed is a draft still
        await pilot.press("enter")
        await shows(pilot, app, "y write yours over it")
        await pilot.pause(0.4)  # a panel takes no answer in its first moments
        await pilot.press("y")
        await shows(pilot, app, "INC-1 is SEV3, was SEV1")
        assert app.session.drafts.waiting() == []


async def test_a_form_shows_both_values(path: Path, now: datetime) -> None:
    moment = begin(path, now)
    async with stage(path, moment) as (app, pilot):
        await pilot.press("v")
        await shows(pilot, app, "Overrule triage on A-2")
        with bo(path, moment) as scene:
            scene.do(alerts.judge, (Ref("A", 2),), Verdict.NOISE, WHY)
        await pilot.press(*"incident", "tab", *"real", "enter")
        await shows(pilot, app, "verdict of A-2 was not written: changed by bo", "theirs  verdict noise")
        await pilot.pause(0.4)
        await pilot.press("y")
        await shows(pilot, app, "A-2 is incident: real")


async def test_the_root_cause_editor_shows_both_answers(path: Path, now: datetime) -> None:
    moment = begin(path, now)
    async with stage(path, moment) as (app, pilot):
        await pilot.press("4", "enter")
        await shows(pilot, app, "Nine items")
        await pilot.press("down", "down", "down", "down", "enter")
        await shows(pilot, app, "5 Why did no guard stop it?")
        with bo(path, moment) as scene:
            scene.do(learn.answer, 1, 5, Safe("the alarm was muted"), ())
        await pilot.press(*"none", "enter")
        await shows(pilot, app, "theirs", "the alarm was muted", "yours   none")
        await pilot.press("escape")
        await shows(pilot, app, "changed by bo")
        with bo(path, moment) as scene:
            assert scene.rca(1).items[4].text == "the alarm was muted"


async def test_what_does_not_clash_is_not_asked_about(path: Path, now: datetime) -> None:
    moment = begin(path, now)
    async with stage(path, moment) as (app, pilot):
        await pilot.press("s")
        await shows(pilot, app, "1, 2 or 3 and why:")
        with bo(path, moment) as scene:
            scene.do(notes.note, 1, Safe("looking"))
            scene.do(alerts.acknowledge, (Ref("C", 1),))
        await pilot.press("1", "enter")
        await shows(pilot, app, "INC-1 is SEV1, was SEV2")


async def test_an_acknowledge_that_comes_second_is_told_who_was_first(path: Path, now: datetime) -> None:
    moment = begin(path, now)
    async with stage(path, moment) as (app, _):
        with bo(path, moment) as scene:
            scene.do(alerts.acknowledge, (Ref("C", 1),))
        outcome = await app.session.do(alerts.acknowledge, (Ref("C", 1),))
        assert outcome.said == "C-1 already acknowledged by bo 2s ago"
        assert outcome.seq == 0
