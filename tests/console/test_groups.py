"""Groups of the feed, a person's verdict, impact and what was seen before, on the screen."""

from pathlib import Path

from textual.pilot import Pilot

from tests.console.scenes import write_scene
from tests.console.stage import main_screen, screen_text, stage, until
from tests.support.scene import Scene
from tui.console.app import SevApp
from tui.console.screens.form import FormScreen
from tui.console.screens.reader import ReaderScreen
from tui.model.alert import Verdict
from tui.model.severity import Severity
from tui.store.alerts import get_alert
from tui.store.engine import Store
from tui.store.incidents import get_incident


def subjects(app: SevApp) -> list[str]:
    """What the feed has rows of, in order."""
    shown = main_screen(app).shown
    return [alert.subject for alert in shown.feed.rows] if shown else []


async def shows(pilot: Pilot[int], app: SevApp, words: str) -> None:
    await until(pilot, lambda: words in screen_text(app))


FOLDED = ["raw.orders", "daily_revenue.load", "churn_features"]
UNFOLDED = ["raw.orders", "stock report", "fct_orders", "stg_orders", "daily_revenue.load", "churn_features"]


async def test_a_group_unfolds_and_folds_under_its_root(tmp_path: Path) -> None:
    now = write_scene("assess", tmp_path / "sev.db")
    async with stage(tmp_path / "sev.db", now) as (app, pilot):
        assert subjects(app) == FOLDED
        assert "+3 downstream" in screen_text(app)
        await pilot.press("right")
        await until(pilot, lambda: subjects(app) == UNFOLDED)
        assert "└ fct_orders" in screen_text(app)
        await pilot.press("down", "down")
        row = main_screen(app).row
        assert row is not None
        assert row.subject == "fct_orders"
        await pilot.press("left")
        await until(pilot, lambda: subjects(app) == FOLDED)
        row = main_screen(app).row
        assert row is not None
        assert row.subject == "raw.orders", "the cursor goes to the root when its row is folded away"


async def test_right_on_an_unfolded_root_shows_what_is_folded_at_the_end(tmp_path: Path) -> None:
    now = write_scene("assess", tmp_path / "sev.db")
    async with stage(tmp_path / "sev.db", now) as (app, pilot):
        await pilot.press("right")
        await until(pilot, lambda: subjects(app) == UNFOLDED)
        await pilot.press("right")
        await until(pilot, lambda: len(subjects(app)) > len(UNFOLDED))
        await pilot.press("left")
        await until(pilot, lambda: "stg_orders" not in subjects(app))


async def test_a_filter_shows_what_a_group_hides(tmp_path: Path) -> None:
    now = write_scene("assess", tmp_path / "sev.db")
    async with stage(tmp_path / "sev.db", now) as (app, pilot):
        await pilot.press("slash", *"fct", "enter")
        await until(pilot, lambda: subjects(app) == ["fct_orders"])


async def test_a_verdict_of_ones_own_and_back(tmp_path: Path) -> None:
    path = tmp_path / "sev.db"
    now = write_scene("assess", path)
    async with stage(path, now) as (app, pilot):
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        await pilot.press(*"nose", "enter")
        await shows(pilot, app, "a verdict is incident, retry")
        await pilot.press("backspace", "backspace", *"ise", "enter")
        await shows(pilot, app, "a reason is needed")
        await pilot.press("tab", *"drill", "enter")
        await shows(pilot, app, "A-9 is noise: drill")
        with Store(path, read_only=True) as store:
            judged = store.read(lambda conn: get_alert(conn, 9))
        assert (judged.verdict, judged.reason, judged.judged_by) == (Verdict.NOISE, "drill", "li")
        await pilot.press("U")
        await shows(pilot, app, "took back: verdict noise")
        await until(pilot, lambda: subjects(app) == FOLDED)


async def test_declaring_shows_what_weighs_and_takes_the_whole_candidate(tmp_path: Path) -> None:
    path = tmp_path / "sev.db"
    now = write_scene("assess", path)
    async with stage(path, now) as (app, pilot):
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        for words in ("raw.orders, +3 downstream", "late 7m stock report and 2 more", "seen before INC-1 2026-10-22"):
            await shows(pilot, app, words)
        await pilot.press("enter")
        await shows(pilot, app, "declared INC-2")
        with Store(path, read_only=True) as store:
            incident = store.read(lambda conn: get_incident(conn, 2))
        assert len(incident.alerts) == 4
        assert incident.title == "raw.orders: fresh 1h12m of 1h"


async def test_impact_and_what_was_seen_before(tmp_path: Path) -> None:
    now = write_scene("assess", tmp_path / "sev.db")
    async with stage(tmp_path / "sev.db", now, (80, 24)) as (app, pilot):
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, ReaderScreen))
        await shows(pilot, app, "root raw.orders (data-eng): 3 hit, 2 at risk, 1 more downstream")
        told = screen_text(app)
        assert told.index("stock report") < told.index("finance dashboard") < told.index("weekly churn model")
        assert "shop-export v41" in told
        await pilot.press("b")
        await shows(pilot, app, "OPEN: renew the token by itself")
        await pilot.press("escape")
        await shows(pilot, app, "1 Alerts")


async def test_the_detail_tells_why_who_and_what_was_before(tmp_path: Path) -> None:
    now = write_scene("assess", tmp_path / "sev.db")
    async with stage(tmp_path / "sev.db", now) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReaderScreen))
        await shows(pilot, app, "BECAUSE    stock report (tier 2) is late")
        told = screen_text(app)
        assert "LATE stock report  tier 2, due 14:15, late 7m" in told
        assert "BEFORE     INC-1 2026-10-22" in told


async def test_the_board_names_root_and_worst_consumer(tmp_path: Path) -> None:
    now = write_scene("assess", tmp_path / "sev.db")
    async with stage(tmp_path / "sev.db", now) as (app, _):
        told = screen_text(app)
        assert "C-2 ack in 28m raw.orders" in told
        assert "› late 7m stock report" in told


async def test_next_leads_to_what_lies_in_a_group(tmp_path: Path) -> None:
    path = tmp_path / "sev.db"
    now = write_scene("assess", path)
    with Store(path) as store:
        scene = Scene(store, now)
        scene.ack("C-2", "A-6")
        incident = scene.declare(first := scene.fire("billing"), title="Billing stopped")
        scene.clear(first)
        scene.resolve(incident)
        root = scene.fire("ledger")
        again = scene.fire("billing")
        scene.propose(root, again, severity=Severity.SEV3)
        scene.ack(f"C-{scene.alert(root).candidate}")
        now = scene.now
    async with stage(path, now) as (app, pilot):
        await shows(pilot, app, f"A-{again} fires again under a key of INC-{incident}")
        await pilot.press(".")
        await shows(pilot, app, f"A-{again} lies under A-{root}")
        await until(pilot, lambda: "billing" in subjects(app))
        row = main_screen(app).row
        assert row is not None
        assert row.id == root
