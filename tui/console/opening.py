"""What opens over the main screen to be read: an alert in full, the root-cause analysis."""

from typing import TYPE_CHECKING

from tui.console.render import detail
from tui.console.screens.reader import ReaderScreen
from tui.console.screens.rootcause import RootCauseScreen
from tui.model.alert import Alert, Candidate
from tui.model.catalog import Place
from tui.model.entry import Entry
from tui.store.alerts import get_alert, get_candidate, payload_of
from tui.store.catalog import read_graph
from tui.store.engine import Connection
from tui.store.entries import history
from tui.store.payloads import payload

if TYPE_CHECKING:
    from tui.console.screens.main import MainScreen


async def open_root_cause(screen: "MainScreen") -> None:
    """The root-cause screen of the open incident."""
    if screen.incident is not None:
        await screen.app.push_screen_wait(RootCauseScreen(screen.session, screen.incident.id, screen.look))
        screen.reload()


async def open_detail(screen: "MainScreen", number: int) -> None:
    """An alert in full; one key shows its newest payload as it came."""

    def read(conn: Connection) -> tuple[Alert, Candidate | None, Place | None, list[Entry], bytes | None]:
        alert = get_alert(conn, number)
        candidate = get_candidate(conn, alert.candidate) if alert.candidate else None
        place = read_graph(conn).around(alert.subject)
        return alert, candidate, place, history(conn, number), payload(conn, payload_of(conn, number))

    alert, candidate, place, told, body = await screen.session.read(read)
    look = screen.look
    pages = [
        ("enter", "detail", lambda columns: detail.lines(alert, candidate, place, told, look, columns)),
        ("e", "raw payload", lambda columns: detail.raw(body, columns)),
    ]
    await screen.app.push_screen_wait(ReaderScreen(detail.title(alert, look), pages))
