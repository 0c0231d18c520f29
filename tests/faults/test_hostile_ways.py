"""Every way in: hostile texts in each field of what tools send and people type leave no control in the store."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.cli.hand import Hand
from tests.faults.conftest import Figure, Size
from tests.faults.hostile import ACTING, FIXED, FREE, IN_JSON, MARKUP, filled, leaves, text_columns
from tests.formats.mutation import SAMPLES
from tui.collector.delivery import Delivery, prepare
from tui.collector.intake import take_in
from tui.errors import RejectedError
from tui.formats.decode import Json, documents, parse_json
from tui.store.engine import Connection, Store
from tui.store.entries import history, timeline

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
HOSTILE = "".join(ACTING.values())


def controls(path: Path) -> list[str]:
    """Where a control stands in the store: in a column of text, or in a sentence of a timeline."""
    with Store(path, read_only=True) as store:
        return store.read(lambda conn: list(_controls(conn)))


def _controls(conn: Connection) -> Iterator[str]:
    for table, columns in text_columns(conn).items():
        for column in sorted(columns):
            for (value,) in conn.execute(f"SELECT {column} FROM {table}"):
                if value is not None and CONTROL.search(value):
                    yield f"{table}.{column}: {value[:200]!a}"
    for (number,) in conn.execute("SELECT id FROM alert").fetchall():
        yield from (f"A-{number}: {e.text!a}" for e in history(conn, number) if CONTROL.search(e.text))
    for (number,) in conn.execute("SELECT id FROM incident").fetchall():
        yield from (f"INC-{number}: {e.text!a}" for e in timeline(conn, number) if CONTROL.search(e.text))


def bodies() -> list[Json]:
    """Every sample of every format."""
    found: list[Json] = []
    for file in sorted(SAMPLES.iterdir()):
        for body in documents(file.read_bytes()):
            try:
                found.append(parse_json(body))
            except RejectedError:
                continue
    return found


def test_every_column_of_text_is_known_to_be_free_or_fixed(store: Store) -> None:
    """A column that is in no list here is one whose text nobody has tried yet: say which it is."""
    known = {
        table: {*FREE.get(table, ()), *IN_JSON.get(table, ()), *FIXED.get(table, ())}
        for table in {*FREE, *IN_JSON, *FIXED}
    }
    found = store.read(text_columns)
    assert {table: columns - known.get(table, set()) for table, columns in found.items()} == {
        table: set() for table in found
    }


def test_what_tools_send_is_clean_once_it_is_stored(tmp_path: Path, now: datetime, size: Size, figure: Figure) -> None:
    path = tmp_path / "sev.db"
    sent = 0
    texts = list(ACTING.values()) if size.full else [HOSTILE]
    samples = bodies()
    assert len(samples) > 60
    with Store(path) as store:
        for text in texts:
            for sample in samples:
                spoilt = leaves(sample, text) if size.full else [*leaves(sample, text)][-1:]
                batch = [
                    prepare(Delivery(body=json.dumps(body).encode("utf-8", "surrogatepass"), received_at=now, uid=1000))
                    for body in spoilt
                ]
                sent += len(batch)
                store.tx(partial(take_in, now=now, batch=batch))
    assert controls(path) == []
    with Store(path, read_only=True) as store:
        stored = store.read(lambda conn: conn.execute("SELECT count(*) FROM alert").fetchone()[0])
    assert stored > 20
    figure("hostile texts in payloads of every format", f"{sent} payloads, 0 control characters in the store")


@pytest.mark.parametrize("text", [*ACTING.values(), *MARKUP.values()], ids=[*ACTING, *MARKUP])
def test_what_people_type_is_clean_once_it_is_stored(
    tmp_path: Path, now: datetime, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sev.db"
    moment = filled(path, now)
    word = text.replace("\x00", "") or "x"  # no argument can hold a NUL
    monkeypatch.setenv("SEV_USER", word)
    with Store(path) as store:
        hand = Hand(store, monkeypatch, capsys)
        hand.at(moment + timedelta(minutes=1))
        hand.who = f"x{word}"
        for words in (
            ("ack", "A-4", word),
            ("declare", "C-3", "--title", word, "--sev", "2", "--reason", word),
            ("note", "INC-1", word),
            ("note", "INC-1", f"update: {word}"),
            ("severity", "INC-1", "2", "--reason", word),
            ("verdict", "A-5", "routine", "--reason", word),
            ("role", "INC-1", word, word),
            ("rca", "INC-1", "1", word),
            ("action", "INC-1", word, "--owner", word, "--due", "2w"),
            ("resolve", "INC-1", "--force", "--reason", word),
            ("reopen", "INC-1", "--reason", word),
            ("show", word),
            ("snooze", "A-5", "--for", word),
            (word,),
            ("alerts", "--search", word),
            ("alerts", "--source", word),
            ("--store", f"{tmp_path}/{word[:40]}", "alerts"),
            ("--config", f"{tmp_path}/{word[:40]}", "sources"),
            ("ingest", f"{tmp_path}/{word[:40]}"),
        ):
            said = hand(*words)
            assert not CONTROL.search(said.out), words
            assert not CONTROL.search(said.err), words
            assert said.err.count("\n") <= 1, said.err
    assert controls(path) == []


@pytest.mark.parametrize("text", ACTING.values(), ids=ACTING)
def test_what_the_settings_name_is_clean_where_it_is_told(
    tmp_path: Path, now: datetime, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sev.db"
    filled(path, now)
    name = json.dumps(f"am{text}").replace("\x7f", "\\u007f")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with Store(path) as store:
        hand = Hand(store, monkeypatch, capsys)
        for settings in (
            f"[sources.{name}]\nformat = {name}\nurl = {name}\n",
            f"[{name}]\nx = 1\n",
            f"[severity]\ntimezone = {name}\nholidays = [{name}]\n",
            f"[collector]\nlisten = [{name}]\nquiet_after = {name}\n",
            f"[catalog]\nfile = {name}\n",
        ):
            path.with_name("sev.toml").write_text(settings, "utf-8")
            for words in (
                ("sources",),
                ("doctor",),
                ("alerts", "-v"),
                ("sources", "--test", f"am{text}".split("\0")[0]),
            ):
                said = hand(*words)
                assert said.out or said.err
                assert not CONTROL.search(said.out), (settings, words)
                assert not CONTROL.search(said.err), (settings, words)
