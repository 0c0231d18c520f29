"""The alert feed: a keyset window over the alerts in the order a person reads them, and its counts."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tui.model.alert import FOLDED, GONE, Alert, AlertState
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
    """What the feed shows. `words` must all occur in subject, title, source or key."""

    order: Order = Order.ATTENTION
    words: str = ""
    unfolded: bool = False
    incident: int | None = None
    state: AlertState | None = None


class FeedCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What the feed's borders tell: how many wait, lie in open incidents, are folded (and why)."""

    waiting: int = 0
    in_incidents: int = 0
    recovered_retries: int = 0
    routine: int = 0

    @property
    def folded(self) -> int:
        return self.recovered_retries + self.routine


_COLUMNS = (
    "SELECT * FROM alert WHERE rank < ?1 AND (?2 IS NULL OR incident = ?2) AND (?3 = '' OR instr(lower(subject || ' '"
    " || title || ' ' || source || ' ' || key || ' ' || reason || ' A-' || id || ' '), ?3) > 0)"
)
_AFTER_ATTENTION = (
    " AND (rank, weight, -trouble_at, -id) > (?4, ?5, ?6, ?7) ORDER BY rank, weight, trouble_at DESC, id DESC LIMIT ?8"
)
_AFTER_TIME = (
    " AND (-trouble_at, -id) > (?6, ?7) AND ?4 IS NOT NULL AND ?5 IS NOT NULL"
    " ORDER BY trouble_at DESC, id DESC LIMIT ?8"
)


def window(conn: Connection, query: FeedQuery, *, after: Anchor | None = None, limit: int = 300) -> list[Alert]:
    """At most `limit` alerts after `after` (from the top without it), in the query's order."""
    order = _AFTER_TIME if query.order is Order.TIME else _AFTER_ATTENTION
    below = GONE if query.unfolded else FOLDED
    words = query.words.lower().strip()
    top = (-1, 0, -(1 << 62), -(1 << 62))
    place = (after.rank, after.weight, -to_micros(after.trouble_at), -after.id) if after else top
    rows = conn.execute(_COLUMNS + order, (below, query.incident, words, *place, limit)).fetchall()
    found = [alert_from(row) for row in rows]
    return found if query.state is None else [alert for alert in found if alert.state is query.state]


def counts(conn: Connection) -> FeedCounts:
    """The feed's sums."""
    row = conn.execute(
        "SELECT sum(rank = 0) AS waiting, sum(rank = 8 AND verdict = 'retry') AS retries,"
        " sum(rank = 8 AND verdict <> 'retry') AS routine, sum(incident IS NOT NULL) AS inside"
        " FROM alert WHERE rank < 9"
    ).fetchone()
    return FeedCounts(
        waiting=row["waiting"] or 0,
        in_incidents=row["inside"] or 0,
        recovered_retries=row["retries"] or 0,
        routine=row["routine"] or 0,
    )


def search(
    conn: Connection, *, words: str, source: str | None, since: datetime | None, gone: bool, limit: int
) -> list[Alert]:
    """Alerts for `sev alerts`, in the feed's order; `gone` includes those the feed no longer shows."""
    rows = conn.execute(
        "SELECT * FROM alert WHERE rank < ?1 AND (?2 IS NULL OR source = ?2) AND last_seen >= ?3 AND (?4 = '' OR"
        " instr(lower(subject || ' ' || title || ' ' || source || ' ' || key), ?4) > 0)"
        " ORDER BY rank, weight, trouble_at DESC, id DESC LIMIT ?5",
        (GONE + 1 if gone else GONE, source, to_micros(since) if since else 0, words.lower().strip(), limit),
    ).fetchall()
    return [alert_from(row) for row in rows]
