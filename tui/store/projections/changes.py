"""Changes: deploys, new schemas and settings, and what each of them touches."""

from typing import cast

import msgspec

from tui.model import events as ev
from tui.model.catalog import normal
from tui.model.moment import to_micros
from tui.store.engine import Connection
from tui.store.payloads import note_heard
from tui.store.rows import Value, insert, number_used


def change_seen(conn: Connection, event: ev.Event) -> None:
    body = cast("ev.ChangeSeen", event.body)
    number_used(conn, "change", body.change)
    columns: dict[str, Value] = {
        "seq": event.seq, "at": to_micros(event.at), "key": body.key, "source": body.source, "actor": body.actor,
        "what": body.what, "links": msgspec.json.encode(body.links).decode(), "payload": body.payload,
        "dated": int(body.dated),
    }  # fmt: skip
    insert(conn, event, "change", body.change, columns)
    conn.executemany(
        "INSERT INTO change_touch (change, n, name, normal) VALUES (?,?,?,?)",
        [(body.change, n, name, normal(name)) for n, name in enumerate(body.touches)],
    )
    note_heard(conn, body.source, event.recorded_at)
