"""Small platforms and their troubles, told in a few words, and a play that feeds them to triage. No assertions."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import msgspec

from tui.model.catalog import FIRST_SOURCE, Edge, Facts, Graph, Node
from tui.model.graph import graph_of
from tui.model.severity import hint
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean
from tui.triage.case import Case
from tui.triage.engine import Outcome, Triage
from tui.triage.places import Places
from tui.triage.rules import NO_RULES, Rules
from tui.triage.trouble import Trouble, begin, take

START: Final = datetime(2026, 11, 24, 6, tzinfo=UTC)
"""When every play begins: a Tuesday, 06:00; what is due at 09:00 is due in minute 180."""
S: Final = SignalStatus


def minute(count: float) -> datetime:
    """The moment so many minutes after the start."""
    return START + timedelta(minutes=count)


def platform(text: str) -> Graph:
    """A catalog from lines such as `load > orders > board(dashboard, tier 1, due 09:00)`; `;` parts lines too.

    In brackets: `tier N`, `due HH:MM`, `usual N` (minutes), `aka NAME`, or a kind.
    """
    nodes: list[Node] = []
    edges: list[Edge] = []
    for line in re.split(r"[\n;]", text):
        chain = [_node(part.strip()) for part in line.split(">") if part.strip()]
        nodes += chain
        edges += [Edge(up.name, down.name) for up, down in pairwise(chain)]
    return graph_of([Facts(source=FIRST_SOURCE, nodes=tuple(nodes), edges=tuple(edges))])


def _node(text: str) -> Node:
    name, _, rest = text.rstrip(")").partition("(")
    facts: dict[str, object] = {"name": name.strip()}
    aliases: list[str] = []
    for fact in filter(None, (one.strip() for one in rest.split(","))):
        word, _, value = fact.partition(" ")
        if word == "tier":
            facts["tier"] = int(value)
        elif word == "due":
            facts["deadline"] = {"at": f"{value}:00"}
        elif word == "usual":
            facts["usual_minutes"] = int(value)
        elif word == "aka":
            aliases.append(value)
        else:
            facts["kind"] = fact
    return msgspec.convert({**facts, "aliases": tuple(aliases)}, Node)


def signal(
    source: str,
    subject: str,
    status: SignalStatus,
    title: str,
    kind: Kind = Kind.OTHER,
    word: str | None = None,
    attempt: int | None = None,
    of: int | None = None,
    labels: dict[str, str] | None = None,
) -> Signal:
    """Any signal; its key is the source and the subject."""
    return Signal(
        source=clean(source),
        format="generic",
        key=clean(f"{source}:{subject}"),
        status=status,
        kind=kind,
        title=clean(title),
        subject=clean(subject),
        severity_word=clean(word) if word else None,
        severity_hint=hint(word),
        attempt=attempt,
        max_attempts=of,
        labels={label: clean(value) for label, value in (labels or {}).items()},
    )


def fires(
    subject: str,
    title: str = "does not answer",
    word: str | None = "error",
    kind: Kind = Kind.OTHER,
    labels: dict[str, str] | None = None,
) -> Signal:
    """A monitor's alarm."""
    return signal("monitor", subject, S.FIRING, title, kind, word, labels=labels)


def resolves(subject: str) -> Signal:
    """The same monitor's all-clear."""
    return signal("monitor", subject, S.RESOLVED, "is well")


def retries(subject: str, attempt: int = 1, of: int = 3, pause: str | None = None) -> Signal:
    """A run that failed and is tried again by its scheduler."""
    labels = {"retry_delay": pause} if pause else None
    return signal("scheduler", subject, S.RETRYING, "failed", Kind.FAILED_JOB, "error", attempt, of, labels)


def fails(subject: str, attempt: int = 3, of: int = 3) -> Signal:
    """A run that failed for good."""
    return signal("scheduler", subject, S.FIRING, "failed", Kind.FAILED_JOB, "error", attempt, of)


def succeeds(subject: str, attempt: int | None = None, took: float | None = None) -> Signal:
    """A run that went well; `took` so many seconds."""
    labels = {"duration": str(took)} if took is not None else None
    return signal("scheduler", subject, S.SUCCEEDED, "ran well", Kind.FAILED_JOB, attempt=attempt, labels=labels)


def wrong(subject: str, title: str = "has doubled rows", word: str | None = "error") -> Signal:
    """A check of data that does not hold."""
    return signal("checks", subject, S.FIRING, title, Kind.DATA_QUALITY, word)


def right(subject: str) -> Signal:
    """The same check, passed."""
    return signal("checks", subject, S.RESOLVED, "holds", Kind.DATA_QUALITY)


def says(text: str, by: str = "li", subject: str = "chat") -> Signal:
    """A message of a person."""
    return signal("chat", subject, S.INFO, text, labels={"from": by})


def began(one: Signal, places: Places, at: float = 0, number: int = 0) -> Trouble:
    """The trouble that begins with this signal."""
    made = begin(number, one, places.place_of(one), minute(at))
    take(made, one, minute(at))
    return made


def case_of(*troubles: Trouble) -> Case:
    """A case of these troubles, proposed when the first of them began."""
    case = Case(number=0, began=troubles[0].began, proposed_at=troubles[0].began)
    for trouble in troubles:
        case.add(trouble)
    return case


class Play:
    """Triage of one small platform, fed minute by minute. Time stops wherever triage asked to look again."""

    def __init__(self, catalog: str = "", rules: Rules = NO_RULES) -> None:
        self.triage = Triage(platform(catalog), rules)
        self.now = START

    def at(self, count: float, *signals: Signal) -> int:
        """Let time pass until this minute, then take the signals in; the number of the last one."""
        moment, serial = minute(count), 0
        while (due := self.triage.next_at()) is not None and self.now < due <= moment:
            self.now = due
            self.triage.tick(due)
        self.now = moment
        self.triage.tick(moment)
        for one in signals:
            serial = self.triage.observe(one, moment)
        self.triage.tick(moment)
        return serial

    def outcome(self, serial: int) -> Outcome:
        """What became of a signal."""
        return self.triage.outcome(serial)

    def trouble(self, subject: str) -> Trouble:
        """The latest trouble of a subject."""
        return next(one for one in reversed(self.triage.troubles) if one.subject == subject)

    @property
    def cases(self) -> list[Case]:
        """The cases that stand, the oldest first."""
        return list(self.triage.cases)

    @property
    def case(self) -> Case:
        """The only case; ValueError where there are none or several."""
        (only,) = self.triage.cases
        return only

    @property
    def groups(self) -> list[set[Safe]]:
        """The subjects of each case that stands."""
        return [subjects(case) for case in self.cases]


def subjects(case: Case) -> set[Safe]:
    """What the members of a case speak of."""
    return {member.subject for member in case.members.values()}
