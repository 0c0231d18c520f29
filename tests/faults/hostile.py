"""Texts that try to act on a terminal or on Textual, and a store in which they stand in every field."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tests.support.scene import Scene
from tui.formats.decode import Json
from tui.model.alert import Consumer, ConsumerState
from tui.model.catalog import Node
from tui.model.severity import Severity
from tui.model.text import Safe
from tui.store.engine import Connection, Store

ACTING: Final = {
    "title": "\x1b]0;owned\x07\x1b]2;owned\x1b\\t",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07c",
    "link": "\x1b]8;;http://owned\x1b\\click\x1b]8;;\x1b\\",
    "screen": "\x1b[2J\x1b[H\x1b[?1049l\x1b[?1000l\x1bc\x1b[5;53mX\x1b[0;0r",
    "c1": "\x9b2J\x9d0;owned\x9c\x90q\x9c\x84\x85\x8d",
    "c0": "\x00\x07\x08\x08\x0b\x0c\r\x0e\x1a\x7fY",
    "bidi": "\u202e\u2066\u200f\u200b\ufeffZ\u2069",
    "cut": "broken \x1b",
    "question": "\x1b[6n\x1b[c\x1b[5n\x05\x1bZ",
}
MARKUP: Final = {
    "device": "[/dev/sda1] is full",
    "level": "[INFO] up [/INFO]",
    "action": "[@click=app.quit]free[/]",
    "style": "[bold red on white blink][link=http://owned]x",
    "open": "[[[$x ${y} \\[b] [/]",
    "wide": "漢字" * 80,
    "marks": "Z" + "\u0301" * 300 + "\u1161" * 40,
    "emoji": "👩\u200d🔧⚠\ufe0f" * 30,
    "lines": "one\ntwo\r\nthree\u2028four",
    "blank": "   ",
    "long": "w" * 5_000,
}
EVERY: Final = ACTING | MARKUP

FREE: Final = {
    "alert": ("source", "reason", "subject", "title", "run", "severity_word", "acknowledged_by"),
    "candidate": ("title", "root_name", "acknowledged_by"),
    "incident": ("title", "acknowledged_by", "declared_by", "root_name"),
    "role": ("name",),
    "entry": ("actor", "redacted_by"),
    "told": ("text",),
    "run": ("subject", "node"),
    "heartbeat": ("name",),
    "rca_item": ("text",),
    "action": ("text", "owner", "reason", "link"),
    "rejected": ("source", "reason"),
    "change": ("source", "actor", "what"),
    "change_touch": ("name",),
    "node": ("name", "owner", "runbook"),
    "node_alias": ("name",),
    "source": ("last_error",),
    "heard": (),
}
"""Columns of free text: whatever is drawn or written of them was typed or sent by somebody."""

IN_JSON: Final = {
    "candidate": ("reasons", "consumers"),
    "incident": ("consumers",),
    "alert": ("links",),
    "change": ("links",),
    "label_set": ("labels",),
}
"""Columns of JSON that hold free text."""

FIXED: Final = {
    "event": ("actor", "kind", "idem"),
    "payload": ("digest",),
    "label_set": ("digest",),
    "delivery": ("source", "token"),
    "counter": ("name",),
    "alert": (
        "key",
        "format",
        "status",
        "verdict",
        "kind",
        "payload",
        "label_set",
        "judged_by",
        "placed_by",
        "excused",
    ),
    "incident": ("phase", "categories"),
    "role": ("role",),
    "entry": ("kind",),
    "rca_item": ("evidence", "state"),
    "action": ("type", "due", "state"),
    "rejected": ("payload",),
    "heard": ("source",),
    "run": ("key", "name", "source"),
    "heartbeat": ("key", "source"),
    "dropped": ("what",),
    "change_image": ("place", "before", "after"),
    "change": ("key", "payload"),
    "change_touch": ("normal",),
    "node": ("key", "source", "kind", "deadline"),
    "node_alias": ("node", "alias", "source"),
    "edge": ("up", "down", "source"),
    "source": ("name", "kind", "cursor"),
}
"""Words of our own, keys, digests: reading one that is none of them is a fault of the store, not of a text."""


def text_columns(conn: Connection) -> dict[str, set[str]]:
    """Every column of text of every table."""
    tables = conn.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'").fetchall()
    return {
        str(table): {str(row[1]) for row in conn.execute(f"PRAGMA table_info({table})") if row[2] == "TEXT"}
        for (table,) in tables
        if not str(table).startswith(("sqlite_", "incident_words"))
    }


def filled(path: Path, now: datetime) -> datetime:
    """A store in which every screen has something to show; returns a moment after it."""
    with Store(path) as store:
        scene = Scene(store, now, step=timedelta(seconds=5))
        orders = Node(name=Safe("orders"), owner=Safe("ann"), runbook=Safe("https://runbook"))
        scene.know(orders, edges=[("raw_orders", "orders"), ("orders", "revenue")])
        scene.change("v812", "orders", "revenue")
        scene.reject()
        hit = Consumer(name=Safe("revenue"), state=ConsumerState.AT_RISK)
        first = scene.fire("orders", labels={"team": "data", "table": "orders"}, severity=Severity.SEV1)
        number = scene.declare(
            candidate=scene.propose(first, scene.fire("revenue"), root="orders", consumers=(hit,), title="orders late")
        )
        scene.take(number)
        scene.note(number, "looked at the lag\nand at the log")
        scene.learn(number)
        for key in ("raw_orders", "ledger", "cards"):
            scene.propose(scene.fire(key, labels={"team": "data"}), root=key, consumers=(hit,))
        scene.ack("C-2")
        scene.retry("churn", 2)
        return scene.now + timedelta(seconds=5)


def spoil(path: Path, text: str) -> None:
    """Put `text` into every free field, past every cleaner: what a forgotten way in would do."""
    with Store(path) as store:
        store.tx(lambda conn: _spoil(conn, text))


def _spoil(conn: Connection, text: str) -> None:
    conn.execute("""UPDATE alert SET links = '{"runbook":"x","source":"x","log":"x"}'""")
    for table, columns in FREE.items():
        for column in columns:
            conn.execute(f"UPDATE {table} SET {column} = ? WHERE {column} IS NOT NULL", (text,))
    for table, columns in IN_JSON.items():
        for column in columns:
            for (kept,) in conn.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL").fetchall():
                spoilt = json.dumps(_spoilt(json.loads(kept), text))
                conn.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (spoilt, kept))


def _spoilt(value: Json, text: str) -> Json:
    """Every text in `value` but those that name one of our own words."""
    if isinstance(value, dict):
        return {
            name: child if name in ("state", "tier", "due", "deadline") else _spoilt(child, text)
            for name, child in value.items()
        }
    if isinstance(value, list):
        return [_spoilt(child, text) for child in value]
    return text if isinstance(value, str) else value


def leaves(value: Json, text: str) -> Iterator[Json]:
    """`value` with `text` behind one of its texts and names after the other, and at last behind all of them."""
    count = _count(value)
    for place in range(min(count, 60)):
        yield _behind(value, text, place, [0])
    yield _behind(value, text, None, [0])


def _count(value: Json) -> int:
    if isinstance(value, dict):
        return sum(_count(child) for child in value.values())
    if isinstance(value, list):
        return sum(_count(child) for child in value)
    return int(isinstance(value, str))


def _behind(value: Json, text: str, place: int | None, seen: list[int]) -> Json:
    if isinstance(value, dict):
        return {name: _behind(child, text, place, seen) for name, child in value.items()}
    if isinstance(value, list):
        return [_behind(child, text, place, seen) for child in value]
    if not isinstance(value, str):
        return value
    seen[0] += 1
    return f"{value}{text}" if place is None or place == seen[0] - 1 else value
