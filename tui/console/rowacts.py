"""What the keys about the row under the cursor do: ask what must be asked, then let the desk act."""

from typing import TYPE_CHECKING

from tui.console.exporting import write_copy
from tui.console.ink import Ink, Line, Piece, line
from tui.console.opening import open_impact, open_similar
from tui.console.screens.form import Answers, Field, FormScreen, fill_in
from tui.desk import alerts, incidents
from tui.desk.incidents import Declaration
from tui.errors import UsageError
from tui.model import ids
from tui.model.alert import VERDICTS, Alert, Candidate, Verdict
from tui.model.ids import Ref
from tui.model.moment import parse_span
from tui.model.severity import Severity
from tui.model.text import clean
from tui.reports.impact import worst
from tui.reports.recurrence import in_short
from tui.store.alerts import get_candidate
from tui.store.engine import Connection
from tui.store.similar import SeenBefore
from tui.store.similar import similar as find_similar

if TYPE_CHECKING:
    from tui.console.screens.main import MainScreen


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
    candidate, before = await _proposed(screen, alert)
    name = f"C-{candidate.id}" if candidate else (f"A-{alert.id}" if alert else "what a person reports")
    answers = await fill_in(
        FormScreen(
            line(Piece(f"Declare an incident from {name}", Ink.BRIGHT)),
            _declaration_fields(alert, candidate),
            "declares it",
            _check_declaration,
            notes=_known_of(candidate, before, screen),
            drafts=screen.session.drafts,
            draft=f"declare {name}",
        ),
        screen.app,
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


async def _proposed(screen: "MainScreen", alert: Alert | None) -> tuple[Candidate | None, list[SeenBefore]]:
    """The candidate that the row belongs to, if nobody declared it, and the earlier incident most alike."""
    if alert is None:
        return None, []
    number, own = alert.candidate, Ref("A", alert.id)

    def read(conn: Connection) -> tuple[Candidate | None, list[SeenBefore]]:
        return get_candidate(conn, number) if number is not None else None, find_similar(conn, own, 1)

    found, before = await screen.session.read(read)
    return (found if found is not None and found.incident is None else None), before


def _known_of(candidate: Candidate | None, before: list[SeenBefore], screen: "MainScreen") -> list[Line]:
    """What weighs when one declares: how much is in it, who is hit worst, and what was like it before."""
    told: list[Line] = []
    if candidate is not None:
        more = f", +{len(candidate.alerts) - 1} downstream" if len(candidate.alerts) > 1 else ""
        hit = worst(candidate.consumers, screen.look.now)
        others = f" and {len(candidate.consumers) - 1} more" if len(candidate.consumers) > 1 else ""
        told.append(line(Piece("root        ", Ink.DIM), Piece(f"{candidate.root_name}{more}")))
        told.append(line(Piece("impact      ", Ink.DIM), Piece(f"{hit}{others}" if hit else "no consumer is known")))
    told += [line(Piece("seen before ", Ink.DIM), Piece(in_short(one), Ink.DUE)) for one in before]
    return told


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
    answer = await screen.ask(f"move A-{alert.id} to INC-n, C-n or none:", draft=f"move A-{alert.id}")
    if not answer:
        return
    target = None if answer.strip() == "none" else ids.parse(answer, "INC", "C")
    await screen.do_since(screen.bottom.seen, alerts.move, (alert.id,), target)


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
        until = screen.session.clock() + length
        await screen.do_since(screen.bottom.seen, alerts.snooze, (Ref("A", alert.id),), until)


async def copy(screen: "MainScreen") -> None:
    """To the terminal's clipboard, which never says whether it took it; the same key again writes a file."""
    if (alert := screen.row) is None:
        return
    name, text = f"A-{alert.id}", f"A-{alert.id} {alert.subject}: {alert.title}"
    if screen.copied == text:
        screen.copied = ""
        screen.say(f"{name} written to {await write_copy(name, text)}", Ink.GOOD)
        return
    screen.copied = text
    screen.app.copy_to_clipboard(text)
    sent = "not copied: this terminal has no clipboard" if screen.terminal.silent else "sent to terminal"
    screen.say(f"{name} {sent}; y again writes it to a file")


async def verdict(screen: "MainScreen") -> None:
    """Overrule triage: another verdict, and why."""
    if (alert := screen.row) is None:
        return
    form = FormScreen(
        line(Piece(f"Overrule triage on A-{alert.id} {alert.subject}", Ink.BRIGHT)),
        [
            Field(name="verdict", label="verdict", hint="what it means"),
            Field(name="reason", label="because", hint="needed: triage keeps to it"),
        ],
        "overrules",
        _check_verdict,
        notes=[
            line(Piece("triage said ", Ink.DIM), Piece(f"{alert.verdict}: {alert.reason}")),
            line(Piece("one of      ", Ink.DIM), Piece("  ".join(VERDICTS), Ink.ACCENT)),
        ],
        drafts=screen.session.drafts,
        draft=f"verdict A-{alert.id}",
        seen=screen.seen,
    )
    answers = await fill_in(form, screen.app)
    if answers is not None:
        word = Verdict(answers["verdict"].lower())
        await screen.do_since(form.seen, alerts.judge, (Ref("A", alert.id),), word, clean(answers["reason"]))


def _check_verdict(answers: Answers) -> str | None:
    if answers["verdict"].lower() not in VERDICTS:
        return f"a verdict is {', '.join(VERDICTS)}"
    return None if answers["reason"] else "a reason is needed"


async def impact(screen: "MainScreen") -> None:
    """Who is hit and who will be, full screen."""
    if (alert := screen.row) is not None:
        await open_impact(screen, Ref("A", alert.id))


async def similar(screen: "MainScreen") -> None:
    """Earlier incidents alike, full screen."""
    if (alert := screen.row) is not None:
        await open_similar(screen, Ref("A", alert.id))
