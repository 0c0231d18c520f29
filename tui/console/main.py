"""Starting the console: the terminal's settings, the collector's child, the app."""

import os
import sys
from pathlib import Path

import platformdirs

from tui.config import Config
from tui.console.commands import wrong_keys
from tui.errors import ConfigError, UsageError
from tui.model.entry import Actor


def need_terminal() -> None:
    """Raises UsageError without a terminal that can draw."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError("the console needs a terminal that can draw", "this one cannot", "use sev alerts, sev board")


def run(
    config: Config,
    actor: Actor,
    *,
    read_only: bool = False,
    slow: bool = False,
    ascii_signs: bool = False,
    badge: str = "",
) -> int:
    """Open the console and stay until it is left; the exit code. Raises UsageError as `need_terminal` does."""
    need_terminal()
    if mistakes := wrong_keys(config.keys):
        raise ConfigError(mistakes)
    _prepare_terminal()
    from tui.console.app import SevApp
    from tui.console.child import Child
    from tui.console.session import Session
    from tui.store.engine import Store

    if not read_only:
        Store(config.store).close()  # a fault of the store is told before the screen is taken
    child = Child(config, Path(platformdirs.user_state_dir("sev", appauthor=False)) / "collector.log")
    session = Session(config, actor, read_only=read_only, slow=slow, badge=badge)
    if not read_only:
        child.ensure()
        session.collector = child
    try:
        return SevApp(session, local_time=not config.ui.utc, ascii_signs=ascii_signs or config.ui.ascii).run() or 0
    finally:
        child.stop()


def _prepare_terminal() -> None:
    """Over SSH an escape sequence may arrive in pieces: wait longer before a lone ESC counts as one."""
    if "SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ:
        os.environ.setdefault("ESCDELAY", "400")
