"""The verb that lists changes, and what `show` knows of them and of the catalog."""

import json
from datetime import datetime, timedelta

import pytest

from tests.cli.hand import Hand, column
from tests.support.scene import Scene
from tui.model.catalog import Node
from tui.model.text import Safe


@pytest.fixture
def made(scene: Scene) -> Scene:
    """Three changes: one two days old, two of the last minutes."""
    scene.change("v811", "card-scoring", at=scene.now - timedelta(days=2))
    scene.change("retention 7d to 1d", "kafka.auth", by="ann")
    scene.change("v812", "card-scoring", "fraud", "x", "y")
    return scene


def test_changes_newest_first(sev: Hand, made: Scene) -> None:
    assert column(sev.json("changes"), "id") == ["CH-3", "CH-2", "CH-1"]
    assert column(sev.json("changes", "--since", "24h"), "id") == ["CH-3", "CH-2"]
    assert column(sev.json("changes", "--touches", "Card_Scoring"), "id") == ["CH-3", "CH-1"]
    assert column(sev.json("changes", "--limit", "1"), "id") == ["CH-3"]
    first = sev.json("changes", "--limit", "1")[0]
    assert first == {
        "id": "CH-3",
        "at": "2026-11-24T14:01:30Z",
        "actor": "ci",
        "what": "v812",
        "touches": ["card-scoring", "fraud", "x", "y"],
    }


def test_the_lines_for_people(sev: Hand, made: Scene) -> None:
    head, *lines = sev.done("changes").splitlines()
    assert head.split() == ["id", "at", "ago", "what", "by", "touches"]
    assert lines[0].split() == ["CH-3", "14:01Z", "58m", "v812", "ci", "card-scoring,", "fraud,", "x", "…"]
    assert "2026-11-22" in lines[2]
    assert sev.done("--ascii", "changes").isascii()
    assert sev.done("changes", "--touches", "nobody") == "no changes\n"


def test_a_name_is_found_by_its_alias(sev: Hand, made: Scene) -> None:
    made.know(Node(name=Safe("Card scores"), aliases=(Safe("card-scoring"),)))
    assert column(sev.json("changes", "--touches", "card scores"), "id") == ["CH-3", "CH-1"]


@pytest.mark.parametrize("words", [("--limit", "0"), ("--since", "never")])
def test_wrong_words(sev: Hand, made: Scene, words: tuple[str, str]) -> None:
    sev.refused(2, "changes", *words)


def test_one_change_whole(sev: Hand, made: Scene) -> None:
    incident = made.declare(made.fire("card-scoring"))
    made.change("rollback", "card-scoring")
    told = sev.done("show", "ch4")
    assert told.startswith("CH-4 rollback of card-scoring by ci\n")
    assert f"in INC-{incident}" in told
    assert "when it came in: its tool named no time" in told
    assert "named no time" not in sev.done("show", "CH-1")
    assert "there is no CH-9" in sev.refused(1, "show", "CH-9")


def test_an_alert_shows_whose_it_is_and_what_hangs_on_it(sev: Hand, made: Scene) -> None:
    made.fire("card_scoring")
    assert "upstream" not in sev.done("show", "A-1"), "nothing is known"
    made.know(
        Node(name=Safe("card-scoring"), owner=Safe("risk")),
        edges=[("kafka.auth", "card-scoring"), *(("card-scoring", f"board {n}") for n in range(5))],
    )
    told = sev.done("show", "A-1")
    assert "  owner         risk\n" in told
    assert "  upstream      1: kafka.auth\n" in told
    assert "  downstream    5: board 0, board 1, board 2 and 2 more\n" in told
    assert "owner" not in sev.json("show", "A-1")[0]
    made.fire("printer")
    assert "  catalog       not in the catalog\n" in sev.done("show", "A-2")


def test_ingested_changes_are_told(sev: Hand, now: datetime) -> None:
    body = {"kind": "change", "key": "d1", "title": "v812", "subject": "card-scoring", "labels": {"by": "ann"}}
    raw = json.dumps(body).encode()
    assert sev("ingest", stdin=raw).out == "CH-1 v812 of card-scoring by ann\n"
    (shape,) = sev("--json", "ingest", stdin=raw).objects
    assert (shape["id"], shape["seq"], len(sev.json("alerts"))) == ("CH-1", 1, 0)
