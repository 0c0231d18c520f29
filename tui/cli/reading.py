"""Verbs that read one thing whole: show, timeline, board, rejected."""

from collections.abc import Iterable
from datetime import datetime

import click

from tui.cli.output import say, say_json
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import an_id, since
from tui.model.entry import Entry
from tui.model.ids import Ref
from tui.reports import shapes
from tui.reports.shapes import Shape
from tui.store.engine import Connection


@verb("sev show INC-7", "sev show A-12 --json", "sev show CH-3")
@click.argument("ref", type=an_id(), metavar="ID")
def show(session: Session, ref: Ref) -> int:
    """Everything about an alert, candidate, incident, entry, action, change or rejected payload."""
    if session.json:
        from tui.cli.objects import shape_of

        say_json([session.read(lambda conn: shape_of(conn, ref, lambda: session.config.severity))])
        return 0
    from tui.cli.describe import describe
    from tui.cli.look import look_for

    look = look_for(session.now, ascii_only=session.ascii)
    rules = session.config.severity
    for line in session.read(lambda conn: list(describe(conn, ref, look, rules))):
        say(line)
    return 0


@verb("sev timeline INC-7", "sev timeline INC-7 --since 1h", "sev timeline A-12 --json")
@click.argument("ref", type=an_id("INC", "A"), metavar="INC")
@click.option("--since", type=since, metavar="TIME", help="Only what happened since: 1h, 14:05.")
@click.option("--people", is_flag=True, help="Only what people wrote and did.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=10_000, help="At most so many, the newest.")
def timeline(session: Session, ref: Ref, since: datetime | None, people: bool, limit: int) -> int:
    """What happened to an incident (or an alert), in order, with the date when it changes. Times are UTC."""
    entries = session.read(lambda conn: _entries(conn, ref, since, limit))
    rows = [one for one in entries if one.from_person] if people else entries

    def lines() -> Iterable[str]:
        from tui.cli.look import look_for
        from tui.cli.tables import entry_lines

        return entry_lines(rows, look_for(session.now, ascii_only=session.ascii)) if rows else ["no entries"]

    return session.answer((shapes.entry(one) for one in rows), lines)


def _entries(conn: Connection, ref: Ref, since: datetime | None, limit: int) -> list[Entry]:
    from tui.store import entries
    from tui.store.alerts import get_alert
    from tui.store.incidents import get_incident

    if ref.prefix == "INC":
        get_incident(conn, ref.number)
        return entries.timeline(conn, ref.number, since=since, limit=limit)
    get_alert(conn, ref.number)
    found = entries.history(conn, ref.number, limit)
    return [one for one in found if since is None or one.at >= since]


@verb("sev board", "sev board --json")
def board(session: Session) -> int:
    """Incidents not closed and candidates not declared, in three columns, each with the one clock that matters."""
    from tui.store.alerts import open_candidates
    from tui.store.incidents import open_incidents

    living, proposed = session.read(lambda conn: (open_incidents(conn), open_candidates(conn)))
    rules = session.config.severity
    if session.json:
        whole: Shape = {
            "incidents": [shapes.incident(one, rules) for one in living],
            "candidates": [shapes.candidate(one) for one in proposed],
        }
        say_json([whole])
        return 0
    from tui.cli.look import look_for
    from tui.cli.tables import board_lines

    for line in board_lines(living, proposed, look_for(session.now, ascii_only=session.ascii), rules):
        say(line)
    return 0


@verb("sev rejected", "sev show R-5")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="At most so many.")
def rejected(session: Session, limit: int) -> int:
    """Payloads that could not be read, newest first; `sev show R-n` shows how one begins."""
    from tui.store.payloads import rejected as read

    rows = session.read(lambda conn: read(conn, limit))

    def lines() -> list[str]:
        from tui.cli.look import Cell, look_for, table

        look = look_for(session.now, ascii_only=session.ascii)
        cells: list[tuple[Cell, ...]] = [
            (f"R-{one.id}", look.clock(one.received_at), one.source, f"{one.size} B", one.reason) for one in rows
        ]
        return table(look, ("id", "at", "source", "size", "why"), cells, long=4) or ["nothing was rejected"]

    return session.answer((shapes.rejected(one, None) for one in rows), lines)
