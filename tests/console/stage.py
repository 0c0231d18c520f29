"""The real app on a store, with a clock that stands still and a collector that has just beaten."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

from tui.collector.lease import Holder, Lease, lease_path
from tui.config import Config
from tui.console.app import SevApp
from tui.console.screens.main import MainScreen
from tui.console.session import Session
from tui.logins import ELSEWHERE
from tui.model.entry import Actor
from tui.model.text import Safe

PATIENCE = 200
"""Pauses of 20 ms that a state may take to come about."""


@asynccontextmanager
async def stage(
    path: Path, now: datetime, size: tuple[int, int] = (160, 42), who: str = "li"
) -> AsyncIterator[tuple[SevApp, Pilot[int]]]:
    """The console as it is at `now`, shown and settled."""
    lease = Lease(lease_path(path))
    assert lease.try_take(Holder(pid=os.getpid(), host="test", started_at=now))
    os.utime(lease_path(path), (now.timestamp() - 1, now.timestamp() - 1))
    session = Session(Config(store=path), Actor(Safe(who), ELSEWHERE), clock=lambda: now)
    app = SevApp(session)
    try:
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MainScreen) and app.screen.shown is not None)
            await pilot.pause()
            yield app, pilot
    finally:
        lease.release()


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Wait until `holds()` is true."""
    for _ in range(PATIENCE):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"never became true; the screen said:\n{screen_text(pilot.app)}")


def screen_text(app: App[int]) -> str:
    """Every cell of the present screen, a line for each row."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.ljust(width) for strip in strips[:height])


def main_screen(app: SevApp) -> MainScreen:
    """The main screen, wherever it lies in the stack."""
    return next(screen for screen in app.screen_stack if isinstance(screen, MainScreen))
