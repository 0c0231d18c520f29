"""Acts of the learn phase: answer the nine items, name the causes, promise and settle actions."""

from datetime import date

from tui.desk.act import Outcome, Pen
from tui.errors import RefusedError, UsageError
from tui.model import events as ev
from tui.model.ids import Ref
from tui.model.learn import NEED_EVIDENCE, QUESTIONS, ActionState, ActionType, Category
from tui.model.text import Safe
from tui.store.entries import get_entry
from tui.store.incidents import get_action, get_incident, get_rca
from tui.store.rows import next_number


def answer(pen: Pen, number: int, n: int, text: Safe | None, evidence: tuple[int, ...]) -> Outcome:
    """Answer item `n` (1 to 9). Without text the proposed answer is confirmed; evidence is added to what is tied.

    Raises UsageError for an item that is not there, has no text yet, or follows from actions (9).
    """
    get_incident(pen.conn, number)
    if n not in QUESTIONS:
        raise UsageError(f"there is no item {n}", "the analysis has nine", "--item 1 … 9")
    if n == 9:
        raise UsageError("item 9 has no text of its own", "it is done by its actions", "sev action INC TEXT --type …")
    kept = get_rca(pen.conn, number).items[n - 1]
    said = text if text is not None else kept.text
    if not said.strip():
        raise UsageError(f"item {n} has no answer yet", QUESTIONS[n], "--text T")
    if text is not None and text != kept.text:
        pen.heed(
            f"item {n} of INC-{number}",
            text,
            ev.RcaAnswered,
            incident=number,
            about=lambda body: isinstance(body, ev.RcaAnswered) and body.n == n,
        )
    for entry in evidence:
        get_entry(pen.conn, entry)
    tied = tuple(dict.fromkeys((*kept.evidence, *evidence)))
    pen.write(ev.RcaAnswered(n=n, text=said, evidence=tied), incident=number)
    needs = " (needs an entry as evidence to count)" if n in NEED_EVIDENCE and not tied else ""
    return pen.done(f"answered item {n} of INC-{number}{needs}", Ref("INC", number))


def categorise(pen: Pen, number: int, categories: tuple[Category, ...], reason: Safe) -> Outcome:
    """Name the kinds of cause, all of them. Raises RefusedError for `unknown` without a reason."""
    get_incident(pen.conn, number)
    pen.heed(f"cause of INC-{number}", ", ".join(categories) or "none", ev.RcaCategorised, incident=number)
    if Category.UNKNOWN in categories and not reason:
        raise RefusedError("the cause stays unnamed", "unknown needs a reason", "add --reason TEXT")
    pen.write(ev.RcaCategorised(categories=categories, reason=reason), incident=number)
    return pen.done(f"cause of INC-{number}: {', '.join(categories) or 'none named'}", Ref("INC", number))


def promise(pen: Pen, number: int, text: Safe, type_of: ActionType, owner: Safe | None, due: date | None) -> Outcome:
    """Promise a change. Owner and due date may come later, but closing asks for them."""
    get_incident(pen.conn, number)
    if not text.strip():
        raise UsageError("an action needs text", "this one is empty", "say what will change")
    action = next_number(pen.conn, "action")
    pen.write(ev.ActionPromised(action=action, text=text, type=type_of, owner=owner, due=due), incident=number)
    return pen.done(f"ACT-{action} {type_of} for INC-{number}", Ref("ACT", action))


def settle(pen: Pen, action: int, state: ActionState, reason: Safe) -> Outcome:
    """Mark an action done or dropped. Raises RefusedError when it is dropped without a reason."""
    kept = get_action(pen.conn, action)
    if kept.state is state:
        return pen.done(f"ACT-{action} is {state} already", Ref("ACT", action))
    if state is ActionState.DROPPED and not reason:
        raise RefusedError(f"ACT-{action} stays", "dropping a promise needs a reason", "add --reason TEXT")
    pen.write(ev.ActionSettled(action=action, state=state, reason=reason), incident=kept.incident)
    return pen.done(f"ACT-{action} is {state}", Ref("ACT", action))
