"""The alert feed: a keyset window over the alerts in the order a person reads them, and its counts."""

import json
import string
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from tui.model.alert import FOLDED, GONE, Alert, AlertState, Excuse, Verdict
from tui.model.moment import to_micros
from tui.store.alerts import alert_from
from tui.store.engine import Connection


class Order(StrEnum):
    """`attention`: what waits for a person first; `time`: newest trouble first."""

    ATTENTION = "attention"
    TIME = "time"


class Anchor(msgspec.Struct, frozen=True):
    """A place in the feed's order: the columns it is sorted by, of one alert."""

    rank: int
    weight: int
    trouble_at: datetime
    id: int


class FeedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What the feed shows. `words` must all occur in subject, title, source, key, reason or ID, in any order."""

    order: Order = Order.ATTENTION
    words: str = ""
    unfolded: bool = False
    incident: int | None = None
    state: AlertState | None = None


class FeedCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What the feed's borders tell: how many rows wait, how many alerts lie in open incidents or are folded.

    Of those folded `muted` and `excused` go on: other trouble stands for them, or they were to be expected.
    """

    waiting: int = 0
    in_incidents: int = 0
    recovered_retries: int = 0
    routine: int = 0
    muted: int = 0
    excused: int = 0

    @property
    def folded(self) -> int:
        return self.recovered_retries + self.routine + self.muted + self.excused

    @property
    def folded_words(self) -> str:
        """`2 retries that recovered, 3 routine, 1 muted`; empty where nothing is folded."""
        told = {
            "retry that recovered" if self.recovered_retries == 1 else "retries that recovered": self.recovered_retries,
            "routine": self.routine,
            "muted": self.muted,
            "excused": self.excused,
        }
        return ", ".join(f"{count} {word}" for word, count in told.items() if count)


_HAS_WORDS = (
    " NOT EXISTS (SELECT 1 FROM json_each(?3) WHERE instr(lower(subject || ' ' || title || ' ' || source"
    " || ' ' || alert.key || ' ' || reason || ' A-' || alert.id), value) = 0)"
)
_SHOWN = "SELECT * FROM alert WHERE rank < 9 AND"
"""The 9 (`GONE`) stands there in words: only so does SQLite see that the feed's indexes hold all of them."""
_COLUMNS = _SHOWN + " rank < ?1 AND (?2 IS NULL OR incident = ?2) AND" + _HAS_WORDS
_ON_THEIR_OWN = " AND under IS NULL"
_AFTER_ATTENTION = (
    " AND rank >= ?4 AND (rank, weight, -trouble_at, -id) > (?4, ?5, ?6, ?7)"
    " ORDER BY rank, weight, trouble_at DESC, id DESC LIMIT ?8"
)
_AFTER_TIME = (
    " AND trouble_at <= -?6 AND (-trouble_at, -id) > (?6, ?7) AND ?4 IS NOT NULL AND ?5 IS NOT NULL"
    " ORDER BY trouble_at DESC, id DESC LIMIT ?8"
)


def window(conn: Connection, query: FeedQuery, *, after: Anchor | None = None, limit: int = 300) -> list[Alert]:
    """At most `limit` alerts after `after` (from the top without it), in the query's order; fewer are the last ones.

    What is folded under the root of its candidate has no row, unless words or a state are searched for.
    """
    order = _AFTER_TIME if query.order is Order.TIME else _AFTER_ATTENTION
    if not query.words and query.state is None:
        order = _ON_THEIR_OWN + order
    below = GONE if query.unfolded else FOLDED
    place = (after.rank, after.weight, -to_micros(after.trouble_at), -after.id) if after else _TOP
    found: list[Alert] = []
    while True:
        rows = conn.execute(_COLUMNS + order, (below, query.incident, _words(query.words), *place, limit)).fetchall()
        page = [alert_from(row) for row in rows]
        found += [alert for alert in page if query.state in (None, alert.state)]
        if len(rows) < limit or len(found) >= limit:
            return found[:limit]
        last = rows[-1]
        place = (last["rank"], last["weight"], -last["trouble_at"], -last["id"])


_TOP = (-1, 0, -(1 << 62), -(1 << 62))


def _words(text: str) -> str:
    """The words of a search as a JSON list. Only A to Z are lowered, as SQLite's `lower` does."""
    return json.dumps(text.translate(_LOWER).split())


_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def groups(conn: Connection) -> dict[int, int]:
    """How many alerts are folded under each root."""
    rows = conn.execute("SELECT under, count(*) AS n FROM alert WHERE under IS NOT NULL GROUP BY under").fetchall()
    return {row["under"]: row["n"] for row in rows}


def members(conn: Connection, root: int, limit: int = 300) -> list[Alert]:
    """The alerts folded under a root, in the feed's order."""
    rows = conn.execute(
        "SELECT * FROM alert WHERE under = ? ORDER BY rank, weight, trouble_at DESC, id DESC LIMIT ?", (root, limit)
    ).fetchall()
    return [alert_from(row) for row in rows]


def counts(conn: Connection) -> FeedCounts:
    """The feed's sums."""
    row = conn.execute(
        "SELECT sum(rank = 0 AND under IS NULL) AS waiting, sum(incident IS NOT NULL) AS inside,"
        " sum(rank = 8 AND verdict = 'retry' AND excused IS NULL) AS retries,"
        " sum(rank = 8 AND verdict <> 'retry' AND excused IS NULL) AS routine,"
        " sum(rank = 8 AND excused = 'muted') AS muted, sum(rank = 8 AND excused = 'planned') AS planned"
        " FROM alert WHERE rank < 9"
    ).fetchone()
    return FeedCounts(
        waiting=row["waiting"] or 0,
        in_incidents=row["inside"] or 0,
        recovered_retries=row["retries"] or 0,
        routine=row["routine"] or 0,
        muted=row["muted"] or 0,
        excused=row["planned"] or 0,
    )


def folded_counts(folded: Iterable[Alert]) -> FeedCounts:
    """The same sums of alerts that are folded, for whoever has read them already."""
    kinds = [one.excused or (Verdict.RETRY if one.verdict is Verdict.RETRY else None) for one in folded]
    return FeedCounts(
        recovered_retries=kinds.count(Verdict.RETRY),
        routine=kinds.count(None),
        muted=kinds.count(Excuse.MUTED),
        excused=kinds.count(Excuse.PLANNED),
    )


def search(
    conn: Connection, *, words: str, source: str | None, since: datetime | None, gone: bool, limit: int
) -> list[Alert]:
    """Alerts for `sev alerts`, in the feed's order; `gone` includes those the feed no longer shows."""
    every = "SELECT * FROM alert WHERE" if gone else _SHOWN
    rows = conn.execute(
        f"{every} (?1 IS NULL OR source = ?1) AND last_seen >= ?2 AND{_HAS_WORDS}"
        " ORDER BY rank, weight, trouble_at DESC, id DESC LIMIT ?4",
        (source, to_micros(since) if since else 0, _words(words), limit),
    ).fetchall()
    return [alert_from(row) for row in rows]
