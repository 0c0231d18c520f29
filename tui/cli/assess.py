"""Verbs that assess: who is hit, and what was like it before."""

from collections.abc import Iterator

import click

from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import an_id
from tui.model.ids import Ref
from tui.reports import impact as told
from tui.reports import recurrence, shapes
from tui.reports.impact import Impact


@verb("sev impact C-3", "sev impact INC-7 --json", "sev impact A-12")
@click.argument("ref", type=an_id("A", "C", "INC"), metavar="ID")
def impact(session: Session, ref: Ref) -> int:
    """Who is hit by an alert, candidate or incident and who will be, worst first; what changed before; who owns it."""
    now = session.now
    shown = session.read(lambda conn: told.gather(conn, ref, now))
    return session.answer([told.shape(shown, now)], lambda: _lines(session, shown))


def _lines(session: Session, shown: Impact) -> Iterator[str]:
    from tui.cli.look import Cell, look_for, table

    look = look_for(session.now, ascii_only=session.ascii)
    yield f"{look.ink(look.grade(shown.severity))} {shown.ref} {shown.title}".strip()
    yield told.summed(shown)
    hit: list[tuple[Cell, ...]] = [
        (one.name, told.tier(one.tier), told.STATES[one.state], told.needed_by(one.deadline, look.now, look.clock))
        for one in shown.consumers
    ]
    yield from table(look, ("who needs it", "tier", "state", "needs it by"), hit, long=0)
    below: list[tuple[Cell, ...]] = [
        (
            node.name,
            told.tier(node.tier),
            node.kind or "",
            told.needed_by(told.due_next(node, look.now), look.now, look.clock),
            node.owner or "",
        )
        for node in shown.downstream
    ]
    yield from table(look, ("downstream, not hit yet", "tier", "kind", "needs it by", "owner"), below, long=0)
    if shown.changes:
        from tui.cli.tables import change_lines

        yield from change_lines(shown.changes, look)
    else:
        yield "no change of the last day touches it or what it is made from"


@verb("sev similar C-3", "sev similar INC-7 --json")
@click.argument("ref", type=an_id("A", "C", "INC"), metavar="ID")
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True, help="At most so many.")
def similar(session: Session, ref: Ref, limit: int) -> int:
    """Earlier incidents alike, the most alike first: by what, why they happened, and what came of the promises."""
    from tui.store.similar import similar as find

    rows = session.read(lambda conn: find(conn, ref, limit))

    def lines() -> Iterator[str]:
        if not rows:
            yield "nothing alike was seen before"
        for one in rows:
            yield recurrence.headline(one)
            yield from (f"  {name:<9} {text}" for name, text in recurrence.lessons(one))

    return session.answer((shapes.earlier(one) for one in rows), lines)
