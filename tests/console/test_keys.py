"""What keys may not do: act on a row that was not seen, on one that has left, or on what a confirm did not show yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic

import msgspec
import pytest
from textual import events
from textual.pilot import Pilot

from tests.console.stage import main_screen, screen_text, stage, until
from tests.support.scene import Scene
from tui.console.app import SevApp
from tui.console.commands import COMMANDS, Scope, wrong_keys
from tui.console.keyboard import RushedKey
from tui.console.screens.panel import ARMED_AFTER, PanelScreen
from tui.console.widgets.lines import LineView
from tui.model.severity import Severity
from tui.store.engine import Store
from tui.store.feed import FeedQuery, window
from tui.store.incidents import get_incident


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sev.db"


@contextmanager
def writing(path: Path, now: datetime) -> Iterator[Scene]:
    """A second hand at the same store."""
    with Store(path) as store:
        yield Scene(store, now, step=timedelta(seconds=1))


def fill(path: Path, now: datetime, *subjects: str) -> datetime:
    """A SEV2 candidate for each subject; returns a moment after them."""
    with writing(path, now) as scene:
        for subject in subjects:
            scene.candidate_of(subject)
        return scene.now + timedelta(seconds=5)


async def shows(pilot: Pilot[int], app: SevApp, words: str) -> None:
    await until(pilot, lambda: words in screen_text(app))


def on(app: SevApp) -> str:
    """The subject under the cursor, empty for none."""
    row = main_screen(app).row
    return row.subject if row else ""


def events_in(path: Path) -> int:
    with Store(path, read_only=True) as store:
        return int(store.read(lambda conn: conn.execute("SELECT count(*) FROM event").fetchone()[0]))


def acknowledged(path: Path) -> set[str]:
    """The subjects that somebody acknowledged."""
    with Store(path, read_only=True) as store:
        return {
            alert.subject
            for alert in store.read(lambda conn: window(conn, FeedQuery()))
            if alert.acknowledged_at is not None
        }


# The row


@pytest.mark.parametrize("where", [0, 1, 2])
async def test_a_row_that_leaves_takes_no_key_whatever_key(path: Path, now: datetime, where: int) -> None:
    moment = fill(path, now, "first", "second", "third")
    async with stage(path, moment) as (app, pilot):
        await pilot.press(*["down"] * where)
        number = main_screen(app).row
        assert number is not None
        with writing(path, moment) as scene:
            scene.ack(f"C-{number.candidate}")
            scene.clear(number.id)
        await shows(pilot, app, f"A-{number.id} {number.subject} left the feed")
        before = events_in(path)
        for command in COMMANDS:
            if command.scope is Scope.ROW:
                await main_screen(app).action_command(command.id)
                await shows(pilot, app, "did nothing: A-")
        for key in ("enter", "right", "left", "a", "d", "w"):
            await pilot.press(key)
            await pilot.pause()
        assert app.screen is main_screen(app)
        assert events_in(path) == before
        await pilot.press("up" if where else "down")
        await until(pilot, lambda: on(app) != "")
        assert on(app) != number.subject


async def test_refreshes_at_any_rate_never_move_the_cursor_to_another_alert(path: Path, now: datetime) -> None:
    moment = fill(path, now, "mine", "other")
    async with stage(path, moment, (100, 30)) as (app, pilot):
        held = on(app)
        for n in range(25):
            with writing(path, moment + timedelta(seconds=n)) as scene:
                scene.candidate_of(f"graver_{n}", severity=Severity.SEV1 if n % 2 else Severity.SEV2)
            await until(pilot, partial(_has, app, f"graver_{n}"))
            assert on(app) == held
            assert held in _marked(app)
        await pilot.press("a")
        await shows(pilot, app, "acknowledged C-")
        assert acknowledged(path) == {held}


def _has(app: SevApp, subject: str) -> bool:
    shown = main_screen(app).shown
    return shown is not None and any(row.subject == subject for row in shown.feed.rows)


def _marked(app: SevApp) -> str:
    """The line that is drawn as the cursor's."""
    feed = main_screen(app).feed
    return next("".join(piece.text for piece in content) for content, is_marked in feed._painted if is_marked)


async def test_rows_that_arrive_above_what_is_in_sight_are_counted_until_they_are_looked_at(
    path: Path, now: datetime
) -> None:
    moment = fill(path, now, *(f"job_{n}" for n in range(40)))
    async with stage(path, moment) as (app, pilot):
        await pilot.press("G")
        held = on(app)
        with writing(path, moment) as scene:
            for n in range(12):
                scene.candidate_of(f"new_{n}", severity=Severity.SEV1)
        await shows(pilot, app, "▲ 12 new")
        assert on(app) == held
        await pilot.press("g")
        await until(pilot, lambda: "new ·" not in screen_text(app))
        assert on(app).startswith("new_")


async def test_a_row_that_is_not_painted_yet_takes_no_key(path: Path, now: datetime) -> None:
    with writing(path, now):
        pass
    async with stage(path, now) as (app, pilot):
        screen = main_screen(app)
        moment = fill(path, now, "unseen")
        shown = await screen._read(screen.wanted)
        screen.put(shown)  # in the middle of a frame: read, not painted
        assert on(app) == "unseen"
        await screen.action_command("acknowledge")
        assert "the row changed as the key came" in _said(app)
        await pilot.pause(0.1)
        await pilot.press("a")
        await shows(pilot, app, "acknowledged C-1")
        assert moment > now


def _said(app: SevApp) -> str:
    message = main_screen(app).bottom.query_one("#message", LineView)
    return "".join(piece.text for piece in message.line_at(0))


async def test_a_step_counts_rows_as_they_were_painted(path: Path, now: datetime) -> None:
    moment = fill(path, now, "c", "b", "a")
    async with stage(path, moment) as (app, _pilot):
        screen = main_screen(app)
        order = [alert.subject for alert in screen.feed._rows]
        with writing(path, moment) as scene:
            scene.candidate_of("between")
        shown = await screen._read(screen.wanted)
        rows = [alert for alert in shown.feed.rows if alert.subject != "between"]
        new = next(alert for alert in shown.feed.rows if alert.subject == "between")
        feed = msgspec.structs.replace(shown.feed, rows=(rows[0], new, *rows[1:]))
        screen.put(msgspec.structs.replace(shown, feed=feed))
        screen.feed.step(1)
        assert on(app) == order[1]


async def test_keys_one_after_the_other_each_act_on_their_own_row(path: Path, now: datetime) -> None:
    moment = fill(path, now, "first", "second", "third")
    async with stage(path, moment) as (app, pilot):
        order = [alert.subject for alert in main_screen(app).feed._rows]
        for key in ("a", "j", "j", "a"):  # all in the queue before the first is looked at
            app.post_message(events.Key(key, key))
        await until(pilot, lambda: len(acknowledged(path)) == 2)
        assert acknowledged(path) == {order[0], order[2]}


async def test_with_nothing_selected_only_declare_opens(path: Path, now: datetime) -> None:
    with writing(path, now):
        pass
    async with stage(path, now) as (app, pilot):
        for command in COMMANDS:
            if command.scope is Scope.ROW and command.id != "declare":
                await main_screen(app).action_command(command.id)
                await shows(pilot, app, f"nothing is selected: {command.keys[0] if command.keys else ':'}")
        await pilot.press("enter")
        await shows(pilot, app, "nothing is selected")
        await pilot.press("d")
        await shows(pilot, app, "what a person reports")


async def test_a_card_that_leaves_the_board_opens_nothing(path: Path, now: datetime) -> None:
    moment = fill(path, now, "first", "second")
    async with stage(path, moment) as (app, pilot):
        await pilot.press("3", "down")
        card = main_screen(app).board.cursor
        assert card is not None
        with writing(path, moment) as scene:
            scene.declare(candidate=card.number)
        await shows(pilot, app, f"{card} left the board")
        await pilot.press("enter")
        await shows(pilot, app, f"nothing was opened: {card} left the board")
        await pilot.press("down")
        await until(pilot, lambda: f"{card} left the board ─" not in screen_text(app))
        assert main_screen(app).board.cursor != card


# Keys that come together, and pastes


def together(app: SevApp, keys: str) -> None:
    """Give the app keys as one read makes them."""
    for place, key in enumerate(keys):
        app.post_message(RushedKey(events.Key({"\r": "enter"}.get(key, key), key), 0 if place else len(keys)))


async def test_keys_that_come_together_do_nothing_outside_a_text_field_and_say_so(path: Path, now: datetime) -> None:
    moment = fill(path, now, "first")
    async with stage(path, moment) as (app, pilot):
        before = events_in(path)
        together(app, "aq\rq")
        await shows(pilot, app, "4 keys came at once: nothing was done")
        app.post_message(events.Paste("a\nd\ny"))
        await shows(pilot, app, "a paste is for a text field: nothing was done")
        assert (app.screen, events_in(path)) == (main_screen(app), before)
        await pilot.press("enter")
        await shows(pilot, app, "arrows move")
        together(app, "qq")
        await shows(pilot, app, "2 keys came at once: nothing was done")


async def test_in_a_text_field_they_are_text_and_a_paste_is_cleaned(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        scene.declare(candidate=scene.candidate_of("load_orders"))
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        await pilot.press("n")
        await shows(pilot, app, "note INC-1:")
        together(app, "rolled")
        app.post_message(events.Paste(" back\x1b[2J\nby hand"))
        await shows(pilot, app, "note INC-1: rolledback␛ by hand")
        together(app, "!\r")
        await shows(pilot, app, "noted E-")


# Confirms


async def test_a_confirm_takes_y_only_and_only_when_it_could_be_read(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        number = scene.declare(candidate=scene.candidate_of("load_orders"))
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PanelScreen))
        await pilot.press("y")
        await shows(pilot, app, "y came too soon")
        for key in ("enter", "p", "Y", "space", "o", "a"):
            await pilot.press(key)
            await shows(pilot, app, "does nothing here: y or esc")
        assert "INC-1 " in screen_text(app)
        assert "becomes mitigated: the bleeding has stopped" in screen_text(app)
        assert _phase(path, number) == "respond"
        await pilot.press("escape", "p")
        await until(pilot, lambda: isinstance(app.screen, PanelScreen))
        opened = monotonic()
        while isinstance(app.screen, PanelScreen):
            await pilot.press("y")
            assert monotonic() < opened + 20
        assert monotonic() - opened >= ARMED_AFTER
        await shows(pilot, app, "INC-1 is mitigated")
        assert _phase(path, number) == "resolve"


def _phase(path: Path, number: int) -> str:
    with Store(path, read_only=True) as store:
        return store.read(lambda conn: get_incident(conn, number)).phase.value


@pytest.mark.parametrize("size", [(160, 42), (80, 24), (40, 10)], ids=str)
async def test_a_confirm_says_all_at_any_size(path: Path, now: datetime, size: tuple[int, int]) -> None:
    with writing(path, now) as scene:
        scene.declare(candidate=scene.candidate_of("load_orders"))
    async with stage(path, now + timedelta(minutes=1), size) as (app, pilot):
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PanelScreen))
        await shows(pilot, app, "y mitigated")
        told = " ".join(screen_text(app).split())
        assert "becomes mitigated: the bleeding has stopped, alerts may still fire. U takes it back." in told


async def test_a_panel_shows_every_key_however_small_the_screen(path: Path, now: datetime) -> None:
    with writing(path, now) as scene:
        scene.declare(candidate=scene.candidate_of(*(f"job_{n}" for n in range(12))))
    async with stage(path, now + timedelta(minutes=1), (40, 10)) as (app, pilot):
        await pilot.press("r")
        await shows(pilot, app, "cannot be resolved yet")
        await shows(pilot, app, "o override with a reason")
        await shows(pilot, app, "esc leave it")
        assert "A-12 " not in screen_text(app)
        await pilot.press(*["down"] * 12)
        await shows(pilot, app, "A-12 ")


def test_no_command_that_asks_for_y_can_lie_on_y() -> None:
    asking = [command.id for command in COMMANDS if command.confirms]
    assert {"next_phase", "resolve", "merge", "rca_close"} <= set(asking)
    for name in asking:
        assert wrong_keys({name: "x, y"}) == [f"keys.{name}: y is what confirms it: choose another key"]
    assert wrong_keys({"copy": "y", "acknowledge": "A"}) == []
    assert "is not a command" in wrong_keys({"x\x1b[2J": "y"})[0]
    assert "\x1b" not in wrong_keys({"x\x1b[2J": "y"})[0]
