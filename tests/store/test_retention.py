"""What goes for its age: payloads say so, closed history becomes a checkpoint from which a rebuild starts."""

from datetime import datetime, timedelta

import pytest

from tests.support.scene import Scene
from tui.desk.redact import redact
from tui.errors import NotFoundError
from tui.model.entry import MACHINE, Actor
from tui.model.ids import Ref
from tui.model.text import Safe
from tui.store import integrity, log, payloads, retention, snapshot
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.retention import Replaced

MONTH = timedelta(days=30)


def keep(scene: Scene, body: bytes) -> str:
    return scene.store.tx(lambda conn: payloads.keep_payload(conn, body, scene.now))


def drop(scene: Scene, limit: int = retention.AT_ONCE) -> int:
    return scene.store.tx(lambda conn: retention.drop_payloads(conn, scene.now - MONTH, MONTH, limit))


def raw(scene: Scene, digest: str, at: datetime) -> object:
    return scene.store.read(lambda conn: payloads.payload_or_why(conn, digest, at))


def test_old_payloads_go_in_small_steps_and_say_so(scene: Scene) -> None:
    then = scene.now
    old = [keep(scene, f"old {n}".encode()) for n in range(5)]
    scene.wait(timedelta(days=31))
    young = keep(scene, b"young")
    assert [drop(scene, 2), drop(scene, 2), drop(scene, 2), drop(scene, 2)] == [2, 2, 1, 0]
    assert raw(scene, old[0], then) == "dropped after 30d"
    assert raw(scene, young, scene.now) == b"young"
    assert raw(scene, "", then) == "no payload is kept of it"
    assert raw(scene, "0" * 64, scene.now) == "not kept any more"


def test_the_payload_of_an_open_incident_stays(scene: Scene) -> None:
    then, digest = scene.now, keep(scene, b"evidence")
    incident = scene.declare(scene.fire("orders"))

    def refer(conn: Connection) -> None:
        conn.execute("UPDATE alert SET payload = ? WHERE incident = ?", (digest, incident))

    scene.store.tx(refer)
    scene.wait(timedelta(days=40))
    assert drop(scene) == 0
    scene.clear(1)
    scene.resolve(incident)
    scene.store.tx(lambda conn: conn.execute("UPDATE incident SET phase = 'closed'"))
    scene.store.tx(refer)
    assert drop(scene) == 1
    assert raw(scene, digest, then) == "dropped after 30d"


def checkpoint(scene: Scene, ago: timedelta = timedelta(0), least: int = 1) -> Replaced | None:
    scene.now += scene.step
    stamp = Stamp(actor=Actor(MACHINE, 0), now=scene.now)
    return retention.checkpoint(scene.store, scene.now - ago, stamp, least)


def seqs(scene: Scene) -> list[int]:
    return scene.store.read(lambda conn: [event.seq for event in log.since(conn, 0, 100_000)])


def shown(scene: Scene, *incidents: int) -> list[object]:
    read = (scene.timeline, scene.incident, scene.rca)
    return [scene.feed(), *(look(number) for number in incidents for look in read)]


def test_closed_history_is_replaced_and_everything_reads_as_before(scene: Scene) -> None:
    first, second = scene.live_through("orders"), scene.live_through("cards")
    before, head = shown(scene, first, second), scene.store.read(log.head)
    found = checkpoint(scene)
    assert found is not None
    assert (found.events, found.last) == (head[0], head[0])
    assert seqs(scene) == [head[0] + 1]
    assert shown(scene, first, second) == before
    verdict = integrity.verify(scene.store)
    assert verdict.ok, verdict
    assert verdict.events == head[0] + 1
    integrity.rebuild(scene.store)
    assert integrity.verify(scene.store) == verdict
    assert shown(scene, first, second) == before


def test_life_goes_on_after_it_and_the_next_one_replaces_it(scene: Scene) -> None:
    first = scene.live_through("orders")
    checkpoint(scene)
    second = scene.live_through("cards")
    before = shown(scene, first, second)
    assert second == first + 1, "no number is used twice"
    assert checkpoint(scene) is not None
    assert len(seqs(scene)) == 1
    assert shown(scene, first, second) == before
    assert integrity.verify(scene.store).ok
    assert scene.store.read(lambda conn: conn.execute("SELECT count(*) FROM snapshot").fetchone()[0]) == 1
    scene.fire("orders")
    assert integrity.verify(scene.store).ok


@pytest.mark.parametrize("what", ["alert", "candidate", "incident", "young"])
def test_nothing_open_and_nothing_young_is_replaced(scene: Scene, what: str) -> None:
    scene.live_through("orders")
    last = scene.store.read(log.head)[0]
    scene.wait(timedelta(days=2))
    if what == "alert":
        scene.fire("cards")
    elif what == "candidate":
        scene.clear(scene.fire("cards"))
        scene.propose(2)
    elif what == "incident":
        scene.clear(2) if scene.declare(scene.fire("cards")) else None
        scene.resolve(2)
    else:
        scene.live_through("cards")
    scene.wait(timedelta(hours=1))
    found = checkpoint(scene, timedelta(days=1) if what == "young" else timedelta(0))
    assert found is not None
    assert found.last == last
    assert integrity.verify(scene.store).ok
    assert checkpoint(scene, timedelta(days=1) if what == "young" else timedelta(0)) is None


def test_a_few_events_are_not_worth_it(scene: Scene) -> None:
    scene.live_through("orders")
    assert checkpoint(scene, least=1_000) is None
    assert seqs(scene)[0] == 1


def test_what_was_replaced_is_not_taken_back(scene: Scene) -> None:
    scene.live_through("orders")
    checkpoint(scene)
    with pytest.raises(NotFoundError, match="nothing to take back"):
        scene.undo()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE snapshot SET body = zeroblob(length(body))",
        "UPDATE snapshot SET last = last - 1",
        "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), '\"last\":', '\"last\":1') AS BLOB)",
        "DELETE FROM snapshot",
        "UPDATE event SET actor = 'mallory' WHERE kind = 'checkpoint'",
    ],
)
def test_a_checkpoint_that_was_tampered_with_is_found(scene: Scene, statement: str) -> None:
    scene.live_through("orders")
    checkpoint(scene)
    scene.fire("later")
    scene.store.tx(lambda conn: conn.execute(statement))
    found = integrity.verify(scene.store)
    assert not found.chain_ok
    assert found.first_bad_seq is not None


def test_a_replaced_row_that_was_changed_is_found(scene: Scene) -> None:
    scene.live_through("orders")
    checkpoint(scene)
    scene.store.tx(lambda conn: conn.execute("UPDATE told SET text = 'forged' WHERE seq = (SELECT min(seq) FROM told)"))
    found = integrity.verify(scene.store)
    assert (found.chain_ok, found.differs) == (True, ("told",))
    integrity.rebuild(scene.store)
    assert integrity.verify(scene.store).ok


@pytest.mark.parametrize("word", ["looked at orders", "orders is late", "orders failed", "this is what happened"])
def test_what_a_checkpoint_kept_can_be_redacted(scene: Scene, word: str) -> None:
    incident = scene.live_through("orders")
    checkpoint(scene)
    entry = next(one.id for one in scene.timeline(incident) if word in one.text)
    said = scene.do(redact, Ref("E", entry), Safe("it names somebody")).said
    assert said == f"redacted E-{entry}, of which a checkpoint kept the sentence"
    told = next(one for one in scene.timeline(incident) if one.id == entry)
    assert told.text == "redacted by li"
    assert integrity.verify(scene.store).ok
    kept = scene.store.read(lambda conn: conn.execute("SELECT body FROM snapshot").fetchone()["body"])
    rows = [row for row in snapshot.unpack(kept)["told"][1] if row[1] == "redacted"]
    assert len(rows) == 1
    if word == "orders is late":
        assert scene.incident(incident).title == "redacted"
        assert "late" not in str(snapshot.unpack(kept)["incident_words"])
    assert "already" in scene.do(redact, Ref("E", entry), Safe("again")).said
    checkpoint(scene)
    assert integrity.verify(scene.store).ok


def test_a_redaction_before_it_holds_after_it(scene: Scene) -> None:
    incident = scene.live_through("orders")
    entry = next(one.id for one in scene.timeline(incident) if "looked at" in one.text)
    scene.do(redact, Ref("E", entry), Safe("it names somebody"))
    before = shown(scene, incident)
    assert checkpoint(scene) is not None
    assert shown(scene, incident) == before
    assert integrity.verify(scene.store).ok


def test_the_catalog_is_known_after_its_event_is_gone(scene: Scene) -> None:
    from tui.model.catalog import Node
    from tui.store.catalog import owner_of

    scene.know(Node(name=Safe("orders"), owner=Safe("risk")))
    scene.live_through("orders")
    checkpoint(scene)
    assert scene.store.read(lambda conn: owner_of(conn, "orders")) == "risk"
    assert scene.know(Node(name=Safe("orders"), owner=Safe("risk"))) is False
    scene.know(Node(name=Safe("orders"), owner=Safe("sales")))
    assert scene.store.read(lambda conn: owner_of(conn, "orders")) == "sales"
