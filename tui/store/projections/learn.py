"""Root-cause items, categories, and the actions promised."""

import json
from typing import cast

from tui.model import events as ev
from tui.store.engine import Connection
from tui.store.rows import Value, insert, number_used, update


def rca_answered(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.RcaAnswered", event.body)
    row = cast("int", event.incident) * 16 + body.n
    columns: dict[str, Value] = {"text": body.text, "evidence": json.dumps(body.evidence), "state": body.state}
    if conn.execute("SELECT 1 FROM rca_item WHERE id = ?", (row,)).fetchone():
        update(conn, event, "rca_item", row, columns)
    else:
        insert(conn, event, "rca_item", row, {"incident": event.incident, "n": body.n, **columns})


def rca_categorised(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.RcaCategorised", event.body)
    columns: dict[str, Value] = {"seq": event.seq, "categories": json.dumps(body.categories)}
    update(conn, event, "incident", cast("int", event.incident), columns)


def action_promised(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.ActionPromised", event.body)
    number_used(conn, "action", body.action)
    columns: dict[str, Value] = {
        "seq": event.seq, "incident": event.incident, "text": body.text, "type": body.type, "owner": body.owner,
        "due": body.due.isoformat() if body.due else None, "state": "open",
    }  # fmt: skip
    insert(conn, event, "action", body.action, columns)


def action_settled(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.ActionSettled", event.body)
    columns: dict[str, Value] = {"seq": event.seq, "state": body.state, "reason": body.reason or None}
    update(conn, event, "action", body.action, columns)
