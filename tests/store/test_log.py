"""The log itself: order, names of commands, and what lies beside the chain."""

from datetime import datetime, timedelta

import pytest

from tests.support.scene import Scene
from tui.errors import StoreError
from tui.model.entry import Actor
from tui.model.events import UNDOABLE, AnyBody, Noted, SignalSeen
from tui.model.text import Safe, clean
from tui.store import log, payloads
from tui.store.engine import Connection, Store
from tui.store.projections.handlers import HANDLERS
from tui.store.record import record
from tui.store.rows import TABLES


def test_events_come_back_as_they_were_written(scene: Scene) -> None:
    alert = scene.fire(title="exit code 1", labels={"a": "b"})
    seen, judged = scene.store.read(lambda conn: log.since(conn, 0))
    assert isinstance(seen.body, SignalSeen)
    assert (seen.seq, seen.alert, seen.body.title, seen.recorded_at) == (1, alert, "exit code 1", scene.now)
    assert judged.seq == 2
    assert scene.store.read(lambda conn: log.since(conn, 1)) == [judged]
    assert scene.store.read(lambda conn: log.since(conn, 0, limit=1)) == [seen]
    assert scene.store.read(log.head) == (2, judged.hash)
    assert scene.store.read(log.head_time) == scene.now


def test_an_empty_log_has_no_time(store: Store) -> None:
    assert store.read(log.head_time) is None
    assert store.read(log.head) == (0, log.GENESIS)


def test_two_equal_bodies_have_different_hashes(scene: Scene) -> None:
    scene.fire("a")
    scene.fire("a")
    rows = scene.store.read(
        lambda conn: conn.execute("SELECT body, body_hash FROM event WHERE kind = 'verdict'").fetchall()
    )
    assert rows[0]["body"] == rows[1]["body"]
    assert rows[0]["body_hash"] != rows[1]["body_hash"], "the salt keeps an erased body from being guessed"


def test_a_command_is_written_once(scene: Scene) -> None:
    stamp = log.Stamp(actor=Actor(Safe("li"), 1000), now=scene.now)

    def write(conn: Connection) -> None:
        record(conn, stamp, Noted(text=Safe("once")), incident=1, idem="key/0")

    scene.store.tx(write)
    with pytest.raises(StoreError, match="idem"):
        scene.store.tx(write)
    assert scene.store.read(lambda conn: log.seq_of_command(conn, "key/0")) == 1
    assert scene.store.read(lambda conn: log.seq_of_command(conn, "key/1")) is None


def test_every_kind_of_event_has_its_projection() -> None:
    kinds = set(AnyBody.__args__)
    assert set(HANDLERS) == kinds
    assert set(UNDOABLE) <= kinds


def test_a_rebuild_empties_every_table_that_is_not_the_log_or_beside_it(store: Store) -> None:
    rows = store.read(lambda conn: conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall())
    beside = {"event", "payload", "label_set", "delivery", "source", "heard", "judged"}
    beside |= {"run", "heartbeat", "dropped", "snapshot"}
    own = {row["name"] for row in rows if not row["name"].startswith("incident_words_")}  # those are the index's
    assert own - beside == set(TABLES)


def test_payloads_are_kept_once_and_come_back_whole(scene: Scene) -> None:
    body = b'{"alerts": [' + b'{"status": "firing"},' * 500 + b"{}]}"

    def keep(conn: Connection) -> tuple[str, bytes | None, int]:
        digest = payloads.keep_payload(conn, body, scene.now)
        assert payloads.keep_payload(conn, body, scene.now) == digest
        kept = conn.execute("SELECT size, length(body) AS packed FROM payload").fetchall()
        assert [row["size"] for row in kept] == [len(body)]
        return digest, payloads.payload(conn, digest), kept[0]["packed"]

    digest, read_back, packed = scene.store.tx(keep)
    assert read_back == body
    assert len(digest) == 64
    assert packed < len(body) / 10
    assert scene.store.read(lambda conn: payloads.payload(conn, "0" * 64)) is None


def test_label_sets_are_kept_once_whatever_their_order(scene: Scene) -> None:
    first, second = {"a": clean("1"), "b": clean("é")}, {"b": clean("é"), "a": clean("1")}
    digest = scene.store.tx(lambda conn: payloads.keep_labels(conn, first))
    assert scene.store.tx(lambda conn: payloads.keep_labels(conn, second)) == digest != ""
    assert scene.store.tx(lambda conn: payloads.keep_labels(conn, {})) == ""


def test_deliveries_are_known_by_source_and_token(scene: Scene) -> None:
    scene.store.tx(lambda conn: payloads.note_delivery(conn, "am", "body:1", scene.now))
    later = scene.now + timedelta(minutes=1)

    def known(source: str, token: str) -> object:
        return scene.store.read(lambda conn: payloads.delivered_before(conn, source, token))

    assert known("am", "body:1") == scene.now
    assert known("dbt", "body:1") is None
    assert known("am", "body:2") is None
    scene.store.tx(lambda conn: payloads.note_delivery(conn, "am", "body:1", later))
    assert known("am", "body:1") == later


def test_bodies_are_forgotten_and_delivery_ids_are_not(scene: Scene) -> None:
    long_ago, now = scene.now - timedelta(hours=1), scene.now

    def write(conn: Connection) -> None:
        for token, at in (("body:old", long_ago), ("id:old", long_ago), ("body:new", now)):
            payloads.note_delivery(conn, "am", token, at)
        payloads.forget_bodies(conn, long_ago - timedelta(seconds=1), now - timedelta(minutes=5))

    scene.store.tx(write)

    def known(conn: Connection) -> list[datetime | None]:
        return [payloads.delivered_before(conn, "am", token) for token in ("body:old", "id:old", "body:new")]

    assert scene.store.read(known) == [None, long_ago, now]


def test_the_same_rejected_bytes_are_known(scene: Scene) -> None:
    number = scene.reject()

    def known(source: str, digest: str) -> int | None:
        return scene.store.read(lambda conn: payloads.rejected_as(conn, source, digest))

    assert known("am", "0" * 64) == number
    assert known("dbt", "0" * 64) is None
    assert known("am", "1" * 64) is None


def test_rejected_deliveries_newest_first(scene: Scene) -> None:
    first, second = scene.reject("not JSON"), scene.reject("unknown shape", source="dbt")
    found = scene.store.read(payloads.rejected)
    assert [(one.id, one.source, one.reason, one.size) for one in found] == [
        (second, "dbt", "unknown shape", 12),
        (first, "am", "not JSON", 12),
    ]


def test_when_each_source_was_heard_last(scene: Scene) -> None:
    alert = scene.fire("a", source="am")
    scene.fire("b", source="dbt")
    heard_dbt = scene.now
    scene.repeat(alert)
    assert scene.store.read(payloads.sources_heard) == {"am": scene.now, "dbt": heard_dbt}
