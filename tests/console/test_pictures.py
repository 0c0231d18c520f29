"""The pictures in `screenshots/`, drawn from the real app; `SEV_DRAW=1 pytest tests/console` redraws them."""

import os
from pathlib import Path

import pytest

from tests.console.scenes import SCENES, SIZES, write_scene
from tests.console.stage import stage

KEPT = Path(__file__).parents[2] / "screenshots"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCENES)
async def test_the_console_looks_like_its_picture(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    now = write_scene(name, tmp_path / "sev.db")
    async with stage(tmp_path / "sev.db", now, size) as (app, _):
        drawn = app.export_screenshot(title="sev").encode()
    picture = KEPT / f"console-{name}-{size[0]}x{size[1]}.svg"
    if os.environ.get("SEV_DRAW"):
        picture.write_bytes(drawn)
    if not picture.exists() or picture.read_bytes() != drawn:
        found = tmp_path / picture.name
        found.write_bytes(drawn)
        pytest.fail(f"{picture.name} is not what the console draws now ({found}); SEV_DRAW=1 redraws it")
