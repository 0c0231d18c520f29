"""Verbs on incidents: list, declare, link, merge, grade, and taking back one's own latest act."""

from datetime import datetime

import click

from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import an_id, grade, line, refs, since
from tui.errors import UsageError
from tui.model.ids import Ref, parse
from tui.model.incident import Incident, Phase
from tui.model.severity import Severity

_MANY = 10_000


@verb("sev incidents", "sev incidents --state open --json", "sev incidents --since 90d --sev 1")
@click.option(
    "--state",
    type=click.Choice(["open", *(phase.value for phase in Phase)]),
    help="Only in this phase; open: not over.",
)
@click.option("--sev", "severity", type=grade, metavar="1|2|3", help="Only this severity.")
@click.option("--since", type=since, metavar="TIME", help="Only those declared since: 90d, 2026-11-24.")
@click.option("--search", default="", metavar="TEXT", help="Only those with this text in the title.")
@click.option("--limit", type=click.IntRange(1, _MANY), default=200, show_default=True, help="At most so many.")
def incidents(
    session: Session,
    state: str | None,
    severity: Severity | None,
    since: datetime | None,
    search: str,
    limit: int,
) -> int:
    """Incidents, newest first."""
    from tui.reports import shapes
    from tui.store.incidents import all_incidents

    def wanted(one: Incident) -> bool:
        right_phase = state is None or (one.is_open if state == "open" else one.phase == state)
        return right_phase and severity in (None, one.severity) and search.lower() in one.title.lower()

    rows = [one for one in session.read(lambda conn: all_incidents(conn, _MANY, since)) if wanted(one)][:limit]
    rules = session.config.severity

    def lines() -> list[str]:
        from tui.cli.look import look_for
        from tui.cli.tables import incident_lines

        return incident_lines(rows, look_for(session.now, ascii_only=session.ascii), rules) or ["no incidents"]

    return session.answer((shapes.incident(one, rules) for one in rows), lines)


@verb(
    "sev declare C-3",
    "sev declare --alert A-12 A-13 --sev 2 --reason 'the 07:00 report is late'",
    "sev declare --title 'Finance sees yesterday' --sev 2",
)
@click.argument("ids", nargs=-1, metavar="[C-n|A-n…]")
@click.option("--alert", "alerts", multiple=True, metavar="A-n", help="An alert that belongs to it.")
@click.option("--title", help="What it is; else the candidate's or the root's title.")
@click.option("--sev", "severity", type=grade, metavar="1|2|3", help="Its severity; else the one proposed.")
@click.option("--reason", help="Why this severity; else triage's own reason.")
def declare(
    session: Session,
    ids: tuple[str, ...],
    alerts: tuple[str, ...],
    title: str | None,
    severity: Severity | None,
    reason: str | None,
) -> int:
    """Declare an incident from a candidate, from alerts, or (with neither) as your own report.

    Declaring acknowledges.
    """
    from tui.desk.incidents import Declaration
    from tui.desk.incidents import declare as deed

    named = refs((*ids, *alerts), "C", "A") if ids or alerts else ()
    proposals = [ref.number for ref in named if ref.prefix == "C"]
    if len(proposals) > 1:
        raise UsageError("one candidate makes one incident", f"{len(proposals)} were given", "declare them one by one")
    asked = Declaration(
        title=line(title) or None,
        severity=severity,
        reason=line(reason),
        candidate=proposals[0] if proposals else None,
        alerts=tuple(ref.number for ref in named if ref.prefix == "A"),
    )
    return session.commit(lambda pen: deed(pen, asked), create=not named)


@verb("sev link INC-7 A-12 A-13")
@click.argument("incident", type=an_id("INC"), metavar="INC")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def link(session: Session, incident: Ref, ids: tuple[str, ...]) -> int:
    """Add free alerts to an open incident."""
    from tui.desk.incidents import link as deed

    numbers = tuple(ref.number for ref in refs(ids, "A"))
    return session.commit(lambda pen: deed(pen, incident.number, numbers))


@verb("sev merge INC-8 INC-7")
@click.argument("incident", type=an_id("INC"), metavar="INC")
@click.argument("into", type=an_id("INC"), metavar="INTO")
def merge(session: Session, incident: Ref, into: Ref) -> int:
    """Put one open incident into another: its alerts go over, it closes and points there."""
    from tui.desk.incidents import merge as deed

    return session.commit(lambda pen: deed(pen, incident.number, into.number))


@verb("sev severity INC-7 1", "sev severity INC-7 3 --reason 'the report is not read on Sundays'")
@click.argument("incident", type=an_id("INC"), metavar="INC")
@click.argument("grade", type=grade, metavar="1|2|3")
@click.option("--reason", help="Why; lowering needs it.")
def severity(session: Session, incident: Ref, grade: Severity, reason: str | None) -> int:
    """Change an incident's severity. Lowering needs a reason."""
    from tui.desk.incidents import change_severity

    return session.commit(lambda pen: change_severity(pen, incident.number, grade, line(reason)))


@verb("sev undo", "sev undo INC-7")
@click.argument("incident", required=False, metavar="[INC]")
def undo(session: Session, incident: str | None) -> int:
    """Take back your own latest act, or your latest one on an incident. It is named; others' changes stay."""
    from tui.desk.undo import undo as deed

    number = None if incident is None else parse(incident, "INC").number
    return session.commit(lambda pen: deed(pen, number))
