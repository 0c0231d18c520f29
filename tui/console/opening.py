"""What opens over the main screen to be read: an alert in full, impact, what was seen before, the root cause."""

from typing import TYPE_CHECKING

import msgspec

from tui.console.ink import Ink, Piece, line
from tui.console.render import detail, impact
from tui.console.render.detail import Shown
from tui.console.screens.reader import ReaderScreen
from tui.console.screens.rootcause import RootCauseScreen
from tui.model.ids import Ref
from tui.model.text import Safe
from tui.reports.impact import Impact, gather
from tui.store.alerts import get_alert, get_candidate, payload_of
from tui.store.engine import Connection
from tui.store.entries import history
from tui.store.payloads import payload_or_why
from tui.store.placing import standing_of
from tui.store.runs import habit_behind
from tui.store.similar import SeenBefore, similar

if TYPE_CHECKING:
    from tui.console.screens.main import MainScreen


async def open_root_cause(screen: "MainScreen") -> None:
    """The root-cause screen of the open incident."""
    if screen.incident is not None:
        await screen.app.push_screen_wait(RootCauseScreen(screen.session, screen.incident.id, screen.look))
        screen.reload()


async def open_detail(screen: "MainScreen", number: int) -> None:
    """An alert in full; one key shows its newest payload as it came."""

    now, look = screen.session.clock(), screen.look

    def read(conn: Connection) -> tuple[Shown, Impact, list[SeenBefore], bytes | Safe]:
        alert = get_alert(conn, number)
        shown = Shown(
            alert=alert,
            candidate=get_candidate(conn, alert.candidate) if alert.candidate else None,
            standing=standing_of(conn, alert),
            told=tuple(history(conn, number)),
            habit=habit_behind(conn, alert),
        )
        own, raw = Ref("A", number), payload_or_why(conn, payload_of(conn, number), alert.last_seen)
        return shown, gather(conn, own, now), similar(conn, own), raw

    shown, hit, before, body = await screen.session.read(read)
    shown = msgspec.structs.replace(shown, before=tuple(before))
    pages = [
        ("enter", "detail", lambda columns: detail.lines(shown, look, columns)),
        ("i", "impact", lambda columns: impact.lines(hit, look, columns)),
        ("b", "seen before", lambda columns: impact.seen_before(before, columns)),
        ("e", "raw payload", lambda columns: detail.raw(body, columns)),
    ]
    await screen.app.push_screen_wait(ReaderScreen(detail.title(shown.alert, look), pages))


async def open_impact(screen: "MainScreen", ref: Ref) -> None:
    """Who is hit by what `ref` is part of, who will be, and what changed; one key shows what was like it before."""
    now, look = screen.session.clock(), screen.look

    def read(conn: Connection) -> tuple[Impact, list[SeenBefore]]:
        return gather(conn, ref, now), similar(conn, ref)

    shown, before = await screen.session.read(read)
    pages = [
        ("i", "impact", lambda columns: impact.lines(shown, look, columns)),
        ("b", "seen before", lambda columns: impact.seen_before(before, columns)),
    ]
    await screen.app.push_screen_wait(ReaderScreen(impact.title(shown, look), pages))


async def open_similar(screen: "MainScreen", ref: Ref) -> None:
    """Earlier incidents alike, with what was learned of them."""
    before = await screen.session.read(lambda conn: similar(conn, ref, 10))
    title = line(Piece(f"Seen before, like {ref}", Ink.BRIGHT))
    pages = [("b", "seen before", lambda columns: impact.seen_before(before, columns))]
    await screen.app.push_screen_wait(ReaderScreen(title, pages))
