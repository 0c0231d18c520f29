"""The team's catalog file: everything it can say, and every mistake in it at once."""

import json
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.errors import ConfigError
from tui.formats.catalog_file import CatalogFile, catalog_json, read_catalog
from tui.formats.decode import Json
from tui.model.catalog import FIRST_SOURCE, Deadline, Edge, Facts, Node
from tui.model.text import Safe, clean

WHOLE: dict[str, Json] = {
    "start": "2026-03-01T02:00:00Z",
    "nodes": [
        {
            "name": "mart.orders",
            "kind": "dataset",
            "owner": "sales-data",
            "tier": 1,
            "deadline": {"at": "6:30", "tz": "Europe/Berlin", "days": ["mon", 4, "Sunday", "mon"]},
            "usual_minutes": 25,
            "runbook": "https://kb.example/orders",
            "aliases": ["orders", "topic=orders"],
            "colour": "red",
        },
        {"name": "raw.orders", "deadline": "05:00", "owner": None, "aliases": None},
    ],
    "edges": [["raw.orders", "mart.orders"]],
    "comment": "not ours",
}


def read(value: Json) -> CatalogFile:
    return read_catalog(json.dumps(value).encode(), "catalog.json")


def mistakes(value: "Json | bytes") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_catalog(value if isinstance(value, bytes) else json.dumps(value).encode(), "catalog.json")
    return list(caught.value.mistakes)


def test_everything_it_can_say() -> None:
    found = read(WHOLE)
    assert found.start == datetime(2026, 3, 1, 2, tzinfo=UTC)
    assert found.facts.source == FIRST_SOURCE
    orders, raw = found.facts.nodes
    assert orders == Node(
        name=Safe("mart.orders"),
        kind=Safe("dataset"),
        owner=Safe("sales-data"),
        tier=1,
        deadline=Deadline(at=time(6, 30), timezone="Europe/Berlin", days=(0, 4, 6)),
        usual_minutes=25,
        runbook=Safe("https://kb.example/orders"),
        aliases=(Safe("orders"), Safe("topic=orders")),
    )
    assert raw == Node(name=Safe("raw.orders"), deadline=Deadline(at=time(5)))
    assert found.facts.edges == (Edge(Safe("raw.orders"), Safe("mart.orders")),)


def test_an_empty_catalog_says_nothing() -> None:
    assert read({}) == CatalogFile(facts=Facts(source=FIRST_SOURCE))


def test_text_in_it_is_made_safe() -> None:
    (node,) = read({"nodes": [{"name": "a\x1b[31m\u202eb"}]}).facts.nodes
    assert node.name == clean("a\x1b[31m\u202eb")
    assert "\x1b" not in node.name


def test_every_mistake_is_told_at_once_with_file_and_key() -> None:
    found = mistakes(
        {
            "start": "yesterday",
            "nodes": [
                "orders",
                {"kind": 3, "owner": ["a"], "tier": 0, "usual_minutes": "long", "aliases": "x"},
                {"name": "a", "deadline": "25:00", "aliases": [1, ""]},
                {"name": "b", "deadline": {"at": 5, "tz": "Mars/Olympus", "days": ["someday", 7, True]}},
                {"name": "c", "deadline": 6, "tier": True},
                {"name": "d", "deadline": {"at": "06:00", "days": "mon"}},
            ],
            "edges": [["a"], ["a", 2], "a>b", ["a", ""]],
        }
    )
    assert {mistake.removeprefix("catalog.json:").partition(": ")[0] for mistake in found} == {
        "start", "nodes[0]", "nodes[1].name", "nodes[1].kind", "nodes[1].owner", "nodes[1].tier",
        "nodes[1].usual_minutes", "nodes[1].aliases", "nodes[2].deadline", "nodes[2].aliases[0]", "nodes[2].aliases[1]",
        "nodes[3].deadline.at", "nodes[3].deadline.tz", "nodes[3].deadline.days[0]", "nodes[3].deadline.days[1]",
        "nodes[3].deadline.days[2]", "nodes[4].deadline", "nodes[4].tier", "nodes[5].deadline.days",
        "edges[0]", "edges[1]", "edges[2]", "edges[3]",
    }  # fmt: skip
    assert len(set(found)) == len(found) == 23
    assert all(mistake.count(": ") >= 2 for mistake in found), "what, and what to do"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is not JSON: the body is empty"),
        (b"\xff", "is not JSON: byte 0 is not UTF-8"),
        (b"[]", "is no catalog"),
        (b'{"nodes": {}}', "nodes: is not a list"),
        (b'{"edges": 3}', "edges: is not a list"),
    ],
)
def test_what_is_no_catalog(content: bytes, what: str) -> None:
    (only,) = mistakes(content)
    assert what in only


def test_it_is_written_as_it_is_read() -> None:
    found = read(WHOLE)
    assert read_catalog(catalog_json(found), "again") == found
    nothing = CatalogFile(facts=Facts(source=FIRST_SOURCE))
    assert read_catalog(catalog_json(nothing), "again") == nothing


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "tier", "deadline", "at", "tz", "days", "aliases", "usual_minutes", "owner"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries({}, optional={"start": _json, "nodes": st.lists(_json, max_size=3) | _json, "edges": _json})
)
def test_whatever_it_holds_it_is_read_or_refused_and_reads_back(value: Json) -> None:
    try:
        found = read(value)
    except ConfigError:
        found = CatalogFile(facts=Facts(source=FIRST_SOURCE))
    assert read_catalog(catalog_json(found), "again").facts == found.facts
