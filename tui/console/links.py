"""The addresses that came with an alert: shown in full before anything is opened, and where nothing can be, copied."""

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from tui.console.ink import EMPTY, Ink, Piece, line
from tui.console.screens.panel import PanelScreen
from tui.model.alert import Alert
from tui.model.text import Safe

if TYPE_CHECKING:
    from tui.console.screens.main import MainScreen

_WEB: Final = ("https://", "http://")


def links_of(alert: Alert) -> tuple[tuple[str, Safe], ...]:
    """What each link is, and its address."""
    links = alert.links
    named = (("runbook", links.runbook), ("source", links.source), ("log", links.log))
    return tuple((name, address) for name, address in named if address)


async def show_links(screen: "MainScreen") -> None:
    """A panel of the addresses. A number opens one in the browser of this desktop; over SSH it copies it."""
    if (alert := screen.row) is None:
        return
    found = links_of(alert)
    opener = None if screen.terminal.remote else _opener()
    word = "open" if opener else "copy"
    body = [
        line(Piece(f"{n} {name:<8} ", Ink.ACCENT), Piece(address)) for n, (name, address) in enumerate(found, start=1)
    ]
    keys = {str(n): f"{word} {name}" for n, (name, _) in enumerate(found, start=1)}
    answer = await screen.app.push_screen_wait(
        PanelScreen(line(Piece(f"A-{alert.id} {alert.subject}: links", Ink.BRIGHT)), [EMPTY, *body], keys)
    )
    if answer is None:
        return
    name, address = found[int(answer) - 1]
    if opener is not None and address.startswith(_WEB):
        _hand_over(opener, address)
        screen.say(f"{name} of A-{alert.id} goes to the browser")
    else:
        screen.app.copy_to_clipboard(address)
        screen.say(f"{name} of A-{alert.id} sent to terminal")


def _hand_over(opener: str, address: str) -> None:
    quiet = subprocess.DEVNULL
    subprocess.Popen([opener, address], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


def _opener() -> str | None:
    """The program that hands an address to the desktop's browser; None where there is no desktop."""
    if sys.platform == "darwin":
        return shutil.which("open")
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return shutil.which("xdg-open")
    return None
