"""The verb that erases what an entry or a rejected payload says, from the log, the rows and the file's own bytes."""

import click

from tui.cli.output import warn
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import an_id, line
from tui.errors import StoreError
from tui.model.ids import Ref


@verb("sev redact E-31 --reason 'a password was pasted'", "sev redact R-5 --reason 'holds customer data'")
@click.argument("ref", type=an_id("E", "R"), metavar="E-n|R-n")
@click.option("--reason", help="Why it is erased; it stays in the timeline, so don't repeat what you erase.")
def redact(session: Session, ref: Ref, reason: str | None) -> int:
    """Erase what an entry or a rejected payload says, for good. Who, when and what it was about stay.

    The raw payload and the labels that a signal came with go as well. It can't be taken back. Exports and
    backups that were made before still hold it.
    """
    from tui.desk.redact import redact as deed

    code = session.commit(lambda pen: deed(pen, ref, line(reason)))
    _shred(session)
    return code


def _shred(session: Session) -> None:
    """Have no byte of it in the file and its log; older copies beside the store are named."""
    again = "run the same command again"
    try:
        with session.open(write=True) as store:
            if not store.compact():
                warn(f"its bytes are still in the store's log: another one reads from it: {again}")
    except StoreError as error:
        warn(f"its bytes may still be in the store's file: {error}: {again}")
    path = session.store_path
    copies = sorted(
        one.name for kind in ("before-restore", "layout") for one in path.parent.glob(f"{path.name}.{kind}-*")
    )
    if copies:
        warn(f"copies beside the store were made before and may still hold it: {', '.join(copies)}")
