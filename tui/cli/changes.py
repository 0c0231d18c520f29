"""The verb that lists changes: what assess and the root-cause analysis ask for first."""

from datetime import datetime

import click

from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import since
from tui.model.text import clean
from tui.reports import shapes
from tui.store import changes as store


@verb("sev changes --since 24h", "sev changes --touches card-scoring", "sev show CH-3")
@click.option("--since", type=since, metavar="TIME", help="Only those made since: 24h, 14:05, 2026-11-24.")
@click.option("--touches", metavar="NAME", help="Only those that touch this job, dataset or service, by any name.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="At most so many.")
def changes(session: Session, since: datetime | None, touches: str | None, limit: int) -> int:
    """Deploys, new schemas and settings, newest first. A change is not an alert."""
    named = clean(touches) if touches else None
    rows = session.read(lambda conn: store.changes(conn, since=since, touches=named, limit=limit))

    def lines() -> list[str]:
        from tui.cli.look import look_for
        from tui.cli.tables import change_lines

        return change_lines(rows, look_for(session.now, ascii_only=session.ascii)) or ["no changes"]

    return session.answer((shapes.change(one) for one in rows), lines)
