"""What the keys about the screen do: panes, motion, folding, filters, what opens and closes. Nothing here writes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from tui.console.commands import COMMANDS, Scope, shown_key
from tui.console.greeting import collects_no_more
from tui.console.ink import Ink, Line, Piece, line, pad
from tui.console.opening import open_detail, open_root_cause
from tui.console.panes.board import BoardPane
from tui.console.panes.feed import FeedPane
from tui.console.panes.timeline import TimelinePane
from tui.console.screens.palette import PaletteScreen
from tui.console.screens.reader import ReaderScreen
from tui.console.widgets.lines import Pane
from tui.model.alert import Alert
from tui.model.ids import Ref
from tui.model.text import clean
from tui.store.alerts import get_alert
from tui.store.feed import Order

if TYPE_CHECKING:
    from tui.console.screens.main import MainScreen

PANES: Final = ("feed", "timeline", "board", "checklist")


def focused(screen: "MainScreen") -> Pane:
    """The pane one works in."""
    pane = screen.focused
    return pane if isinstance(pane, Pane) else screen.feed


def go_to_pane(screen: "MainScreen", name: str) -> None:
    """Focus a pane; on a small screen it takes the place of its neighbour."""
    screen.set_class(name == "board", "at-board")
    screen.set_class(name == "checklist", "at-checklist")
    zoomed = next((pane for pane in PANES if screen.has_class(f"zoom-{pane}")), None)
    if zoomed is not None:
        screen.remove_class(f"zoom-{zoomed}")
        screen.add_class(f"zoom-{name}")
    screen.set_focus(screen.query_one(f"#{name}", Pane))  # at once: the next key may be on its way already
    screen.call_after_refresh(screen.redraw)


def _pane(name: str) -> "Callable[[MainScreen], None]":
    return lambda screen: go_to_pane(screen, name)


def next_pane(screen: "MainScreen") -> None:
    place = PANES.index(focused(screen).id or "feed")
    go_to_pane(screen, PANES[(place + 1) % len(PANES)])


def _step(lines: int) -> "Callable[[MainScreen], None]":
    return lambda screen: focused(screen).step(lines)


def _page(pages: int) -> "Callable[[MainScreen], None]":
    return lambda screen: focused(screen).page(pages)


def unfold(screen: "MainScreen") -> None:
    pane = focused(screen)
    if isinstance(pane, BoardPane):
        pane.sideways(1)
    elif isinstance(pane, TimelinePane):
        _everything(screen, True)
    elif isinstance(pane, FeedPane) and pane.tombstone is not None:
        screen.say(_gone(pane.tombstone))
    elif isinstance(pane, FeedPane) and pane.folds is not None:
        _groups(screen, screen.wanted.groups | {pane.folds})
    else:
        _unfolded(screen, True)


def fold(screen: "MainScreen") -> None:
    pane = focused(screen)
    if isinstance(pane, BoardPane):
        pane.sideways(-1)
    elif isinstance(pane, TimelinePane):
        _everything(screen, False)
    elif isinstance(pane, FeedPane) and pane.tombstone is not None:
        screen.say(_gone(pane.tombstone))
    elif isinstance(pane, FeedPane) and pane.unfolds is not None:
        root = pane.unfolds
        pane.go_to_alert(root)
        _groups(screen, screen.wanted.groups - {root})
    else:
        _unfolded(screen, False)


def _gone(alert: Alert) -> str:
    return f"nothing was done: A-{alert.id} left the feed; move the cursor to a row that is there"


def _groups(screen: "MainScreen", groups: frozenset[int]) -> None:
    screen.want(msgspec.structs.replace(screen.wanted, groups=groups))


def _unfolded(screen: "MainScreen", unfolded: bool) -> None:
    query = msgspec.structs.replace(screen.wanted.query, unfolded=unfolded)
    screen.want(msgspec.structs.replace(screen.wanted, query=query))


def everything(screen: "MainScreen") -> None:
    _everything(screen, not screen.timeline.everything)


def _everything(screen: "MainScreen", shown: bool) -> None:
    screen.timeline.everything = shown
    screen.redraw()


def order(screen: "MainScreen") -> None:
    query = screen.wanted.query
    other = Order.ATTENTION if query.order is Order.TIME else Order.TIME
    screen.want(msgspec.structs.replace(screen.wanted, query=msgspec.structs.replace(query, order=other)))
    screen.say("by time, newest first; = again for what waits first" if other is Order.TIME else "what waits first")


def open_more(screen: "MainScreen") -> None:
    """Enter: what it opens depends on the pane."""
    pane = focused(screen)
    if isinstance(pane, BoardPane):
        if pane.tombstone is not None:
            screen.say(f"nothing was opened: {pane.tombstone} left the board; move to a card that is there")
        else:
            _open_card(screen, pane.cursor)
    elif pane.id == "checklist" and screen.incident is not None:
        screen.start(open_root_cause(screen), "root cause")
    elif pane.id == "timeline":
        everything(screen)
    elif screen.row is not None:
        screen.start(open_detail(screen, screen.row.id), "detail")
    else:
        screen.say(_gone(screen.feed.tombstone) if screen.feed.tombstone else "nothing is selected")


def _open_card(screen: "MainScreen", ref: Ref | None) -> None:
    if ref is None:
        screen.say("the board is empty")
    elif ref.prefix == "INC":
        screen.open_incident(ref.number)
    elif screen.shown is not None:
        root = next((one.root for one in screen.shown.board.candidates if one.id == ref.number), None)
        if root is not None:
            go_to_pane(screen, "feed")
            screen.feed.go_to_alert(root)


def root_cause(screen: "MainScreen") -> None:
    screen.start(open_root_cause(screen), "root cause")


def go_there(screen: "MainScreen") -> None:
    """To what NEXT names; from there back to where one was."""
    if screen.came_from is not None:
        pane, row = screen.came_from
        screen.came_from = None
        go_to_pane(screen, pane)
        if row is not None:
            screen.feed.go_to_alert(row)
        return
    where = screen.advice.where if screen.advice else None
    if where is None:
        screen.say("NEXT names no place")
        return
    here = (focused(screen).id or "feed", screen.row.id if screen.row else None)
    if screen.feed.go_to_alert(where.number):
        screen.came_from = here
        go_to_pane(screen, "feed")
    else:
        screen.start(_to_its_root(screen, where, here), None)


async def _to_its_root(screen: "MainScreen", where: Ref, here: tuple[str, int | None]) -> None:
    """What lies folded in a group is at its root, which unfolds."""
    root = await screen.session.read(lambda conn: get_alert(conn, where.number).under)
    if root is None or not screen.feed.go_to_alert(root):
        screen.say(f"{where} is not in this list; esc shows all alerts")
        return
    screen.came_from = here
    _groups(screen, screen.wanted.groups | {root})
    go_to_pane(screen, "feed")
    screen.say(f"{where} lies under A-{root}")


def zoom(screen: "MainScreen") -> None:
    pane = focused(screen).id or "feed"
    was = screen.has_class(f"zoom-{pane}")
    for name in PANES:
        screen.remove_class(f"zoom-{name}")
    if not was:
        screen.add_class(f"zoom-{pane}")
    screen.call_after_refresh(screen.redraw)


async def narrow_feed(screen: "MainScreen") -> None:
    """Ask for words and show only the alerts that have them."""
    answer = await screen.ask("filter alerts by:", screen.wanted.query.words)
    if answer is not None:
        _words(screen, clean(answer))


def _words(screen: "MainScreen", words: str) -> None:
    query = msgspec.structs.replace(screen.wanted.query, words=words)
    screen.want(msgspec.structs.replace(screen.wanted, query=query))
    screen.say(f"only alerts with “{words}”; esc shows all" if words else "all alerts")


def palette(screen: "MainScreen") -> None:
    legal = [
        command
        for command in COMMANDS
        if command.scope is not Scope.ROOT_CAUSE and command.legal(screen.row, screen.incident)
    ]

    async def chosen(name: str | None) -> None:
        if name is not None:
            await screen.action_command(name)

    screen.app.push_screen(PaletteScreen(legal), chosen)


def show_help(screen: "MainScreen") -> None:
    title = line(Piece("Keys", Ink.BRIGHT), Piece("   every one is also a verb: sev --help", Ink.DIM))
    screen.app.push_screen(ReaderScreen(title, [("?", "help", lambda _: _help_lines())]))


def _help_lines() -> list[Line]:
    rows: list[Line] = []
    for scope in Scope:
        rows += [(), line(Piece(scope.value.upper(), Ink.ACCENT))]
        for command in COMMANDS:
            if command.scope is scope:
                key = " ".join((shown_key(command), *command.keys[1:]))
                rows.append(line(Piece(pad(f"  {key}", 16), Ink.BRIGHT), Piece(command.help, Ink.TEXT)))
    return rows[1:]


def local_time(screen: "MainScreen") -> None:
    screen.local_time = not screen.local_time
    screen.redraw()
    screen.say("clock times in this machine's zone" if screen.local_time else "clock times in UTC")


def back(screen: "MainScreen") -> None:
    """Out of a question, a zoom, a filter: the innermost first."""
    bottom = screen.bottom
    if bottom.is_asking:
        bottom.cancel()
    elif any(screen.has_class(f"zoom-{name}") for name in PANES):
        for name in PANES:
            screen.remove_class(f"zoom-{name}")
        screen.call_after_refresh(screen.redraw)
    elif screen.wanted.query.words:
        _words(screen, "")
    else:
        go_to_pane(screen, "feed")


def leave(screen: "MainScreen") -> None:
    """Quit on the second key within three seconds."""
    now = screen.session.clock()
    if screen.quit_asked_at is not None and (now - screen.quit_asked_at).total_seconds() < 3:
        screen.app.exit(0)
        return
    screen.quit_asked_at = now
    screen.say(f"q again quits{collects_no_more(screen.session)}", Ink.DUE)


MOTIONS: "Final[dict[str, Callable[[MainScreen], None]]]" = {
    "pane_1": _pane("feed"),
    "pane_2": _pane("timeline"),
    "pane_3": _pane("board"),
    "pane_4": _pane("checklist"),
    "next_pane": next_pane,
    "up": _step(-1),
    "down": _step(1),
    "page_up": _page(-1),
    "page_down": _page(1),
    "top": _step(-(1 << 30)),
    "bottom": _step(1 << 30),
    "unfold": unfold,
    "fold": fold,
    "open": open_more,
    "root_cause": root_cause,
    "order": order,
    "everything": everything,
    "go_there": go_there,
    "zoom": zoom,
    "palette": palette,
    "help": show_help,
    "local_time": local_time,
    "back": back,
    "quit": leave,
}
"""What each command about the screen does."""
