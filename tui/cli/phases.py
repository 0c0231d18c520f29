"""Verbs of an incident's life. Each is refused by its gate unless it is forced with a reason."""

import click

from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import an_id, line
from tui.model.ids import Ref
from tui.model.incident import Phase

_INCIDENT = click.argument("incident", type=an_id("INC"), metavar="INC")
_FORCE = click.option("--force", is_flag=True, help="Override the gate; needs --reason.")
_REASON = click.option("--reason", help="Why.")


@verb("sev phase INC-7 resolve", "sev phase INC-7 respond --reason 'it was not the cache'")
@_INCIDENT
@click.argument("to", type=click.Choice([phase.value for phase in Phase]))
@_FORCE
@_REASON
def phase(session: Session, incident: Ref, to: str, force: bool, reason: str | None) -> int:
    """Take an incident to a phase. One step forward is mitigate, resolve or close; anything else needs a reason."""
    from tui.desk.phases import change_phase

    step = Phase(to)
    return session.commit(lambda pen: change_phase(pen, incident.number, step, reason=line(reason), force=force))


@verb("sev mitigate INC-7")
@_INCIDENT
def mitigate(session: Session, incident: Ref) -> int:
    """The bleeding has stopped; the trouble is not over yet."""
    from tui.desk.phases import mitigate as deed

    return session.commit(lambda pen: deed(pen, incident.number))


@verb("sev resolve INC-7", "sev resolve INC-7 --force --reason 'etl-node-7 was switched off'")
@_INCIDENT
@_FORCE
@_REASON
def resolve(session: Session, incident: Ref, force: bool, reason: str | None) -> int:
    """The trouble is over. Refused while an alert of the incident fires or is quiet."""
    from tui.desk.phases import resolve as deed

    return session.commit(lambda pen: deed(pen, incident.number, reason=line(reason), force=force))


@verb("sev close INC-7")
@_INCIDENT
@_FORCE
@_REASON
def close(session: Session, incident: Ref, force: bool, reason: str | None) -> int:
    """What it teaches is written down. Refused with what is missing in the root-cause analysis."""
    from tui.desk.phases import close as deed

    return session.commit(lambda pen: deed(pen, incident.number, reason=line(reason), force=force))


@verb("sev reopen INC-7 --reason 'the same job failed again'")
@_INCIDENT
@_REASON
def reopen(session: Session, incident: Ref, reason: str | None) -> int:
    """Back to respond, from learn or closed. Needs a reason."""
    from tui.desk.phases import reopen as deed

    return session.commit(lambda pen: deed(pen, incident.number, line(reason)))
