"""Finding earlier incidents alike: full-text search over their words; how they rank is in triage.recurrence."""

from collections import defaultdict
from typing import Final

import msgspec

from tui.model.ids import Ref
from tui.model.incident import Incident
from tui.model.learn import Rca
from tui.model.text import Safe
from tui.store.alerts import alerts_of_incident, get_alert, get_alerts, get_candidate
from tui.store.catalog import read_graph
from tui.store.engine import Connection
from tui.store.incidents import get_incident, get_rca
from tui.triage.recurrence import LEAST, Alike, Earlier, Story, most_alike, telling, weights

_LOOKED_AT: Final = 30  # of the search's best, how many are weighed
_MEMBERS: Final = 60  # alerts of a story that are read: more tell nothing new
_OVER: Final = (
    " FROM incident_words w JOIN incident i ON i.id = w.rowid WHERE i.phase IN ('learn', 'closed')"
    " AND i.merged_into IS NULL AND i.id <> ?2 AND incident_words MATCH ?1"
)
_HOLDING: Final = "SELECT w.rowid AS id" + _OVER
_RANKED: Final = (
    "SELECT w.rowid AS id, -bm25(incident_words, 1.0, 2.0, 3.0, 1.0, 1.0) AS fits"  # subjects and root tell most
    + _OVER
    + " ORDER BY fits DESC LIMIT ?3"
)
_NAMES: Final = (
    "SELECT i.id, r.subject AS root, coalesce(i.root_name, c.root_name) AS root_name"
    " FROM incident i LEFT JOIN alert r ON r.id = i.root"
    " LEFT JOIN candidate c ON c.id = i.candidate WHERE i.id = ?"
)


class SeenBefore(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier incident, how much it is alike (0 to 1) and by what, and what was learned of it."""

    incident: Incident
    score: float
    why: tuple[Safe, ...]
    rca: Rca

    @property
    def cause(self) -> Safe:
        """The answer to why, as far as somebody wrote one."""
        return next((item.text for item in self.rca.items if item.n == 4), Safe(""))


def story_of(conn: Connection, ref: Ref) -> Story:
    """What an alert, a candidate or an incident tells of itself. Raises NotFoundError."""
    if ref.prefix == "C":
        candidate = get_candidate(conn, ref.number)
        members = get_alerts(conn, candidate.alerts[:_MEMBERS]) or [get_alert(conn, candidate.root)]
        told, root = (candidate.title, *candidate.reasons), candidate.root_name
    elif ref.prefix == "INC":
        incident = get_incident(conn, ref.number)
        members = alerts_of_incident(conn, ref.number)[:_MEMBERS]
        proposed = get_candidate(conn, incident.candidate) if incident.candidate else None
        root = incident.root_name
        told = (incident.title, *(proposed.reasons if proposed is not None else ()))
    else:
        alert = get_alert(conn, ref.number)
        members, told, root = [alert], (), alert.subject
    subjects = tuple(dict.fromkeys(alert.subject for alert in members))
    titles = tuple(dict.fromkeys(alert.title for alert in members))
    return Story(root=root, subjects=subjects, words=telling(root, *told, *subjects[:20], *titles[:10]))


def similar(conn: Connection, ref: Ref, limit: int = 3) -> list[SeenBefore]:
    """Incidents that are over and alike, the most alike first. An alert stands for what it lies in.

    Raises NotFoundError.
    """
    subject = standing_for(conn, ref)
    story = story_of(conn, subject)
    own = subject.number if subject.prefix == "INC" else 0
    return [
        SeenBefore(
            incident=get_incident(conn, one.incident), score=one.score, why=one.why, rca=get_rca(conn, one.incident)
        )
        for one in search(conn, story, own, limit)
    ]


def standing_for(conn: Connection, ref: Ref) -> Ref:
    """An alert's incident, else its candidate, else itself; a declared candidate's incident. Raises NotFoundError."""
    if ref.prefix == "A":
        alert = get_alert(conn, ref.number)
        if alert.incident is not None:
            return Ref("INC", alert.incident)
        return ref if alert.candidate is None else Ref("C", alert.candidate)
    if ref.prefix == "C" and (incident := get_candidate(conn, ref.number).incident) is not None:
        return Ref("INC", incident)
    return ref


def search(conn: Connection, story: Story, own: int, limit: int, least: float = LEAST) -> list[Alike]:
    """The incidents most alike a story, but for the one numbered `own`."""
    if not story.words:
        return []
    asked = " OR ".join(f'"{word}"' for word in story.words)
    ranks = {row["id"]: row["fits"] for row in conn.execute(_RANKED, (asked, own, _LOOKED_AT)).fetchall()}
    if not ranks:
        return []
    shared: dict[int, set[str]] = defaultdict(set)
    having: dict[str, int] = {}
    for word in story.words:
        holders = [row["id"] for row in conn.execute(_HOLDING, (f'"{word}"', own)).fetchall()]
        having[word] = len(holders)
        for number in holders:
            shared[number].add(word)
    every = int(conn.execute("SELECT count(*) FROM incident_words").fetchone()[0])
    found = [_earlier(conn, number, fits, frozenset(shared[number])) for number, fits in ranks.items()]
    return most_alike(story, found, weights(story.words, having, every), read_graph(conn), limit, least)


def _earlier(conn: Connection, number: int, fits: float, shared: frozenset[str]) -> Earlier:
    row = conn.execute(_NAMES, (number,)).fetchone()
    roots = tuple(Safe(name) for name in dict.fromkeys((row["root_name"], row["root"])) if name)
    told = conn.execute("SELECT DISTINCT subject FROM alert WHERE incident = ? LIMIT 60", (number,)).fetchall()
    return Earlier(
        incident=number,
        rank=max(fits, 0.0),
        shared=shared,
        roots=roots,
        subjects=tuple(Safe(one["subject"]) for one in told),
    )
