"""Between a key and what it does: why it may not be done, and that it is done to what was seen."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.screen import Screen

from tui.console.commands import Command, Scope, shown_key

if TYPE_CHECKING:
    from tui.console.screens.main import MainScreen


def refusal(screen: "MainScreen", command: Command) -> str:
    """Why the key does nothing now; empty when it may act.

    A key about the row needs a row, and the one that was on the screen when it was pressed.
    """
    asked, feed = f"{shown_key(command)} {command.label}", screen.feed
    if command.scope is Scope.ROW:
        if feed.tombstone is not None:
            return f"{asked} did nothing: A-{feed.tombstone.id} left the feed; move the cursor to a row that is there"
        if not feed.is_seen:
            return f"{asked} did nothing: the row changed as the key came; look, and press it again"
        if feed.row is None and command.id != "declare":
            return f"nothing is selected: {asked} needs a row"
    if not command.legal(screen.row, screen.incident):
        return f"{asked} is not possible now: {command.help}"
    return ""


async def begin(screen: Screen[None], deed: Coroutine[None, None, None]) -> None:
    """Run `deed` beside the screen's own messages; returns when it has made its first step.

    What it reads in that step is what the key was pressed on: the next key is not looked at before.
    """
    begun = asyncio.Event()

    async def run() -> None:
        begun.set()  # who waits for it goes on after the step that follows
        await deed

    screen.run_worker(run(), group="act")
    with suppress(TimeoutError):
        await asyncio.wait_for(begun.wait(), 1)
