"""Verbs of the learn phase: the root-cause analysis and the changes that follow from it."""

from collections.abc import Iterator
from datetime import date

import click

from tui.cli.output import say, say_json
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import an_id, day, line, refs, text
from tui.desk.act import Outcome, Pen
from tui.errors import UsageError
from tui.model.ids import Ref, parse
from tui.model.learn import QUESTIONS, Action, ActionState, ActionType, Category, ItemState, Rca
from tui.model.text import person
from tui.reports import shapes
from tui.reports.shapes import Shape
from tui.store.engine import Connection
from tui.store.incidents import get_incident, get_rca

_SETTLED = {"done": ActionState.DONE, "drop": ActionState.DROPPED}


def _category(word: str) -> Category:
    """A category by its name or the beginning of it: `code`, `code-bug`, `infra`. Raises UsageError."""
    plain = word.strip().lower().replace("-", " ").replace("_", " ")
    found = [category for category in Category if plain and category.value.startswith(plain)]
    if len(found) != 1:
        raise UsageError(f"{word!r} is no kind of cause", "", f"one of {', '.join(Category)}")
    return found[0]


@verb(
    "sev rca INC-7",
    "sev rca INC-7 --item 1",
    "sev rca INC-7 --item 4 --text 'the poll limit was 6s' --evidence E-9",
    "sev rca INC-7 --category code --category process",
)
@click.argument("incident", type=an_id("INC"), metavar="INC")
@click.option("--item", type=click.IntRange(1, 9), help="Which of the nine; alone it confirms the proposed answer.")
@click.option("--text", "answer_text", help="The answer; - reads standard input.")
@click.option("--evidence", multiple=True, metavar="E-n", help="A timeline entry that shows it.")
@click.option("--category", "categories", multiple=True, help=f"A kind of cause: {', '.join(Category)}.")
@click.option("--reason", help="Why the cause stays unknown.")
def rca(
    session: Session,
    incident: Ref,
    item: int | None,
    answer_text: str | None,
    evidence: tuple[str, ...],
    categories: tuple[str, ...],
    reason: str | None,
) -> int:
    """Show the root-cause analysis, answer one of its nine items, or name the kinds of cause."""
    from tui.desk.learn import answer, categorise

    if item is None and (answer_text is not None or evidence):
        raise UsageError("which item is it?", "an answer belongs to one of the nine", "--item 1 … 9")
    if item is None and not categories:
        return _show_rca(session, incident.number)
    said = None if answer_text is None else text([answer_text])
    tied = tuple(ref.number for ref in refs(evidence, "E")) if evidence else ()
    kinds = tuple(dict.fromkeys(_category(word) for word in categories))

    def deed(pen: Pen) -> Outcome:
        told = []
        if item is not None:
            told.append(answer(pen, incident.number, item, said, tied))
        if kinds:
            told.append(categorise(pen, incident.number, kinds, line(reason)))
        return pen.done("; ".join(one.said for one in told), incident)

    return session.commit(deed, shape=lambda conn, ref: _rca_shape(conn, ref.number))


def _rca_shape(conn: Connection, number: int) -> Shape:
    return shapes.rca(get_rca(conn, number), get_incident(conn, number).severity)


def _show_rca(session: Session, number: int) -> int:
    if session.json:
        say_json([session.read(lambda conn: _rca_shape(conn, number))])
        return 0
    incident, analysis = session.read(lambda conn: (get_incident(conn, number), get_rca(conn, number)))
    say(f"INC-{number} {incident.title}")
    for told in rca_lines(analysis):
        say(told)
    missing = analysis.missing(incident.severity)
    say(f"missing to close: {'; '.join(missing)}" if missing else "nothing is missing to close")
    return 0


def rca_lines(analysis: Rca) -> Iterator[str]:
    """The nine items, `x` done and `~` proposed, with their answers and evidence."""
    yield f"cause: {', '.join(analysis.categories) or 'not named'}"
    signs = {ItemState.OPEN: " ", ItemState.PROPOSED: "~", ItemState.DONE: "x"}
    for one in analysis.items:
        tied = f"  [{', '.join(f'E-{n}' for n in one.evidence)}]" if one.evidence else ""
        yield f"[{signs[one.state]}] {one.n} {QUESTIONS[one.n]}{tied}"
        yield from (f"      {part}" for part in one.text.split("\n") if part)


@verb(
    "sev action INC-7 lint consumer profiles --type preventive --owner bo --due 2026-12-01",
    "sev action done ACT-4",
    "sev action drop ACT-5 --reason 'the job is gone'",
)
@click.argument("target", metavar="INC|done|drop")
@click.argument("words", nargs=-1, required=True, metavar="TEXT…|ACT-n")
@click.option("--type", "type_of", type=click.Choice([kind.value for kind in ActionType]), help="What the change does.")
@click.option("--owner", help="Who will do it.")
@click.option("--due", type=day, metavar="DATE", help="Until when: 2026-12-01, 2w.")
@click.option("--reason", help="Why it is dropped, or how it was done.")
def action(
    session: Session,
    target: str,
    words: tuple[str, ...],
    type_of: str | None,
    owner: str | None,
    due: date | None,
    reason: str | None,
) -> int:
    """Promise a change that prevents, detects or corrects; or mark one done or dropped."""
    from tui.desk.learn import promise, settle

    state = _SETTLED.get(target.lower())
    if state is not None:
        if len(words) != 1:
            raise UsageError(f"sev action {target} takes one ID", "expected ACT-n", "see `sev actions`")
        number = parse(words[0], "ACT").number
        return session.commit(lambda pen: settle(pen, number, state, line(reason)))
    incident = parse(target, "INC")
    if type_of is None:
        raise UsageError("what does the change do?", "none was named", f"--type {'|'.join(ActionType)}")
    said, kind = line(text(words)), ActionType(type_of)
    who = person(owner) if owner else None
    return session.commit(lambda pen: promise(pen, incident.number, said, kind, who, due))


@verb("sev actions", "sev actions --overdue --json")
@click.option("--overdue", is_flag=True, help="Only those still open after their due date.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=500, show_default=True, help="At most so many.")
def actions(session: Session, overdue: bool, limit: int) -> int:
    """Changes that were promised, the next due first."""
    from tui.store.incidents import actions as read

    today = session.now.date() if overdue else None
    rows = session.read(lambda conn: read(conn, overdue_on=today, limit=limit))
    return session.answer((shapes.action(one) for one in rows), lambda: _action_lines(session, rows))


def _action_lines(session: Session, rows: list[Action]) -> list[str]:
    from tui.cli.look import Cell, look_for, table

    look = look_for(session.now, ascii_only=session.ascii)
    cells: list[tuple[Cell, ...]] = [
        (
            f"ACT-{one.id}",
            f"INC-{one.incident}",
            one.state,
            one.type,
            one.owner or "no owner",
            one.due.isoformat() if one.due else "no due date",
            one.text,
        )
        for one in rows
    ]
    heads = ("id", "of", "state", "type", "owner", "due", "what")
    return table(look, heads, cells, long=6) or ["no actions"]
