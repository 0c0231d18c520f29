"""What the keys about a row or an incident do: ask what must be asked, then let the desk act.

One function a command, listed in `ACTS`. Nothing here reads or writes but through the session.
"""

import re
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Final, TypeAlias

from tui.console.exporting import write_postmortem
from tui.console.ink import EMPTY, Ink, Piece, line
from tui.console.motion import narrow_feed
from tui.console.screens.form import Answers, Field, FormScreen
from tui.console.screens.panel import PanelScreen
from tui.desk import alerts, incidents, notes, people, phases
from tui.desk.act import Outcome, Pen
from tui.desk.incidents import Declaration
from tui.desk.undo import undo as undo_latest
from tui.errors import UsageError
from tui.model import ids
from tui.model.alert import Alert, Candidate
from tui.model.entry import WRITABLE, EntryKind
from tui.model.ids import Ref
from tui.model.incident import COMMANDER, Incident, Phase
from tui.model.moment import parse_span
from tui.model.severity import Severity
from tui.model.text import NOTHING, Safe, clean, lines
from tui.store.alerts import get_candidate
from tui.store.engine import Connection

if TYPE_CHECKING:
    from tui.console.screens.main import MainScreen

Deed: TypeAlias = "Callable[[MainScreen], Coroutine[None, None, None]]"


async def acknowledge(screen: "MainScreen") -> None:
    """At once, without a question."""
    if (alert := screen.row) is not None:
        await screen.do(alerts.acknowledge, (Ref("A", alert.id),))


async def unacknowledge(screen: "MainScreen") -> None:
    if (alert := screen.row) is not None:
        await screen.do(alerts.unacknowledge, (Ref("A", alert.id),))


async def declare(screen: "MainScreen") -> None:
    """The form, filled in by triage: enter is enough. On no row it is a report of one's own."""
    alert = screen.row if screen.row is not None and screen.row.incident is None else None
    candidate = await _candidate_of(screen, alert)
    name = f"C-{candidate.id}" if candidate else (f"A-{alert.id}" if alert else "what a person reports")
    answers = await screen.app.push_screen_wait(
        FormScreen(
            line(Piece(f"Declare an incident from {name}", Ink.BRIGHT)),
            _declaration_fields(alert, candidate),
            "declares it",
            _check_declaration,
        )
    )
    if answers is None:
        return
    declaration = Declaration(
        title=clean(answers["title"]),
        severity=Severity(int(answers["severity"])),
        reason=clean(answers["reason"]),
        candidate=candidate.id if candidate else None,
        alerts=(alert.id,) if alert and not candidate else (),
    )
    outcome = await screen.do(incidents.declare, declaration)
    if outcome is not None and outcome.changed:
        screen.open_incident(outcome.changed[0].number)


async def _candidate_of(screen: "MainScreen", alert: Alert | None) -> Candidate | None:
    if alert is None or alert.candidate is None:
        return None
    number = alert.candidate
    found = await screen.session.read(lambda conn: get_candidate(conn, number))
    return found if found.incident is None else None


def _declaration_fields(alert: Alert | None, candidate: Candidate | None) -> list[Field]:
    title = candidate.title if candidate else (alert.headline if alert else "")
    severity = candidate.severity if candidate else (alert.severity if alert else None)
    reason = candidate.reasons[0] if candidate and candidate.reasons else (alert.reason if alert else "")
    return [
        Field(name="title", label="title", value=title, hint="what is broken, for whom"),
        Field(name="severity", label="severity", value=str(int(severity or 2)), hint="1 now, 2 hours, 3 next day"),
        Field(name="reason", label="because", value=reason, hint="why this severity"),
    ]


def _check_declaration(answers: Answers) -> str | None:
    if not answers["title"]:
        return "a title is needed"
    return None if answers["severity"] in ("1", "2", "3") else "severity is 1, 2 or 3"


async def move(screen: "MainScreen") -> None:
    if (alert := screen.row) is None:
        return
    answer = await screen.ask(f"move A-{alert.id} to INC-n, C-n or none:")
    if not answer:
        return
    target = None if answer.strip() == "none" else ids.parse(answer, "INC", "C")
    await screen.do(alerts.move, (alert.id,), target)


async def snooze(screen: "MainScreen") -> None:
    """For a while; a snoozed alert is woken."""
    if (alert := screen.row) is None:
        return
    if alert.snoozed_until is not None:
        await screen.do(alerts.wake, (Ref("A", alert.id),))
        return
    answer = await screen.ask(f"snooze A-{alert.id} for:", "30m")
    if answer:
        try:
            length = parse_span(answer)
        except ValueError as error:
            raise UsageError(str(error)) from error
        await screen.do(alerts.snooze, (Ref("A", alert.id),), screen.session.clock() + length)


async def copy(screen: "MainScreen") -> None:
    if (alert := screen.row) is not None:
        screen.app.copy_to_clipboard(f"A-{alert.id} {alert.subject}: {alert.title}")
        screen.say(f"A-{alert.id} sent to the terminal's clipboard; `sev show A-{alert.id}` prints it")


async def note(screen: "MainScreen") -> None:
    """`kind: text` gives the note a kind (`update: …`, `hypothesis: …`); plain text is a note."""
    incident = _opened(screen)
    answer = await screen.ask(f"note INC-{incident.id}:")
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
    answer = await screen.ask(f"INC-{incident.id} is {incident.severity.word}; 1, 2 or 3 and why:")
    if not answer:
        return
    found = re.fullmatch(r"\s*(?:sev)?\s*([123])\b[\s:,]*(.*)", answer, re.IGNORECASE)
    if found is None:
        raise UsageError("the severity stays", f"{clean(answer, 20)} does not begin with 1, 2 or 3", "s asks again")
    await screen.do(incidents.change_severity, incident.id, Severity(int(found[1])), clean(found[2]))


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
        told = "the bleeding has stopped, alerts may still fire"
        if await confirm(screen, incident, "mitigated", told):
            await screen.do(phases.mitigate, incident.id)


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
    incident = _opened(screen)
    gaps = await screen.session.read(lambda conn: gate(conn, incident.id))
    if not gaps:
        if await confirm(screen, incident, word, told):
            await screen.do(step, incident.id, NOTHING, False)
    elif reason := await _override(screen, incident, word, gaps):
        await screen.do(step, incident.id, reason, True)


async def _override(screen: "MainScreen", incident: Incident, word: str, gaps: tuple[str, ...]) -> Safe:
    """Show what shuts a gate; the reason to go past it, empty where the person does not."""
    title = line(Piece(f"INC-{incident.id} cannot be {word} yet", Ink.LATE))
    body = [line(Piece("  - ", Ink.LATE), Piece(gap)) for gap in gaps[:12]]
    if len(gaps) > 12:
        body.append(line(Piece(f"    and {len(gaps) - 12} more", Ink.DIM)))
    panel = PanelScreen(title, [EMPTY, *body], {"o": "override with a reason"})
    answer = await screen.app.push_screen_wait(panel)
    reason = await screen.ask(f"override the gate of INC-{incident.id} because:") if answer else ""
    if not reason or not reason.strip():
        screen.say(f"INC-{incident.id} stays in {incident.phase}: {gaps[0]}", Ink.DUE)
    return clean(reason or "")


async def reopen(screen: "MainScreen") -> None:
    incident = _opened(screen)
    reason = await screen.ask(f"reopen INC-{incident.id} because:")
    if reason is not None:
        await screen.do(phases.reopen, incident.id, clean(reason))


async def commander(screen: "MainScreen") -> None:
    incident = _opened(screen)
    await screen.do(people.take_role, incident.id, COMMANDER, screen.session.actor.name, force=False, reason=NOTHING)


async def merge(screen: "MainScreen") -> None:
    incident = _opened(screen)
    answer = await screen.ask(f"merge INC-{incident.id} into INC-n:")
    if answer:
        target = ids.parse(answer, "INC").number
        if await confirm(screen, incident, f"merged into INC-{target}", "its alerts go over and it closes"):
            outcome = await screen.do(incidents.merge, incident.id, target)
            if outcome is not None:
                screen.open_incident(target)


async def confirm(screen: "MainScreen", incident: Incident, word: str, told: str) -> bool:
    """Names the object, says what will happen, takes `y` only."""
    title = line(Piece(f"INC-{incident.id} {incident.title}", Ink.BRIGHT))
    body = [line(Piece(f"becomes {word}: {told}. U takes it back.", Ink.TEXT))]
    return await screen.app.push_screen_wait(PanelScreen(title, body, {"y": word})) == "y"


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


ACTS: Final[dict[str, Deed]] = {
    "acknowledge": acknowledge,
    "unacknowledge": unacknowledge,
    "declare": declare,
    "move": move,
    "snooze": snooze,
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
}
"""What each command about a row or an incident does."""
