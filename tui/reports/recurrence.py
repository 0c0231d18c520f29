"""Seen before, in words: one earlier incident alike, and what came of it. The same on the screen and in lists."""

from tui.model.learn import ActionState
from tui.store.similar import SeenBefore

_STATES = {ActionState.DONE: "done", ActionState.OPEN: "OPEN", ActionState.DROPPED: "dropped"}


def headline(one: SeenBefore) -> str:
    """`INC-17 2026-08-03, 81 % alike: same root; words: lag, rebalance`."""
    at = one.incident.resolved_at or one.incident.declared_at
    return f"INC-{one.incident.id} {at:%Y-%m-%d}, {round(one.score * 100)} % alike: {'; '.join(one.why)}"


def lessons(one: SeenBefore) -> list[tuple[str, str]]:
    """What was learned, as (name, text): what it was, why, the kinds of cause, and each action with its state."""
    told = [("what", str(one.incident.title))]
    if one.cause:
        told.append(("why", str(one.cause)))
    if one.rca.categories:
        told.append(("cause", ", ".join(one.rca.categories)))
    told += [
        (f"ACT-{action.id}", f"{_STATES[action.state]}: {action.text} ({action.type})") for action in one.rca.actions
    ]
    if not one.rca.actions:
        told.append(("actions", "none was promised"))
    return told


def in_short(one: SeenBefore) -> str:
    """One line: `INC-17 2026-08-03 81 %: consumer group rebalanced; ACT-4 OPEN`."""
    at = one.incident.resolved_at or one.incident.declared_at
    what = one.cause or one.incident.title
    states = ", ".join(f"ACT-{action.id} {_STATES[action.state]}" for action in one.rca.actions)
    return f"INC-{one.incident.id} {at:%Y-%m-%d} {round(one.score * 100)} %: {what}" + (f"; {states}" if states else "")
