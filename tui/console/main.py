"""Starting the console: the terminal's settings, the collector's child, the guard, the app."""

import os
import sys
from pathlib import Path

import platformdirs

from tui.config import Config
from tui.console.commands import wrong_keys
from tui.console.terminal import Colours, Terminal, this_terminal
from tui.errors import ConfigError, UsageError
from tui.model.entry import Actor


def need_terminal() -> Terminal:
    """The terminal that the console draws on. Raises UsageError without one that can draw."""
    terminal = this_terminal()
    for stream in (sys.stdin, sys.stdout):
        if stream is None or stream.closed or not stream.isatty():  # None: it was closed by whoever started us
            name = "its input" if stream is sys.stdin else "its output"
            raise UsageError("the console needs a terminal", f"{name} is none", "use sev alerts, sev board")
    if not terminal.draws:
        named = f"TERM={terminal.term}" if terminal.term else "TERM is not set"
        raise UsageError("the console needs a terminal that can draw", named, "use sev alerts, sev board")
    return terminal


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
    terminal = need_terminal()
    if mistakes := wrong_keys(config.keys):
        raise ConfigError(mistakes)
    _prepare_terminal(terminal)
    from tui.console.app import SevApp
    from tui.console.child import Child
    from tui.console.guard import Guard
    from tui.console.outlet import Outlet
    from tui.console.session import Session
    from tui.store.engine import Store

    if not read_only:
        Store(config.store).close()  # a fault of the store is told before the screen is taken
    child = Child(config, Path(platformdirs.user_state_dir("sev", appauthor=False)) / "collector.log")
    session = Session(config, actor, read_only=read_only, slow=slow, badge=badge)
    plain = ascii_signs or config.ui.ascii or terminal.needs_ascii
    outlet = Outlet(sys.stdout.fileno(), encoding=terminal.encoding, ascii_signs=plain)
    with Guard(outlet, sys.stdin.fileno(), last_words=child.let_go) as guard:
        if not read_only:
            child.ensure()
            session.collector = child
        app = SevApp(session, local_time=not config.ui.utc, ascii_signs=plain, terminal=terminal, outlet=outlet)
        guard.leave_by(app.leave)
        try:
            code = app.run(mouse=not terminal.remote) or 0
        finally:
            child.let_go() if guard.code is not None else child.stop()
    outlet.close()
    if guard.code is None and app.fault is not None:
        raise app.fault
    return code if guard.code is None else guard.code


def _prepare_terminal(terminal: Terminal) -> None:
    """What Textual reads from the environment, once, when it is imported."""
    if terminal.remote:  # an escape sequence may arrive in pieces: wait longer before a lone ESC counts as one
        os.environ.setdefault("ESCDELAY", "400")
    if terminal.silent:  # nor does it know the newer keyboard protocol
        os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    if terminal.colours is Colours.NONE:
        os.environ["NO_COLOR"] = "1"
    elif not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)  # empty means nothing; Textual takes it for a yes
