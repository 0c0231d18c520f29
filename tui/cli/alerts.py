"""Verbs on alerts and candidates: list, acknowledge, give up, snooze, move, overrule, split."""

from datetime import datetime

import click

from tui.cli.output import say, warn
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import ahead, an_id, grade, line, refs, since
from tui.errors import UsageError
from tui.model.alert import VERDICTS, Alert, AlertState, Candidate, Verdict
from tui.model.ids import Ref, parse
from tui.model.severity import Severity
from tui.store.engine import Connection

_MANY = 10_000
"""Alerts that are looked through for a state or severity before the list is cut."""


@verb("sev alerts", "sev alerts --sev 1 --state new", "sev alerts --search card-scoring --since 2h --json")
@click.option("--state", type=click.Choice([state.value for state in AlertState]), help="Only those in this state.")
@click.option("--sev", "severity", type=grade, metavar="1|2|3", help="Only this severity.")
@click.option("--source", help="Only those of this source.")
@click.option("--since", type=since, metavar="TIME", help="Only those heard since: 2h, 14:05, 2026-11-24.")
@click.option("--search", default="", metavar="TEXT", help="Only those with all these words.")
@click.option("--limit", type=click.IntRange(1, _MANY), default=200, show_default=True, help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="Also what is folded, and what the feed no longer shows.")
def alerts(
    session: Session,
    state: str | None,
    severity: Severity | None,
    source: str | None,
    since: datetime | None,
    search: str,
    limit: int,
    everything: bool,
) -> int:
    """Alerts in the feed's order: what waits for a person first, then by severity, then newest trouble.

    For people, retries that recovered and routine are told as one line; --all and
    --json list them.
    """
    from tui.store import feed

    picky = state is not None or severity is not None
    filtered = picky or source is not None or since is not None or bool(search)

    def read(conn: Connection) -> list[Alert]:
        found = feed.search(
            conn, words=search, source=source, since=since, gone=everything, limit=_MANY if picky else limit + 1
        )
        wanted = [
            one for one in found if state in (None, one.state.value) and severity in (None, one.severity)
        ]  # fmt: skip
        return [_with_labels(conn, one) for one in wanted[: limit + 1]] if session.json else wanted[: limit + 1]

    rows = session.read(read)
    if len(rows) > limit:
        warn(f"the first {limit} are shown: more are there: --limit N")
    return _answer(session, rows[:limit], fold=not (everything or filtered))


def _with_labels(conn: Connection, one: Alert) -> Alert:
    from tui.store.alerts import get_alert

    return get_alert(conn, one.id)


def _answer(session: Session, rows: list[Alert], *, fold: bool) -> int:
    if session.json:
        from tui.reports import shapes

        return session.answer((shapes.alert(one) for one in rows), list)
    from tui.cli.look import look_for
    from tui.cli.tables import alert_lines

    look = look_for(session.now, ascii_only=session.ascii)
    folded = [one for one in rows if fold and _folds(one)]
    shown = [one for one in rows if one not in folded] if folded else rows
    for told in alert_lines(shown, look) or ["no alerts"]:
        say(told)
    if folded:
        from tui.store.feed import folded_counts

        say(f"{len(folded)} folded: {folded_counts(folded).folded_words} (--all lists them)")
    return 0


def _folds(one: Alert) -> bool:
    """Whether the feed folds it into its last line."""
    recovered = one.verdict is Verdict.RETRY and one.state is AlertState.OK
    return recovered or one.verdict in (Verdict.INFO, Verdict.NOISE)


@verb("sev candidates", "sev candidates --sev 1 --json")
@click.option("--sev", "severity", type=grade, metavar="1|2|3", help="Only this severity.")
@click.option("--search", default="", metavar="TEXT", help="Only those with this text in title or reasons.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=200, show_default=True, help="At most so many.")
def candidates(session: Session, severity: Severity | None, search: str, limit: int) -> int:
    """Alerts that belong together and nobody declared yet, gravest first."""
    from tui.store.alerts import open_candidates

    words = search.lower()

    def wanted(one: Candidate) -> bool:
        told = " ".join((one.title, *one.reasons)).lower()
        return severity in (None, one.severity) and words in told

    rows = [one for one in session.read(lambda conn: open_candidates(conn, 1_000)) if wanted(one)][:limit]
    if session.json:
        from tui.cli.objects import shape_of

        named = [Ref("C", one.id) for one in rows]
        rules = session.config.severity
        return session.answer(session.read(lambda conn: [shape_of(conn, ref, lambda: rules) for ref in named]), list)

    from tui.cli.look import look_for
    from tui.cli.tables import candidate_lines

    look = look_for(session.now, ascii_only=session.ascii)
    for told in candidate_lines(rows, look, session.config.severity) or ["no candidates"]:
        say(told)
    return 0


@verb("sev ack A-12", "sev ack C-3", "sev alerts --sev 1 --json | jq -r .id | sev ack -")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def ack(session: Session, ids: tuple[str, ...]) -> int:
    """Acknowledge alerts or candidates: you are looking at them.

    An alert that is a candidate's root stands for the whole candidate. All or nothing:
    one ID that is not there and none is acknowledged. `-` reads IDs from standard input.
    """
    from tui.desk.alerts import acknowledge

    wanted = refs(ids, "A", "C")
    return session.commit(lambda pen: acknowledge(pen, wanted))


@verb("sev unack A-12")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def unack(session: Session, ids: tuple[str, ...]) -> int:
    """Give acknowledgements up: the alerts wait for somebody again."""
    from tui.desk.alerts import unacknowledge

    wanted = refs(ids, "A", "C")
    return session.commit(lambda pen: unacknowledge(pen, wanted))


@verb("sev snooze A-12 --for 2h", "sev snooze A-12 --wake")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--for", "until", type=ahead, metavar="LENGTH", help="How long: 30m, 2h.")
@click.option("--wake", is_flag=True, help="End the snooze now.")
def snooze(session: Session, ids: tuple[str, ...], until: datetime | None, wake: bool) -> int:
    """Hide alerts for a while. They still fire for the resolve gate."""
    from tui.desk import alerts as desk

    wanted = refs(ids, "A", "C")
    if wake:
        return session.commit(lambda pen: desk.wake(pen, wanted))
    if until is None:
        raise UsageError("a snooze needs an end", "none was given", "--for 2h, or --wake")
    return session.commit(lambda pen: desk.snooze(pen, wanted, until))


@verb("sev move A-12 A-13 INC-7", "sev move A-12 C-3", "sev move A-12 none")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.argument("target", metavar="INC|C-n|none")
def move(session: Session, ids: tuple[str, ...], target: str) -> int:
    """Put alerts into an incident or a candidate, or (none) out on their own."""
    from tui.desk import alerts as desk

    numbers = tuple(ref.number for ref in refs(ids, "A"))
    place: Ref | None = None if target.lower() == "none" else parse(target, "INC", "C")
    return session.commit(lambda pen: desk.move(pen, numbers, place))


@verb("sev verdict A-12 noise --reason 'the nightly drill'", "sev verdict C-3 incident --reason 'finance waits for it'")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.argument("word", type=click.Choice([one.value for one in VERDICTS]), metavar="|".join(VERDICTS))
@click.option("--reason", help="Why; it is needed.")
def verdict(session: Session, ids: tuple[str, ...], word: str, reason: str | None) -> int:
    """Overrule triage: what alerts (a candidate: all of its alerts) mean. Triage keeps to it from then on."""
    from tui.desk.alerts import judge

    wanted = refs(ids, "A", "C")
    why = line(reason)
    return session.commit(lambda pen: judge(pen, wanted, Verdict(word), why))


@verb("sev split C-3 A-12 A-13")
@click.argument("candidate", type=an_id("C"), metavar="C-n")
@click.argument("ids", nargs=-1, required=True, metavar="A-n…")
def split(session: Session, candidate: Ref, ids: tuple[str, ...]) -> int:
    """Take alerts out of a candidate: they stand on their own, and triage leaves them there."""
    from tui.desk import alerts as desk

    numbers = tuple(ref.number for ref in refs(ids, "A"))
    return session.commit(lambda pen: desk.split(pen, candidate.number, numbers))
