"""Verbs of people: roles, and what is written into the timeline."""

from datetime import datetime

import click

from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import an_id, line, moment, text
from tui.model.entry import WRITABLE, EntryKind
from tui.model.ids import Ref
from tui.model.text import person

_INCIDENT = click.argument("incident", type=an_id("INC"), metavar="INC")


@verb("sev role INC-7 commander", "sev role INC-7 scribe li", "sev role INC-7 commander li --end")
@_INCIDENT
@click.argument("role")
@click.argument("name", required=False)
@click.option("--end", is_flag=True, help="Give the role back.")
@click.option("--force", is_flag=True, help="Take it from who holds it; needs --reason.")
@click.option("--reason", help="Why it is taken from them.")
def role(
    session: Session, incident: Ref, role: str, name: str | None, end: bool, force: bool, reason: str | None
) -> int:
    """Give a role to NAME (you, without a name), or end it. Refused, naming who, when another holds it."""
    from tui.desk.people import end_role, take_role

    held, who = line(role.lower()), person(name) if name else session.actor.name
    if end:
        return session.commit(lambda pen: end_role(pen, incident.number, held, who))
    return session.commit(lambda pen: take_role(pen, incident.number, held, who, force=force, reason=line(reason)))


@verb(
    "sev note INC-7 lag falls on 3 of 12 partitions",
    "sev note INC-7 --kind decision --at '14:05' 'roll v812 back'",
    "kubectl get pods | sev note INC-7 --kind observation -",
)
@_INCIDENT
@click.argument("words", nargs=-1, required=True, metavar="TEXT…")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in WRITABLE]),
    default="note",
    show_default=True,
    help="What it is.",
)
@click.option("--at", type=moment, metavar="TIME", help="When it happened, if not now: 14:05, '20m ago'.")
@click.option("--pin", is_flag=True, help="Keep it in sight.")
def note(session: Session, incident: Ref, words: tuple[str, ...], kind: str, at: datetime | None, pin: bool) -> int:
    """Write into an incident's timeline. `-` reads the text from standard input."""
    from tui.desk.notes import note as deed

    said = text(words)
    return session.commit(lambda pen: deed(pen, incident.number, said, kind=EntryKind(kind), at=at, pinned=pin))
