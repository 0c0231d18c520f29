"""An alert in full: verdict, severity, times, group, history, links, labels; and its raw payload."""

from tui.console.ink import Ink, Line, Piece, line, wrap
from tui.console.render import timeline
from tui.console.render.look import INKS, Look
from tui.model.alert import Alert, Candidate
from tui.model.catalog import Place, counted
from tui.model.entry import Entry
from tui.model.moment import span
from tui.model.row import STATE_WORDS
from tui.model.text import lines as clean_lines


def title(alert: Alert, look: Look) -> Line:
    """The first line of the detail."""
    grade = [look.chip(alert.severity), Piece("  ")] if alert.severity else []
    return line(
        *grade, Piece(f"A-{alert.id} {alert.subject}", Ink.BRIGHT), Piece(f"   {STATE_WORDS[alert.state]}", Ink.DIM)
    )


def lines(
    alert: Alert, candidate: Candidate | None, place: Place | None, told: list[Entry], look: Look, width: int
) -> list[Line]:
    """The whole alert, section by section; `place` is where the catalog has its subject."""
    rows: list[Line] = [line(Piece(part)) for part in wrap(alert.title, width, most=6)]
    rows += [(), *_verdict(alert, candidate, look), *_times(alert, look), *_standing(place)]
    for name, address in (("runbook", alert.links.runbook), ("source", alert.links.source), ("log", alert.links.log)):
        if address:
            rows.append(_row(name.upper(), address))
    rows += [(), line(Piece("HISTORY", Ink.DIM))]
    rows += timeline.lines(told, look, width, everything=True)
    if alert.labels:
        rows += [(), line(Piece("LABELS", Ink.DIM))]
        rows += [line(Piece(f"  {name} ", Ink.DIM), Piece(value)) for name, value in sorted(alert.labels.items())]
    return rows


def _row(name: str, value: str, more: str = "", ink: Ink = Ink.TEXT) -> Line:
    return line(Piece(f"{name:<11}", Ink.DIM), Piece(value, ink), Piece(f"  {more}" if more else "", Ink.DIM))


def _verdict(alert: Alert, candidate: Candidate | None, look: Look) -> list[Line]:
    rows = [_row("VERDICT", alert.verdict, alert.reason)]
    if alert.severity is not None:
        said = f"the tool said {alert.severity_word}" if alert.severity_word else "the tool named none"
        word = f"{look.shape(alert.severity)} {alert.severity.word}"
        rows.append(_row("SEVERITY", word, f"{alert.severity.meaning}; {said}", INKS[alert.severity]))
    if alert.incident is not None:
        rows.append(_row("INCIDENT", f"INC-{alert.incident}", ink=Ink.ACCENT))
    if candidate is not None:
        counted = "1 alert" if len(candidate.alerts) == 1 else f"{len(candidate.alerts)} alerts"
        rows.append(_row("CANDIDATE", f"C-{candidate.id}", f"{counted}, root A-{candidate.root}"))
    if alert.acknowledged_by and alert.acknowledged_at:
        rows.append(_row("WITH", alert.acknowledged_by, f"since {look.clock(alert.acknowledged_at)}", Ink.GOOD))
    if alert.attempt and alert.max_attempts:
        rows.append(_row("TRY", f"{alert.attempt} of {alert.max_attempts}", alert.run or ""))
    elif alert.run:
        rows.append(_row("RUN", alert.run))
    return rows


def _times(alert: Alert, look: Look) -> list[Line]:
    began = f"episode {alert.episode}, {span((alert.ended_at or look.now) - alert.started_at)}"
    rows = [_row("BEGAN", look.clock(alert.started_at, seconds=True), began)]
    if alert.ended_at is not None:
        rows.append(_row("ENDED", look.clock(alert.ended_at, seconds=True)))
    heard = f"last {look.clock(alert.last_seen, seconds=True)}, {alert.count} deliveries"
    rows.append(_row("HEARD", look.clock(alert.first_seen, seconds=True), heard))
    if alert.snoozed_until is not None:
        rows.append(_row("SNOOZED", f"until {look.clock(alert.snoozed_until)}"))
    rows.append(_row("FROM", alert.source, f"{alert.format}, {alert.kind}, key {alert.key}"))
    return rows


def _standing(place: Place | None) -> list[Line]:
    if place is None:
        return []
    known = (
        ("OWNER", place.node.owner),
        ("UPSTREAM", counted(place.upstream)),
        ("DOWNSTREAM", counted(place.downstream)),
    )
    return [_row(name, value) for name, value in known if value]


def raw(payload: bytes | None, width: int) -> list[Line]:
    """The newest payload as it came, control characters made visible."""
    if payload is None:
        return [line(Piece("no payload is kept of it", Ink.DIM))]
    text = clean_lines(payload[:20_000].decode("utf-8", "replace"), 20_000)
    rows = [line(Piece(f"{len(payload)} bytes as received", Ink.DIM)), ()]
    return rows + [line(Piece(part)) for part in wrap(text, width, most=400)]
