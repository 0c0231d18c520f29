"""What a person meets on the main screen: keys, the cursor, refusals, other people's changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.console.stage import main_screen, screen_text, stage, until
from tests.support.scene import Scene
from tui.console.app import SevApp
from tui.model.alert import AlertStatus, Verdict
from tui.model.severity import Severity
from tui.store.engine import Store

HOSTILE = "[/dev/sda1] [@click=app.quit]free[/] [bold red]x"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sev.db"


@contextmanager
def writing(path: Path, now: datetime) -> Iterator[Scene]:
    """A second hand at the same store."""
    with Store(path) as store:
        yield Scene(store, now, step=timedelta(seconds=1))


def two_candidates(path: Path, now: datetime) -> datetime:
    """A SEV1 and a SEV2 candidate; returns a moment after them."""
    with writing(path, now) as scene:
        scene.candidate_of("load_orders")
        scene.candidate_of("card_scoring", severity=Severity.SEV1)
        return scene.now + timedelta(seconds=5)


async def shows(pilot: Pilot[int], app: SevApp, words: str) -> None:
    """Wait until the screen has these words."""
    await until(pilot, lambda: words in screen_text(app))


def rows(app: SevApp) -> int:
    """How many alerts the feed was given."""
    shown = main_screen(app).shown
    return len(shown.feed.rows) if shown else 0


def opened(app: SevApp) -> int:
    """The number of the open incident, 0 for none."""
    incident = main_screen(app).incident
    return incident.id if incident else 0


async def press(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)


async def test_the_cursor_stays_on_its_alert_when_graver_ones_arrive(path: Path, now: datetime) -> None:
    moment = two_candidates(path, now)
    async with stage(path, moment) as (app, pilot):
        await press(pilot, "down")
        row = main_screen(app).row
        assert row is not None
        assert row.subject == "load_orders"
        with writing(path, moment) as scene:
            scene.candidate_of("ledger", severity=Severity.SEV1)
        await shows(pilot, app, "ledger")
        row = main_screen(app).row
        assert row is not None
        assert row.subject == "load_orders"


async def test_an_alert_that_leaves_holds_its_place_and_takes_no_key(path: Path, now: datetime) -> None:
    moment = two_candidates(path, now)
    async with stage(path, moment) as (app, pilot):
        with writing(path, moment) as scene:
            scene.ack("C-2")
            scene.clear(2)
        await shows(pilot, app, "A-2 card_scoring left the feed")
        assert main_screen(app).row is None
        await press(pilot, "m")
        await shows(pilot, app, "m move did nothing: A-2 left the feed")
        await press(pilot, "down")
        await until(pilot, lambda: "A-2 card_scoring left the feed" not in screen_text(app))
        row = main_screen(app).row
        assert row is not None
        assert row.subject == "load_orders"


async def test_acknowledge_acts_at_once_and_undo_names_what_it_takes_back(path: Path, now: datetime) -> None:
    moment = two_candidates(path, now)
    async with stage(path, moment) as (app, pilot):
        await press(pilot, "a")
        await shows(pilot, app, "acknowledged C-2: card_scoring failed   U takes it back")
        await press(pilot, "U")
        await shows(pilot, app, "took back: acknowledged C-2")
        await until(pilot, lambda: "NEW" in screen_text(app).splitlines()[5])


async def test_next_goes_there_and_back(path: Path, now: datetime) -> None:
    moment = two_candidates(path, now)
    async with stage(path, moment) as (app, pilot):
        await press(pilot, "down")
        await shows(pilot, app, ". go there")
        await press(pilot, ".")
        await until(pilot, lambda: _subject(app) == "card_scoring")
        await press(pilot, ".")
        await until(pilot, lambda: _subject(app) == "load_orders")


def _subject(app: SevApp) -> str:
    row = main_screen(app).row
    return row.subject if row else ""


async def test_filter_narrows_and_escape_shows_all(path: Path, now: datetime) -> None:
    moment = two_candidates(path, now)
    async with stage(path, moment) as (app, pilot):
        await press(pilot, "/")
        await shows(pilot, app, "filter alerts by:")
        await press(pilot, *"orders", "enter")
        await until(pilot, lambda: rows(app) == 1)
        await press(pilot, "escape")
        await until(pilot, lambda: rows(app) == 2)


async def test_folded_retries_are_told_and_one_key_shows_them(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        scene.retry("churn")
        scene.fire("churn", status=AlertStatus.RESOLVED, verdict=Verdict.RETRY, severity=None, reason="recovered")
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        await shows(pilot, app, "1 folded: 1 retry that recovered")
        assert "churn" not in screen_text(app)
        await press(pilot, "f")
        await shows(pilot, app, "churn")
        await press(pilot, "left")
        await until(pilot, lambda: "churn" not in screen_text(app))


async def test_lowering_a_severity_without_a_reason_is_refused(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        scene.declare(candidate=scene.candidate_of("load_orders"))
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        await press(pilot, "s")
        await shows(pilot, app, "INC-1 is SEV2; 1, 2 or 3 and why:")
        await press(pilot, "3", "enter")
        await shows(pilot, app, "lowering a severity needs a reason")


async def test_a_note_left_with_escape_is_kept_as_a_draft(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        scene.declare(candidate=scene.candidate_of("load_orders"))
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        await press(pilot, "n")
        await shows(pilot, app, "note INC-1:")
        await press(pilot, *"half", "escape")
        await until(pilot, lambda: "note INC-1:" not in screen_text(app))
        await press(pilot, "n")
        await shows(pilot, app, "note INC-1: half")


async def test_a_confirm_takes_its_own_key_only_and_not_at_once(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        scene.declare(candidate=scene.candidate_of("load_orders"))
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        await press(pilot, "p")
        await shows(pilot, app, "becomes mitigated")
        await press(pilot, "y")
        await press(pilot, "enter", "p")
        await shows(pilot, app, "p does nothing here: y or esc")
        await press(pilot, "escape")
        await shows(pilot, app, "RESPOND")


async def test_a_key_typed_ahead_does_not_act_behind_what_opens(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        scene.declare(candidate=scene.candidate_of("load_orders"))
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        screen = main_screen(app)
        await screen.action_command("note")
        await screen.action_command("acknowledge")
        await shows(pilot, app, "note INC-1:")
        assert screen.bottom.is_asking


async def test_a_key_about_an_incident_says_so_when_none_is_open(path: Path, now: datetime) -> None:
    moment = two_candidates(path, now)
    async with stage(path, moment) as (app, pilot):
        await press(pilot, "n")
        await shows(pilot, app, "n note is not possible now")


async def test_moving_the_cursor_never_changes_the_open_incident(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        scene.declare(candidate=scene.candidate_of("load_orders"))
        scene.declare(candidate=scene.candidate_of("card_scoring", severity=Severity.SEV1))
    async with stage(path, now + timedelta(minutes=2)) as (app, pilot):
        await shows(pilot, app, "INC-2  ")
        await press(pilot, "down", "G", "g")
        assert opened(app) == 2
        await press(pilot, "3", "right", "enter")
        await until(pilot, lambda: opened(app) == 1)


@pytest.mark.parametrize("size", [(160, 42), (80, 24), (40, 10)], ids=str)
async def test_text_that_looks_like_markup_is_shown_as_it_is(path: Path, now: datetime, size: tuple[int, int]) -> None:
    with writing(path, now) as scene:
        alert = scene.fire(HOSTILE[:40], title=HOSTILE, reason=HOSTILE, labels={"[b]": HOSTILE})
        number = scene.declare(candidate=scene.propose(alert, title=HOSTILE))
        scene.note(number, HOSTILE)
    async with stage(path, now + timedelta(minutes=2), size) as (app, pilot):
        await shows(pilot, app, "[/dev/sda1]"[:10])
        for keys in (
            ("enter",),
            ("escape",),
            ("4", "enter"),
            ("escape",),
            ("?",),
            ("escape",),
            (":",),
            ("escape",),
            ("s",),
        ):
            await press(pilot, *keys)
            await pilot.pause()
        assert app.is_running


async def test_a_small_window_has_every_pane_one_key_away(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        scene.declare(candidate=scene.candidate_of("load_orders"))
    async with stage(path, now + timedelta(minutes=2), (80, 24)) as (app, pilot):
        await shows(pilot, app, "2 Timeline")
        await press(pilot, "3")
        await shows(pilot, app, "3 Severity board")
        await press(pilot, "4")
        await shows(pilot, app, "1 What failed first?")
        await press(pilot, "2")
        await shows(pilot, app, "2 Timeline")
        await press(pilot, "z")
        await until(pilot, lambda: "1 Alerts" not in screen_text(app))
        await press(pilot, "escape", "1")
        await shows(pilot, app, "1 Alerts")
