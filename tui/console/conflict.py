"""Two people change one thing: who came later sees both values and decides, and nothing is overwritten unseen."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from textual.app import App

from tui.console.ink import EMPTY, Ink, Line, Piece, line, wrap
from tui.console.screens.panel import PanelScreen
from tui.console.session import Session
from tui.desk.act import Outcome, Pen
from tui.errors import ChangedError

P = ParamSpec("P")


async def do_or_ask(
    app: App[int],
    session: Session,
    seen: int | None,
    deed: Callable[Concatenate[Pen, P], Outcome],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Outcome:
    """Do `deed`; where somebody else changed the thing since event `seen`, ask first. Raises SevError.

    Whoever leaves theirs as it is gets the ChangedError, and keeps the draft. Between the question and the answer
    it may change again: then it is asked again.
    """
    while True:
        try:
            return await session.do_since(seen, deed, *args, **kwargs)
        except ChangedError as error:
            if not error.seq or not await _overwrites(app, error):
                raise
            seen = error.seq


async def _overwrites(app: App[int], error: ChangedError) -> bool:
    columns = max(20, app.size.width - 14)
    body: list[Line] = []
    for label, text, ink in (("theirs", error.theirs, Ink.DUE), ("yours", error.yours, Ink.TEXT)):
        first, *rest = wrap(text, columns, most=6)
        body.append(line(Piece(f"  {label:<8}", Ink.DIM), Piece(first, ink)))
        body += [line(Piece(f"  {'':<8}"), Piece(part, ink)) for part in rest]
    title = line(Piece(error.what, Ink.BRIGHT), Piece(f": {error.why}", Ink.DUE))
    return await app.push_screen_wait(PanelScreen(title, [EMPTY, *body], {"y": "write yours over it"})) == "y"
