"""Lineage and owners in payloads end in the catalog, and what is known already writes nothing."""

import logging
from pathlib import Path

import pytest

from tests.collector.hand import Hand
from tui.collector import lineage
from tui.formats.decode import Json
from tui.model.alert import AlertStatus
from tui.model.catalog import Facts, Graph
from tui.model.events import CatalogLearned
from tui.model.text import Safe
from tui.store import catalog

SAMPLES = Path(__file__).parents[1] / "formats" / "samples"


def run(event: str, at: str, *, outputs: bool = True, owner: str = "team:stock") -> dict[str, Json]:
    """One event of one run of a job that reads two datasets and writes one."""
    facets: Json = {"ownership": {"owners": [{"name": owner}, {"name": "a.person"}]}}
    body: dict[str, Json] = {
        "eventType": event,
        "eventTime": f"2026-11-24T{at}Z",
        "producer": "https://jobs.example",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "0193a1c2-77aa-7b1c-9f00-6d5f2c1e9a10"},
        "job": {"namespace": "airflow", "name": "load_orders", "facets": facets},
        "inputs": [{"namespace": "pg", "name": "raw.orders"}, {"namespace": "pg", "name": "raw.fx"}],
    }
    written: Json = [{"namespace": "wh", "name": "fct.orders"}]
    return {**body, "outputs": written} if outputs else body


def graph(hand: Hand) -> Graph:
    return hand.store.read(catalog.read_graph)


def learned(hand: Hand) -> list[CatalogLearned]:
    return [event.body for event in hand.events() if isinstance(event.body, CatalogLearned)]


def test_a_run_tells_what_is_made_from_what_and_whose_it_is(hand: Hand) -> None:
    hand.send(run("COMPLETE", "02:00:00"), source="lineage")
    found = graph(hand)
    assert found.upstream("fct.orders") == {"load_orders": 1, "raw.fx": 2, "raw.orders": 2}
    assert found.downstream("RAW_ORDERS", 1) == {"load_orders": 1}
    job, table = found.find("load-orders"), found.find("fct_orders")
    assert job is not None
    assert table is not None
    assert (job.kind, job.owner, table.kind, table.owner) == ("job", "a.person, team:stock", "dataset", None)
    assert [body.source for body in learned(hand)] == ["lineage"]
    assert hand.alerts() == []
    assert hand.is_whole()


def test_what_is_known_already_writes_nothing(hand: Hand) -> None:
    hand.send(run("START", "02:00:00", outputs=False))
    hand.send(run("COMPLETE", "02:04:00"))
    for hour in range(3, 6):
        hand.send(run("START", f"0{hour}:00:00", outputs=False))
        hand.send(run("COMPLETE", f"0{hour}:04:00"))
    first, second = learned(hand)
    assert ([edge.down for edge in first.edges], [edge.down for edge in second.edges]) == (
        ["load_orders", "load_orders"],
        ["fct.orders"],
    )
    hand.send(run("COMPLETE", "06:00:00", owner="team:new"))
    assert [[node.owner for node in body.nodes] for body in learned(hand)[2:]] == [["a.person, team:new"]]


def test_the_same_bytes_again_are_not_read_again(hand: Hand) -> None:
    body = run("COMPLETE", "02:00:00")
    hand.send(body)
    hand.later(hours=2)
    hand.send(body)
    assert len(learned(hand)) == 1


def test_a_failed_try_is_an_alert_and_teaches_too(hand: Hand) -> None:
    hand.send((SAMPLES / "openlineage-fail.json").read_bytes(), source="lineage")
    alert = hand.alert()
    assert alert.status is AlertStatus.RETRYING
    assert hand.store.read(lambda conn: catalog.owner_of(conn, alert.subject)) == "team:stock"


def test_other_formats_and_what_is_refused_teach_nothing(hand: Hand) -> None:
    hand.send({"key": "orders", "inputs": [{"name": "raw"}]})
    hand.send({**run("COMPLETE", "02:00:00"), "inputs": "none"})
    hand.send(b"{")
    assert learned(hand) == []


def test_a_fault_in_reading_lineage_loses_no_signal(
    hand: Hand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(body: Json, source: Safe) -> Facts:
        raise RecursionError("deeper than anybody thought")

    monkeypatch.setitem(lineage._READERS, "openlineage", broken)
    with caplog.at_level(logging.ERROR, "sev.collector"):
        hand.send(run("FAIL", "02:00:00"), source="lineage")
    assert hand.alert().subject == "load_orders"
    assert "reading the lineage in a payload of lineage failed" in caplog.text
