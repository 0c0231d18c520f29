"""What was typed and not sent outlives the console, and goes once it is used or discarded."""

import os
import stat
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.console.stage import main_screen, screen_text, stage, until
from tests.console.test_conflict import begin, shows
from tests.support.scene import Scene
from tui.console.app import SevApp
from tui.console.drafts import Drafts, drafts_folder
from tui.errors import StoreError
from tui.store.engine import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sev.db"


def typed(app: SevApp, name: str, field: str = "") -> str:
    """What lies on the disk by now."""
    found = Drafts(drafts_folder(app.session.config.store), "li").get(name)
    return found.texts[field] if found else ""


def test_a_draft_lies_in_a_file_for_its_person_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Drafts(tmp_path / "d", "li").keep("note INC-1", {"": "half a sen"}, 7)
    finally:
        os.umask(before)
    (file,) = (tmp_path / "d").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "d").stat().st_mode) == 0o700
    again = Drafts(tmp_path / "d", "li")
    found = again.get("note INC-1")
    assert found is not None
    assert (found.texts, found.seen) == ({"": "half a sen"}, 7)
    assert Drafts(tmp_path / "d", "bo").get("note INC-1") is None
    assert Drafts(tmp_path / "d", "bo").waiting() == []
    again.drop("note INC-1")
    assert list((tmp_path / "d").iterdir()) == []


def test_stores_do_not_share_drafts(tmp_path: Path) -> None:
    assert drafts_folder(tmp_path / "a.db") != drafts_folder(tmp_path / "b.db")


def test_a_broken_file_and_a_closed_disk_stop_nobody(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "d", "li")
    drafts.keep("note INC-1", {"": "a"}, None)
    (file,) = (tmp_path / "d").iterdir()
    file.write_bytes(b'{"person"')
    assert Drafts(tmp_path / "d", "li").get("note INC-1") is None
    assert Drafts(tmp_path / "d", "li").waiting() == []
    (tmp_path / "f").write_text("not a folder")
    nowhere = Drafts(tmp_path / "f", "li")
    nowhere.keep("note INC-1", {"": "kept in memory"}, None)
    found = nowhere.get("note INC-1")
    assert found is not None
    assert found.texts[""] == "kept in memory"


def test_what_nobody_came_back_to_for_two_weeks_goes(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path, "li")
    drafts.keep("note INC-1", {"": "old"}, None)
    drafts.keep("note INC-2", {"": "new"}, None)
    old = next(file for file in tmp_path.iterdir() if b"INC-1" in file.read_bytes())
    os.utime(old, (time.time() - 15 * 86_400,) * 2)
    assert Drafts(tmp_path, "li").waiting() == ["note INC-2"]
    assert not old.exists()


async def test_a_note_comes_back_on_the_next_start_and_goes_once_it_is_written(path: Path, now: datetime) -> None:
    moment = begin(path, now)
    async with stage(path, moment) as (app, pilot):
        await pilot.press("n", *"half")
        await until(pilot, lambda: typed(app, "note INC-1") == "half")
    async with stage(path, moment, who="bo") as (app, pilot):
        await pilot.press("n")
        await shows(pilot, app, "note INC-1:")
        assert "half" not in screen_text(app)
        await pilot.press("escape")
    async with stage(path, moment) as (app, pilot):
        await shows(pilot, app, "a draft waits: note INC-1")
        await pilot.press("n")
        await shows(pilot, app, "note INC-1: half")
        await pilot.press(*" done", "enter")
        await shows(pilot, app, "noted E-")
        assert app.session.drafts.waiting() == []
        await pilot.press("n", "escape")
        assert app.session.drafts.waiting() == []


async def test_a_note_that_could_not_be_stored_is_not_lost(
    path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = begin(path, now)
    async with stage(path, moment) as (app, pilot):

        async def full(*_: object, **__: object) -> None:
            raise StoreError("the store cannot be written", "the disk is full", "free space and try again")

        with monkeypatch.context() as patch:
            patch.setattr(app.session, "do_since", full)
            await pilot.press("n", *"words", "enter")
            await shows(pilot, app, "the disk is full")
        await pilot.press("n")
        await shows(pilot, app, "note INC-1: words")


async def test_a_form_comes_back_and_esc_discards_it(path: Path, now: datetime) -> None:
    moment = begin(path, now)
    async with stage(path, moment) as (app, pilot):
        await pilot.press("d")
        await shows(pilot, app, "Declare an incident from C-1")
        await pilot.press("end", *" for shops")
        await until(pilot, lambda: typed(app, "declare C-1", "title").endswith("for shops"))
    async with stage(path, moment) as (app, pilot):
        await pilot.press("d")
        await shows(pilot, app, "card_scoring failed for shops", "your draft is back")
        await pilot.press("escape", "d")
        await until(pilot, lambda: "for shops" not in screen_text(app))
        await shows(pilot, app, "Declare an incident from C-1")
        await pilot.press("end", "!", "enter")
        await until(pilot, lambda: main_screen(app).incident is not None)
        await shows(pilot, app, "declared INC-2")
        assert app.session.drafts.waiting() == []


async def test_an_answer_of_the_analysis_comes_back(path: Path, now: datetime) -> None:
    moment = begin(path, now)
    async with stage(path, moment) as (app, pilot):
        await pilot.press("4", "enter")
        await shows(pilot, app, "Nine items")
        await pilot.press("enter", *"why not")
        await until(pilot, lambda: typed(app, "INC-1 item 1").endswith("why not"))
    async with stage(path, moment) as (app, pilot):
        await pilot.press("4", "enter")
        await shows(pilot, app, "Nine items")
        await pilot.press("enter")
        await until(pilot, lambda: "why not" in screen_text(app))
    with Store(path) as store:
        assert "why not" not in Scene(store, moment).rca(1).items[0].text
