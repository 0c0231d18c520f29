"""Who does what: roles are taken and given back."""

from tui.desk.act import Outcome, Pen
from tui.errors import RefusedError
from tui.model import events as ev
from tui.model.ids import Ref
from tui.model.text import NOTHING, Safe, clean
from tui.store.incidents import get_incident


def take_role(pen: Pen, number: int, role: Safe, name: Safe, *, force: bool = False, reason: Safe = NOTHING) -> Outcome:
    """Give `role` to `name`. Raises RefusedError, naming who, when another holds it, unless forced with a reason."""
    held = get_incident(pen.conn, number).holder(role)
    if held == name:
        return pen.done(f"{name} is {role} of INC-{number} already", Ref("INC", number))
    if held is not None and not (force and reason):
        raise RefusedError(
            f"INC-{number} has a {role}",
            f"{held} holds it",
            "ask them to give it back, or --force --reason TEXT",
            forcible=True,
        )
    pen.write(ev.RoleTaken(role=role, name=name, before=held), incident=number)
    if held is not None:
        pen.write(ev.Noted(text=clean(f"took {role} over from {held}: {reason}")), incident=number)
    return pen.done(f"{name} is {role} of INC-{number}", Ref("INC", number))


def end_role(pen: Pen, number: int, role: Safe, name: Safe) -> Outcome:
    """Take `role` from `name`. Raises RefusedError when they don't hold it."""
    held = get_incident(pen.conn, number).holder(role)
    if held != name:
        who = f"{held} does" if held else "nobody does"
        raise RefusedError(f"{name} does not hold {role} of INC-{number}", who, f"see `sev show INC-{number}`")
    pen.write(ev.RoleEnded(role=role, name=name), incident=number)
    return pen.done(f"{name} is no longer {role} of INC-{number}", Ref("INC", number))
