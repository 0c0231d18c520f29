"""The chain finds whatever was changed behind its back, and names the first event that no longer follows."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.scene import Scene
from tui.model.catalog import Node
from tui.model.text import Safe
from tui.store import integrity, log
from tui.store.engine import Store
from tui.store.sqlite import sqlite3

LENGTH = 12
COLUMNS = {
    "at": "at + 1",
    "recorded_at": "recorded_at - 1",
    "actor": "'mallory'",
    "uid": "uid + 1",
    "kind": "kind || 'x'",
    "incident": "coalesce(incident, 0) + 1",
    "alert": "coalesce(alert, 0) + 1",
    "idem": "'another'",
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed store of `LENGTH` events."""
    path = tmp_path_factory.mktemp("sound") / "sev.db"
    with Store(path) as store:
        scene = Scene(store, datetime(2026, 11, 24, 14, tzinfo=UTC))
        scene.candidate_of("orders", "cards")
        incident = scene.declare(candidate=1)
        scene.note(incident)
        scene.change("v812", "orders", "cards")
        scene.know(Node(name=Safe("orders"), owner=Safe("risk"), aliases=(Safe("o"),)), edges=[("raw", "orders")])
        while store.read(log.head)[0] < LENGTH:
            scene.repeat(1)
    return path


def spoilt(sound: Path, folder: Path, statement: str, *values: object) -> Path:
    """A copy of the store on which `statement` was run by hand."""
    path = folder / "spoilt.db"
    shutil.copy(sound, path)
    conn = sqlite3.connect(path, isolation_level=None)
    assert conn.execute(statement, values).rowcount > 0, "nothing was spoilt"
    conn.close()
    return path


def copied(sound: Path, folder: Path) -> Path:
    path = folder / "copy.db"
    shutil.copy(sound, path)
    return path


def verdict(path: Path) -> integrity.Verdict:
    with Store(path) as store:
        return integrity.verify(store)


def test_a_sound_store_holds(sound: Path, tmp_path: Path) -> None:
    found = verdict(copied(sound, tmp_path))
    assert found.ok
    assert (found.chain_ok, found.projections_ok, found.integrity_ok) == (True, True, True)
    assert (found.events, found.first_bad_seq, found.differs) == (LENGTH, None, ())
    assert len(found.head) == 64


def test_an_empty_store_holds(store: Store) -> None:
    found = integrity.verify(store)
    assert found.ok
    assert (found.events, found.head) == (0, "00" * 32)


@pytest.mark.parametrize("seq", [1, 6, LENGTH])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found(sound: Path, tmp_path: Path, column: str, seq: int) -> None:
    path = spoilt(sound, tmp_path, " ".join(("UPDATE event SET", column, "=", COLUMNS[column], "WHERE seq = ?")), seq)
    found = verdict(path)
    assert not found.ok
    assert not found.chain_ok
    assert found.first_bad_seq == seq


@pytest.mark.parametrize("seq", [1, 7, LENGTH])
@pytest.mark.parametrize("column", ["salt", "body", "body_hash", "hash"])
@pytest.mark.parametrize("place", [0, 9, -1])
@pytest.mark.parametrize("bit", [1, 128])
def test_a_flipped_bit_is_found(sound: Path, tmp_path: Path, column: str, seq: int, place: int, bit: int) -> None:
    with Store(sound, read_only=True) as store:
        kept = store.read(lambda conn: conn.execute("SELECT * FROM event WHERE seq = ?", (seq,)).fetchone())
    flipped = bytearray(kept[column])
    flipped[place] ^= bit
    statement = " ".join(("UPDATE event SET", column, "= ? WHERE seq = ?"))
    found = verdict(spoilt(sound, tmp_path, statement, bytes(flipped), seq))
    assert found.first_bad_seq == seq
    assert not found.ok


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("DELETE FROM event WHERE seq = 5", 5),
        ("DELETE FROM event WHERE seq = 1", 1),
        ("UPDATE event SET seq = 99 WHERE seq = 12", 12),
        ("UPDATE event SET body = (SELECT body FROM event WHERE seq = 5) WHERE seq = 4", 4),
        (
            "INSERT INTO event SELECT 13, at, recorded_at, actor, uid, kind, incident, alert, NULL, salt, body,"
            " body_hash, hash FROM event WHERE seq = 12",
            13,
        ),
    ],
)
def test_events_taken_out_swapped_or_put_in_are_found(
    sound: Path, tmp_path: Path, statement: str, first_bad: int
) -> None:
    found = verdict(spoilt(sound, tmp_path, statement))
    assert not found.chain_ok
    assert found.first_bad_seq == first_bad


def test_what_was_cut_off_the_end_shows_in_the_head_alone(sound: Path, tmp_path: Path) -> None:
    whole = verdict(copied(sound, tmp_path))
    short = verdict(spoilt(sound, tmp_path, "DELETE FROM event WHERE seq = ?", LENGTH))
    assert short.chain_ok
    assert short.head != whole.head


def test_a_body_taken_out_keeps_the_chain_but_not_the_rows_it_made(sound: Path, tmp_path: Path) -> None:
    statement = "UPDATE event SET body = NULL, salt = NULL WHERE kind = 'note'"
    found = verdict(spoilt(sound, tmp_path, statement))
    assert found.chain_ok
    assert found.differs == ("counter", "entry")


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE alert SET title = 'all is well' WHERE id = 2", "alert"),
        ("DELETE FROM entry WHERE id = 1", "entry"),
        ("UPDATE incident SET detected_at = detected_at - 1", "incident"),
        ("UPDATE candidate SET severity = 3", "candidate"),
        ("INSERT INTO undone (seq, by) VALUES (1, 2)", "undone"),
        ("UPDATE counter SET last = 0 WHERE name = 'alert'", "counter"),
        ("DELETE FROM rca_item", "rca_item"),
        ("DELETE FROM change_image", "change_image"),
        ("UPDATE change SET actor = 'mallory'", "change"),
        ("DELETE FROM change_touch WHERE n = 1", "change_touch"),
        ("UPDATE node SET owner = 'mallory' WHERE owner IS NOT NULL", "node"),
        ("DELETE FROM node_alias", "node_alias"),
        ("UPDATE edge SET down = up", "edge"),
    ],
)
def test_a_projection_changed_by_hand_is_named_and_rebuilt(
    sound: Path, tmp_path: Path, statement: str, table: str
) -> None:
    with Store(spoilt(sound, tmp_path, statement)) as store:
        found = integrity.verify(store)
        assert (found.chain_ok, found.projections_ok, found.ok) == (True, False, False)
        assert found.differs == (table,)
        integrity.rebuild(store)
        assert integrity.verify(store).ok


def test_verifying_writes_nothing(sound: Path, tmp_path: Path) -> None:
    path = copied(sound, tmp_path)
    with Store(path, read_only=True) as store:
        assert integrity.verify(store).ok
    assert path.read_bytes() == sound.read_bytes()
