"""What the keys about the open incident do: ask what must be asked, then let the desk act.

One function a command; `ACTS` lists them with those about the row.
Nothing here reads or writes but through the session.
"""

import re
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Final, TypeAlias

from tui.console.exporting import write_postmortem
from tui.console.ink import EMPTY, Ink, Piece, line
from tui.console.links import show_links
from tui.console.motion import narrow_feed
from tui.console.rowacts import acknowledge, copy, declare, impact, move, similar, snooze, unacknowledge, verdict
from tui.console.screens.panel import PanelScreen, confirm
from tui.desk import incidents, notes, people, phases
from tui.desk.act import Outcome, Pen
from tui.desk.undo import undo as undo_latest
from tui.errors import UsageError
from tui.model import ids
from tui.model.entry import WRITABLE, EntryKind
from tui.model.ids import Ref
from tui.model.incident import COMMANDER, Incident, Phase
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe, clean, lines
from tui.store.engine import Connection

if TYPE_CHECKING:
    from tui.console.screens.main import MainScreen

Deed: TypeAlias = "Callable[[MainScreen], Coroutine[None, None, None]]"


async def note(screen: "MainScreen") -> None:
    """`kind: text` gives the note a kind (`update: …`, `hypothesis: …`); plain text is a note."""
    incident = _opened(screen)
    answer = await screen.ask(f"note INC-{incident.id}:", draft=f"note INC-{incident.id}")
    if answer and answer.strip():
        kind, text = _kind_of_note(answer)
        await screen.do(notes.note, incident.id, text, kind=kind)


def _kind_of_note(answer: str) -> tuple[EntryKind, Safe]:
    word, colon, rest = answer.partition(":")
    if colon and rest.strip() and word.strip().lower() in WRITABLE:
        return EntryKind(word.strip().lower()), lines(rest.strip())
    return EntryKind.NOTE, lines(answer)


async def severity(screen: "MainScreen") -> None:
    """`1 because cards use old scores`: the grade, then why."""
    incident = _opened(screen)
    question = f"INC-{incident.id} is {incident.severity.word}; 1, 2 or 3 and why:"
    answer = await screen.ask(question, draft=f"severity INC-{incident.id}")
    if not answer:
        return
    found = re.fullmatch(r"\s*(?:sev)?\s*([123])\b[\s:,]*(.*)", answer, re.IGNORECASE)
    if found is None:
        raise UsageError("the severity stays", f"{clean(answer, 20)} does not begin with 1, 2 or 3", "s asks again")
    grade, why = Severity(int(found[1])), clean(found[2])
    await screen.do_since(screen.bottom.seen, incidents.change_severity, incident.id, grade, why)


async def next_phase(screen: "MainScreen") -> None:
    """One step forward, by name; the resolve step goes through its gate, a closed incident is reopened."""
    incident = _opened(screen)
    if incident.phase is Phase.RESOLVE:
        await resolve(screen)
    elif incident.phase is Phase.CLOSED:
        await reopen(screen)
    elif incident.phase is Phase.LEARN:
        await close(screen)
    else:
        told, seen = "the bleeding has stopped, alerts may still fire", screen.seen
        if await confirm(screen.app, Ref("INC", incident.id), incident.title, "mitigated", told):
            await screen.do_since(seen, phases.mitigate, incident.id)


async def resolve(screen: "MainScreen") -> None:
    """Shows the gate; where it is shut, only a reason opens it."""
    told = "no alert of it fires, the root cause comes next"
    await _through_gate(screen, "resolved", told, phases.resolve_gate, phases.resolve)


async def close(screen: "MainScreen") -> None:
    """Closes what is understood; else says what is missing."""
    told = "the analysis is complete, every change has owner and date"
    await _through_gate(screen, "closed", told, phases.close_gate, phases.close)


async def _through_gate(
    screen: "MainScreen",
    word: str,
    told: str,
    gate: Callable[[Connection, int], tuple[str, ...]],
    step: Callable[[Pen, int, Safe, bool], Outcome],
) -> None:
    """An open gate asks for a `y`, a shut one for a reason."""
    incident, seen = _opened(screen), screen.seen
    gaps = await screen.session.read(lambda conn: gate(conn, incident.id))
    if not gaps:
        if await confirm(screen.app, Ref("INC", incident.id), incident.title, word, told):
            await screen.do_since(seen, step, incident.id, NOTHING, False)
    elif reason := await _override(screen, incident, word, gaps):
        await screen.do_since(seen, step, incident.id, reason, True)


async def _override(screen: "MainScreen", incident: Incident, word: str, gaps: tuple[str, ...]) -> Safe:
    """Show what shuts a gate; the reason to go past it, empty where the person does not."""
    title = line(Piece(f"INC-{incident.id} cannot be {word} yet", Ink.LATE))
    body = [line(Piece("  - ", Ink.LATE), Piece(gap)) for gap in gaps[:12]]
    if len(gaps) > 12:
        body.append(line(Piece(f"    and {len(gaps) - 12} more", Ink.DIM)))
    panel = PanelScreen(title, [EMPTY, *body], {"o": "override with a reason"})
    answer = await screen.app.push_screen_wait(panel)
    question = f"override the gate of INC-{incident.id} because:"
    reason = await screen.ask(question, draft=f"override INC-{incident.id}") if answer else ""
    if not reason or not reason.strip():
        screen.say(f"INC-{incident.id} stays in {incident.phase}: {gaps[0]}", Ink.DUE)
    return clean(reason or "")


async def reopen(screen: "MainScreen") -> None:
    incident = _opened(screen)
    reason = await screen.ask(f"reopen INC-{incident.id} because:", draft=f"reopen INC-{incident.id}")
    if reason is not None:
        await screen.do_since(screen.bottom.seen, phases.reopen, incident.id, clean(reason))


async def commander(screen: "MainScreen") -> None:
    incident = _opened(screen)
    await screen.do(people.take_role, incident.id, COMMANDER, screen.session.actor.name, force=False, reason=NOTHING)


async def merge(screen: "MainScreen") -> None:
    incident = _opened(screen)
    answer = await screen.ask(f"merge INC-{incident.id} into INC-n:")
    if answer:
        target = ids.parse(answer, "INC").number
        word, told = f"merged into INC-{target}", "its alerts go over and it closes"
        if await confirm(screen.app, Ref("INC", incident.id), incident.title, word, told):
            outcome = await screen.do(incidents.merge, incident.id, target)
            if outcome is not None:
                screen.open_incident(target)


def _opened(screen: "MainScreen") -> Incident:
    """The open incident; a key about it is not legal without one."""
    if screen.incident is None:
        raise UsageError("no incident is open", "this key is about one", "d declares")
    return screen.incident


async def undo(screen: "MainScreen") -> None:
    """Take back one's own latest act; the line at the bottom names it."""
    await screen.do(undo_latest)


async def export(screen: "MainScreen") -> None:
    """Write the post-mortem into the folder one is in."""
    number = _opened(screen).id
    path = await write_postmortem(screen.session, number)
    screen.say(f"post-mortem of INC-{number} written to {path}", Ink.GOOD)


def _of_app(action: str) -> Deed:
    async def deed(screen: "MainScreen") -> None:
        await screen.app.run_action(action)

    return deed


ACTS: Final[dict[str, Deed]] = {
    "acknowledge": acknowledge,
    "unacknowledge": unacknowledge,
    "declare": declare,
    "verdict": verdict,
    "impact": impact,
    "similar": similar,
    "move": move,
    "snooze": snooze,
    "links": show_links,
    "copy": copy,
    "note": note,
    "severity": severity,
    "next_phase": next_phase,
    "resolve": resolve,
    "reopen": reopen,
    "commander": commander,
    "merge": merge,
    "undo": undo,
    "filter": narrow_feed,
    "export": export,
    "mouse": _of_app("app.mouse"),
    "stop": _of_app("app.stop"),
}
"""What each command about a row or an incident does."""
