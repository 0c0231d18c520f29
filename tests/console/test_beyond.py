"""What the console does past its picture: copying, links, themes, colours."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.console.scenes import write_scene
from tests.console.stage import main_screen, screen_text, stage, until
from tests.support.scene import Scene
from tui.config import Config, UiSettings
from tui.console.app import SevApp
from tui.console.session import Session
from tui.console.terminal import Colours, Terminal
from tui.model.entry import Actor
from tui.model.signal import Links
from tui.model.text import Safe
from tui.store.engine import Store

RUNBOOK = "https://wiki.example/runbooks/load_orders?step=3"


@pytest.fixture
def path(tmp_path: Path, now: datetime) -> Path:
    place = tmp_path / "sev.db"
    with Store(place) as store:
        Scene(store, now).fire("load_orders", links=Links(runbook=Safe(RUNBOOK), log=Safe("logs/today")))
    return place


async def test_copying_says_where_it_went_and_offers_a_file(
    path: Path, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        await pilot.press("y")
        await until(pilot, lambda: "A-1 sent to terminal; y again writes it to a file" in screen_text(app))
        assert app.clipboard == "A-1 load_orders: load_orders failed"
        assert not (tmp_path / "A-1.txt").exists()
        await pilot.press("y")
        await until(pilot, lambda: "A-1 written to" in screen_text(app))
    assert (tmp_path / "A-1.txt").read_text("utf-8") == "A-1 load_orders: load_orders failed\n"


async def test_a_terminal_without_a_clipboard_is_not_said_to_have_one(path: Path, now: datetime) -> None:
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        main_screen(app).terminal = Terminal(term="linux", silent=True)
        await pilot.press("y")
        await until(pilot, lambda: "not copied: this terminal has no clipboard; y again" in screen_text(app))


async def test_links_are_shown_in_full_and_without_a_desktop_copied(
    path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    async with stage(path, now + timedelta(minutes=1)) as (app, pilot):
        await pilot.press("o")
        await until(pilot, lambda: RUNBOOK in screen_text(app))
        assert "2 log      logs/today" in screen_text(app)
        assert "1 copy runbook" in screen_text(app)
        assert app.clipboard == ""
        await pilot.pause(0.4)
        await pilot.press("1")
        await until(pilot, lambda: "runbook of A-1 sent to terminal" in screen_text(app))
        assert app.clipboard == RUNBOOK


async def test_a_row_without_links_has_no_such_key(tmp_path: Path) -> None:
    now = write_scene("minute-0", tmp_path / "sev.db")
    async with stage(tmp_path / "sev.db", now) as (app, pilot):
        assert "o links" not in screen_text(app)
        await pilot.press("o")
        await until(pilot, lambda: "o links is not possible now" in screen_text(app))


def _app(path: Path, now: datetime, theme: str, terminal: Terminal) -> SevApp:
    config = Config(store=path, ui=UiSettings(theme=theme))
    return SevApp(Session(config, Actor(Safe("li"), 1000), clock=lambda: now), terminal=terminal)


@pytest.mark.parametrize("colours", Colours)
@pytest.mark.parametrize("theme", ["sev-dark", "ansi-sev", "ansi-light", "nord", "textual-light", "no-such-theme"])
async def test_every_theme_draws_and_few_colours_are_the_terminals_own(
    theme: str, colours: Colours, path: Path, now: datetime
) -> None:
    app = _app(path, now, theme, Terminal(colours=colours))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "NEXT" in screen_text(app))
        assert app.native_ansi_color is (colours is not Colours.MANY or theme.startswith("ansi"))
        assert app.current_theme.name in (theme, "sev-dark", "ansi-sev")


async def test_severity_is_a_shape_and_a_word_without_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    now = write_scene("thick", tmp_path / "sev.db")
    app = _app(tmp_path / "sev.db", now, "sev-dark", Terminal(colours=Colours.NONE))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "▲ SEV1" in screen_text(app))
        styles = {segment.style for strip in app.screen._compositor.render_strips() for segment in strip}
        colours = {colour.name for style in styles if style for colour in (style.color, style.bgcolor) if colour}
        assert colours <= {"default"}
        chip = next(s for s in app.screen._compositor.render_strips()[0] if "SEV1" in s.text)
        assert chip.style is not None
        assert chip.style.reverse
